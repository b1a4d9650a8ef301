"""What a student reads about one exercise, as HTML and as plain text: under nbgrader's graded cells and on a page of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from autograder.carrier.text import clean, cut

if TYPE_CHECKING:
    from autograder.feedback.gallery import Shown
    from autograder.grading.result import CheckResult

MESSAGE_LIMIT = 2_000  # characters of one check's message

_WORDS = {
    "passed": "Passed",
    "failed": "Not passed",
    "timeout": "Not passed: it ran out of time",
    "crashed": "Not passed: it stopped the program",
    "missing": "Not passed: it is not in the file",
    "error": "Not graded",
}
_COLOURS = {"failed": "#b71c1c"}  # beside the words, never instead of them
_UNDECIDED = "#8d6e00"
# Pages that show a section may have no style sheet of ours.
_WRAP = "white-space:pre-wrap;overflow-wrap:anywhere"


@dataclass(frozen=True)
class Feedback:
    """What there is to say about one exercise."""

    exercise: str
    score: float
    points: float
    checks: Sequence[CheckResult] = ()
    message: str | None = None
    notes: Sequence[str] = ()
    picture: Shown | None = None


def number(value: float) -> str:
    """The number with at most two decimals, and none where it needs none."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def out_of(score: float, points: float) -> str:
    """A score in words: `1.5 of 2 points`."""
    return f"{number(score)} of {number(points)} {'point' if points == 1 else 'points'}"


def as_text(feedback: Feedback) -> str:
    """The feedback as plain text."""
    lines = [f"{feedback.exercise}: {out_of(feedback.score, feedback.points)}"]
    if feedback.message:
        lines.append(_text(feedback.message))
    told: set[str] = set()
    for check in _in_order(feedback.checks):
        lines.append(f"- {_status(check)} ({out_of(check.score, check.points)}): {_text(check.sentence)}")
        lines += [
            f"  {label + ': ' if label else ''}{line}"
            for label, text in _details(check, told)
            for line in text.split("\n")
        ]
    lines += [_text(note) for note in feedback.notes]
    return "\n".join(lines)


def as_html(feedback: Feedback, *, level: int = 3) -> str:
    """The feedback as a section of HTML that needs no script and no style sheet, under a heading of this level."""
    heading = f"{feedback.exercise}: {out_of(feedback.score, feedback.points)}"
    name = _html(feedback.exercise)
    parts = [
        f'<section class="unstuck" id="feedback-{name}" aria-label="Feedback on {name}">',
        f"<h{level}>{_html(heading)}</h{level}>",
    ]
    if feedback.message:
        parts.append(f"<p>{_html(feedback.message)}</p>")
    if feedback.picture is not None:
        parts.append(figure(feedback.picture))
    told: set[str] = set()
    wrong = [check for check in feedback.checks if check.status != "passed"]
    right = [check for check in feedback.checks if check.status == "passed"]
    if wrong:
        items = [_item(check, told) for check in wrong]
        parts += ['<ul class="open" style="list-style:none;padding-left:0">', *items, "</ul>"]
    if right:
        said = "All checks passed:" if not wrong else "Passed:"
        items = [_right_item(check) for check in right]
        parts += [f"<p><strong>{said}</strong></p>", '<ul class="right">', *items, "</ul>"]
    parts += [f"<p><small>{_html(note)}</small></p>" for note in feedback.notes]
    return "\n".join([*parts, "</section>"])


def figure(picture: Shown) -> str:
    """A picture and what it shows in words, which those read who do not see it."""
    caption = f"{escape(picture.caption)} {escape(picture.words)}"
    return (
        '<figure style="margin:1em 0;max-width:34em">'
        f'<div style="background:#fff;padding:.3em">{picture.svg}</div>'
        f"<figcaption><small>{caption}</small></figcaption></figure>"
    )


def _in_order(checks: Sequence[CheckResult]) -> list[CheckResult]:
    """What is to be mended first, then what is right."""
    return sorted(checks, key=lambda check: check.status == "passed")


def _item(check: CheckResult, told: set[str]) -> str:
    """A check that did not pass as a list item, without what has been told."""
    colour = _COLOURS.get(check.status, _UNDECIDED)
    lines = [
        f'<li style="border-left:4px solid {colour};padding:.1em 0 .1em .8em;margin-bottom:.8em">',
        f"<p><strong>{_html(_status(check))}</strong> ({out_of(check.score, check.points)}): {_html(check.sentence)}</p>",
    ]
    for label, text in _details(check, told):
        if label:
            lines.append(f"<p><em>{label}:</em> {escape(text)}</p>")
        else:
            lines.append(f'<pre style="{_WRAP}">{escape(text)}</pre>')
    return "\n".join([*lines, "</li>"])


def _right_item(check: CheckResult) -> str:
    """A check that passed, in a line."""
    credited = f" <em>{_html(check.message)}</em>" if check.message else ""
    points = f"{number(check.points)} {'point' if check.points == 1 else 'points'}"
    return f"<li>{_html(check.sentence)} ({points}){credited}</li>"


def _details(check: CheckResult, told: set[str]) -> Iterator[tuple[str, str]]:
    """What else is said of a check that did not pass: label and text, most telling first.

    One mistake often costs several checks: it is explained at the first of them, and then is in `told`.
    """
    if check.status == "passed":
        if check.message:  # credited: it only follows from a mistake that is charged elsewhere
            yield "Note", _text(check.message)
        return
    once = check.status == "missing" or check.message.startswith("uses ")
    cause = check.diagnosis or (check.message if once else None)
    if cause in told:
        yield from [("Diagnosis", "the same mistake as above")] if check.diagnosis else []
        return
    if cause:
        told.add(cause)
    if check.diagnosis:
        yield "Diagnosis", _text(check.diagnosis)
    if check.message:
        yield "", _text(check.message)
    if check.hint:
        yield "Hint", _text(check.hint)


def _status(check: CheckResult) -> str:
    return _WORDS.get(check.status, "Not passed")


def _text(text: str) -> str:
    return cut(clean(text).strip(), MESSAGE_LIMIT)


def _html(text: str) -> str:
    return escape(_text(text))
