"""A course of one small assignment (20 points, and a question of 2), whose results and gradebook a test writes itself."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import tiny_course
from nbgrader.api import Gradebook

from autograder import cli
from autograder.course import Course
from autograder.grading.result import CheckResult, SubmissionResult, to_json

SLUG = tiny_course.SLUG
CHECKS = {"step/moves_downhill": 12.0, "step/refuses_a_negative_rate": 2.0, "walk/visits_every_place": 6.0}


def result(student: str, *failed: str, **changes: object) -> SubmissionResult:
    """A graded hand-in in which these checks failed."""
    checks = tuple(
        CheckResult(
            name=name,
            exercise=name.split("/")[0],
            points=points,
            score=0.0 if name in failed else points,
            status="failed" if name in failed else "passed",
            message="the values differ" if name in failed else "",
            diagnosis=f"{name.split('/')[0]}: goes -1 times as far as it should" if name in failed else None,
            seconds=0.01,
            sentence="x moves by −rate times the slope.",
            hint="Which way is down?",
        )
        for name, points in CHECKS.items()
    )
    score = sum(check.score for check in checks)
    known = SubmissionResult(
        student, SLUG, f"submitted/{student}/{SLUG}", score, 20.0, "00ff", "graded", "landlock", checks, version="v1"
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def unreadable(student: str) -> SubmissionResult:
    """A hand-in that could not be read."""
    return result(student, status="unreadable", checks=(), score=0.0, message="the notebook is empty")


def faulty(student: str) -> SubmissionResult:
    """A hand-in over which the grader stumbled."""
    return result(student, status="error", checks=(), score=0.0, message="the grader failed: MemoryError")


def write_results(course: Course, *results: SubmissionResult, name: str = "results.json") -> Path:
    """A file as `autograder grade --json` writes it."""
    path = course.root / name
    document = {"version": 1, "submissions": [to_json(one) for one in results]}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def write_template(path: Path) -> None:
    """The gradebook after `nbgrader generate_assignment`, without students."""
    with Gradebook(f"sqlite:///{path}") as book:
        book.add_assignment(SLUG)
        book.add_notebook(SLUG, SLUG)
        for name, points in (("step", 14), ("walk", 6)):
            book.add_grade_cell(name, SLUG, SLUG, max_score=points, cell_type="code")
        book.add_grade_cell("why_downhill", SLUG, SLUG, max_score=2, cell_type="markdown")
        book.add_solution_cell("why_downhill", SLUG, SLUG)


class Book:
    """nbgrader's gradebook of the course, written through nbgrader's own interface."""

    def __init__(self, course: Course) -> None:
        shutil.copy(course.root.parent / "template.db", course.root / "gradebook.db")
        self.url = f"sqlite:///{course.root}/gradebook.db"

    def add(self, student: str, **about: str) -> None:
        """A student of the roster."""
        with Gradebook(self.url) as book:
            book.add_student(student, **about)

    def record(self, one: SubmissionResult, *, answer: float | None = 0.0, penalty: float = 0.0) -> None:
        """A hand-in as `nbgrader autograde` records it; `answer` None is an answer in words that waits for its mark."""
        with Gradebook(self.url) as book:
            book.update_or_create_student(one.student)
            book.update_or_create_submission(SLUG, one.student)
            for name in ("step", "walk"):
                book.find_grade(name, SLUG, SLUG, one.student).auto_score = one.exercise_score(name)
            entry = book.find_grade("why_downhill", SLUG, SLUG, one.student)
            entry.auto_score, entry.needs_manual_grade = answer, answer is None
            book.find_submission_notebook(SLUG, SLUG, one.student).late_submission_penalty = penalty
            book.db.commit()

    def mark(self, student: str, cell: str, score: float, extra: float | None = None) -> None:
        """A score given by hand, as formgrader gives it."""
        with Gradebook(self.url) as book:
            entry = book.find_grade(cell, SLUG, SLUG, student)
            entry.manual_score, entry.extra_credit, entry.needs_manual_grade = score, extra, False
            book.db.commit()

    def hand_in_time(self, student: str, due: str, submitted: str) -> None:
        """When it was due, and when it came."""
        with Gradebook(self.url) as book:
            book.update_or_create_assignment(SLUG, duedate=due)
            book.update_or_create_submission(SLUG, student, timestamp=submitted)


def run(course: Course, *arguments: object) -> int:
    """An `autograder` command in the course."""
    return cli.main(["--course", str(course.root), *map(str, arguments)])
