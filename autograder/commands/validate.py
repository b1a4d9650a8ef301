"""Prove the course: reference, styles, skeleton, mistakes, margins, docs, leaks."""

import argparse

from autograder.commands.arguments import positive
from autograder.course import Course
from autograder.machine import processors

EPILOG = """\
examples:
  autograder validate                every assignment; for CI
  autograder validate SLUG           one, while it is written
  autograder validate SLUG --derive  measure the margins anew and write margins.json

exit code: 0 all holds, 1 something does not hold, 2 wrong usage"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("slugs", nargs="*", metavar="SLUG", help="assignments (default: all)")
    parser.add_argument("--derive", action="store_true", help="measure the margins and write the tolerances")
    parser.add_argument("--jobs", type=positive, metavar="N", help="assignments at a time (default: one a core)")


def run(course: Course, options: argparse.Namespace) -> int:
    """Proves; 1 where something does not hold."""
    from autograder.proof.validate import validate

    slugs = [course.assignment(slug).slug for slug in options.slugs] or list(course.assignments)
    return validate(course, slugs, derive=options.derive, jobs=options.jobs or processors())
