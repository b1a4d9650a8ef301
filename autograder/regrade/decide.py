"""What the record and the gradebook say of a request, and a score given by hand through nbgrader's gradebook."""

from collections.abc import Iterator
from dataclasses import dataclass

from nbgrader.api import Grade, Gradebook, MissingEntry
from traitlets.config import Config

from autograder.carrier import late
from autograder.course import Course, CourseError
from autograder.feedback.section import out_of
from autograder.grading.atomic import KeepError
from autograder.grading.replay import find
from autograder.grading.result import SubmissionResult
from autograder.regrade.requests import Request


@dataclass(frozen=True)
class Case:
    """A request with the result that it is about; a trouble where there is none."""

    request: Request
    result: SubmissionResult | None = None
    trouble: str = ""


def case(course: Course, request: Request) -> Case:
    """The request with its recorded result, if the student, the assignment and the exercise are known."""
    if request.assignment not in course.assignments:
        return Case(request, trouble=f"there is no assignment {request.assignment!r}")
    assignment = course.assignment(request.assignment)
    questions = [question.name for question in assignment.handout.questions]
    if request.cell not in [*assignment.points, *questions]:
        known = ", ".join([*assignment.points, *questions])
        return Case(request, trouble=f"{request.assignment} has no exercise {request.cell!r}; it has {known}")
    try:
        [result] = find(course, [f"{request.student}/{request.assignment}"])
    except (CourseError, KeepError) as error:
        return Case(request, trouble=str(error))
    if "/" in request.exercise and request.exercise not in [check.name for check in result.checks]:
        return Case(request, trouble=f"{request.cell} has no check {request.exercise!r}")
    return Case(request, result)


def record(one: Case) -> Iterator[str]:
    """What the record says of the exercise, line by line; nothing for a question, which no check grades."""
    assert one.result is not None
    checks = one.result.exercise(one.request.cell)
    if one.result.status != "graded":
        yield f"{one.result.status}: {one.result.message}"
    if checks:
        yield f"automatically {out_of(one.result.exercise_score(one.request.cell), sum(check.points for check in checks))}"
    for check in checks:
        asked = " (asked for)" if check.name == one.request.exercise else ""
        said = check.diagnosis or check.message
        yield f"{check.name}: {check.status}{asked}{f'; {said}' if said and check.status != 'passed' else ''}"


def entry(gradebook: Gradebook, request: Request) -> Grade | None:
    """The gradebook's entry for the exercise or question; None where it has none."""
    try:
        submission = gradebook.find_submission(request.assignment, request.student)
    except MissingEntry:
        return None
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            if grade.name == request.cell:
                return grade
    return None


def give(gradebook: Gradebook, config: Config, request: Request, score: float) -> tuple[float, float]:
    """Writes a score by hand, which wins over the automatic one, and the late penalty anew; the points before and after.

    Raises:
        CourseError: the gradebook does not have the hand-in, or the cell is not worth so much.
    """
    grade = entry(gradebook, request)
    if grade is None:
        raise CourseError(f"The gradebook has no {request.name}; run `nbgrader autograde {request.assignment}` first.")
    if not 0 <= score <= grade.max_score:
        raise CourseError(f"{request.cell} is worth {grade.max_score:g} points; {score:g} is not from 0 to that.")
    before = grade.score
    grade.manual_score, grade.needs_manual_grade = score, False
    gradebook.db.commit()
    late.refresh(gradebook, late.step(config), gradebook.find_submission(request.assignment, request.student))
    return before, score + (grade.extra_credit or 0.0)
