"""Hand-ins completed with the notebook that nbgrader looks for: it passes over those who gave it another name, or none.

As a command, for hand-ins that did not come through `nbgrader collect`, in the course folder:
`python -m autograder.carrier.complete [ASSIGNMENT ...]`.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.carrier.reader import MARKER
from autograder.grading.notebook import UnreadableError, load_notebook


def complete_hand_in(folder: Path, released: Path) -> list[str]:
    """One line for each notebook that was missing from the hand-in and is there now; no file of the student is changed.

    In its place comes a copy of the student's notebook of another name, where there is no doubt which, else the
    released notebook. Either says so in its metadata, under `unstuck.completed`.
    """
    names = [path.name for path in sorted(released.glob("*.ipynb"))]
    others = sorted(_others(folder, names))
    lines = []
    for name in names:
        place = folder / name
        if os.path.lexists(place):
            continue
        renamed = _renamed(name, others, alone=len(names) == 1)
        if renamed is not None:
            told = f"The notebook was handed in as {renamed.relative_to(folder)}."
        elif others:
            found = ", ".join(str(path.relative_to(folder)) for path in others)
            told = f"There was no {name} in the hand-in but {found}; this is the notebook as it was released."
        else:
            told = f"There was no notebook in the hand-in; this is {name} as it was released."
        _copy(renamed or released / name, place, told)
        lines.append(f"{place}: {told}")
    return lines


def complete_tree(
    course: Path, *assignments: str, submitted: str = "submitted", release: str = "release", source: str = "assignments"
) -> list[str]:
    """One line for each notebook that was missing under `submitted/<student>/<assignment>/` of the course."""
    lines = []
    for folder in sorted(path for path in (course / submitted).glob("*/*") if path.is_dir()):
        if not assignments or folder.name in assignments:
            lines += complete_hand_in(folder, released_folder(course, folder.name, release=release, source=source))
    return lines


def is_completed(notebook: Path) -> bool:
    """Whether we put the notebook in its place."""
    try:
        metadata = load_notebook(notebook).get("metadata")
    except UnreadableError:
        return False
    marker = metadata.get(MARKER) if isinstance(metadata, dict) else None
    return isinstance(marker, dict) and "completed" in marker


def released_folder(course: Path, assignment: str, *, release: str = "release", source: str = "assignments") -> Path:
    """The folder with the notebooks that students were given: the released one, else the one that it is made from."""
    folder = course / release / assignment
    return folder if folder.is_dir() else course / source / assignment


def _others(folder: Path, names: list[str]) -> Iterator[Path]:
    """The hand-in's notebooks, at any depth, that are not where nbgrader looks for them."""
    for path in folder.rglob("*.ipynb"):
        if path.is_symlink() or not path.is_file() or ".ipynb_checkpoints" in path.parts:
            continue
        if path.parent != folder or path.name not in names:
            yield path


def _renamed(name: str, others: list[Path], *, alone: bool) -> Path | None:
    """The notebook that must be the missing one: the only one whose name begins like it, or the only one there is."""
    likely = [path for path in others if path.stem.startswith(Path(name).stem)] or (others if alone else [])
    return likely[0] if len(likely) == 1 else None


def _copy(origin: Path, place: Path, told: str) -> None:
    """Copy a notebook and mark it; one that cannot be read is copied as it is, for the grader to say so."""
    try:
        notebook = load_notebook(origin)
    except UnreadableError:
        shutil.copyfile(origin, place)
        return
    metadata = notebook.get("metadata")
    notebook["metadata"] = (metadata if isinstance(metadata, dict) else {}) | {MARKER: {"completed": told}}
    place.write_text(json.dumps(notebook), encoding="utf-8")


if __name__ == "__main__":
    for line in complete_tree(Path.cwd(), *sys.argv[1:]):
        print(line)
