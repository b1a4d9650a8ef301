"""The canonical cells put back into a submitted notebook, before anything of nbgrader looks at it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.carrier.reader import MARKER
from autograder.carrier.text import harmless_markdown


@dataclass(frozen=True)
class CanonicalCell:
    """A cell as `nbgrader generate_assignment` recorded it."""

    name: str
    cell_type: str
    source: str
    checksum: str | None
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float | None

    def metadata(self) -> dict[str, Any]:
        """The cell's metadata in the released notebook."""
        nbgrader = {
            "schema_version": 3,
            "grade_id": self.name,
            "cell_type": self.cell_type,
            "locked": self.locked,
            "grade": self.grade,
            "solution": self.solution,
            "task": self.task,
        }
        if self.checksum is not None:
            nbgrader["checksum"] = self.checksum
        if self.points is not None:
            nbgrader["points"] = self.points
        return {"nbgrader": nbgrader, "deletable": False, **({"editable": False} if self.locked else {})}


def canonical_cells(gradebook: Gradebook, notebook: str, assignment: str) -> list[CanonicalCell]:
    """The cells that the gradebook knows of the notebook, in the order in which it recorded them."""
    recorded = gradebook.find_notebook(notebook, assignment)
    graded = {cell.name: cell.max_score for cell in recorded.grade_cells}
    tasks = {cell.name: cell.max_score for cell in recorded.task_cells}
    solutions = {cell.name for cell in recorded.solution_cells}
    return [
        CanonicalCell(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            checksum=cell.checksum,
            locked=cell.locked,
            grade=cell.name in graded,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            points=graded.get(cell.name, tasks.get(cell.name)),
        )
        for cell in recorded.source_cells
    ]


def restore(cells: Iterable[Mapping[str, Any]], canonical: list[CanonicalCell]) -> list[NotebookNode]:
    """The submitted cells with each canonical one exactly once.

    The first cell that claims a canonical name keeps its place, the others become plain cells. A cell that none claims
    follows its predecessor in the released notebook, or stands at the end.
    """
    waiting = {cell.name: cell for cell in canonical}
    restored: list[NotebookNode] = []
    for cell in cells:
        claimed = waiting.pop(cell["metadata"].get("nbgrader", {}).get("grade_id"), None)
        restored.append(_plain(cell) if claimed is None else _canonical(claimed, cell))
    for before, known in zip([None, *canonical], canonical, strict=False):
        if known.name in waiting:
            restored.insert(_after(restored, before), _canonical(known, None))
    for number, node in enumerate(restored, start=1):
        node["id"] = f"cell-{number}"
    return restored


def _after(cells: list[NotebookNode], before: CanonicalCell | None) -> int:
    """The place behind the cell `before`, or behind all."""
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
    return names.index(before.name) + 1 if before is not None else len(cells)


def _canonical(known: CanonicalCell, submitted: Mapping[str, Any] | None) -> NotebookNode:
    """The canonical cell; where students write in it, with the submitted source."""
    if known.locked or submitted is None or submitted["source"] == known.source:
        return _node(known.cell_type, known.source, known.metadata())
    attachments = submitted.get("attachments", {})
    return _node(known.cell_type, submitted["source"], known.metadata(), attachments)


def _plain(cell: Mapping[str, Any]) -> NotebookNode:
    return _node(cell["cell_type"], cell["source"], {}, cell.get("attachments", {}))


def _node(
    kind: str, source: str, metadata: dict[str, Any], attachments: Mapping[str, Any] | None = None
) -> NotebookNode:
    """A cell without outputs; `attachments` is given where the source is the student's."""
    cell: dict[str, Any] = {"cell_type": kind, "metadata": metadata, "source": source}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    elif attachments is not None:
        cell["source"] = harmless_markdown(source, attachments)
        cell |= {"attachments": dict(attachments)} if attachments else {}
    return from_dict(cell)


def notice(marker: Mapping[str, str]) -> str | None:
    """What the student is told about the file, as Markdown; None where there is nothing to tell."""
    if "unreadable" in marker:
        return f"**This notebook could not be read.** {harmless_markdown(marker['unreadable'])}"
    if "completed" in marker:
        return f"**Note.** {harmless_markdown(marker['completed'])}"
    return None


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """The first step of sanitizing: afterwards no metadata and no output is the student's."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with its canonical cells, under a notice where there is something to tell."""
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            canonical = canonical_cells(gradebook, where["notebook"], where["assignment"])
        cells: list[Mapping[str, Any]] = list(nb.cells)
        told = notice(nb.metadata.get(MARKER, {}))
        nb.cells = restore(cells, canonical)
        if told is not None:
            nb.cells.insert(0, from_dict({"cell_type": "markdown", "id": "notice", "metadata": {}, "source": told}))
        return nb, resources
