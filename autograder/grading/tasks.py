"""What is to be graded, cut into tasks; a task is graded in one process, wherever that runs."""

import re
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from autograder.checking.plugin import CheckError
from autograder.course import Assignment, Course
from autograder.grading.atomic import cannot_write
from autograder.grading.examine import Order, grade_all
from autograder.grading.hand_ins import HandIn
from autograder.grading.records import Records
from autograder.grading.result import ERROR, SubmissionResult
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.zygote import SandboxError

_ORDERS_A_TASK = 64  # few enough to share out evenly, many enough for those of a seed in a class of 1,000

Done = Callable[[SubmissionResult], None]


@dataclass(frozen=True)
class Task:
    """Some submissions of one assignment, to be graded with one version of its checks."""

    slug: str
    version: str
    orders: tuple[Order, ...]


class Place(Protocol):
    """Where tasks are graded: this process, processes of this machine, a cluster."""

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that device checks run on there."""

    def run(self, course: Course, tasks: list[Task], records: Records, done: Done) -> None:
        """Grades the tasks; each result is recorded by `records.keep` as soon as it is there, then handed to `done`."""


def tasks_of(waiting: dict[tuple[str, str], list[Order]]) -> list[Task]:
    """The tasks that make up the orders of each assignment, by slug and version; those of a task share a seed.

    So what the reference and the mistakes answer under a seed is computed by one process, and not by each.
    """
    tasks = []
    for (slug, version), orders in waiting.items():
        by_seed: dict[str, list[Order]] = {}
        for order in orders:
            by_seed.setdefault(order.seed, []).append(order)
        for alike in by_seed.values():
            starts = range(0, len(alike), _ORDERS_A_TASK)
            tasks += [Task(slug, version, tuple(alike[start : start + _ORDERS_A_TASK])) for start in starts]
    return tasks


def grade_task(
    assignment: Assignment,
    sandbox: Sandbox,
    orders: Iterable[tuple[Order, HandIn]],
    graded: Callable[[Order, HandIn, SubmissionResult], None],
) -> None:
    """Grades submissions one after another, each on a copy of what was read of it, and hands each result on at once.

    Where the checks themselves are wrong, every result says so.

    Raises:
        KeepError: a copy cannot be written.
        SandboxError: the sandbox has ended.
    """
    waiting = iter(orders)
    current: list[tuple[Order, HandIn]] = []

    def take(order: Order, hand_in: HandIn, result: SubmissionResult) -> None:
        if result.status == ERROR and result.message:
            result = replace(result, message=_where_it_is_edited(assignment, result.message))
            if not sandbox.zygote.alive:  # it would be the same with every submission after this one
                raise SandboxError(
                    f"A grader's zygote has ended ({result.message}); is there too little memory? What was graded is recorded: "
                    "the same command goes on from there."
                )
        graded(order, hand_in, result)

    try:
        with closing(_laid_out(waiting, current)) as copies:
            grade_all(assignment, sandbox, copies, lambda result: take(*current[0], result))
    except CheckError as error:  # before any was graded: the checks could not even be collected
        for order, hand_in in waiting:
            take(order, hand_in, ungraded(order, ERROR, str(error)))


def ungraded(order: Order, status: str, message: str) -> SubmissionResult:
    """The result of a submission that was not even looked at."""
    one = order.submission
    said = one.unreadable or message
    return SubmissionResult(
        one.student, one.assignment, one.shown_path, 0.0, 0.0, order.seed, status, "none", message=said
    )


def _where_it_is_edited(assignment: Assignment, message: str) -> str:
    """A message that names the course's files and not their copies, which nobody is to edit."""
    return re.sub(rf"\S*{re.escape(assignment.root.name)}/", "", message)


def _laid_out(
    orders: Iterable[tuple[Order, HandIn]], current: list[tuple[Order, HandIn]]
) -> Generator[Order, None, None]:
    """The orders on copies of their hand-ins, each for as long as it is graded."""
    for order, hand_in in orders:
        current[:] = [(order, hand_in)]
        if order.submission.unreadable is not None:
            yield order
            continue
        with TemporaryDirectory(prefix="unstuck-") as folder:
            try:
                copy = hand_in.lay_out(Path(folder))
            except OSError as error:
                raise cannot_write(Path(folder), error) from None
            yield replace(order, submission=replace(order.submission, path=copy))
