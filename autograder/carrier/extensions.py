"""Extensions of due dates: the table `extensions.csv` of the course folder, which the instructor edits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.course import CourseError
from autograder.export.tables import read_sheet

EXTENSIONS = "extensions.csv"
_COLUMNS = ("student", "assignment", "until", "days", "reason")


@dataclass(frozen=True)
class Extension:
    """One line of the table: more time for one student and assignment, until a moment or for some days."""

    line: int
    student: str
    assignment: str
    until: datetime | None  # UTC, without a zone, as nbgrader keeps its times
    days: float | None
    reason: str = ""

    def beyond(self, due: datetime | None) -> timedelta:
        """How much time it adds to a due date.

        Raises:
            ValueError: there is no due date to add to, or it lies later than `until`.
        """
        if due is None:
            raise ValueError(f"{self.assignment} has no due date; set one with `nbgrader db assignment add`")
        if self.days is not None:
            return timedelta(days=self.days)
        assert self.until is not None
        if self.until <= due:
            raise ValueError(f"until {self.until} UTC is not after the due date, {due} UTC")
        return self.until - due


Extensions = dict[tuple[str, str], Extension]


def read_extensions(root: Path) -> Extensions | None:
    """The extensions by student and assignment; None where there is no table.

    Raises:
        CourseError: lines of the table are wrong; all of them are named.
    """
    path = root / EXTENSIONS
    if not path.is_file():
        return None
    sheet = read_sheet(path)
    unknown = [name for name in sheet.header if name not in _COLUMNS]
    if unknown or not {"student", "assignment"} <= set(sheet.header):
        raise CourseError(f"{path}: its first line is {','.join(sheet.header)}; it must name {', '.join(_COLUMNS)}.")
    found: Extensions = {}
    wrong: list[str] = []
    for line, row in sheet.records(*_COLUMNS):
        try:
            one = _extension(line, row)
        except ValueError as error:
            wrong.append(f"{EXTENSIONS}, line {line}: {error}")
            continue
        key = (one.student, one.assignment)
        if key in found:
            wrong.append(
                f"{EXTENSIONS}, line {line}: {one.student} has an extension for {one.assignment} in line "
                f"{found[key].line} already; keep one of them"
            )
        found.setdefault(key, one)
    if wrong:
        raise CourseError("\n".join(wrong))
    return found


def _extension(line: int, row: Mapping[str, str]) -> Extension:
    student, assignment, until, days = row["student"], row["assignment"], row["until"], row["days"]
    if not student or not assignment:
        raise ValueError("needs a student and an assignment")
    if bool(until) == bool(days):
        raise ValueError("needs either `until` or `days`")
    return Extension(
        line,
        student,
        assignment,
        _moment(until) if until else None,
        _days(days) if days else None,
        row["reason"],
    )


def _moment(text: str) -> datetime:
    """A date and time with its zone, such as `2030-10-03 18:00:00 UTC` or `2030-10-03T18:00:00+02:00`, in UTC."""
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC") + ("+00:00" if text.endswith(" UTC") else ""))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{text!r} is not a date and time with a zone, such as 2030-10-03 18:00:00 UTC")
    return moment.astimezone(UTC).replace(tzinfo=None)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    if not 0 < days <= 3650:
        raise ValueError(f"{text!r} is not a number of days above 0")
    return days
