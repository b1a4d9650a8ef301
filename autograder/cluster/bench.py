"""What a Dask worker keeps while a run lasts: a private folder, a sandbox, the checks that have been collected."""

import shutil
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from autograder.course import Assignment
from autograder.grading.hand_ins import HandIn
from autograder.grading.intake import Submission
from autograder.grading.result import SubmissionResult

if TYPE_CHECKING:  # these import torch, which takes seconds: not while a message is being read
    from autograder.grading.examine import Order
    from autograder.sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class Checks:
    """The trusted files of an assignment in one version, as they travel: by their paths from the course's root."""

    slug: str
    version: str
    sources: dict[str, bytes]


@dataclass(frozen=True)
class HandedIn:
    """A submission as it travels: whose, the seed of its checks, and what was read of it."""

    submission: Submission
    seed: str
    files: HandIn


class Bench:
    """Grades one submission after another in a worker. Dask gives each worker a copy: only the settings travel.

    Folder and sandbox are made when they are first needed. When the last reference goes, because the run is over or
    whoever asked is gone, they go too.
    """

    def __init__(self, unsafe: bool, device: str) -> None:
        self._unsafe, self._device = unsafe, device
        self._grader: _Grader | None = None
        self.turn = threading.Lock()  # of several threads of a worker one grades at a time

    def __reduce__(self) -> tuple[type["Bench"], tuple[bool, str]]:
        return Bench, (self._unsafe, self._device)

    def grade(self, checks: Checks, handed_in: HandedIn, beneath: str, has_gpu: bool) -> SubmissionResult:
        """The result of a submission; the folder, where there is none yet, is made beneath another.

        Raises:
            SandboxError: the sandbox does not hold here, or has failed.
            KeepError: the folder cannot be written.
        """
        if self._grader is None:
            device = "cuda" if has_gpu and self._device != "cpu" else "cpu"
            self._grader = _Grader(Path(mkdtemp(prefix="unstuck-", dir=beneath)), self._unsafe, device)
            weakref.finalize(self, self._grader.stop)
            self._grader.start()
        return self._grader.grade(checks, handed_in)


@dataclass(frozen=True)
class _Asked:
    """A submission that waits to be graded."""

    assignment: Assignment
    handed_in: HandedIn
    answer: "Future[SubmissionResult]" = field(default_factory=Future)


class _Grader(threading.Thread):
    """One thread with the sandbox: the checks stay collected, and their references made, for as long as no others are asked."""

    def __init__(self, folder: Path, unsafe: bool, device: str) -> None:
        super().__init__(name="unstuck", daemon=True)
        self._folder, self._unsafe, self._device = folder, unsafe, device
        self._waiting: SimpleQueue[_Asked | None] = SimpleQueue()
        self._asked: _Asked | None = None

    def grade(self, checks: Checks, handed_in: HandedIn) -> SubmissionResult:
        """The result of a submission, from another thread."""
        asked = _Asked(self._unpacked(checks), handed_in)
        self._waiting.put(asked)
        return asked.answer.result()

    def stop(self) -> None:
        """Ends the thread, soon."""
        self._waiting.put(None)

    def run(self) -> None:
        """Grades until it is told to stop; where the sandbox fails, whoever waits learns it, and whoever comes later."""
        from autograder.sandbox.sandbox import Sandbox
        from autograder.sandbox.session import Submitted

        try:
            self._asked = self._waiting.get()
            with Sandbox(self._folder, unsafe=self._unsafe, device=self._device) as sandbox:
                # The first session waits for the proof that the sandbox holds. Where it does not, the run is to end: as a
                # fault of each submission it would make this worker the quickest, and all work would come here.
                sandbox.session(Submitted("", (), False, ())).close()
                while self._asked is not None:
                    self._grade_with_the_same_checks(sandbox)
        except BaseException as error:
            while self._asked is not None:
                if not self._asked.answer.done():
                    self._asked.answer.set_exception(error)
                self._asked = self._waiting.get()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _grade_with_the_same_checks(self, sandbox: "Sandbox") -> None:
        """Grades what is asked until something else, or nothing, is asked; this stays in `_asked`."""
        from autograder.grading.tasks import grade_task

        assert self._asked is not None
        grade_task(self._asked.assignment, sandbox, self._alike(self._asked.assignment), self._answer)

    def _alike(self, assignment: Assignment) -> "Iterator[tuple[Order, HandIn]]":
        from autograder.grading.examine import Order

        while self._asked is not None and self._asked.assignment == assignment:
            handed_in = self._asked.handed_in
            yield Order(handed_in.submission, handed_in.seed), handed_in.files
            self._asked = self._waiting.get()

    def _answer(self, order: "Order", files: HandIn, result: SubmissionResult) -> None:
        assert self._asked is not None
        self._asked.answer.set_result(result)

    def _unpacked(self, checks: Checks) -> Assignment:
        """The assignment in the private folder, written there once."""
        assignment = Assignment(self._folder / checks.version, checks.slug)
        if not assignment.root.exists():
            for name, content in checks.sources.items():
                path = assignment.root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        return assignment
