"""Write grades for other systems: a table, Canvas, Moodle, Gradescope."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from autograder.course import Course, CourseError
from autograder.grading import atomic

if TYPE_CHECKING:
    from autograder.export.book import Book, Table

EPILOG = """\
examples:
  autograder export --format csv --output grades.csv
  autograder export --format canvas --roster canvas.csv --output upload.csv
  autograder export --format moodle --assignment SLUG --roster worksheet.csv --output upload.csv
  autograder export --format gradescope --output gradescope/

Grades are the latest recorded ones, or those of the given files, together with what nbgrader's gradebook holds: marks of
questions, scores given by hand (they win), late penalties. A hand-in that has no grade yet has no score, never a 0.
exit code: 0 every grade was written, 1 some could not be, who are named, 2 wrong usage"""
_ROSTERS = {"canvas": "needed", "moodle": "possible"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "results", nargs="*", type=Path, metavar="RESULTS.json", help="files of `autograder grade --json`"
    )
    parser.add_argument("--format", choices=("csv", "canvas", "moodle", "gradescope"), required=True)
    parser.add_argument("--output", type=Path, metavar="PATH", help="the file (default: standard output), or folder")
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="the gradebook exported by Canvas; Moodle's worksheet or participants",
    )
    parser.add_argument("--assignment", action="append", default=[], metavar="SLUG", help="only this one (repeatable)")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=TITLE",
        help="the assignment's column in the other system",
    )
    parser.add_argument("--match", metavar="COLUMN", help="the roster's column that tells who a student is")
    parser.add_argument("--detail", choices=("assignment", "exercise", "check"), help="a line for each (csv)")
    parser.add_argument("--scale", action="store_true", help="scale scores to the points that the other system gives")
    parser.add_argument(
        "--zero",
        action="append",
        default=[],
        choices=("missing", "unreadable"),
        help="count no hand-in, or one that could not be read, as 0 (repeatable)",
    )
    parser.add_argument("--without-gradebook", action="store_true", help="automatic scores only")


def run(course: Course, options: argparse.Namespace) -> int:
    """Writes; 1 where somebody's grade could not be written, who is named on standard error."""
    columns = _columns(course, options)
    book = _book(course, options)
    if options.format == "gradescope":
        return _said([], _write_gradescope(book, options.output))
    table = _table(course, book, options, columns)
    if options.output is None:
        sys.stdout.write(table.text)
    else:
        atomic.write(options.output, [table.text.encode()])
    from autograder.export.grades import problems

    return _said(table.notes, [*problems(book.grades), *table.problems])


def _columns(course: Course, options: argparse.Namespace) -> dict[str, str]:
    """The columns by assignment; what does not fit the format is refused here, before anything is read."""
    for slug in options.assignment:
        course.assignment(slug)
    columns = {}
    for given in options.column:
        slug, _, title = given.partition("=")
        if not title:
            raise CourseError(
                f"--column {given}: write it as NAME=TITLE, as in --column {next(iter(course.assignments))}=Title."
            )
        columns[course.assignment(slug).slug] = title
    if len(set(columns.values())) < len(columns):
        raise CourseError("--column gives two assignments one title; each needs its own.")
    if options.format == "canvas" and options.roster is None:
        raise CourseError(
            "Canvas needs --roster: the gradebook that it exported (Grades, Export), so that its ids match."
        )
    if options.format == "gradescope" and options.output is None:
        raise CourseError("Gradescope needs --output: a folder, in which each submission gets a results.json.")
    if options.roster is not None and options.format not in _ROSTERS:
        raise CourseError(f"--roster is for {' and '.join(_ROSTERS)}; {options.format} needs none.")
    if options.detail is not None and options.format != "csv":
        raise CourseError("--detail is for csv only; the other formats have a line for each student.")
    if None is not options.output == options.roster:
        raise CourseError(f"--output {options.output} would replace the roster; name another file.")
    return columns


def _book(course: Course, options: argparse.Namespace) -> "Book":
    from autograder.export.book import Book
    from autograder.export.grades import gather
    from autograder.export.marks import Marks, read_marks
    from autograder.grading.store import recorded
    from autograder.regrade.requests import read_decisions

    results = recorded(course, options.results or None)
    marks = Marks()
    if not options.without_gradebook:
        from autograder.carrier.gradebook import gradebook, nbgrader_settings

        config = nbgrader_settings(course.root)
        with gradebook(course.root, config) as book:
            marks = marks if book is None else read_marks(book, config)
    grades = gather(course, results, marks, assignments=options.assignment, zero=options.zero)
    decisions = {
        (one.student, one.assignment, one.exercise): f"{one.decision}: {one.because}"
        for one in read_decisions(course.root)
    }
    return Book(tuple(grades), marks, decisions)


def _table(course: Course, book: "Book", options: argparse.Namespace, columns: dict[str, str]) -> "Table":
    from autograder.export.canvas import canvas
    from autograder.export.moodle import moodle
    from autograder.export.plain import ASSIGNMENT, plain

    if options.format == "canvas":
        return canvas(course, book, options.roster, columns, options.match, options.scale)
    if options.format == "moodle":
        title = next((title for slug, title in columns.items() if slug in book.assignments), None)
        return moodle(book, options.roster, title, options.match, options.scale)
    return plain(book, options.detail or ASSIGNMENT)


def _write_gradescope(book: "Book", folder: Path) -> list[str]:
    """Writes FOLDER/<assignment>/<student>/results.json; returns who has none and why."""
    from autograder.export.gradescope import document

    wrong = []
    for one in book.grades:
        if one.result is None:
            continue
        if one.problem or one.result.status != "graded":
            wrong.append(f"{one.student}, {one.assignment}: no results.json: {one.problem or one.result.message}")
            continue
        path = folder / quote(one.assignment, safe="") / quote(one.student, safe=" @+") / "results.json"
        text = json.dumps(document(one.result, penalty=one.penalty, parts=one.parts), indent=1, ensure_ascii=False)
        atomic.write(path, [text.encode(errors="replace")])
    return wrong


def _said(notes: list[str], wrong: list[str]) -> int:
    for line in [*notes, *wrong]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0
