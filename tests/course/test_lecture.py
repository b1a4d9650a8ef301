"""docs/lecture.md against the handouts: every claim has its figure, every figure and every exercise its row."""

import re
from pathlib import Path

import pytest

from autograder.authoring.handout import Exercise, Figure, Handout, Prose
from autograder.course import Course

ROOT = Path(__file__).parents[2]
COURSE = Course(ROOT)
HANDOUTS = {slug: COURSE.assignment(slug).handout for slug in COURSE.assignments}
NAMED = re.compile(r"`([^`]+)`")

Row = dict[str, str]


def sections() -> dict[str, list[Row]]:
    """The rows of the page's tables, by their section's heading; a row is its cells by column title."""
    page = (ROOT / "docs" / "lecture.md").read_text(encoding="utf-8")
    found: dict[str, list[Row]] = {}
    for part in page.split("\n## ")[1:]:
        heading, *lines = part.splitlines()
        titles, _, *rows = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")
        ]
        found[heading] = [dict(zip(titles, row, strict=True)) for row in rows]
    return found


SECTIONS = sections()
SLIPS = SECTIONS.pop("Slips of the notes")
TABLES = {NAMED.findall(heading)[0]: rows for heading, rows in SECTIONS.items()}


def figures(handout: Handout) -> set[str]:
    return {block.name for block in handout.blocks if isinstance(block, Figure)}


def names(rows: list[Row], column: str) -> set[str]:
    """What the cells of a column name in backticks."""
    return {name for row in rows for name in NAMED.findall(row[column])}


def hints(handout: Handout) -> dict[str, int]:
    """How many hints stand above each exercise, behind the one before."""
    counts, read = {}, ""
    for block in handout.blocks:
        if isinstance(block, Prose):
            read += block.text
        elif isinstance(block, Exercise):
            counts[block.name], read = read.count("<summary>Hint:"), ""
    return counts


def test_every_handout_of_the_lecture_has_its_table() -> None:
    """The page has a section for each assignment of the lecture, in their order; what an author adds needs no edit there."""
    assert list(TABLES) == [slug for slug in sorted(HANDOUTS) if slug in TABLES]
    assert [slug for slug in HANDOUTS if re.match(r"a[1-8]_", slug) and slug not in TABLES] == []


@pytest.mark.parametrize("slug", TABLES)
def test_the_figures_named_are_the_handouts(slug: str) -> None:
    """No figure is named that the handout lacks, and none of its figures is left out."""
    assert names(TABLES[slug], "figure") == figures(HANDOUTS[slug])


@pytest.mark.parametrize("slug", TABLES)
def test_the_exercises_named_are_the_handouts(slug: str) -> None:
    """No exercise is named that the handout lacks, and none of its exercises is left out."""
    assert names(TABLES[slug], "exercise") == HANDOUTS[slug].exercises.keys()


@pytest.mark.parametrize("slug", TABLES)
def test_every_claim_is_seen(slug: str) -> None:
    """Each row names a figure and an exercise and says what there is to see."""
    for row in TABLES[slug]:
        assert names([row], "figure"), row
        assert names([row], "exercise"), row
        assert row["what the student sees"], row


@pytest.mark.parametrize("slug", HANDOUTS)
def test_every_handout_asks_for_words(slug: str) -> None:
    """A handout has a question that a person marks."""
    assert HANDOUTS[slug].questions


@pytest.mark.parametrize("slug", HANDOUTS)
def test_every_figure_says_what_to_look_for(slug: str) -> None:
    """A handout tells what to look for about as often as it draws; a slider may share the sentence above it."""
    text = (COURSE.assignment(slug).folder / "handout.md").read_text(encoding="utf-8")
    sliders = sum("unstuck.explore(" in block.source for block in HANDOUTS[slug].blocks if isinstance(block, Figure))
    assert len(re.findall(r"\*Look for[:,]", text)) >= len(figures(HANDOUTS[slug])) - sliders


@pytest.mark.parametrize("slug", HANDOUTS)
def test_every_exercise_has_one_to_three_hints(slug: str) -> None:
    """Somebody who is stuck finds a hint, and not a heap of them."""
    assert {name: count for name, count in hints(HANDOUTS[slug]).items() if not 1 <= count <= 3} == {}


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip["the notes"][:40])
def test_every_slip_is_corrected_somewhere(slip: Row) -> None:
    """A slip names its handout, and what it names there exists."""
    (slug,) = NAMED.findall(slip["handout"])
    handout = HANDOUTS[slug]
    known = figures(handout) | handout.exercises.keys() | {question.name for question in handout.questions}
    assert names([slip], "where")
    assert names([slip], "where") <= known
