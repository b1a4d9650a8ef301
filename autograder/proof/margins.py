"""Tolerances from measurements: between the largest spread among right answers and the smallest gap to a wrong one."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from autograder.checking.catalogue import read_styles
from autograder.checking.compare import Disagreement
from autograder.checking.plugin import Verdict
from autograder.course import Assignment
from autograder.grading.examine import Examiner
from autograder.grading.intake import Work

SEEDS = ("1" * 32, "2" * 32)
WANTED_RATIO = 100.0
_ROOM = 3.0  # a tolerance keeps at least this factor from spread and gap
_LARGEST_TOLERANCE = 1e-2
# Other processors round otherwise: a spread counts as at least this many units of the coarsest dtype compared.
_ROUNDING_UNITS = 4.0


@dataclass(frozen=True)
class Margin:
    """What was measured of one check: spread and gap relative to the expected value; the gap is None where every mistake
    differs in kind, shape or an exact value."""

    check: str
    spread: float
    gap: float | None
    nearest: str | None  # the mistake that comes closest

    @property
    def ratio(self) -> float:
        """Gap over spread."""
        return math.inf if self.gap is None else self.gap / self.spread if self.spread else math.inf

    @property
    def tolerance(self) -> float:
        """The geometric middle between spread and gap, two digits of it."""
        middle = math.sqrt(max(self.spread, 1e-16) * min(self.gap or 1.0, 1.0))
        return float(f"{min(middle, _LARGEST_TOLERANCE):.1e}")


def measure(examiner: Examiner) -> list[Margin]:
    """The margin of every check, over right answers, mistakes and seeds."""
    assignment = examiner.assignment
    right = {"reference": assignment.reference, **read_styles(assignment.hidden / "styles")}
    spreads: dict[str, float] = {}
    for text in right.values():
        for check, verdict in _verdicts(partial(examiner.measure, Work("measured.py", (text,), False))):
            floor = _ROUNDING_UNITS * verdict.resolution
            spreads[check] = max(spreads.get(check, 0.0), verdict.discrepancy, floor)
    gaps: dict[str, tuple[float, str]] = {}
    for mistake in examiner.mistakes:
        for check, verdict in _verdicts(partial(examiner.measure_mistake, mistake)):
            # Nearer than ten spreads is as good as right: this mistake does not show in this check.
            shows = verdict.discrepancy > 10 * spreads[check] and math.isfinite(verdict.discrepancy)
            named_here = check == mistake.caught_by and math.isfinite(verdict.discrepancy)
            if (shows or named_here) and verdict.discrepancy < gaps.get(check, (math.inf, ""))[0]:
                gaps[check] = (verdict.discrepancy, mistake.name)
    return [Margin(check, spreads[check], *gaps.get(check, (None, None))) for check in spreads]


def _verdicts(measured: Callable[[str], dict[str, Verdict]]) -> Iterator[tuple[str, Verdict]]:
    for seed in SEEDS:
        yield from ((check, verdict) for check, verdict in measured(seed).items() if _measured(verdict))


def _measured(verdict: Verdict) -> bool:
    return verdict.error is None or isinstance(verdict.error, Disagreement)


def write_margins(assignment: Assignment, margins: list[Margin]) -> None:
    """Writes `margins.json`."""
    rows = {
        margin.check: {"spread": _short(margin.spread), "gap": _short(margin.gap), "tolerance": margin.tolerance}
        for margin in margins
    }
    path = assignment.hidden / "margins.json"
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def margin_problems(assignment: Assignment, margins: list[Margin]) -> Iterator[str]:
    """Tolerances that are missing, stale, or too near to a right or a wrong answer."""
    remedy = "run `autograder validate --derive`"
    stated, file = assignment.margins, assignment.shown(assignment.hidden / "margins.json")
    for name in sorted(stated.keys() - {margin.check for margin in margins}):
        yield f"{file}: has {name}, which is no check; {remedy}"
    for margin in margins:
        tolerance = stated.get(margin.check, {}).get("tolerance")
        place = f"{file}: {margin.check}"
        if tolerance is None:
            yield f"{place} has no tolerance; {remedy}"
            continue
        if tolerance < _ROOM * margin.spread:
            yield f"{place}: right answers differ by {margin.spread:.1e}, too near to its tolerance {tolerance:.1e}; {remedy}"
        if margin.gap is not None and tolerance > margin.gap / _ROOM:
            yield (
                f"{place}: the mistake `{margin.nearest}` differs by only {margin.gap:.1e}, "
                f"too near to the tolerance {tolerance:.1e}; choose inputs that set it apart, or {remedy}"
            )


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.1e}")
