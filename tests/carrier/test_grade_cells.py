"""What is written into a graded cell, read back with nbgrader's own eyes."""

import math

import numpy as np
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import determine_grade
from small_course import ASSIGNMENT, Course, FakeGrader, check, result

from autograder.carrier.grade import UngradedError, feedback_on, outputs
from autograder.feedback.section import Feedback


def recorded(score: float, points: float = 2.0, *, graded: bool = True) -> float:
    """The score that nbgrader reads out of the outputs."""
    metadata = {"nbgrader": {"grade": True, "solution": False, "grade_id": "gd_step", "points": points}}
    feedback = Feedback("gd_step", score, points, message="why")
    cell = new_code_cell("", metadata=metadata, outputs=outputs(feedback, graded=graded))
    return determine_grade(cell)[0]


@pytest.mark.parametrize("score", [0.0, 0.1 + 0.2, 1.5, 2.0, np.float64(1.5), np.float32(0.5), 1, True, False])
def test_nbgrader_reads_the_score_that_was_written(score: float) -> None:
    """Whatever number the score is, nbgrader reads its value and not full marks."""
    assert recorded(score) == float(score)


@pytest.mark.parametrize("score", [0.0, 1.5, 2.0])
def test_nbgrader_reads_zero_where_nothing_was_graded(score: float) -> None:
    """An error before the score makes it 0."""
    assert recorded(score, graded=False) == 0


@pytest.mark.parametrize(("earned", "expected"), [(-1.0, 0.0), (0.0, 0.0), (1.25, 1.25), (2.0, 2.0), (2.5, 2.0)])
def test_a_score_stays_within_the_cells_points(earned: float, expected: float) -> None:
    """nbgrader deletes a hand-in with more than the points and gives full marks for less than 0."""
    assert feedback_on(result(check(score=earned)), "gd_step", 2.0).score == expected


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_is_no_grade(score: float) -> None:
    """nan would be full marks in nbgrader."""
    with pytest.raises(UngradedError, match="score of gd_step"):
        feedback_on(result(check(score=score)), "gd_step", 2.0)


@pytest.mark.parametrize(
    "faulty",
    [
        result(status="error", message="the sandbox is gone"),
        result(status="no such status"),
        result(check("gd_step"), check("momentum_step", status="error", message="reference raised")),
        result(check("gd_step")),
        result(check("gd_step"), check("momentum_step", points=1.0)),
        result(check("gd_step"), check("momentum_step", score=math.nan)),
    ],
    ids=["error", "unknown status", "check failed by itself", "exercise without checks", "points differ", "nan"],
)
def test_a_fault_of_the_grader_is_recorded_as_no_grade(
    course: Course, grader: FakeGrader, caplog: pytest.LogCaptureFixture, faulty: object
) -> None:
    """No cell has a score, all wait for one, nbgrader's command fails and names the student."""
    grader.result = lambda: faulty  # type: ignore[assignment, return-value]
    course.submit(course.released())

    with pytest.raises(NbGraderException):
        course.autograde()

    assert course.grades() == {"gd_step": None, "momentum_step": None, "why": None}
    assert course.waiting() == {"gd_step", "momentum_step", "why"}
    assert not (course.root / f"autograded/ada/{ASSIGNMENT}").exists()
    assert f"ada, {ASSIGNMENT}: not graded" in caplog.text


def test_an_exception_in_the_grader_is_recorded_as_no_grade(course: Course, grader: FakeGrader) -> None:
    """A grader that raises leaves nothing behind."""

    def fail() -> object:
        raise OSError("no more processes")

    grader.result = fail  # type: ignore[assignment]
    course.submit(course.released())

    with pytest.raises(NbGraderException):
        course.autograde()

    assert course.grades()["gd_step"] is None


def test_a_fault_takes_an_older_score_away(course: Course, grader: FakeGrader) -> None:
    """The score of an earlier hand-in is not shown as that of this one."""
    course.submit(course.released())
    course.autograde()
    grader.result = lambda: result(status="error")

    with pytest.raises(NbGraderException):
        course.autograde()

    assert course.grades()["gd_step"] is None


def test_a_fault_with_one_student_spares_the_next(course: Course, grader: FakeGrader) -> None:
    """Ada's fault is hers alone: bob has his grades and his autograded notebook."""
    course.submit(course.released())
    course.submit(course.released(), student="bob")
    results = iter([result(status="error"), result()])
    grader.result = lambda: next(results)

    with pytest.raises(NbGraderException):
        course.autograde()

    assert course.grades("bob")["gd_step"] == 1.0
    assert course.grades("ada")["gd_step"] is None


def test_grading_again_after_a_fault_records_the_grade(course: Course, grader: FakeGrader) -> None:
    """Once the grader is mended, the same command gives the grade and nothing waits but the answer in prose."""
    grader.result = lambda: result(status="error")
    course.submit(course.released())
    with pytest.raises(NbGraderException):
        course.autograde()
    grader.result = result

    course.autograde()

    assert course.grades()["gd_step"] == 1.0
    assert "gd_step" not in course.waiting()
