"""A whole course: 1,000 students times all assignments, graded as `autograder grade` grades them, from files to records.

    .venv/bin/python benchmarks/thousand.py [--students 1000] [--assignment SLUG …] [--jobs N] [--sample 4] [--own 60] [--json FILE]

Submissions are generated: right answers in several styles, one or two named mistakes, half-done work, files with syntax
errors, endless loops and crashes; half of them notebooks, half modules; no two alike. A hundred of them are graded, then a
thousand, then all, each time from nothing; printed are submissions a minute, CPU seconds a submission (grader, zygotes and
workers) and the largest memory of all processes together. In the same run: nbgrader as it ships and one pytest process each on
a sample of each assignment (see throughput.py), and the floor, which is a bare fork of the zygote, the submission's own compute
and the comparison of its answers. Some right styles compute a hundred times as long as others: each of them is measured, and of
all other submissions a sample; the mean is weighted as the class is.
"""

import argparse
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_copy import course_of
from in_process import compute
from throughput import Cost, nbgrader_alone, pytest_each

from autograder.checking.catalogue import read_mistakes, read_styles
from autograder.course import Assignment, Course, find_course
from autograder.grading.api import Settings, grade_submissions
from autograder.grading.intake import Submission
from autograder.grading.result import SubmissionResult
from autograder.sandbox.zygote import Zygote

HERE = Path(__file__).resolve().parent
OWN = 60  # submissions of each assignment, none of them right, for their own compute
RIGHT = 0.40  # of a class
ENDLESS = 2.0  # CPU seconds in workers that nothing but an endless loop uses up
HANGS = "\n\ndef {name}(*args, **kwargs):\n    while True:\n        pass\n"
CRASHES = "\n\ndef {name}(*args, **kwargs):\n    import ctypes\n    ctypes.string_at(0)\n"


