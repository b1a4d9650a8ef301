"""Write the instructor's report on a class: one HTML page."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from autograder.course import Course, CourseError

EPILOG = """\
examples:
  autograder report                                      the latest recorded grades of the whole course
  autograder report results.json --output class.html     what `autograder grade --json results.json` wrote
  autograder report --assignment SLUG --roster students.csv

The page names students. exit code: 0 written, 1 it could not be read or written, 2 wrong usage"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "results", nargs="*", type=Path, metavar="RESULTS.json", help="results (default: the latest recorded grades)"
    )
    parser.add_argument("--output", type=Path, default=Path("report.html"), metavar="FILE", help="default: report.html")
    parser.add_argument("--assignment", action="append", metavar="SLUG", help="only this one; may be repeated")
    parser.add_argument(
        "--roster", type=Path, metavar="CSV", help="a table with a column `id`: who is in the class, hand-ins or not"
    )
    parser.add_argument("--no-code", action="store_true", help="do not compare code, which takes the longest")


def run(course: Course, options: argparse.Namespace) -> int:
    """Writes the page."""
    from autograder.grading.atomic import KeepError
    from autograder.grading.store import recorded
    from autograder.report.gather import gather, read_roster
    from autograder.report.page import render

    if options.output.is_dir() or not options.output.absolute().parent.is_dir():
        raise CourseError(
            f"--output {options.output} is no file in a folder that exists; name another or make the folder."
        )
    wanted = [course.assignment(slug).slug for slug in options.assignment or ()]
    roster = read_roster(options.roster) if options.roster else None
    try:
        results = recorded(course, options.results)
        if wanted:
            results = [one for one in results if one.assignment in wanted]
        report = gather(course, results, roster, similar_code=not options.no_code, say=_say)
        _write(options.output, render(report, datetime.now()))
    except KeepError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 1
    print(options.output)
    return 0


def _write(path: Path, page: str) -> None:
    from autograder.grading import atomic

    atomic.write(path.absolute(), [page.encode("utf-8")])


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr)
