"""A class is recorded over one connection: the same rows and files as nbgrader's own way, with a commit or two a hand-in."""

import json
import os
import shutil
import sqlite3
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from small_course import ASSIGNMENT, Course, FakeGrader, check, result
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder.carrier import exporter
from autograder.carrier.batch import one_connection
from autograder.grading.result import SubmissionResult

CLASS = ("ada", "bob", "eve", "kim")


@pytest.fixture
def class_of_four(course: Course) -> Course:
    """Four hand-ins: solved, without a cell, unreadable, late."""
    whole = course.released()
    course.submit(whole, student="ada")
    course.submit({**whole, "cells": whole["cells"][:-3]}, student="bob")
    course.submit(b'{"cells": [', student="eve")
    answered = json.loads(json.dumps(whole))
    answered["cells"][-1]["source"] = "Because."
    course.submit(answered, student="kim")
    (course.root / "submitted/kim" / ASSIGNMENT / "timestamp.txt").write_text(
        "2026-03-01 10:00:00 UTC", encoding="utf-8"
    )
    with Gradebook(course.db, "unstuck") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-02-01")
    return course


def rows(course: Course) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the gradebook by table, without the identifiers, which are random, and with what they stand for."""
    connection = sqlite3.connect(course.root / "gradebook.db")
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found: dict[str, list[tuple[Any, ...]]] = {}
    for table in tables:
        columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
        own = [name for name in columns if (name != "id" and not name.endswith("_id")) or name == "student_id"]
        found[table] = sorted(connection.execute(f"SELECT {', '.join(own) or 1} FROM {table}"), key=repr)
    named = """
        SELECT hand_in.student_id, hand_in.timestamp, book.late_submission_penalty, cell.name, grade.auto_score,
               grade.manual_score, grade.needs_manual_grade
        FROM grade JOIN base_cell AS cell ON cell.id = grade.cell_id
        JOIN submitted_notebook AS book ON book.id = grade.notebook_id
        JOIN submitted_assignment AS hand_in ON hand_in.id = book.assignment_id ORDER BY hand_in.student_id, cell.name
    """
    found["grades by name"] = connection.execute(named).fetchall()
    connection.close()
    return found


def files(course: Course) -> dict[str, bytes]:
    """Every file of `autograded`."""
    folder = course.root / "autograded"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_rows_and_files_are_those_of_nbgraders_own_way(
    class_of_four: Course, grader: FakeGrader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Column by column and byte by byte, for hand-ins of several kinds."""
    shutil.copytree(class_of_four.root, tmp_path / "other")
    other = Course(tmp_path / "other")
    class_of_four.autograde()
    with monkeypatch.context() as alone:
        alone.setattr(exporter, "in_one_batch", lambda _: None)
        other.autograde()

    assert rows(class_of_four) == rows(other)
    assert len(rows(other)["grades by name"]) == 3 * len(CLASS)
    assert files(class_of_four) == files(other)
    assert {Path(name).parts[0] for name in files(other)} == set(CLASS)


def test_a_hand_in_costs_a_commit_or_two(class_of_four: Course, grader: FakeGrader) -> None:
    """Of what nbgrader opens and commits, one connection and at most two commits for each hand-in are left."""
    counted: Counter[str] = Counter()

    def opens(*_: object) -> None:
        counted["connections"] += 1

    def commits(*_: object) -> None:
        counted["commits"] += 1

    event.listen(Engine, "connect", opens)
    event.listen(Engine, "commit", commits)
    try:
        class_of_four.autograde()
    finally:
        event.remove(Engine, "connect", opens)
        event.remove(Engine, "commit", commits)
    assert counted["connections"] <= 2
    assert counted["commits"] <= 2 * len(CLASS) + 3


def test_nothing_is_locked_while_a_hand_in_is_graded(class_of_four: Course, grader: FakeGrader) -> None:
    """Grading may take a minute; an instructor who marks in formgrader meanwhile does not wait for it."""
    path = class_of_four.root / "gradebook.db"

    def mark() -> SubmissionResult:
        connection = sqlite3.connect(path, timeout=0)
        with connection:
            connection.execute("UPDATE student SET first_name = 'marked'")
        connection.close()
        return result()

    grader.result = mark
    class_of_four.autograde()
    assert class_of_four.grades("kim")["gd_step"] == 1.0


def test_a_hand_in_that_cannot_be_graded_costs_no_neighbour(class_of_four: Course, grader: FakeGrader) -> None:
    """Its cells wait for a grade, the others have theirs, and the command fails, as without a batch."""

    def fails_for_bob() -> SubmissionResult:
        if grader.asked[-1][2] == "bob":
            raise RuntimeError("the sandbox is gone")
        return result()

    grader.result = fails_for_bob
    with pytest.raises(NbGraderException):
        class_of_four.autograde()
    assert [student for _, _, student, _ in grader.asked] == list(CLASS)
    assert class_of_four.grades("bob")["gd_step"] is None
    assert class_of_four.grades("kim")["gd_step"] == 1.0
    assert not list((class_of_four.root / "autograded" / "bob").rglob("*.ipynb"))


