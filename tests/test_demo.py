"""The demo as `make demo` runs it, in a folder of its own; and that its judgement can fail."""

import csv
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # as `python -m tests.demo` has it

from tests.browser.chromium import executable  # noqa: E402
from tests.demo.course_folder import DemoError, make_course_folder  # noqa: E402
from tests.demo.homework import parts, write_cells  # noqa: E402
from tests.demo.outcome import Outcome, faults  # noqa: E402
from tests.demo.students import sample_class  # noqa: E402


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the demo made, and what it printed; it has ended with exit code 0."""
    folder = tmp_path_factory.mktemp("demo") / "course"
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo", "--folder", str(folder)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def test_the_demo_finds_every_student_as_expected(demo: tuple[Path, str]) -> None:
    """It says so at the end, and names the gradebook, the pages and the commands."""
    _, said = demo
    assert "every score, diagnosis and page is as it must be" in said
    for shown in ("nbgrader autograde a3_momentum", "The gradebook", "Feedback pages", "lab"):
        assert shown in said


def test_the_pages_that_it_names_exist(demo: tuple[Path, str]) -> None:
    """Every path to a page can be opened."""
    _, said = demo
    pages = [word for word in said.split() if word.endswith(".html")]
    assert len(pages) >= 3
    assert pages[-1].endswith("/report.html")
    assert "/pages/a3_momentum/" in pages[-2]
    assert all((ROOT / page).is_file() for page in pages)


@pytest.mark.skipif(executable() is None, reason="no Chromium is installed")
def test_the_pictures_of_the_readme_are_of_its_pages(demo: tuple[Path, str]) -> None:
    """It takes those that README shows, and says where they lie."""
    folder, said = demo
    shown = re.findall(r"docs/pictures/(\w+\.png)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert sorted(path.name for path in (folder / "pictures").iterdir()) == sorted(shown)
    assert "/pictures/" in said


def test_the_export_has_the_scores_of_the_class(demo: tuple[Path, str]) -> None:
    """nbgrader's own table has the score that each student's description names, with the student's name."""
    folder, _ = demo
    with (folder / "grades.csv").open(encoding="utf-8") as file:
        rows = {(row["student_id"], row["assignment"]): row for row in csv.DictReader(file)}
    for student in sample_class():
        for hand_in in student.hand_ins:
            row = rows[student.identifier, hand_in.assignment]
            assert float(row["score"]) == hand_in.score
            assert row["last_name"] == student.last_name


def test_autograde_found_every_grade_recorded(demo: tuple[Path, str]) -> None:
    """`nbgrader autograde` made no record beyond those of `autograder grade`: one for each hand-in."""
    folder, _ = demo
    hand_ins = [hand_in for student in sample_class() for hand_in in student.hand_ins]
    assert len(list((folder / ".autograder/records").rglob("*.json"))) == len(hand_ins)


def test_the_forgers_are_confined_and_the_neighbours_unharmed(demo: tuple[Path, str]) -> None:
    """Every result says what confined it, and none is the grader's own fault."""
    results = Outcome(demo[0]).results.values()
    assert {result["status"] for result in results} == {"graded", "unreadable"}
    assert all("landlock" in result["isolation"] for result in results)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"score": 20.0}, "must be graded 20"),
        ({"says": ("a diagnosis that nobody made",)}, "does not say: a diagnosis that nobody made"),
        ({"never_says": ("momentum_step",)}, "the page says: momentum_step"),
        ({"assignment": "a7_batch_norm"}, "has no result"),
    ],
)
def test_the_demo_fails_where_a_student_got_something_else(
    demo: tuple[Path, str], change: dict[str, object], complaint: str
) -> None:
    """Each kind of difference is told, for the student whom it concerns."""
    students = {student.identifier: student for student in sample_class()}
    noah = students["noah_williams"]
    students[noah.identifier] = replace(noah, hand_ins=(replace(noah.hand_ins[0], **change),))
    told = faults(demo[0], list(students.values()))
    assert [fault for fault in told if "noah_williams" in fault and complaint in fault]


def test_a_folder_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    """The demo removes only what it made."""
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(DemoError, match="was not made by the demo"):
        make_course_folder(tmp_path, [])
    assert (tmp_path / "thesis.tex").exists()


def test_the_demo_begins_anew_each_time(tmp_path: Path) -> None:
    """What an earlier run left is gone, and the course behind the links is not."""
    folder = tmp_path / "demo"
    make_course_folder(folder, sample_class())
    (folder / "gradebook.db").touch()

    make_course_folder(folder, sample_class())

    assert not (folder / "gradebook.db").exists()
    assert (folder / "solutions/a3_momentum.py").is_file()


def test_work_goes_into_the_cells_that_it_names() -> None:
    """A part without a name becomes a cell of its own, where it stands."""
    notebook = {"cells": [{"cell_type": "code", "id": name, "source": ""} for name in ("setup", "gd_step", "end")]}
    write_cells(notebook, "# %%\nfirst\n\n# %% gd_step\nsecond\n# %%\nthird\n")
    assert [cell["source"] for cell in notebook["cells"]] == ["first", "", "second", "third", ""]


def test_work_for_a_cell_that_is_not_there_is_refused() -> None:
    """A misspelt heading is an error of the sample class, and says which cells there are."""
    with pytest.raises(KeyError, match=r"no cell 'gd_stop'.*gd_step"):
        write_cells({"cells": [{"cell_type": "code", "id": "gd_step"}]}, "# %% gd_stop\n")


def test_a_comment_is_no_heading() -> None:
    """Only `# %%` at the start of a line begins a part; the rest is the student's."""
    assert parts("# %% a\nx = 1  # %% b\n    # %% c\n") == [("a", "x = 1  # %% b\n    # %% c")]
