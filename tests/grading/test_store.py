"""What has been graded, for those who report and explain it: the latest results, and the bytes that they are of."""

import json
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import tiny_course
from test_command import RIGHT, TWICE
from test_intake import write

from autograder import cli
from autograder.course import Course, CourseError
from autograder.grading import records
from autograder.grading.atomic import KeepError
from autograder.grading.result import SubmissionResult
from autograder.grading.store import hand_in, recorded

SLUG = tiny_course.SLUG
Grade = Callable[..., dict]


def scores(course: Course) -> dict[str, float]:
    """The latest recorded score by student."""
    return {result.student: result.score for result in recorded(course)}


def test_the_latest_grade_is_that_of_the_last_run(course: Course, inbox: Path, grade: Grade) -> None:
    """Also where the last run took an older record, because the bytes are again what they were."""
    write(inbox / f"bo_{SLUG}.py", RIGHT)
    path = inbox / f"ada_{SLUG}.py"
    for text, expected in [(TWICE, 8.0), (RIGHT, 20.0), (TWICE, 8.0)]:
        write(path, text)
        grade(course, inbox)
        assert scores(course) == {"ada": expected, "bo": 20.0}


def test_a_run_with_another_seed_gives_no_latest_grade(course: Course, inbox: Path, grade: Grade) -> None:
    """It is a replay, not the student's grade."""
    path = write(inbox / f"ada_{SLUG}.py", RIGHT)
    grade(course, path, "--seed", "feed")
    with pytest.raises(CourseError, match=r"Nothing has been graded in .*; run `autograder grade` first"):
        recorded(course)


def test_of_two_hand_ins_the_one_named_last_is_the_latest(course: Course, inbox: Path, grade: Grade) -> None:
    """In whatever order they were graded."""
    first = write(inbox / "one" / f"ada_{SLUG}.py", RIGHT)
    second = write(inbox / "two" / f"ada_{SLUG}.py", TWICE)
    grade(course, first, second)
    assert scores(course) == {"ada": 8.0}
    grade(course, second, first)
    assert scores(course) == {"ada": 20.0}


def test_results_are_read_from_the_files_that_are_named(
    course: Course, inbox: Path, grade: Grade, tmp_path: Path
) -> None:
    """As they were written, sorted by assignment and student."""
    for name in ("bo", "ada"):
        write(inbox / f"{name}_{SLUG}.py", RIGHT)
        grade(course, inbox / f"{name}_{SLUG}.py")
        (tmp_path / "report.json").rename(tmp_path / f"{name}.json")
    found = recorded(course, [tmp_path / "bo.json", tmp_path / "ada.json"])
    assert found == [replace(one, path=str(inbox / f"{one.student}_{SLUG}.py")) for one in recorded(course)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read (No such file or directory)"),
        ("", "holds no results"),
        ("[]", "holds no results"),
        ('{"version": 2, "submissions": []}', "is of version 2, this kit reads 1"),
        ('{"version": 1, "submissions": [{}]}', "missing required field `student`"),
        ('{"version": 1, "submissions": 5}', "holds no results"),
        ("[" * 100_000, "holds no results"),
    ],
)
def test_a_file_without_results_is_named(course: Course, tmp_path: Path, content: str | None, said: str) -> None:
    """With what is wrong with it and what to name."""
    path = tmp_path / "results.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CourseError) as refused:
        recorded(course, [path])
    assert str(refused.value).startswith(f"{path}: ")
    assert said in str(refused.value)
    assert str(refused.value).endswith("name a file that `autograder grade --json FILE` wrote.")


def test_a_damaged_record_is_no_grade(course: Course, inbox: Path, grade: Grade) -> None:
    """Nor is one that was removed; the remedy is to grade again, and it works."""
    path = write(inbox / f"ada_{SLUG}.py", TWICE)
    for damage in (lambda file: file.write_bytes(file.read_bytes().replace(b"8.0", b"9.0")), Path.unlink):
        grade(course, path)
        [record] = (course.state / "records" / SLUG).iterdir()
        damage(record)
        with pytest.raises(KeepError, match=rf"A recorded grade is damaged \({record}.*run `autograder grade` again"):
            recorded(course)
    grade(course, path)
    assert scores(course) == {"ada": 8.0}


