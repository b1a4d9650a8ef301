"""`autograder report`: what it writes, and what it says of wrong usage."""

import json
from pathlib import Path

import pytest
import tiny_course
from results import check, result

from autograder import cli
from autograder.course import Course
from autograder.grading.result import to_json


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The tiny course, nothing graded."""
    root = tmp_path / "course"
    root.mkdir()
    tiny_course.write(root)
    return Course(root)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Results of two students in a file."""
    rows = [
        result("ada", check("step/one")),
        result("bob", check("step/one", "failed", diagnosis="step: walks uphill")),
    ]
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"version": 1, "submissions": [to_json(one) for one in rows]}), encoding="utf-8")
    return path


def run(course: Course, *arguments: object) -> int:
    """The exit code of `autograder report`."""
    return cli.main(["--course", str(course.root), "report", *map(str, arguments)])


def test_the_page_is_written_and_named(
    course: Course, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Exit code 0, the page's path on the output, its content from the results."""
    page = tmp_path / "class.html"
    assert run(course, results, "--output", page) == 0
    assert capsys.readouterr().out == f"{page}\n"
    assert "walks uphill" in page.read_text(encoding="utf-8")


def test_the_roster_adds_who_is_missing(course: Course, results: Path, tmp_path: Path):
    """A student of the roster without any hand-in is in trouble."""
    roster = tmp_path / "students.csv"
    roster.write_text("id,first_name\nada,Ada\nzoe,Zoë\n", encoding="utf-8")
    assert run(course, results, "--roster", roster, "--output", tmp_path / "page.html", "--no-code") == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<bdi>zoe</bdi>" in page
    assert "Code was not compared" in page


def test_only_the_assignments_asked_for(course: Course, results: Path, tmp_path: Path):
    """`--assignment` of a course's assignment keeps its results."""
    assert run(course, results, "--assignment", "t1_tiny", "--output", tmp_path / "page.html") == 0
    assert "2 scores" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Nothing has been graded"),
        (["nowhere.json"], "nowhere.json: cannot be read"),
        (["broken.json"], "broken.json: holds no results"),
        (["results.json", "--assignment", "a9_clipping"], "There is no assignment 'a9_clipping'"),
        (["results.json", "--output", "nowhere/page.html"], "is no file in a folder that exists"),
        (["results.json", "--output", "."], "is no file in a folder that exists"),
        (["results.json", "--roster", "nowhere.csv"], "nowhere.csv: cannot be read"),
        (["results.json", "--roster", "other.csv"], "other.csv: has no column `id`"),
        (["results.json", "--roster", "latin.csv"], "latin.csv: is no table in UTF-8"),
    ],
)
def test_wrong_usage_is_told(
    course: Course,
    results: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
):
    """Exit code 2, one line that names the thing, and no page."""
    folder = results.parent
    monkeypatch.chdir(folder)
    (folder / "broken.json").write_text("{}", encoding="utf-8")
    (folder / "other.csv").write_text("name\nada\n", encoding="utf-8")
    (folder / "latin.csv").write_bytes("id\nJürgen\n".encode("latin-1"))
    assert run(course, *arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("autograder: ")
    assert said in error
    assert not list(folder.glob("*.html"))


def test_a_page_that_cannot_be_written_leaves_the_old_one(
    course: Course, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """On a full disk the exit code is 1, the reason is given, and the page of last time is whole."""
    page = tmp_path / "page.html"
    page.write_text("of last time", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    assert run(course, results, "--output", page, "--no-code") == 1
    assert "No space left on device" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "of last time"
