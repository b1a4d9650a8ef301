"""What has been graded is not graded again, until anything that the grade depends on changes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course
from test_command import RIGHT, TWICE
from test_intake import write

from autograder.course import Course
from autograder.grading import api
from autograder.grading.examine import Examiner

SLUG = tiny_course.SLUG
Count = Callable[..., tuple[int, list[float]]]


@pytest.fixture
def graded(grade, monkeypatch: pytest.MonkeyPatch) -> Count:
    """Runs `autograder grade`; how many submissions were examined, and the scores."""
    examined: list[str] = []
    original = Examiner.grade

    def counted(self, order):
        examined.append(order.submission.student)
        return original(self, order)

    monkeypatch.setattr(Examiner, "grade", counted)

    def run(course: Course, *arguments: Path | str) -> tuple[int, list[float]]:
        examined.clear()
        document = grade(Course(course.root), *arguments)
        return len(examined), [one["score"] for one in document["submissions"]]

    return run


def records(course: Course) -> list[Path]:
    """The files of records."""
    return sorted((course.state / "records" / SLUG).iterdir())


def test_the_same_bytes_are_graded_once(course: Course, inbox: Path, graded: Count) -> None:
    """A second run takes the records, and gives the same; `--fresh` grades again."""
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    write(inbox / f"bo_{SLUG}.py", TWICE)
    assert graded(course, inbox) == (2, [20.0, 8.0])
    assert graded(course, inbox) == (0, [20.0, 8.0])
    assert graded(course, inbox, "--fresh") == (2, [20.0, 8.0])


def test_a_recorded_result_is_the_very_same(course: Course, inbox: Path, grade) -> None:
    """The record holds everything that the JSON shows, seconds included."""
    path = write(inbox / f"ada_{SLUG}.py", TWICE)
    assert grade(course, path) == grade(course, path)


def test_changed_bytes_are_graded_again(course: Course, inbox: Path, graded: Count) -> None:
    """Only the submission that changed; a file that appears beside it counts as a change too."""
    write(inbox / "ada" / f"{SLUG}.py", TWICE)
    write(inbox / "bo" / f"{SLUG}.py", RIGHT)
    assert graded(course, inbox) == (2, [8.0, 20.0])
    write(inbox / "ada" / f"{SLUG}.py", RIGHT)
    assert graded(course, inbox) == (1, [20.0, 20.0])
    write(inbox / "ada" / f"{SLUG}.ipynb", "{")
    assert graded(course, inbox) == (1, [20.0, 20.0])


def test_another_student_with_the_same_bytes_is_graded(course: Course, inbox: Path, graded: Count) -> None:
    """A grade belongs to a student: their inputs differ."""
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    assert graded(course, inbox)[0] == 1
    write(inbox / f"bo_{SLUG}.py", RIGHT)
    assert graded(course, inbox)[0] == 1


@pytest.mark.parametrize("changed", ["checks", "solution", "mistakes", "margins", "handout", "forbidden"])
def test_changed_checks_grade_again(course: Course, inbox: Path, graded: Count, changed: str) -> None:
    """Whatever of the course a grade depends on."""
    assignment = course.assignment(SLUG)
    path = {
        "checks": assignment.checks,
        "solution": assignment.solution,
        "mistakes": assignment.hidden / "mistakes.py",
        "margins": assignment.hidden / "margins.json",
        "handout": assignment.folder / "handout.md",
        "forbidden": assignment.hidden / "forbidden.toml",
    }[changed]
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    assert graded(course, inbox)[0] == 1
    text = path.read_text(encoding="utf-8") if path.exists() else ("{}" if changed == "margins" else "")
    path.write_text(text + "\n", encoding="utf-8")
    assert graded(course, inbox)[0] == 1
    assert graded(course, inbox)[0] == 0


def test_another_seed_device_or_isolation_is_graded_again(course: Course, inbox: Path, graded: Count) -> None:
    """A record is of one way of grading; what was graded without confinement is not taken for confined."""
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    assert graded(course, inbox)[0] == 1
    assert graded(course, inbox, "--seed", "feed")[0] == 1
    assert graded(course, inbox, "--unsafe")[0] == 1
    assert graded(course, inbox)[0] == 0


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"checks": 5}',
        '{"checks": [{}]}',
        '{"checks": [], "devices": [], "notes": []}',
        "\udcff",
    ],
)
def test_a_damaged_record_is_graded_again(course: Course, inbox: Path, graded: Count, damage: str) -> None:
    """A record that cannot be read is as good as none, and is replaced."""
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    assert graded(course, inbox) == (1, [20.0])
    [record] = records(course)
    record.write_bytes(damage.encode("utf-8", "surrogateescape"))
    assert graded(course, inbox) == (1, [20.0])
    assert graded(course, inbox) == (0, [20.0])


def test_a_fault_of_the_grader_is_not_recorded(course: Course, inbox: Path, graded: Count) -> None:
    """The next run grades again."""
    path = course.assignment(SLUG).checks
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    start, slopes =", "    1 / 0\n    start, slopes ="), encoding="utf-8")
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    assert graded(course, inbox)[0] == 1
    assert graded(course, inbox)[0] == 1


def test_an_unreadable_submission_is_recorded_too(course: Course, inbox: Path, grade) -> None:
    """And graded as soon as it can be read."""
    path = write(inbox / f"ada_{SLUG}.ipynb", "{")
    assert [grade(course, path)["exit"] for _ in range(2)] == [1, 1]
    assert json.loads(records(course)[0].read_text())["result"]["status"] == "unreadable"
    write(path, json.dumps({"cells": [{"cell_type": "code", "source": RIGHT}]}))
    assert grade(course, path)["submissions"][0]["score"] == 20.0


def test_a_file_that_may_not_be_opened_stops_nobody(
    course: Course, inbox: Path, grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is unreadable, to the grader and to the record; the others are graded."""
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    write(inbox / f"bo_{SLUG}.py", RIGHT)
    original = Path.read_bytes

    def locked(path: Path) -> bytes:
        if path.name.startswith("ada_"):
            raise PermissionError(13, "Permission denied")
        return original(path)

    monkeypatch.setattr(Path, "read_bytes", locked)
    ada, bo = grade(course, inbox)["submissions"]
    assert (ada["status"], bo["score"]) == ("unreadable", 20.0)
    assert ada["message"] == f"ada_{SLUG}.py cannot be opened (Permission denied)"


def test_nbgraders_question_is_answered_from_the_record(
    course: Course, inbox: Path, graded: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder graded beforehand, where nbgrader keeps it, is not graded again when nbgrader asks; the first time it is."""
    folder = course.root / "submitted" / "ada" / SLUG
    write(folder / f"{SLUG}.py", TWICE)
    monkeypatch.chdir(course.root)
    assert graded(course, Path("submitted")) == (1, [8.0])
    monkeypatch.setattr(api, "_lasting_sandbox", None)
    assert api.grade_folder(course.root, folder, "ada", SLUG).score == 8.0
