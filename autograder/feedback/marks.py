"""What nbgrader's gradebook knows of a hand-in beyond the checks: the marks and comments of a person, a penalty for lateness."""

from dataclasses import dataclass, field
from pathlib import Path

SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Mark:
    """What a person gave an answer in words, and said about it; None where it is not marked yet."""

    score: float | None
    comment: str = ""


@dataclass(frozen=True)
class Marks:
    """The marks of one hand-in by question, and what is taken off for lateness."""

    by_question: dict[str, Mark] = field(default_factory=dict)
    penalty: float = 0.0


class Marked:
    """The marks in a gradebook; none where there is no gradebook."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._exists = not url.startswith(SQLITE) or Path(url.removeprefix(SQLITE)).is_file()

    def of(self, student: str, assignment: str, questions: list[str]) -> Marks:
        """The marks of one hand-in; none where the gradebook does not know it."""
        if not self._exists:
            return Marks()
        from nbgrader.api import Gradebook, MissingEntry

        with Gradebook(self._url) as gradebook:
            try:
                submission = gradebook.find_submission(assignment, student)
            except MissingEntry:
                return Marks()
            found = {}
            for notebook in submission.notebooks:
                comments = {one.name: one.manual_comment or "" for one in notebook.comments}
                for grade in notebook.grades:
                    if grade.name in questions:
                        score = None if grade.manual_score is None else float(grade.manual_score)
                        found[grade.name] = Mark(score, comments.get(grade.name, ""))
            return Marks(found, float(submission.late_submission_penalty or 0.0))
