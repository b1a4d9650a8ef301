"""The table of a run's results, and what there is to say of each assignment."""

import sys
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.carrier.text import clean

if TYPE_CHECKING:  # they bring torch, which `autograder doctor` does without where it is broken
    from autograder.grading.gathered import Line
    from autograder.grading.result import CheckResult, SubmissionResult

LISTED = 60  # rows on a terminal; of a larger class only what needs attention is listed
_NARROW = 60  # columns; on less a table would have to leave something out
_PIPED_WIDTH = 100_000  # columns: what reads a pipe wants each submission on one line


def print_results(lines: "Sequence[Line]", *, every: bool = False) -> None:
    """Prints the table and the summary on standard output; of a large class, on a terminal, only what needs attention."""
    out = console()
    graded = [line for line in lines if line.status == "graded"]
    short = not (every or not sys.stdout.isatty()) and len(lines) > LISTED
    if shown := [line for line in lines if line.status != "graded"] if short else lines:
        _print(out, _rows(shown))
    if short:
        out.print(f"{len(graded)} graded submissions are not listed; --all lists them, --json FILE writes them.")
    if len(lines) > 1:
        out.print()
        _print(out, _summary(lines))


def console() -> Console:
    """Standard output; where it is no terminal, each row of a table is one line."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)


def print_table(out: Console, table: Table) -> None:
    """Prints a table; in a pipe without the blanks with which rich fills each column, the last one too."""
    if out.is_terminal:
        out.print(table)
        return
    with out.capture() as captured:
        out.print(table)
    for line in captured.get().splitlines():
        out.file.write(line.rstrip() + "\n")


def _print(out: Console, table: Table) -> None:
    """Prints a table; on a narrow terminal a paragraph a row, which begins with the row's first cell."""
    if out.width >= _NARROW:
        print_table(out, table)
        return
    names = [str(column.header) for column in table.columns]
    for first, *rest in zip(*(column.cells for column in table.columns), strict=True):
        out.print(f"[bold]{first}[/bold]")
        told = ", ".join(f"{name} {text}" for name, text in zip(names[1:], rest, strict=True) if text)
        out.print(Padding(Text.from_markup(told, overflow="fold"), (0, 0, 0, 2)))


def remarks(result: "SubmissionResult") -> str:
    """One line on a result: what could not be read, or the first thing that failed and how many more did."""
    if result.status != "graded":
        return result.message or ""
    failed = [check for check in result.checks if check.score < check.points]
    if not failed:
        return ""
    first = failed[0].diagnosis or f"{failed[0].exercise}: {_cause(failed[0])}"
    more = len({check.diagnosis or check.exercise for check in failed}) - 1
    return first + (f" (and {more} more)" if more else "")


def _cause(check: "CheckResult") -> str:
    """A built-in that was called, what is wrong with the answer, or the status."""
    if check.forbidden:
        return f"uses {', '.join(check.forbidden)}"
    return check.message if check.status == "failed" and check.message else check.status


def one_line(text: str) -> str:
    """A name or message as a terminal may show it: on one line, without control characters."""
    return " ".join(clean(text).split("\n"))


def cell(text: str) -> str:
    """The same in a table, where it is no markup."""
    return escape(one_line(text))


def _rows(lines: "Sequence[Line]") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("student", overflow="fold")
    table.add_column("assignment", overflow="fold")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("remarks", overflow="fold")
    for line in lines:
        graded = line.status == "graded"
        score = f"{line.score:g}/{line.max_score:g}" if graded else "–"
        status = line.status if graded else f"[red]{line.status}[/red]"
        table.add_row(cell(line.student), cell(line.assignment), score, status, cell(line.remark))
    return table


def _summary(lines: "Sequence[Line]") -> Table:
    """A row an assignment: how many, their mean and median, the commonest mistake."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("assignment", overflow="fold")
    for name in ("graded", "not graded", "mean", "median", "of"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("commonest mistake", overflow="fold")
    for slug in sorted({line.assignment for line in lines}):
        of_slug = [line for line in lines if line.assignment == slug]
        graded = [line for line in of_slug if line.status == "graded"]
        scores = [line.score for line in graded]
        mistakes = Counter(mistake for line in graded for mistake in line.mistakes).most_common(1)
        table.add_row(
            cell(slug),
            str(len(graded)),
            str(len(of_slug) - len(graded)),
            f"{fmean(scores):.1f}" if scores else "–",
            f"{median(scores):.1f}" if scores else "–",
            f"{graded[0].max_score:g}" if graded else "–",
            f"{cell(mistakes[0][0])} ({mistakes[0][1]})" if mistakes else "",
        )
    return table
