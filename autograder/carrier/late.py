"""Late work: what it costs, by one rule for the course, and how long each student has."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Dict, Float, TraitError, validate
from traitlets.config import Config

from autograder.carrier.extensions import EXTENSIONS, Extensions, read_extensions
from autograder.course import CourseError
from autograder.grading.late import Rule


class LatePenalty(LateSubmissionPlugin):  # type: ignore[misc]  # nbgrader has no types
    """The rule set in `nbgrader_config.py`; where none is, whatever nbgrader's own plugin is set to, which is no penalty."""

    grace_minutes = Float(0.0, help="Minutes after the due date that cost nothing.").tag(config=True)
    percent_a_day = Float(0.0, help="Percents of the score for each day begun since the due date.").tag(config=True)
    cap_percent = Float(100.0, help="The most that being late costs, in percents of the score.").tag(config=True)
    assignments = Dict(help="Other values for single assignments: {name: {'percent_a_day': 5}}.").tag(config=True)

    @validate("grace_minutes", "percent_a_day", "cap_percent")  # type: ignore[untyped-decorator]  # nor has traitlets
    def _in_range(self, proposal: Any) -> float:
        return _checked(f"LatePenalty.{proposal.trait.name}", proposal.trait.name, proposal.value)

    @validate("assignments")  # type: ignore[untyped-decorator]
    def _known(self, proposal: Any) -> dict[str, dict[str, float]]:
        rules: dict[str, dict[str, float]] = {}
        for assignment, values in proposal.value.items():
            where = f"LatePenalty.assignments[{assignment!r}]"
            if not isinstance(values, dict) or set(values) - set(Rule.__dataclass_fields__):
                raise TraitError(f"{where} is {values!r}; it must set {', '.join(Rule.__dataclass_fields__)}")
            rules[assignment] = {name: _checked(f"{where}[{name!r}]", name, value) for name, value in values.items()}
        return rules

    def rule(self, assignment: str) -> Rule:
        """The rule of an assignment."""
        course = {name: getattr(self, name) for name in Rule.__dataclass_fields__}
        return Rule(**{**course, **self.assignments.get(assignment, {})})

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """The points that being late costs a student in the assignment that the step above works on."""
        rule = self.rule(getattr(self.parent, "assignment_id", ""))
        if rule.percent_a_day == 0:
            own: float | None = super().late_submission_penalty(student_id, score, total_seconds_late)
            return own
        return rule.penalty(score, total_seconds_late)


def _checked(where: str, name: str, value: object) -> float:
    most = math.inf if name == "grace_minutes" else 100.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise TraitError(
            f"{where} is {value!r}; it must be a number from 0" + (f" to {most:g}" if most < math.inf else "")
        )
    return float(value)


class PenaliseLateWork(AssignLatePenalties):  # type: ignore[misc]
    """nbgrader's step, after the student's extension has been taken from `extensions.csv`."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Writes the penalty of one hand-in into the gradebook."""
        where = resources["nbgrader"]
        extensions = read_extensions(Path(self.parent.parent.coursedir.root))
        if extensions is not None:
            with Gradebook(where["db_url"]) as gradebook:
                grant(gradebook, gradebook.find_submission(where["assignment"], where["student"]), extensions)
        result: tuple[NotebookNode, dict[str, Any]] = super().preprocess(nb, resources)
        return result

    def penalty(self, submission: SubmittedAssignment, notebook: SubmittedNotebook) -> float | None:
        """The penalty that a notebook has earned by now, as nbgrader's step would write it."""
        if submission.assignment.duedate is None or submission.total_seconds_late <= 0:
            return None
        self.assignment_id, self.student_id = submission.name, submission.student.id
        self.init_plugin()
        points = self.plugin_inst.late_submission_penalty(
            self.student_id, notebook.score, submission.total_seconds_late
        )
        return None if points is None else min(max(points, 0.0), max(notebook.score, 0.0))


def step(config: Config) -> PenaliseLateWork:
    """The step as nbgrader would make it.

    Raises:
        CourseError: the rule in the settings is wrong.
    """
    try:
        made = PenaliseLateWork(config=config)
        made.init_plugin()
    except TraitError as error:
        raise CourseError(f"nbgrader_config.py: {error}") from None
    return made


def rule_of(config: Config, assignment: str) -> Rule:
    """The rule that the settings give an assignment; none where they name a plugin that is not ours.

    Raises:
        CourseError: the rule in the settings is wrong.
    """
    plugin = step(config).plugin_inst
    return plugin.rule(assignment) if isinstance(plugin, LatePenalty) else Rule()


def grant(gradebook: Gradebook, submission: SubmittedAssignment, extensions: Extensions) -> None:
    """Give a hand-in the extension that the table has for it, or none.

    Raises:
        CourseError: the line cannot hold, with its number.
    """
    known = extensions.get((submission.student.id, submission.name))
    due = submission.assignment.duedate  # without one nothing is late, and nbgrader could not add an extension to it
    try:
        more = timedelta(0) if known is None or due is None else known.beyond(due)
    except ValueError as error:
        assert known is not None
        raise CourseError(f"{EXTENSIONS}, line {known.line}: {error}.") from None
    gradebook.grant_extension(submission.name, submission.student.id, minutes=more.total_seconds() / 60)


def check_extensions(gradebook: Gradebook, extensions: Extensions) -> None:
    """Holds every line of the table against the gradebook.

    Raises:
        CourseError: lines name students or assignments that the gradebook does not know, or cannot hold; all are named.
    """
    students = {student.id for student in gradebook.students}
    wrong = []
    for one in extensions.values():
        where = f"{EXTENSIONS}, line {one.line}"
        if one.student not in students:
            wrong.append(f"{where}: the gradebook has no student {one.student!r}; see `nbgrader db student list`.")
        try:
            one.beyond(gradebook.find_assignment(one.assignment).duedate)
        except MissingEntry:
            names = ", ".join(assignment.name for assignment in gradebook.assignments) or "none"
            wrong.append(f"{where}: the gradebook has no assignment {one.assignment!r}; it has {names}.")
        except ValueError as error:
            wrong.append(f"{where}: {error}.")
    if wrong:
        raise CourseError("\n".join(wrong))


@dataclass(frozen=True)
class Change:
    """What one hand-in's lateness costs: before and now."""

    student: str
    assignment: str
    extension: timedelta | None
    seconds_late: float
    before: float
    now: float


def refresh(gradebook: Gradebook, late: PenaliseLateWork, submission: SubmittedAssignment) -> None:
    """Writes the penalty of a hand-in anew, on its score as it is now."""
    for notebook in submission.notebooks:
        notebook.late_submission_penalty = late.penalty(submission, notebook)
    gradebook.db.commit()


def apply(gradebook: Gradebook, config: Config, extensions: Extensions | None) -> Iterator[Change]:
    """Grants the extensions and computes every penalty anew, on the scores as they are now, marks included."""
    late = step(config)
    for assignment in gradebook.assignments:
        for submission in assignment.submissions:
            if extensions is not None:
                grant(gradebook, submission, extensions)
            before = submission.late_submission_penalty
            refresh(gradebook, late, submission)
            yield Change(
                submission.student.id,
                submission.name,
                submission.extension,
                0.0 if assignment.duedate is None else submission.total_seconds_late,
                before,
                submission.late_submission_penalty,
            )
