"""What a grade was made with: each version of an assignment's checks, kept whole; the engine, by its digest."""

import hashlib
import platform
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from autograder.course import Assignment, Course, version_of
from autograder.grading import atomic
from autograder.grading.atomic import KeepError

# What runs when a submission is graded. A test holds that nothing of the engine outside of these is loaded then.
ENGINE = ("course.py", "near.py", "authoring", "checking", "grading", "sandbox", "worker")
_LIBRARIES = ("torch", "numpy")


@lru_cache(maxsize=1)
def engine() -> str:
    """The engine's own code, as a short digest, and the versions of Python and of the libraries that compute."""
    installed = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for part in ENGINE:
        path = installed / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(f"{file.relative_to(installed)}\0".encode() + file.read_bytes())
    libraries = [f"{name} {version(name)}" for name in _LIBRARIES]
    return " ".join([digest.hexdigest()[:16], f"Python {platform.python_version()}", *libraries])


def freeze(course: Course, slug: str) -> Assignment:
    """The assignment as it is now, in a copy that stays; grading uses the copy, so that edits meanwhile do not mix in.

    Raises:
        KeepError: the copy cannot be written.
    """
    sources = course.assignment(slug).read_sources()
    name = version_of(sources)
    kept = _kept(course, slug, name)
    if kept.version != name:
        for path, content in sources.items():
            atomic.write(kept.root / path, [content], course.scratch)
        kept = _kept(course, slug, name)
    if kept.version != name:
        raise KeepError(f"{kept.root} holds files that are not of this version of {slug}; remove that folder.")
    return kept


def frozen(course: Course, slug: str, name: str) -> Assignment:
    """The assignment as it was in this version; `KeepError` where it was not kept or is not what it was."""
    kept = _kept(course, slug, name)
    if kept.version == name:
        return kept
    state = "is damaged" if kept.root.exists() else "is gone"
    raise KeepError(
        f"{slug}: this version of its checks {state} ({kept.root}); it is on the machine that graded with it, in a backup, or "
        "in the history of the course's files."
    )


def _kept(course: Course, slug: str, name: str) -> Assignment:
    return Assignment(course.state / "versions" / name, slug)
