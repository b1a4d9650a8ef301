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

from autograder.carrier.reader import MARKER, UnreadableNotebookError, load_notebook


def complete_hand_in(folder: Path, released: Path) -> list[str]:
    """One line for each notebook that was missing from the hand-in and is there now; no file of the student is changed.

    In its place comes a copy of the only other notebook where there is exactly one, else the released notebook. Either
    says so in its metadata, under `unstuck.completed`; the released one also has `unstuck.released` true.
    """
    names = [path.name for path in sorted(released.glob("*.ipynb"))]
    others = sorted(_others(folder, names))
    lines = []
    for name in names:
        place = folder / name
        if os.path.lexists(place):
            continue
        if len(names) == len(others) == 1:
            told = f"The notebook was handed in as {others[0].relative_to(folder)}."
            _copy(others[0], place, {"completed": told})
        else:
            told = f"There was no {name} in the hand-in; this is the notebook as it was released."
            _copy(released / name, place, {"completed": told, "released": True})
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


def released_folder(course: Path, assignment: str, *, release: str = "release", source: str = "assignments") -> Path:
    """The folder with the notebooks that students were given: the released one, else the one that it is made from."""
    folder = course / release / assignment
    return folder if folder.is_dir() else course / source / assignment


def _others(folder: Path, names: list[str]) -> Iterator[Path]:
    """The hand-in's notebooks that do not bear an expected name, at any depth; an expected name counts in a subfolder."""
    for path in folder.rglob("*.ipynb"):
        if path.is_symlink() or not path.is_file() or ".ipynb_checkpoints" in path.parts:
            continue
        if path.parent != folder or path.name not in names:
            yield path


def _copy(origin: Path, place: Path, marker: dict[str, object]) -> None:
    """Copy a notebook and mark it; one that cannot be read is copied as it is, for the grader to say so."""
    try:
        notebook = load_notebook(origin)
    except UnreadableNotebookError:
        shutil.copyfile(origin, place)
        return
    metadata = notebook.get("metadata")
    notebook["metadata"] = (metadata if isinstance(metadata, dict) else {}) | {MARKER: marker}
    place.write_text(json.dumps(notebook), encoding="utf-8")


if __name__ == "__main__":
    for line in complete_tree(Path.cwd(), *sys.argv[1:]):
        print(line)
