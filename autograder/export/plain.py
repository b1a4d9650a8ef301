"""The course's own table: a line for each student and assignment, or for each exercise, or for each check."""

from collections.abc import Iterator

from autograder.export.book import Book, Table
from autograder.export.grades import Grade
from autograder.export.tables import Cell, as_csv

ASSIGNMENT, EXERCISE, CHECK = "assignment", "exercise", "check"
_HEADERS = {
    ASSIGNMENT: (
        "student", "last_name", "first_name", "assignment", "status", "automatic", "by_hand", "raw_score",
        "late_penalty", "score", "max_score", "submitted", "due", "problem",
    ),
    EXERCISE: ("student", "assignment", "exercise", "marked", "score", "max_score", "regrade"),
    CHECK: ("student", "assignment", "exercise", "check", "status", "score", "max_score", "diagnosis"),
}  # fmt: skip


def plain(book: Book, detail: str = ASSIGNMENT) -> Table:
    """The table in this detail."""
    lines = {ASSIGNMENT: _assignment, EXERCISE: _exercises, CHECK: _checks}[detail]
    rows = [row for one in book.grades for row in lines(book, one)]
    return Table().written(as_csv([_HEADERS[detail], *rows]))


def _assignment(book: Book, one: Grade) -> Iterator[list[Cell]]:
    person = book.person(one.student)
    submitted, due = (one.hand_in.submitted, one.hand_in.due) if one.hand_in else (None, None)
    yield [
        one.student,
        person.last_name,
        person.first_name,
        one.assignment,
        one.status,
        one.subtotal(by_hand=False),
        one.subtotal(by_hand=True),
        one.raw_score,
        one.penalty,
        one.score,
        one.max_score,
        f"{submitted:%Y-%m-%d %H:%M:%S} UTC" if submitted else None,
        f"{due:%Y-%m-%d %H:%M:%S} UTC" if due else None,
        one.problem,
    ]


def _exercises(book: Book, one: Grade) -> Iterator[list[Cell]]:
    for part in one.parts:
        marked = "by hand" if part.by_hand or part.overruled else "automatically"
        decided = book.decisions.get((one.student, one.assignment, part.name))
        yield [one.student, one.assignment, part.name, marked, part.score, part.points, decided]


def _checks(book: Book, one: Grade) -> Iterator[list[Cell]]:
    for check in one.result.checks if one.result else ():
        who = (one.student, one.assignment, check.exercise, check.name)
        yield [*who, check.status, check.score, check.points, check.diagnosis]
