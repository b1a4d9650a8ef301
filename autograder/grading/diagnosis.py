"""Diagnosis: which named mistake gives the student's answers, and which failures only follow from a mistake already charged."""

from collections.abc import Callable
from dataclasses import dataclass

from autograder.checking.catalogue import Mistake
from autograder.checking.plugin import Check, Verdict
from autograder.grading.result import FAILED, PASSED
from autograder.sandbox.remote import Recording


@dataclass
class Tried:
    """One check of one submission while it is being graded."""

    check: Check
    verdict: Verdict
    recording: Recording
    status: str
    message: str
    seconds: float
    diagnosis: str | None = None
    credited: bool = False


Satisfies = Callable[[Tried, Mistake], bool]


def explain(tried: list[Tried], mistakes: list[Mistake], satisfies: Satisfies) -> None:
    """Names the mistake behind each failed check, and credits what only follows from one charged in another exercise.

    `satisfies` tells whether a check passes with a mistake in the reference's place; it is asked as seldom as can be.
    """
    known: dict[tuple[str, str], bool] = {}

    def agrees(one: Tried, mistake: Mistake) -> bool:
        key = (one.check.name, mistake.name)
        if key not in known:
            known[key] = satisfies(one, mistake)
        return known[key]

    failed = [one for one in tried if one.status == FAILED]
    for exercise in dict.fromkeys(one.check.exercise for one in failed):
        own = [mistake for mistake in mistakes if mistake.exercise == exercise]
        checks = [one for one in tried if one.check.exercise == exercise and one.status in (PASSED, FAILED)]
        _name(checks, own, agrees)
    charged = {one.diagnosis for one in failed if one.diagnosis}
    for one in failed:
        elsewhere = [item for item in mistakes if item.diagnosis in charged and item.exercise != one.check.exercise]
        inherited = next((mistake for mistake in elsewhere if agrees(one, mistake)), None)
        if inherited is not None:
            one.diagnosis, one.credited = inherited.diagnosis, True


def _name(checks: list[Tried], mistakes: list[Mistake], agrees: Satisfies) -> None:
    """Gives each failed check of an exercise the mistake with the student's answers there and in most other checks."""
    suspects: list[Mistake] = []
    for one in (one for one in checks if one.status == FAILED):
        # One mistake commonly explains all failures: those found before are asked first, the others only if none fits.
        hits = [mistake for mistake in suspects if agrees(one, mistake)]
        if not hits:
            hits = [mistake for mistake in mistakes if mistake not in suspects and agrees(one, mistake)]
            suspects += hits
        if len(hits) > 1:
            hits.sort(key=lambda mistake: -sum(agrees(other, mistake) for other in checks))
        if hits:
            one.diagnosis = hits[0].diagnosis
