"""GitHub Classroom: the starter repository and its workflow, whose commands are run in a clone as GitHub would run them.

The rules are those of https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax, in our words.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tiny_course
import yaml
from school import SLUG, run

from autograder.course import Course

_STEP = {
    "type": "object",
    "oneOf": [{"required": ["uses"]}, {"required": ["run"]}],  # a step is an action or a command
    "properties": {
        "uses": {"type": "string", "pattern": r"^[\w.-]+/[\w./-]+@[\w.-]+$"},
        "run": {"type": "string", "minLength": 1},
        "name": {"type": "string"},
        "with": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
    },
    "additionalProperties": False,
}
WORKFLOW = {
    "type": "object",
    "required": ["on", "jobs"],
    "properties": {
        "name": {"type": "string"},
        "on": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"enum": ["push", "pull_request", "workflow_dispatch"]},
        },
        "permissions": {"type": "object", "additionalProperties": {"enum": ["read", "write", "none"]}},
        "jobs": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"},
            "additionalProperties": {
                "type": "object",
                "required": ["runs-on", "steps"],
                "properties": {
                    "runs-on": {"type": "string"},
                    "timeout-minutes": {"type": "number"},
                    "steps": {"type": "array", "minItems": 1, "items": _STEP},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


@pytest.fixture
def starter(course: Course) -> Path:
    """The starter repository."""
    folder = course.root / "starter"
    assert run(course, "package", SLUG, "--for", "github-classroom", "--output", folder) == 0
    return folder


def workflow(starter: Path) -> dict[str, Any]:
    """The workflow. YAML 1.1 reads the key `on` as a truth value; GitHub does not."""
    loaded = yaml.safe_load((starter / ".github/workflows/classroom.yml").read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in loaded.items()}


def test_the_starter_holds_what_students_get_and_nothing_hidden(starter: Path) -> None:
    """The built files, what to install, the workflow; no handout source, no check, no solution, no secret."""
    names = {path.relative_to(starter).as_posix() for path in starter.rglob("*") if path.is_file()}
    assert names == {
        ".github/workflows/classroom.yml",
        ".gitignore",
        "requirements.txt",
        f"{SLUG}.ipynb",
        f"{SLUG}.py",
        f"test_{SLUG}.py",
        "unstuck.py",
    }


def test_the_workflow_is_as_specified(starter: Path) -> None:
    """On every push, on GitHub's own machine, with no more than the right to read."""
    found = workflow(starter)
    jsonschema.validate(found, WORKFLOW)
    assert "push" in found["on"]
    assert found["permissions"] == {"contents": "read"}
    assert "secrets." not in (starter / ".github/workflows/classroom.yml").read_text(encoding="utf-8")
    uses = [step["uses"].partition("@")[0] for step in found["jobs"]["checks"]["steps"] if "uses" in step]
    assert uses == ["actions/checkout", "actions/setup-python"]


def pushed(starter: Path, folder: Path, module: str) -> list[tuple[str, int, str]]:
    """A student's clone with this module in it, and what came of each command of the workflow."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    for arguments in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "start"]):
        subprocess.run([git, *arguments], cwd=starter, check=True)
    clone = folder / "clone"
    subprocess.run([git, "clone", "-q", str(starter), str(clone)], check=True)
    (clone / f"{SLUG}.py").write_text(module, encoding="utf-8")
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),  # as actions/setup-python does
        "HOME": str(folder),
        "PIP_NO_INDEX": "1",  # all is installed
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "OMP_NUM_THREADS": "1",
    }
    came = []
    for step in workflow(clone)["jobs"]["checks"]["steps"]:
        if "run" not in step:
            continue
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]], cwd=clone, env=environment, capture_output=True, text=True, check=False
        )
        came.append((step["run"], done.returncode, done.stdout + done.stderr))
        if done.returncode:
            break
    return came


def test_the_workflow_passes_for_right_work(starter: Path, tmp_path: Path) -> None:
    """Each of its commands, in a clone, with nothing of this kit on the path."""
    came = pushed(starter, tmp_path, tiny_course.SOLUTION)
    assert [(command, code) for command, code, _ in came] == [
        ("python -m pip install -r requirements.txt", 0),
        ("python -m pytest", 0),
    ], came[-1][2]
    assert "2 passed" in came[-1][2]


def test_the_workflow_fails_for_wrong_work_and_says_why(starter: Path, tmp_path: Path) -> None:
    """In the words of the visible check."""
    came = pushed(starter, tmp_path, tiny_course.SOLUTION.replace("x - rate * slope", "x + rate * slope"))
    assert came[-1][1] == 1
    assert "step(3, 2, 0.25)" in came[-1][2]


def test_a_folder_in_use_is_not_written_into(starter: Path, course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor a file; nothing of theirs is lost."""
    for place in (starter, starter / "unstuck.py"):
        assert run(course, "package", SLUG, "--for", "github-classroom", "--output", place) == 2
        assert "name another" in capsys.readouterr().err


def test_an_assignment_that_was_not_built_is_refused(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """With the command that builds it."""
    (course.root / "assignments" / SLUG / f"{SLUG}.ipynb").unlink()
    assert run(course, "package", SLUG, "--for", "github-classroom", "--output", course.root / "x") == 2
    assert f"run `autograder build {SLUG}`" in capsys.readouterr().err


def test_unsafe_is_for_gradescope(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """At GitHub runs nothing that could be confined."""
    options = ("--for", "github-classroom", "--output", course.root / "x", "--unsafe")
    assert run(course, "package", SLUG, *options) == 2
    assert "--unsafe is for gradescope" in capsys.readouterr().err
