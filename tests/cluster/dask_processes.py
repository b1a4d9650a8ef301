"""A Dask scheduler and workers as processes of their own, as a user starts them, and `autograder grade` as a user runs it."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import tiny_course

from autograder import cli
from autograder.course import Course

SLUG = tiny_course.SLUG
ROOT = Path(__file__).resolve().parents[2]
RIGHT = tiny_course.SOLUTION
TWICE = RIGHT.replace("return x - rate * slope", "return x - 2 * rate * slope")
ENDLESS = f"{RIGHT}\nwhile True:\n    pass\n"  # uses up its time while it is loaded: 10 s of CPU
SLOW = 1.0  # CPU seconds that no other submission of these tests needs


def environment(**more: str) -> dict[str, str]:
    """Ours, without the secret of whoever runs the tests; Dask's own settings only as given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UNSTUCK_", "PYTEST_", "DASK_"))}
    return {**kept, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"} | more


def wait_until(condition: Callable[[], Any], what: str, seconds: float = 120.0) -> Any:
    """What the condition says as soon as it says anything true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if said := condition():
            return said
        time.sleep(0.05)
    raise AssertionError(f"{what}: waited for {seconds:g} s")


@dataclass
class DaskCluster:
    """A scheduler, and the workers that a test starts."""

    folder: Path
    settings: dict[str, str]
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The scheduler file."""
        return self.folder / "scheduler.json"

    @property
    def address(self) -> str:
        """What `--cluster` is given."""
        return str(json.loads(self.file.read_text())["address"])

    @property
    def scheduler(self) -> subprocess.Popen[bytes]:
        """The scheduler's process."""
        return self._processes[0]

    def start_scheduler(self) -> None:
        """Starts the scheduler and waits until it can be reached."""
        self._dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        wait_until(self.file.is_file, "the scheduler")

    def start_workers(self, count: int, *options: str, before: str = "") -> subprocess.Popen[bytes]:
        """Starts so many worker processes, each with a nanny, and waits until the scheduler knows them."""
        known = self.registered()
        started = self._dask(
            "worker", "--nworkers", str(count), "--nthreads", "1", "--no-dashboard", *options, before=before
        )
        wait_until(lambda: self.registered() >= known + count, "the workers")
        return started

    def registered(self) -> int:
        """How many workers have come to the scheduler, those that went again included."""
        return len(re.findall("Register worker", self.log("scheduler")))

    def log(self, program: str) -> str:
        """What the scheduler, or all workers, have said."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob(f"{program}-*.log")))

    def workers(self) -> list[psutil.Process]:
        """The processes that run tasks: each is the parent of a zygote as soon as it grades."""
        return [process.parent() for process in self.zygotes()]

    def zygotes(self) -> list[psutil.Process]:
        """The zygotes of all sandboxes on this cluster."""
        found = []
        for one in self._processes:
            if psutil.pid_exists(one.pid):
                for process in psutil.Process(one.pid).children(recursive=True):
                    if _is_zygote(process):
                        found.append(process)
        return found

    def holder_of_slow_work(self) -> psutil.Process | None:
        """The Dask worker whose sandbox runs a submission that uses up its time."""
        for zygote in self.zygotes():
            try:
                if any(child.cpu_times().user > SLOW for child in zygote.children()):
                    return zygote.parent()
            except psutil.NoSuchProcess:
                continue
        return None

    def scratch(self) -> list[Path]:
        """The private folders of benches that are there."""
        return list((self.folder / "local").glob("dask-scratch-space*/worker-*/unstuck-*"))

    def stop(self) -> None:
        """Ends everything."""
        for process in reversed(self._processes):
            with_children = [psutil.Process(process.pid)] if process.poll() is None else []
            with_children += [child for one in with_children for child in one.children(recursive=True)]
            for one in with_children:
                try:
                    one.kill()
                except psutil.NoSuchProcess:
                    continue
            process.wait()

    def _dask(self, program: str, *options: str, before: str = "") -> subprocess.Popen[bytes]:
        main = f"{before}\nfrom dask.__main__ import main\nmain()"
        where = ["--local-directory", str(self.folder / "local")] if program == "worker" else []
        command = [sys.executable, "-c", main, program, "--scheduler-file", str(self.file), *where, *options]
        with (self.folder / f"{program}-{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                command, env=environment(**self.settings), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self._processes.append(process)
        return process


def _is_zygote(process: psutil.Process) -> bool:
    try:
        parent = process.parent()
        return (
            any(word.endswith("worker/zygote.py") for word in process.cmdline())
            and parent is not None
            and not any(word.endswith("worker/zygote.py") for word in parent.cmdline())
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


@contextmanager
def dask_cluster(folder: Path, workers: int = 0, **settings: str) -> Iterator[DaskCluster]:
    """A scheduler with so many workers; Dask's settings as environment variables."""
    folder.mkdir(parents=True, exist_ok=True)
    one = DaskCluster(folder, settings)
    try:
        one.start_scheduler()
        if workers:
            one.start_workers(workers)
        yield one
    finally:
        one.stop()


@dataclass(frozen=True)
class Grading:
    """A course, an inbox, and `autograder grade` on it."""

    course: Course
    inbox: Path

    def hand_in(self, student: str, text: str, suffix: str = ".py") -> None:
        """Puts a submission into the inbox."""
        (self.inbox / f"{student}_{SLUG}{suffix}").write_text(text, encoding="utf-8")

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Starts grading the inbox in a process of its own, as a user does."""
        command = [sys.executable, "-m", "autograder", "--course", str(self.course.root), "grade", str(self.inbox)]
        return subprocess.Popen(
            [*command, "--json", str(self.report), *arguments],
            cwd=ROOT,
            env=environment(**more),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """Grades the inbox in this process: the exit code, and what was said."""
        said = io.StringIO()
        with redirect_stderr(said):
            code = cli.main(
                ["--course", str(self.course.root), "grade", str(self.inbox), "--json", str(self.report), *arguments]
            )
        return code, said.getvalue()

    @property
    def report(self) -> Path:
        """Where the JSON goes."""
        return self.inbox.parent / "report.json"

    def results(self) -> dict[str, dict[str, Any]]:
        """The results of the last run by student, every time set to 0."""
        found = json.loads(self.report.read_text(encoding="utf-8"))["submissions"]
        for one in found:
            one["cpu_seconds"] = 0.0
            for check in one["checks"]:
                check["seconds"] = 0.0
        return {one["student"]: one for one in found}

    def records(self) -> dict[str, int]:
        """The records by name, with the time at which each was written."""
        return {
            path.name: path.stat().st_mtime_ns for path in sorted((self.course.state / "records" / SLUG).glob("*.json"))
        }


def finished(process: subprocess.Popen[str], seconds: float = 240.0) -> tuple[int, str]:
    """The exit code of a process that ends by itself, and what it said."""
    try:
        _, said = process.communicate(timeout=seconds)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    return process.returncode, said


def interrupt(process: subprocess.Popen[str]) -> None:
    """What Ctrl-C does."""
    process.send_signal(signal.SIGINT)
