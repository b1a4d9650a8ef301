"""What counts as a submission, whose it is, and what is said of files that cannot be read."""

import json
import os
from pathlib import Path

import pytest
import tiny_course

from autograder.course import Course, CourseError
from autograder.grading.intake import read_work, submissions
from autograder.grading.notebook import UnreadableError

SLUG = tiny_course.SLUG
WORK = "def step(x, slope, rate):\n    return x\n"


def notebook(*sources: str, **extra: object) -> str:
    """The text of a notebook with these code cells."""
    cells = [{"cell_type": "code", "metadata": {}, "source": source, "outputs": []} for source in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **extra})


def write(path: Path, text: str = WORK) -> Path:
    """A file with this text, in folders that are made for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def found(course: Course, *paths: Path, assignment: str | None = None) -> list[tuple[str, str, str]]:
    """Student, assignment and shown path (below its first folder) of each submission beneath paths."""
    with submissions(course, list(paths), assignment) as all_of_them:
        return [(one.student, one.assignment, Path(one.shown_path).name) for one in all_of_them]


def problem(course: Course, path: Path) -> str:
    """What is said of a submission that cannot be read."""
    with pytest.raises(UnreadableError) as caught:
        read_work(course.assignment(SLUG), path)
    return str(caught.value)


# Whose it is


def test_a_file_named_like_an_assignment_is_its_folders(tiny: Course, inbox: Path) -> None:
    """`ada/t1_tiny.py` is ada's, and `ada/t1_tiny/t1_tiny.py` too."""
    for suffix in (".py", ".ipynb"):
        assert found(tiny, write(inbox / "ada" / f"{SLUG}{suffix}")) == [("ada", SLUG, f"{SLUG}{suffix}")]
        assert found(tiny, write(inbox / "bo" / SLUG / f"{SLUG}{suffix}")) == [("bo", SLUG, f"{SLUG}{suffix}")]


@pytest.mark.parametrize("name", ["ada_t1_tiny", "ada-t1_tiny", "ada__t1_tiny"])
def test_a_file_may_carry_its_students_name(tiny: Course, inbox: Path, name: str) -> None:
    """`student_assignment` says both."""
    assert found(tiny, write(inbox / f"{name}.py")) == [("ada", SLUG, f"{name}.py")]


def test_any_name_will_do_where_the_assignment_is_given(tiny: Course, inbox: Path) -> None:
    """With --assignment a file goes by its own name."""
    path = write(inbox / "final version.py")
    assert found(tiny, path, assignment=SLUG) == [("final version", SLUG, "final version.py")]
    with pytest.raises(CourseError, match=r"is not named like an assignment \(t1_tiny\); use --assignment SLUG"):
        found(tiny, path)


def test_a_path_that_does_not_exist_is_wrong_usage(tiny: Course, inbox: Path) -> None:
    """A mistyped path is told at once."""
    with pytest.raises(CourseError, match="does not exist; name notebooks"):
        found(tiny, inbox / "nobody.py")


def test_a_folder_of_files_is_a_class(tiny: Course, inbox: Path) -> None:
    """Each file is a submission, in the order of the names."""
    for name in ("bo_t1_tiny.ipynb", "ada_t1_tiny.py"):
        write(inbox / name)
    assert found(tiny, inbox) == [("ada", SLUG, "ada_t1_tiny.py"), ("bo", SLUG, "bo_t1_tiny.ipynb")]


def test_nbgraders_tree_is_a_class(tiny: Course, inbox: Path) -> None:
    """`submitted/student/assignment/`: each folder is one hand-in, whatever is in it; other assignments are left alone."""
    for student in ("ada", "bo"):
        write(inbox / "submitted" / student / SLUG / f"{SLUG}.ipynb")
        write(inbox / "submitted" / student / SLUG / f"{SLUG}.py")
        write(inbox / "submitted" / student / SLUG / "timestamp.txt")
    (inbox / "submitted" / "chen" / SLUG).mkdir(parents=True)
    expected = [(student, SLUG, SLUG) for student in ("ada", "bo", "chen")]
    assert found(tiny, inbox / "submitted") == expected
    assert found(tiny, inbox / "submitted", assignment=SLUG) == expected
    assert found(tiny, inbox / "submitted" / "ada" / SLUG) == expected[:1]


