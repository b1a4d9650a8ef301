"""What the gradebook adds to a page: marks and comments of a person, points given instead of the checks', a penalty."""

import os
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from tiny_course import SLUG

from autograder.feedback.marks import Mark, Marks, marks_of

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # nbgrader's way with its database
    pytest.mark.filterwarnings(r"ignore:Object of type <\w+> not in session"),
]
QUESTIONS = ["why_downhill"]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook of four hand-ins: marked, waiting, left as released, overruled and late."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))  # for alembic
        gradebook = Gradebook(f"sqlite:///{path}")
    with gradebook:
        gradebook.add_assignment(SLUG)
        gradebook.add_notebook(SLUG, SLUG)
        gradebook.add_grade_cell("step", SLUG, SLUG, max_score=14, cell_type="code")
        gradebook.add_grade_cell("why_downhill", SLUG, SLUG, max_score=2, cell_type="markdown")
        gradebook.add_solution_cell("why_downhill", SLUG, SLUG)
        for student in ("marked", "waiting", "untouched", "overruled"):
            gradebook.add_student(student)
            gradebook.add_submission(SLUG, student)
            answer = gradebook.find_grade("why_downhill", SLUG, SLUG, student)
            step = gradebook.find_grade("step", SLUG, SLUG, student)
            step.auto_score, step.needs_manual_grade = 12.0, False
            answer.needs_manual_grade = student == "waiting"
            if student == "marked":
                answer.manual_score = 1.5
                gradebook.find_comment("why_downhill", SLUG, SLUG, student).manual_comment = "Nearly."
            if student == "untouched":
                answer.auto_score = 0.0
                gradebook.find_comment("why_downhill", SLUG, SLUG, student).auto_comment = "No response."
            if student == "overruled":
                step.manual_score, step.extra_credit = 13.0, 0.5
                submission = gradebook.find_submission_notebook(SLUG, SLUG, student)
                submission.late_submission_penalty = 2.0
        gradebook.db.commit()
    return path


@pytest.mark.parametrize(
    ("student", "marks"),
    [
        ("marked", Marks({"why_downhill": Mark(1.5, "Nearly.")})),
        ("waiting", Marks({"why_downhill": Mark(None)})),
        ("untouched", Marks({"why_downhill": Mark(0.0, "No response.")})),
        ("overruled", Marks({"why_downhill": Mark(None)}, {"step": 13.5}, 2.0)),
        ("nobody", Marks()),
    ],
)
def test_a_page_tells_what_a_person_decided(book: Path, student: str, marks: Marks) -> None:
    """Points and comment; none while the answer waits; 0 where nothing was answered; nothing of who is not known."""
    with Gradebook(f"sqlite:///{book}") as gradebook:
        assert marks_of(gradebook, student, SLUG, QUESTIONS) == marks


def test_without_a_gradebook_nothing_is_known() -> None:
    """Grades without nbgrader have no marks by hand."""
    assert marks_of(None, "ada", SLUG, QUESTIONS) == Marks()
