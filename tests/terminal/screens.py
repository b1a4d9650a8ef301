"""What a terminal was sent."""

import re
from collections.abc import Callable

Shown = Callable[..., str]


def plain(text: str) -> str:
    """Without the escapes that set colours and weights."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
