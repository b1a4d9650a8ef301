"""Nothing is graded full by omission, and no metadata of the student counts."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from nbgrader.api import Gradebook
from small_course import ASSIGNMENT, Course, FakeGrader, check, code, markdown, notebook, result

Notebook = dict[str, Any]


def graded(nb: Notebook, name: str) -> dict[str, Any]:
    """The cell of that grade id."""
    return next(cell for cell in nb["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)


def without_outputs(nb: Notebook) -> None:
    """Hand the notebook in as it was released."""


def with_forged_outputs(nb: Notebook) -> None:
    """Let each cell claim a hundred points."""
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            forged = {
                "output_type": "execute_result",
                "data": {"text/plain": "100"},
                "metadata": {},
                "execution_count": 1,
            }
            cell["outputs"] = [forged, {"output_type": "stream", "name": "stdout", "text": "2.0"}]


def deleted(nb: Notebook) -> None:
    """Delete one graded cell."""
    nb["cells"].remove(graded(nb, "gd_step"))


def all_deleted(nb: Notebook) -> None:
    """Delete every cell."""
    nb["cells"].clear()


def duplicated(nb: Notebook) -> None:
    """Put three copies of a graded cell at the end, one with other content."""
    nb["cells"] += [copy.deepcopy(graded(nb, "gd_step")) for _ in range(3)]
    nb["cells"][-1]["source"] = "2.0"


def retyped(nb: Notebook) -> None:
    """Make Markdown of a graded code cell."""
    cell = graded(nb, "gd_step")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


def made_raw(nb: Notebook) -> None:
    """Make a raw cell of a graded code cell."""
    retyped(nb)
    graded(nb, "gd_step")["cell_type"] = "raw"


def reordered(nb: Notebook) -> None:
    """Turn the notebook upside down."""
    nb["cells"].reverse()


def with_points_raised(nb: Notebook) -> None:
    """Make a cell worth a hundred points."""
    graded(nb, "gd_step")["metadata"]["nbgrader"]["points"] = 100


def with_points_gone(nb: Notebook) -> None:
    """Take the points out of the metadata."""
    del graded(nb, "gd_step")["metadata"]["nbgrader"]["points"]


def with_ids_swapped(nb: Notebook) -> None:
    """Swap the ids of the two graded cells."""
    first, second = graded(nb, "gd_step"), graded(nb, "momentum_step")
    first["metadata"]["nbgrader"]["grade_id"] = "momentum_step"
    second["metadata"]["nbgrader"]["grade_id"] = "gd_step"


def unlocked(nb: Notebook) -> None:
    """Unlock a graded cell and write a score into it."""
    cell = graded(nb, "gd_step")
    cell["metadata"]["nbgrader"] |= {"locked": False, "solution": True}
    cell["source"] = "2.0"


def no_longer_graded(nb: Notebook) -> None:
    """Say that a cell is not graded."""
    graded(nb, "gd_step")["metadata"]["nbgrader"]["grade"] = False


def with_an_unknown_graded_cell(nb: Notebook) -> None:
    """Add a graded cell of one's own."""
    nb["cells"].append(code("3.0", grade_id="bonus", grade=True, points=50) | {"id": "bonus"})


def with_an_old_schema(nb: Notebook) -> None:
    """Name a schema that nbgrader refuses for the whole class."""
    for cell in nb["cells"]:
        cell["metadata"].setdefault("nbgrader", {})["schema_version"] = 1


def with_a_new_schema(nb: Notebook) -> None:
    """Name a schema of the future."""
    graded(nb, "gd_step")["metadata"]["nbgrader"]["schema_version"] = 99


def with_broken_metadata(nb: Notebook) -> None:
    """Put other types where nbgrader expects its own."""
    nb["metadata"] = []
    nb["cells"][0]["metadata"] = None
    nb["cells"][1]["metadata"] = {"nbgrader": [1, 2]}
    nb["cells"][2]["metadata"] = {"nbgrader": {"grade_id": {"a": 1}}}


def with_a_task(nb: Notebook) -> None:
    """Call a graded cell a task."""
    graded(nb, "gd_step")["metadata"]["nbgrader"]["task"] = True


