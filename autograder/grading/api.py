"""Grading for callers: many paths at once, on all cores, or the one folder that nbgrader asks about."""

import atexit
import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.checking.plugin import CheckError
from autograder.course import Assignment, Course
from autograder.grading.examine import Order, grade_all
from autograder.grading.intake import Submission
from autograder.grading.records import Records
from autograder.grading.result import ERROR, UNREADABLE, SubmissionResult
from autograder.sandbox.sandbox import Sandbox, devices
from autograder.sandbox.zygote import LAYERS, SandboxError

_ORDERS_A_TASK = 8  # few enough to share out evenly, many enough that collecting the checks does not count

Done = Callable[[SubmissionResult], None]


@dataclass(frozen=True)
class Settings:
    """How to grade: processes, device, isolation, one seed for all (a replay) or each student's own, records or not."""

    jobs: int = 1
    device: str = "auto"
    unsafe: bool = False
    seed: str | None = None
    fresh: bool = False


def grade_submissions(course: Course, submissions: list[Submission], settings: Settings, done: Done) -> None:
    """Grades submissions and hands each result to `done` as it comes; what has been recorded is not graded again."""
    orders = [Order(one, settings.seed or course.seed(one.student, one.assignment)) for one in submissions]
    records = _records(course, settings)
    waiting: dict[str, list[Order]] = {}
    for order in orders:
        assignment = course.assignments.get(order.submission.assignment)
        known = None if settings.fresh or assignment is None else records.find(assignment, order)
        if assignment is None or known is not None:
            done(known or _ungraded(order, UNREADABLE, f"there is no assignment {order.submission.assignment!r}"))
        else:
            waiting.setdefault(assignment.slug, []).append(order)
    tasks = [
        (slug, group[start : start + _ORDERS_A_TASK])
        for slug, group in waiting.items()
        for start in range(0, len(group), _ORDERS_A_TASK)
    ]
    if settings.jobs > 1 and len(tasks) > 1:
        _grade_in_processes(course, tasks, settings, done)
    elif tasks:
        with Sandbox(course.root, unsafe=settings.unsafe, device=settings.device) as sandbox:
            for slug, group in tasks:
                _grade_task(course.assignment(slug), sandbox, group, records, done)


def grade_folder(course_root: Path, folder: Path, student: str, assignment: str) -> SubmissionResult:
    """The result of one hand-in folder, from its record where there is one."""
    course = Course(course_root)
    task = course.assignment(assignment)
    order = Order(
        Submission(student, assignment, folder, _shown(folder, course_root)), course.seed(student, assignment)
    )
    settings = Settings()
    records = _records(course, settings)
    if (known := records.find(task, order)) is not None:
        return known
    results: list[SubmissionResult] = []
    _grade_task(task, _lasting_sandbox(course_root), [order], records, results.append)
    return results[0]


@lru_cache(maxsize=1)
def _lasting_sandbox(root: Path) -> Sandbox:
    """A sandbox kept until the process ends: nbgrader asks once a student."""
    sandbox = Sandbox(root)
    atexit.register(sandbox.close)
    return sandbox


def _records(course: Course, settings: Settings) -> Records:
    return Records(course.state / "records", "+".join(() if settings.unsafe else LAYERS), devices(settings.device))


def _grade_task(
    assignment: Assignment, sandbox: Sandbox, orders: Iterable[Order], records: Records, done: Done
) -> None:
    waiting = iter(orders)
    current: list[Order] = []

    def remembered() -> Iterable[Order]:
        for order in waiting:
            current[:] = [order]
            yield order

    def keep(result: SubmissionResult) -> None:
        records.keep(assignment, current[0], result)
        done(result)

    try:
        grade_all(assignment, sandbox, remembered(), keep)
    except CheckError as error:  # before any was graded: the checks could not even be collected
        for order in waiting:
            done(_ungraded(order, ERROR, str(error)))


def _grade_in_processes(course: Course, tasks: list[tuple[str, list[Order]]], settings: Settings, done: Done) -> None:
    # Spawned, never forked: a fork of the grader would carry the checks and the reference.
    context = multiprocessing.get_context("spawn")
    jobs = min(settings.jobs, len(tasks))
    with ProcessPoolExecutor(jobs, context, initializer=_start_process, initargs=(course.root, settings)) as pool:
        try:
            for future in as_completed([pool.submit(_grade_in_process, slug, group) for slug, group in tasks]):
                for result in future.result():
                    done(result)
        except BrokenProcessPool:
            raise SandboxError("A grader process ended before its time; try --jobs 1 to see why.") from None


@dataclass(frozen=True)
class _Process:
    """What a grader process keeps: the course, its own sandbox, the records."""

    course: Course
    sandbox: Sandbox
    records: Records


_process: list[_Process] = []


def _start_process(root: Path, settings: Settings) -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    course = Course(root)
    sandbox = Sandbox(root, unsafe=settings.unsafe, device=settings.device)
    atexit.register(sandbox.close)
    _process[:] = [_Process(course, sandbox, _records(course, settings))]


def _grade_in_process(slug: str, orders: list[Order]) -> list[SubmissionResult]:
    process = _process[0]
    results: list[SubmissionResult] = []
    _grade_task(process.course.assignment(slug), process.sandbox, orders, process.records, results.append)
    return results


def _ungraded(order: Order, status: str, message: str) -> SubmissionResult:
    """The result of a submission that was not even looked at."""
    one = order.submission
    said = one.unreadable or message
    return SubmissionResult(
        one.student, one.assignment, one.shown_path, 0.0, 0.0, order.seed, status, "none", message=said
    )


def _shown(folder: Path, root: Path) -> str:
    return str(folder.relative_to(root)) if folder.is_relative_to(root) else str(folder)
