"""`autograder validate` accepts a sound course and refuses each way to spoil one, naming the file and the remedy."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course
from conftest import TinyCourse

from autograder import cli

Refusal = Callable[[TinyCourse], str]
CHECKS = "autograder/hidden/t1_tiny/test_t1_tiny.py"
MISTAKES = "autograder/hidden/t1_tiny/mistakes.py"
MARGINS = "autograder/hidden/t1_tiny/margins.json"
HANDOUT = "assignments/t1_tiny/handout.md"
SOLUTION = "solutions/t1_tiny.py"


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


def test_a_vacuous_check_is_refused(course: TinyCourse, refusal: Refusal) -> None:
    """A check that holds the reference against itself cannot fail: the mistake that it should catch passes."""
    course.edit(course.checks, "agree(student, reference, lambda m: m.walk(", "agree(reference, reference, lambda m: m.walk(")
    course.edit(course.mistakes, 'def forgets_the_start(start, slopes, rate):\n    """leaves the start out"""', "")
    message = refusal(course)
    assert message.startswith(MISTAKES)


def test_a_check_that_compares_nothing_is_refused(course: TinyCourse, refusal: Refusal) -> None:
    """A check without `agree` is the grader's fault."""
    course.edit(course.checks, "    agree(student, reference, lambda m: m.walk(start, slopes, rate=0.5))", "    student.walk(start, slopes, rate=0.5)")
    message = refusal(course)
    assert "walk/visits_every_place" in message
    assert "agree" in message