class Writer:
    """Writes what students might hand in for one assignment."""

    def __init__(self, assignment: Assignment, draw: random.Random) -> None:
        self._assignment = assignment
        self._draw = draw
        self.right = [assignment.reference, *read_styles(assignment.hidden / "styles").values()]
        self._mistakes = read_mistakes(assignment.hidden / "mistakes.py")
        self._skeleton = (assignment.folder / f"{assignment.slug}.py").read_text(encoding="utf-8")
        self._notebook = json.loads((assignment.folder / f"{assignment.slug}.ipynb").read_text(encoding="utf-8"))

    def text(self, student: str) -> str:
        """A module as this student wrote it."""
        return self._text(student, self._draw.random())

    def wrong(self, student: str) -> str:
        """One that is not right."""
        return self._text(student, self._draw.uniform(RIGHT, 1.0))

    def _text(self, student: str, kind: float) -> str:
        name = self._draw.choice(list(self._assignment.points))
        if kind < RIGHT:
            text = self._draw.choice(self.right)
        elif kind < 0.70:
            text = self._draw.choice(self._mistakes).submission(self._assignment.reference)
        elif kind < 0.85:
            first, second = self._draw.sample(self._mistakes, 2)
            text = second.submission(first.submission(self._assignment.reference))
        elif kind < 0.95:  # not all of it written
            text = f"{self._assignment.reference}\n\ndef {name}(*args, **kwargs):\n    raise NotImplementedError\n"
        elif kind < 0.98:
            text = self._skeleton
        elif kind < 0.99:
            text = f"{self._assignment.reference}\n\ndef unfinished(:\n"
        elif kind < 0.995:
            text = self._assignment.reference + CRASHES.format(name=name)
        else:
            text = self._assignment.reference + HANGS.format(name=name)
        return f"# {student}\n{text}"

    def write(self, student: str, folder: Path) -> Path:
        """The file that this student hands in."""
        folder.mkdir(parents=True, exist_ok=True)
        text = self.text(student)
        if self._draw.random() < 0.5:
            path = folder / f"{self._assignment.slug}.py"
            path.write_text(text, encoding="utf-8")
            return path
        path = folder / f"{self._assignment.slug}.ipynb"
        path.write_text(json.dumps(self._filled_in(text)), encoding="utf-8")
        return path

    def _filled_in(self, text: str) -> dict[str, object]:
        """The notebook with the whole text in the place of its first exercise."""
        cells = []
        left = text
        for cell in self._notebook["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and "raise NotImplementedError" in source:
                source, left = left, ""
            cells.append({**cell, "source": source})
        return {**self._notebook, "cells": cells}


@dataclass
class Watch:
    """What this process and its descendants use, looked at from a thread: memory now, CPU seconds so far.

    A process that is watched waits for those that it starts, so their CPU seconds are in its own when they have ended. What
    comes after the last look, half a second at most, is missed; the looks' own seconds are left out.
    """

    cpu: float = 0.0
    memory: int = 0  # the largest seen, in bytes
    _stop: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Looks every half second until `stop`."""
        before = _cpu(os.getpid())
        while not self._stop.wait(0.5):
            pids = _tree(os.getpid())
            self.cpu = max(self.cpu, sum(map(_cpu, pids)) - before - time.thread_time())
            self.memory = max(self.memory, sum(map(_private, pids)))

    def stop(self) -> None:
        """Ends the watch."""
        self._stop.set()


def _tree(root: int) -> list[int]:
    """A process and its descendants."""
    found = [root]
    for pid in found:
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _cpu(pid: int) -> float:
    """CPU seconds of a process, and of those that it has waited for."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # ended meanwhile
        return 0.0
    return sum(map(int, after_name[11:15])) / os.sysconf("SC_CLK_TCK")  # fields 14 to 17 of proc(5)


def _private(pid: int) -> int:
    """Bytes of a process, what it shares divided by those who share it (its proportional set size)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # ended meanwhile
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def bare_fork(count: int = 40) -> Cost:
    """The cost of a confined worker that is asked nothing, zygote's and worker's CPU included."""
    with Zygote() as zygote:
        zygote.fork().end()
        before = zygote.cpu()
        workers = 0.0
        started = time.perf_counter()
        mine = time.process_time()
        for _ in range(count):
            workers += zygote.fork().end().cpu
        wall = time.perf_counter() - started
        cpu = time.process_time() - mine + zygote.cpu() - before + workers
    return Cost(wall, cpu) / count


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--assignment", nargs="+", metavar="SLUG", help="these assignments only (default: all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, default=4, help="submissions of each assignment beside other graders")
    parser.add_argument(
        "--own", type=int, default=OWN, help="wrong submissions of each assignment whose own compute is measured"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    course = find_course(HERE)
    draw = random.Random(20261126)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        submissions = []
        slugs = options.assignment or list(course.assignments)
        writers = {slug: Writer(course.assignment(slug), draw) for slug in slugs}
        for slug, writer in writers.items():
            for number in range(options.students):
                student = f"student{number:04d}"
                path = writer.write(student, root / "inbox" / student / slug)
                submissions.append(Submission(student, slug, path.parent, str(path.relative_to(root))))
        draw.shuffle(submissions)
        for count in sorted({min(count, len(submissions)) for count in (100, 1000, len(submissions))}):
            here = course_of(course.assignments.values(), root / f"course{count}")
            found = graded(here, submissions[:count], options.jobs)
            print_own(found)
        fork = bare_fork()
        own = {slug: own_compute(course.assignment(slug), writer, root / "own" / slug, options.own)
               for slug, writer in writers.items()}  # fmt: skip
        samples = {slug: beside(course.assignment(slug), writer, root / "beside" / slug, options.sample)
                   for slug, writer in writers.items()}  # fmt: skip
    report = {**found, "fork": vars(fork), "own_cpu": own, "samples": samples}
    print_beside(report)
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


def graded(course: Course, submissions: list[Submission], jobs: int) -> dict[str, Any]:
    """What grading them all costs; which of them never ended, their workers' CPU tells: an endless loop uses up its time."""
    watch = Watch()
    watcher = threading.Thread(target=watch.watch, daemon=True)
    statuses: dict[str, int] = {}
    workers: list[float] = []

    def done(result: SubmissionResult) -> None:
        workers.append(result.cpu_seconds)
        statuses[result.status] = statuses.get(result.status, 0) + 1

    watcher.start()
    started = time.perf_counter()
    grade_submissions(course, submissions, Settings(jobs, fresh=True), done)
    wall = time.perf_counter() - started
    watch.stop()
    watcher.join()
    count = len(submissions)
    endless = [cpu for cpu in workers if cpu > ENDLESS]
    return {
        "submissions": count, "jobs": jobs, "cores": os.cpu_count(), "statuses": statuses,
        "wall": wall, "cpu": watch.cpu, "workers_cpu": sum(workers),
        "endless": len(endless), "endless_cpu": sum(endless),
        "memory": watch.memory,
    }  # fmt: skip


def beside(assignment: Assignment, writer: Writer, folder: Path, count: int) -> dict[str, float]:
    """Seconds a submission of the other graders, on those that end by themselves."""
    few = that_end(writer.text, count + 1)
    first = dict(list(few.items())[:1])
    nbgrader = nbgrader_alone(assignment, few, folder / "b") - nbgrader_alone(assignment, first, folder / "b1")
    separate = pytest_each(assignment, few, folder / "c")
    return {"nbgrader": nbgrader.wall / count, "pytest": separate.wall / len(few)}


def own_compute(assignment: Assignment, writer: Writer, folder: Path, count: int) -> float:
    """CPU seconds of a submission's own answers and their comparison, the mean of a class."""
    right = {f"right{number}": text for number, text in enumerate(writer.right)}
    wrong = that_end(writer.wrong, count)
    # Once without counting: for some of them torch imports modules.
    compute(assignment.checks, assignment.solution, right, folder / "first")
    means = [compute(assignment.checks, assignment.solution, texts, folder / name) / len(texts)
             for name, texts in (("right", right), ("wrong", wrong))]  # fmt: skip
    return RIGHT * means[0] + (1 - RIGHT) * means[1]


def that_end(write: Callable[[str], str], count: int) -> dict[str, str]:
    """So many texts by student, none of which hangs, crashes or cannot be read: the other graders stop at those."""
    texts: dict[str, str] = {}
    while len(texts) < count:
        text = write(name := f"sample{len(texts)}")
        if "while True:\n        pass" not in text and "string_at(0)" not in text and "def unfinished(:" not in text:
            texts[name] = text
    return texts


def print_own(report: dict[str, Any]) -> None:
    """Prints what grading them all cost."""
    count, wall = report["submissions"], report["wall"]
    workers, endless = report["workers_cpu"], report["endless_cpu"]
    print(
        f"{count} submissions, {report['jobs']} processes on {report['cores']} cores: {wall:.0f} s, {report['statuses']}"
    )
    print(f"{count / wall * 60:.0f} submissions a minute; {1000 * report['cpu'] / count:.0f} ms of CPU a submission, "
          f"{1000 * workers / count:.0f} ms of it in workers; the {report['endless']} endless loops used "
          f"{1000 * endless / count:.0f} ms of that")  # fmt: skip
    print(f"peak memory of all processes together: {report['memory'] / 2**20:.0f} MiB", flush=True)


def print_beside(report: dict[str, Any]) -> None:
    """Prints what the others cost beside it, and the floor."""
    count, mine = report["submissions"], report["wall"] / report["submissions"]
    samples, own = report["samples"], report["own_cpu"]
    mean = {key: sum(row[key] for row in samples.values()) / len(samples) for key in ("nbgrader", "pytest")}
    for slug, row in samples.items():
        print(
            f"{slug:28} nbgrader {row['nbgrader']:.2f} s, pytest {row['pytest']:.2f} s, own compute {1000 * own[slug]:.0f} ms"
        )
    print(f"nbgrader as it ships takes {mean['nbgrader'] / mine:.0f} times as long, ", end="")
    print(f"one pytest process each {mean['pytest'] / mine:.0f} times")
    fork, compute_alone = report["fork"]["cpu"], sum(own.values()) / len(own)
    ended = (report["cpu"] - report["endless_cpu"]) / count
    print(f"floor: fork {1000 * fork:.1f} ms + own compute {1000 * compute_alone:.0f} ms of CPU; CPU a submission, the endless "
          f"loops' left out, is {ended / (fork + compute_alone):.1f} times that")  # fmt: skip
    at_best = (fork + compute_alone) / min(report["jobs"], report["cores"])
    print(
        f"the floor alone, on {report['cores']} cores, would be {mean['nbgrader'] / at_best:.0f} times as fast as nbgrader"
    )


if __name__ == "__main__":
    main()