def test_a_students_folder_is_one_hand_in(tiny: Course, inbox: Path) -> None:
    """Notebook, module, the kit's own files and scratch work in one folder are one submission, of the folder's name."""
    for name in (f"{SLUG}.ipynb", f"{SLUG}.py", f"test_{SLUG}.py", "unstuck.py", "scratch.py", "handout.md"):
        write(inbox / "ada" / name)
    write(inbox / "ada" / ".ipynb_checkpoints" / f"{SLUG}-checkpoint.ipynb")
    assert found(tiny, inbox) == [("ada", SLUG, "ada")]
    assert found(tiny, inbox, assignment=SLUG) == [("ada", SLUG, "ada")]


def test_a_student_may_be_called_test(tiny: Course, inbox: Path) -> None:
    """Only files that begin with `test_` belong to the kit."""
    write(inbox / "test_student" / f"{SLUG}.py")
    assert found(tiny, inbox) == [("test_student", SLUG, "test_student")]


def test_a_stray_file_does_not_stop_the_class(tiny: Course, inbox: Path) -> None:
    """A file that could be anything is reported as unreadable; the others are found."""
    write(inbox / "ada_t1_tiny.py")
    write(inbox / "my homework.ipynb")
    with submissions(tiny, [inbox]) as all_of_them:
        assert [(one.assignment, one.unreadable) for one in all_of_them] == [
            (SLUG, None),
            ("", "my homework.ipynb is not named like an assignment (t1_tiny); rename it"),
        ]


