"""Submissions a minute with one grader process, with several, and with Dask workers of this machine.

    .venv/bin/python benchmarks/scaling.py [--assignment SLUG] [--submissions N] [--rounds R] [--jobs N …] [--workers N …]

Each round measures every way once, one process first; a ratio compares with that process in the same round, so that what
else the machine does meanwhile touches both. Start-up, which is paid once a run, is left out: every way grades a small class
and a large one, and the difference counts. The median of the rounds is shown.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from course_copy import course_of
from throughput import class_of, written

from autograder.cluster import place_at
from autograder.course import Course, find_course
from autograder.grading.api import Settings, grade_submissions
from autograder.grading.intake import Submission
from autograder.grading.result import SubmissionResult
from autograder.grading.tasks import Place

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Way:
    """A way to grade: so many processes, or so many Dask workers."""

    jobs: int = 1
    workers: int = 0

    def __str__(self) -> str:
        return f"{self.workers} Dask workers" if self.workers else f"--jobs {self.jobs}"


@contextmanager
def dask_workers(folder: Path, count: int) -> Iterator[str]:
    """The address of a scheduler with so many workers, each a process of its own."""
    folder.mkdir()
    file = folder / "scheduler.json"
    with (folder / "log").open("wb") as log:
        options = {"stdout": log, "stderr": log, "env": {**os.environ, "OMP_NUM_THREADS": "1"}}
        dask = [sys.executable, "-m", "dask"]
        common = ["--scheduler-file", str(file), "--no-dashboard"]
        scheduler = subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", *common], **options)
        where = ["--local-directory", str(folder)]
        command = [*dask, "worker", "--nworkers", str(count), "--nthreads", "1", *where, *common]
        workers = subprocess.Popen(command, **options)
        try:
            while not file.exists() or (folder / "log").read_bytes().count(b"Register worker") < count:
                time.sleep(0.1)
            yield f"scheduler-file:{file}"
        finally:
            for process in (workers, scheduler):
                process.terminate()
                process.wait()


def seconds(course: Course, submissions: list[Submission], way: Way, place: Place | None) -> float:
    """The wall time of grading a class, from files to results."""
    results: list[SubmissionResult] = []
    started = time.perf_counter()
    grade_submissions(course, submissions, Settings(way.jobs, fresh=True, device="cpu"), results.append, place)
    taken = time.perf_counter() - started
    assert all(result.status == "graded" for result in results), {result.message for result in results}
    return taken


def rate(course: Course, few: list[Submission], many: list[Submission], way: Way, scratch: Path) -> float:
    """Submissions a minute, start-up left out."""
    with dask_workers(scratch, way.workers) if way.workers else nullcontext("") as address:
        place: AbstractContextManager[Place | None] = place_at(address, device="cpu") if address else nullcontext()
        with place as there:
            short, long = (seconds(course, submissions, way, there) for submissions in (few, many))
    return 60 * (len(many) - len(few)) / (long - short)


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", default="a3_momentum")
    parser.add_argument("--submissions", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    cores = os.cpu_count() or 1
    parser.add_argument("--jobs", type=int, nargs="+", default=sorted({2, cores, 2 * cores}), metavar="N")
    parser.add_argument("--workers", type=int, nargs="+", default=sorted({1, 2, cores}), metavar="N")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    assignment = find_course(HERE).assignment(options.assignment)
    ways = [Way(), *(Way(number) for number in options.jobs), *(Way(workers=number) for number in options.workers)]
    ways = list(dict.fromkeys(ways))
    rates: dict[str, list[float]] = {str(way): [] for way in ways}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        course = course_of([assignment], root / "course")
        many = written(assignment, class_of(assignment, options.submissions), root / "class")
        few = many[: max(1, options.submissions // 4)]
        for number in range(options.rounds):
            for way in ways:
                found = rate(course, few, many, way, root / f"{number} {way}")
                rates[str(way)].append(found)
                print(f"round {number + 1}: {way!s:16} {found:7.1f} a minute", file=sys.stderr)
    one = rates[str(ways[0])]
    ratios = {way: [rate / alone for rate, alone in zip(found, one, strict=True)] for way, found in rates.items()}
    print(f"{assignment.slug}, {options.submissions} submissions, {cores} cores, {options.rounds} rounds; medians")
    for way, found in rates.items():
        print(
            f"{way:16} {statistics.median(found):7.1f} a minute   {statistics.median(ratios[way]):5.2f} × one process"
        )
    if options.json is not None:
        options.json.write_text(json.dumps({"a minute": rates, "to one process": ratios}, indent=1) + "\n")


if __name__ == "__main__":
    main()
