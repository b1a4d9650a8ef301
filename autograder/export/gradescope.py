"""Results as Gradescope reads them: the document `results.json` of one submission."""

import math
from collections.abc import Sequence
from typing import Any

from autograder.carrier.text import clean
from autograder.export.part import Part
from autograder.feedback.section import Feedback, as_text, number, out_of
from autograder.grading.result import CheckResult, SubmissionResult

_LIMIT = 60_000  # characters of one text; a page holds no more of it anyway


def document(
    result: SubmissionResult, *, penalty: float = 0.0, said: Sequence[str] = (), parts: Sequence[Part] = ()
) -> dict[str, Any]:
    """The document. A student reads `output` and `tests`; `extra_data` is for the instructor: what replays the grade.

    Where `parts` are given, which have scores, they count: marks of questions become tests, scores by hand are told.

    Raises:
        ValueError: the grader failed, so that there is no score to write.
    """
    if result.status == "error":
        raise ValueError(result.message or "the grader failed")
    lines = [*said, *result.notes]
    if result.status != "graded":
        lines.insert(0, f"Nothing could be graded: {result.message}.")
    overruled = [part for part in parts if part.overruled]
    lines += [
        f"{one.name}: {out_of(one.score or 0.0, one.points)} by hand, whatever its tests say." for one in overruled
    ]
    score = math.fsum(part.score or 0.0 for part in parts) if parts else result.score
    if penalty:
        lines.append(f"{number(score)} points, less {number(penalty)} for being late.")
    tests = [_test(place, check) for place, check in enumerate(result.checks, start=1)]
    tests += [_marked(place, part) for place, part in enumerate(_questions(parts), start=len(tests) + 1)]
    return {
        "score": max(0.0, score - penalty),
        "execution_time": round(result.cpu_seconds, 3),
        "output": clean("\n".join(lines))[:_LIMIT],
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "assignment": result.assignment,
            "status": result.status,
            "raw_score": score,
            "late_penalty": penalty,
            "max_score": math.fsum(part.points for part in parts) if parts else result.max_score,
            "seed": result.seed,
            "version": result.version,
            "isolation": result.isolation,
            "devices": list(result.devices),
        },
    }


def _test(place: int, check: CheckResult) -> dict[str, Any]:
    text = as_text(Feedback(check.exercise, check.score, check.points, [check]))
    return {
        "number": str(place),
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


def _questions(parts: Sequence[Part]) -> list[Part]:
    return [part for part in parts if part.by_hand]


def _marked(place: int, part: Part) -> dict[str, Any]:
    return {
        "number": str(place),
        "name": f"{part.name}: marked by hand",
        "name_format": "text",
        "score": part.score or 0.0,
        "max_score": part.points,
        "tags": [part.name],
        "visibility": "visible",
    }
