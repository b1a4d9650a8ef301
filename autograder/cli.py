"""The command line: `autograder new | build | validate | grade`."""

import argparse
import os
import sys
from pathlib import Path

from autograder.authoring import AuthoringError
from autograder.course import Course, CourseError, find_course

ALL_GRADED, SOME_NOT_GRADED, WRONG_USAGE = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(find_course(options.course), options))
    except (CourseError, AuthoringError) as error:
        print(f"autograder: {error}", file=sys.stderr)
        return WRONG_USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description="Build, prove and grade the course.")
    parser.add_argument(
        "--course", type=Path, metavar="FOLDER", help="the course's root (default: found from the working folder)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_new(commands)
    _add_build(commands)
    _add_validate(commands)
    _add_grade(commands)
    return parser


def _add_new(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "new",
        help="write the files of a new assignment, a small example to be replaced",
        epilog="Nothing that exists is overwritten. docs/course-authors.md says what each file is for.",
    )
    parser.add_argument("slug", metavar="SLUG", help="its name in every file and command, such as a9_weight_decay")
    parser.set_defaults(command=_new)


def _add_build(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("build", help="make what students get, from the handouts and the reference")
    parser.add_argument("slugs", nargs="*", metavar="SLUG", help="assignments (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is stale")
    parser.set_defaults(command=_build)


def _add_validate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "validate", help="prove the course: reference, styles, skeleton, mistakes, margins, docs, leaks"
    )
    parser.add_argument("slugs", nargs="*", metavar="SLUG", help="assignments (default: all)")
    parser.add_argument("--derive", action="store_true", help="measure the margins and write the tolerances")
    parser.add_argument("--jobs", type=_positive, metavar="N", help="assignments at a time (default: one a core)")
    parser.set_defaults(command=_validate)


def _add_grade(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "grade",
        help="grade notebooks, modules, folders of them, archives, or nbgrader's submitted/ tree",
        epilog="exit code: 0 all were graded, 1 some could not be, 2 wrong usage",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--assignment", metavar="SLUG", help="the assignment, where the names do not tell")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results there")
    parser.add_argument("--jobs", type=_positive, metavar="N", help="processes (default: one a core)")
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
    parser.set_defaults(command=_grade)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _new(course: Course, options: argparse.Namespace) -> int:
    from autograder.authoring.new import new

    for name in new(course.root, options.slug):
        print(name)
    print("Each holds a small example to be replaced; docs/course-authors.md shows how. Then run")
    print(f"`autograder build {options.slug}` and `autograder validate {options.slug}`.")
    return 0


def _build(course: Course, options: argparse.Namespace) -> int:
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


def _validate(course: Course, options: argparse.Namespace) -> int:
    from autograder.proof.validate import validate

    slugs = [course.assignment(slug).slug for slug in options.slugs] or list(course.assignments)
    return validate(course, slugs, derive=options.derive, jobs=options.jobs or os.cpu_count() or 1)


def _grade(course: Course, options: argparse.Namespace) -> int:
    from autograder.grading.command import grade

    return grade(course, options)


if __name__ == "__main__":
    raise SystemExit(main())
