"""Pictures of pages, small enough for a repository."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

LIMIT = 150_000  # bytes
PICTURES = (
    "demo_feedback", "demo_report", "feedback", "feedback_phone", "formgrader", "notebook", "report", "report_phone", "terminal",
)  # fmt: skip


def shoot(page: Page, folder: Path, name: str, *, whole: bool = False) -> None:
    """A picture of what is seen of a page, or of the whole of it, as `<name>.png` in the folder; with at most 256 colours."""
    assert name in PICTURES
    page.evaluate("document.fonts.ready")
    taken = page.screenshot(full_page=whole, animations="disabled", caret="hide")
    picture = Image.open(io.BytesIO(taken)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    path = folder / f"{name}.png"
    picture.save(path, optimize=True)
    assert path.stat().st_size < LIMIT, f"{name}.png has {path.stat().st_size:,} bytes; show less of the page"
