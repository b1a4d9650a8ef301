"""The `release_feedback` step of nbgrader's exchange, for students who handed in by mail or gave their notebook another name."""

import glob
import os
import shutil
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.carrier.complete import is_completed, released_folder

_RECEIPT = "submission_secret.txt"


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]  # nbgrader has no types
    """A releaser that passes over whom it cannot reach, where nbgrader's stops for the whole class.

    A student's page is found under a name made of the hand-in's receipt and the file name that was handed in;
    `fetch_feedback` asks for no other. What came by mail has no receipt.
    """

    def copy_files(self) -> None:
        """Release every page that can be; say whose cannot, and fail at the end where a page could not be copied."""
        excluded = set(self.coursedir.student_id_exclude.split(","))
        failed = []
        for folder in sorted(map(Path, glob.glob(self.src_path))):
            if (student := folder.parent.name) in excluded:
                continue
            try:
                self._release(folder, student)
            except OSError as error:
                self.log.error("%s: feedback not released: %s", student, error)
                failed.append(student)
        if failed:
            self.fail(f"The feedback of {len(failed)} could not be released: {', '.join(failed)}")

    def _release(self, folder: Path, student: str) -> None:
        """Release a student's pages: each under its name, and under the student's own where `collect` added the expected one."""
        pages = {page.stem: page for page in sorted(folder.glob("*.html"))}
        for own, expected in self._own_names(folder, student).items():
            if expected in pages:
                pages[own] = pages[expected]
        secret = _secret(folder)
        for name, page in pages.items():
            if secret is None:
                self.log.warning(
                    "%s: %s has no %s, so that it cannot be fetched; send the student %s",
                    student, folder, _RECEIPT, page,
                )  # fmt: skip
            else:
                self._copy(page, notebook_hash(secret=secret, notebook_id=name))
                self.log.info("Released feedback for %s on %s", student, name)

    def _copy(self, page: Path, name: str) -> None:
        """Put a page into the exchange, at once and whole."""
        scratch = Path(self.dest_path) / f"{name}-tmp.html"
        shutil.copy(page, scratch)
        os.replace(scratch, scratch.with_name(f"{name}.html"))

    def _own_names(self, folder: Path, student: str) -> dict[str, str]:
        """The name of the expected notebook, by each other name under which the student may have handed it in."""
        course, assignment = self.coursedir, self.coursedir.assignment_id
        hand_in = Path(course.format_path(course.submitted_directory, student, assignment))
        released = released_folder(
            Path(course.root), assignment, release=course.release_directory, source=course.source_directory
        )
        names = [path.stem for path in released.glob("*.ipynb")]
        if len(names) != 1 or not is_completed(hand_in / f"{names[0]}.ipynb"):
            return {}
        return {own.stem: names[0] for own in hand_in.glob("*.ipynb") if own.stem not in names}


def _secret(folder: Path) -> str | None:
    """The receipt's secret, which the collector puts into a hand-in; None where there is none, or it is no text."""
    try:
        return (folder / _RECEIPT).read_text(encoding="utf-8") or None
    except (FileNotFoundError, UnicodeDecodeError):
        return None