def with_nested_metadata(nb: Notebook) -> None:
    """Nest metadata deeper than nbconvert can copy."""
    nest: dict[str, Any] = {}
    nb["cells"][0]["metadata"] = {"nest": nest}
    for _ in range(400):
        nest["nest"] = {}
        nest = nest["nest"]


def with_lone_surrogates(nb: Notebook) -> None:
    """Write a character that no UTF-8 file can hold."""
    nb["cells"][0]["source"] = "before \ud800 after"


def with_repeated_cell_ids(nb: Notebook) -> None:
    """Give all cells one id."""
    for cell in nb["cells"]:
        cell["id"] = "same"


def without_cell_ids(nb: Notebook) -> None:
    """Write the notebook as an older Jupyter does."""
    nb["nbformat_minor"] = 4
    for cell in nb["cells"]:
        del cell["id"]


def with_odd_cells(nb: Notebook) -> None:
    """Put things that are no cells among the cells."""
    nb["cells"][2:2] = [
        None,
        7,
        [],
        {},
        {"cell_type": ["code"], "source": 5},
        {"cell_type": "heading", "source": ["a", 1]},
    ]


TAMPERINGS = [
    without_outputs, with_forged_outputs, deleted, all_deleted, duplicated, retyped, made_raw, reordered, with_points_raised,
    with_points_gone, with_ids_swapped, unlocked, no_longer_graded, with_an_unknown_graded_cell, with_an_old_schema,
    with_a_new_schema, with_broken_metadata, with_a_task, with_nested_metadata, with_lone_surrogates, with_repeated_cell_ids,
    without_cell_ids, with_odd_cells,
]  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_tampering_changes_no_grade(course: Course, grader: FakeGrader, tamper: Callable[[Notebook], None]) -> None:
    """The gradebook holds what the grader said, and the autograded notebook each released cell exactly once."""
    submitted = course.released()
    tamper(submitted)
    course.submit(submitted)

    course.autograde()

    grades = course.grades()
    assert {name: grades[name] for name in ("gd_step", "momentum_step")} == {"gd_step": 1.0, "momentum_step": 0.5}
    expected = {
        meta["grade_id"]: (meta, cell)
        for cell in course.released()["cells"]
        if (meta := cell["metadata"].get("nbgrader"))
    }
    found = [
        (meta["grade_id"], cell) for cell in course.autograded()["cells"] if (meta := cell["metadata"].get("nbgrader"))
    ]
    assert sorted(name for name, _ in found) == sorted(expected)
    for name, cell in found:
        meta, released = expected[name]
        assert cell["metadata"]["nbgrader"] == meta
        assert (cell["cell_type"], cell["source"]) == (released["cell_type"], released["source"])


