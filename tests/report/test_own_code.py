"""What a student wrote of a hand-in, and what was done to cells that are locked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny_course

from autograder.course import Assignment, Course
from autograder.report.own_code import LIMIT, handed_out, own_code

Notebook = dict[str, Any]


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """The tiny course's assignment, built."""
    root = tmp_path_factory.mktemp("tiny")
    tiny_course.write(root)
    return Course(root).assignment(tiny_course.SLUG)


def released(assignment: Assignment) -> Notebook:
    """The notebook that students get."""
    found: Notebook = json.loads((assignment.folder / f"{assignment.slug}.ipynb").read_text(encoding="utf-8"))
    return found


def handed_in(assignment: Assignment, notebook: Notebook) -> dict[str, bytes]:
    """A hand-in of this notebook."""
    return {f"{assignment.slug}.ipynb": json.dumps(notebook).encode()}


def locked(notebook: Notebook) -> Notebook:
    """The first cell that is locked."""
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("locked"))


def test_an_untouched_notebook_holds_nothing_of_ones_own(assignment: Assignment):
    """As released: no code, no altered cell, nothing left out."""
    own = own_code(assignment, handed_in(assignment, released(assignment)))
    assert (own.text, own.left_out, own.altered) == ("", (), ())


def test_cells_that_were_written_are_ones_own(assignment: Assignment):
    """A cell whose code is not the released one, and a cell that was added."""
    notebook = released(assignment)
    notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": ["mine = 1\n", "yours = 2"]})
    assert own_code(assignment, handed_in(assignment, notebook)).text == "mine = 1\nyours = 2"


def _change(notebook: Notebook) -> None:
    locked(notebook)["source"] = "pass"


def _remove(notebook: Notebook) -> None:
    notebook["cells"].remove(locked(notebook))


def _double(notebook: Notebook) -> None:
    notebook["cells"].append(locked(notebook))


def _raise_points(notebook: Notebook) -> None:
    locked(notebook)["metadata"]["nbgrader"]["points"] = 1000


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (_change, "locked cell step was changed"),
        (_remove, "locked cell step is gone"),
        (_double, "locked cell step is there 2 times"),
        (_raise_points, "points of locked cell step were changed"),
    ],
)
def test_altered_cells_are_told(assignment: Assignment, alter: Callable[[Notebook], None], said: str):
    """Each thing that can be done to a locked cell, by the cell's name."""
    notebook = released(assignment)
    alter(notebook)
    assert own_code(assignment, handed_in(assignment, notebook)).altered == (said,)


@pytest.mark.parametrize("metadata", [None, 3, [], {"nbgrader": 3}, {"nbgrader": {"grade_id": ["step"]}}])
def test_metadata_of_any_kind_is_read_over(assignment: Assignment, metadata: object):
    """A cell whose metadata are not what nbgrader writes is no graded cell, and no error."""
    notebook = released(assignment)
    notebook["cells"] += [{"cell_type": "code", "metadata": metadata, "source": "x = 1"}, "no cell"]
    assert own_code(assignment, handed_in(assignment, notebook)).altered == ()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t1_tiny.py", b"", "t1_tiny.py is empty"),
        ("t1_tiny.py", b"\xff\xfe", "t1_tiny.py is not UTF-8"),
        ("t1_tiny.py", b"x = 1\n" * 200_000, "t1_tiny.py has 1.1 MB; at most 1 MB are compared"),
        ("t1_tiny.ipynb", b"{", "t1_tiny.ipynb stops in the middle"),
        ("t1_tiny.py", b"x = 1\n" * (LIMIT // 5), "240,000 characters of code; at most 200,000 are compared"),
    ],
)
def test_what_is_left_out_is_told(assignment: Assignment, name: str, data: bytes, said: str):
    """A file that cannot be read, or is too large, is no code to compare, and the reason is given."""
    own = own_code(assignment, {name: data})
    assert own.text == ""
    assert own.left_out[0].startswith(said)


def test_what_nbgrader_released_counts_as_handed_out(tmp_path: Path):
    """Where the notebook was built anew after the release, the released one in `release/` is what cells are held against."""
    tiny_course.write(tmp_path)
    assignment = Course(tmp_path).assignment(tiny_course.SLUG)
    old = released(assignment)
    locked(old)["source"] = "def test_of_last_week():\n    assert True"
    place = tmp_path / "release" / tiny_course.SLUG
    place.mkdir(parents=True)
    (place / f"{tiny_course.SLUG}.ipynb").write_text(json.dumps(old), encoding="utf-8")
    own = own_code(assignment, handed_in(assignment, old))
    assert (own.text, own.altered) == ("", ())
    assert "test_of_last_week" in handed_out(assignment)
