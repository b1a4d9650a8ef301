"""The two tables of the course folder: `regrade_requests.csv`, as a form gives it, and `regrade_decisions.csv`, written here."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import CourseError
from autograder.export.tables import Identifier, as_csv, read_sheet
from autograder.grading import atomic

REQUESTS, DECISIONS = "regrade_requests.csv", "regrade_decisions.csv"
_NEEDED = ("student", "assignment", "exercise")


@dataclass(frozen=True)
class Request:
    """What a student asks to be looked at again: an exercise, one of its checks, or a question; and why."""

    line: int
    student: str
    assignment: str
    exercise: str
    reason: str = ""

    @property
    def cell(self) -> str:
        """The exercise, where a check is named."""
        return self.exercise.partition("/")[0]

    @property
    def name(self) -> str:
        """How it is named on the command line."""
        return f"{self.student}/{self.assignment}/{self.cell}"


@dataclass(frozen=True)
class Decision:
    """What was decided on all requests of one name that there were: points before and after, by whom, and why."""

    student: str
    assignment: str
    exercise: str
    decision: str  # kept, changed
    before: str
    after: str
    because: str
    requests: str  # how many it answers
    decided: str

    @property
    def name(self) -> str:
        """The name of what it decides."""
        return f"{self.student}/{self.assignment}/{self.exercise}"


def read_requests(root: Path) -> list[Request]:
    """All requests, in the order of the table; columns of other names (a form's time stamp) are passed over.

    Raises:
        CourseError: there is no table, or it lacks a column.
    """
    path = root / REQUESTS
    if not path.is_file():
        raise CourseError(f"{path} is missing; put the requests there: a CSV with {', '.join(_NEEDED)} and reason.")
    sheet = read_sheet(path)
    lower = tuple(name.casefold() for name in sheet.header)
    for name in _NEEDED:
        if lower.count(name) != 1:
            raise CourseError(
                f"{path} has {lower.count(name)} columns {name!r}; it needs {', '.join(_NEEDED)} and reason."
            )
    named = type(sheet)(sheet.path, lower, sheet.rows, sheet.lines, sheet.delimiter)
    return [
        Request(line, row["student"], row["assignment"], row["exercise"], row["reason"])
        for line, row in named.records(*_NEEDED, "reason")
    ]


def read_decisions(root: Path) -> list[Decision]:
    """All decisions so far; `CourseError` where the table is not as it was written."""
    path = root / DECISIONS
    if not path.is_file():
        return []
    sheet = read_sheet(path)
    names = [field.name for field in fields(Decision)]
    if list(sheet.header) != names:
        raise CourseError(f"{path}: its first line must be {','.join(names)}; put it back.")
    found = [Decision(**row) for _, row in sheet.records(*names)]
    for line, one in zip(sheet.lines, found, strict=True):
        if not one.requests.isdigit():
            raise CourseError(f"{path}, line {line}: {one.requests!r} is no number of requests; put it back.")
    return found


def open_requests(requests: Iterable[Request], decisions: Iterable[Decision]) -> list[Request]:
    """The requests that came after the last decision on the same thing; one who asks again asks anew."""
    answered: Counter[str] = Counter()
    for one in decisions:
        answered[one.name] = max(answered[one.name], int(one.requests))
    waiting = []
    for request in requests:
        if answered[request.name] > 0:
            answered[request.name] -= 1
        else:
            waiting.append(request)
    return waiting


def write_decision(root: Path, decisions: list[Decision], new: Decision) -> None:
    """Adds a decision to the table, which is written whole or stays as it was."""
    lines = [[Identifier(one.student), *astuple(one)[1:]] for one in [*decisions, new]]
    atomic.write(root / DECISIONS, [as_csv([[field.name for field in fields(Decision)], *lines]).encode()])


def now() -> str:
    """The time of a decision."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
