"""Records of grades: the same bytes, seed and checks are graded once. Written atomically, one file each."""

import hashlib
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from autograder.course import Assignment
from autograder.grading.examine import Order
from autograder.grading.notebook import NOTEBOOK_LIMIT
from autograder.grading.result import ERROR, SubmissionResult, from_json, to_json


class Records:
    """The records in a folder."""

    def __init__(self, folder: Path, isolation: str, devices: tuple[str, ...]) -> None:
        self._folder = folder
        self._surroundings = f"{isolation} {' '.join(devices)}"

    def find(self, assignment: Assignment, order: Order) -> SubmissionResult | None:
        """The recorded result of these bytes under this seed, these checks and this isolation; None where there is none."""
        path = self._path(assignment, order)
        try:
            found = from_json(json.loads(path.read_text(encoding="utf-8")))
            return replace(found, path=order.submission.shown_path)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):  # a record of another version, or damaged: grade again
            return None

    def keep(self, assignment: Assignment, order: Order, result: SubmissionResult) -> None:
        """Records a result; a fault of the grader is not recorded, so that the next run grades again."""
        if result.status == ERROR:
            return
        path = self._path(assignment, order)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, scratch = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(to_json(result), file, ensure_ascii=False)
        os.replace(scratch, path)

    def _path(self, assignment: Assignment, order: Order) -> Path:
        digest = hashlib.sha256()
        submission = order.submission
        about = (
            submission.student,
            submission.assignment,
            str(submission.unreadable),
            order.seed,
        )
        for part in (*about, assignment.version, self._surroundings):
            digest.update(part.encode(errors="surrogateescape") + b"\0")
        files = sorted(submission.path.iterdir()) if submission.path.is_dir() else [submission.path]
        for file in files:
            digest.update(file.name.encode(errors="surrogateescape") + b"\0" + _fingerprint(file) + b"\0")
        return self._folder / submission.assignment / f"{digest.hexdigest()}.json"


def _fingerprint(file: Path) -> bytes:
    """A digest of a file's bytes; of its kind and size where it is no file that would be read."""
    if file.is_symlink() or not file.is_file() or file.stat().st_size > NOTEBOOK_LIMIT:
        return repr(file.lstat()[:1] + file.lstat()[6:7]).encode() if os.path.lexists(file) else b""
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError as error:  # it will be reported as unreadable
        return repr(error).encode()
