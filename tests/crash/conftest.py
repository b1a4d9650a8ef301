"""A class that hands in, runs of `autograder grade` that can be killed, and a place where orphans would show up."""

import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tiny_course
from runs import ENVIRONMENT, children

from autograder.course import Course

_SET_CHILD_SUBREAPER = 36
_PATIENCE = 60.0  # seconds; a zygote that is importing torch sees the end of its grader only afterwards


@pytest.fixture
def courses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Course, Course]:
    """The small course twice, with the same secret."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    one, other = (Course(tiny_course.write(tmp_path / name, few=True)) for name in ("disturbed", "undisturbed"))
    return one, other


@pytest.fixture
def course(courses: tuple[Course, Course]) -> Course:
    """The small course."""
    return courses[0]


@pytest.fixture
def nobody_is_left() -> Iterator[Callable[[], None]]:
    """A call that fails where a descendant of this process, of whatever generation, does not end by itself.

    This process takes in whoever loses their parent, so that no orphan goes unseen.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = children(os.getpid())

    def check() -> None:
        deadline = time.monotonic() + _PATIENCE
        while left := children(os.getpid()) - before:
            for pid in left:
                os.waitpid(pid, os.WNOHANG)
            if time.monotonic() > deadline:
                names = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ") for pid in left}
                for pid in left:
                    os.kill(pid, signal.SIGKILL)
                pytest.fail(f"they outlived their grader: {names}")
            time.sleep(0.02)

    yield check
    libc.prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
