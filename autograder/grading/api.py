"""Grading for callers: many paths at once, on all cores, or the one folder that nbgrader asks about."""

import atexit
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.grading import atomic, hand_ins, versions
from autograder.grading.examine import Order
from autograder.grading.intake import Submission
from autograder.grading.local import Local, run_here
from autograder.grading.records import Records, point
from autograder.grading.result import UNREADABLE, SubmissionResult
from autograder.grading.tasks import Done, Place, Task, tasks_of, ungraded
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.zygote import LAYERS


@dataclass(frozen=True)
class Settings:
    """How to grade: processes, device, isolation, one seed for all (a replay) or each student's own, records or not."""

    jobs: int = 1
    device: str = "auto"
    unsafe: bool = False
    seed: str | None = None
    fresh: bool = False


def grade_submissions(
    course: Course, submissions: list[Submission], settings: Settings, done: Done, place: Place | None = None
) -> None:
    """Grades submissions and hands each result to `done` as it comes; what has been recorded is not graded again.

    Raises:
        KeepError: something cannot be recorded; what was recorded before stays.
        SandboxError: the sandbox does not hold, or a grader process ended.
    """
    atomic.sweep(course.scratch)
    place = place or Local(settings.jobs, settings.device, settings.unsafe)
    isolation = "+".join(() if settings.unsafe else LAYERS)
    records = Records(course, isolation, place.devices, latest=settings.seed is None)
    again = _handed_in_twice(submissions)
    last: dict[tuple[str, str], tuple[int, SubmissionResult]] = {}

    def take(result: SubmissionResult) -> None:
        key = result.student, result.assignment
        if result.record and result.path in again.get(key, ()):
            number = again[key].index(result.path)
            last[key] = max(last.get(key, (-1, result)), (number, result), key=lambda pair: pair[0])
        done(result)

    if tasks := _plan(course, submissions, settings, records, take):
        place.run(course, tasks, records, take)
    if settings.seed is None:
        for (
            _,
            result,
        ) in last.values():  # of several hand-ins of a student the last named is the latest, whenever it was graded
            point(course, result)


def grade_folder(course_root: Path, folder: Path, student: str, assignment: str) -> SubmissionResult:
    """The result of one hand-in folder, from its record where there is one."""
    course = Course(course_root)
    frozen = _frozen(course_root, assignment, _state_of(course.assignment(assignment)))
    place = Local()
    records = Records(course, "+".join(LAYERS), place.devices)
    submission = Submission(student, assignment, folder, _shown(folder, course_root))
    order = Order(submission, course.seed(student, assignment))
    if (known := records.find(frozen, order, hand_ins.read(submission))) is not None:
        return known
    results: list[SubmissionResult] = []
    task = Task(assignment, frozen.version, (order,))
    run_here(course, task, _lasting_sandbox(course_root), records, results.append)
    return results[0]


def _plan(
    course: Course, submissions: list[Submission], settings: Settings, records: Records, done: Done
) -> list[Task]:
    """The tasks that are left once the recorded results have been handed to `done`."""
    waiting: dict[tuple[str, str], list[Order]] = {}
    frozen: dict[str, Assignment] = {}
    for one in submissions:
        order = Order(one, settings.seed or course.seed(one.student, one.assignment))
        if one.assignment not in course.assignments:
            done(ungraded(order, UNREADABLE, f"there is no assignment {one.assignment!r}"))
            continue
        if one.assignment not in frozen:
            frozen[one.assignment] = versions.freeze(course, one.assignment)
        assignment = frozen[one.assignment]
        known = None if settings.fresh else records.find(assignment, order, hand_ins.read(one))
        if known is not None:
            done(known)
        else:
            waiting.setdefault((assignment.slug, assignment.version), []).append(order)
    return tasks_of(waiting)


def _handed_in_twice(submissions: list[Submission]) -> dict[tuple[str, str], list[str]]:
    """The paths of those who handed in more than once, by student and assignment."""
    paths: dict[tuple[str, str], list[str]] = {}
    for one in submissions:
        paths.setdefault((one.student, one.assignment), []).append(one.shown_path)
    return {key: found for key, found in paths.items() if len(found) > 1}


def _state_of(assignment: Assignment) -> tuple[tuple[Path, int, int], ...]:
    """What changes when a file of the assignment does."""
    return tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in assignment.sources)


@lru_cache(maxsize=8)
def _frozen(root: Path, slug: str, state: object) -> Assignment:
    """The assignment in this state of its files, read once for a class: nbgrader asks once a student."""
    return versions.freeze(Course(root), slug)


@lru_cache(maxsize=1)
def _lasting_sandbox(root: Path) -> Sandbox:
    """A sandbox kept until the process ends: nbgrader asks once a student."""
    sandbox = Local().sandbox(Course(root))
    atexit.register(sandbox.close)
    return sandbox


def _shown(folder: Path, root: Path) -> str:
    return str(folder.relative_to(root)) if folder.is_relative_to(root) else str(folder)
