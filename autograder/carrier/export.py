"""The table that `nbgrader export` writes, with no score where there is no grade."""

import csv
from collections.abc import Iterator
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student, SubmittedAssignment
from nbgrader.plugins import ExportPlugin

from autograder.carrier.gradebook import graded_by_machine

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip


class ExportGrades(ExportPlugin):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's own table, but for two things: its CSV is quoted, and a hand-in that waits for a grade has no score.

    nbgrader writes 0 there, so that a fault of the grader would become a student's zero in the LMS.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write the table to `--to`, or to grades.csv."""
        target = self.to or "grades.csv"
        self.log.info("Exporting grades to %s", target)
        with open(target, "w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            table.writeheader()
            table.writerows(self._rows(gradebook))

    def _rows(self, gradebook: Gradebook) -> Iterator[dict[str, Any]]:
        # On the command line an id of digits becomes a number.
        assignments, students = set(map(str, self.assignment)), set(map(str, self.student))
        for assignment in gradebook.assignments:
            for student in gradebook.students:
                if (assignments and assignment.name not in assignments) or (students and student.id not in students):
                    continue
                yield _about(assignment, student) | self._scores(gradebook, assignment.name, student.id)

    def _scores(self, gradebook: Gradebook, assignment: str, student: str) -> dict[str, Any]:
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return {"timestamp": None, "raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0}
        if _waits(submission):
            self.log.warning("%s, %s: no score, because the hand-in has not been graded", student, assignment)
            return {"timestamp": submission.timestamp}
        penalty = submission.late_submission_penalty
        return {
            "timestamp": submission.timestamp,
            "raw_score": submission.score,
            "late_submission_penalty": penalty,
            "score": max(0.0, submission.score - penalty),
        }


def _about(assignment: Assignment, student: Student) -> dict[str, Any]:
    return {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "max_score": assignment.max_score,
    }


def _waits(submission: SubmittedAssignment) -> bool:
    """Whether a cell that is graded by machine has neither an automatic nor a manual score."""
    return any(grade.auto_score is None and grade.manual_score is None for grade in graded_by_machine(submission))
