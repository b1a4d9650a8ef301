"""What nbgrader's gradebook knows of a hand-in beyond the checks: the marks and comments of a person, a penalty for lateness."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbgrader.api import Gradebook


@dataclass(frozen=True)
class Mark:
    """The points of an answer in words, None where it waits for them; and what was said about it."""

    score: float | None
    comment: str = ""


@dataclass(frozen=True)
class Marks:
    """The marks of one hand-in by question, points given in the place of the checks', what is taken off for lateness."""

    by_question: dict[str, Mark] = field(default_factory=dict)
    instead: dict[str, float] = field(default_factory=dict)
    penalty: float = 0.0


def marks_of(gradebook: "Gradebook | None", student: str, assignment: str, questions: Collection[str]) -> Marks:
    """The marks of one hand-in; none where there is no gradebook, or where it does not know the hand-in."""
    if gradebook is None:
        return Marks()
    from nbgrader.api import MissingEntry

    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return Marks()
    found, instead = {}, {}
    for notebook in submission.notebooks:
        comments = {one.name: one.comment or "" for one in notebook.comments}
        for grade in notebook.grades:
            if grade.name in questions:
                # An answer that was left as it was released has 0 points from nbgrader, and waits for nobody.
                known = grade.manual_score is not None or (
                    grade.auto_score is not None and not grade.needs_manual_grade
                )
                found[grade.name] = Mark(float(grade.score) if known else None, comments.get(grade.name, ""))
            elif grade.manual_score is not None:
                instead[grade.name] = float(grade.score)
    return Marks(found, instead, float(submission.late_submission_penalty or 0.0))
