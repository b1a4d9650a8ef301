"""A submitted notebook, read without trusting anything in it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict

from autograder.carrier.text import clean, cut
from autograder.grading.notebook import UnreadableError, cell_source, load_notebook

CELL_LIMIT = 2_000
# What the autograded copy shows of one cell and of the notebook, in characters. The grader reads the submitted file.
SOURCE_LIMIT = {"code": 100_000, "markdown": 20_000, "raw": 20_000}
SHOWN_LIMIT = 4_000_000

MARKER = "unstuck"  # our key in a notebook's metadata

_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


def read_submission(path: Path) -> NotebookNode:
    """A valid notebook with the cells of the file and nothing else of it; without cells, and with the reason, where the
    file cannot be read.

    A cell keeps its type, source, attached images and, as a mere claim, its `grade_id`.
    """
    try:
        raw = load_notebook(path)
    except UnreadableError as reason:
        return _notebook([], {"unreadable": str(reason)})
    marker = raw["metadata"].get(MARKER) if isinstance(raw.get("metadata"), dict) else None
    completed = marker.get("completed") if isinstance(marker, dict) else None
    return _notebook(
        list(_cells(raw["cells"])), {"completed": cut(clean(completed), 200)} if isinstance(completed, str) else {}
    )


def _notebook(cells: list[dict[str, Any]], marker: dict[str, str]) -> NotebookNode:
    metadata = {MARKER: marker} if marker else {}
    return from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def _cells(raw_cells: list[Any]) -> Iterator[dict[str, Any]]:
    """Valid cells, as long as there is room for them."""
    room = SHOWN_LIMIT
    for number, raw in enumerate(raw_cells[:CELL_LIMIT], start=1):
        if not isinstance(raw, dict):
            continue
        kind = raw.get("cell_type")
        kind = kind if isinstance(kind, str) and kind in SOURCE_LIMIT else "markdown"
        source = cut(clean(cell_source(raw.get("source"))), min(SOURCE_LIMIT[kind], room))
        attachments = _attachments(raw.get("attachments"), room) if kind == "markdown" else {}
        room = max(0, room - len(source) - sum(len(data) for image in attachments.values() for data in image.values()))
        grade_id = _grade_id(raw.get("metadata"))
        cell: dict[str, Any] = {
            "id": f"cell-{number}",
            "cell_type": kind,
            "source": source,
            "metadata": {"nbgrader": {"grade_id": grade_id}} if grade_id is not None else {},
        }
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        elif attachments:
            cell["attachments"] = attachments
        yield cell


def _grade_id(metadata: object) -> str | None:
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return grade_id if isinstance(grade_id, str) else None


def _attachments(attachments: object, room: int) -> dict[str, dict[str, str]]:
    """The attached images whose kind and data are what they claim to be and for which there is room."""
    kept: dict[str, dict[str, str]] = {}
    for name, images in attachments.items() if isinstance(attachments, dict) else ():
        for kind, data in images.items() if isinstance(images, dict) else ():
            text = cell_source(data)
            if kind in _IMAGES and len(text) <= room and _BASE64.fullmatch(text):
                kept[clean(name)] = {kind: text}
                room -= len(text)
    return kept
