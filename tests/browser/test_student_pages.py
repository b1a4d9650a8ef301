"""The pages of `autograder feedback`, in a browser: wide, on a phone, in the dark, on paper, and to a screen reader."""

from collections.abc import Callable
from pathlib import Path

import pytest
from a_class import SLUG, put_into_submitted
from accessibility import findings
from chromium import Visit
from commands_of_ours import autograder
from pictured import shoot
from playwright.sync_api import expect

# A named mistake and the picture of it; forged outputs and a lie for each answer; a file that stops in the middle.
STUDENTS = ("priya_raman", "noah_williams", "quentin_dubois")
WIDE, PHONE = {"width": 1000, "height": 1000}, {"width": 360, "height": 780}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, visit: Callable[..., Visit]) -> Path:
    """The folder of the pages; `visit` is asked for because nothing need be graded where there is no browser."""
    root = tmp_path_factory.mktemp("course")
    put_into_submitted(root, STUDENTS)
    autograder(root, "grade", "submitted", "--json", "results.json", may_end_with=(1,))  # one cannot be read
    autograder(root, "feedback", "results.json", "--output", "pages")
    return root / "pages" / SLUG


def opened(visit: Callable[..., Visit], path: Path, size: dict[str, int]) -> Visit:
    """A page, opened from its file."""
    one = visit(**size)
    one.page.goto(path.as_uri())
    return one


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_page_fits_is_accessible_and_alone(
    pages: Path, visit: Callable[..., Visit], student: str, size: dict[str, int]
) -> None:
    """It needs nothing but itself, is never wider than the screen, and axe has nothing serious to say, in the dark neither."""
    one = opened(visit, pages / f"{student}.html", size)
    assert one.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert findings(one.page) == []
    one.page.emulate_media(color_scheme="dark")
    assert findings(one.page) == []
    assert (one.outside, one.complaints) == ([], [])


def test_a_page_says_what_went_wrong_and_draws_it(pages: Path, visit: Callable[..., Visit], pictures: Path) -> None:
    """Score, diagnosis, hint, and a figure whose text says what is to be seen in it."""
    one = opened(visit, pages / "priya_raman.html", {"width": 860, "height": 900})
    expect(one.page.get_by_role("heading", level=1)).to_contain_text("Momentum")
    section = one.page.get_by_role("region", name="trajectory")
    expect(section).to_contain_text("starts every step from rest")
    expect(section).to_contain_text("Hint")
    expect(section.locator("figure svg")).to_be_visible()
    expect(section.locator("figcaption")).to_contain_text("agree up to point 1 and part there")
    section.evaluate("section => section.scrollIntoView()")
    shoot(one.page, pictures, "feedback")


def test_a_page_on_a_phone(pages: Path, visit: Callable[..., Visit], pictures: Path) -> None:
    """The score of each exercise stands on the first screen."""
    one = opened(visit, pages / "priya_raman.html", {"width": 390, "height": 844})
    expect(one.page.get_by_role("link", name="momentum_step").first).to_be_in_viewport()
    shoot(one.page, pictures, "feedback_phone")


def test_nothing_is_lost_on_paper(pages: Path, visit: Callable[..., Visit]) -> None:
    """Printed, each exercise's section is there, with its figure."""
    one = opened(visit, pages / "priya_raman.html", {"width": 700, "height": 990})
    one.page.emulate_media(media="print")
    for name in ("gd_step", "momentum_step", "trajectory", "MomentumSGD"):
        expect(one.page.get_by_role("region", name=name)).to_be_visible()
    expect(one.page.get_by_role("region", name="trajectory").locator("figure svg")).to_be_visible()


def test_an_unreadable_hand_in_has_a_page(pages: Path, visit: Callable[..., Visit]) -> None:
    """It says why, and what to do."""
    one = opened(visit, pages / "quentin_dubois.html", WIDE)
    expect(one.page.get_by_text("stops in the middle").first).to_be_visible()
