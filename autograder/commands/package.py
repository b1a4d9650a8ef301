"""Make an assignment ready for another system: Gradescope's autograder archive, GitHub Classroom's starter repository."""

import argparse
import os
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.grading import atomic

EPILOG = """\
examples:
  autograder package SLUG --for gradescope --output SLUG.zip
  autograder package SLUG --for github-classroom --output SLUG-starter/

The archive for Gradescope holds the checks and the solution: upload it, and give it to nobody.
exit code: 0 written, 1 it could not be written, 2 wrong usage"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("slug", metavar="SLUG", help="the assignment")
    parser.add_argument("--for", dest="system", choices=("gradescope", "github-classroom"), required=True)
    parser.add_argument("--output", type=Path, required=True, metavar="PATH", help="the archive, or the folder")
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="gradescope: grade without confinement; student code can then read the checks and write its own results",
    )


def run(course: Course, options: argparse.Namespace) -> int:
    """Writes the archive, or the folder, which must be empty or new."""
    if options.system == "gradescope":
        return _gradescope(course, options)
    if options.unsafe:
        raise CourseError("--unsafe is for gradescope; nothing of ours runs at GitHub.")
    from autograder.export.classroom import starter

    folder: Path = options.output
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CourseError(f"{folder} is there already and not an empty folder; name another.")
    files = starter(course, options.slug)
    for name, content in files.items():
        atomic.write(folder / name, [content])
    print(f"{folder}: {len(files)} files; make a repository of them, and the assignment's template of that")
    return 0


def _gradescope(course: Course, options: argparse.Namespace) -> int:
    from autograder.carrier.gradebook import nbgrader_settings
    from autograder.carrier.late import rule_of
    from autograder.export.archive import archive

    if options.output.is_dir():
        raise CourseError(f"{options.output} is a folder; name the archive to write, such as {options.slug}.zip.")
    slug = course.assignment(options.slug).slug
    content = archive(course, slug, late=rule_of(nbgrader_settings(course.root), slug), unsafe=options.unsafe)
    atomic.write(options.output, [content])
    os.chmod(options.output, 0o600)  # it holds the checks and the solution
    print(f"{options.output}: {len(content) / 2**20:.1f} MB; upload it in Gradescope, Configure Autograder")
    if options.unsafe:
        print(
            "It grades without confinement: student code can read the checks, the solution and the secret of this archive."
        )
    return 0
