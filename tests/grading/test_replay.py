"""A recorded grade can be made again: from the kept bytes, with the recorded seed and the checks of that time."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course
from test_command import RIGHT, TWICE
from test_intake import notebook, write

from autograder import cli
from autograder.course import Course
from autograder.grading import replay, versions

SLUG = tiny_course.SLUG
Grade = Callable[..., dict]
Replay = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def again(grade: Grade, capsys: pytest.CaptureFixture[str]) -> Replay:
    """`autograder grade --replay`: the exit code and the lines, those of errors among them."""

    def run(course: Course, *targets: Path | str) -> tuple[int, list[str]]:
        capsys.readouterr()
        code = cli.main(["--course", str(course.root), "grade", "--jobs", "1", "--replay", *map(str, targets)])
        said = capsys.readouterr()
        return code, (said.out + said.err).splitlines()

    return run


def files(folder: Path) -> dict[Path, tuple[int, int]]:
    """All files beneath a folder, with what a change would change."""
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_a_grade_is_made_again_whatever_has_changed_since(
    course: Course, inbox: Path, grade: Grade, again: Replay
) -> None:
    """The hand-in is gone and the checks are others; nothing is recorded."""
    write(inbox / f"ada_{SLUG}.py", TWICE)
    [result] = grade(course, inbox)["submissions"]
    shutil.rmtree(inbox)
    for path in (course.assignment(SLUG).checks, course.assignment(SLUG).solution):
        path.write_text("not Python")
    before = files(course.state)
    assert again(course, f"ada/{SLUG}") == (
        0,
        [f"ada/{SLUG}: same (8/20, seed {result['seed']}, checks {result['version'][:12]})"],
    )
    assert files(course.state) == before


HAND_INS = {
    "a module": {f"{SLUG}.py": RIGHT.encode()},
    "a notebook": {f"{SLUG}.ipynb": notebook(TWICE).encode()},
    "both": {f"{SLUG}.py": RIGHT.encode(), f"{SLUG}.ipynb": notebook(TWICE).encode()},
    "another name": {"mine.py": TWICE.encode()},
    "two other names": {"mine.py": TWICE.encode(), "yours.py": RIGHT.encode()},
    "a damaged notebook": {f"{SLUG}.ipynb": b"{"},
    "a damaged notebook and a module": {f"{SLUG}.ipynb": b"{", f"{SLUG}.py": TWICE.encode()},
    "a large module": {f"{SLUG}.py": b"#" * (1 << 21)},
    "no text": {f"{SLUG}.py": b"\xff\xfe"},
    "nothing": {},
}


def test_grades_of_all_kinds_are_made_again(course: Course, grade: Grade, again: Replay, tmp_path: Path) -> None:
    """Folders and single files, readable or not, right or wrong; notes and messages are the same."""
    submitted = course.root / "submitted"
    for student, content in HAND_INS.items():
        folder = submitted / student / SLUG
        folder.mkdir(parents=True)
        for name, data in content.items():
            (folder / name).write_bytes(data)
    (submitted / "links" / SLUG).mkdir(parents=True)
    (submitted / "links" / SLUG / f"{SLUG}.ipynb").symlink_to("/etc/passwd")
    (submitted / "a folder" / SLUG / f"{SLUG}.ipynb").mkdir(parents=True)
    write(tmp_path / f"single_{SLUG}.py", TWICE)
    document = grade(course, submitted, tmp_path / f"single_{SLUG}.py")
    assert len(document["submissions"]) == len(HAND_INS) + 3
    assert {one["status"] for one in document["submissions"]} == {"graded", "unreadable"}
    code, lines = again(course, tmp_path / "report.json")
    assert code == 0, lines
    assert len(lines) == len(HAND_INS) + 3
    assert all(": same (" in line for line in lines)


def test_a_grade_of_older_checks_is_made_with_them(course: Course, inbox: Path, grade: Grade, again: Replay) -> None:
    """Grades of two versions side by side, each with its own."""
    path = write(inbox / f"ada_{SLUG}.py", TWICE)
    checks = course.assignment(SLUG).checks
    names = []
    for points in (12, 10):
        checks.write_text(checks.read_text().replace('"step", points=12', f'"step", points={points}'))
        names.append(grade(Course(course.root), path)["submissions"][0]["record"])
        course.assignment(SLUG).__dict__.clear()
    code, lines = again(course, *(name[:8] for name in names))
    assert (code, [line.split(" (")[1].split(",")[0] for line in lines]) == (0, ["8/20", "8/20"])
    assert len({line.split("checks ")[1] for line in lines}) == 2


def test_a_grade_that_was_changed_by_hand_is_found_out(
    course: Course, inbox: Path, grade: Grade, again: Replay, tmp_path: Path
) -> None:
    """Each difference is a line; exit code 1."""
    write(inbox / f"ada_{SLUG}.py", TWICE)
    document = grade(course, inbox)
    [result] = document["submissions"]
    result["score"], result["checks"][0]["status"], result["checks"][0]["diagnosis"] = 20.0, "passed", None
    del result["checks"][1]
    result["checks"].append({**result["checks"][1], "name": "step/other"})
    path = write(tmp_path / "changed.json", json.dumps({"version": 1, "submissions": [result]}))
    code, lines = again(course, path)
    assert code == 1
    assert lines[0].startswith(f"ada/{SLUG}: differs (20/20")
    assert lines[1:] == [
        "  score was 20.0, is 8.0",
        "  step/moves_downhill: status was 'passed', is 'failed'",
        "  step/moves_downhill: diagnosis was None, is 'step: goes 2 times as far as it should'",
        "  step/other: was passed, is not there now",
        "  step/refuses_a_negative_rate: was not there, is passed now",
    ]


def test_a_changed_engine_is_named(
    course: Course, inbox: Path, grade: Grade, again: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grade may be the same all the same."""
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    grade(course, inbox)
    then = versions.engine()
    monkeypatch.setattr(versions, "engine", lambda: "another")
    code, lines = again(course, f"ada/{SLUG}")
    assert code == 0
    assert lines[1:] == [f"  the engine has changed: then {then}; now another"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (
            f"adda/{SLUG}",
            f"There is no recorded grade 'adda/{SLUG}' (did you mean 'ada/{SLUG}'?); name STUDENT/ASSIGNMENT",
        ),
        ("zzz", "There is no recorded grade 'zzz'; name STUDENT/ASSIGNMENT, a record, or a --json file."),
        ("", "There is no recorded grade ''"),
        ("0123456789abcdef", "There is no recorded grade '0123456789abcdef'"),
        ("../../ada/..", "There is no recorded grade"),
        (__file__, "holds no results"),
    ],
)
def test_a_grade_that_there_is_not_is_wrong_usage(
    course: Course, inbox: Path, grade: Grade, again: Replay, target: str, said: str
) -> None:
    """Names that are close are told."""
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    grade(course, inbox)
    code, lines = again(course, target)
    assert code == 2
    assert said in lines[0]


