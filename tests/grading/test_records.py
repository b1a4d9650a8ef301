"""What has been graded is not graded again, until anything that the grade depends on changes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course
from test_command import RIGHT, TWICE
from test_intake import write

from autograder.course import Course
from autograder.grading import api, versions
from autograder.grading.examine import Examiner
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.zygote import Zygote

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


def test_what_nbgrader_writes_makes_no_record_stale(
    course: Course, inbox: Path, graded: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time stamp, a receipt, pages of feedback, data: no grade depends on them."""
    folder = course.root / "submitted" / "ada" / SLUG
    write(folder / f"{SLUG}.py", TWICE)
    assert graded(course, course.root / "submitted") == (1, [8.0])
    for name in ("timestamp.txt", "submission_secret.txt", "feedback/page.html", "data.csv", f"test_{SLUG}.py"):
        write(folder / name, "2030-10-01 18:00:00 UTC")
    monkeypatch.setattr(api, "_lasting_sandbox", None)
    assert api.grade_folder(course.root, folder, "ada", SLUG).score == 8.0
    assert graded(course, course.root / "submitted") == (0, [8.0])


def test_a_class_that_is_recorded_starts_no_zygote(
    course: Course, inbox: Path, graded: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is the course read again for each student."""
    for number in range(20):
        write(course.root / "submitted" / f"s{number}" / SLUG / f"{SLUG}.py", f"{RIGHT}\n# {number}\n")
    assert graded(course, course.root / "submitted")[0] == 20
    frozen: list[str] = []
    original = versions.freeze
    monkeypatch.setattr(versions, "freeze", lambda course, slug: frozen.append(slug) or original(course, slug))
    monkeypatch.setattr(Zygote, "__init__", None)
    results = [
        api.grade_folder(course.root, course.root / "submitted" / f"s{number}" / SLUG, f"s{number}", SLUG)
        for number in range(20)
    ]
    assert {result.score for result in results} == {20.0}
    assert frozen == [SLUG]


def test_nbgrader_sees_checks_that_were_edited(
    course: Course, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the process that asks goes on, as a server with formgrader does."""
    monkeypatch.setattr(api, "_lasting_sandbox", lambda root: sandbox)
    folder = course.root / "submitted" / "ada" / SLUG
    write(folder / f"{SLUG}.py", RIGHT)
    before = api.grade_folder(course.root, folder, "ada", SLUG)
    assert api.grade_folder(course.root, folder, "ada", SLUG) == before
    checks = course.assignment(SLUG).checks
    checks.write_text(checks.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
    after = api.grade_folder(course.root, folder, "ada", SLUG)
    assert after.version != before.version
    assert after.score == before.score == 20.0


def test_a_folder_is_not_taken_for_its_file(course: Course, inbox: Path, graded: Count, grade) -> None:
    """A single file counts whatever its name, in a folder the name matters: a note says so."""
    path = write(inbox / "ada" / f"ada_{SLUG}.py", RIGHT)
    assert grade(course, path)["submissions"][0]["notes"] == []
    folder = course.root / "submitted" / "ada" / SLUG
    write(folder / path.name, RIGHT)
    assert "was graded in its place" in grade(course, folder)["submissions"][0]["notes"][0]
