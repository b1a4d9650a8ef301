"""Runs of `autograder grade` in processes of their own, watched from outside and ended in the middle."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import tiny_course

from autograder.course import Course
from autograder.grading import records
from autograder.grading.result import SubmissionResult, from_json, without_times

SLUG = tiny_course.SLUG
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "UNSTUCK_SECRET": "the same for every run"}
RIGHT = tiny_course.SOLUTION
WORKS = (
    RIGHT,
    RIGHT.replace("x - rate * slope", "x - 2 * rate * slope"),
    RIGHT.replace("torch.stack(places)", "torch.stack(places[1:])"),
    RIGHT.replace("    return x - rate * slope", "    import os; os._exit(1)"),
    "def step(x, slope, rate):\n    return 1 +\n",
    "",
)


def hand_in(inbox: Path, number: int) -> None:
    """A hand-in of the number's student; one in six of each kind, right and wrong, crashing, broken, empty."""
    inbox.mkdir(exist_ok=True)
    work = WORKS[number % len(WORKS)]
    (inbox / f"s{number:04}_{SLUG}.py").write_text(work and f"{work}\n# {number}\n", encoding="utf-8")


def start(course: Course, *arguments: Path | str, output: Path) -> "subprocess.Popen[bytes]":
    """`autograder grade` at work, as the leader of a process group of its own, which Ctrl-C interrupts.

    A shell starts what it runs in the background with interruptions ignored, and so would this be, tests and all.
    """
    command = [sys.executable, "-m", "autograder", "--course", course.root, "grade", *arguments]
    with output.open("wb") as said:
        return subprocess.Popen(
            command,
            env={**os.environ, **ENVIRONMENT},
            stdout=said,
            stderr=said,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )


def grade(course: Course, *arguments: Path | str, output: Path) -> tuple[int, str]:
    """The exit code of `autograder grade` and what it said."""
    code = start(course, *arguments, output=output).wait(timeout=600)
    return code, output.read_text(encoding="utf-8")


def wait_for_records(run: "subprocess.Popen[bytes]", course: Course, number: int) -> None:
    """Waits until so many grades are recorded; fails where the run ends before."""
    folder = course.state / "records" / SLUG
    while not folder.is_dir() or len(os.listdir(folder)) < number:
        assert run.poll() is None, f"the run ended by itself ({run.returncode})"
        time.sleep(0.01)


def kill(run: "subprocess.Popen[bytes]", whom: str) -> None:
    """SIGKILL to the whole group, the main process alone, one grader process alone, or one zygote alone."""
    if whom == "group":
        os.killpg(run.pid, signal.SIGKILL)
        return
    graders = [pid for pid in sorted(children(run.pid)) if b"spawn_main" in _command(pid)]
    zygotes = [child for pid in graders for child in sorted(children(pid))]
    os.kill({"main": [run.pid], "grader": graders, "zygote": zygotes}[whom][0], signal.SIGKILL)


def children(pid: int) -> set[int]:
    """The children of a process."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found |= {int(child) for child in task.read_text().split()}
    return found


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@dataclass(frozen=True)
class Recorded:
    """A record: its file's identity, which a second grading would change, and the result."""

    inode: int
    written: int
    result: SubmissionResult


def recorded(course: Course) -> dict[str, Recorded]:
    """All records by name. Each is whole, or reading it fails."""
    found = {}
    for path in sorted((course.state / "records").glob("*/*.json")):
        status = path.stat()
        found[path.stem] = Recorded(status.st_ino, status.st_mtime_ns, without_times(records.read(path)))
    return found


def results(file: Path) -> list[SubmissionResult]:
    """The results in a `--json` file, times aside."""
    document = json.loads(file.read_text(encoding="utf-8"))
    return [without_times(from_json(one)) for one in document["submissions"]]
