"""Lays a handout out as a notebook whose bytes depend on nothing but its sources."""

from __future__ import annotations

import json
import re
from typing import Any

from autograder.authoring.handout import Check, Example, Exercise, Figure, Handout, Prose, Setup

_Cell = dict[str, Any]

# For `autograder validate`, not for the student.
_NUMBER_COMMENT = re.compile(r"[ \t]*<!-- number: .*? -->", re.DOTALL)

_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


def notebook(handout: Handout, skeletons: dict[str, str]) -> str:
    """Returns the text of the student's notebook, nbformat 4.5."""
    cells: list[_Cell] = []
    prose: list[str] = []
    for block in handout.blocks:
        if isinstance(block, Prose | Example):
            prose.append(_markdown(block))
            continue
        cell = _code_cell(block, handout, skeletons)
        # Prose takes its id from the cell it leads to, so that a new paragraph elsewhere renames nothing.
        cells += _prose_cells(prose, f"before-{cell['id']}")
        cells.append(cell)
        prose = []
    cells += _prose_cells(prose, "after-all")
    document = {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _markdown(block: Prose | Example) -> str:
    """The Markdown that the student reads."""
    if isinstance(block, Example):
        return f"```python\n{block.source}\n```"
    return _NUMBER_COMMENT.sub("", block.text)


def _prose_cells(prose: list[str], cell_id: str) -> list[_Cell]:
    """One Markdown cell, or none where nothing was written."""
    if not prose:
        return []
    return [{"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": _lines("\n\n".join(prose))}]


def _code_cell(block: Setup | Exercise | Check | Figure, handout: Handout, skeletons: dict[str, str]) -> _Cell:
    """The code cell that a block becomes; its id comes from the block's name."""
    match block:
        case Setup():
            return _code("setup-module" if block.module else "setup-notebook", block.source)
        case Exercise():
            # No nbgrader metadata: a solution cell without markers would be blanked whole by ClearSolutions.
            return _code(block.name, skeletons[block.name])
        case Figure():
            return _code(f"figure-{block.name}", block.source)
        case Check():
            return _check(block, handout.exercises[block.exercise])


def _check(block: Check, points: float) -> _Cell:
    """The locked cell that runs an exercise's visible checks and carries its points."""
    head = f"# The visible checks of {block.exercise}. It is worth {points:g} points; hidden checks decide them."
    run = "\n".join(["unstuck.run_checks(", *(f"    {test}," for test in block.tests), ")"])
    cell = _code(f"check-{block.exercise}", f"{head}\n{block.source}\n\n\n{run}")
    cell["metadata"] = {
        "deletable": False,
        "editable": False,
        "nbgrader": {
            "cell_type": "code",
            "grade": True,
            "grade_id": block.exercise,
            "locked": True,
            "points": points,
            "schema_version": 3,
            "solution": False,
            "task": False,
        },
    }
    return cell


def _code(cell_id: str, source: str) -> _Cell:
    """A code cell that has not run."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": {},
        "outputs": [],
        "source": _lines(source),
    }


def _lines(text: str) -> list[str]:
    """Text as nbformat stores it: a list of lines that keep their ends."""
    return text.splitlines(keepends=True)
