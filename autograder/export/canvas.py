"""The table that Canvas imports into its gradebook, made from the one that it exported, so that its ids match."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.export.book import Book, Table
from autograder.export.grades import Grade
from autograder.export.roster import match
from autograder.export.tables import Cell, Identifier, Sheet, as_csv, number, read_sheet

# The columns that tell who a line is, in the order in which Canvas writes and reads them.
_WHO = (
    "Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section",
)  # fmt: skip
_IDENTIFIERS = ("SIS Login ID", "SIS User ID", "Integration ID", "ID")
_POINTS = "Points Possible"
_ID = re.compile(r"\s*\((\d+)\)\s*$")
_KEPT = ("EX", "N/A")  # excused; not assigned: a score would undo it


def canvas(course: Course, book: Book, roster: Path, columns: Mapping[str, str], by: str | None, scale: bool) -> Table:
    """The table, and what is to be said of it. It has the lines of those who have a score; a cell without one stays as it
    was, because Canvas takes an empty cell for a change.

    Raises:
        CourseError: the roster is not what Canvas exports, or does not fit the course.
    """
    sheet = read_sheet(roster)
    points = _points_row(sheet)
    who = [place for place, name in enumerate(sheet.header) if name in _WHO]
    scored = {one.student for one in book.grades if one.score is not None}
    found = match(sheet, _IDENTIFIERS, {one.student for one in book.grades}, book.marks.people, by)
    lines = {line: student for line, student in found.students.items() if line > points and student in scored}
    header: list[Cell] = [sheet.header[place] for place in who]
    possible: list[Cell] = [sheet.rows[points][place] for place in who]
    body = {line: [_who(sheet, line, place) for place in who] for line in sorted(lines)}
    table = Table()
    for slug in book.assignments:
        column = _column(course, book, slug, sheet, points, columns.get(slug), scale)
        header.append(column.title)
        possible.append(column.points)
        grades = {one.student: one for one in book.grades if one.assignment == slug}
        for line, cells in body.items():
            before = "" if column.place is None else sheet.rows[line][column.place]
            cells.append(_cell(grades.get(lines[line]), before, column.factor, table))
        table.absent(found, [one for one in grades.values() if one.score is not None], roster)
    return table.written(as_csv([header, possible, *body.values()], sheet.delimiter))


@dataclass(frozen=True)
class _Column:
    """An assignment's column: its title, its place in the roster or None, its points as Canvas has them, the scale."""

    title: str
    place: int | None
    points: Cell
    factor: float


def _column(
    course: Course, book: Book, slug: str, sheet: Sheet, points: int, title: str | None, scale: bool
) -> _Column:
    title = title or _title(course, slug, sheet)
    most = book.max_score(slug)
    if not sheet.has(title):  # Canvas makes an assignment of it
        return _Column(title, None, most, 1.0)
    place = sheet.column(title)
    given = _given(sheet, points, place, title)
    if given != most and not scale:
        raise CourseError(
            f"{title!r} has {number(given)} points in Canvas and {number(most)} in the course; change the one or the "
            "other, or let the scores be scaled with --scale."
        )
    return _Column(sheet.header[place], place, sheet.rows[points][place], given / most if most else 1.0)


def _who(sheet: Sheet, line: int, place: int) -> Cell:
    cell = sheet.rows[line][place]
    return Identifier(cell) if sheet.header[place] in _IDENTIFIERS else cell


def _cell(grade: Grade | None, before: str, factor: float, table: Table) -> Cell:
    if grade is None or grade.score is None:
        return before
    if before.strip().upper() in _KEPT:
        table.notes.append(f"{grade.student}, {grade.assignment}: stays {before.strip()}, as Canvas has it")
        return before
    return grade.score * factor


def _points_row(sheet: Sheet) -> int:
    """The line that gives each assignment's points; above it stand lines of no student."""
    names = sheet.header
    if names[0] not in ("Student", "LastName") or "ID" not in names or "Section" not in names:
        raise CourseError(
            f"{sheet.path} is no gradebook of Canvas: it must begin with Student, ID, …, Section. In Canvas: Grades, Export."
        )
    for line, row in enumerate(sheet.rows):
        if _POINTS in row[0]:
            return line
    raise CourseError(f"{sheet.path} has no line {_POINTS!r}; export the gradebook from Canvas again.")


def _given(sheet: Sheet, points: int, place: int, title: str) -> float:
    """The points that Canvas gives an assignment."""
    text = sheet.rows[points][place].strip()
    try:
        given = float(text.replace(",", "."))
    except ValueError:
        given = 0.0
    if given <= 0:
        raise CourseError(
            f"{sheet.path}: {title!r} has {text!r} as {_POINTS}; it is no assignment that can be given points."
        )
    return given


def _title(course: Course, slug: str, sheet: Sheet) -> str:
    """The column of an assignment: the one that is named like it, or like its handout's title."""
    wanted = {_plain(slug)} | ({_plain(course.assignment(slug).handout.title)} if slug in course.assignments else set())
    found = [name for name in sheet.header if name not in _WHO and _plain(_ID.sub("", name)) in wanted]
    if len(found) != 1:
        others = ", ".join(name for name in sheet.header if _ID.search(name)) or "none"
        raise CourseError(
            f"{sheet.path} has {len(found)} columns for {slug}; name one with --column '{slug}=TITLE (ID)', or a new title, of "
            f"which Canvas makes an assignment. Assignments there: {others}."
        )
    return found[0]


def _plain(title: str) -> str:
    return "_".join(re.findall(r"\w+", title.casefold()))
