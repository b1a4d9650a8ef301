"""From paths to submissions: single files, folders of them, nbgrader's `submitted/` tree, archives."""

import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from autograder.course import Assignment, Course, CourseError
from autograder.grading.notebook import MODULE_LIMIT, NOTEBOOK_LIMIT, UnreadableError, code_cells, module_text

_ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz")
_ARCHIVE_LIMIT = 2 * 2**30  # bytes unpacked
_ARCHIVE_FILES = 100_000


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
            if path.is_file() and path.suffix.lower() in _ARCHIVES:
                found += _from_archive(course, path, assignment, Path(scratch) / str(number))
            elif path.exists():
                found += _beneath(course, path.absolute(), assignment, path)
            else:
                raise CourseError(f"{path} does not exist; name notebooks, modules, folders or archives of them.")
        yield found


def read_work(assignment: Assignment, path: Path) -> tuple[list[Work], list[str]]:
    """The files of a submission that hold work (the notebook where none does), and notes.

    Raises:
        UnreadableError: nothing can be graded.
    """
    if path.is_file() or path.is_symlink():
        return [_work(path)], []
    expected = [path / f"{assignment.slug}{suffix}" for suffix in (".ipynb", ".py")]
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
        notes.append(f"{worked[0].name} was graded; the other file holds nothing of yours")
    return worked or works[:1], notes


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


def _beneath(course: Course, path: Path, assignment: str | None, shown: Path) -> Iterator[Submission]:
    if not path.is_dir() or path.is_symlink():
        yield _of_file(course, path, assignment, str(shown))
        return
    if path.name in course.assignments or (assignment is not None and _is_hand_in(path, assignment)):
        slug = path.name if path.name in course.assignments else str(assignment)
        if assignment in (None, slug):
            yield Submission(path.parent.name if path.name == slug else path.name, slug, path, str(shown))
        return
    for item in sorted(path.iterdir()):
        if item.name.startswith(".") or item.name == "__pycache__":
            continue
        if item.is_dir() and not item.is_symlink() and item.suffix != ".ipynb":
            yield from _beneath(course, item, assignment, shown / item.name)
        elif item.suffix in (".ipynb", ".py"):
            yield _of_file(course, item, assignment, str(shown / item.name))


def _is_hand_in(folder: Path, slug: str) -> bool:
    return any((folder / f"{slug}{suffix}").exists() for suffix in (".ipynb", ".py"))


def _of_file(course: Course, path: Path, assignment: str | None, shown: str) -> Submission:
    """A single file: named like an assignment, `student_assignment`, or anything where the assignment is given."""
    stem = path.stem
    slug = assignment or next(
        (known for known in course.assignments if stem == known or stem.endswith(f"_{known}")), None
    )
    if slug is None:
        known = ", ".join(course.assignments)
        raise CourseError(f"{path} is not named like an assignment ({known}); use --assignment SLUG.")
    prefix = stem.removesuffix(slug).rstrip("_-")
    folder = path.parent.parent if path.parent.name == slug else path.parent
    return Submission(prefix or folder.name, slug, path, shown)


def _from_archive(course: Course, path: Path, assignment: str | None, scratch: Path) -> list[Submission]:
    try:
        scratch.mkdir(parents=True)
        _unpack(path, scratch)
    except UnreadableError as problem:
        slug = assignment or next((known for known in course.assignments if known in path.stem), "")
        return [Submission(path.stem.split(".")[0], slug, path, str(path), str(problem))]
    return list(_beneath(course, scratch, assignment, path))


def _unpack(path: Path, scratch: Path) -> None:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                rows = [(info.filename, info.file_size, False) for info in archive.infolist() if not info.is_dir()]
                for name in _accepted(path, rows):
                    with archive.open(name) as source:
                        _write(source, scratch / name)
        else:
            with tarfile.open(path) as archive:
                infos = [info for info in archive.getmembers() if not info.isdir()]
                for name in _accepted(path, [(info.name, info.size, not info.isfile()) for info in infos]):
                    member = archive.extractfile(name)
                    if member is not None:
                        _write(member, scratch / name)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        OSError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(f"{path.name} cannot be unpacked ({error}); make the archive again") from None


def _accepted(path: Path, rows: list[tuple[str, int, bool]]) -> list[str]:
    """The names of an archive's files; `UnreadableError` where any escapes the folder or is no plain file."""
    if len(rows) > _ARCHIVE_FILES or sum(size for _, size, _ in rows) > _ARCHIVE_LIMIT:
        raise UnreadableError(f"{path.name} unpacks to more than is read; hand in the submissions only")
    for name, _, special in rows:
        parts = PurePosixPath(name.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
            raise UnreadableError(
                f"{path.name} holds a path that leaves its folder ({name[:80]!r}); nothing of it was unpacked"
            )
        if special:
            raise UnreadableError(f"{path.name} holds a link or device ({name[:80]!r}); nothing of it was unpacked")
    return [name for name, size, _ in rows if size <= max(NOTEBOOK_LIMIT, MODULE_LIMIT) + 1]


def _write(source: object, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(source, file)  # type: ignore[arg-type]  # zip and tar members are readers