def test_a_link_to_a_folder_is_followed_on_the_command_line(tiny: Course, inbox: Path) -> None:
    """The instructor may keep the class elsewhere; a link within what was handed in leads nowhere."""
    write(inbox / "class" / "ada" / f"{SLUG}.py")
    (inbox / "link").symlink_to(inbox / "class")
    assert found(tiny, inbox / "link") == [("ada", SLUG, "ada")]
    (inbox / "class" / "bo").symlink_to(inbox / "class" / "ada")
    assert found(tiny, inbox / "class") == [("ada", SLUG, "ada")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x1b[31mada", "\\x1b[31mada"), ("a\nb", "a\\nb"), ("a\u202eb", "a\\u202eb"), ("a\udcff", "a\\udcff"),
        ("<b>=1+1", "<b>=1+1"), ("میخواهم\u200cها", "میخواهم\u200cها"),
    ],
    ids=["terminal escape", "line break", "turned writing", "no UTF-8", "markup", "joiner"],
)  # fmt: skip
def test_any_name_can_be_shown_and_hashed(tiny: Course, inbox: Path, name: str, shown: str) -> None:
    """Control characters and bytes that are no text are told as escapes; every other name stays as it is."""
    write(inbox / name / f"{SLUG}.py")
    write(inbox / f"{name}.ipynb")
    with submissions(tiny, [inbox]) as both:
        one, stray = sorted(both, key=lambda each: each.unreadable is not None)
        assert one.student == shown
        assert (one.path / f"{SLUG}.py").exists()
        assert stray.unreadable == f"{shown}.ipynb is not named like an assignment (t1_tiny); rename it"
        assert all(len(bytes.fromhex(tiny.seed(each.student, SLUG))) == 16 for each in both)


def test_half_a_surrogate_pair_is_read_over(tiny: Course, inbox: Path) -> None:
    """JSON can hold what UTF-8 cannot; in the source it becomes a question mark, and the rest is graded."""
    path = write(inbox / f"{SLUG}.ipynb", notebook(f"x = '\ud800'\n{WORK}", [WORK, "y = '\udfff'"]))
    [work], _ = read_work(tiny.assignment(SLUG), path)
    assert work.cells == (f"x = '?'\n{WORK}", f"{WORK}y = '?'")


# What cannot be read


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "t1_tiny.ipynb is empty"),
        (b" \n\t", "t1_tiny.ipynb is empty"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "t1_tiny.ipynb is not UTF-8 text, as notebooks are"),
        (notebook("x = 'ö'").replace("\\u00f6", "ö").encode("latin-1"), "t1_tiny.ipynb is not UTF-8 text, as notebooks are"),
        (notebook(WORK).encode("utf-16"), "t1_tiny.ipynb is not UTF-8 text, as notebooks are"),
        (notebook(WORK).encode()[:-40], "t1_tiny.ipynb stops in the middle"),
        (notebook(WORK).encode()[:50], "t1_tiny.ipynb stops in the middle"),
        (b"def step(x):\n    return x\n", "t1_tiny.ipynb is not JSON (line 1)"),
        (b"[1, 2]", "t1_tiny.ipynb is not a notebook (it has no list of cells)"),
        (b'{"cells": {"0": 1}}', "t1_tiny.ipynb is not a notebook (it has no list of cells)"),
        (b'{"worksheets": []}', "t1_tiny.ipynb is not a notebook (it has no list of cells)"),
        (b"[" * 200_000, "t1_tiny.ipynb is nested too deeply for a notebook"),
        (b'{"cells": [' + b"9" * 10_000 + b"]}", "t1_tiny.ipynb holds a number that no notebook holds"),
    ],
    ids=[
        "empty", "blank", "picture", "latin-1", "utf-16", "truncated", "cut short", "module", "list", "cells no list",
        "notebook of format 3", "deep", "long number",
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_unreadable(tiny: Course, inbox: Path, data: bytes, said: str) -> None:
    """Each kind of damage has its message, which ends with what to do."""
    path = inbox / f"{SLUG}.ipynb"
    path.write_bytes(data)
    assert problem(tiny, path) == f"{said}; open it in Jupyter, save it, and hand in again"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "t1_tiny.py is empty; save your work"),
        ("x = 'ö'".encode("latin-1"), "t1_tiny.py is not UTF-8 text; save it as UTF-8"),
        (b"x = 1\n" * 200_000, "t1_tiny.py is 1 MB; at most 1 MB are read: hand in the exercises only"),
    ],
    ids=["empty", "latin-1", "large"],
)
def test_what_is_no_module_is_unreadable(tiny: Course, inbox: Path, data: bytes, said: str) -> None:
    """A module has its own limits and remedies."""
    path = inbox / f"{SLUG}.py"
    path.write_bytes(data)
    assert problem(tiny, path).startswith(said)


def test_a_byte_order_mark_is_read_over(tiny: Course, inbox: Path) -> None:
    """Windows editors write one; the file is read all the same."""
    (inbox / "a.py").write_bytes(b"\xef\xbb\xbf" + WORK.encode())
    (inbox / "a.ipynb").write_bytes(b"\xef\xbb\xbf" + notebook(WORK).encode())
    for name in ("a.py", "a.ipynb"):
        [work], _ = read_work(tiny.assignment(SLUG), inbox / name)
        assert work.cells == (WORK,)


def test_a_notebook_of_fifty_megabytes_is_unreadable(tiny: Course, inbox: Path) -> None:
    """Output cells without end are not even read; the remedy is to clear them."""
    path = inbox / f"{SLUG}.ipynb"
    path.write_bytes(notebook(WORK).encode())
    os.truncate(path, 50 * 2**20)
    assert problem(tiny, path).startswith("t1_tiny.ipynb is 50 MB; at most 20 MB are read: clear the outputs")


