"""Grade notebooks, modules, folders of them, archives, or nbgrader's submitted/ tree."""

import argparse
import json
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder.checking.plugin import CheckError
from autograder.commands.arguments import positive
from autograder.course import Course, CourseError
from autograder.grading.api import Settings, grade_submissions
from autograder.grading.intake import submissions
from autograder.grading.result import CheckResult, SubmissionResult, to_json
from autograder.sandbox.zygote import SandboxError

JSON_VERSION = 1
EPILOG = "exit code: 0 all were graded, 1 some could not be, 2 wrong usage"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--assignment", metavar="SLUG", help="the assignment, where the names do not tell")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results there")
    parser.add_argument("--jobs", type=positive, metavar="N", help="processes (default: one a core)")
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="where device checks run, beside the simulated device",
    )
    parser.add_argument(
        "--seed", metavar="HEX", help="one seed for all, to replay a grade (default: each student's own)"
    )
    parser.add_argument("--fresh", action="store_true", help="grade again what has been recorded")
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="grade without confinement, where none is to be had; recorded in every result",
    )


def run(course: Course, options: argparse.Namespace) -> int:
    """Grades what the options name; 0 where all were graded, 1 where some could not be, 2 for wrong usage."""
    if options.assignment is not None:
        course.assignment(options.assignment)
    if options.json is not None and (options.json.is_dir() or not options.json.absolute().parent.is_dir()):
        raise CourseError(f"--json {options.json} is no file in a folder that exists; name another or make the folder.")
    settings = Settings(
        options.jobs or os.cpu_count() or 1, options.device, options.unsafe, options.seed, options.fresh
    )
    results: list[SubmissionResult] = []
    try:
        with submissions(course, options.paths, options.assignment) as found:
            if not found:
                print(
                    "autograder: no submission found; name notebooks, modules, folders or archives of them",
                    file=sys.stderr,
                )
                return 2
            with Advance(len(found)) as advance:

                def done(result: SubmissionResult) -> None:
                    results.append(result)
                    advance()

                grade_submissions(course, found, settings, done)
    except (SandboxError, CheckError) as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 1
    results.sort(key=lambda result: (result.assignment, result.student, result.path))
    Console(highlight=False, width=None if sys.stdout.isatty() else 180).print(_table(results))
    if options.json is not None:
        write_json(options.json, results)
    return 0 if all(result.status == "graded" for result in results) else 1


def write_json(path: Path, results: list[SubmissionResult]) -> None:
    """Writes results as one JSON object, whole or not at all."""
    scratch = path.with_name(path.name + ".part")
    document = {"version": JSON_VERSION, "submissions": [to_json(result) for result in results]}
    scratch.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(scratch, path)


class Advance:
    """A progress bar on a terminal, nothing elsewhere; calling it advances it by one."""

    def __init__(self, total: int) -> None:
        columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
        self._task = self._bar.add_task("grading", total=total)

    def __enter__(self) -> "Advance":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self) -> None:
        self._bar.advance(self._task)


def _table(results: list[SubmissionResult]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("student", "assignment"):
        table.add_column(name, no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("remarks", overflow="fold")
    for result in results:
        score = f"{result.score:g}/{result.max_score:g}" if result.status == "graded" else "–"
        table.add_row(escape(result.student), escape(result.assignment), score, result.status, escape(remarks(result)))
    return table


def _cause(check: CheckResult) -> str:
    """A built-in that was called, or the status."""
    return check.message.split(",")[0] if check.message.startswith("uses ") else check.status


def remarks(result: SubmissionResult) -> str:
    """One line on a result: what could not be read, or the first thing that failed and how many more did."""
    if result.status != "graded":
        return result.message or ""
    failed = [check for check in result.checks if check.score < check.points]
    if not failed:
        return ""
    first = failed[0].diagnosis or f"{failed[0].exercise}: {_cause(failed[0])}"
    more = len({check.diagnosis or check.exercise for check in failed}) - 1
    return first + (f" (and {more} more)" if more else "")
