"""The `release_feedback` step of nbgrader's exchange, for students who gave their notebook another name."""

import glob
import shutil
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

from autograder.carrier.complete import is_completed, released_folder


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]  # nbgrader has no types
    """A releaser whose pages are found under the name that was handed in: `fetch_feedback` asks for no other."""

    def copy_files(self) -> None:
        """Release each page, and once more under the student's own file name where `collect` had to add the expected one."""
        for folder in map(Path, glob.glob(self.src_path)):
            self._copy_under_own_name(folder)
        super().copy_files()

    def _copy_under_own_name(self, folder: Path) -> None:
        course, assignment = self.coursedir, self.coursedir.assignment_id
        hand_in = Path(course.format_path(course.submitted_directory, folder.parent.name, assignment))
        released = released_folder(
            Path(course.root), assignment, release=course.release_directory, source=course.source_directory
        )
        names = [path.stem for path in released.glob("*.ipynb")]
        if (
            len(names) != 1
            or not (folder / f"{names[0]}.html").is_file()
            or not is_completed(hand_in / f"{names[0]}.ipynb")
        ):
            return
        for own in hand_in.glob("*.ipynb"):
            if own.stem not in names:
                shutil.copyfile(folder / f"{names[0]}.html", folder / f"{own.stem}.html")
