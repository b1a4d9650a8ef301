"""Asks a student's code for the numbers of the pictures, in the sandbox, and has them drawn."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from autograder.checking.pictures import Picture, read_pictures
from autograder.checking.reference import ReferenceModule
from autograder.course import Assignment, Course
from autograder.feedback.drawing import svg
from autograder.feedback.numbers import VISIBLE, Panels, pairs, panels
from autograder.feedback.words import described
from autograder.grading.intake import Work, read_work
from autograder.grading.notebook import UnreadableError
from autograder.sandbox.remote import Recording, StudentModule
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import Deadlines, Interrupted, Session, Submitted
from autograder.sandbox.zygote import SandboxError

_DEADLINES = Deadlines(cpu=2.0, wall=5.0, lost=8.0)
_SEED = 20


@dataclass(frozen=True)
class Shown:
    """A picture in a student's feedback: what it is of, its SVG, and the same in words."""

    caption: str
    svg: str
    words: str


class Gallery:
    """Pictures for one submission after another. The sandbox is started for the first that needs one. A context manager."""

    def __init__(self, course: Course, *, unsafe: bool = False) -> None:
        self.course = course
        self._unsafe = unsafe
        self._sandbox: Sandbox | None = None
        self._pictures: dict[str, list[Picture]] = {}
        self._right: dict[Picture, Panels] = {}
        self._references: dict[str, ReferenceModule] = {}

    def __enter__(self) -> "Gallery":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the sandbox."""
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None

    def of(self, slug: str, exercises: set[str], files: Mapping[str, bytes]) -> dict[str, Shown]:
        """The picture of each of these exercises that has one and where the hand-in's answers can be seen to differ.

        Raises:
            SandboxError: the sandbox does not work here.
            CheckError: the pictures cannot be loaded.
        """
        assignment = self.course.assignment(slug)
        wanted = self._wanted(slug, exercises)
        shown: dict[str, Shown] = {}
        for work in _works(assignment, files) if wanted else []:
            session = self._started().session(_submitted(assignment, work), _DEADLINES)
            try:
                for picture in wanted:
                    if picture.exercise not in shown and (one := self._shown(assignment, picture, session)) is not None:
                        shown[picture.exercise] = one
            finally:
                session.close()
        return shown

    def has_any(self, slug: str, exercises: set[str]) -> bool:
        """Whether there is a picture of any of these exercises."""
        return bool(self._wanted(slug, exercises))

    def _wanted(self, slug: str, exercises: set[str]) -> list[Picture]:
        if slug not in self._pictures:
            self._pictures[slug] = read_pictures(self.course.assignment(slug).hidden / "pictures.py")
        return [one for one in self._pictures[slug] if one.exercise in exercises]

    def _started(self) -> Sandbox:
        if self._sandbox is None:
            self._sandbox = Sandbox(self.course.root, unsafe=self._unsafe, device="cpu")
        return self._sandbox

    def _shown(self, assignment: Assignment, picture: Picture, session: Session) -> Shown | None:
        """The picture, or None where there is nothing to be seen: student code that fails costs its picture only."""
        session.start_check(_SEED)
        try:
            yours = panels(picture, picture.ask(StudentModule(session, Recording(), ())))
            drawn = pairs(picture, yours, self._answers(assignment, picture))
        except (SandboxError, KeyboardInterrupt):
            raise
        except (Exception, Interrupted):
            return None
        if not any(pair.difference > VISIBLE for pair in drawn):
            return None
        return Shown(picture.caption, svg(picture, drawn), described(picture, drawn))

    def _answers(self, assignment: Assignment, picture: Picture) -> Panels:
        """The reference's numbers."""
        if picture not in self._right:
            if assignment.slug not in self._references:
                text = assignment.reference
                self._references[assignment.slug] = ReferenceModule(assignment.slug, text, self._started())
            try:
                self._right[picture] = panels(picture, picture.ask(self._references[assignment.slug]))
            except Exception as error:  # the author's fault, and none of the student's
                raise SandboxError(
                    f"{assignment.slug}: the picture `{picture.name}` fails on the reference ({error}); "
                    "run `autograder validate`"
                ) from error
        return self._right[picture]


def _works(assignment: Assignment, files: Mapping[str, bytes]) -> list[Work]:
    """The gradable files of a hand-in, from their bytes."""
    with tempfile.TemporaryDirectory(prefix="unstuck-") as scratch:
        folder = Path(scratch) / assignment.slug
        folder.mkdir()
        for name, content in files.items():
            (folder / Path(name).name).write_bytes(content)
        try:
            return read_work(assignment, folder)[0]
        except UnreadableError:
            return []


def _submitted(assignment: Assignment, work: Work) -> Submitted:
    return Submitted(assignment.slug, work.cells, work.is_notebook, tuple(assignment.points))
