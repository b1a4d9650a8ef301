"""`autograder validate` on pictures: they take every right answer, show it as right, and make their mistakes visible."""

from pathlib import Path

import pictured_course
import pytest
from pictured_course import PICTURES
from tiny_course import SLUG

from autograder.checking.plugin import examine
from autograder.course import Course
from autograder.grading.examine import Examiner
from autograder.proof.pictures import picture_problems
from autograder.sandbox.sandbox import Sandbox


@pytest.fixture(scope="module")
def proof_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose pictures a test may spoil."""
    return pictured_course.write(tmp_path_factory.mktemp("proof"))


def problems(course: Course, sandbox: Sandbox, text: str) -> list[str]:
    """What is found wrong with these pictures."""
    assignment = course.assignment(SLUG)
    (assignment.hidden / "pictures.py").write_text(text, encoding="utf-8")
    found: list[str] = []
    examine(
        assignment.checks,
        lambda examination: found.extend(picture_problems(Examiner(assignment, sandbox, examination), sandbox)),
    )
    return found


def test_sound_pictures_have_no_problem(proof_course: Course, sandbox: Sandbox) -> None:
    """Those of the course are."""
    assert problems(proof_course, sandbox, PICTURES) == []


def test_a_course_needs_no_pictures(proof_course: Course, sandbox: Sandbox) -> None:
    """Where there is no file, nothing is to be proved."""
    (proof_course.assignment(SLUG).hidden / "pictures.py").unlink(missing_ok=True)
    found: list[str] = []
    assignment = proof_course.assignment(SLUG)
    examine(
        assignment.checks,
        lambda examination: found.extend(picture_problems(Examiner(assignment, sandbox, examination), sandbox)),
    )
    assert found == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('@picture("walk"', '@picture("fly"', "`path` is of `fly`, which is no exercise; correct the name"),
        ("m.walk(", "m.wander(", "`path` fails on the reference (AttributeError"),
        ("return m.walk(", "return str(m.walk(", "cannot be loaded (SyntaxError"),
        ('"""A walk of five steps."""', "", "`path` has no docstring; it is the caption that the student reads"),
        ('kind="curve"', 'kind="sculpture"', "`path` is of kind 'sculpture'; draw one of curve"),
        ('["steps_uphill"]', "[]", "`two_steps` shows no mistake; name one or more in `shows`"),
        ('"steps_uphill"', '"forgets_the_start"', "is to show `forgets_the_start`, which is no mistake of `step`"),
        ("0.25)}", "0.0)}", "does not show the mistake `steps_uphill`; choose other inputs"),
    ],
)
def test_what_is_wrong_with_a_picture_is_said(
    proof_course: Course, sandbox: Sandbox, old: str, new: str, said: str
) -> None:
    """No exercise, a failure, no caption, no kind, no mistake, one that cannot be seen: by name, with the remedy."""
    assert PICTURES.count(old) == 1
    found = problems(proof_course, sandbox, PICTURES.replace(old, new))
    assert [line for line in found if said in line], found


def test_a_style_that_looks_wrong_is_named(proof_course: Course, sandbox: Sandbox) -> None:
    """A picture that a right answer does not survive tells students of mistakes that they did not make."""
    style = proof_course.assignment(SLUG).hidden / "styles" / "sums.py"
    text = style.read_text(encoding="utf-8")
    try:
        style.write_text(text.replace("x - rate * slope", "x - 1.5 * rate * slope", 1), encoding="utf-8")
        found = problems(proof_course, sandbox, PICTURES)
        assert any("`two_steps` shows the style `sums` as wrong" in line for line in found), found
        style.write_text(text.replace("return x - rate * slope", "raise OSError", 1), encoding="utf-8")
        assert any(
            "`two_steps` fails on the style `sums` (OSError" in line
            for line in problems(proof_course, sandbox, PICTURES)
        )
    finally:
        style.write_text(text, encoding="utf-8")


def test_every_assignment_has_a_picture() -> None:
    """At least one, and each of an exercise that there is."""
    from autograder.checking.pictures import read_pictures

    course = Course(Path(__file__).resolve().parents[2])
    for assignment in course.assignments.values():
        pictures = read_pictures(assignment.hidden / "pictures.py")
        assert pictures, assignment.slug
        assert {one.exercise for one in pictures} <= set(assignment.points)
