"""The small course, and `autograder grade` on it in one sandbox."""

import json
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import tiny_course

from autograder import cli
from autograder.course import Course
from autograder.grading import local
from autograder.sandbox.sandbox import Sandbox


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The small course, not to be changed."""
    return Course(tiny_course.write(tmp_path_factory.mktemp("tiny"), few=True))


@pytest.fixture
def course(tiny: Course, tmp_path: Path) -> Course:
    """A copy of the small course that a test may change."""
    shutil.copytree(tiny.root, tmp_path / "course", ignore=shutil.ignore_patterns(".autograder"))
    return Course(tmp_path / "course")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """An empty folder for what students hand in."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


Grade = Callable[..., dict[str, Any]]


@pytest.fixture
def grade(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Grade:
    """`autograder grade` in this process and the session's sandbox: the JSON, with the exit code under `exit`."""
    monkeypatch.setattr(local, "Sandbox", lambda root, unsafe, device: nullcontext(sandbox))

    def run(course: Course, *arguments: Path | str) -> dict[str, Any]:
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        words = ["--course", str(course.root), "grade", *map(str, arguments), "--json", str(report), "--jobs", "1"]
        code = cli.main(words)
        document = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
        return {**document, "exit": code}

    return run
