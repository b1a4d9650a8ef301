"""`autograder validate`: everything that CI must know of the course, assignment by assignment."""

import io
import multiprocessing
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.authoring import AuthoringError
from autograder.checking.plugin import CheckError, Examination, examine
from autograder.course import Assignment, Course, CourseError
from autograder.grading.examine import Examiner
from autograder.proof import catalogue, handouts, margins, pictures, text
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.zygote import SandboxError


def validate(course: Course, slugs: list[str], *, derive: bool = False, jobs: int = 1) -> int:
    """Proves assignments and prints what was found; 0 where all is well, 1 where anything is not."""
    problems: list[str] = []
    for report, found in _proved(course, slugs, derive, min(jobs, len(slugs))):
        print(report, end="", flush=True)
        problems += found
    for problem in problems:
        print(f"refused: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _proved(course: Course, slugs: list[str], derive: bool, jobs: int) -> Iterator[tuple[str, list[str]]]:
    """What is to be printed of each assignment, and its problems; in order, several at a time."""
    prove = partial(_prove, course.root, derive)
    if jobs < 2:
        yield from map(prove, slugs)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(prove, slugs)


def _prove(root: Path, derive: bool, slug: str) -> tuple[str, list[str]]:
    """What is to be printed of one assignment, and its problems."""
    report = io.StringIO()
    console = Console(file=report, highlight=False, width=180)
    started = time.perf_counter()
    try:
        with Sandbox(root, device="cpu") as sandbox:
            problems = list(_problems(Course(root).assignment(slug), sandbox, console, derive=derive))
            isolation = sandbox.isolation
    except SandboxError as error:
        return report.getvalue(), [str(error)]
    verdict = f"{len(problems)} problems" if problems else "proved"
    console.print(f"{slug}: {verdict} in {time.perf_counter() - started:.0f} s ({isolation})\n")
    return report.getvalue(), problems


def _problems(assignment: Assignment, sandbox: Sandbox, console: Console, *, derive: bool) -> Iterator[str]:
    try:
        yield from text.stale_problems(assignment)
        yield from text.docstring_problems(assignment)
        yield from text.leak_problems(assignment)
        yield from handouts.hint_problems(assignment)
        yield from handouts.marking_problems(assignment)
        yield from handouts.number_problems(assignment)
    except (AuthoringError, OSError) as error:
        yield str(error)
        return
    except SyntaxError as error:
        yield f"{error.filename}:{error.lineno}: is not valid Python ({error.msg}); correct it"
        return
    found: list[str] = []
    try:
        examine(
            assignment.checks,
            lambda examination: found.extend(_examined(assignment, sandbox, examination, console, derive)),
        )
    except (CheckError, CourseError) as error:
        found.append(str(error))
    yield from found


def _examined(
    assignment: Assignment, sandbox: Sandbox, examination: Examination, console: Console, derive: bool
) -> Iterator[str]:
    examiner = Examiner(assignment, sandbox, examination)
    yield from catalogue.points_problems(examiner)
    for prove in (catalogue.loading_problems, catalogue.checks_problems):
        if broken := list(prove(examiner)):
            yield from broken
            return
    measured = margins.measure(examiner)
    if derive:
        margins.write_margins(assignment, measured)
        assignment.__dict__.pop("margins", None)
    console.print(_table(assignment, measured))
    yield from margins.margin_problems(assignment, measured)
    broken = list(catalogue.right_answers_problems(examiner))
    yield from broken
    if not broken:  # what mistakes lose says nothing while right answers lose too
        yield from catalogue.mistakes_problems(examiner)
        yield from pictures.picture_problems(examiner, sandbox)
    console.print(f"{assignment.slug}: {len(examination.checks)} checks, {len(examiner.mistakes)} mistakes")


def _table(assignment: Assignment, measured: list[margins.Margin]) -> Table:
    table = Table(
        box=None, pad_edge=False, header_style="bold", title=f"{assignment.slug}: margins", title_justify="left"
    )
    for name in ("check", "spread", "tolerance", "gap", "gap/spread", "nearest mistake"):
        table.add_column(name, justify="left" if name in ("check", "nearest mistake") else "right", no_wrap=True)
    for margin in measured:
        tolerance = assignment.margins.get(margin.check, {}).get("tolerance")
        ratio = (
            ""
            if margin.gap is None
            else f"{margin.ratio:.0e}" + ("" if margin.ratio >= margins.WANTED_RATIO else " (near)")
        )
        gap = "exact" if margin.gap is None else f"{margin.gap:.1e}"
        table.add_row(
            margin.check,
            f"{margin.spread:.1e}",
            "–" if tolerance is None else f"{tolerance:.1e}",
            gap,
            ratio,
            margin.nearest or "",
        )
    return table
