"""What a student wrote of a hand-in: its code without what was handed out, and the locked cells that are not as they were."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.course import Assignment
from autograder.grading.notebook import (
    MODULE_LIMIT,
    NOTEBOOK_LIMIT,
    UnreadableError,
    cell_source,
    cells_of_code,
    parse_notebook,
    text_of_module,
)

LIMIT = 200_000  # characters of code; the longest reference has 12,000


@dataclass(frozen=True)
class OwnCode:
    """The text that is the student's own, why some was left out, and what was done to cells that are locked."""

    text: str
    left_out: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()


def own_code(assignment: Assignment, files: dict[str, bytes]) -> OwnCode:
    """The student's own part of the files that were graded; a file that cannot be read is left out and named."""
    texts: list[str] = []
    left_out: list[str] = []
    altered: list[str] = []
    for name, data in sorted(files.items()):
        try:
            if name.endswith(".py"):
                _within(name, data, MODULE_LIMIT)
                texts.append(text_of_module(name, data))
            elif name.endswith(".ipynb"):
                _within(name, data, NOTEBOOK_LIMIT)
                notebook = parse_notebook(name, data)
                given = _given(assignment)
                texts += [cell for cell in cells_of_code(name, notebook) if cell.strip() not in given.code]
                altered += _altered(given.locked, notebook)
        except UnreadableError as problem:
            left_out.append(str(problem))
    text = "\n\n".join(texts)
    if len(text) > LIMIT:
        left_out.append(f"{len(text):,} characters of code; at most {LIMIT:,} are compared")
        text = ""
    return OwnCode(text, tuple(left_out), tuple(altered))


def handed_out(assignment: Assignment) -> str:
    """The code that everybody got: that of the notebook and of the module."""
    modules = [folder / f"{assignment.slug}.py" for folder in _folders(assignment)]
    texts = [module.read_text(encoding="utf-8") for module in modules if module.is_file()]
    return "\n\n".join([*sorted(_given(assignment).code), *texts])


@dataclass(frozen=True)
class _Given:
    """The released notebook: its code cells, and its locked cells by grade id with source and points."""

    code: frozenset[str]
    locked: dict[str, tuple[str, object]]


def _folders(assignment: Assignment) -> tuple[Path, Path]:
    """Where what students got lies: as nbgrader released it, and as it was built last, which may be newer."""
    return assignment.root / "release" / assignment.slug, assignment.folder


@lru_cache(maxsize=32)
def _given(assignment: Assignment) -> _Given:
    notebooks = [
        parse_notebook(path.name, path.read_bytes())
        for folder in _folders(assignment)
        if (path := folder / f"{assignment.slug}.ipynb").is_file()
    ]
    code = frozenset(cell.strip() for notebook in notebooks for cell in cells_of_code(assignment.slug, notebook))
    locked = _locked(notebooks[0]) if notebooks else ()
    return _Given(code, {grade_id: (source, points) for grade_id, source, points in locked})


def _locked(notebook: dict[str, Any]) -> Iterator[tuple[str, str, object]]:
    for grade_id, marks, source in _graded(notebook):
        if marks.get("locked") is True:
            yield grade_id, source, marks.get("points")


def _graded(notebook: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The cells that nbgrader knows: grade id, its metadata, source. Whatever is not of the right type is passed over."""
    for cell in notebook["cells"]:
        metadata = cell.get("metadata") if isinstance(cell, dict) else None
        marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
        if isinstance(marks, dict) and isinstance(grade_id, str):
            yield grade_id, marks, cell_source(cell.get("source")).strip()


def _altered(locked: dict[str, tuple[str, object]], notebook: dict[str, Any]) -> Iterator[str]:
    found: dict[str, list[tuple[str, object]]] = {}
    for grade_id, marks, source in _graded(notebook):
        found.setdefault(grade_id, []).append((source, marks.get("points")))
    for grade_id, (source, points) in locked.items():
        copies = found.get(grade_id, [])
        if not copies:
            yield f"locked cell {grade_id} is gone"
        elif len(copies) > 1:
            yield f"locked cell {grade_id} is there {len(copies)} times"
        elif copies[0][0] != source:
            yield f"locked cell {grade_id} was changed"
        elif copies[0][1] != points:
            yield f"points of locked cell {grade_id} were changed"


def _within(name: str, data: bytes, limit: int) -> None:
    if len(data) > limit:
        raise UnreadableError(f"{name} has {len(data) / 2**20:.1f} MB; at most {limit // 2**20} MB are compared")
