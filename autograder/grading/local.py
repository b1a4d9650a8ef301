"""Tasks graded on this machine: in this process, or in several."""

import atexit
import ctypes
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.grading import hand_ins, versions
from autograder.grading.records import Records
from autograder.grading.result import SubmissionResult
from autograder.grading.tasks import Done, Task, grade_task
from autograder.sandbox.sandbox import Sandbox, devices
from autograder.sandbox.zygote import SandboxError

_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Local:
    """This machine: so many processes, a device, confined or not."""

    jobs: int = 1
    device: str = "auto"
    unsafe: bool = False

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that device checks run on."""
        return devices(self.device)

    def sandbox(self, course: Course) -> Sandbox:
        """A new sandbox."""
        return Sandbox(course.root, unsafe=self.unsafe, device=self.device)

    def run(self, course: Course, tasks: list[Task], records: Records, done: Done) -> None:
        """Grades the tasks; each result is recorded by the process that graded it, at once."""
        if self.jobs > 1 and len(tasks) > 1:
            _run_in_processes(self, course, tasks, records, done)
            return
        with self.sandbox(course) as sandbox:
            sandbox.ready()
            for task in tasks:
                run_here(course, task, sandbox, records, done)


def run_here(course: Course, task: Task, sandbox: Sandbox, records: Records, done: Done) -> None:
    """Grades a task in this process."""
    assignment = versions.frozen(course, task.slug, task.version)
    orders = ((order, hand_ins.read(order.submission)) for order in task.orders)
    grade_task(
        assignment,
        sandbox,
        orders,
        lambda order, hand_in, result: done(records.keep(assignment, order, hand_in, result)),
    )


def _run_in_processes(place: Local, course: Course, tasks: list[Task], records: Records, done: Done) -> None:
    # Spawned, never forked: a fork of the grader would carry the checks and the reference.
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    given = (place, course.root, records, os.getpid())
    pool = ProcessPoolExecutor(min(place.jobs, len(tasks)), context, initializer=_start_process, initargs=given)
    try:
        for future in as_completed([pool.submit(_grade_in_process, task) for task in tasks]):
            for result in future.result():
                done(result)
    except BrokenProcessPool:
        raise SandboxError(
            "A grader process ended before its time (is there too little memory?). What was graded is recorded: the same "
            "command goes on from there; with --jobs 1 it shows where."
        ) from None
    except BaseException:  # an interruption too: nobody waits for what is under way, and a record is whole or not there
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Process:
    """What a grader process keeps: the course, its own sandbox, the records."""

    course: Course
    sandbox: Sandbox
    records: Records


_process: list[_Process] = []


def _start_process(place: Local, root: Path, records: Records, parent: int) -> None:
    # An interruption is the parent's to handle; its end is this process's end, and so that of its zygote and workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    course = Course(root)
    sandbox = place.sandbox(course)
    atexit.register(sandbox.close)
    _process[:] = [_Process(course, sandbox, records)]


def _grade_in_process(task: Task) -> list[SubmissionResult]:
    process = _process[0]
    process.sandbox.ready()
    results: list[SubmissionResult] = []
    run_here(process.course, task, process.sandbox, process.records, results.append)
    return results
