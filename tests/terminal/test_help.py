"""`autograder --help` and what else a user meets first."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_course

from autograder import cli
from autograder.course import Course

COMMANDS = sorted(
    path.stem for path in Path(cli.commands.__path__[0]).glob("[a-z]*.py") if path.stem not in cli.NO_COMMAND
)
HEAVY = ("torch", "numpy", "nbgrader", "nbconvert", "matplotlib", "pytest", "distributed", "rich", "sqlalchemy")
LOADED = """
import contextlib, io, json, sys
from autograder import cli
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    cli.main(sys.argv[1:])
print(json.dumps([name for name in {heavy!r} if name in sys.modules]))
"""


def help_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `autograder … --help` prints."""
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--help"], ["grade", "--help"], ["completion", "bash"]], ids=" ".join)
def test_help_and_completion_load_nothing_heavy(arguments: list[str]) -> None:
    """Neither torch nor nbgrader nor matplotlib: they take seconds, and a shell may ask at each start."""
    command = [sys.executable, "-c", LOADED.format(heavy=HEAVY), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_has_examples_and_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Examples that name the command; what 0 and 2 mean."""
    text = help_of(capsys, command)
    examples, codes = text.split("\nexamples:\n")[1].split("exit code: ")
    assert f"autograder {command}" in examples
    assert codes.startswith("0 ")
    assert " 2 " in codes


def test_the_list_has_every_command_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Each module of autograder/commands but the shared ones."""
    text = help_of(capsys)
    assert [command for command in COMMANDS if f"\n    {command} " not in text] == []


@pytest.mark.parametrize(("given", "meant"), [("grad", "grade"), ("exprot", "export"), ("doc", "doctor")])
def test_an_unknown_command_names_the_nearest(given: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And all that there are; exit code 2."""
    with pytest.raises(SystemExit) as ended:
        cli.main([given])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"there is no '{given}' (did you mean '{meant}'?)" in said
    assert "validate" in said


@pytest.mark.parametrize("given", ["t1_tiney", "tiny", "t1"])
def test_an_unknown_assignment_names_the_nearest(tiny: Course, given: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong letter, a part of the name, its beginning; exit code 2."""
    assert cli.main(["--course", str(tiny.root), "build", given]) == 2
    assert f"There is no assignment '{given}' (did you mean '{tiny_course.SLUG}'?)" in capsys.readouterr().err


def test_where_nothing_is_near_nothing_is_suggested(tiny: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """The known ones are listed."""
    assert cli.main(["--course", str(tiny.root), "build", "zzz"]) == 2
    said = capsys.readouterr().err
    assert "did you mean" not in said
    assert f"known: {tiny_course.SLUG}" in said


def test_a_command_that_needs_a_course_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outside a course `build` is wrong usage; a folder that was named and is none is so for every command."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["build"]) == 2
    assert "is not in a course" in capsys.readouterr().err
    assert cli.main(["--course", str(tmp_path), "completion", "bash"]) == 2
    assert "Use --course FOLDER" in capsys.readouterr().err
