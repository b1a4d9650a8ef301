"""Grade notebooks, modules, folders of them, archives, or nbgrader's submitted/ tree."""

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.cluster import ClusterError, place_at
from autograder.commands.arguments import positive
from autograder.course import Course, CourseError
from autograder.machine import processors

if TYPE_CHECKING:
    from autograder.grading.gathered import Gathered
    from autograder.grading.result import SubmissionResult
    from autograder.grading.tasks import Place

EPILOG = """\
examples:
  autograder grade submitted/                            nbgrader's tree, on all cores; every grade is recorded
  autograder grade inbox/ hand_ins.zip --assignment SLUG --json results.json
  autograder grade SLUG.py                               one file
  autograder grade --replay STUDENT/SLUG                 make a recorded grade again and compare

What has been recorded is not graded again.
exit code: 0 all were graded (with --replay: all came out the same), 1 some could
not be (some did not), 2 wrong usage, 130 interrupted"""
INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    either = parser.add_mutually_exclusive_group(required=True)
    either.add_argument("paths", nargs="*", type=Path, metavar="PATH", default=[])
    either.add_argument(
        "--replay",
        nargs="+",
        metavar="GRADE",
        help="make recorded grades again and compare: STUDENT/ASSIGNMENT, a record, or a --json file; nothing is recorded",
    )
    parser.add_argument("--assignment", metavar="SLUG", help="the assignment, where the names do not tell")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results there")
    parser.add_argument("--jobs", type=positive, metavar="N", help="processes (default: one a core)")
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="a Dask scheduler to grade on: tcp://HOST:PORT, tls://…, scheduler-file:PATH",
    )
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="where device checks run, beside the simulated device",
    )
    parser.add_argument("--seed", metavar="HEX", help="one seed for all (default: each student's own)")
    parser.add_argument("--fresh", action="store_true", help="grade again what has been recorded")
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="grade without confinement, where none is to be had; recorded in every result",
    )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--quiet", action="store_true", help="no table and no progress: only what could not be graded")
    shown.add_argument("--all", action="store_true", help="list every submission of a large class, on a terminal too")


def run(course: Course, options: argparse.Namespace) -> int:
    """Grades what the options name; 0 where all were graded, 1 where some could not be, 2 for wrong usage."""
    from autograder.checking.plugin import CheckError
    from autograder.grading.gathered import Gathered
    from autograder.sandbox.zygote import SandboxError
    from autograder.terminal.table import one_line, print_results, remarks

    if options.cluster is not None and (options.jobs or options.replay):
        raise CourseError(
            "--cluster grades with as many processes as there are workers; leave --jobs and --replay out."
        )
    if options.assignment is not None:
        course.assignment(options.assignment)
    if options.json is not None and (options.json.is_dir() or not options.json.absolute().parent.is_dir()):
        raise CourseError(f"--json {options.json} is no file in a folder that exists; name another or make the folder.")
    results = Gathered(course, remarks)
    try:
        if options.replay:
            return _replay(course, options)
        found = _grade(course, options, results)
    except (SandboxError, CheckError, ClusterError) as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "autograder: interrupted; what was graded is recorded, the same command goes on from there", file=sys.stderr
        )
        return INTERRUPTED
    if not found:
        print("autograder: no submission found; name notebooks, modules, folders or archives of them", file=sys.stderr)
        return 2
    lines = results.lines()
    if options.quiet:
        for line in lines:
            if line.status != "graded":
                told = f"{line.student}/{line.assignment}: {line.status}: {line.remark}"
                print(f"autograder: {one_line(told)}", file=sys.stderr)
    else:
        print_results(lines, every=options.all)
    if options.json is not None:
        results.write_json(options.json)
    return 0 if all(line.status == "graded" for line in lines) else 1


def _grade(course: Course, options: argparse.Namespace, results: "Gathered") -> int:
    """Grades into `results`; how many submissions there were."""
    from autograder.grading.api import Settings, grade_submissions
    from autograder.grading.intake import submissions
    from autograder.terminal.progress import Advance

    settings = Settings(_jobs(options), options.device, options.unsafe, options.seed, options.fresh)
    with (
        submissions(course, options.paths, options.assignment) as found,
        Advance(len(found), quiet=options.quiet) as advance,
    ):

        def done(result: "SubmissionResult") -> None:
            results.add(result)
            advance()

        if found:
            with _place(options) as place:
                grade_submissions(course, found, settings, done, place)
        return len(found)


def _place(options: argparse.Namespace) -> "AbstractContextManager[Place | None]":
    """The cluster that was named; None for this machine."""
    if options.cluster is None:
        return nullcontext()
    return place_at(options.cluster, device=options.device, unsafe=options.unsafe)


def _replay(course: Course, options: argparse.Namespace) -> int:
    """Makes recorded grades again and says what came of each; 0 where all are the same."""
    from autograder.grading.replay import find, replay
    from autograder.terminal.table import one_line

    outcomes = replay(course, find(course, options.replay), _jobs(options), unsafe=options.unsafe)
    for one in outcomes:
        grade, points = one.recorded, f"{one.recorded.score:g}/{one.recorded.max_score:g}"
        word = one.trouble or ("same" if one.same else "differs")
        told = f"{grade.student}/{grade.assignment}: {word} ({points}, seed {grade.seed}, checks {grade.version[:12]})"
        print(one_line(told))
        for text in (*one.differences, *one.remarks):
            print(f"  {one_line(text)}")
    return 0 if all(one.same for one in outcomes) else 1


def _jobs(options: argparse.Namespace) -> int:
    return options.jobs or processors()
