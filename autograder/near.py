"""What was probably meant by a name that is not there."""

import difflib
from collections.abc import Iterable


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """` (did you mean 'grade'?)`, or nothing where no known name is near."""
    names = list(known)
    near = difflib.get_close_matches(given, names, n=1) or [name for name in names if given and name.startswith(given)]
    return f" (did you mean {near[0]!r}?)" if near else ""
