"""The small course, proved once, and `autograder validate` run on copies of it in one sandbox."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
import tiny_course

from autograder import cli
from autograder.proof import catalogue, validate
from autograder.sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class TinyCourse:
    """A copy of the small course that a test may spoil."""

    root: Path

    @property
    def handout(self) -> Path:
        """What students read."""
        return self.root / "assignments" / tiny_course.SLUG / "handout.md"

    @property
    def solution(self) -> Path:
        """The reference."""
        return self.root / "solutions" / f"{tiny_course.SLUG}.py"

    @property
    def hidden(self) -> Path:
        """The folder of checks and catalogue."""
        return self.root / "autograder" / "hidden" / tiny_course.SLUG

    @property
    def checks(self) -> Path:
        """The hidden checks."""
        return self.hidden / f"test_{tiny_course.SLUG}.py"

    @property
    def mistakes(self) -> Path:
        """The catalogue."""
        return self.hidden / "mistakes.py"

    def edit(self, path: Path, old: str, new: str) -> None:
        """Replaces the one occurrence of a text in a file."""
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {path}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def build(self) -> None:
        """Makes the students' files anew, so that a spoilt source is not refused for a stale file."""
        assert cli.main(["--course", str(self.root), "build"]) == 0


@pytest.fixture(scope="session")
def proof_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for all proofs."""
    with Sandbox(tmp_path_factory.mktemp("proof"), device="cpu") as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def one_sandbox(proof_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """`validate` takes the session's sandbox, which outlives it."""
    monkeypatch.setattr(validate, "Sandbox", lambda root, device: nullcontext(proof_sandbox))


@pytest.fixture(scope="session")
def proved(tmp_path_factory: pytest.TempPathFactory, proof_sandbox: Sandbox) -> Path:
    """The small course with few mistakes and its derived tolerances."""
    root = tiny_course.write(tmp_path_factory.mktemp("small"), few=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validate, "Sandbox", lambda root, device: nullcontext(proof_sandbox))
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
def refusals(capsys: pytest.CaptureFixture[str]) -> Callable[[TinyCourse], list[str]]:
    """The lines with which `autograder validate` refuses a course, exit code 1."""

    def refused(course: TinyCourse) -> list[str]:
        capsys.readouterr()
        assert cli.main(["--course", str(course.root), "validate"]) == 1
        found = capsys.readouterr().err.split("refused: ")
        assert found[0] == ""
        return [line.strip() for line in found[1:]]

    return refused
