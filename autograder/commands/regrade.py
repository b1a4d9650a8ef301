"""List regrade requests with what is known of each, and write down what is decided."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from autograder.carrier.text import clean, cut
from autograder.course import Course, CourseError

if TYPE_CHECKING:
    from autograder.regrade.decide import Case
    from autograder.regrade.requests import Request

EPILOG = """\
examples:
  autograder regrade
  autograder regrade --decide ada/NAME/EXERCISE --keep --because "The docstring asks for float64."
  autograder regrade --decide ada/NAME/EXERCISE --score 8 --because "The check was wrong."

Requests stand in regrade_requests.csv of the course folder (student,assignment,exercise,reason), decisions in
regrade_decisions.csv, which this command writes.
exit code: 0 listed or decided, 1 where a request cannot be matched or a grade does not come out the same, 2 wrong usage"""
_REASON = 500  # characters shown of a student's reason


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--quick", action="store_true", help="list without making the grades again")
    parser.add_argument(
        "--decide", metavar="STUDENT/NAME/EXERCISE", help="the request, by the name that the list gives it"
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--keep", action="store_true", help="the score stays")
    choice.add_argument("--score", type=float, metavar="POINTS", help="the score by hand, in nbgrader's gradebook")
    parser.add_argument("--because", metavar="TEXT", help="why; it is written down")


def run(course: Course, options: argparse.Namespace) -> int:
    """Lists the open requests, or decides one."""
    from autograder.regrade.requests import open_requests, read_decisions, read_requests

    requests, decisions = read_requests(course.root), read_decisions(course.root)
    waiting = open_requests(requests, decisions)
    if options.decide is None:
        if options.keep or options.score is not None or options.because is not None:
            raise CourseError("--keep, --score and --because go with --decide STUDENT/NAME/EXERCISE.")
        return _list(course, waiting, len(requests), quick=options.quick)
    return _decide(course, options, requests, waiting)


def _list(course: Course, waiting: "list[Request]", every: int, *, quick: bool) -> int:
    from autograder.carrier.gradebook import gradebook
    from autograder.regrade.decide import case, entry

    cases = [case(course, request) for request in waiting]
    replays = {} if quick else _replays(course, cases)
    wrong = 0
    with gradebook(course.root) as book:
        for one in cases:
            if one.trouble:
                wrong += 1
                print(f"regrade_requests.csv, line {one.request.line}: {_shown(one.trouble)}", file=sys.stderr)
                continue
            grade = None if book is None else entry(book, one.request)
            in_book = "" if grade is None else f"gradebook {grade.score:g} of {grade.max_score:g} points"
            if grade is not None and grade.manual_score is not None:
                in_book += ", by hand"
            print(_shown(one.request.name))
            replayed, same = replays.get((one.request.student, one.request.assignment), ("", True))
            wrong += not same
            for line in _about(one, in_book, replayed):
                print(f"  {line}")
    print(f"{len(waiting)} of {every} requests are open")
    return 1 if wrong else 0


def _about(one: "Case", in_book: str, replayed: str) -> Iterator[str]:
    """What is known of a request, line by line."""
    from autograder.regrade.decide import record

    if one.request.reason:
        yield f"asks: {cut(_shown(one.request.reason), _REASON)}"
    yield from map(_shown, record(one))
    yield from (line for line in (in_book, replayed) if line)


def _replays(course: Course, cases: "list[Case]") -> dict[tuple[str, str], tuple[str, bool]]:
    """What came of making each grade again, by student and assignment; each is made once."""
    from autograder.grading.replay import replay

    results = {(one.request.student, one.request.assignment): one.result for one in cases if one.result is not None}
    outcomes = replay(course, list(results.values()), 1) if results else []
    said = {}
    for key, one in zip(results, outcomes, strict=True):
        text = "the same" if one.same else _shown("; ".join(filter(None, (one.trouble, *one.differences))))
        said[key] = (f"made again: {text}", one.same)
    return said


def _decide(course: Course, options: argparse.Namespace, requests: "list[Request]", waiting: "list[Request]") -> int:
    from autograder.carrier.gradebook import gradebook, nbgrader_settings
    from autograder.regrade.decide import case, entry, give
    from autograder.regrade.requests import Decision, now, read_decisions, write_decision

    if not options.keep and options.score is None:
        raise CourseError("--decide needs --keep, or --score POINTS.")
    if not (options.because or "").strip():
        raise CourseError("--decide needs --because TEXT: what the student may be told.")
    request = next((one for one in waiting if one.name == options.decide), None)
    if request is None:
        known = ", ".join(dict.fromkeys(_shown(one.name) for one in waiting)) or "none"
        raise CourseError(f"There is no open request {options.decide!r}; open: {known}.")
    if trouble := case(course, request).trouble:
        raise CourseError(f"{_shown(trouble)}.")
    answered = sum(one.name == request.name for one in requests)
    made = Decision(
        request.student, request.assignment, request.cell, "kept", "", "", options.because, str(answered), now()
    )
    decisions = read_decisions(course.root)
    config = nbgrader_settings(course.root)
    with gradebook(course.root, config) as book:
        if options.keep:
            grade = None if book is None else entry(book, request)
            points = "" if grade is None else f"{grade.score:g}"
            made = replace(made, before=points, after=points)
        else:
            if book is None:
                raise CourseError("There is no gradebook to write a score into; run `nbgrader generate_assignment`.")
            before, after = give(book, config, request, options.score)
            made = replace(made, decision="changed", before=f"{before:g}", after=f"{after:g}")
    write_decision(course.root, decisions, made)
    print(f"{_shown(made.name)}: {made.decision}" + (f", {made.before} → {made.after} points" if made.after else ""))
    return 0


def _shown(text: str) -> str:
    """Text of students as a terminal may show it, on one line."""
    return " ".join(clean(text).split())