def test_outputs_below_the_limit_are_read_over(tiny: Course, inbox: Path) -> None:
    """A notebook with 10 MB of outputs is graded by its code."""
    cell = {"cell_type": "code", "source": WORK, "outputs": [{"text": "x" * 10 * 2**20}]}
    path = write(inbox / f"{SLUG}.ipynb", json.dumps({"cells": [cell]}))
    [work], _ = read_work(tiny.assignment(SLUG), path)
    assert work.cells == (WORK,)


def test_more_code_than_a_course_holds_is_unreadable(tiny: Course, inbox: Path) -> None:
    """Code cells are limited as a module is."""
    path = write(inbox / f"{SLUG}.ipynb", notebook(*["x = 1\n" * 50_000] * 5))
    assert problem(tiny, path) == "t1_tiny.ipynb holds more than 1 MB of code; hand in the exercises only"


def test_odd_cells_are_read_over(tiny: Course, inbox: Path) -> None:
    """Cells that are no objects, of no type, with sources of lines or of nonsense, do not spoil the others."""
    cells = [
        None,
        7,
        {"source": "x"},
        {"cell_type": "markdown", "source": "prose"},
        {"cell_type": "code"},
        {"cell_type": "code", "source": 5},
        {"cell_type": "code", "source": ["def step(x):\n", None, "    return x"]},
    ]
    path = write(inbox / f"{SLUG}.ipynb", json.dumps({"cells": cells}))
    [work], _ = read_work(tiny.assignment(SLUG), path)
    assert work.cells == ("", "", "def step(x):\n    return x")


def test_what_is_no_file_is_unreadable(tiny: Course, inbox: Path) -> None:
    """A folder, a link and a pipe are told by kind, and a pipe is not waited for."""
    folder, link, pipe = (inbox / f"{name}_{SLUG}.ipynb" for name in ("folder", "link", "pipe"))
    folder.mkdir()
    link.symlink_to("/etc/passwd")
    os.mkfifo(pipe)
    for path, said in ((folder, "a folder"), (link, "a link"), (pipe, "not a file")):
        assert problem(tiny, path) == f"{path.name} is {said}; hand in the file itself"
    assert [student for student, _, _ in found(tiny, inbox)] == ["folder", "link", "pipe"]
    assert found(tiny, folder) == [("folder", SLUG, folder.name)]


# Which file of a folder counts


@pytest.fixture
def hand_in(inbox: Path, tiny: Course) -> Path:
    """A hand-in folder as it was released: notebook and module, both untouched."""
    folder = inbox / "ada" / SLUG
    folder.mkdir(parents=True)
    for suffix in (".ipynb", ".py"):
        name = f"{SLUG}{suffix}"
        (folder / name).write_bytes((tiny.root / "assignments" / SLUG / name).read_bytes())
    return folder


def graded(course: Course, folder: Path) -> tuple[list[str], list[str]]:
    """The names of the files that are graded, and the notes."""
    works, notes = read_work(course.assignment(SLUG), folder)
    return [work.name for work in works], notes


def test_an_untouched_hand_in_is_graded_as_its_notebook(tiny: Course, hand_in: Path) -> None:
    """Where neither file holds work, the notebook is graded, to nothing."""
    assert graded(tiny, hand_in) == ([f"{SLUG}.ipynb"], [])


def test_the_file_that_holds_work_is_graded(tiny: Course, hand_in: Path) -> None:
    """Work in the module counts beside an untouched notebook, and the other way round; a note says so."""
    skeleton = (hand_in / f"{SLUG}.py").read_text()
    write(hand_in / f"{SLUG}.py")
    note = f"{SLUG}.py was graded; the other file holds nothing of yours"
    assert graded(tiny, hand_in) == ([f"{SLUG}.py"], [note])
    write(hand_in / f"{SLUG}.py", skeleton)
    write(hand_in / f"{SLUG}.ipynb", notebook(WORK))
    note = f"{SLUG}.ipynb was graded; the other file holds nothing of yours"
    assert graded(tiny, hand_in) == ([f"{SLUG}.ipynb"], [note])


