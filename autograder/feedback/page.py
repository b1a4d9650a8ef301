"""The page of one student and assignment: one file that needs no script, no network and no other file."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from autograder.carrier.text import clean, cut
from autograder.course import Assignment
from autograder.feedback.gallery import Shown
from autograder.feedback.marks import Mark, Marks
from autograder.feedback.mathml import markdown
from autograder.feedback.section import Feedback, as_html, number, out_of
from autograder.feedback.style import TEMPLATES, style
from autograder.grading.result import CheckResult, SubmissionResult

_TEXT_LIMIT = 2_000
_NAME_LIMIT = 120  # characters of a file's name


@dataclass(frozen=True)
class Row:
    """One line of the overview."""

    anchor: str
    name: str
    told: str
    points: str


@dataclass(frozen=True)
class Answer:
    """A question in words: its text and what became of it."""

    anchor: str
    title: str
    points: str
    heading: str
    text: Markup
    comment: str


@dataclass(frozen=True)
class Page:
    """What stands on a page."""

    title: str
    student: str
    score: float | None
    max_score: float
    message: str
    notes: tuple[str, ...]
    rows: tuple[Row, ...]
    sections: tuple[Markup, ...]
    questions: tuple[Answer, ...]
    small_print: tuple[str, ...]


def file_name(result: SubmissionResult) -> Path:
    """Where the page lies in the folder of pages, whatever characters the student's name is made of."""
    student = result.student.encode(errors="surrogateescape")
    name = quote(student, safe=" @+,-_").replace("~", "%7E")
    if not name.strip(". "):  # such a name would mean a folder, or nothing
        name = "".join(f"%{byte:02X}" for byte in student) or "%"
    if len(name) > _NAME_LIMIT:
        name = f"{name[: _NAME_LIMIT - 20]} {hashlib.sha256(student).hexdigest()[:16]}"
    return Path(result.assignment) / f"{name}.html"


def html(assignment: Assignment, result: SubmissionResult, pictures: dict[str, Shown], marks: Marks) -> str:
    """The page as text."""
    page = _page(assignment, result, pictures, marks)
    return _template().render(page=page, css=Markup(style()))  # our own style sheet


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    return environment.get_template("page.html.j2")


def _page(assignment: Assignment, result: SubmissionResult, pictures: dict[str, Shown], marks: Marks) -> Page:
    graded = result.status == "graded"
    exercises = [
        _exercise(result, name, points, pictures, marks)
        for name, points in (assignment.points.items() if graded else ())
        if result.exercise(name)
    ]
    rows = [
        Row(f"feedback-{one.exercise}", one.exercise, told(one.checks), f"{number(one.score)} of {number(one.points)}")
        for one in exercises
    ]
    answers = tuple(_answers(assignment, marks))
    rows += [Row(one.anchor, one.title, "in words, marked by a person", one.points) for one in answers]
    return Page(
        title=_plain(assignment.handout.title),
        student=_plain(result.student),
        score=sum(one.score for one in exercises) if graded else None,
        max_score=result.max_score,
        message="" if graded else _ungraded(result),
        notes=tuple(map(_plain, (*result.notes, *_late(marks)))),
        rows=tuple(rows) if exercises else (),
        sections=tuple(Markup(as_html(one, level=2)) for one in exercises),  # escaped there
        questions=answers if exercises else (),
        small_print=tuple(_small_print(result, answers)),
    )


def _exercise(result: SubmissionResult, name: str, points: float, pictures: dict[str, Shown], marks: Marks) -> Feedback:
    score, notes = result.exercise_score(name), []
    if name in marks.instead:
        notes.append(
            f"A person gave {number(marks.instead[name])} points here in the place of the checks' {number(score)}."
        )
        score = marks.instead[name]
    return Feedback(name, score, points, result.exercise(name), notes=notes, picture=pictures.get(name))


def told(checks: Sequence[CheckResult]) -> str:
    """One line on an exercise: all right, or what is in its way."""
    open_checks = [check for check in checks if check.status != "passed"]
    if not open_checks:
        return "all checks passed"
    if all(check.status == "missing" for check in open_checks):
        return "not written yet" if len(open_checks) == len(checks) else "a part is not written yet"
    causes = dict.fromkeys(check.diagnosis for check in open_checks if check.diagnosis)
    named = [cause.partition(": ")[2] or cause for cause in causes]
    if named:
        return _plain("; ".join(named[:2])) + (f"; and {len(named) - 2} more" if len(named) > 2 else "")
    return f"{len(open_checks)} of {len(checks)} checks did not pass"


def _answers(assignment: Assignment, marks: Marks) -> Iterator[Answer]:
    for question in assignment.handout.questions:
        mark = marks.by_question.get(question.name, Mark(None))
        title = question.name.replace("_", " ")
        if mark.score is None:
            points, heading = f"– of {number(question.points)}", f"not marked yet, of {number(question.points)}"
        else:
            points, heading = f"{number(mark.score)} of {number(question.points)}", out_of(mark.score, question.points)
        text = Markup(markdown(question.text))  # the handout's, ours
        yield Answer(
            f"question-{question.name}", title, points, f"Question, {title}: {heading}", text, _plain(mark.comment)
        )


def _ungraded(result: SubmissionResult) -> str:
    if result.status == "unreadable":
        return f"Nothing could be graded: {_plain(result.message or 'the hand-in could not be read')}"
    return "Your hand-in has not been graded, through no fault of yours. Your instructor will grade it again."


def _late(marks: Marks) -> list[str]:
    return [f"Handed in late: {number(marks.penalty)} points are taken off for that."] if marks.penalty else []


def _small_print(result: SubmissionResult, answers: tuple[Answer, ...]) -> list[str]:
    lines = []
    if result.status == "graded":
        lines.append(
            "The points come from hidden checks with inputs of your own. Pictures are drawn by your code on other, fixed inputs."
        )
        if answers:
            lines.append("Questions in words are marked by a person and stand beside these points.")
    if result.devices and set(result.devices) != {"cpu"}:
        lines.append(f"Checked on: {_plain(', '.join(result.devices))}.")
    if result.version:
        lines.append(f"Version of the checks: {_plain(result.version[:12])}.")
    return lines


def _plain(text: str) -> str:
    return cut(clean(text).strip(), _TEXT_LIMIT)
