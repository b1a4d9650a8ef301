"""`autograder new`: the files of a new assignment, all of them or none."""

from __future__ import annotations

import importlib.util
import keyword
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from autograder.authoring import AuthoringError
from autograder.authoring.templates import FILES

_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 40  # characters: folders, files and cells are named after it


def new(course_root: Path, slug: str) -> list[str]:
    """Writes the files of a new assignment; returns them, relative to the root, in the order in which to fill them in.

    Raises AuthoringError, and leaves no file behind, where the slug cannot be one, something of that name is there, or a
    file cannot be written.
    """
    _refuse_bad_slug(slug)
    _refuse_what_exists(course_root, slug)
    texts = {name.replace("SLUG", slug): _filled_in(text, slug) for name, text in FILES.items()}
    begun: list[Path] = []
    try:
        for name, text in texts.items():
            path = course_root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                begun.append(path)
                file.write(text)
    except OSError as error:
        _take_back(begun, course_root, slug)
        raise AuthoringError(
            f"{error.filename}: cannot be written ({error.strerror}); nothing was left behind, mend it and try again"
        ) from None
    return list(texts)


def _refuse_bad_slug(slug: str) -> None:
    """A slug names a folder, a Python module that students import, and a pytest file."""
    where = f"{slug!r} cannot name an assignment"
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST:
        raise AuthoringError(
            f"{where}: a slug is a lower-case letter and then lower-case letters, digits and underscores, at most {_LONGEST} "
            "in all; choose one such as a9_weight_decay"
        )
    if keyword.iskeyword(slug):
        raise AuthoringError(f"{where}: it is a word of the Python language; choose another, such as a9_{slug}")
    if slug.startswith("test_") or slug == "conftest":
        raise AuthoringError(f"{where}: pytest would take the student's module for tests; choose another name")
    if slug in sys.stdlib_module_names or importlib.util.find_spec(slug) is not None:
        raise AuthoringError(
            f"{where}: the student's {slug}.py would hide the Python module of that name; choose another, such as a9_{slug}"
        )


def _refuse_what_exists(course_root: Path, slug: str) -> None:
    """Nothing is overwritten, and nothing is mixed with what an older assignment left."""
    for place in _places(course_root, slug):
        if os.path.lexists(place):
            name = place.relative_to(course_root).as_posix()
            raise AuthoringError(f"{name}: exists already; choose another slug, or move it away. Nothing was written")


def _take_back(begun: list[Path], course_root: Path, slug: str) -> None:
    """Removes what was written before it failed, and the folders that are empty then; not what another put there."""
    for path in begun:
        path.unlink(missing_ok=True)
    for folder in [path.parent for path in begun] + list(_places(course_root, slug)):
        with suppress(OSError):  # not empty, not there, or no folder
            folder.rmdir()


def _places(course_root: Path, slug: str) -> Iterator[Path]:
    """The files and folders that belong to one assignment alone."""
    yield course_root / "solutions" / f"{slug}.py"
    yield course_root / "assignments" / slug
    yield course_root / "autograder" / "hidden" / slug


def _filled_in(text: str, slug: str) -> str:
    """A template with the names of this assignment: a9_gradient_clipping is A9 · Gradient clipping."""
    number, _, rest = slug.partition("_")
    words = rest.replace("_", " ").strip().capitalize()
    title = f"{number.upper()} · {words}" if words else slug.capitalize()
    return text.replace("TITLE", title).replace("SLUG", slug)