UNREADABLE = {
    "empty": b"",
    "blank": b"  \n",
    "truncated": b'{"cells": [{"cell_type": "code", "sour',
    "python": b"print('no notebook')",
    "utf-16": "{}".encode("utf-16"),
    "list": b"[1, 2]",
    "no cells": b"{}",
    "cells no list": b'{"cells": 3}',
    "nested": b"[" * 100_000,
    "image": b"\x89PNG\r\n\x1a\n\x00",
    "digits": b'{"cells": [' + b"9" * 5000 + b"]}",
    "21 MB": b" " * (21 * 2**20),
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_notebook_scores_zero_and_says_why(course: Course, grader: FakeGrader, data: bytes) -> None:
    """Every graded cell is there with 0 points, the student's folder too, and the page begins with the reason."""
    grader.result = lambda: result(status="unreadable", message="it is no notebook", checks=())
    course.submit(data)

    course.autograde()

    assert course.grades() == {"gd_step": 0.0, "momentum_step": 0.0, "why": 0.0}
    first = course.autograded()["cells"][0]["source"]
    assert "could not be read" in "".join(first)
    assert "it is no notebook" in course.feedback()


def test_a_folder_named_like_the_notebook_is_unreadable(course: Course, grader: FakeGrader) -> None:
    """A folder in the notebook's place costs its student the points and nobody else the run."""
    grader.result = lambda: result(status="unreadable", message="a folder", checks=())
    (course.hand_in / f"{ASSIGNMENT}.ipynb").mkdir()

    course.autograde()

    assert course.grades() == {"gd_step": 0.0, "momentum_step": 0.0, "why": 0.0}


def test_an_unreadable_notebook_beside_a_module_gets_the_modules_points(course: Course, grader: FakeGrader) -> None:
    """Where the grader took the `.py`, its score stands, whatever the notebook is."""
    course.submit(b"{")
    (course.hand_in / f"{ASSIGNMENT}.py").write_text("def gd_step(): ...", encoding="utf-8")

    course.autograde()

    assert course.grades()["gd_step"] == 1.0


def test_a_module_that_was_handed_in_stays_the_students(course: Course, grader: FakeGrader) -> None:
    """nbgrader copies the source folder's files over the student's, but not the module."""
    course.submit(course.released())
    (course.hand_in / f"{ASSIGNMENT}.py").write_text("# mine", encoding="utf-8")

    course.autograde()

    assert (course.root / f"autograded/ada/{ASSIGNMENT}/{ASSIGNMENT}.py").read_text(encoding="utf-8") == "# mine"


def test_the_grader_is_shown_what_was_handed_in(course: Course, grader: FakeGrader) -> None:
    """It reads `submitted`, not nbgrader's changed copy, and is told the course's folder."""
    course.submit(course.released())

    course.autograde()

    assert grader.asked == [(course.root, course.root / f"submitted/ada/{ASSIGNMENT}", "ada", ASSIGNMENT)]


def test_an_answer_in_prose_is_kept_for_a_human(course: Course, grader: FakeGrader) -> None:
    """The student's answer stays, under the cell's own metadata, and has no automatic score."""
    submitted = course.released()
    graded(submitted, "why")["source"] = "Because $a<b$, and <script>alert(1)</script> [x](javascript:alert(1))"
    course.submit(submitted)

    course.autograde()

    assert course.grades()["why"] is None
    kept = "".join(graded(course.autograded(), "why")["source"])
    assert kept == "Because $a< b$, and < script>alert(1)< /script> [x] (javascript:alert(1))"


def test_a_students_markup_does_not_reach_the_page(course: Course, grader: FakeGrader) -> None:
    """Neither script nor javascript link of a hand-in is live on a page that an instructor opens."""
    attack = "<script>grade()</script>\n\n[x](javascript:grade())\n\n[y]\n\n[y]: javascript:grade()\n\n![z](attachment:no.png)"
    raw = {"cell_type": "raw", "metadata": {}, "source": "<script>grade()</script>"}
    diagram = "```mermaid\n</pre><script>grade()</script>\n```"
    course.submit(notebook(markdown(attack), raw, markdown(diagram), code("'<script>grade()</script>'")))

    course.autograde()
    page = course.feedback()

    assert "<script>grade()" not in page
    assert 'href="javascript' not in page


def test_a_huge_notebook_is_cut_in_the_copy_only(course: Course, grader: FakeGrader) -> None:
    """The autograded copy stays small enough for a page; the hand-in is as it was."""
    submitted = course.released()
    submitted["cells"] += [code("x = 1\n" * 50_000), *(code("") for _ in range(3_000))]
    course.submit(submitted)

    course.autograde()

    cells = course.autograded()["cells"]
    assert len(cells) <= 2_100
    assert max(len("".join(cell["source"])) for cell in cells) < 110_000
    assert (course.hand_in / f"{ASSIGNMENT}.ipynb").read_bytes() == json.dumps(submitted).encode()


def test_a_manual_score_wins(course: Course, grader: FakeGrader) -> None:
    """What an instructor entered is the score, also after grading anew."""
    course.submit(course.released())
    course.autograde()
    with Gradebook(course.db) as gradebook:
        gradebook.find_grade("gd_step", ASSIGNMENT, ASSIGNMENT, "ada").manual_score = 1.75
        gradebook.db.commit()

    grader.result = lambda: result(check("gd_step", 0.0), check("momentum_step", 3.0))
    course.autograde()

    with Gradebook(course.db) as gradebook:
        assert gradebook.find_grade("gd_step", ASSIGNMENT, ASSIGNMENT, "ada").score == 1.75
    assert course.grades()["gd_step"] == 0.0
