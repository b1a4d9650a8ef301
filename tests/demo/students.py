"""The sample class: who the students are, what they hand in, and what must come of it."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLASS = Path(__file__).resolve().parents[1] / "sample_class"


@dataclass(frozen=True)
class HandIn:
    """One assignment of one student: the work, what is done to the file, and the outcome that the demo must reach."""

    student: str
    assignment: str
    score: float
    status: str = "graded"
    says: tuple[str, ...] = ()  # on the feedback page
    never_says: tuple[str, ...] = ()
    renamed: str | None = None  # the name that the notebook is given
    deleted: tuple[str, ...] = ()  # ids of cells
    forged: bool = False  # outputs, metadata and checks claim a thousand points
    truncated: bool = False  # the file ends in the middle

    @property
    def cells(self) -> Path:
        """What the student writes into the notebook's cells; there may be no such file."""
        return CLASS / self.student / f"{self.assignment}.cells.py"

    @property
    def module(self) -> Path:
        """The module that the student hands in; there may be no such file."""
        return CLASS / self.student / f"{self.assignment}.py"


@dataclass(frozen=True)
class Student:
    """A student: the folder's name is the identifier."""

    identifier: str
    first_name: str
    last_name: str
    work: str
    hand_ins: tuple[HandIn, ...]


def sample_class(folder: Path = CLASS) -> list[Student]:
    """The students whose folders lie in `folder`, in the order of their identifiers."""
    return [_student(path) for path in sorted(folder.glob("*/student.toml"))]


def _student(path: Path) -> Student:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    hand_ins = tuple(_hand_ins(path.parent.name, data))
    return Student(path.parent.name, data["first_name"], data["last_name"], data["work"], hand_ins)


def _hand_ins(student: str, data: dict[str, Any]) -> Iterator[HandIn]:
    for assignment, row in data.items():
        if isinstance(row, dict):
            fields = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
            yield HandIn(student, assignment, **fields)
