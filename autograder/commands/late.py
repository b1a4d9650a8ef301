"""Apply extensions and late penalties to nbgrader's gradebook, on the scores as they are now."""

import argparse
from datetime import timedelta

from autograder.course import Course, CourseError

EPILOG = """\
examples:
  autograder late                    apply, and list who is late or has more time
  autograder late --check            only look for mistakes in the table and the rule

Reads the table extensions.csv of the course folder (student,assignment,until,days,reason) and the rule in
nbgrader_config.py (c.LatePenalty...). `nbgrader autograde` does the same for each hand-in that it grades; run this after
marking questions, and after a change of the table, the rule or a due date.
exit code: 0 applied (with --check: no mistake was found), 2 a line or the rule is wrong, or there is no gradebook"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--check", action="store_true", help="only check the table and the rule; change nothing")


def run(course: Course, options: argparse.Namespace) -> int:
    """Applies, and prints a line for each hand-in that is late or has more time; wrong lines of the table are an error."""
    from autograder.carrier.extensions import read_extensions
    from autograder.carrier.gradebook import gradebook, nbgrader_settings
    from autograder.carrier.late import apply, check_extensions, step

    config = nbgrader_settings(course.root)
    step(config)
    extensions = read_extensions(course.root)
    with gradebook(course.root, config) as book:
        if book is None:
            raise CourseError("There is no gradebook yet; run `nbgrader generate_assignment`.")
        if extensions is not None:
            check_extensions(book, extensions)
        if options.check:
            print(f"{len(extensions or {})} extensions, all of known students and assignments")
            return 0
        for one in apply(book, config, extensions):
            if not (one.seconds_late or one.extension or one.before or one.now):
                continue
            more = f", {_span(one.extension)} more time" if one.extension else ""
            late = f"{_span(timedelta(seconds=one.seconds_late))} late" if one.seconds_late else "in time"
            cost = f"{one.now:.4g} points off" + ("" if one.now == one.before else f" (was {one.before:.4g})")
            print(f"{one.student}  {one.assignment}  {late}{more}  {cost}")
    return 0


def _span(span: timedelta) -> str:
    """A span of time in its two largest units."""
    minutes = max(1, round(span.total_seconds() / 60))
    days, hours, left = minutes // 1440, minutes // 60 % 24, minutes % 60
    return f"{days} d {hours} h" if days else f"{hours} h {left} min"
