"""Make what students get, from the handouts and the reference."""

import argparse
import sys

from autograder.course import Course

EPILOG = """\
examples:
  autograder build                   notebooks, modules and visible checks of all assignments
  autograder build SLUG              of one
  autograder build --check           write nothing, name what is stale; for CI

exit code: 0 all is up to date now, 1 something is stale (--check), 2 a source cannot be used; the message names it"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("slugs", nargs="*", metavar="SLUG", help="assignments (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is stale")


def run(course: Course, options: argparse.Namespace) -> int:
    """Builds; 1 where something is stale and only to be checked."""
    from autograder.authoring.build import build

    slugs = [course.assignment(slug).slug for slug in options.slugs] or list(course.assignments)
    changed = build(course.root, slugs, options.check)
    for line in changed:
        print(line)
    if options.check and changed:
        print("Stale: run `autograder build` and commit what it writes.", file=sys.stderr)
        return 1
    print(f"{len(slugs)} assignments up to date" if not changed else f"{len(changed)} files written")
    return 0
