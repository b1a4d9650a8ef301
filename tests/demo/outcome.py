"""What came of the class: the grader's results, the gradebook, the feedback pages; and whether it is what must come."""

import json
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from tests.demo.students import HandIn, Student


@dataclass(frozen=True)
class Outcome:
    """What lies in the course folder after the last command."""

    root: Path

    @cached_property
    def results(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The grader's results, by student and assignment."""
        rows = json.loads((self.root / "results.json").read_text(encoding="utf-8"))["submissions"]
        return {(row["student"], row["assignment"]): row for row in rows}

    @cached_property
    def gradebook(self) -> dict[tuple[str, str], float]:
        """The scores in nbgrader's gradebook, by student and assignment."""
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            rows = [one for assignment in gradebook.assignments for one in assignment.submissions]
            return {(one.student.id, one.assignment.name): one.score for one in rows}

    def page(self, student: str, assignment: str) -> Path:
        """The feedback page."""
        return self.root / "feedback" / student / assignment / f"{assignment}.html"

    def faults(self, hand_in: HandIn) -> list[str]:
        """What is not as it must be, one line each."""
        key = (hand_in.student, hand_in.assignment)
        where = "/".join(key)
        result, recorded = self.results.get(key), self.gradebook.get(key)
        if result is None:
            return [f"{where}: autograder grade has no result"]
        found = []
        if (result["status"], result["score"]) != (hand_in.status, hand_in.score):
            is_now, must_be = f"{result['status']} {result['score']:g}", f"{hand_in.status} {hand_in.score:g}"
            found.append(f"{where}: {is_now}, must be {must_be}: {result['message'] or ''}")
        if recorded != result["score"]:
            found.append(f"{where}: the gradebook holds {recorded}, the grader's result is {result['score']:g}")
        page = self.page(*key)
        if not page.is_file():
            return [*found, f"{where}: there is no feedback page"]
        source = page.read_text(encoding="utf-8")
        text = unescape(source)
        found += [f"{where}: the page does not say: {words}" for words in hand_in.says if words not in text]
        found += [f"{where}: the page says: {words}" for words in hand_in.never_says if words in source]
        return found


def faults(root: Path, students: list[Student]) -> list[str]:
    """What is not as it must be, in the whole class."""
    outcome = Outcome(root)
    try:
        found = [fault for student in students for one in student.hand_ins for fault in outcome.faults(one)]
    except (OSError, MissingEntry) as error:
        return [str(error)]
    expected = {(one.student, one.assignment) for student in students for one in student.hand_ins}
    found += [f"{'/'.join(key)}: graded, but nobody handed it in" for key in outcome.results.keys() - expected]
    return found
