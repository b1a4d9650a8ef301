"""Lays a handout out as a notebook whose bytes depend on nothing but its sources."""

from __future__ import annotations

import json
import re
from typing import Any

from autograder.authoring.handout import Check, Example, Exercise, Figure, Handout, Prose, Question, Setup

_Cell = dict[str, Any]

# For `autograder validate` and `autograder build`, not for the student.
_COMMENT = re.compile(r"[ \t]*<!--\s*(?:number|data):.*?-->", re.DOTALL)

# What nbgrader itself puts in the place of an answer, so that the released notebook is the one that was built.
_UNANSWERED = "YOUR ANSWER HERE"

_LOOKING = """
from pathlib import Path

# A notebook that was moved alone, to Colab for instance, says here what it lacks.
needed = {needed}
if missing := [name for name in needed if not Path(name).is_file()]:
    raise FileNotFoundError(
        f"{{', '.join(missing)}} must lie beside this notebook. Take it from the folder that you were given and upload it "
        "(in Colab: the folder symbol on the left, then drag it there). Then run this cell again."
    )
"""

_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


def notebook(handout: Handout, skeletons: dict[str, str], beside: list[str]) -> str:
    """Returns the text of the student's notebook, nbformat 4.5; its code needs the files `beside` it."""
    cells: list[_Cell] = []
    prose: list[str] = []
    for block in handout.blocks:
        if isinstance(block, Prose | Example):
            prose.append(_markdown(block))
            continue
        if isinstance(block, Question):
            prose.append(f"**Question, in words** ({block.points:g} points, marked by hand). {block.text}")
        cell = _cell(block, handout, skeletons)
        # Prose takes its id from the cell it leads to, so that a new paragraph elsewhere renames nothing.
        cells += _prose_cells(prose, f"before-{cell['id']}")
        if cell["id"] == "setup-notebook":
            cells.append(_code("setup-files", _LOOKING.format(needed=json.dumps(beside)).strip()))
        cells.append(cell)
        prose = []
    cells += _prose_cells(prose, "after-all")
    document = {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _markdown(block: Prose | Example) -> str:
    """The Markdown that the student reads."""
    if isinstance(block, Example):
        return f"```python\n{block.source}\n```"
    return _COMMENT.sub("", block.text)


def _prose_cells(prose: list[str], cell_id: str) -> list[_Cell]:
    """One Markdown cell, or none where nothing was written."""
    if not prose:
        return []
    return [{"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": _lines("\n\n".join(prose))}]


def _cell(block: Setup | Exercise | Check | Figure | Question, handout: Handout, skeletons: dict[str, str]) -> _Cell:
    """The cell that a block becomes; its id comes from the block's name."""
    match block:
        case Setup():
            return _code("setup-module", block.source) if block.module else _setup(block, handout)
        case Exercise():
            # No nbgrader metadata: a solution cell without markers would be blanked whole by ClearSolutions.
            return _code(block.name, skeletons[block.name])
        case Figure():
            return _code(f"figure-{block.name}", block.source)
        case Check():
            return _check(block, handout.exercises[block.exercise])
        case Question():
            return _answer(block)


def _setup(block: Setup, handout: Handout) -> _Cell:
    """The notebook's own imports and helpers, and the start of the count of points."""
    points = [f"    {name}={points:g}," for name, points in handout.exercises.items()]
    return _code("setup-notebook", "\n".join([block.source, "", "", "unstuck.begin(", *points, ")"]))


def _check(block: Check, points: float) -> _Cell:
    """The locked cell that runs an exercise's visible checks and carries its points."""
    head = f"# The visible checks of {block.exercise}. It is worth {points:g} points; hidden checks decide them."
    run = "\n".join(
        ["unstuck.run_checks(", *(f"    {test}," for test in block.tests), f'    exercise="{block.exercise}",', ")"]
    )
    cell = _code(f"check-{block.exercise}", f"{head}\n{block.source}\n\n\n{run}")
    return cell | {"metadata": {**_graded("code", block.exercise, points, by_hand=False), "editable": False}}


def _answer(block: Question) -> _Cell:
    """The cell that holds a student's words: nbgrader waits for a human to mark it."""
    metadata = _graded("markdown", block.name, block.points, by_hand=True)
    return {"cell_type": "markdown", "id": f"answer-{block.name}", "metadata": metadata, "source": [_UNANSWERED]}


def _graded(kind: str, name: str, points: float, *, by_hand: bool) -> dict[str, Any]:
    """The metadata of a cell that nbgrader keeps a score of."""
    return {
        "deletable": False,
        "nbgrader": {
            "cell_type": kind,
            "grade": True,
            "grade_id": name,
            "locked": not by_hand,
            "points": points,
            "schema_version": 3,
            "solution": by_hand,
            "task": False,
        },
    }


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
