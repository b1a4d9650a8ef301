"""Which line of a roster is which student: by an identifier, never by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.course import CourseError
from autograder.export.marks import Person
from autograder.export.tables import Sheet

_PARTICIPANT = "participant "  # Moodle writes "Participant 1234" where the number is the identifier


@dataclass(frozen=True)
class Match:
    """The students by line of a roster, the column that told, and the students who have no line."""

    column: str
    students: Mapping[int, str]
    absent: tuple[str, ...]


def match(
    sheet: Sheet, candidates: Iterable[str], students: Iterable[str], people: Mapping[str, Person], column: str | None
) -> Match:
    """Finds each student's line by the column in which most of them are found, or by the one that is asked for.

    A student is known by the id, and by the e-mail address and the LMS's id that nbgrader's roster gives.

    Raises:
        CourseError: no column tells, or one line is two students, or one student is two lines.
    """
    names = _identities(students, people)
    columns = [column] if column else [name for name in candidates if sheet.has(name)]
    if not columns:
        raise CourseError(
            f"{sheet.path} has none of the columns {', '.join(candidates)}; say with --match which one has the student's id."
        )
    matches = [_by_column(sheet, name, names) for name in columns]
    best = max(matches, key=lambda one: len(one.students))  # the first of equals
    if not best.students and names:
        raise CourseError(
            f"{sheet.path}: no student of the course is found in {', '.join(columns)}; give nbgrader's roster their e-mail "
            "address or lms_user_id, or say with --match which column has the ids."
        )
    return best


def _identities(students: Iterable[str], people: Mapping[str, Person]) -> dict[str, set[str]]:
    """The students by everything that they are known by."""
    names: dict[str, set[str]] = {}
    for student in students:
        person = people.get(student, Person(student))
        for name in {student, person.email, person.lms_id} - {""}:
            names.setdefault(name.strip().casefold(), set()).add(student)
    return names


def _by_column(sheet: Sheet, column: str, names: Mapping[str, set[str]]) -> Match:
    place = sheet.column(column)
    found: dict[int, str] = {}
    line_of: dict[str, int] = {}
    for line, row in enumerate(sheet.rows):
        cell = row[place].strip().casefold()
        students = names.get(cell) or names.get(cell.removeprefix(_PARTICIPANT)) or set()
        if len(students) > 1:
            raise CourseError(f"{sheet.path}: {row[place]!r} in {column} is {' and '.join(sorted(students))}.")
        for student in students:
            if student in line_of:
                first, second = sheet.lines[line_of[student]], sheet.lines[line]
                raise CourseError(f"{sheet.path}: {student} is in {column} in lines {first} and {second}; remove one.")
            line_of[student], found[line] = line, student
    everyone = {student for students in names.values() for student in students}
    return Match(column, found, tuple(sorted(everyone - set(found.values()))))
