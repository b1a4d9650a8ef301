"""What nbgrader's gradebook knows beside the recorded results: people, marks by hand, lateness. Read, never written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.api import Grade as Entry
from sqlalchemy.orm import joinedload, selectinload
from traitlets.config import Config

from autograder.carrier.late import step


@dataclass(frozen=True)
class Person:
    """A student as the roster has them."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """Last name, first name."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part)


@dataclass(frozen=True)
class Mark:
    """One cell of one hand-in: the automatic score, the one by hand, which wins, and credit beside it."""

    auto: float | None
    manual: float | None
    extra: float


@dataclass(frozen=True)
class HandIn:
    """A hand-in in the gradebook: its marks by cell, when it came, what that costs and what it should cost by now."""

    marks: Mapping[str, Mark]
    submitted: datetime | None = None
    due: datetime | None = None
    penalty: float = 0.0
    penalty_now: float = 0.0


@dataclass(frozen=True)
class Marks:
    """All that is taken from a gradebook: people, points by assignment and cell, which cells are marked by hand, hand-ins."""

    people: Mapping[str, Person] = field(default_factory=dict)
    points: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    by_hand: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hand_ins: Mapping[tuple[str, str], HandIn] = field(default_factory=dict)


def read_marks(gradebook: Gradebook, config: Config) -> Marks:
    """What the gradebook knows."""
    late = step(config)
    people = {
        one.id: Person(one.id, one.first_name or "", one.last_name or "", one.email or "", one.lms_user_id or "")
        for one in gradebook.students
    }
    points = {}
    by_hand = {}
    for assignment in gradebook.assignments:
        points[assignment.name] = _points(assignment)
        by_hand[assignment.name] = _by_hand(assignment)
    everything = gradebook.db.query(SubmittedAssignment).options(
        joinedload(SubmittedAssignment.student),
        joinedload(SubmittedAssignment.assignment),
        selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades).joinedload(Entry.cell),
    )
    hand_ins = {}
    for one in everything:
        marks = {
            entry.name: Mark(entry.auto_score, entry.manual_score, entry.extra_credit or 0.0)
            for notebook in one.notebooks
            for entry in notebook.grades
        }
        now = sum(late.penalty(one, notebook) or 0.0 for notebook in one.notebooks)
        due = one.duedate if one.assignment.duedate is not None else None
        hand_ins[one.student.id, one.name] = HandIn(marks, one.timestamp, due, one.late_submission_penalty, now)
    return Marks(people, points, by_hand, hand_ins)


def _points(assignment: Assignment) -> dict[str, float]:
    cells = [cell for notebook in assignment.notebooks for cell in [*notebook.grade_cells, *notebook.task_cells]]
    return {cell.name: cell.max_score for cell in cells}


def _by_hand(assignment: Assignment) -> frozenset[str]:
    cells = [cell for notebook in assignment.notebooks for cell in [*notebook.solution_cells, *notebook.task_cells]]
    return frozenset(cell.name for cell in cells)
