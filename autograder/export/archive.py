"""The autograder archive for Gradescope: this kit, one assignment with its checks, and the two scripts that it must have."""

import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement

import autograder
from autograder.course import Assignment, Course
from autograder.export.container import SETTINGS
from autograder.grading.late import Rule

# What grading imports; what these need comes along. The test runs the archive with nothing else installed.
NEEDED = ("ipython", "msgspec", "numpy", "pytest", "torch")
_TEMPLATES = Path(__file__).with_name("templates")
_SCRIPTS = ("setup.sh", "run_autograder")
_WHEN = (2020, 1, 1, 0, 0, 0)  # of every entry, so that the same files give the same archive


def archive(course: Course, slug: str, *, late: Rule, unsafe: bool = False) -> bytes:
    """The archive's bytes."""
    assignment = course.assignment(slug)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name in _SCRIPTS:
            _add(made, name, (_TEMPLATES / name).read_bytes(), 0o755)
        _add(made, "requirements.txt", "".join(f"{line}\n" for line in pinned(NEEDED)).encode(), 0o600)
        settings = {"assignment": slug, "unsafe": unsafe, "late": asdict(late)}
        _add(made, SETTINGS, json.dumps(settings, indent=1).encode(), 0o600)
        _add(made, "course/.autograder/secret", secret(course, slug).encode(), 0o600)
        for name, path in sorted([*_kit(), *_files(assignment)]):
            _add(made, name, path.read_bytes(), 0o600)
    return buffer.getvalue()


def secret(course: Course, slug: str) -> str:
    """The secret that goes with the archive: made from the course's, which it does not tell."""
    return hmac.new(course.seed("gradescope", slug).encode(), b"archive", hashlib.sha256).hexdigest()


def pinned(roots: tuple[str, ...]) -> list[str]:
    """The installed versions of packages and of all that they need here, as lines of requirements."""
    found: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in found:
            continue
        found[name] = version(name).partition("+")[0]  # a local build of a version is not to be had elsewhere
        wanted = (Requirement(text) for text in requires(name) or ())
        waiting += [one.name for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [f"{name}=={found[name]}" for name in sorted(found)]


def _kit() -> Iterator[tuple[str, Path]]:
    """The engine, without any assignment's checks."""
    root = Path(autograder.__file__).parent
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        if path.is_file() and parts[0] != "hidden" and "__pycache__" not in parts:
            yield f"kit/autograder/{'/'.join(parts)}", path


def _files(assignment: Assignment) -> Iterator[tuple[str, Path]]:
    """What grading reads of one assignment: handout, skeletons, reference, checks."""
    handed_out = [
        assignment.folder / name for name in ("handout.md", f"{assignment.slug}.ipynb", f"{assignment.slug}.py")
    ]
    for path in [*handed_out, assignment.solution, *assignment.hidden.rglob("*")]:
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"course/{assignment.shown(path)}", path


def _add(made: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (0o100000 | mode) << 16
    made.writestr(entry, content)
