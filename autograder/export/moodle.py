"""The tables that Moodle imports: the offline grading worksheet of an assignment, or a list for its gradebook."""

from html import escape
from pathlib import Path

from autograder.carrier.text import clean
from autograder.course import CourseError
from autograder.export.book import Book, Table
from autograder.export.grades import Grade
from autograder.export.roster import match
from autograder.export.tables import Cell, Identifier, Sheet, as_csv, number, read_sheet
from autograder.feedback.section import number as points

_WORKSHEET = ("Identifier", "Grade", "Last modified (grade)")  # without these three Moodle refuses the upload
_MAXIMUM, _LOCKED, _COMMENTS = "Maximum Grade", "Grade can be changed", "Feedback comments"
_IDENTIFIERS = ("ID number", "Username", "Email address", "Identifier")
_PEOPLE = ("Username", "ID number", "Email address", "First name", "Last name")


def moodle(book: Book, roster: Path | None, title: str | None, by: str | None, scale: bool) -> Table:
    """The worksheet filled in where the roster is one; else a list of graded students for Grades, Import, CSV file.

    Raises:
        CourseError: there is not exactly one assignment, or the roster does not fit.
    """
    if len(book.assignments) != 1:
        raise CourseError(
            f"Moodle takes one assignment in a file, and here are {', '.join(book.assignments)}; choose with --assignment."
        )
    if roster is None:
        return _plain_list(book, title or book.assignments[0])
    sheet = read_sheet(roster)
    if sheet.has("Identifier"):
        return _worksheet(book, sheet, by, scale)
    return _list(book, sheet, title or book.assignments[0], by)


def _worksheet(book: Book, sheet: Sheet, by: str | None, scale: bool) -> Table:
    """The worksheet with grade and comments, without the lines of those who have no score: Moodle leaves them as they are."""
    for name in _WORKSHEET:
        if not sheet.has(name):
            raise CourseError(
                f"{sheet.path} has no column {name!r}, without which Moodle refuses it; download the grading worksheet again, "
                "with Moodle set to English."
            )
    grades = {one.student: one for one in book.grades}
    found = match(sheet, _IDENTIFIERS, grades, book.marks.people, by)
    table = Table()
    known = {sheet.column(name) for name in _IDENTIFIERS if sheet.has(name)}
    rows: list[list[Cell]] = []
    for line, student in sorted(found.students.items()):
        if grades[student].score is not None:
            cells: list[Cell] = [
                Identifier(cell) if place in known else cell for place, cell in enumerate(sheet.rows[line])
            ]
            if _filled(cells, sheet, grades[student], scale, table):
                rows.append(cells)
    table.absent(found, [one for one in book.grades if one.score is not None], sheet.path)
    return table.written(as_csv([sheet.header, *rows], sheet.delimiter))


def _filled(cells: list[Cell], sheet: Sheet, grade: Grade, scale: bool, table: Table) -> bool:
    """Writes one student's grade and comments into a line; False where Moodle would not take it."""
    assert grade.score is not None
    if sheet.has(_LOCKED) and str(cells[sheet.column(_LOCKED)]).strip() == "No":
        table.problems.append(
            f"{grade.student}, {grade.assignment}: not exported, because Moodle has locked this grade"
        )
        return False
    most = _maximum(sheet, str(cells[sheet.column(_MAXIMUM)])) if sheet.has(_MAXIMUM) else grade.max_score
    if most != grade.max_score and not scale:
        raise CourseError(
            f"{sheet.path}: the maximum grade is {number(most)}, and {grade.assignment} has {number(grade.max_score)} points; "
            "change Moodle's maximum, or let the scores be scaled with --scale."
        )
    cells[sheet.column("Grade")] = min(most, grade.score * most / grade.max_score)
    if sheet.has(_COMMENTS):
        cells[sheet.column(_COMMENTS)] = comments(grade)
    return True


def _maximum(sheet: Sheet, text: str) -> float:
    try:
        most = float(text.strip().replace(",", "."))
    except ValueError:
        most = 0.0
    if most <= 0:
        raise CourseError(
            f"{sheet.path}: the maximum grade is {text!r}; set the assignment's grade to points in Moodle."
        )
    return most


def comments(grade: Grade) -> str:
    """What the student reads beside the grade, as HTML, which is what Moodle takes it for."""
    told: dict[str, list[str]] = {}
    for check in grade.result.checks if grade.result else ():
        if check.score < check.points:
            said = check.diagnosis or check.sentence or check.message
            if said not in (known := told.setdefault(check.exercise, [])):
                known.append(said)
    lines = []
    for part in grade.parts:
        score = points(part.score or 0.0)
        line = f"{part.name}: {score} of {points(part.points)}" + "".join(
            f"; {said}" for said in told.get(part.name, [])
        )
        lines.append(f"<li>{escape(clean(line))}</li>")
    late = f"<p>Handed in late: {points(grade.penalty)} points less.</p>" if grade.penalty else ""
    return f"<ul>{''.join(lines)}</ul>{late}"


def _list(book: Book, sheet: Sheet, title: str, by: str | None) -> Table:
    """The roster's own identifiers with a column of scores; only lines that have one, since Moodle takes an empty cell for
    a grade to be removed."""
    grades = {one.student: one for one in book.grades if one.score is not None}
    found = match(sheet, _IDENTIFIERS, grades, book.marks.people, by)
    who = [place for place, name in enumerate(sheet.header) if name in (*_PEOPLE, "Surname")]
    identified = sheet.column(found.column)
    who = who if identified in who else [identified, *who]
    table = Table()
    rows: list[list[Cell]] = [[*(sheet.header[place] for place in who), title]]
    for line, student in sorted(found.students.items()):
        rows.append([*(Identifier(sheet.rows[line][place]) for place in who), grades[student].score])
    table.absent(found, grades.values(), sheet.path)
    return table.written(as_csv(rows, sheet.delimiter))


def _plain_list(book: Book, title: str) -> Table:
    """The same of nbgrader's roster: its id as user name, its LMS id as id number."""
    rows: list[list[Cell]] = [[*_PEOPLE, title]]
    for one in book.grades:
        if one.score is not None:
            person = book.person(one.student)
            known = [Identifier(text) for text in (one.student, person.lms_id, person.email)]
            rows.append([*known, person.first_name, person.last_name, one.score])
    return Table().written(as_csv(rows))
