"""Write each student's feedback as a page of its own, with pictures drawn by their code."""

import argparse
import sys
from pathlib import Path

from autograder.course import Course, CourseError

EPILOG = """\
examples:
  autograder feedback --output pages
  autograder feedback results.json --output pages --assignment SLUG --student ada

exit code: 0 every page was written, 1 some could not be, 2 wrong usage"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "results",
        nargs="*",
        type=Path,
        metavar="RESULTS.json",
        help="files of `autograder grade --json` (default: the latest recorded result of each student and assignment)",
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FOLDER", help="write FOLDER/assignment/student.html"
    )
    parser.add_argument("--assignment", action="append", metavar="SLUG", help="these assignments only")
    parser.add_argument("--student", action="append", metavar="NAME", help="these students only")
    parser.add_argument("--no-pictures", action="store_true", help="run no student code")
    parser.add_argument(
        "--unsafe", action="store_true", help="draw pictures without confinement, where none is to be had"
    )


def run(course: Course, options: argparse.Namespace) -> int:
    """Writes the pages; 1 where some could not be written."""
    from autograder.checking.plugin import CheckError
    from autograder.feedback.write import Wanted, write_pages
    from autograder.grading.atomic import KeepError
    from autograder.sandbox.zygote import SandboxError

    for slug in options.assignment or ():
        course.assignment(slug)
    if options.output.exists() and not options.output.is_dir():
        raise CourseError(f"--output {options.output} is no folder; name one, it is made where it is missing.")
    wanted = Wanted(
        files=tuple(options.results),
        assignments=tuple(options.assignment or ()),
        students=tuple(options.student or ()),
        pictures=not options.no_pictures,
        unsafe=options.unsafe,
    )
    try:
        written, problems = write_pages(course, wanted, options.output)
    except SandboxError as error:
        print(f"autograder: {error} Or use --no-pictures.", file=sys.stderr)
        return 1
    except (KeepError, CheckError) as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 1
    for line in problems:
        print(f"autograder: {line}", file=sys.stderr)
    print(f"{written} {'page' if written == 1 else 'pages'} in {options.output}")
    return 1 if problems else 0
