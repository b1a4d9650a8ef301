"""The small course, proved once, and `autograder validate` run on copies of it in one sandbox."""

import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
import tiny_course
from tiny_course import TinyCourse

from autograder import cli
from autograder.proof import catalogue, validate
from autograder.sandbox.sandbox import Sandbox


@pytest.fixture(autouse=True)
def one_sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """`validate` takes the session's sandbox, which outlives it."""
    monkeypatch.setattr(validate, "Sandbox", lambda root, device: nullcontext(sandbox))


@pytest.fixture(scope="session")
def proved(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Path:
    """The small course with few mistakes and its derived tolerances."""
    root = tiny_course.write(tmp_path_factory.mktemp("small"), few=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validate, "Sandbox", lambda root, device: nullcontext(sandbox))
        cli.main(["--course", str(root), "validate", "--derive"])
    return root


@pytest.fixture
def course(proved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinyCourse:
    """A copy of the small course; the few mistakes that it has are enough, so that a proof takes a second."""
    monkeypatch.setattr(catalogue, "FEWEST_MISTAKES", 6)
    root = tmp_path / "course"
    shutil.copytree(proved, root)
    return TinyCourse(root)


@pytest.fixture
def unexamined(monkeypatch: pytest.MonkeyPatch) -> None:
    """`validate` reads and runs nothing: for what is wrong in the text."""
    monkeypatch.setattr(validate, "examine", lambda checks, work: None)


@pytest.fixture
def refusals(capsys: pytest.CaptureFixture[str]) -> Callable[[TinyCourse], list[str]]:
    """The lines with which `autograder validate` refuses a course, exit code 1."""

    def refused(course: TinyCourse) -> list[str]:
        capsys.readouterr()
        assert cli.main(["--course", str(course.root), "validate"]) == 1
        found = capsys.readouterr().err.split("refused: ")
        assert found[0] == ""
        return [line.strip() for line in found[1:]]

    return refused
