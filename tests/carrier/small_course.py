"""A small course in a temporary folder, carried by nbgrader's own converters within this process."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.grading.result import CheckResult, SubmissionResult

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = "descent"
CHECKS = {"gd_step": 2.0, "momentum_step": 3.0}


def code(source: str, **nbgrader: Any) -> dict[str, Any]:
    """A code cell, with nbgrader's metadata where any is given."""
    return _cell("code", source, nbgrader) | {"execution_count": None, "outputs": []}


def markdown(source: str, **nbgrader: Any) -> dict[str, Any]:
    """A Markdown cell, with nbgrader's metadata where any is given."""
    return _cell("markdown", source, nbgrader)


def _cell(kind: str, source: str, nbgrader: dict[str, Any]) -> dict[str, Any]:
    base = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False, "cell_type": kind}
    metadata = {"nbgrader": base | nbgrader} if nbgrader else {}
    return {"cell_type": kind, "metadata": metadata, "source": source}


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    """A notebook of these cells."""
    numbered = [cell | {"id": f"c{number}"} for number, cell in enumerate(cells)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": numbered, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def released_notebook() -> dict[str, Any]:
    """The notebook of the small course: two exercises, an answer in prose, a locked cell."""
    return notebook(
        markdown("# Descent"),
        code("import torch", grade_id="setup", locked=True),
        code("def gd_step(): raise NotImplementedError"),
        code("def test_gd_step(): pass", grade_id="gd_step", grade=True, locked=True, points=2),
        code("def momentum_step(): raise NotImplementedError"),
        code("def test_momentum_step(): pass", grade_id="momentum_step", grade=True, locked=True, points=3),
        markdown("Your answer here", grade_id="why", grade=True, solution=True, points=1),
    )


def check(exercise: str = "gd_step", score: float = 1.0, **changes: Any) -> CheckResult:
    """One check's result; by default it failed."""
    known = CheckResult(
        name=f"{exercise}/moves_downhill",
        exercise=exercise,
        points=CHECKS[exercise],
        score=score,
        status="failed",
        message="called gd_step(θ, g, lr=0.1)",
        diagnosis=f"{exercise}: steps uphill",
        seconds=0.01,
        sentence="θ moves against the gradient.",
        hint="Which way is down?",
    )
    return replace(known, **changes)


def result(*checks: CheckResult, **changes: Any) -> SubmissionResult:
    """A hand-in's result; by default 1 of 2 and 0.5 of 3 points."""
    known = SubmissionResult(
        student="ada",
        assignment=ASSIGNMENT,
        path="submitted/ada/descent",
        score=1.5,
        max_score=5.0,
        seed="00",
        status="graded",
        isolation="none",
        checks=checks or (check("gd_step", 1.0), check("momentum_step", 0.5)),
        notes=("descent.ipynb was graded",),
    )
    return replace(known, **changes)


class Course:
    """A course folder and nbgrader's steps in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.db = f"sqlite:///{root}/gradebook.db"

    def directory(self, student: str = "*") -> tuple[CourseDirectory, Config]:
        """nbgrader's view of the course, and its settings."""
        config = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        return CourseDirectory(config=config, assignment_id=ASSIGNMENT, student_id=student), config

    def generate(self) -> None:
        """`nbgrader generate_assignment`."""
        directory, config = self.directory()
        GenerateAssignment(coursedir=directory, config=config).start()

    def autograde(self) -> None:
        """`nbgrader autograde --force`."""
        directory, config = self.directory()
        Autograde(coursedir=directory, config=config, force=True).start()

    def feedback(self) -> str:
        """The page that `nbgrader generate_feedback --force` makes for ada."""
        directory, config = self.directory()
        GenerateFeedback(coursedir=directory, config=config, force=True).start()
        return (self.root / f"feedback/ada/{ASSIGNMENT}/{ASSIGNMENT}.html").read_text(encoding="utf-8")

    @property
    def hand_in(self) -> Path:
        """Ada's folder in `submitted`."""
        folder = self.root / "submitted/ada" / ASSIGNMENT
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def submit(
        self, submitted: dict[str, Any] | bytes, name: str = f"{ASSIGNMENT}.ipynb", student: str = "ada"
    ) -> None:
        """Put a notebook into `submitted`."""
        folder = self.root / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(submitted if isinstance(submitted, bytes) else json.dumps(submitted).encode())

    def released(self) -> dict[str, Any]:
        """The notebook that students were given."""
        text = (self.root / f"release/{ASSIGNMENT}/{ASSIGNMENT}.ipynb").read_text(encoding="utf-8")
        loaded: dict[str, Any] = json.loads(text)
        return loaded

    def autograded(self) -> dict[str, Any]:
        """Ada's autograded notebook."""
        text = (self.root / f"autograded/ada/{ASSIGNMENT}/{ASSIGNMENT}.ipynb").read_text(encoding="utf-8")
        loaded: dict[str, Any] = json.loads(text)
        return loaded

    def grades(self, student: str = "ada") -> dict[str, float | None]:
        """The student's automatic scores in the gradebook."""
        with Gradebook(self.db) as gradebook:
            submission = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student)
            return {grade.name: grade.auto_score for grade in submission.grades}

    def waiting(self) -> set[str]:
        """The graded cells of ada's that wait for a grade."""
        with Gradebook(self.db) as gradebook:
            submission = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, "ada")
            return {grade.name for grade in submission.grades if grade.needs_manual_grade}


@dataclass
class FakeGrader:
    """What stands for the grader: the result it gives and the folders it was asked about."""

    result: Callable[[], SubmissionResult] = result
    asked: list[tuple[Path, Path, str, str]] = field(default_factory=list)

    def grade_folder(self, course_root: Path, folder: Path, student: str, assignment: str) -> SubmissionResult:
        """The result that the test set."""
        self.asked.append((course_root, folder, student, assignment))
        return self.result()
