"""The exporter of `nbgrader autograde`: it reads a submission that may be anything, and records a class in one batch."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from traitlets import Bool

from autograder.carrier.batch import in_one_batch
from autograder.carrier.reader import read_submission


class SubmissionExporter(NotebookExporter):  # type: ignore[misc]  # nbconvert has no types
    """An exporter that gives a notebook without cells, and with the reason in it, where the file holds none.

    With nbconvert's own, an unreadable notebook raises, and nbgrader deletes what it has of the student's hand-in.
    """

    optimistic_validation = Bool(True).tag(config=True)  # once after all steps, not after each of thirteen

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if isinstance(self.parent, Autograde):  # which makes its exporter before it converts anything
            in_one_batch(self.parent)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """The exported text of the notebook in the file, and the resources."""
        # nbgrader reads twice: the submitted file first, and then what came of that, which is ours.
        if not getattr(self.parent, "_sanitizing", True):
            text, resources = super().from_filename(filename, resources=resources, **options)
            return text, resources
        path = Path(filename)
        resources = resources if resources is not None else {}
        resources["metadata"] = {
            "name": path.stem,
            "path": str(path.parent),
            "modified_date": datetime.fromtimestamp(path.lstat().st_mtime, tz=UTC).strftime("%B %d, %Y"),
        }
        text, resources = self.from_notebook_node(read_submission(path), resources=resources, **options)
        return text, resources
