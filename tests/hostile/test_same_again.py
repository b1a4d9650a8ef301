"""Two runs with the same seed give the same results, times aside, whoever hands in what."""

import os
from dataclasses import replace

import pytest
from range_course import HONEST, SCALE, SEED, SPEAKING, orders

from autograder.course import Course
from autograder.grading.api import Settings, grade_submissions
from autograder.grading.result import SubmissionResult, without_times

DRAWING = """import random
import numpy
import torch
kinds = [KeyError, IndexError, TypeError, ZeroDivisionError, LookupError, OSError, BufferError, EOFError]
drawn = kinds[(random.randrange(8) + int(numpy.random.randint(8)) + int(torch.randint(8, ()))) % 8]"""
TEXTS = {
    "honest": HONEST,
    "wrong": HONEST.replace("x * factor", "x / factor"),
    "known mistake": HONEST.replace("return x * factor", "return x"),
    "crash": HONEST.replace("return x * factor", "import os; os._exit(1)"),
    "drawn at import": HONEST.replace("import torch", DRAWING).replace("return x * factor", "raise drawn"),
    "drawn at each call": HONEST.replace("x * factor", "x * factor + 1e-6 * float(torch.rand(()))"),
    "an address in a note": f"{HONEST}\nraise ValueError(object())\n",
    "an address in an exception": HONEST.replace("return x * factor", "raise ValueError(object())"),
    "the order of a set": HONEST.replace("return x * factor", "return list({'a', 'b', 'c', 'd'})"),
    "does not keep to the device": HONEST.replace("x - x.mean()", "x - x.mean().item()"),
    "talks out of turn": HONEST.replace(SCALE, f"{SPEAKING}\n{SCALE}").replace(
        "return x * f", "raw(b'20'); return x * f"
    ),
}


@pytest.fixture(scope="module")
def first(firing_range: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SubmissionResult]:
    """The results of one run in this process."""
    return _run(firing_range, tmp_path_factory, jobs=1)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_same_seed_gives_the_same_results(
    firing_range: Course, first: dict[str, SubmissionResult], tmp_path_factory: pytest.TempPathFactory, jobs: int
) -> None:
    """A second run, in another sandbox and with as many processes, gives the same to the letter."""
    assert _run(firing_range, tmp_path_factory, jobs) == first


def test_a_run_tells_right_from_wrong(first: dict[str, SubmissionResult]) -> None:
    """What is compared with itself here is worth comparing: full points and lost ones, a diagnosis, a note."""
    assert {result.score for result in first.values()} == {15.0, 16.0, 20.0}
    assert first["known mistake"].checks[0].diagnosis == "scale: gives x back as it came"
    assert "0x…" in first["an address in a note"].notes[0]


def _run(course: Course, folders: pytest.TempPathFactory, jobs: int) -> dict[str, SubmissionResult]:
    folder = folders.mktemp("run")
    submissions = [order.submission for order in orders(folder, TEXTS)]
    results: list[SubmissionResult] = []
    settings = Settings(jobs=jobs, device="cpu", seed=SEED, fresh=True)
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"  # as the spawned graders have it
    try:
        grade_submissions(course, submissions, settings, results.append)
    finally:
        os.environ.pop("OMP_NUM_THREADS")
        if before is not None:
            os.environ["OMP_NUM_THREADS"] = before
    return {result.student: replace(without_times(result), path="") for result in results}