def test_a_record_in_the_place_of_another_is_damaged(course: Course, inbox: Path, grade: Grade) -> None:
    """A grade that was moved to another name is not that name's grade."""
    for name in ("ada", "bo"):
        write(inbox / f"{name}_{SLUG}.py", RIGHT)
    grade(course, inbox)
    one, other = (course.state / "records" / SLUG).iterdir()
    other.write_bytes(one.read_bytes())
    with pytest.raises(KeepError, match="is the record"):
        recorded(course)


@pytest.mark.parametrize("student", [".", "..", "a b", "ü", "%2E", "x" * 255, "é" * 120, "\udcff", "a\nb", "-rf"])
def test_any_name_has_a_latest_grade(course: Course, student: str) -> None:
    """Whatever a file system lets a folder be called; the pointer's own name is harmless."""
    result = SubmissionResult(student, SLUG, "x.py", 1.0, 2.0, "00", "graded", "none", record="ab" * 32)
    for name in (student, student + "x"):
        records.point(course, replace(result, student=name))
    pointers = list((course.state / "latest" / SLUG).iterdir())
    assert len(pointers) == 2
    assert all(path.name.isascii() and path.name.isprintable() for path in pointers)
    with pytest.raises(records.DamagedError, match="though"):
        records.latest(course, SLUG, student)


def test_the_bytes_that_were_graded_are_kept(course: Course, inbox: Path, grade: Grade) -> None:
    """By name; whatever becomes of the hand-in. The same bytes are kept once."""
    folder = inbox / "ada"
    write(folder / f"{SLUG}.py", TWICE)
    write(folder / f"{SLUG}.ipynb", "{")
    write(inbox / "bo" / f"{SLUG}.py", TWICE)
    grade(course, inbox)
    write(folder / f"{SLUG}.py", "changed")
    ada, bo = recorded(course)
    assert hand_in(course, ada) == {f"{SLUG}.ipynb": b"{", f"{SLUG}.py": TWICE.encode()}
    assert hand_in(course, bo) == {f"{SLUG}.py": TWICE.encode()}
    kept = [path for path in (course.state / "hand_ins").rglob("*") if path.is_file()]
    assert len(kept) == 2


def test_only_what_is_read_is_kept(course: Course, inbox: Path, grade: Grade) -> None:
    """Of the others the result says what stood there."""
    folder = inbox / "ada"
    write(folder / f"{SLUG}.py", RIGHT)
    os.symlink("/etc/passwd", folder / f"{SLUG}.ipynb")
    (folder / "large.py").write_bytes(b"#" * (1 << 21))
    write(folder / "note.txt", "not read")
    [result] = grade(course, folder)["submissions"]
    assert dict(result["files"])[f"{SLUG}.ipynb"] == "link"
    assert dict(result["files"])["large.py"] == f"{1 << 21} bytes"
    assert "note.txt" not in dict(result["files"])
    [found] = recorded(course)
    assert hand_in(course, found).keys() == {f"{SLUG}.py"}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Path.unlink, r"ada, t1_tiny: the bytes of ada_t1_tiny\.py that were graded are gone"),
        (lambda path: path.write_bytes(b"x"), r"ada, t1_tiny: the kept bytes of ada_t1_tiny\.py are damaged"),
    ],
)
def test_bytes_that_are_not_what_they_were_are_not_given_out(
    course: Course, inbox: Path, grade: Grade, damage: Callable[[Path], object], said: str
) -> None:
    """The message says whose, which, where, and what to do; grading again keeps them again."""
    path = write(inbox / f"ada_{SLUG}.py", RIGHT)
    grade(course, path)
    [result] = recorded(course)
    [kept] = (path for path in (course.state / "hand_ins").rglob("*") if path.is_file())
    damage(kept)
    with pytest.raises(KeepError, match=said):
        hand_in(course, result)
    grade(course, path, "--fresh")
    assert hand_in(course, result) == {path.name: RIGHT.encode()}


