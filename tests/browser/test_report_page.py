"""The page of `autograder report`, in a browser: wide, on a phone, with and without its script."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from accessibility import findings
from chromium import WAIT, Visit
from pictured import shoot
from playwright.sync_api import Browser, Locator, Page, expect

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from autograder.course import Course  # noqa: E402
from autograder.grading.result import SubmissionResult  # noqa: E402
from autograder.report.gather import gather  # noqa: E402
from autograder.report.page import render  # noqa: E402
from tests.report.made_class import MADE, course_at, made_class  # noqa: E402

WIDE, PHONE = {"width": 1280, "height": 960}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Course:
    """A course with a state of its own; `browser` is asked for because nothing need be made without one."""
    return course_at(tmp_path_factory.mktemp("class") / "unstuck")


@pytest.fixture(scope="module")
def results(course: Course) -> list[SubmissionResult]:
    """What a made-up class got in all assignments."""
    return made_class(course, students=24)


@pytest.fixture(scope="module")
def whole(course: Course, results: list[SubmissionResult]) -> str:
    """The address of the report on the whole course."""
    return written(course, results, "whole")


@pytest.fixture(scope="module")
def report(course: Course, results: list[SubmissionResult]) -> str:
    """The address of the report on two assignments, which axe looks at more quickly."""
    slugs = list(course.assignments)[2:4]
    return written(course, [one for one in results if one.assignment in slugs], "report")


def written(course: Course, results: list[SubmissionResult], name: str) -> str:
    """The address of a report."""
    path = course.root.parent / f"{name}.html"
    path.write_text(render(gather(course, results), MADE), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def page(report: str, visit: Callable[..., Visit]) -> Page:
    """The report, opened wide."""
    one = visit(**WIDE)
    one.page.goto(report)
    return one.page


def column(table: Locator, name: str) -> list[str]:
    """The cells of a column that are seen, from top to bottom."""
    names = [text.split("\n")[0].split("↕")[0].strip() for text in table.locator("thead th").all_inner_texts()]
    cells = table.locator(f"tbody tr:visible > *:nth-child({names.index(name) + 1})")
    return [text.strip() for text in cells.all_inner_texts()]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_report_fits_is_accessible_and_alone(
    report: str, visit: Callable[..., Visit], size: dict[str, int]
) -> None:
    """It needs nothing but itself, breaks no rule of its own policy, is never wider than the screen, and axe is content."""
    one = visit(**size)
    one.page.goto(report)
    assert one.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert findings(one.page) == []
    assert (one.outside, one.complaints) == ([], [])


@pytest.mark.parametrize(("name", "size"), [("report", WIDE), ("report_phone", PHONE)], ids=["wide", "phone"])
def test_the_whole_course_fits_and_is_pictured(
    whole: str, visit: Callable[..., Visit], pictures: Path, name: str, size: dict[str, int]
) -> None:
    """With all assignments the page is no wider, and what is seen first is the overview."""
    one = visit(**size)
    one.page.goto(whole)
    expect(one.page.get_by_role("heading", level=1)).to_be_in_viewport()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    shoot(one.page, pictures, name)


def test_a_header_sorts_its_table_by_mouse_and_by_key(page: Page) -> None:
    """The numbers go up, then down, and the header says which."""
    table = page.locator("table", has=page.get_by_role("columnheader", name="Passed")).first
    header = table.get_by_role("columnheader", name="Passed")
    header.get_by_role("button").click()
    first = [float(text.split()[0]) for text in column(table, "Passed") if text[0].isdigit()]
    header.get_by_role("button").press("Enter")
    second = [float(text.split()[0]) for text in column(table, "Passed") if text[0].isdigit()]
    assert len(first) > 5
    assert sorted((first, second)) == sorted((sorted(first), sorted(first, reverse=True)))
    assert header.get_attribute("aria-sort") in ("ascending", "descending")


def test_the_filter_leaves_the_rows_that_match(page: Page) -> None:
    """Typing a word hides the others; clearing it shows them again."""
    box = page.get_by_role("searchbox").or_(page.get_by_label("Filter")).first
    table = page.locator("table", has=page.get_by_role("columnheader", name="Passed")).first
    every = table.locator("tbody tr:visible").count()
    box.fill("unroll_movement")
    expect(table.locator("tbody tr:visible", has_not_text="unroll_movement")).to_have_count(0)
    assert 0 < table.locator("tbody tr:visible").count() < every
    box.fill("")
    expect(table.locator("tbody tr:visible")).to_have_count(every)


def test_without_its_script_the_report_is_there(report: str, browser: Browser) -> None:
    """Tables and figures are plain HTML."""
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(WAIT)
    page = context.new_page()
    page.goto(report)
    expect(page.locator("tbody tr").first).to_be_visible()
    assert page.get_by_role("img").count() > 3
    context.close()
