"""The style sheet of every page that students read."""

from functools import lru_cache
from pathlib import Path

TEMPLATES = Path(__file__).with_name("templates")


@lru_cache(maxsize=1)
def style() -> str:
    """Its text: light and dark, phone and paper."""
    return (TEMPLATES / "page.css").read_text(encoding="utf-8")