def test_no_file_outside_of_the_store_is_given_out(course: Course) -> None:
    """Results are a file that may have been edited."""
    result = SubmissionResult("ada", SLUG, "x", 0.0, 20.0, "00", "graded", "none", files=(("../x.py", "link"),))
    with pytest.raises(KeepError, match="is no name of a file"):
        hand_in(course, result)


@pytest.fixture
def small_state(course: Course) -> Iterator[Path]:
    """The folder of the grader's state on a file system of 128 KB."""
    course.state.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(course.state)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield course.state
    subprocess.run(["umount", str(course.state)], check=True)


def test_a_full_disk_loses_no_grade(
    course: Course, inbox: Path, grade: Grade, small_state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 with what to do; what was recorded stays, nothing is half, and the next run completes."""
    for number in range(40):
        write(inbox / f"s{number}_{SLUG}.py", f"{RIGHT}\n# {number}\n")
    assert grade(course, inbox)["exit"] == 1
    assert (
        "cannot be written (No space left on device). Nothing that was there is lost: make room"
        in capsys.readouterr().err
    )
    before = recorded(course)
    assert 0 < len(before) < 40
    assert list(course.scratch.iterdir()) == []
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_state)], check=True)
    assert grade(course, inbox)["exit"] == 0
    after = recorded(course)
    assert len(after) == 40
    assert [one for one in after if one.student in {one.student for one in before}] == before


def test_a_folder_that_may_only_be_read_is_named(
    course: Course, inbox: Path, grade: Grade, small_state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is graded; what is recorded can still be taken from there."""
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_state)], check=True)
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    assert grade(course, inbox)["exit"] == 0
    subprocess.run(["mount", "-o", "remount,ro", str(small_state)], check=True)
    assert grade(course, inbox)["exit"] == 0
    write(inbox / f"bo_{SLUG}.py", RIGHT)
    assert grade(course, inbox)["exit"] == 1
    assert "cannot be written (Read-only file system)" in capsys.readouterr().err
    assert scores(course) == {"ada": 20.0}


def test_an_archive_that_finds_no_room_is_not_charged_to_the_student(
    course: Course, inbox: Path, grade: Grade, small_state: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    """It is the disk that is at fault: nothing is recorded, and with more room it is graded."""
    path = inbox / f"ada_{SLUG}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{SLUG}.py", RIGHT + "#" * (1 << 18))
    monkeypatch.setattr(tempfile, "tempdir", str(small_state))
    assert grade(course, path)["exit"] == 1
    assert "cannot be written (No space left on device)" in capsys.readouterr().err
    monkeypatch.setattr(tempfile, "tempdir", None)
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_state)], check=True)
    assert grade(course, path)["submissions"][0]["score"] == 20.0


def test_without_a_place_for_the_secret_nothing_is_graded(
    course: Course, inbox: Path, grade: Grade, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the folder and the remedy."""
    course.state.write_text("")
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    assert grade(course, inbox)["exit"] == 1
    assert "remove the file that stands where a folder must be" in capsys.readouterr().err


def fill(path: Path) -> None:
    """Writes a file until the disk is full."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


def test_results_on_a_full_disk_leave_the_old_file(
    course: Course, inbox: Path, grade: Grade, small_state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The grades are recorded; the next run writes the file from them."""
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_state)], check=True)
    for number in range(8):
        write(inbox / f"s{number}_{SLUG}.py", RIGHT)
    target = small_state / "results.json"
    command = ["--course", str(course.root), "grade", str(inbox), "--json", str(target), "--jobs", "1"]
    assert cli.main(command) == 0
    old = target.read_bytes()
    filler = small_state / "filler"
    fill(filler)
    assert cli.main(command) == 1
    assert f"{target} cannot be written (No space left on device)" in capsys.readouterr().err
    assert target.read_bytes() == old
    filler.unlink()
    assert cli.main(command) == 0
    assert json.loads(target.read_bytes()) == json.loads(old)
