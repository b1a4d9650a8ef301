"""`autograder completion`: its script in a real shell."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_course

from autograder import cli
from autograder.course import Course

ASK = """
source "$1"
shift
complete -p autograder >/dev/null
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_shtab_autograder
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script for bash, made where there is no course."""
    folder = tmp_path_factory.mktemp("completion")
    command = [sys.executable, "-m", "autograder", "completion", "bash"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    (folder / "autograder.bash").write_text(done.stdout, encoding="utf-8")
    return folder / "autograder.bash"


def offered(script: Path, folder: Path, *words: str) -> list[str]:
    """What bash offers for the last word of `autograder WORDS` in a folder."""
    command = ["bash", "--norc", "-c", ASK, "bash", str(script), "autograder", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_commands_options_and_choices(script: Path, tmp_path: Path) -> None:
    """As the parser has them."""
    assert offered(script, tmp_path, "gr") == ["grade"]
    assert offered(script, tmp_path, "grade", "--assi") == ["--assignment"]
    assert offered(script, tmp_path, "export", "--format", "c") == ["csv", "canvas"]


def test_bash_completes_assignments_of_the_course_around(script: Path, tiny: Course, tmp_path: Path) -> None:
    """As arguments and after --assignment, from any folder of the course; elsewhere there are none."""
    deep = tiny.root / "assignments" / tiny_course.SLUG
    assert offered(script, tiny.root, "build", "t") == [tiny_course.SLUG]
    assert offered(script, deep, "grade", "--assignment", "t1") == [tiny_course.SLUG]
    assert offered(script, tiny.root, "package", "") == [tiny_course.SLUG]
    assert offered(script, tmp_path, "validate", "t1") == []


def test_names_of_folders_are_no_code(script: Path, course: Course) -> None:
    """A folder that is named like a command substitution is offered as it is called; nothing is run."""
    name = "t9_$(touch${IFS}ran)"
    (course.root / "assignments" / name).mkdir()
    (course.root / "assignments" / name / "handout.md").touch()
    assert offered(script, course.root, "build", "t9") == [name]
    assert not (course.root / "ran").exists()


def test_bash_completes_files_and_folders(script: Path, tmp_path: Path) -> None:
    """A path may be a file; --course is a folder."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox.zip").touch()
    assert set(offered(script, tmp_path, "grade", "in")) == {"inbox", "inbox.zip"}
    assert offered(script, tmp_path, "--course", "in") == ["inbox"]


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_can_read_their_script(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It holds the commands and what completes an assignment; the shell itself finds no mistake, where it is installed."""
    assert cli.main(["completion", shell]) == 0
    text = capsys.readouterr().out
    assert "validate" in text
    assert {"zsh": "_autograder_slugs", "tcsh": "`ls assignments`"}[shell] in text
    if found := shutil.which(shell):
        (tmp_path / "script").write_text(text, encoding="utf-8")
        subprocess.run([found, "-n", str(tmp_path / "script")], check=True, capture_output=True)


def test_an_unknown_shell_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """The three are named."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["completion", "zhs"])
    assert ended.value.code == 2
    assert "(did you mean 'zsh'?); choose from bash, zsh, tcsh" in capsys.readouterr().err
