"""Results made by hand."""

from dataclasses import replace
from typing import Any

from autograder.grading.result import CheckResult, SubmissionResult

BLANK = SubmissionResult("ada", "t1_tiny", "ada/t1_tiny", 0.0, 20.0, "0" * 32, "graded", "landlock+seccomp+rlimits")


def check(
    name: str,
    status: str = "passed",
    *,
    points: float = 1.0,
    message: str = "",
    diagnosis: str | None = None,
    forbidden: tuple[str, ...] = (),
) -> CheckResult:
    """A check `exercise/name` with this status; it earns its points where it passed."""
    score, sentence = points if status == "passed" else 0.0, f"About {name}."
    return CheckResult(
        name, name.split("/")[0], points, score, status, message, diagnosis, 0.01, sentence, None, forbidden
    )


def result(student: str, *checks: CheckResult, **changed: Any) -> SubmissionResult:
    """A graded submission with these checks, or another kind of submission."""
    score = sum(one.score for one in checks)
    return replace(BLANK, **{"student": student, "checks": checks, "score": score, **changed})
