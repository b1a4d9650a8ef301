"""Students in trouble: low scores, hand-ins that are missing, scores that fall. The rules are stated in the report."""

from dataclasses import dataclass

import numpy as np

from autograder.grading.result import ERROR, SubmissionResult

LOW = 0.5  # the mean share of points below which a student is in trouble
FALL = 0.25  # how much further from the class's mean the last share is than the earlier ones
_EARLIER = 2  # hand-ins that a fall needs before it

RULES = (
    f"low: below {LOW:.0%} of the points, on average over what was handed in (a hand-in that cannot be read counts 0)",
    "missing: no hand-in of an assignment that others have handed in",
    f"falling: the last hand-in lies at least {FALL * 100:.0f} percentage points further below the class's mean than the earlier "
    f"ones do, of which there are at least {_EARLIER}",
)


@dataclass(frozen=True)
class Student:
    """A student's shares of points by assignment, None where there is no grade, and the reasons to look after them."""

    name: str
    shares: tuple[float | None, ...]  # in the order of the assignments
    missing: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def mean(self) -> float | None:
        """The mean share of points over what was handed in; None where nothing was graded."""
        known = [share for share in self.shares if share is not None]
        return float(np.mean(known)) if known else None


def students(
    assignments: list[str], results: dict[tuple[str, str], SubmissionResult], roster: list[str] | None = None
) -> list[Student]:
    """All students, by name; `results` by student and assignment."""
    names = sorted({name for name, _ in results} | set(roster or ()))
    shares = {key: _share(one) for key, one in results.items()}
    means = {}
    for slug in assignments:
        known = [share for (_, other), share in shares.items() if other == slug and share is not None]
        means[slug] = float(np.mean(known)) if known else 0.0
    found = []
    for name in names:
        row = tuple(shares.get((name, slug)) for slug in assignments)
        missing = tuple(slug for slug in assignments if (name, slug) not in results)
        apart = [share - means[slug] for slug, share in zip(assignments, row, strict=True) if share is not None]
        found.append(Student(name, row, missing, _reasons(row, missing, apart)))
    return found


def _share(result: SubmissionResult) -> float | None:
    """The share of the points; nothing where the grader is at fault, 0 where the hand-in cannot be read."""
    if result.status == ERROR:
        return None
    return result.score / result.max_score if result.max_score else 0.0


def _reasons(row: tuple[float | None, ...], missing: tuple[str, ...], apart: list[float]) -> tuple[str, ...]:
    known = [share for share in row if share is not None]
    reasons = []
    if known and np.mean(known) < LOW:
        reasons.append("low")
    if missing:
        reasons.append("missing")
    if len(apart) > _EARLIER and np.mean(apart[:-1]) - apart[-1] >= FALL:
        reasons.append("falling")
    return tuple(reasons)
