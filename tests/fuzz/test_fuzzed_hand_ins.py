"""Intake under fire: whatever is handed in, every neighbour is found, the student is told, and nothing else is touched."""

import json
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
import tiny_course
from fuzzing import examples
from hand_in_forms import ARCHIVE_NAMES, MODULE, NOTEBOOK, Entry, archives, folders, modules, notebooks, place
from hypothesis import given
from hypothesis import strategies as st

from autograder.carrier.complete import complete_hand_in, is_completed
from autograder.carrier.reader import read_submission
from autograder.carrier.restore import CanonicalCell, restore
from autograder.course import Assignment, Course
from autograder.grading import hand_ins
from autograder.grading.examine import Order, printable
from autograder.grading.intake import Submission, Work, read_work, submissions
from autograder.grading.notebook import UnreadableError
from autograder.grading.records import Records, latest
from autograder.grading.result import SubmissionResult
from autograder.worker import wire

SLUG = tiny_course.SLUG
NEIGHBOURS = {"alma", "zoe"}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The small course."""
    return Course(tiny_course.write(tmp_path_factory.mktemp("tiny"), few=True))


@contextmanager
def surroundings() -> Iterator[Path]:
    """A folder `inbox` in which two neighbours handed in good work, beside others that must stay as they are.

    Temporary files lie in a folder of their own, and must be gone afterwards; what the grader keeps does not count.
    """
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        root, before = Path(name), tempfile.tempdir
        for student in NEIGHBOURS:
            path = root / "inbox" / student / SLUG / f"{SLUG}.py"
            path.parent.mkdir(parents=True)
            path.write_text(MODULE, encoding="utf-8")
        (root / "outside").mkdir()
        (root / "outside" / "passwd").write_text("not to be read or written", encoding="utf-8")
        (root / "tmp").mkdir()
        tempfile.tempdir = str(root / "tmp")
        try:
            yield root
        finally:
            tempfile.tempdir = before
            for path in [root, *root.rglob("*")]:
                if not path.is_symlink():
                    path.chmod(0o700)


def state(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Everything beneath a folder but what the grader keeps: kind, size, time of the last change, bytes of what is small."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_relative_to(folder / "kept") or path.is_relative_to(folder / ".autograder"):
            continue
        about = path.lstat()
        small = stat.S_ISREG(about.st_mode) and about.st_size < 2**20
        found[str(path)] = (
            about.st_mode,
            about.st_size,
            about.st_mtime_ns if stat.S_ISREG(about.st_mode) else 0,
            path.read_bytes() if small else b"",
        )
    return found


def as_read(course: Course, slug: str, path: Path) -> tuple[list[Work], list[str]] | str:
    """The work and the notes, or why there is none."""
    try:
        return read_work(course.assignment(slug), path)
    except UnreadableError as problem:
        return str(problem)


def taken_in(course: Course, paths: list[Path], root: Path) -> list[Submission]:
    """The submissions beneath paths, each read as the grader reads it: work that can be sent to a worker, or a sentence.

    What the records would keep of it is read alike, and a record of it is found again.
    """
    with submissions(course, paths) as found:
        for number, one in enumerate(found):
            assert one.assignment in (*course.assignments, "")
            (one.student + one.shown_path).encode("utf-8")
            if one.assignment not in course.assignments or one.unreadable is not None:
                assert one.unreadable
                one.unreadable.encode("utf-8")
                continue
            hand_in = hand_ins.read(one)
            kept = root / "kept" / str(number)
            kept.mkdir(parents=True)
            read = as_read(course, one.assignment, one.path)
            assert as_read(course, one.assignment, hand_in.lay_out(kept)) == read
            if isinstance(read, str):
                assert any(name in read for name in [SLUG, *dict(hand_in.files)])
                status, message = "unreadable", printable(read)
            else:
                status, message = "graded", None
                for work in read[0]:
                    wire.pack(wire.Envelope(1, wire.Load(SLUG, list(work.cells), work.is_notebook, [])))
            recorded_again(Course(root), course.assignment(SLUG), one, hand_in, status, message)
        return found


def recorded_again(
    state: Course, assignment: Assignment, one: Submission, hand_in: hand_ins.HandIn, status: str, message: str | None
) -> None:
    """Holds that a record of the submission, kept beside the inbox, is found again with the bytes that it is of."""
    records, order = Records(state, "", ()), Order(one, "00")
    result = SubmissionResult(one.student, one.assignment, one.shown_path, 0, 20, "00", status, "", message=message)
    result = records.keep(assignment, order, hand_in, result)
    assert records.find(assignment, order, hand_in) == result
    assert latest(state, one.assignment, one.student) == result
    assert hand_ins.kept(state, result.files, "") == hand_in.data


@examples(50)
@given(entries=folders())
def test_a_folder_of_anything_costs_no_neighbour(course: Course, entries: list[Entry]) -> None:
    """Each neighbour is found once more and can be graded; the folder and what lies beside it stay as they were."""
    with surroundings() as root:
        place(root / "inbox" / "mallory", entries, root / "outside")
        before = state(root)
        found = taken_in(course, [root / "inbox"], root)
        assert state(root) == before
    honest = {
        (one.student, one.assignment) for one in found if one.unreadable is None and "mallory" not in one.path.parts
    }
    assert honest == {(student, SLUG) for student in NEIGHBOURS}


@examples(100)
@given(data=archives(), name=st.sampled_from(ARCHIVE_NAMES))
def test_an_archive_of_anything_is_unpacked_nowhere_else(course: Course, data: bytes, name: str) -> None:
    """Its submissions are found or it is unreadable by its name; the archive and all that lies beside it stay as they were."""
    with surroundings() as root:
        path = root / "inbox" / name
        path.write_bytes(data)
        before = state(root)
        found = taken_in(course, [path, root / "inbox" / "zoe"], root)
        assert state(root) == before
    assert [one.student for one in found if one.path.is_relative_to(root / "inbox" / "zoe")] == ["zoe"]
    assert all(one.path.is_relative_to(root) for one in found)
    for one in found:
        if one.path == path and one.unreadable is not None:
            assert name in one.unreadable


@examples(120)
@given(data=notebooks())
def test_a_notebook_of_anything_is_read_or_refused_by_its_name(course: Course, data: bytes) -> None:
    """The grader's reader and the carrier's agree on what can be read; the carrier's copy is a valid notebook either way."""
    with surroundings() as root:
        path = root / "inbox" / "mallory" / SLUG / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        read = read_submission(path)
        nbformat.validate(read)
        known = CanonicalCell("step", "code", "def test(): pass", "0", True, True, False, False, 12.0)
        restored = restore(list(read.cells), [known])
        assert [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in restored].count("step") == 1
        copy = nbformat.v4.new_notebook(cells=restored)
        nbformat.validate(copy)
        json.dumps(copy).encode("utf-8")
        nbformat.writes(copy).encode("utf-8")
        work = as_read(course, SLUG, path.parent)
        if isinstance(work, str):
            assert work.startswith(path.name)
            assert read.metadata.get("unstuck", {}).get("unreadable") or "code" in work
        [one] = taken_in(course, [path], root)
        assert one.student == "mallory"


