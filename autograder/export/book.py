"""What is exported, and what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.export.grades import Grade
from autograder.export.marks import Marks, Person
from autograder.export.roster import Match


@dataclass(frozen=True)
class Book:
    """The grades that are asked for, what the gradebook knows beside them, and what was decided on regrade requests."""

    grades: tuple[Grade, ...]
    marks: Marks
    decisions: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    @property
    def assignments(self) -> list[str]:
        """The assignments, sorted."""
        return sorted({one.assignment for one in self.grades})

    def max_score(self, slug: str) -> float:
        """The points of an assignment: those of most of its grades."""
        every = [one.max_score for one in self.grades if one.assignment == slug]
        return max(set(every), key=every.count)

    def person(self, student: str) -> Person:
        """The student as the roster has them."""
        return self.marks.people.get(student, Person(student))


@dataclass(frozen=True)
class Table:
    """A table as text; notes, which are for information; and problems: of whom something is missing in it."""

    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    text: str = ""

    def absent(self, found: Match, grades: Iterable[Grade], roster: Path) -> None:
        """Names those who have a score and no line in the roster."""
        self.problems.extend(
            f"{one.student}, {one.assignment}: not exported, because {roster} has no such student in {found.column!r}"
            for one in grades
            if one.student in found.absent
        )

    def written(self, text: str) -> "Table":
        """The same with its text."""
        return replace(self, text=text)
