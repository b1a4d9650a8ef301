"""The small course, and our own code on a terminal of a chosen width."""

import fcntl
import os
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
import tiny_course
from screens import Shown

from autograder.course import Course

ROOT = Path(__file__).resolve().parents[2]
OURS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


def _surroundings(more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | {"TERM": "xterm-256color", "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"} | more


@pytest.fixture(scope="session")
def on_a_terminal() -> Shown:
    """What a program of ours writes to a terminal, escapes and all; both its streams go there."""

    def run(code: str, *, columns: int = 100, **more: str) -> str:
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        command = [sys.executable, "-c", code]
        with subprocess.Popen(
            command, cwd=ROOT, env=_surroundings(more), stdin=theirs, stdout=theirs, stderr=theirs
        ) as process:
            os.close(theirs)
            seen = b""
            try:
                while chunk := os.read(ours, 1 << 16):
                    seen += chunk
            except OSError:  # Linux's way to say that the other end was closed
                pass
            os.close(ours)
        assert process.returncode == 0, seen.decode()
        return seen.decode().replace("\r\n", "\n")

    return run


@pytest.fixture(scope="session")
def piped() -> Shown:
    """The same where standard output is a pipe."""

    def run(code: str, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=_surroundings(more), capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The small course, not to be changed."""
    return Course(tiny_course.write(tmp_path_factory.mktemp("tiny"), few=True))


@pytest.fixture
def course(tiny: Course, tmp_path: Path) -> Course:
    """A copy of the small course that a test may change."""
    shutil.copytree(tiny.root, tmp_path / "course", ignore=shutil.ignore_patterns(".autograder"))
    return Course(tmp_path / "course")
