"""Seconds a hand-in to take a graded class into nbgrader's gradebook: on SQLite and on PostgreSQL, ours and nbgrader's own way.

    .venv/bin/python benchmarks/gradebook.py [--assignment SLUG] [--students N] [--graded N] [--sample N] [--json FILE]

A class of notebooks is graded by `autograder grade`, and each grade recorded. Then `nbgrader autograde` takes the grades in:
as the course's configuration has it, over one connection, and as nbgrader does it alone, opening the gradebook for each step.
nbgrader's own way is measured on a sample. The start of each command is told apart: it is measured with one student. On PostgreSQL
(started here, where it is installed) as many commands as there are cores run side by side too, each for its part of the class.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import MetaData, create_engine
from throughput import Cost, class_of, cost_of

from autograder.course import Assignment, Course, find_course
from autograder.grading import hand_ins, versions
from autograder.grading.examine import Order
from autograder.grading.intake import Submission
from autograder.grading.local import Local
from autograder.grading.records import Records
from autograder.grading.store import recorded
from autograder.sandbox.zygote import LAYERS

ROOT = Path(__file__).resolve().parents[1]
CORES = os.cpu_count() or 1
_ALONE = "\nimport autograder.carrier.exporter\nautograder.carrier.exporter.in_one_batch = lambda _: None\n"


@dataclass(frozen=True)
class Term:
    """A course with a class that has been graded."""

    root: Path
    slug: str
    settings: str

    def run(self, *words: str, of: str = "nbgrader") -> None:
        """Runs a command in the course folder."""
        self.end(self.begin(*words, of=of))

    def begin(self, *words: str, of: str = "nbgrader") -> subprocess.Popen[str]:
        """Starts a command in the course folder."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", of, *words]
        return subprocess.Popen(
            command, cwd=self.root, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def end(self, process: subprocess.Popen[str]) -> None:
        """Waits for a command."""
        said, _ = process.communicate()
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(process.args[2:])} failed:\n{said[-3000:]}")

    def begin_anew(self, more: str = "", url: str | None = None) -> None:
        """Puts the configuration, and an empty gradebook, in place: a file of SQLite's, or the database of this URL."""
        place = "" if url is None else f"\nc.CourseDirectory.db_url = {url!r}\n"
        (self.root / "nbgrader_config.py").write_text(self.settings + place + more, encoding="utf-8")
        shutil.rmtree(self.root / "autograded", ignore_errors=True)
        (self.root / "gradebook.db").unlink(missing_ok=True)
        if url is not None:
            engine, tables = create_engine(url), MetaData()
            tables.reflect(engine)
            tables.drop_all(engine)
            engine.dispose()
        self.run("generate_assignment", self.slug, "--force")

    def record(self, students: str = "*") -> None:
        """`nbgrader autograde` of the students of this pattern."""
        self.run("autograde", self.slug, "--student", students)

    def record_side_by_side(self) -> None:
        """As many commands as there are cores, each for the students whose numbers end in its share of the digits."""
        shares = ["0123456789"[number::CORES] for number in range(min(CORES, 10))]
        for process in [self.begin("autograde", self.slug, "--student", f"*[{digits}]") for digits in shares]:
            self.end(process)


def make(root: Path, assignment: Assignment, graded: int, students: int) -> Term:
    """A course folder in which a class has handed in notebooks: right answers in several styles and single mistakes, in turn."""
    slug = assignment.slug
    for folder in ("autograder", "solutions", f"assignments/{slug}"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    settings = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    notebook = json.loads((assignment.folder / f"{slug}.ipynb").read_text(encoding="utf-8"))
    [cell] = [cell for cell in notebook["cells"] if cell["id"] == next(iter(assignment.points))]
    texts = list(class_of(assignment, graded).values())
    for number in range(students):
        folder = root / "submitted" / f"student{number:04d}" / slug
        folder.mkdir(parents=True)
        cell["source"] = texts[number % graded]
        (folder / f"{slug}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        (folder / "timestamp.txt").write_text("2026-01-01 10:00:00 UTC", encoding="utf-8")
    return Term(root, slug, settings)


def give_the_rest(term: Term, course: Course, graded: int, students: int) -> None:
    """Records for the others the result of a classmate with the same text, as if they had been graded."""
    known = {one.student: one for one in recorded(course)}
    assignment = versions.freeze(course, term.slug)
    records = Records(course, "+".join(LAYERS), Local().devices)
    for number in range(graded, students):
        student, alike = f"student{number:04d}", known[f"student{number % graded:04d}"]
        folder = term.root / "submitted" / student / term.slug
        submission = Submission(student, term.slug, folder, str(folder.relative_to(term.root)))
        seed = course.seed(student, term.slug)
        result = replace(alike, student=student, seed=seed, path=submission.shown_path)
        records.keep(assignment, Order(submission, seed), hand_ins.read(submission), result)


def each(term: Term, work: Callable[[], None], students: int, more: str = "", url: str | None = None) -> Cost:
    """The cost of a hand-in: that of the class without that of the command's start with one student."""
    term.begin_anew(more, url)
    start = cost_of(lambda: term.record("student0000"))
    term.begin_anew(more, url)
    return (cost_of(work) - start) / (students - 1)


@contextmanager
def postgresql() -> Iterator[str | None]:
    """The URL of a PostgreSQL database; None where it is not installed."""
    sys.path.insert(0, str(ROOT / "tests" / "gradebook"))
    import postgres

    if reason := postgres.missing():
        print(f"without PostgreSQL: {reason}")
        yield None
        return
    with postgres.server() as url:
        yield url


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", default="a3_momentum")
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument(
        "--sample", type=int, default=20, help="students for nbgrader's own way, in tens up to 90 (default: 20)"
    )
    parser.add_argument(
        "--graded", type=int, help="grade only so many; the others get the record of one with the same text"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    assignment = find_course(ROOT).assignment(options.assignment)
    count, sample = options.students, options.sample
    rows: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory() as scratch, postgresql() as url:
        graded = min(options.graded or count, count)
        term = make(Path(scratch), assignment, graded, count)
        term.begin_anew()
        some = [f"submitted/student{number:04d}" for number in range(graded)]
        grading = cost_of(lambda: term.run("grade", *some, of="autograder"))
        rows[f"autograder grade, {CORES} processes"] = grading / graded
        give_the_rest(term, Course(term.root), graded, count)
        tens = min(9, max(1, sample // 10))
        few, sampled = min(count, 10 * tens), f"student00[0-{tens - 1}]?"
        rows["SQLite, nbgrader's own way"] = each(term, lambda: term.record(sampled), few, _ALONE)
        rows["SQLite"] = each(term, term.record, count)
        if url is not None:
            rows["PostgreSQL, nbgrader's own way"] = each(term, lambda: term.record(sampled), few, _ALONE, url)
            rows["PostgreSQL"] = each(term, term.record, count, url=url)
            rows[f"PostgreSQL, {CORES} side by side"] = each(term, term.record_side_by_side, count, url=url)
    print(f"{assignment.slug}, {count} students ({few} for nbgrader's own way), {CORES} cores; seconds a hand-in")
    for name, cost in rows.items():
        print(f"{name:36} wall {cost.wall:7.4f}   CPU {cost.cpu:7.4f}")
    if options.json is not None:
        options.json.write_text(json.dumps({name: vars(cost) for name, cost in rows.items()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
