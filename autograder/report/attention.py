"""Submissions that a person should look at, each with the reason. Nothing here changes a score."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from autograder.grading.intake import NOTHING_ELSE
from autograder.grading.result import ERROR, UNREADABLE, CheckResult, SubmissionResult

_COSTLY = 10.0  # times the median of the assignment, and at least so many CPU seconds

KINDS = {
    "grader's fault": "no grade was recorded; mend the cause and grade again",
    "unreadable": "counts 0 until it is handed in anew",
    "not confined": "graded with --unsafe: student code ran without the sandbox",
    "crashed": "the process ended, or its answer was none: an exit, too much memory, a forbidden system call, a forgery",
    "timeout": "no answer in time: an endless loop, or a wait",
    "forbidden built-in": "calls what the exercise asks to write",
    "altered cells": "locked cells of the notebook are not as they were handed out; no grade rests on them",
    "similar code": "nearly the same code as another submission; see the groups below",
    "costly": f"more than {_COSTLY:g} times the CPU time of the median submission, and more than {_COSTLY:g} s",
    "note": "what the grader noted while it read the hand-in",
}


@dataclass(frozen=True)
class Remark:
    """One reason to look at one submission."""

    student: str
    assignment: str
    kind: str  # one of KINDS
    detail: str


def remarks(
    results: list[SubmissionResult],
    altered: dict[tuple[str, str], tuple[str, ...]],
    similar: dict[tuple[str, str], str],
) -> list[Remark]:
    """All remarks, by kind in the order of KINDS, then by assignment and student."""
    medians = _medians(results)
    found = []
    for one in results:
        key = (one.student, one.assignment)
        rows = [*_of_result(one, medians), *(("altered cells", text) for text in _first(altered.get(key, ())))]
        if key in similar:
            rows.append(("similar code", similar[key]))
        found += [Remark(one.student, one.assignment, kind, detail) for kind, detail in rows]
    order = list(KINDS)
    return sorted(found, key=lambda row: (order.index(row.kind), row.assignment, row.student))


def _of_result(one: SubmissionResult, medians: dict[str, float]) -> Iterator[tuple[str, str]]:
    if one.status == ERROR:
        yield "grader's fault", one.message or ""
    if one.status == UNREADABLE:
        yield "unreadable", one.message or ""
    if one.checks and one.isolation in ("", "none"):
        yield "not confined", ""
    for kind in ("crashed", "timeout"):
        lost = [check for check in one.checks if check.status == kind]
        if lost:
            yield kind, f"{_count(lost)}: {lost[0].message}"
    forbidden = {(check.exercise, name) for check in one.checks for name in check.forbidden}
    yield from (("forbidden built-in", f"{exercise} uses {name}") for exercise, name in sorted(forbidden))
    if one.cpu_seconds > _COSTLY * max(1.0, medians[one.assignment]):
        yield "costly", f"{one.cpu_seconds:.1f} s of CPU; the median is {medians[one.assignment]:.2f} s"
    yield from (("note", note) for note in _first(tuple(note for note in one.notes if NOTHING_ELSE not in note)))


def _count(lost: list[CheckResult]) -> str:
    exercises = ", ".join(dict.fromkeys(check.exercise for check in lost))
    return f"{len(lost)} check{'s' if len(lost) > 1 else ''} of {exercises}"


def _first(texts: tuple[str, ...], most: int = 5) -> tuple[str, ...]:
    more = len(texts) - most
    return (*texts[:most], f"and {more} more") if more > 0 else texts


def _medians(results: list[SubmissionResult]) -> dict[str, float]:
    seconds: dict[str, list[float]] = {}
    for one in results:
        seconds.setdefault(one.assignment, []).append(one.cpu_seconds)
    return {slug: float(np.median(found)) for slug, found in seconds.items()}
