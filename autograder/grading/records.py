"""Records of grades: the same bytes, seed, checks and engine are graded once. Written atomically, one file each."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from autograder.course import Assignment, Course
from autograder.grading import atomic, hand_ins
from autograder.grading.examine import Order
from autograder.grading.hand_ins import HandIn
from autograder.grading.result import ERROR, SubmissionResult, from_json, to_json
from autograder.grading.versions import engine

_LONGEST_NAME = 200  # characters; a file's name has at most 255 bytes
_HEAD, _MIDDLE, _END = b'{"sha256": "', b'", "result": ', b"}\n"


class DamagedError(Exception):
    """A record is not what was written; it counts as none."""


class Records:
    """The records of a course, for one way of grading: this isolation and these devices.

    With `latest`, each record that is found or kept becomes the latest of its student and assignment.
    """

    def __init__(self, course: Course, isolation: str, devices: tuple[str, ...], *, latest: bool = True) -> None:
        self._course = course
        self._surroundings = f"{isolation} {' '.join(devices)}"
        self._latest = latest

    def find(self, assignment: Assignment, order: Order, hand_in: HandIn) -> SubmissionResult | None:
        """The recorded result of these bytes under this seed, these checks and this isolation; None where there is none."""
        name = self._name(assignment, order, hand_in)
        try:
            found = read(path_of(self._course, assignment.slug, name))
        except (FileNotFoundError, DamagedError):  # damaged: grade again
            return None
        self._point(found)
        return replace(found, path=order.submission.shown_path)

    def keep(self, assignment: Assignment, order: Order, hand_in: HandIn, result: SubmissionResult) -> SubmissionResult:
        """The result as it was recorded, first the bytes that were graded, then the result.

        A fault of the grader is not recorded, so that the next run grades again.

        Raises:
            KeepError: it cannot be written.
        """
        result = replace(result, files=hand_in.files, engine=engine())
        if result.status == ERROR:
            return result
        result = replace(result, record=self._name(assignment, order, hand_in))
        hand_ins.keep(self._course, hand_in)
        path = path_of(self._course, assignment.slug, result.record)
        atomic.write(path, [_sealed(result)], self._course.scratch)
        self._point(result)
        return result

    def _point(self, result: SubmissionResult) -> None:
        if self._latest:
            point(self._course, result)

    def _name(self, assignment: Assignment, order: Order, hand_in: HandIn) -> str:
        digest = hashlib.sha256()
        one = order.submission
        about = (one.student, one.assignment, str(one.unreadable), order.seed, assignment.version, engine())
        kind = "folder" if hand_in.is_folder else "file"
        for part in (*about, self._surroundings, kind, *(part for file in hand_in.files for part in file)):
            digest.update(part.encode(errors="surrogateescape") + b"\0")
        return digest.hexdigest()


def read(path: Path) -> SubmissionResult:
    """The result in a record's file.

    Raises:
        DamagedError: it is not what was written.
        FileNotFoundError: there is none.
    """
    try:
        text = path.read_bytes()
        content = text[len(_HEAD) + 64 + len(_MIDDLE) : -len(_END)]
        if text != _around(content):
            raise ValueError("it is not what was written there")
        result = from_json(json.loads(content))
    except (ValueError, IsADirectoryError) as error:
        raise DamagedError(f"{path}: {error}") from None
    if path.name != f"{result.record}.json":
        raise DamagedError(f"{path}: is the record {result.record}")
    return result


def _sealed(result: SubmissionResult) -> bytes:
    """A record's bytes: a JSON object of the result and the digest of its text."""
    return _around(json.dumps(to_json(result)).encode())


def _around(content: bytes) -> bytes:
    return _HEAD + hashlib.sha256(content).hexdigest().encode() + _MIDDLE + content + _END


def path_of(course: Course, slug: str, name: str) -> Path:
    """Where the record of this name lies."""
    return course.state / "records" / slug / f"{name}.json"


def point(course: Course, result: SubmissionResult) -> None:
    """Makes a recorded result the latest of its student and assignment."""
    path = _pointer(course, result.student, result.assignment)
    content = f"{result.record}\n".encode()
    try:
        if path.read_bytes() == content:
            return
    except OSError:
        pass
    atomic.write(path, [content], course.scratch, lasting=False)  # the next run points again


def latest(course: Course, slug: str, student: str) -> SubmissionResult | None:
    """The latest recorded result of a student; None where there is none; `DamagedError` where it cannot be read."""
    pointer = _pointer(course, student, slug)
    return _pointed(course, pointer) if pointer.is_file() else None


def all_latest(course: Course) -> Iterator[SubmissionResult | DamagedError]:
    """The latest recorded result of each student and assignment, or what is wrong with it."""
    for pointer in sorted((course.state / "latest").glob("*/*")):
        try:
            yield _pointed(course, pointer)
        except DamagedError as error:
            yield error


def _pointed(course: Course, pointer: Path) -> SubmissionResult:
    path = path_of(course, pointer.parent.name, pointer.read_text(encoding="utf-8", errors="replace").strip())
    try:
        return read(path)
    except OSError as error:
        raise DamagedError(f"{path}: {error.strerror}, though {pointer} names it") from None


def _pointer(course: Course, student: str, slug: str) -> Path:
    name = quote(student.encode(errors="surrogateescape"), safe=" ")
    if len(name) > _LONGEST_NAME:
        name = f"{name[:100]}-{hashlib.sha256(name.encode()).hexdigest()}"
    return course.state / "latest" / slug / f"{name}.txt"
