"""Diagnosis: which named mistake gives the student's answers, and which failures only follow from a mistake already charged."""

from collections.abc import Callable
from dataclasses import dataclass

from autograder.checking.catalogue import Mistake
from autograder.checking.compare import Disagreement
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


def credit_what_follows(
    tried: list[Tried], uses: Callable[[str], set[str]], follows: Callable[[Tried, str], bool]
) -> None:
    """Credits failures that only follow from the student's own answers to another exercise, which is charged for them.

    `uses` tells which other exercises' functions the reference of an exercise calls; `follows` whether a check passes when the
    reference is given the student's function in the place of its own.
    """
    for one in tried:
        if one.status != FAILED or one.credited or one.diagnosis is not None or not _answered(one):
            continue
        charged = {other.check.exercise for other in tried if other.status == FAILED and not other.credited}
        for exercise in sorted((charged & uses(one.check.exercise)) - {one.check.exercise}):
            if follows(one, exercise):
                one.diagnosis, one.credited = f"`{exercise}` is not right yet", True
                break


def _answered(one: Tried) -> bool:
    """Whether the failure is an answer of the right kind: nothing follows from an exercise that gives none."""
    return isinstance(one.verdict.error, Disagreement) and one.verdict.error.of_value


def _name(checks: list[Tried], mistakes: list[Mistake], agrees: Satisfies) -> None:
    """Gives each failed check of an exercise the mistake with the student's answers there and in most other checks."""
    failed = [one for one in checks if one.status == FAILED]
    names = {one.check.name for one in failed}
    likely_first = sorted(mistakes, key=lambda mistake: mistake.caught_by not in names)
    suspects: list[Mistake] = []
    for one in failed:
        # One mistake commonly explains all failures: those found before are asked first, the others only if none fits.
        hits = [mistake for mistake in suspects if agrees(one, mistake)]
        if not hits:
            hits = _hits(one, [mistake for mistake in likely_first if mistake not in suspects], checks, agrees)
            suspects += hits
        if len(hits) > 1:
            hits.sort(key=lambda mistake: -sum(agrees(other, mistake) for other in checks))
        if hits:
            one.diagnosis = hits[0].diagnosis


def _hits(one: Tried, mistakes: list[Mistake], checks: list[Tried], agrees: Satisfies) -> list[Mistake]:
    """The mistakes with the student's answers in this check; the first that has them in every check ends the search."""
    hits = []
    for mistake in mistakes:
        if agrees(one, mistake):
            if all(agrees(other, mistake) for other in checks):
                return [mistake]
            hits.append(mistake)
    return hits
