"""What a grade is: the result of a submission and of each of its checks."""

from dataclasses import asdict, dataclass, replace
from typing import Any

PASSED, FAILED, MISSING, ERROR = "passed", "failed", "missing", "error"
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class CheckResult:
    """One check of one submission. `score` is 0 or `points`; `error` is the grader's own fault and no grade at all."""

    name: str
    exercise: str
    points: float
    score: float
    status: str  # passed, failed, timeout, crashed, missing, error
    message: str
    diagnosis: str | None
    seconds: float
    sentence: str = ""
    hint: str | None = None


@dataclass(frozen=True)
class SubmissionResult:
    """One submission: graded, unreadable (with a message), or error (the grader's fault, with a message)."""

    student: str
    assignment: str
    path: str
    score: float
    max_score: float
    seed: str
    status: str  # graded, unreadable, error
    isolation: str
    checks: tuple[CheckResult, ...] = ()
    message: str | None = None
    devices: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    version: str = ""
    cpu_seconds: float = 0.0

    def exercise(self, name: str) -> tuple[CheckResult, ...]:
        """The checks of one exercise."""
        return tuple(check for check in self.checks if check.exercise == name)

    def exercise_score(self, name: str) -> float:
        """The points earned in one exercise."""
        return sum(check.score for check in self.exercise(name))


def to_json(result: SubmissionResult) -> dict[str, Any]:
    """A result as plain data."""
    return asdict(result)


def from_json(data: dict[str, Any]) -> SubmissionResult:
    """A result from plain data."""
    checks = tuple(CheckResult(**check) for check in data["checks"])
    return SubmissionResult(
        **{**data, "checks": checks, "devices": tuple(data["devices"]), "notes": tuple(data["notes"])}
    )


def without_times(result: SubmissionResult) -> SubmissionResult:
    """The result with every time set to 0: what two runs with the same seed must agree on."""
    checks = tuple(replace(check, seconds=0.0) for check in result.checks)
    return replace(result, checks=checks, cpu_seconds=0.0)
