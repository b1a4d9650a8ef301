"""Write the files of a new assignment, a small example to be replaced."""

import argparse

from autograder.course import Course

EPILOG = """\
examples:
  autograder new a9_weight_decay

Nothing that exists is overwritten. docs/course-authors.md says what each file is for.
exit code: 0 the files are written, 2 the name cannot be used; the message says why"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("slug", metavar="NAME", help="its name in every file and command, such as a9_weight_decay")


def run(course: Course, options: argparse.Namespace) -> int:
    """Writes the files."""
    from autograder.authoring.new import new

    for name in new(course.root, options.slug):
        print(name)
    print("Each holds a small example to be replaced; docs/course-authors.md shows how. Then run")
    print(f"`autograder build {options.slug}` and `autograder validate {options.slug}`.")
    return 0
