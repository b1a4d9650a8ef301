"""Pictures of the pages that the demo has made, as a browser shows them: those of the README."""

from pathlib import Path

from tests.browser.chromium import Visit, executable, running
from tests.browser.pictured import shoot

STUDENT, ASSIGNMENT = "diego_herrera", "a3_momentum"  # named mistakes, one of them drawn


def take_pictures(root: Path) -> None:
    """Writes pictures of a student's feedback and of the report into `pictures/`; none where there is no Chromium."""
    if executable() is None:
        return
    folder = root / "pictures"
    folder.mkdir()
    pages = {"demo_feedback": root / "pages" / ASSIGNMENT / f"{STUDENT}.html", "demo_report": root / "report.html"}
    with running() as browser:
        for name, path in pages.items():
            visit = Visit(browser, 1000 if name == "demo_feedback" else 1280, 900)
            visit.page.goto(path.as_uri())
            if name == "demo_feedback":
                visit.page.locator("figure").first.scroll_into_view_if_needed()
                visit.page.evaluate("document.querySelector('figure').closest('section').scrollIntoView()")
            shoot(visit.page, folder, name)
            visit.close()
