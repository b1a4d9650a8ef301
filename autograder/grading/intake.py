"""From paths to submissions: single files, folders of them, nbgrader's `submitted/` tree, archives."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.course import Assignment, Course, CourseError
from autograder.grading.archive import is_archive, student_of, unpack
from autograder.grading.notebook import UnreadableError, code_cells, module_text

_GRADABLE = (".ipynb", ".py")
NOTHING_ELSE = "the other file holds nothing of yours"  # how the commonest note ends
_UNTOLD = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_FURNITURE = ("__pycache__", "__MACOSX", "unstuck.py", "conftest.py")


@dataclass(frozen=True)
class Submission:
    """A hand-in: whose, of what, where, and the files in it that may be graded."""

    student: str
    assignment: str
    path: Path
    shown_path: str
    unreadable: str | None = None


@dataclass(frozen=True)
class Work:
    """One gradable file of a submission."""

    name: str
    cells: tuple[str, ...]
    is_notebook: bool


@contextmanager
def submissions(course: Course, paths: list[Path], assignment: str | None = None) -> Iterator[list[Submission]]:
    """The submissions beneath paths; archives are unpacked for as long as the context lasts."""
    with TemporaryDirectory(prefix="unstuck-") as scratch:
        found: list[Submission] = []
        for number, path in enumerate(paths):
            if is_archive(path):
                found += _from_archive(course, path, assignment, Path(scratch) / str(number))
            elif os.path.lexists(path):
                # A link to a folder, named on the command line, is followed; links that were handed in are not.
                found += _beneath(course, path.resolve() if path.is_dir() else path.absolute(), assignment, path)
            else:
                raise CourseError(f"{path} does not exist; name notebooks, modules, folders or archives of them.")
        yield [_named_in_text(one) for one in found]


def _named_in_text(one: Submission) -> Submission:
    """The submission under names that can be shown, hashed and encoded: a file may be called anything."""
    unreadable = None if one.unreadable is None else in_text(one.unreadable)
    return replace(one, student=in_text(one.student), shown_path=in_text(one.shown_path), unreadable=unreadable)


def in_text(name: str) -> str:
    """A name with control characters, those that turn the writing round, and bytes that are no UTF-8 as escapes: `\\x1b`."""
    return _UNTOLD.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), name)


def read_work(assignment: Assignment, path: Path) -> tuple[list[Work], list[str]]:
    """The files of a submission that hold work (the notebook where none does), and notes.

    Raises:
        UnreadableError: nothing can be graded.
    """
    if not _is_folder(path):
        return [_work(path)], []
    expected = _expected(path, assignment.slug)
    works, problems = _readable([item for item in expected if os.path.lexists(item)])
    worked = [work for work in works if _differs(work, assignment)]
    others = [] if worked else _others(path, expected)
    if len(others) == 1:
        renamed, unread = _readable(others)
        notes = [f"{expected[0].name} was expected; {item.name} was graded in its place" for item in renamed]
        if not renamed and not works:
            raise UnreadableError("; ".join([*problems, *unread]))
        return (renamed or works[:1]), notes + [f"{problem}; it was left out" for problem in [*problems, *unread]]
    if not worked and problems:
        raise UnreadableError("; ".join(problems))
    if not works:
        found = ", ".join(item.name for item in others) or "nothing that can be graded"
        raise UnreadableError(
            f"{expected[0].name} is missing; found {found}. Hand in {expected[0].name} or {expected[1].name}"
        )
    notes = [f"{problem}; it was left out" for problem in problems]
    if len(worked) > 1:
        notes.append("both files hold work: both were graded and the better one counts")
    elif worked and len(works) > 1:
        notes.append(f"{worked[0].name} was graded; {NOTHING_ELSE}")
    return worked or works[:1], notes


def gradable(submission: Submission) -> tuple[bool, list[Path], list[Path]]:
    """Whether it is a folder; its files of the expected names; its other notebooks and modules, which count where those lack."""
    path = submission.path
    if not _is_folder(path):
        return False, [path], []
    expected = _expected(path, submission.assignment)
    return True, [item for item in expected if os.path.lexists(item)], _others(path, expected)


def _expected(folder: Path, slug: str) -> list[Path]:
    return [folder / f"{slug}{suffix}" for suffix in _GRADABLE]


def _readable(paths: list[Path]) -> tuple[list[Work], list[str]]:
    """The files that can be read, and what is wrong with the others."""
    works: list[Work] = []
    problems: list[str] = []
    for path in paths:
        try:
            works.append(_work(path))
        except UnreadableError as problem:
            problems.append(str(problem))
    return works, problems


def _work(path: Path) -> Work:
    if path.suffix == ".py":
        return Work(path.name, (module_text(path),), False)
    return Work(path.name, code_cells(path), True)


def _differs(work: Work, assignment: Assignment) -> bool:
    """Whether a file holds anything beyond what was handed out."""
    released = assignment.folder / f"{assignment.slug}{'.ipynb' if work.is_notebook else '.py'}"
    if not released.is_file():
        return True
    given = code_cells(released) if work.is_notebook else (module_text(released),)
    return not {cell.strip() for cell in work.cells} <= {cell.strip() for cell in given} | {""}


def _others(folder: Path, expected: list[Path]) -> list[Path]:
    """Notebooks and modules of other names than the expected ones."""
    ours = ("test_", "unstuck")
    items = [item for item in sorted(folder.iterdir()) if item.suffix in (".ipynb", ".py") and item not in expected]
    return [item for item in items if not item.name.startswith(ours)]


def _from_archive(course: Course, path: Path, assignment: str | None, scratch: Path) -> list[Submission]:
    student = student_of(path, list(course.assignments))
    try:
        folder = scratch / student  # a hand-in at the top of an archive belongs to whom the archive is named after
        folder.mkdir(parents=True)
        unpack(path, folder, _GRADABLE)
        found = list(_beneath(course, folder, assignment, path))
        if not found:
            raise UnreadableError(f"{path.name} holds no notebook and no module; hand in the files themselves")
        return found
    except UnreadableError as problem:
        slug = assignment or next((known for known in course.assignments if known in path.name), "")
        return [Submission(student, slug, path, str(path), str(problem))]


def _beneath(course: Course, path: Path, assignment: str | None, shown: Path) -> Iterator[Submission]:
    if not _is_folder(path):
        yield _of_file(course, path, assignment, str(shown))
        return
    if path.name in course.assignments:  # nbgrader's submitted/student/assignment
        if assignment in (None, path.name):
            yield Submission(path.parent.name, path.name, path, str(shown))
        return
    asked = course.assignments if assignment is None else (assignment,)
    hand_ins = [slug for slug in asked if any(os.path.lexists(path / f"{slug}{suffix}") for suffix in _GRADABLE)]
    yield from (Submission(path.name, slug, path, str(shown)) for slug in hand_ins)
    for item in sorted(path.iterdir()):
        if _is_folder(item) and not _is_furniture(item):
            yield from _beneath(course, item, assignment, shown / item.name)
        elif item.suffix in _GRADABLE and not _is_furniture(item) and item.stem not in hand_ins:
            yield from _of_file_among_others(course, item, assignment, str(shown / item.name), bool(hand_ins))
        elif is_archive(item) and not hand_ins:
            message = (
                f"{item.name} is an archive in a folder; name archives on the command line, as in {path.name}/*.zip"
            )
            yield Submission(student_of(item, list(course.assignments)), "", item, str(shown / item.name), message)


def _is_folder(path: Path) -> bool:
    """Whether to look into it; a link is not followed, and a folder named like a notebook is no notebook."""
    return path.is_dir() and not path.is_symlink() and path.suffix not in _GRADABLE


def _is_furniture(path: Path) -> bool:
    """Whether this lies there because of the kit, an editor or an archiver."""
    return path.name.startswith(".") or path.name in _FURNITURE or path.match("test_*.py")


def _of_file(course: Course, path: Path, assignment: str | None, shown: str) -> Submission:
    """A single file: named like an assignment, `student_assignment`, or anything where the assignment is given."""
    slug = assignment or _named_like(course, path)
    if slug is None:
        known = ", ".join(course.assignments)
        raise CourseError(f"{shown} is not named like an assignment ({known}); use --assignment SLUG.")
    prefix = path.stem.removesuffix(slug).rstrip("_-")
    folder = path.parent.parent if path.parent.name == slug else path.parent
    return Submission(prefix or folder.name, slug, path, shown)


def _of_file_among_others(
    course: Course, path: Path, assignment: str | None, shown: str, beside_hand_in: bool
) -> Iterator[Submission]:
    """A file found in a folder: beside a hand-in it counts only where its name says so; it never stops the others."""
    named = _named_like(course, path)
    if named is None and beside_hand_in:
        return
    if named is None and assignment is None:
        message = f"{path.name} is not named like an assignment ({', '.join(course.assignments)}); rename it"
        yield Submission(path.parent.name, "", path, shown, message)
    elif assignment is None or named in (None, assignment):
        yield _of_file(course, path, assignment, shown)


def _named_like(course: Course, path: Path) -> str | None:
    """The assignment that a file is named after."""
    ends = {slug: (f"_{slug}", f"-{slug}") for slug in course.assignments}
    return next((slug for slug, end in ends.items() if path.stem == slug or path.stem.endswith(end)), None)
