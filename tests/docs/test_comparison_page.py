"""docs/comparison.md: what it says of this kit is held by tests that exist, what it says of others has a source."""

import re

import pytest
from pages import ROOT, functions

PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
TESTS = dict(re.findall(r"^- (T\d+) `(.+)`$", PAGE, flags=re.MULTILINE))
SOURCES = dict(re.findall(r"^- ([NOGPC]\d+): \[.+\]\((https://\S+)\)$", PAGE, flags=re.MULTILINE))
TOOLS = ["this kit", "nbgrader alone", "Otter-Grader", "Gradescope", "PrairieLearn", "check50"]


def rows() -> list[list[str]]:
    """The cells of every row of the tables, the label first; headings are rows with the tools' names."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(cell: str) -> list[str]:
    """What a cell refers to: tests and sources by their letters and numbers."""
    return re.findall(r"\[([A-Z]\d+)\]\(#(?:the-tests|sources)\)", cell)


COMPARED = [row for row in rows() if row[0]]


def test_at_least_fifteen_things_are_compared_for_all_six() -> None:
    """Every row has a cell for each tool, and none is empty."""
    assert {tuple(row) for row in rows() if not row[0]} == {("", *TOOLS)}
    assert len(COMPARED) >= 15
    assert [row[0] for row in COMPARED if len(row) != 7 or not all(row)] == []


@pytest.mark.parametrize("row", COMPARED, ids=lambda row: row[0])
def test_a_cell_about_this_kit_names_its_tests(row: list[str]) -> None:
    """At least one, each in the list beneath."""
    assert named(row[1])
    assert set(named(row[1])) <= set(TESTS)


@pytest.mark.parametrize("test", TESTS.values())
def test_each_named_test_exists(test: str) -> None:
    """The function stands in the file that is named."""
    path, _, name = test.partition("::")
    assert name.startswith("test_")
    assert name in functions(path)


def test_every_test_and_every_source_is_referred_to() -> None:
    """The lists hold what the tables name, and nothing else."""
    of_us = {name for row in COMPARED for name in named(row[1])}
    of_others = {name for row in COMPARED for cell in row[2:] for name in named(cell)}
    assert of_us == set(TESTS)
    assert of_others == set(SOURCES)
    assert len(TESTS) == len(re.findall(r"^- T", PAGE, flags=re.MULTILINE))


def test_a_source_belongs_to_its_column() -> None:
    """nbgrader's pages are N and so on: no tool is described by another's page."""
    for row in COMPARED:
        for letter, cell in zip("NOGPC", row[2:], strict=True):
            assert {name[0] for name in named(cell)} <= {letter}, row[0]


def test_a_test_that_does_not_exist_is_noticed() -> None:
    """The oracle knows this function and no other name."""
    here = functions("tests/docs/test_comparison_page.py")
    assert "test_a_test_that_does_not_exist_is_noticed" in here
    assert "test_that_nobody_wrote" not in here
