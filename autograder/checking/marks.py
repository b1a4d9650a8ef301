"""The mark on a catalogue entry. Catalogues are read as text; the mark lets them be linted and imported like any module."""

from collections.abc import Callable
from typing import Any


def mistake(exercise: str, *, caught_by: str) -> Callable[[Any], Any]:
    """Marks a function or class as a wrong variant of an exercise, caught by the check of that name."""
    return lambda variant: variant