@examples(40)
@given(
    data=notebooks() | modules(),
    suffix=st.sampled_from([".py", ".ipynb"]),
    name=st.sampled_from(["x", SLUG, f"{SLUG} (1)"]),
)
def test_a_hand_in_of_anything_is_completed_without_a_change_to_it(
    course: Course, data: bytes, suffix: str, name: str
) -> None:
    """The expected notebook lies there afterwards, and every file of the student's as it was."""
    with surroundings() as root:
        folder = root / "inbox" / "mallory" / SLUG
        folder.mkdir(parents=True)
        (folder / f"{name}{suffix}").write_bytes(data)
        before = state(folder)
        lines = complete_hand_in(folder, course.assignment(SLUG).folder)
        after = state(folder)
        expected = folder / f"{SLUG}.ipynb"
        assert expected.is_file()
        assert {path: after[path] for path in before} == before
        assert bool(lines) == (str(expected) not in before)
        assert is_completed(expected) in (True, False)


def test_the_strategies_begin_with_what_can_be_graded(course: Course, tmp_path: Path) -> None:
    """The unaltered notebook and module are read: without it the other tests would refuse everything and prove nothing."""
    for suffix, text in ((".ipynb", json.dumps(NOTEBOOK)), (".py", MODULE)):
        path = tmp_path / f"{SLUG}{suffix}"
        path.write_text(text, encoding="utf-8")
        works, _ = read_work(course.assignment(SLUG), path)
        assert [work.cells for work in works] == [(MODULE,)]
