"""`autograder validate` accepts a sound course and refuses each way to spoil one, naming the file and the remedy."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course
from conftest import TinyCourse

from autograder import cli
from autograder.proof import catalogue

Refusals = Callable[[TinyCourse], list[str]]
CHECKS = "autograder/hidden/t1_tiny/test_t1_tiny.py"
MISTAKES = "autograder/hidden/t1_tiny/mistakes.py"
MARGINS = "autograder/hidden/t1_tiny/margins.json"
STYLES = "autograder/hidden/t1_tiny/styles"
HANDOUT = "assignments/t1_tiny/handout.md"
NOTEBOOK = "assignments/t1_tiny/t1_tiny.ipynb"
SOLUTION = "solutions/t1_tiny.py"
WALK = "agree(student, reference, lambda m: m.walk(start, slopes, rate=0.5))"


def test_a_sound_course_is_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A course with twenty mistakes and five styles is proved, its margins printed; exit code 0."""
    root = tiny_course.write(tmp_path)
    assert cli.main(["--course", str(root), "validate", "--derive"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "step/moves_downhill" in shown.out
    assert "steps_twice_as_far" in shown.out
    assert "t1_tiny: proved" in shown.out


def test_a_proved_course_stays_proved(course: TinyCourse, capsys: pytest.CaptureFixture[str]) -> None:
    """The copy that the other tests spoil is itself accepted: what they see is their own doing."""
    assert cli.main(["--course", str(course.root), "validate"]) == 0
    assert capsys.readouterr().err == ""


def test_an_unknown_assignment_is_wrong_usage(course: TinyCourse, capsys: pytest.CaptureFixture[str]) -> None:
    """A slug without a handout ends with exit code 2, and the known slugs."""
    assert cli.main(["--course", str(course.root), "validate", "t2_none"]) == 2
    assert "known: t1_tiny" in capsys.readouterr().err


# The checks


def test_a_vacuous_check_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A check that asks the reference in the student's place cannot fail: the empty skeleton passes it."""
    course.edit(course.checks, WALK, WALK.replace("student", "reference"))
    [notebook] = [line for line in refusals(course) if line.startswith(NOTEBOOK)]
    assert "walk/visits_every_place (passed)" in notebook
    assert "must call the exercise" in notebook


def test_a_check_that_any_answer_passes_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A check that looks at the shape alone lets a mistake pass that it should catch, and says to sharpen it."""
    course.edit(course.checks, WALK, WALK.replace("=0.5)", "=0.5)[:4].shape"))
    lines = refusals(course)
    assert any("`forgets_the_start` passes the check walk/visits_every_place" in line for line in lines)
    assert all("sharpen the check" in line for line in lines if "passes the check" in line)
    [unable] = [line for line in lines if "nothing in it is caught by walk/visits_every_place" in line]
    assert unable.startswith(MISTAKES)
    assert "add a mistake or drop the check" in unable


def test_a_check_that_compares_nothing_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A check without `agree` proves nothing, whatever it calls."""
    course.edit(course.checks, WALK, "student.walk(start, slopes, rate=0.5)")
    assert refusals(course) == [f"{CHECKS}: walk/visits_every_place compares nothing; call `agree` in it"]


def test_a_check_that_raises_on_the_reference_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A check that stumbles over the right answer shows as the grader's error, not as a student's fault."""
    course.edit(course.checks, WALK, f"{WALK}\n    assert reference.walk(start, slopes, rate=0.5) is None")
    lines = refusals(course)
    assert any(line.startswith(f"{SOLUTION}: gets 14 of 20: walk/visits_every_place (error:") for line in lines)


def test_points_that_do_not_add_up_are_refused(course: TinyCourse, refusals: Refusals) -> None:
    """The checks of an exercise are worth what its block in the handout says."""
    course.edit(course.checks, '"walk", points=6', '"walk", points=5')
    [line] = [line for line in refusals(course) if line.startswith(CHECKS)]
    assert "the checks of `walk` are worth 5 points, the handout says 6; make them agree" in line


def test_an_exercise_without_hidden_checks_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """An exercise that no hidden check belongs to is worth nothing, and that is said."""
    course.edit(course.checks, '@pytest.mark.exercise("walk", points=6)', '@pytest.mark.exercise("step", points=6)')
    lines = refusals(course)
    assert any("the checks of `walk` are worth 0 points, the handout says 6" in line for line in lines)
    assert any("the checks of `step` are worth 20 points, the handout says 14" in line for line in lines)


def test_refusals_worth_too_much_are_refused(course: TinyCourse, refusals: Refusals) -> None:
    """Checks that only ask whether bad arguments are refused are worth at most 2 points of an assignment."""
    course.edit(course.checks, "points=12", "points=11")
    course.edit(course.checks, '@pytest.mark.exercise("step", points=2)', '@pytest.mark.exercise("step", points=3)')
    [line] = refusals(course)
    assert line.startswith(CHECKS)
    assert "are worth 3 points together; give them at most 2" in line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('    """The walk holds the start and every place after it."""\n', "", "has no docstring"),
        ('@pytest.mark.exercise("walk", points=6)\n', "", "has no @pytest.mark.exercise"),
        ("import pytest\n", "import pytest\nimport no_such_module\n", "could not be collected"),
    ],
    ids=["no docstring", "no mark", "broken import"],
)
def test_checks_that_cannot_be_collected_are_refused(
    course: TinyCourse, refusals: Refusals, old: str, new: str, said: str
) -> None:
    """A check without a sentence or points, or a file that cannot be imported, is refused by the file's name."""
    course.edit(course.checks, old, new)
    [line] = refusals(course)
    assert course.checks.name in line
    assert said in line


def test_missing_checks_are_refused(course: TinyCourse, refusals: Refusals) -> None:
    """An assignment without hidden checks cannot be graded."""
    course.checks.unlink()
    [line] = refusals(course)
    assert f"{CHECKS} is missing" in line


# The catalogue


def test_a_mistake_that_is_no_mistake_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A variant that gives the right answers is caught nowhere."""
    course.edit(course.mistakes, "return x - 2 * rate * slope", "return x - rate * slope")
    [line] = [line for line in refusals(course) if "steps_twice_as_far" in line and line.startswith(MISTAKES)]
    assert "`steps_twice_as_far` passes the check step/moves_downhill" in line
    assert "it is caught by none" in line
    assert "sharpen the check, or it is no mistake" in line


def test_a_mistake_diagnosed_as_another_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """Two mistakes with the same answers cannot be told apart: the second would be named wrongly."""
    course.edit(course.mistakes, "return x - 0 * rate * slope", "return x - 2 * rate * slope")
    [line] = refusals(course)
    assert line.startswith(f"{MISTAKES}: `stays` is diagnosed as 'step: goes 2 times as far as it should'")
    assert "make their answers differ or merge the two" in line


def test_a_mistake_charged_in_another_exercise_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """One mistake is charged once; an exercise that fails in a way of its own because of it would be charged again."""
    course.edit(
        course.mistakes,
        'message = ""' if False else "    return x - 2 * rate * slope",
        "    import inspect\n    caller = inspect.stack()[1].function\n"
        "    return x - (3 if caller == 'walk' and 'worker' in __import__('sys').argv[0] else 2) * rate * slope",
    )
    [line] = refusals(course)
    assert line.startswith(f"{MISTAKES}: `steps_twice_as_far` is charged in another exercise too: walk/visits_every_place")
