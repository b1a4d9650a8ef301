"""Grades are made with a copy of the checks that stays, named by what is in it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course
from test_command import RIGHT, TWICE
from test_intake import write

from autograder.course import Course
from autograder.grading import versions
from autograder.grading.atomic import KeepError

SLUG = tiny_course.SLUG


def test_a_copy_is_the_version_that_it_is_named_after(course: Course) -> None:
    """It has every file that a grade depends on, and gives the same points."""
    assignment = course.assignment(SLUG)
    kept = versions.freeze(course, SLUG)
    assert kept.root == course.state / "versions" / assignment.version
    assert kept.read_sources() == assignment.read_sources()
    assert (kept.version, kept.points) == (assignment.version, assignment.points)
    assert {path.name for path in kept.sources} == {
        f"{SLUG}.py", f"{SLUG}.ipynb", "handout.md", f"test_{SLUG}.py", "mistakes.py",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["marking.md", "pictures.py", "styles/another.py", "__pycache__/test.pyc"])
def test_what_no_grade_depends_on_changes_no_version(course: Course, name: str) -> None:
    """How questions are marked, what feedback draws, what proves the checks."""
    before = course.assignment(SLUG).version
    path = course.assignment(SLUG).hidden / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("changed")
    assert Course(course.root).assignment(SLUG).version == before


def test_each_version_is_kept(course: Course) -> None:
    """The old one stays as it was."""
    old = versions.freeze(course, SLUG)
    text = old.checks.read_text(encoding="utf-8")
    checks = course.assignment(SLUG).checks
    checks.write_text(text.replace("rate=0.5", "rate=0.25"), encoding="utf-8")
    new = versions.freeze(Course(course.root), SLUG)
    assert new.version != old.version
    assert versions.frozen(course, SLUG, old.version).checks.read_text(encoding="utf-8") == text
    assert versions.frozen(course, SLUG, new.version).checks.read_text(encoding="utf-8") == checks.read_text()


@pytest.mark.parametrize("damage", [lambda path: path.write_text("changed"), Path.unlink])
def test_a_damaged_copy_is_made_anew_where_it_can_be(course: Course, damage: Callable[[Path], object]) -> None:
    """By the next run with these checks; a replay says that it is damaged."""
    kept = versions.freeze(course, SLUG)
    damage(kept.checks)
    with pytest.raises(KeepError, match=rf"{SLUG}: this version of its checks is damaged \("):
        versions.frozen(course, SLUG, kept.version)
    assert versions.freeze(course, SLUG).version == kept.version
    assert versions.frozen(course, SLUG, kept.version).checks.is_file()


def test_a_copy_with_a_strange_file_is_refused(course: Course) -> None:
    """It would be collected with the checks."""
    kept = versions.freeze(course, SLUG)
    (kept.hidden / "strange.py").write_text("")
    with pytest.raises(KeepError, match="holds files that are not of this version of t1_tiny; remove that folder"):
        versions.freeze(course, SLUG)


def test_a_version_that_was_not_kept_is_gone(course: Course) -> None:
    """The message says where it may be found."""
    with pytest.raises(KeepError, match=r"is gone \(.*versions/ab.*in a backup"):
        versions.frozen(course, SLUG, "ab")


def test_checks_that_change_during_a_run_do_not_mix_in(
    course: Course, inbox: Path, grade: Callable[..., dict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of a run is graded with the checks of its beginning, and recorded under their version."""
    before = course.assignment(SLUG).version
    for name, text in [("ada", RIGHT), ("bo", TWICE)]:
        write(inbox / f"{name}_{SLUG}.py", text)
    original = versions.frozen

    def edited(*arguments: object) -> object:
        course.assignment(SLUG).checks.write_text("not Python")
        course.assignment(SLUG).solution.write_text("not Python")
        return original(*arguments)

    monkeypatch.setattr(versions, "frozen", edited)
    document = grade(course, inbox)
    assert [(one["score"], one["version"]) for one in document["submissions"]] == [(20.0, before), (8.0, before)]


def test_checks_that_cannot_be_collected_are_named_where_they_are_edited(
    course: Course, inbox: Path, grade: Callable[..., dict]
) -> None:
    """Not where their copy lies."""
    checks = course.assignment(SLUG).checks
    checks.write_text("not Python")
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    [result] = grade(course, inbox)["submissions"]
    assert result["status"] == "error"
    assert f"\n{checks.relative_to(course.root)}:1: in <module>" in result["message"]
    assert "versions" not in result["message"]


def test_the_engine_is_all_that_is_loaded_to_grade() -> None:
    """What is loaded beside it changes no grade, and no record."""
    program = "import autograder.grading.local, sys; print(*(n for n in sys.modules if n.startswith('autograder.')))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    parts = {name.split(".")[1] for name in said.split()}
    assert parts == {part.removesuffix(".py") for part in versions.ENGINE}


def test_the_engine_is_named_with_what_computes() -> None:
    """A digest of its code, the versions of Python, torch and numpy."""
    words = versions.engine().split()
    assert words[1::2] == ["Python", "torch", "numpy"]
    assert len(words[0]) == 16
