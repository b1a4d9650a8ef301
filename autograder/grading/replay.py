"""Recorded grades made again: from the kept bytes, with the recorded seed and the checks of that time. Nothing is recorded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from autograder.course import Assignment, Course, CourseError
from autograder.grading import hand_ins, records, store, versions
from autograder.grading.archive import SUFFIXES
from autograder.grading.atomic import KeepError, cannot_write
from autograder.grading.examine import Order
from autograder.grading.hand_ins import HandIn
from autograder.grading.intake import Submission
from autograder.grading.local import Local
from autograder.grading.records import DamagedError
from autograder.grading.result import CheckResult, SubmissionResult
from autograder.grading.tasks import Task, tasks_of
from autograder.near import did_you_mean
from autograder.sandbox.session import CUDA

_SHORTEST_NAME = 6  # digits of a record's name
_COMPARED = ("status", "score", "max_score", "message", "notes", "devices")
_COMPARED_OF_CHECKS = ("status", "score", "points", "message", "diagnosis", "sentence", "hint")


@dataclass(frozen=True)
class Replayed:
    """A recorded grade and what came of it: the differences, or why it could not be made again; remarks on how it was made."""

    recorded: SubmissionResult
    differences: tuple[str, ...] = ()
    trouble: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the grade came out as it was recorded."""
        return not self.differences and not self.trouble


class _Unrecorded(records.Records):
    """Records that keep nothing."""

    def keep(self, assignment: Assignment, order: Order, hand_in: HandIn, result: SubmissionResult) -> SubmissionResult:
        """The result as it is."""
        return result


def find(course: Course, targets: list[str]) -> list[SubmissionResult]:
    """The recorded grades that are named: STUDENT/ASSIGNMENT, a record's name or file, a file of `autograder grade --json`.

    Raises:
        CourseError: there is none of this name.
        KeepError: the record is damaged.
    """
    return [result for target in targets for result in _find(course, target)]


def replay(course: Course, recorded: list[SubmissionResult], jobs: int, *, unsafe: bool = False) -> list[Replayed]:
    """Grades each again, in the order given; `SandboxError` where the sandbox does not hold."""
    outcomes: dict[int, Replayed] = {}
    with TemporaryDirectory(prefix="unstuck-") as scratch:
        for device in ("cpu", "cuda"):
            waiting: dict[tuple[str, str], list[Order]] = {}
            for number, result in enumerate(recorded):
                if (CUDA in result.devices) == (device == "cuda"):
                    try:
                        order = _order(course, result, Path(scratch), number)
                    except KeepError as error:
                        outcomes[number] = Replayed(result, trouble=str(error))
                    else:
                        waiting.setdefault((result.assignment, result.version), []).append(order)
            if tasks := tasks_of(waiting):
                place = Local(jobs, device, unsafe)
                for number, again in _graded(course, tasks, place):
                    outcomes[number] = _compared(recorded[number], again)
    return [outcomes[number] for number in range(len(recorded))]


def _graded(course: Course, tasks: list[Task], place: Local) -> Iterator[tuple[int, SubmissionResult]]:
    results: list[SubmissionResult] = []
    place.run(course, tasks, _Unrecorded(course, "", place.devices), results.append)
    for result in results:
        yield int(result.path), result  # the path that is shown is the number of the order


def _order(course: Course, result: SubmissionResult, scratch: Path, number: int) -> Order:
    """The order to make a recorded grade again, on a copy of the kept bytes."""
    subject = f"{result.student}, {result.assignment}"
    if not result.version:
        raise KeepError(f"{subject}: the result is of an older kit or of no grading; grade the hand-in again.")
    if not result.files and Path(result.path).suffix.lower() in SUFFIXES:
        raise KeepError(f"{subject}: no bytes were kept, for nothing of the archive could be read ({result.message}).")
    versions.frozen(course, result.assignment, result.version)
    is_folder = [Path(result.path).name] != [name for name, _ in result.files]
    kept = HandIn(is_folder, result.files, hand_ins.kept(course, result.files, subject))
    place = scratch / str(number)
    try:
        place.mkdir()
        path = kept.lay_out(place)
    except OSError as error:
        raise cannot_write(place, error) from None
    return Order(Submission(result.student, result.assignment, path, str(number)), result.seed)


def _compared(recorded: SubmissionResult, again: SubmissionResult) -> Replayed:
    """What differs, times aside."""
    differences = _differences("", recorded, again, _COMPARED)
    now = {check.name: check for check in again.checks}
    for check in recorded.checks:
        if (other := now.pop(check.name, None)) is None:
            differences.append(f"{check.name}: was {check.status}, is not there now")
        else:
            differences += _differences(f"{check.name}: ", check, other, _COMPARED_OF_CHECKS)
    differences += [f"{name}: was not there, is {check.status} now" for name, check in now.items()]
    remarks = []
    if recorded.engine != versions.engine():
        remarks.append(f"the engine has changed: then {recorded.engine or 'unknown'}; now {versions.engine()}")
    if recorded.isolation != again.isolation and again.isolation:
        remarks.append(f"the isolation has changed: then {recorded.isolation}; now {again.isolation}")
    return Replayed(recorded, tuple(differences), remarks=tuple(remarks))


def _differences(
    subject: str, then: SubmissionResult | CheckResult, now: SubmissionResult | CheckResult, fields: tuple[str, ...]
) -> list[str]:
    pairs = [(field, getattr(then, field), getattr(now, field)) for field in fields]
    return [f"{subject}{field} was {before!r}, is {after!r}" for field, before, after in pairs if before != after]


def _find(course: Course, target: str) -> list[SubmissionResult]:
    path = Path(target)
    try:
        if path.is_file():
            return [records.read(path)] if path.parent.parent == course.state / "records" else _in_file(path)
        student, _, slug = target.rpartition("/")
        if slug and (found := records.latest(course, slug, student)) is not None:
            return [found]
        named = _named(course, target)
        if len(named) == 1:
            return [records.read(named[0])]
    except DamagedError as error:
        raise KeepError(f"The record of {target} is damaged ({error}); grade the hand-in again.") from None
    if named:
        raise CourseError(f"{len(named)} records begin with {target}; give more digits of its name.")
    raise CourseError(
        f"There is no recorded grade {target!r}{did_you_mean(target, _known(course))}; name STUDENT/ASSIGNMENT, a record, or a "
        "--json file."
    )


def _in_file(path: Path) -> list[SubmissionResult]:
    """The results in a record that lies elsewhere, or in a file of results."""
    try:
        return [records.read(path)]
    except DamagedError:
        return store.read_json(path)


def _named(course: Course, name: str) -> list[Path]:
    if not re.fullmatch(rf"[0-9a-f]{{{_SHORTEST_NAME},64}}", name):
        return []
    return sorted((course.state / "records").glob(f"*/{name}*.json"))


def _known(course: Course) -> list[str]:
    """Those of whom there is a latest record."""
    return [f"{unquote(path.stem)}/{path.parent.name}" for path in (course.state / "latest").glob("*/*.txt")]
