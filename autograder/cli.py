"""The command line: `autograder COMMAND`; each command is a module of `autograder.commands`."""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

from autograder import commands
from autograder.authoring import AuthoringError
from autograder.course import Course, CourseError, find_course
from autograder.grading.atomic import KeepError, cannot_write, lacks_room
from autograder.near import did_you_mean

NO_COMMAND = {"arguments"}  # modules that the commands share
WRONG_USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code: 0, 1 where something was found wanting, 2 for wrong usage."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(_course(options), options))
    except (CourseError, AuthoringError) as error:
        print(f"autograder: {error}", file=sys.stderr)
        return WRONG_USAGE
    except KeepError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if not lacks_room(error):
            raise
        print(f"autograder: {cannot_write(Path(error.filename or 'a file'), error)}", file=sys.stderr)
        return 1


def _course(options: argparse.Namespace) -> Course | None:
    """The course that was named or that the working folder lies in; None where there is none and the command needs none."""
    try:
        return find_course(options.course)
    except CourseError:
        if options.anywhere and options.course is None:
            return None
        raise


class _Parser(argparse.ArgumentParser):
    """A parser that names what was probably meant."""

    def _check_value(self, action: argparse.Action, value: object) -> None:
        choices = [str(choice) for choice in action.choices or ()]
        if choices and value not in choices:
            meant = did_you_mean(str(value), choices)
            raise argparse.ArgumentError(action, f"there is no {value!r}{meant}; choose from {', '.join(choices)}")


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = _Parser(
        prog="autograder",
        description="Build, prove and grade the course.",
        epilog="`autograder COMMAND --help` shows examples. `autograder doctor` tells what is missing on this machine.",
    )
    parser.add_argument(
        "--course", type=Path, metavar="FOLDER", help="the course's root (default: found from the working folder)"
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in sorted(module.name for module in pkgutil.iter_modules(commands.__path__)):
        if name not in NO_COMMAND:
            command = importlib.import_module(f"autograder.commands.{name}")
            summary = (command.__doc__ or "").split("\n")[0].rstrip(".")
            one = subparsers.add_parser(
                name,
                help=summary[:1].lower() + summary[1:],
                description=summary + ".",
                epilog=getattr(command, "EPILOG", None),
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
            command.add_arguments(one)
            one.set_defaults(run=command.run, anywhere=getattr(command, "ANYWHERE", False))
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
