"""Look at what grading needs on this machine, and say what to do about what is missing."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Course

if TYPE_CHECKING:
    from autograder.doctor.finding import Finding

EPILOG = """\
examples:
  autograder doctor                        in a course folder: everything
  autograder --course FOLDER doctor        the same from elsewhere
  autograder doctor --json                 one object, for a program

It looks at packages and programs, tries each layer of the sandbox and all together, and looks at the course, nbgrader's
settings, exchange and gradebook, disk and processors. It changes nothing in the course.
exit code: 0 grading can work here, 1 it cannot before something is mended, 2 wrong usage"""
ANYWHERE = True
JSON_VERSION = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--json", action="store_true", help="print the findings as one JSON object")


def run(course: Course | None, options: argparse.Namespace) -> int:
    """Prints what was found; 1 where something stops grading."""
    try:
        findings = examine(course)
        (_say_json if options.json else _say)(findings)
    except ModuleNotFoundError as error:  # one that the doctor itself needs
        remedy = "run `pip install --editable .` in the kit's folder, with its .venv active"
        print(f"autograder: the package {error.name} is not installed; {remedy}", file=sys.stderr)
        return 1
    return 1 if any(one.stops for one in findings) else 0


def examine(course: Course | None) -> "list[Finding]":
    """All findings, in the order in which they matter."""
    from autograder.doctor.course import of_course, of_machine
    from autograder.doctor.installed import installed
    from autograder.doctor.sandboxed import sandboxed

    root = None if course is None else course.root
    return [*installed(), *sandboxed(root), *of_course(course), *of_machine(root or Path.cwd())]


def _say_json(findings: "list[Finding]") -> None:
    rows = [asdict(one) for one in findings]
    can_grade = not any(one.stops for one in findings)
    print(json.dumps({"version": JSON_VERSION, "can_grade": can_grade, "findings": rows}, ensure_ascii=False))


def _say(findings: "list[Finding]") -> None:
    from rich.table import Table

    from autograder.terminal.table import cell, console, print_table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    part = ""
    for one in findings:
        if one.part != part:
            part = one.part
            table.add_row(f"[bold]{part}[/bold]")
        state = one.state if one.state == "ok" else f"[{'red' if one.stops else 'yellow'}]{one.state}[/]"
        table.add_row(f"  {state}", cell(one.name), cell(one.said + (f": {one.do}" if one.do else "")))
    out = console()
    print_table(out, table)
    stopped = [one.name for one in findings if one.stops]
    verdict = (
        f"Nothing can be graded before this is mended: {', '.join(stopped)}." if stopped else "Grading can work here."
    )
    out.print()
    out.print(cell(verdict))
