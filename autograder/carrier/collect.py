"""The `collect` step of nbgrader's exchange, for hand-ins that may hold anything."""

import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from autograder.carrier.complete import complete_hand_in, released_folder


class CollectHandIns(ExchangeCollect):  # type: ignore[misc]  # nbgrader has no types
    """A collector that leaves links behind, goes on where one hand-in cannot be copied, and completes the others."""

    def copy_files(self) -> None:
        """Collect every hand-in that can be; fail at the end where some could not."""
        self._failed: list[str] = []
        super().copy_files()
        if self._failed:
            self.fail(f"{len(self._failed)} of the hand-ins could not be collected: {', '.join(self._failed)}")

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one hand-in and put the expected notebook into it where it is missing."""
        hand_in = Path(src)
        try:
            if hand_in.is_symlink():
                raise OSError("it is a link")
            if strange := [path for path in hand_in.rglob("*") if _is_strange(path)]:
                self.log.warning("%s: left out, being no files: %s", hand_in, ", ".join(map(str, strange)))
                self._copy_without(hand_in, dest, set(strange))
            else:
                super().do_copy(src, dest, log)
        except (OSError, shutil.Error, RuntimeError) as error:
            self.log.error("%s: not collected: %s", hand_in.name, error)
            shutil.rmtree(dest, ignore_errors=True)
            self._failed.append(hand_in.name)
            return
        course, assignment = self.coursedir, self.coursedir.assignment_id
        released = released_folder(
            Path(course.root), assignment, release=course.release_directory, source=course.source_directory
        )
        for line in complete_hand_in(Path(dest), released):
            self.log.warning(line)

    def _copy_without(self, hand_in: Path, dest: str, strange: set[Path]) -> None:
        """Copy the hand-in but for the strange entries: a link may point at a file of the instructor."""
        with tempfile.TemporaryDirectory() as folder:
            staged = Path(folder) / "hand-in"
            shutil.copytree(
                hand_in,
                staged,
                ignore=lambda parent, names: [name for name in names if Path(parent) / name in strange],
            )
            super().do_copy(str(staged), dest)


def _is_strange(path: Path) -> bool:
    """Whether the entry is neither a file nor a folder but a link, a pipe, a socket or a device."""
    mode = path.lstat().st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
