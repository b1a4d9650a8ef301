"""Results as Gradescope reads them: the document `results.json` of one submission."""

from typing import Any

from autograder.carrier.text import clean
from autograder.feedback.section import Feedback, as_text
from autograder.grading.result import CheckResult, SubmissionResult

_LIMIT = 60_000  # characters of one text; a page holds no more of it anyway


def document(result: SubmissionResult, *, penalty: float = 0.0, said: tuple[str, ...] = ()) -> dict[str, Any]:
    """The document. A student reads `output` and `tests`; `extra_data` is for the instructor: what replays the grade.

    Raises:
        ValueError: the grader failed, so that there is no score to write.
    """
    if result.status == "error":
        raise ValueError(result.message or "the grader failed")
    lines = [*said, *result.notes]
    if result.status != "graded":
        lines.insert(0, f"Nothing could be graded: {result.message}.")
    if penalty:
        lines.append(f"{result.score:g} points, less {penalty:g} for being late.")
    return {
        "score": max(0.0, result.score - penalty),
        "execution_time": round(result.cpu_seconds, 3),
        "output": clean("\n".join(lines))[:_LIMIT],
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(number, check) for number, check in enumerate(result.checks, start=1)],
        "extra_data": {
            "assignment": result.assignment,
            "status": result.status,
            "raw_score": result.score,
            "late_penalty": penalty,
            "max_score": result.max_score,
            "seed": result.seed,
            "version": result.version,
            "isolation": result.isolation,
            "devices": list(result.devices),
        },
    }


def _test(number: int, check: CheckResult) -> dict[str, Any]:
    text = as_text(Feedback(check.exercise, check.score, check.points, [check]))
    return {
        "number": str(number),
        "name": clean(f"{check.exercise}: {check.sentence or check.name}"),
        "name_format": "text",
        "score": check.score,
        "max_score": check.points,
        "status": "passed" if check.status == "passed" else "failed",
        "output": text.partition("\n")[2][:_LIMIT],  # without the heading, which the test's own line is
        "output_format": "text",
        "tags": [check.exercise],
        "visibility": "visible",
    }
