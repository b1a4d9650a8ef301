"""Numbers on a class: of each assignment, its exercises and its checks; which mistakes were made, and what grading cost."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autograder.grading.result import ERROR, FAILED, UNREADABLE, CheckResult, SubmissionResult

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ExerciseNumbers:
    """How an exercise was done: how many got nothing, a part, everything; the mean share of its points."""

    name: str
    points: float
    none: int
    part: int
    full: int
    mean: float


@dataclass(frozen=True)
class CheckNumbers:
    """How a check went. `discrimination` is None where it is not defined."""

    name: str
    sentence: str
    points: float
    count: int
    passed: int
    discrimination: float | None
    statuses: tuple[tuple[str, int], ...]  # of those that did not pass

    @property
    def rate(self) -> float:
        """The share that passed."""
        return self.passed / self.count


@dataclass(frozen=True)
class Mistake:
    """A mistake by name, or wrong answers of an exercise that the catalogue has no name for; and who made it."""

    exercise: str
    name: str | None
    students: tuple[str, ...]


@dataclass(frozen=True)
class Cost:
    """CPU seconds of the student's processes, over the submissions that were graded."""

    total: float
    median: float
    high: float  # 95 of 100 cost less
    slowest: float
    slowest_student: str


@dataclass(frozen=True)
class AssignmentNumbers:
    """One assignment in one class. Scores and checks are those of graded submissions."""

    slug: str
    graded: int
    unreadable: int
    errors: int
    max_score: float
    scores: tuple[float, ...]
    exercises: tuple[ExerciseNumbers, ...]
    checks: tuple[CheckNumbers, ...]
    mistakes: tuple[Mistake, ...]
    versions: tuple[tuple[str, int], ...]  # of the checks, the commonest first
    cost: Cost | None

    @property
    def mean(self) -> float:
        """The mean score."""
        return float(np.mean(self.scores))

    @property
    def median(self) -> float:
        """The median score."""
        return float(np.median(self.scores))

    @property
    def deviation(self) -> float:
        """The standard deviation of the scores, with N in the denominator."""
        return float(np.std(self.scores))

    @property
    def full(self) -> int:
        """How many have full marks."""
        return sum(score >= self.max_score for score in self.scores)


def assignment_numbers(slug: str, results: list[SubmissionResult]) -> AssignmentNumbers:
    """The numbers of one assignment from its results, one a student."""
    graded = [one for one in results if one.status not in (UNREADABLE, ERROR)]
    return AssignmentNumbers(
        slug=slug,
        graded=len(graded),
        unreadable=sum(one.status == UNREADABLE for one in results),
        errors=sum(one.status == ERROR for one in results),
        max_score=max((one.max_score for one in graded), default=0.0),
        scores=tuple(one.score for one in graded),
        exercises=_exercises(graded),
        checks=_checks(graded),
        mistakes=_mistakes(graded),
        versions=tuple(Counter(one.version for one in graded).most_common()),
        cost=_cost(graded),
    )


def discrimination(passed: Numbers, rest: Numbers) -> float | None:
    """The corrected point-biserial (item–rest) correlation of a check: that of passing it with the score of all other checks.

    r = (mean of the rest among those who pass − among those who fail) / σ of the rest · √(p (1 − p)), with p the share who pass
    and σ with N in the denominator; it is Pearson's r of the two. The check's own points are taken out of the score, or each
    check would correlate with itself (Henrysson 1963, Psychometrika 28, 211–218). None where all pass, all fail, or all have
    the same rest.
    """
    p, spread = float(passed.mean()), float(rest.std())
    if not 0 < p < 1 or spread <= 1e-12 * max(1.0, float(np.abs(rest).max())):
        return None
    apart = float(rest[passed == 1].mean() - rest[passed == 0].mean())
    return apart / spread * float(np.sqrt(p * (1 - p)))


def _exercises(graded: list[SubmissionResult]) -> tuple[ExerciseNumbers, ...]:
    shares: dict[str, list[float]] = {}
    points: dict[str, float] = {}
    for one in graded:
        earned: dict[str, float] = {}
        possible: dict[str, float] = {}
        for check in one.checks:
            earned[check.exercise] = earned.get(check.exercise, 0.0) + check.score
            possible[check.exercise] = possible.get(check.exercise, 0.0) + check.points
        points |= possible
        for name, most in possible.items():
            shares.setdefault(name, []).append(earned[name] / most if most else 0.0)
    return tuple(
        ExerciseNumbers(
            name,
            points[name],
            none=sum(share == 0 for share in found),
            part=sum(0 < share < 1 for share in found),
            full=sum(share >= 1 for share in found),
            mean=float(np.mean(found)),
        )
        for name, found in shares.items()
    )


def _checks(graded: list[SubmissionResult]) -> tuple[CheckNumbers, ...]:
    found: dict[str, list[tuple[CheckResult, float]]] = {}
    for one in graded:
        for check in one.checks:
            found.setdefault(check.name, []).append((check, one.score - check.score))
    rows = []
    for name, pairs in found.items():
        checks = [check for check, _ in pairs]
        passed = np.array([float(check.score >= check.points) for check in checks])
        rest = np.array([rest for _, rest in pairs])
        lost = Counter(check.status for check in checks if check.score < check.points)
        rows.append(
            CheckNumbers(
                name,
                checks[-1].sentence,
                checks[-1].points,
                len(checks),
                int(passed.sum()),
                discrimination(passed, rest),
                tuple(lost.most_common()),
            )
        )
    return tuple(rows)


def _mistakes(graded: list[SubmissionResult]) -> tuple[Mistake, ...]:
    """By how many made them, each person counted once a mistake."""
    who: dict[tuple[str, str | None], dict[str, None]] = {}
    for one in graded:
        for check in one.checks:
            if check.status == FAILED and not check.forbidden:
                who.setdefault((check.exercise, check.diagnosis), {})[one.student] = None
    made = [Mistake(exercise, name, tuple(sorted(students))) for (exercise, name), students in who.items()]
    return tuple(sorted(made, key=lambda one: (one.name is None, -len(one.students), one.exercise)))


def _cost(graded: list[SubmissionResult]) -> Cost | None:
    if not graded:
        return None
    seconds = np.array([one.cpu_seconds for one in graded])
    most = int(seconds.argmax())
    high = float(np.quantile(seconds, 0.95))
    return Cost(float(seconds.sum()), float(np.median(seconds)), high, float(seconds[most]), graded[most].student)
