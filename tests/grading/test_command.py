"""`autograder grade`: what it reads, what it prints, what it writes, how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tiny_course
from test_intake import notebook, write

from autograder import cli
from autograder.course import Course
from autograder.sandbox.sandbox import Sandbox

SLUG = tiny_course.SLUG
RIGHT = tiny_course.SOLUTION
TWICE = RIGHT.replace("return x - rate * slope", "return x - 2 * rate * slope")


def without_times(document: dict[str, Any]) -> dict[str, Any]:
    """The JSON with every time set to 0."""
    for submission in document["submissions"]:
        submission["cpu_seconds"] = 0.0
        for check in submission["checks"]:
            check["seconds"] = 0.0
    return document


def table(output: str) -> dict[str, str]:
    """The lines of the table by student."""
    return {line.split()[0]: " ".join(line.split()[1:]) for line in output.splitlines() if line.strip()}


# Exit codes


def test_all_graded_is_success_whatever_the_scores(tiny: Course, inbox: Path, grade) -> None:
    """Exit code 0: right and wrong work, the untouched skeleton, a notebook without a single cell."""
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    write(inbox / f"bo_{SLUG}.py", TWICE)
    write(inbox / f"chen_{SLUG}.ipynb", (tiny.root / "assignments" / SLUG / f"{SLUG}.ipynb").read_text())
    write(inbox / f"dee_{SLUG}.ipynb", notebook())
    document = grade(tiny, inbox)
    assert document["exit"] == 0
    assert [one["score"] for one in document["submissions"]] == [20.0, 8.0, 0.0, 0.0]
    assert {one["status"] for one in document["submissions"]} == {"graded"}


def test_an_unreadable_submission_is_reported_and_the_rest_is_graded(
    tiny: Course, inbox: Path, grade, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1; the message stands in the table and in the JSON."""
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    write(inbox / f"bo_{SLUG}.ipynb", '{"cells": [')
    write(inbox / "stray.py", RIGHT)
    os.mkfifo(inbox / f"pipe_{SLUG}.ipynb")
    document = grade(tiny, inbox)
    assert document["exit"] == 1
    by_student = {one["student"]: one for one in document["submissions"]}
    assert by_student["ada"]["score"] == 20.0
    assert by_student["bo"]["status"] == "unreadable"
    assert by_student["bo"]["score"] == 0.0
    assert by_student["bo"]["checks"] == []
    assert "stops in the middle" in by_student["bo"]["message"]
    assert by_student["pipe"]["status"] == by_student["inbox"]["status"] == "unreadable"
    assert table(capsys.readouterr().out)["bo"].startswith(f"{SLUG} – unreadable bo_{SLUG}.ipynb stops in the middle")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no_such_file.py"], "no_such_file.py does not exist"),
        ([".", "--assignment", "t2_none"], "There is no assignment 't2_none'"),
        (["empty"], "no submission found"),
        (["notes.txt"], "is not named like an assignment"),
        ([f"ada_{SLUG}.py", "--json", "no/such/folder/report.json"], "no/such/folder"),
    ],
    ids=["path", "assignment", "nothing", "name", "json"],
)
def test_wrong_usage_is_told_before_anything_is_graded(
    tiny: Course, inbox: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments, said
) -> None:
    """Exit code 2 and one line that says what to do."""
    monkeypatch.chdir(inbox)
    (inbox / "empty").mkdir()
    write(inbox / "notes.txt")
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    assert cli.main(["--course", str(tiny.root), "grade", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("autograder: ")
    assert said in error


@pytest.mark.parametrize(
    "arguments", [[], ["grade"], ["grade", "x", "--jobs", "0"], ["grade", "x", "--device", "tpu"], ["grad", "x"]]
)
def test_a_mistyped_command_is_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """Exit code 2 with the usage."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: autograder" in capsys.readouterr().err


def test_outside_a_course_there_is_nothing_to_grade(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2; the message says what a course is and how to name one."""
    assert cli.main(["--course", str(inbox), "grade", "x.py"]) == 2
    assert "Use --course FOLDER" in capsys.readouterr().err


def test_broken_checks_are_an_error_and_no_zero(course: Course, inbox: Path, grade) -> None:
    """A fault of the grader: exit code 1, status `error`, a message that names the check."""
    checks = course.assignment(SLUG).checks
    text = checks.read_text(encoding="utf-8")
    checks.write_text(
        text.replace("    start, slopes =", "    assert start is None\n    start, slopes ="), encoding="utf-8"
    )
    document = grade(course, write(inbox / f"ada_{SLUG}.py", RIGHT))
    [one] = document["submissions"]
    assert (document["exit"], one["status"]) == (1, "error")
    assert "walk/visits_every_place failed on the reference itself: UnboundLocalError" in one["message"]
    assert [check["status"] for check in one["checks"]] == ["passed", "passed", "error"]
    assert not (course.state / "records" / SLUG).exists()


def test_checks_that_cannot_be_collected_are_an_error_of_each_submission(course: Course, inbox: Path, grade) -> None:
    """Nobody gets a zero from checks that do not import; each submission says why it was not graded."""
    course.assignment(SLUG).checks.write_text("import no_such_module\n", encoding="utf-8")
    for name in ("ada", "bo"):
        write(inbox / f"{name}_{SLUG}.py", RIGHT)
    document = grade(course, inbox)
    assert document["exit"] == 1
    assert [one["status"] for one in document["submissions"]] == ["error", "error"]
    assert all("no_such_module" in one["message"] for one in document["submissions"])


# What is written


def test_the_json_holds_what_the_interface_promises(tiny: Course, inbox: Path, grade) -> None:
    """Every key of the schema with its type; keys may be added, none may go."""
    path = write(inbox / f"ada_{SLUG}.py", TWICE)
    document = grade(tiny, path)
    assert document["version"] == 1
    [one] = document["submissions"]
    expected = {
        "student": "ada", "assignment": SLUG, "path": str(path), "score": 8.0, "max_score": 20.0,
        "seed": tiny.seed("ada", SLUG), "status": "graded", "isolation": "landlock+seccomp+rlimits",
    }  # fmt: skip
    assert {key: one[key] for key in expected} == expected
    kinds = {
        "name": str, "exercise": str, "points": float, "score": float, "status": str, "message": str,
        "diagnosis": (str, type(None)), "seconds": float,
    }  # fmt: skip
    for check in one["checks"]:
        assert all(isinstance(check[key], kind) for key, kind in kinds.items())
    failed = one["checks"][0]
    assert (failed["name"], failed["points"], failed["score"]) == ("step/moves_downhill", 12.0, 0.0)
    assert failed["status"] == "failed"
    assert failed["diagnosis"] == "step: goes 2 times as far as it should"
    assert one["checks"][1]["diagnosis"] is None


def test_submissions_are_in_order(tiny: Course, inbox: Path, grade) -> None:
    """Assignment, student, path: however they were named on the command line."""
    paths = [write(inbox / f"{name}_{SLUG}.py", RIGHT) for name in ("chen", "ada", "bo")]
    assert [one["student"] for one in grade(tiny, *paths)["submissions"]] == ["ada", "bo", "chen"]


def test_the_table_says_what_was_wrong(tiny: Course, inbox: Path, grade, capsys: pytest.CaptureFixture[str]) -> None:
    """Score and status, the first diagnosis and how many more; nothing where all is right. Markup is no markup."""
    write(inbox / f"ada_{SLUG}.py", RIGHT)
    write(inbox / f"bo_{SLUG}.py", TWICE)
    write(inbox / f"[red]chen_{SLUG}.py", "pass")
    grade(tiny, inbox)
    rows = table(capsys.readouterr().out)
    assert rows["ada"] == f"{SLUG} 20/20 graded"
    assert rows["bo"] == f"{SLUG} 8/20 graded step: goes 2 times as far as it should"
    assert rows["[red]chen"] == f"{SLUG} 0/20 graded step: missing (and 1 more)"


def test_an_archive_that_escapes_costs_nobody_else(tiny: Course, inbox: Path, grade) -> None:
    """The archive is `unreadable`; the other paths are graded."""
    import zipfile

    with zipfile.ZipFile(inbox / f"eve_{SLUG}.zip", "w") as archive:
        archive.writestr(f"../ada_{SLUG}.py", RIGHT)
    document = grade(tiny, inbox / f"eve_{SLUG}.zip", write(inbox / f"ada_{SLUG}.py", RIGHT))
    assert document["exit"] == 1
    assert [(one["student"], one["status"]) for one in document["submissions"]] == [
        ("ada", "graded"),
        ("eve", "unreadable"),
    ]


# Seeds


def test_every_student_has_the_seed_that_the_secret_gives(tiny: Course, inbox: Path, grade) -> None:
    """The seed depends on student and assignment, and is in the result."""
    for name in ("ada", "bo"):
        write(inbox / f"{name}_{SLUG}.py", RIGHT)
    seeds = [one["seed"] for one in grade(tiny, inbox)["submissions"]]
    assert seeds == [tiny.seed("ada", SLUG), tiny.seed("bo", SLUG)]


def test_a_seed_replays_a_grade(tiny: Course, inbox: Path, grade) -> None:
    """Answers that were copied with their numbers pass under the seed they were made for, and under no other."""
    from autograder.checking import Inputs
    from autograder.course import check_seed

    rng = Inputs(check_seed("feed", "step/moves_downhill"))
    answer = (rng.normal(3) - 0.5 * rng.normal(3)).tolist()
    body = f"import torch\ndef step(x, slope, rate):\n    return torch.tensor({answer!r}, dtype=x.dtype)\n"
    path = write(inbox / f"eve_{SLUG}.py", body)
    assert grade(tiny, path, "--seed", "feed")["submissions"][0]["score"] == 12.0
    assert grade(tiny, path, "--seed", "beef")["submissions"][0]["score"] == 0.0
    assert grade(tiny, path)["submissions"][0]["score"] == 0.0


# The same again


def test_two_runs_give_the_same_json(tiny: Course, inbox: Path, grade) -> None:
    """Times aside, a second run that grades everything again writes the very same."""
    for name, text in {
        "ada": RIGHT,
        "bo": TWICE,
        "chen": "import random\ndef step(x, slope, rate): return x + random.random()",
    }.items():
        write(inbox / f"{name}_{SLUG}.py", text)
    first, second = (without_times(grade(tiny, inbox, "--fresh")) for _ in range(2))
    assert first == second


def test_the_console_script_grades_in_several_processes(course: Course, inbox: Path, grade) -> None:
    """`python -m autograder grade … --jobs 2` writes what one process writes, in its own sandboxes."""
    for number in range(9):  # more than one process takes at a time
        write(inbox / f"student{number}_{SLUG}.py", [RIGHT, TWICE, "pass"][number % 3])
    write(inbox / f"zoe_{SLUG}.ipynb", "{")
    alone = without_times(grade(course, inbox, "--fresh"))
    report = inbox / "report.json"
    command = [sys.executable, "-m", "autograder", "--course", course.root, "grade", inbox, "--fresh", "--jobs", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ended = subprocess.run([*command, "--json", report], capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == alone.pop("exit") == 1, ended.stderr
    assert without_times(json.loads(report.read_text(encoding="utf-8"))) == alone
    assert ended.stderr == ""
    assert table(ended.stdout)["student0"] == f"{SLUG} 20/20 graded"


def test_a_sandbox_that_does_not_hold_stops_the_run_and_says_so_once(
    tiny: Course, inbox: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One message with the remedy, exit code 1, no result and no record."""
    monkeypatch.setattr(Sandbox, "escapes", lambda self: ["reads files"])
    for name in ("ada", "bo"):
        write(inbox / f"{name}_{SLUG}.py", RIGHT)
    assert cli.main(["--course", str(tiny.root), "grade", str(inbox), "--fresh", "--jobs", "1"]) == 1
    told = capsys.readouterr()
    assert told.err.count("a confined worker reads files. Nothing was graded.") == 1
    assert "--unsafe" in told.err
    assert told.out == ""