def test_where_both_hold_work_both_are_graded(tiny: Course, hand_in: Path) -> None:
    """The better one will count, and the student is told."""
    write(hand_in / f"{SLUG}.py")
    write(hand_in / f"{SLUG}.ipynb", notebook(WORK))
    works, notes = graded(tiny, hand_in)
    assert works == [f"{SLUG}.ipynb", f"{SLUG}.py"]
    assert notes == ["both files hold work: both were graded and the better one counts"]


def test_cells_run_or_moved_without_a_change_are_no_work(tiny: Course, hand_in: Path) -> None:
    """Outputs, blank cells and another order do not make an untouched notebook worked."""
    path = hand_in / f"{SLUG}.ipynb"
    document = json.loads(path.read_text())
    document["cells"] = [*reversed(document["cells"]), {"cell_type": "code", "source": "\n", "outputs": [{"x": 1}]}]
    path.write_text(json.dumps(document))
    write(hand_in / f"{SLUG}.py")
    assert graded(tiny, hand_in)[0] == [f"{SLUG}.py"]


def test_an_unreadable_file_beside_work_is_left_out(tiny: Course, hand_in: Path) -> None:
    """A damaged notebook does not spoil the module; a note tells what was wrong with it."""
    write(hand_in / f"{SLUG}.py")
    write(hand_in / f"{SLUG}.ipynb", "{")
    works, [note, *_] = graded(tiny, hand_in)
    assert works == [f"{SLUG}.py"]
    assert note.startswith(f"{SLUG}.ipynb stops in the middle")
    assert note.endswith("it was left out")


def test_an_unreadable_file_beside_none_is_told(tiny: Course, hand_in: Path) -> None:
    """Where the other file is the untouched skeleton, a zero would be wrong: the damaged one may hold the work."""
    write(hand_in / f"{SLUG}.ipynb", "{")
    assert problem(tiny, hand_in).startswith(f"{SLUG}.ipynb stops in the middle")
    (hand_in / f"{SLUG}.py").unlink()
    assert problem(tiny, hand_in).startswith(f"{SLUG}.ipynb stops in the middle")


@pytest.mark.parametrize("kept", [".py", None], ids=["module untouched", "module missing"])
def test_a_renamed_notebook_is_graded_in_its_place(tiny: Course, hand_in: Path, kept: str | None) -> None:
    """One other notebook in the folder is taken for it, with a note."""
    (hand_in / f"{SLUG}.ipynb").unlink()
    if kept is None:
        (hand_in / f"{SLUG}.py").unlink()
    write(hand_in / "Untitled1.ipynb", notebook(WORK))
    works, [note] = graded(tiny, hand_in)
    assert works == ["Untitled1.ipynb"]
    assert note == f"{SLUG}.ipynb was expected; Untitled1.ipynb was graded in its place"


def test_a_missing_notebook_is_unreadable(tiny: Course, hand_in: Path) -> None:
    """A hand-in without notebook and module names what was found and what to hand in."""
    for path in hand_in.iterdir():
        path.unlink()
    write(hand_in / "timestamp.txt")
    said = f"{SLUG}.ipynb is missing; found nothing that can be graded. Hand in {SLUG}.ipynb or {SLUG}.py"
    assert problem(tiny, hand_in) == said


def test_two_renamed_files_are_not_guessed_between(tiny: Course, hand_in: Path) -> None:
    """Which of two is the hand-in, the student must say."""
    for path in hand_in.iterdir():
        path.unlink()
    write(hand_in / "one.ipynb", notebook(WORK))
    write(hand_in / "two.ipynb", notebook(WORK))
    assert "is missing; found one.ipynb, two.ipynb" in problem(tiny, hand_in)
