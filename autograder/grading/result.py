"""What a grade is: the result of a submission and of each of its checks."""

import sys
from dataclasses import dataclass, replace
from typing import Any

import msgspec

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
    forbidden: tuple[str, ...] = ()  # built-ins that are the exercise itself; the check was lost for calling them


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
    version: str = ""  # digest of the checks
    cpu_seconds: float = 0.0
    files: tuple[
        tuple[str, str], ...
    ] = ()  # what was graded: name and SHA-256, or what stands there in place of a file
    engine: str = ""
    record: str = ""  # the record's name; empty where nothing was recorded

    def exercise(self, name: str) -> tuple[CheckResult, ...]:
        """The checks of one exercise."""
        return tuple(check for check in self.checks if check.exercise == name)

    def exercise_score(self, name: str) -> float:
        """The points earned in one exercise."""
        return sum(check.score for check in self.exercise(name))


def to_json(result: SubmissionResult) -> dict[str, Any]:
    """A result as plain data."""
    return {**vars(result), "checks": [dict(vars(check)) for check in result.checks]}


def from_json(data: object) -> SubmissionResult:
    """A result from plain data; `ValueError` says where it is none."""
    result = msgspec.convert(data, SubmissionResult)
    return replace(result, checks=tuple(map(_shared, result.checks)))


def _shared(check: CheckResult) -> CheckResult:
    """The check with texts that all results of a class have in common kept once in memory."""
    texts: dict[str, Any] = {name: sys.intern(text) for name, text in vars(check).items() if isinstance(text, str)}
    return replace(check, **texts)


def without_times(result: SubmissionResult) -> SubmissionResult:
    """The result with every time set to 0: what two runs with the same seed must agree on."""
    checks = tuple(replace(check, seconds=0.0) for check in result.checks)
    return replace(result, checks=checks, cpu_seconds=0.0)
