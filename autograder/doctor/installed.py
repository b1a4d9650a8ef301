"""What is installed: Python, the packages that pyproject.toml names, programs that a part of the kit uses."""

import os
import platform
import shutil
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from autograder.doctor.finding import Finding, missing, ok, problem

PART = "installed"
PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
# What is looked for of the optional packages, by the extra that brings it, and what it is for.
_OPTIONAL = {
    "distributed": ("cluster", "grading on a cluster"),
    "psycopg2-binary": ("postgresql", "a gradebook in PostgreSQL"),
    "playwright": ("dev", "the kit's own tests in a browser"),
}
_JUPYTER = ("jupyterlab", "notebook")  # nbgrader brings them and says which
_PROGRAMS = {
    "chromium": (("chromium", "chromium-browser", "google-chrome"), "the kit's own tests in a browser"),
    "PostgreSQL": (("initdb",), "the kit's own tests of a gradebook in PostgreSQL; a server elsewhere needs none here"),
    "tmux": (("tmux",), "the kit's own tests in a terminal"),
}
_MORE_FOLDERS = ("/usr/lib/postgresql/*/bin",)  # where Debian has PostgreSQL's programs


def installed(project: Path = PROJECT) -> Iterator[Finding]:
    """A finding for Python, each package and each program."""
    if not project.is_file():
        yield problem(PART, "kit", f"{project} is missing", "take the whole kit: the checkout is its home", stops=True)
        return
    told = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    yield _python(SpecifierSet(told["requires-python"]))
    for text in told["dependencies"]:
        yield _package(Requirement(text), "", "")
    for name in _JUPYTER:
        yield _package(Requirement(name), "", "")
    extras = told["optional-dependencies"]
    for name, (extra, use) in _OPTIONAL.items():
        yield from (_package(one, extra, use) for one in map(Requirement, extras[extra]) if one.name == name)
    for name, (programs, use) in _PROGRAMS.items():
        yield _program(name, programs, use)


def _python(needed: SpecifierSet) -> Finding:
    here = platform.python_version()
    if needed.contains(here, prereleases=True):
        return ok(PART, "Python", f"{here} (needed: {needed})")
    return problem(PART, "Python", f"{here}, needed is {needed}", "make .venv with a newer Python", stops=True)


def _package(needed: Requirement, extra: str, use: str) -> Finding:
    """A package: needed for grading, or where an extra brings it for `use` only."""
    remedy = f"pip install --editable '.[{extra}]'" if extra else "pip install --editable ."
    remedy = f"run `{remedy}` in the kit's folder, with its .venv active"
    try:
        here = version(needed.name)
    except PackageNotFoundError:
        said = f"is not installed; only for {use}" if use else "is not installed"
        return missing(PART, needed.name, said, remedy, stops=not use)
    if needed.specifier.contains(here, prereleases=True):
        return ok(PART, needed.name, here + (f" (needed: {needed.specifier})" if needed.specifier else ""))
    return problem(PART, needed.name, f"{here}, needed is {needed.specifier}", remedy, stops=not use)


def _program(name: str, programs: tuple[str, ...], use: str) -> Finding:
    more = sorted(str(folder) for pattern in _MORE_FOLDERS for folder in Path("/").glob(pattern[1:]))
    where = os.pathsep.join([os.environ.get("PATH", ""), *more])
    for program in programs:
        if found := shutil.which(program, path=where):
            return ok(PART, name, found)
    return missing(
        PART, name, f"is not on PATH; only for {use}", "install it with the system's packages if you want that"
    )
