"""What was handed in, as far as a grade can depend on it: read once, kept by content, laid out again for the grader."""

import hashlib
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.grading import atomic
from autograder.grading.atomic import KeepError
from autograder.grading.intake import Submission, gradable
from autograder.grading.notebook import MODULE_LIMIT, NOTEBOOK_LIMIT

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LINK, _FOLDER, _SPECIAL, _CLOSED, _NAMED = "link", "folder", "special", "closed", "named"
_TOO_LARGE = re.compile(r"(\d+) bytes")


@dataclass(frozen=True)
class HandIn:
    """A hand-in's files, name by name: the SHA-256 of the bytes, or what stands there that is not read.

    `link`, `folder`, `special` (a pipe, a device), `closed` (may not be opened), `N bytes` (too large), `named` (of which
    only the name counts).
    """

    is_folder: bool
    files: tuple[tuple[str, str], ...]
    data: dict[str, bytes]  # by name, where the bytes were read

    def lay_out(self, folder: Path) -> Path:
        """Writes the hand-in into an empty folder; the path that stands for it, as a submission's does."""
        place = folder / "hand_in"
        place.mkdir()
        for name, what in self.files:
            _write(place / name, what, self.data.get(name))
        return place if self.is_folder else place / self.files[0][0]


def read(submission: Submission) -> HandIn:
    """The hand-in as it lies there now."""
    if submission.unreadable is not None:
        return HandIn(False, (), {})
    is_folder, paths, others = gradable(submission)
    data: dict[str, bytes] = {}
    files = []
    for path in (*paths, *others):
        what, content = (_NAMED, None) if len(others) > 1 and path in others else _read(path)
        files.append((path.name, what))
        if content is not None:
            data[path.name] = content
    return HandIn(is_folder, tuple(files), data)


def keep(course: Course, hand_in: HandIn) -> None:
    """Keeps the bytes under their digest, once; `KeepError` where they cannot be written."""
    for name, digest in hand_in.files:
        content = hand_in.data.get(name)
        if content is not None:
            path = _place(course, digest)
            if not path.is_file() or path.stat().st_size != len(content):
                atomic.write(path, [content], course.scratch)


def kept(course: Course, files: Iterable[tuple[str, str]], subject: str) -> dict[str, bytes]:
    """The kept bytes by name; `KeepError` where they are gone or are not what they were."""
    found = {}
    for name, digest in files:
        if Path(name).name != name or "\0" in name:
            raise KeepError(f"{subject}: {name!r} is no name of a file; the results were changed by hand, take others.")
        if _DIGEST.fullmatch(digest):
            path = _place(course, digest)
            try:
                content = path.read_bytes()
            except OSError as error:
                raise KeepError(
                    f"{subject}: the bytes of {name} that were graded are gone ({path}: {error.strerror}); they are on the "
                    "machine that graded them, or in a backup of .autograder/hand_ins."
                ) from None
            if hashlib.sha256(content).hexdigest() != digest:
                raise KeepError(
                    f"{subject}: the kept bytes of {name} are damaged ({path}); take the file from a backup, or remove it and "
                    "grade the hand-in again."
                )
            found[name] = content
    return found


def _place(course: Course, digest: str) -> Path:
    return course.state / "hand_ins" / digest[:2] / digest


def _read(path: Path) -> tuple[str, bytes | None]:
    """What stands at a path, and its bytes where they would be read."""
    try:
        entry = path.lstat()
        if stat.S_ISLNK(entry.st_mode) or stat.S_ISDIR(entry.st_mode):
            return (_LINK if stat.S_ISLNK(entry.st_mode) else _FOLDER), None
        if not stat.S_ISREG(entry.st_mode):
            return _SPECIAL, None
        if entry.st_size > (MODULE_LIMIT if path.suffix == ".py" else NOTEBOOK_LIMIT):
            return f"{entry.st_size} bytes", None
        if not entry.st_mode & 0o444:  # root could open it all the same, the reader of the copy does not
            return _CLOSED, None
        content = path.read_bytes()
    except OSError:
        return _CLOSED, None
    return hashlib.sha256(content).hexdigest(), content


def _write(path: Path, what: str, content: bytes | None) -> None:
    if content is not None:
        path.write_bytes(content)
    elif what == _LINK:
        path.symlink_to("/dev/null")
    elif what == _FOLDER:
        path.mkdir()
    elif what == _SPECIAL:
        os.mkfifo(path)
    else:
        path.touch(mode=0 if what == _CLOSED else 0o600)
        if size := _TOO_LARGE.fullmatch(what):
            os.truncate(path, int(size[1]))
