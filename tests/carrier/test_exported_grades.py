"""The table of `nbgrader export`."""

import csv
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from nbgrader.plugins import CsvExportPlugin, ExportPlugin
from small_course import Course, FakeGrader, result

from autograder.carrier.export import ExportGrades


def exported(course: Course, plugin: type[ExportPlugin], **options: object) -> list[dict[str, str]]:
    """The rows that a plugin writes."""
    target = course.root / f"{plugin.__name__}.csv"
    with Gradebook(course.db) as gradebook:
        plugin(to=str(target), **options).export(gradebook)
    with Path(target).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_table_is_nbgraders(course: Course, grader: FakeGrader) -> None:
    """Where all is graded, and for a student without a hand-in, column by column what nbgrader's own plugin writes."""
    course.submit(course.released())
    course.autograde()
    with Gradebook(course.db) as gradebook:
        gradebook.add_student("bob", first_name="Bob", email="bob@example.org")

    ours = exported(course, ExportGrades)

    assert ours == exported(course, CsvExportPlugin)
    assert {row["student_id"]: row["score"] for row in ours} == {"ada": "1.5", "bob": "0.0"}


def test_a_hand_in_without_a_grade_has_no_score(course: Course, grader: FakeGrader) -> None:
    """A fault of the grader is an empty cell, not a zero."""
    grader.result = lambda: result(status="error")
    course.submit(course.released())
    with pytest.raises(NbGraderException):
        course.autograde()

    (row,) = exported(course, ExportGrades)

    assert (row["student_id"], row["raw_score"], row["score"]) == ("ada", "", "")


def test_a_comma_in_a_name_stays_in_its_column(course: Course, grader: FakeGrader) -> None:
    """A name is quoted where it must be."""
    with Gradebook(course.db) as gradebook:
        gradebook.add_student("ada", last_name="King, Countess of Lovelace")

    (row,) = exported(course, ExportGrades)

    assert (row["last_name"], row["max_score"]) == ("King, Countess of Lovelace", "6.0")


def test_only_what_is_asked_for_is_exported(course: Course, grader: FakeGrader) -> None:
    """`--student` and `--assignment` choose rows."""
    with Gradebook(course.db) as gradebook:
        gradebook.add_student("ada")
        gradebook.add_student("7")

    assert [row["student_id"] for row in exported(course, ExportGrades, student=[7])] == ["7"]
    assert exported(course, ExportGrades, assignment=["another"]) == []