def test_too_short_a_name_of_a_record_is_refused(course: Course, again: Replay) -> None:
    """Where several records begin with it."""
    for name in ("abcdef0", "abcdef1"):
        write(course.state / "records" / SLUG / f"{name}.json", "{}")
    assert again(course, "abcdef") == (2, ["autograder: 2 records begin with abcdef; give more digits of its name."])


def test_what_cannot_be_made_again_is_said(course: Course, inbox: Path, grade: Grade, again: Replay) -> None:
    """Bytes or checks that are gone, a record that is damaged, an archive that could not be read; the others are made again."""
    for name in ("ada", "bo"):
        write(inbox / f"{name}_{SLUG}.py", RIGHT.replace("A walk", name))
    archive = write(inbox / f"eve_{SLUG}.zip", "no archive")
    document = grade(course, inbox / f"ada_{SLUG}.py", inbox / f"bo_{SLUG}.py", archive)
    ada, bo, eve = document["submissions"]
    digest = ada["files"][0][1]
    (course.state / "hand_ins" / digest[:2] / digest).unlink()
    code, lines = again(course, *(f"{name}/{SLUG}" for name in ("ada", "bo", "eve")))
    assert code == 1
    assert f"the bytes of ada_{SLUG}.py that were graded are gone" in lines[0]
    assert lines[1].startswith(f"bo/{SLUG}: same")
    assert "no bytes were kept, for nothing of the archive could be read" in lines[2]
    shutil.rmtree(course.state / "versions")
    code, lines = again(course, f"bo/{SLUG}")
    assert (code, "this version of its checks is gone" in lines[0]) == (1, True)
    (course.state / "records" / SLUG / f"{bo['record']}.json").write_text("{}")
    code, lines = again(course, bo["record"])
    assert (code, lines[0].startswith(f"autograder: The record of {bo['record']} is damaged")) == (1, True)
    assert eve["files"] == []


def test_a_result_of_an_older_kit_cannot_be_made_again(course: Course, tmp_path: Path, again: Replay) -> None:
    """It says neither files nor checks."""
    old = {"student": "ada", "assignment": SLUG, "path": "x.py", "score": 1.0, "max_score": 2.0, "seed": "00"}
    path = write(
        tmp_path / "old.json",
        json.dumps({"version": 1, "submissions": [{**old, "status": "graded", "isolation": "none"}]}),
    )
    code, lines = again(course, path)
    assert (code, "the result is of an older kit or of no grading" in lines[0]) == (1, True)


def test_a_grade_that_needs_a_gpu_says_so(
    course: Course, inbox: Path, grade: Grade, tmp_path: Path, again: Replay
) -> None:
    """Where none is."""
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    document = grade(course, inbox)
    document["submissions"][0]["devices"] = ["cuda", "simulated"]
    path = write(tmp_path / "cuda.json", json.dumps({"version": 1, "submissions": document["submissions"]}))
    if replay.Local(1, "auto").devices != ("simulated",):
        pytest.skip("torch sees a CUDA device here")
    assert again(course, path) == (
        1, ["autograder: --device cuda: torch sees no CUDA device here; use --device auto or cpu."],
    )  # fmt: skip
