"""Pictures of a submission: asked of the student's code in the sandbox; what goes wrong there costs the picture only."""

from pathlib import Path

import pictured_course
import pytest
from pictured_course import FROM_THE_START, RIGHT
from tiny_course import SLUG

from autograder.course import Course
from autograder.feedback.gallery import Gallery, Shown
from autograder.sandbox.zygote import SandboxError


def shown(gallery: Gallery, code: str, *exercises: str) -> dict[str, Shown]:
    """The pictures of a module in these exercises."""
    return gallery.of(SLUG, set(exercises or ("step", "walk")), {f"{SLUG}.py": code.encode()})


def test_a_wrong_answer_is_drawn_beside_the_right_one(gallery: Gallery) -> None:
    """The picture, its caption, and the same in words."""
    found = shown(gallery, FROM_THE_START)
    assert set(found) == {"walk"}
    assert found["walk"].caption == "A walk of five steps."
    assert found["walk"].words.startswith("Yours and the right one agree up to step 1 and part there.")
    assert found["walk"].words.endswith("at step 5: yours is −0.5, the right one −2.5.")
    assert found["walk"].svg.startswith("<svg")


def test_a_right_answer_needs_no_picture(gallery: Gallery) -> None:
    """Where both coincide there is nothing to be seen."""
    assert shown(gallery, RIGHT) == {}


def test_only_exercises_that_failed_are_drawn(gallery: Gallery) -> None:
    """A picture that nobody asked for is not made."""
    assert shown(gallery, FROM_THE_START, "step") == {}


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import os; os._exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "raise SystemExit",
        "raise ValueError('no')",
        "return 'rubbish'",
        "return None",
        "return [float('nan')] * 10**6",
        "return torch.ones(5, 5, 5)",
        "return {'a': object()}",
        "return walk(start, slopes, rate)",
        "return (lambda: 1)",
        "return bytearray(2**34)",
    ],
)
def test_code_that_fails_costs_its_own_picture_only(gallery: Gallery, body: str) -> None:
    """A hang, an end, a crash, rubbish: the other exercise, wrong too, is drawn all the same."""
    wrong_step = RIGHT.replace("x - rate * slope", "x + rate * slope")
    found = shown(gallery, f"{wrong_step}\ndef walk(start, slopes, rate):\n    {body}\n")
    assert set(found) == {"step"}


def test_infinities_are_drawn(gallery: Gallery) -> None:
    """They are numbers, and the words say so."""
    found = shown(gallery, RIGHT.replace("x - rate * slope", "x / 0 * slope"))
    assert "infinite" in found["step"].words


def test_the_worked_file_of_two_is_drawn(gallery: Gallery, course: Course) -> None:
    """As in grading, the released file beside it counts for nothing."""
    released = (course.assignment(SLUG).folder / f"{SLUG}.ipynb").read_bytes()
    found = gallery.of(SLUG, {"walk"}, {f"{SLUG}.ipynb": released, f"{SLUG}.py": FROM_THE_START.encode()})
    assert set(found) == {"walk"}


def test_files_that_cannot_be_read_have_no_picture(gallery: Gallery) -> None:
    """Nor have hand-ins without a file."""
    assert gallery.of(SLUG, {"walk"}, {f"{SLUG}.ipynb": b"{ no notebook"}) == {}
    assert gallery.of(SLUG, {"walk"}, {}) == {}


def test_an_author_s_mistake_is_no_student_s(tmp_path: Path) -> None:
    """A picture that fails on the reference is a fault of the course, by name, with the command that finds it."""
    course = pictured_course.write(tmp_path)
    file = course.assignment(SLUG).hidden / "pictures.py"
    file.write_text(file.read_text().replace("return m.walk(", "return m.wander("), encoding="utf-8")
    with Gallery(course) as gallery, pytest.raises(SandboxError, match=r"`path` fails on the reference.*validate"):
        shown(gallery, FROM_THE_START + "\nwander = walk\n")
