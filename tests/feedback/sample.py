"""A page to look at: a made-up student of A3 with a few mistakes of its catalogue, and pictures of them."""

from pathlib import Path

from autograder.checking.catalogue import Mistake, read_mistakes
from autograder.checking.pictures import read_pictures
from autograder.course import Assignment, Course
from autograder.feedback.drawing import svg
from autograder.feedback.gallery import Shown
from autograder.feedback.marks import Mark, Marks
from autograder.feedback.numbers import pairs, panels
from autograder.feedback.page import html
from autograder.feedback.words import described
from autograder.grading.result import CheckResult, SubmissionResult

ROOT = Path(__file__).resolve().parents[2]
SLUG = "a3_momentum"
# What the student does wrong in each exercise; the others are right.
MISTAKES = {
    "momentum_step": "follows_the_old_movement",
    "unroll_movement": "weights_the_oldest_most",
    "MomentumSGD": "keeps_lr_in_the_buffer",
}
HOSTILE = '<script>alert(1)</script> & "quoted" \x1b[31mred\x1b[0m \x00 \u202e \ud800'


def sample_page(folder: Path) -> Path:
    """Writes the page into the folder; its path."""
    assignment = Course(ROOT).assignment(SLUG)
    marks = Marks(
        {assignment.handout.questions[0].name: Mark(1.5, "Right about the length; say what it does to the sum.")}
    )
    path = folder / "feedback.html"
    path.write_text(html(assignment, sample_result(assignment), sample_pictures(assignment), marks), encoding="utf-8")
    return path


def sample_result(assignment: Assignment) -> SubmissionResult:
    """A result in which these mistakes cost their checks; sentences and hints are made up."""
    diagnoses = {exercise: mistake.diagnosis for exercise, mistake in _mistakes(assignment).items()}
    checks = []
    for exercise, points in assignment.points.items():
        checks.append(_check(exercise, "computes_what_is_asked", points / 2, diagnoses.get(exercise)))
        checks.append(_check(exercise, "leaves_its_inputs_alone", points / 2, None))
    score = sum(check.score for check in checks)
    return SubmissionResult(
        "ada_lovelace", assignment.slug, "submitted/ada_lovelace", score, 20.0, "", "graded", "none", tuple(checks),
        notes=("a3_momentum.ipynb was graded; the other file holds nothing of yours",), version="0" * 64,
    )  # fmt: skip


def _mistakes(assignment: Assignment) -> dict[str, Mistake]:
    """The student's mistakes by exercise."""
    known = read_mistakes(assignment.hidden / "mistakes.py")
    return {one.exercise: one for one in known if MISTAKES.get(one.exercise) == one.name}


def _check(exercise: str, name: str, points: float, diagnosis: str | None) -> CheckResult:
    return CheckResult(
        f"{exercise}/{name}",
        exercise,
        points,
        0.0 if diagnosis else points,
        "failed" if diagnosis else "passed",
        "the result has the wrong value" if diagnosis else "",
        diagnosis,
        0.01,
        f"It {name.replace('_', ' ')}, for every shape and dtype.",
        "Which movement does θ follow: the old or the new one?" if diagnosis else None,
    )


def sample_pictures(assignment: Assignment) -> dict[str, Shown]:
    """The pictures of these mistakes, asked of the catalogue's own code."""
    reference = _Module(assignment.reference)
    wrong = _mistakes(assignment)
    shown = {}
    for picture in read_pictures(assignment.hidden / "pictures.py"):
        if picture.exercise in wrong:
            mistaken = _Module(wrong[picture.exercise].submission(assignment.reference))
            drawn = pairs(picture, panels(picture, picture.ask(mistaken)), panels(picture, picture.ask(reference)))
            shown[picture.exercise] = Shown(picture.caption, svg(picture, drawn), described(picture, drawn))
    return shown


class _Module:
    """A text of ours as a module."""

    def __init__(self, text: str) -> None:
        exec(compile(text, "<ours>", "exec"), vars(self))

    def run(self, experiment, *args):  # type: ignore[no-untyped-def]
        """The value of an experiment."""
        return experiment(self, *args)