def test_a_killed_run_has_recorded_each_hand_in_that_it_finished(class_of_four: Course, grader: FakeGrader) -> None:
    """What was settled is there although the run never ended."""
    seen: list[dict[str, float | None]] = []

    def look() -> SubmissionResult:
        if len(grader.asked) == 3:
            seen.append(class_of_four.grades("ada"))
            raise KeyboardInterrupt
        return result()

    grader.result = look
    with pytest.raises(KeyboardInterrupt):
        class_of_four.autograde()
    assert seen[0]["gd_step"] == 1.0


def without_force(course: Course) -> None:
    """`nbgrader autograde`, which passes over what is in `autograded` already."""
    directory, config = course.directory()
    Autograde(coursedir=directory, config=config).start()


@pytest.mark.parametrize("moment", [1, 3], ids=["the first hand-in", "the third"])
def test_a_run_that_was_killed_is_finished_by_the_next(class_of_four: Course, grader: FakeGrader, moment: int) -> None:
    """Nobody who was begun is passed over without a grade, and nobody who was finished is recorded twice."""

    def die() -> SubmissionResult:
        if len(grader.asked) == moment:
            os._exit(9)
        return result()

    if not (child := os.fork()):
        grader.result = die
        without_force(class_of_four)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert (class_of_four.root / "autograded" / CLASS[moment - 1]).exists()

    without_force(class_of_four)
    assert [student for _, _, student, _ in grader.asked] == list(CLASS[moment - 1 :])
    assert {class_of_four.grades(student)["gd_step"] for student in CLASS} == {1.0}


def test_a_run_without_force_passes_over_who_has_a_grade(class_of_four: Course, grader: FakeGrader) -> None:
    """As nbgrader does; an excluded student stays out although there is no grade of theirs."""
    without_force(class_of_four)
    grader.asked.clear()
    with Gradebook(class_of_four.db) as gradebook:
        for name in ("gd_step", "momentum_step"):
            gradebook.find_grade(name, ASSIGNMENT, ASSIGNMENT, "eve").auto_score = None
        gradebook.db.commit()
    directory, config = class_of_four.directory()
    directory.student_id_exclude = "eve"
    Autograde(coursedir=directory, config=config).start()
    assert grader.asked == []
    without_force(class_of_four)
    assert [student for _, _, student, _ in grader.asked] == ["eve"]


def test_the_gradebook_is_nbgraders_own_again_afterwards(course: Course, grader: FakeGrader) -> None:
    """After a batch, and after one that failed, a gradebook opens a connection of its own."""
    before = Gradebook.__init__, Gradebook.close

    def fails() -> None:
        with one_connection(course.db):
            assert (Gradebook.__init__, Gradebook.close) != before
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert (Gradebook.__init__, Gradebook.close) == before


def test_other_databases_and_other_threads_do_not_join(course: Course, tmp_path: Path) -> None:
    """A server's other threads, and another course, keep connections of their own."""
    engines: list[Any] = []

    def opens(url: str) -> None:
        with Gradebook(url) as gradebook:
            engines.append(gradebook.engine)

    with one_connection(course.db):
        opens(course.db)
        opens(course.db)
        opens(f"sqlite:///{tmp_path}/other.db")
        thread = threading.Thread(target=opens, args=(course.db,))
        thread.start()
        thread.join()
    assert engines[0] is engines[1]
    assert len({id(engine) for engine in engines}) == 3


def test_what_is_rolled_back_is_that_hand_ins_alone(course: Course) -> None:
    """A step that fails in the database takes back what was not settled; the next one goes on."""
    with one_connection(course.db) as batch:
        with Gradebook(course.db) as gradebook:
            gradebook.add_student("ada")
        batch.settle()
        with Gradebook(course.db) as gradebook:
            gradebook.add_student("bob")
            with pytest.raises(InvalidEntry):
                gradebook.add_student("bob")
        with Gradebook(course.db) as gradebook:
            gradebook.add_student("eve")
    with Gradebook(course.db) as gradebook:
        assert {student.id for student in gradebook.students} == {"ada", "eve"}


def test_a_gradebook_sees_what_the_one_before_has_written(course: Course) -> None:
    """Though nothing is settled yet: each step reads anew, so that a penalty is taken of the score of now."""
    with one_connection(course.db):
        with Gradebook(course.db) as first:
            first.add_student("ada", first_name="Ada")
            with Gradebook(course.db) as second:
                second.find_student("ada").first_name = "Augusta"
                second.db.commit()
            first.db.commit()
            assert first.find_student("ada").first_name == "Augusta"
        with Gradebook(course.db) as third, pytest.raises(MissingEntry):
            third.find_student("bob")


def test_a_changed_grade_reaches_the_gradebook(class_of_four: Course, grader: FakeGrader) -> None:
    """A second run with another result writes the new score, and manual marks stay."""
    class_of_four.autograde()
    with Gradebook(class_of_four.db) as gradebook:
        gradebook.find_grade("momentum_step", ASSIGNMENT, ASSIGNMENT, "ada").manual_score = 2.5
        gradebook.db.commit()
    better = replace(result(), checks=(check("gd_step", 2.0), check("momentum_step", 3.0)))
    grader.result = lambda: better
    class_of_four.autograde()
    assert class_of_four.grades("ada")["gd_step"] == 2.0
    with Gradebook(class_of_four.db) as gradebook:
        assert gradebook.find_grade("momentum_step", ASSIGNMENT, ASSIGNMENT, "ada").score == 2.5
