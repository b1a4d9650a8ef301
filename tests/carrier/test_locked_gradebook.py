"""A gradebook that another process holds: a clear error, nothing lost, and the next run completes."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbgrader.converters.base import NbGraderException
from small_course import ASSIGNMENT, Course, FakeGrader, result

from autograder.carrier import locked
from autograder.carrier.grade import GradeSubmission, UngradedError

Lock = Callable[[], Callable[[], None]]


@pytest.fixture
def lock(course: Course, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lock]:
    """Takes the gradebook for itself, and gives the call that lets it go."""
    monkeypatch.setattr(locked, "_PATIENCE", 0.05)
    locked._file.cache_clear()
    held: list[sqlite3.Connection] = []

    def take() -> Callable[[], None]:
        held.append(sqlite3.connect(course.root / "gradebook.db", isolation_level=None))
        held[0].execute("BEGIN EXCLUSIVE")
        return held[0].rollback

    yield take
    for connection in held:
        connection.close()


def test_a_locked_gradebook_is_said_at_once(course: Course, grader: FakeGrader, lock: Lock) -> None:
    """Nobody is graded; earlier grades and pages stay as they are, and the next run completes."""
    course.submit(course.released())
    course.autograde()
    before = course.grades()
    course.submit(course.released(), student="bo")
    let_go = lock()
    grader.asked.clear()
    with pytest.raises(SystemExit) as refused:
        course.autograde()
    database = course.root / "gradebook.db"
    assert str(refused.value).startswith(
        f"autograder: the gradebook {database} cannot be written (database is locked). Nothing was changed"
    )
    assert str(refused.value).endswith("then run the same command again.")
    assert grader.asked == []
    let_go()
    assert course.grades() == before
    course.autograde()
    assert course.grades("bo") == before


def test_a_gradebook_that_may_only_be_read_is_said_too(
    course: Course, grader: FakeGrader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With SQLite's own words for it."""
    locked._file.cache_clear()
    original = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda path, **options: original(f"file:{path}?mode=ro", uri=True, **options)
    )
    with pytest.raises(SystemExit, match=r"cannot be written \(attempt to write a readonly database\)"):
        locked.refuse_a_locked_gradebook(course.root)


def test_a_lock_that_comes_midway_costs_that_run_only(course: Course, grader: FakeGrader, lock: Lock) -> None:
    """Where nbgrader stumbles over it, no grade is half recorded, and the next run completes."""
    course.submit(course.released())
    held: list[Callable[[], None]] = []

    def meanwhile_locked() -> object:
        if not held:
            held.append(lock())
        return result()

    grader.result = meanwhile_locked  # type: ignore[assignment]
    with pytest.raises(NbGraderException):
        course.autograde()
    held[0]()
    assert set(course.grades().values()) <= {None}
    course.autograde()
    assert course.grades()["gd_step"] == 1.0


def test_a_step_that_meets_a_lock_names_whom_it_did_not_grade(course: Course, lock: Lock) -> None:
    """And what to do."""
    lock()
    where = {"student": "ada", "assignment": ASSIGNMENT, "notebook": ASSIGNMENT, "db_url": f"{course.db}?timeout=0.05"}
    with pytest.raises(UngradedError) as refused:
        GradeSubmission().preprocess(None, {"nbgrader": where})
    assert str(refused.value).startswith(
        f"ada, {ASSIGNMENT}: not graded, because the gradebook does not answer (database is locked). Nothing was changed"
    )


def test_a_course_without_a_gradebook_file_has_no_lock(tmp_path: Path) -> None:
    """It is made by nbgrader, or lies on a server."""
    locked._file.cache_clear()
    locked.refuse_a_locked_gradebook(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.db_url = 'postgresql://server/grades'\n"
    )
    locked._file.cache_clear()
    locked.refuse_a_locked_gradebook(tmp_path)
