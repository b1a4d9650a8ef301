"""Whether the course folder has what grading and nbgrader's commands need, and the machine room for it."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.authoring import AuthoringError
from autograder.authoring.build import build
from autograder.course import Assignment, Course, CourseError
from autograder.doctor.finding import Finding, missing, ok, problem
from autograder.grading.atomic import cannot_write
from autograder.machine import processors

if TYPE_CHECKING:
    from traitlets.config import Config

PART, MACHINE = "course", "machine"
ROOM = 1 << 30  # bytes; a class of hundreds with its hand-ins, records and the gradebook needs less
_SITE_EXCHANGE = (
    "set `c.Exchange.root` in an nbgrader_config.py that all accounts read, and make that folder writable for all"
)


def of_course(course: Course | None) -> Iterator[Finding]:
    """Findings on assignments, secret, records and nbgrader's settings, exchange and gradebook."""
    if course is None:
        said = f"{Path.cwd()} is not in a course"
        yield missing(PART, "folder", said, "go into the course folder, or name it: --course FOLDER", stops=True)
        return
    yield ok(PART, "folder", str(course.root))
    if not course.assignments:
        remedy = "make one with `autograder new NAME`, or take the whole checkout"
        yield missing(PART, "assignments", "there is none", remedy, stops=True)
    for assignment in course.assignments.values():
        yield _assignment(assignment)
    yield _secret(course)
    yield _records(course)
    yield from _nbgrader(course)


def of_machine(folder: Path) -> Iterator[Finding]:
    """Findings on disk and processors."""
    free = shutil.disk_usage(folder).free
    said = f"{free / 2**30:.1f} GiB free on the disk of {folder}"
    if free < ROOM:
        yield problem(MACHINE, "disk", said, "make room: grading a class writes hand-ins and records", stops=free == 0)
    else:
        yield ok(MACHINE, "disk", said)
    yield _processors()


def _assignment(assignment: Assignment) -> Finding:
    """Whether the files are there, and those that students get are what the sources give."""
    gone = [
        assignment.shown(path) for path in (assignment.solution, assignment.checks) if not path.is_file()
    ]  # the handout is there: it makes the assignment
    if gone:
        return missing(
            PART, assignment.slug, f"lacks {', '.join(gone)}", "write it, or take it from version control", stops=True
        )
    try:
        stale = build(assignment.root, [assignment.slug], True)
    except (AuthoringError, CourseError, OSError) as error:
        return problem(PART, assignment.slug, str(error), "mend that, then run `autograder build`", stops=True)
    if stale:
        said = f"what students get is stale ({'; '.join(stale)})"
        return problem(PART, assignment.slug, said, f"run `autograder build {assignment.slug}`")
    return ok(
        PART, assignment.slug, f"{sum(assignment.points.values()):g} points in {len(assignment.points)} exercises"
    )


def _secret(course: Course) -> Finding:
    path = course.state / "secret"
    if os.environ.get("UNSTUCK_SECRET"):
        return ok(PART, "secret", "from UNSTUCK_SECRET")
    try:
        about = path.stat()
        empty = not path.read_bytes().strip()
    except FileNotFoundError:
        return ok(PART, "secret", f"is made in {path} by the first grading; keep that file then")
    except OSError as error:
        said = f"{path} cannot be read ({error.strerror})"
        return problem(PART, "secret", said, "make it readable for you", stops=True)
    if empty:
        said = f"{path} is empty"
        return problem(PART, "secret", said, "take it from a backup; without it every seed changes", stops=True)
    if stat.S_IMODE(about.st_mode) & 0o077:
        said = f"{path} can be read by others, who can then work out every seed"
        return problem(PART, "secret", said, f"run `chmod 600 {path}`")
    return ok(PART, "secret", f"{path}, for its owner only")


def _records(course: Course) -> Finding:
    """Whether a file can be written where grades are kept: tried in the nearest folder that is there."""
    path = course.state / "records"
    folder = next(one for one in (path, *path.parents) if one.exists())
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        said, remedy = f"{cannot_write(folder, error)}".split(" Nothing that was there is lost: ")
        return problem(PART, "records", said.rstrip("."), remedy.split(", then run")[0], stops=True)
    return ok(PART, "records", f"{path} can be written")


def _nbgrader(course: Course) -> Iterator[Finding]:
    """What nbgrader's commands need; grading alone needs none of it."""
    try:
        from autograder.carrier.gradebook import SETTINGS, nbgrader_settings
    except ImportError as error:
        yield problem(PART, "nbgrader", f"cannot be loaded ({error})", "install it anew; see above")
        return
    try:
        config = nbgrader_settings(course.root)
    except CourseError as error:
        yield problem(PART, SETTINGS, str(error).removesuffix("; mend it."), "mend it")
        return
    if (course.root / SETTINGS).is_file():
        yield ok(PART, SETTINGS, f"{course.root / SETTINGS}")
    else:
        remedy = f"take the kit's {SETTINGS}; without it nbgrader does not grade with this kit"
        yield missing(PART, SETTINGS, f"is not in {course.root}", remedy)
    yield _exchange(config)
    yield _gradebook(course, config)


def _exchange(config: "Config") -> Finding:
    if "exchange" in config.ExchangeFactory:
        return ok(PART, "exchange", f"is {config.ExchangeFactory.exchange}, which is not examined")
    if "root" not in config.Exchange:
        said = "no folder is set, so students cannot fetch or submit with nbgrader"
        return missing(PART, "exchange", said, _SITE_EXCHANGE)
    root = Path(str(config.Exchange.root))
    if not root.is_dir():
        return missing(PART, "exchange", f"{root} is no folder", f"run `mkdir -p {root}` and `chmod a+rwx {root}`")
    others = stat.S_IMODE(root.stat().st_mode) & 0o007
    if not os.access(root, os.W_OK | os.X_OK) or others != 0o007:
        return problem(PART, "exchange", f"not every account may write to {root}", f"run `chmod a+rwx {root}`")
    return ok(PART, "exchange", f"{root}, writable for all accounts")


def _gradebook(course: Course, config: "Config") -> Finding:
    from autograder.carrier.gradebook import gradebook

    try:
        with gradebook(course.root, config) as book:
            if book is None:
                return missing(PART, "gradebook", "there is none yet", "run `nbgrader generate_assignment NAME`")
            return ok(PART, "gradebook", f"{len(book.students)} students, {len(book.assignments)} assignments")
    except CourseError as error:
        said, _, remedy = str(error).partition("; ")
        return problem(PART, "gradebook", said, remedy)
    except ImportError as error:
        remedy = "install the database's driver; that of PostgreSQL with `pip install --editable '.[postgresql]'`"
        return problem(PART, "gradebook", f"{error}", remedy)
    except OSError as error:
        return problem(PART, "gradebook", f"{error}", "put .venv/bin on PATH: nbgrader calls programs of it by name")


def _processors() -> Finding:
    """Grading takes a process a core, each with one thread."""
    usable = processors()
    said = f"{usable} of {os.cpu_count() or 1}; `autograder grade` takes {usable} processes of one thread"
    return ok(MACHINE, "processors", said)
