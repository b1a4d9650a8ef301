"""The grades written into a notebook's graded cells, in the form that nbgrader records."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from sqlalchemy.exc import OperationalError

from autograder.carrier.locked import REMEDY
from autograder.carrier.reader import MARKER
from autograder.feedback.section import Feedback, as_html, as_text, number

if TYPE_CHECKING:
    from autograder.grading.result import CheckResult, SubmissionResult


class UngradedError(RuntimeError):
    """The grader failed, not the student: nothing may be recorded."""


class GradeSubmission(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """The step that stands where nbgrader executes the notebook: grades the hand-in, without a kernel.

    What nbgrader reads afterwards: an `error` output is 0 points, else the first `execute_result` is the score, and a
    cell with neither has full marks. So every graded cell gets one of them, whatever happens.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with the outputs of its graded cells.

        Raises:
            UngradedError: the grader failed; the gradebook then says that these cells wait for a grade.
        """
        where = resources["nbgrader"]
        with _opened(where) as gradebook:
            points = _points_of_graded_cells(gradebook, where["notebook"], where["assignment"])
        try:
            cells = _graded_cells(nb, points)
            if cells:
                self._write(cells, points, self._result(where["student"], where["assignment"]))
        except Exception as error:
            with _opened(where) as gradebook:
                _await_grade(gradebook, where, points)
            raise UngradedError(
                f"{where['student']}, {where['assignment']}: not graded, and nothing was recorded, because the grader failed "
                f"({error}); mend that and run `nbgrader autograde` again"
            ) from error
        return nb, resources

    def _result(self, student: str, assignment: str) -> SubmissionResult:
        """The result of the hand-in in nbgrader's `submitted` folder.

        Not of the copy in `autograded`: there nbgrader has put files of the source folder over the student's.
        """
        from autograder.grading.api import grade_folder  # loads torch, which no other command of nbgrader needs

        course = self.parent.parent.coursedir
        folder = Path(course.format_path(course.submitted_directory, student, assignment))
        return grade_folder(Path(course.root), folder, student, assignment)

    def _write(self, cells: dict[str, NotebookNode], points: dict[str, float], result: SubmissionResult) -> None:
        """Put outputs into every graded cell, once all scores are known to be sound."""
        feedback = [
            feedback_on(result, exercise, points[exercise], first=not index) for index, exercise in enumerate(cells)
        ]
        for one in feedback:
            cells[one.exercise].outputs = outputs(one, graded=result.status == "graded")
            if any(check.status == "failed" for check in one.checks):
                cells[one.exercise].outputs[0].metadata = {MARKER: {"picture": one.exercise, "of": list(result.files)}}
            self.log.info("%s: %s of %s points", one.exercise, number(one.score), number(one.points))


def feedback_on(result: SubmissionResult, exercise: str, points: float, *, first: bool = True) -> Feedback:
    """The score of one exercise and what there is to say about it; the first one also says what holds for all.

    Raises:
        UngradedError: the result says that the grader failed, or does not fit the released notebook.
    """
    if result.status not in ("graded", "unreadable"):
        raise UngradedError(result.message or f"the result's status is {result.status!r}")
    checks = [check for check in result.checks if check.exercise == exercise]
    notes = tuple(result.notes) if first else ()
    if result.status == "unreadable":
        message = f"Nothing could be graded: {result.message or 'the hand-in could not be read'}"
        return Feedback(exercise, 0.0, points, message=message, notes=notes)
    return Feedback(exercise, _score(exercise, checks, points), points, checks, notes=notes)


def _score(exercise: str, checks: list[CheckResult], points: float) -> float:
    """The sum of the checks' scores, between 0 and the cell's points."""
    if not checks:
        raise UngradedError(
            f"the result has no check of the graded cell {exercise!r}; is the release older than the checks?"
        )
    faults = [check for check in checks if check.status == "error"]
    if faults:
        raise UngradedError(f"check {faults[0].name}: {faults[0].message or 'failed by itself'}")
    worth = math.fsum(check.points for check in checks)
    if not math.isclose(worth, points, abs_tol=1e-6):
        raise UngradedError(
            f"the checks of {exercise} are worth {number(worth)} points and its cell in the gradebook {number(points)}; "
            "run `nbgrader generate_assignment` again"
        )
    score = math.fsum(float(check.score) for check in checks)
    if not math.isfinite(score):
        raise UngradedError(f"the score of {exercise} is {score}")
    return min(max(score, 0.0), float(points))


def outputs(feedback: Feedback, *, graded: bool) -> list[NotebookNode]:
    """The outputs of a graded cell: the page for the student, then the number for nbgrader.

    Where nothing was graded an error comes first, which nbgrader counts as 0 whatever follows.
    """
    text = as_text(feedback)
    shown = new_output("display_data", data={"text/html": as_html(feedback), "text/plain": text})
    # nbgrader gives full marks for anything that `float` does not read, such as np.float64(3.5). A page shows the HTML.
    value = float(feedback.score) if graded else 0.0
    recorded = f"<p><small>Recorded: {number(value)} of {number(feedback.points)}</small></p>"
    score = new_output("execute_result", data={"text/html": recorded, "text/plain": repr(value)})
    if graded:
        return [shown, score]
    message = feedback.message or "nothing was graded"
    return [new_output("error", ename="NotGraded", evalue=message, traceback=["Not graded"]), shown, score]


@contextmanager
def _opened(where: dict[str, str]) -> Iterator[Gradebook]:
    """The gradebook; `UngradedError` where it is locked or refuses."""
    try:
        with Gradebook(where["db_url"]) as gradebook:
            yield gradebook
    except OperationalError as error:
        raise UngradedError(
            f"{where['student']}, {where['assignment']}: not graded, because the gradebook does not answer ({error.orig}). {REMEDY}"
        ) from error


def _points_of_graded_cells(gradebook: Gradebook, notebook: str, assignment: str) -> dict[str, float]:
    """The points of the cells that are graded by machine, from the gradebook."""
    recorded = gradebook.find_notebook(notebook, assignment)
    answers = {cell.name for cell in recorded.solution_cells}  # these are graded by hand
    return {cell.name: cell.max_score for cell in recorded.grade_cells if cell.name not in answers}


def _graded_cells(nb: NotebookNode, points: dict[str, float]) -> dict[str, NotebookNode]:
    """The notebook's cells that are graded by machine: exactly those of the gradebook, each once."""
    found = [(cell.metadata.nbgrader.grade_id, cell) for cell in nb.cells if is_grade(cell) and not is_solution(cell)]
    if sorted(name for name, _ in found) != sorted(points):
        raise UngradedError(
            f"the notebook's graded cells are {', '.join(name for name, _ in found)}; the gradebook's: {', '.join(points)}"
        )
    return dict(found)


def _await_grade(gradebook: Gradebook, where: dict[str, str], points: dict[str, float]) -> None:
    """Mark the cells as waiting for a grade. An older automatic score goes: it may be that of another hand-in."""
    submission = gradebook.find_submission_notebook(where["notebook"], where["assignment"], where["student"])
    for grade in submission.grades:
        if grade.name in points:
            grade.auto_score = None
            grade.needs_manual_grade = True
    gradebook.db.commit()
