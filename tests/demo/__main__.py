"""`python -m tests.demo`: exit code 0 where every student of the sample class got what they must get, else 1."""

import argparse
import sys
from pathlib import Path

from tests.demo.carried import carry
from tests.demo.course_folder import REPOSITORY, DemoError
from tests.demo.outcome import faults
from tests.demo.report import print_report
from tests.demo.students import sample_class


def main() -> int:
    """Carry the class, report, judge."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.demo", description="A sample class, from release to feedback."
    )
    parser.add_argument(
        "--folder", type=Path, default=REPOSITORY / "demo", help="the course folder to make (default: demo/)"
    )
    root = parser.parse_args().folder.resolve()
    students = sample_class()
    try:
        seconds = carry(root, students)
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    print_report(root, students)
    found = faults(root, students)
    hand_ins = sum(len(student.hand_ins) for student in students)
    print(f"\n{hand_ins} hand-ins of {len(students)} students in {seconds:.0f} s; ", end="")
    print(
        "every score, diagnosis and page is as it must be."
        if not found
        else f"{len(found)} things are NOT as they must be:"
    )
    for fault in found:
        print(f"  {fault}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
