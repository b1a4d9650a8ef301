"""How far a run has come."""

import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class Rate(ProgressColumn):
    """Submissions a minute, over the last seconds."""

    def render(self, task: Task) -> Text:
        """The column of a task."""
        return Text(f"{60 * task.speed:.0f} a minute" if task.speed else "")


class Advance:
    """A progress bar on a terminal (on standard error), nothing elsewhere; calling it advances it by one."""

    def __init__(self, total: int, *, quiet: bool = False) -> None:
        columns = (
            TextColumn("grading"), BarColumn(), MofNCompleteColumn(), Rate(), TimeElapsedColumn(),
            TextColumn("left"), TimeRemainingColumn(),
        )  # fmt: skip
        dumb = quiet or not sys.stderr.isatty()
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=dumb)
        self._task = self._bar.add_task("grading", total=total)

    def __enter__(self) -> "Advance":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self) -> None:
        self._bar.advance(self._task)
