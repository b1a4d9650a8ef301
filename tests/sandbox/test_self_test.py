"""The sandbox proves by doing that it holds, and grades nothing where it does not."""

from pathlib import Path

import pytest
import range_course
import torch
from range_course import HONEST

from autograder.course import Course
from autograder.sandbox import sandbox as sandboxes
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import Submitted
from autograder.sandbox.zygote import LAYERS, Limits, SandboxError

SUBMITTED = Submitted(range_course.SLUG, (HONEST,), False, ("scale",))


def test_a_whole_sandbox_lets_nothing_escape(sandbox: Sandbox) -> None:
    """With all layers the probe finds no way out, and the isolation names the layers."""
    assert sandbox.escapes() == []
    assert sandbox.isolation == "landlock+seccomp+rlimits"


@pytest.mark.parametrize(
    ("missing", "way"),
    [("landlock", "reads files"), ("seccomp", "opens sockets"), ("rlimits", "takes memory without limit")],
)
def test_without_any_one_layer_nothing_is_graded(firing_range: Course, tmp_path: Path, missing: str, way: str) -> None:
    """The proof names the way out; no session is opened, and every submission is `error`, never a zero."""
    with Sandbox(firing_range.root, layers=tuple(layer for layer in LAYERS if layer != missing)) as open_sandbox:
        with pytest.raises(SandboxError, match=f"does not hold here.*{way}.*Nothing was graded"):
            open_sandbox.session(SUBMITTED)
        result = range_course.grade(firing_range, open_sandbox, tmp_path, {"one": HONEST})["one"]
    assert result.status == "error"
    assert result.checks == ()
    assert "does not hold here" in (result.message or "")


def test_unsafe_grades_and_says_so(firing_range: Course, unconfined: Sandbox, tmp_path: Path) -> None:
    """With `--unsafe` work is graded without a wall, and every result records isolation `none`."""
    result = range_course.grade(firing_range, unconfined, tmp_path, {"one": HONEST})["one"]
    assert (result.score, result.isolation) == (20.0, "none")
    assert len(unconfined.escapes()) >= 6


def test_a_safe_sandbox_says_so_in_each_result(firing_range: Course, sandbox: Sandbox, tmp_path: Path) -> None:
    """The isolation of a graded submission is that of the sandbox."""
    assert range_course.grade(firing_range, sandbox, tmp_path, {"one": HONEST})["one"].isolation == sandbox.isolation


def test_the_grader_computes_on_one_thread_as_its_workers_do(firing_range: Course) -> None:
    """Whatever OMP_NUM_THREADS says where it was started: on more threads the reference's sums may come out otherwise."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with Sandbox(firing_range.root):
            assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_a_course_that_workers_may_read_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Landlock has no deny rule: a course beneath a granted folder would be open to its students."""
    monkeypatch.setattr(sandboxes, "readable_folders", lambda: [str(tmp_path)])
    with pytest.raises(SandboxError, match="move the course"):
        Sandbox(tmp_path / "course")


def test_a_device_that_is_not_here_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--device cuda` without a CUDA device is an error before anything is graded, and not a silent fall back."""
    monkeypatch.setattr(sandboxes.torch.cuda, "is_available", lambda: False)
    with pytest.raises(SandboxError, match="no CUDA device"):
        Sandbox(tmp_path, device="cuda")


def test_the_memory_limit_is_the_one_given(firing_range: Course) -> None:
    """A sandbox with a small budget stops at it."""
    hungry = "import torch\n\n\ndef scale(size):\n    return torch.empty(size, dtype=torch.uint8).numel()\n"
    with Sandbox(firing_range.root, limits=Limits(memory=64 << 20)) as small:
        session = small.session(Submitted("hungry", (hungry,), False, ("scale",)))
        student = sandboxes.StudentModule(session, sandboxes.Recording(), ())
        assert student.scale(32 << 20) == 32 << 20
        with pytest.raises(RuntimeError, match="alloc"):
            student.scale(1 << 30)
        session.close()
