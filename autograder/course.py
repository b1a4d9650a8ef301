"""The course on disk: which assignments there are, and where each thing of an assignment lies. The folders are the registry."""

import hashlib
import hmac
import json
import os
import secrets
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.authoring.build import load_handout
from autograder.authoring.handout import Handout
from autograder.grading.atomic import cannot_write
from autograder.near import did_you_mean

INPUT_SETS = 16  # a hard-coded answer is right for one student in as many


class CourseError(Exception):
    """The course on disk is not what it must be; the message names the file and the remedy."""


Forbidden = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]  # name, Python names, operators, exercises


@dataclass(frozen=True)
class Assignment:
    """One assignment: its slug and its files."""

    root: Path
    slug: str

    @property
    def folder(self) -> Path:
        """The handout and what is made from it."""
        return self.root / "assignments" / self.slug

    @property
    def solution(self) -> Path:
        """The reference module."""
        return self.root / "solutions" / f"{self.slug}.py"

    @property
    def hidden(self) -> Path:
        """The folder of hidden checks and catalogue."""
        return self.root / "autograder" / "hidden" / self.slug

    @property
    def checks(self) -> Path:
        """The hidden checks."""
        return self.hidden / f"test_{self.slug}.py"

    @property
    def marking(self) -> Path:
        """How the questions in words are marked; for the instructor."""
        return self.hidden / "marking.md"

    def shown(self, path: Path) -> str:
        """A path as messages name it: from the course's root."""
        return path.relative_to(self.root).as_posix()

    @cached_property
    def handout(self) -> Handout:
        """The parsed handout."""
        return load_handout(self.root, self.slug)

    @cached_property
    def points(self) -> dict[str, float]:
        """Points by exercise, in the order of the handout."""
        return dict(self.handout.exercises)

    @cached_property
    def reference(self) -> str:
        """The text of the reference module."""
        if not self.solution.is_file():
            raise CourseError(f"{self.solution} is missing; write the reference of {self.slug} there.")
        return self.solution.read_text(encoding="utf-8")

    @cached_property
    def margins(self) -> dict[str, dict[str, float | None]]:
        """Spread, gap and tolerance of each check, as measured by `autograder validate --derive`."""
        path = self.hidden / "margins.json"
        try:
            return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except ValueError as error:
            raise CourseError(
                f"{self.shown(path)}: is not JSON ({error}); run `autograder validate --derive`"
            ) from None

    @cached_property
    def forbidden(self) -> tuple[Forbidden, ...]:
        """The built-ins that are the exercise."""
        path = self.hidden / "forbidden.toml"
        if not path.is_file():
            return ()
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8")).get("forbidden", [])
            return tuple(
                (
                    row["name"],
                    tuple(row.get("python", ())),
                    tuple(row.get("operators", ())),
                    tuple(row.get("exercises", ())),
                )
                for row in rows
            )
        except (ValueError, KeyError) as error:
            raise CourseError(
                f"{self.shown(path)}: cannot be read ({error}); a [[forbidden]] has a name and lists python, operators, exercises"
            ) from None

    @property
    def sources(self) -> list[Path]:
        """The files that a grade depends on, beside the submission, its seed and the engine: reference, checks, handout."""
        left_out = {self.marking, self.hidden / "pictures.py"}
        hidden = [path for path in sorted(self.hidden.rglob("*.*")) if path not in left_out]
        given = [self.folder / name for name in ("handout.md", f"{self.slug}.ipynb", f"{self.slug}.py")]
        apart = ("styles", "__pycache__")
        files = [path for path in hidden if not any(part in apart for part in path.relative_to(self.hidden).parts)]
        return [path for path in (self.solution, *files, *given) if path.is_file()]

    def read_sources(self) -> dict[str, bytes]:
        """The bytes of these files by their paths from the course's root."""
        return {self.shown(path): path.read_bytes() for path in self.sources}

    @cached_property
    def version(self) -> str:
        """A digest of these files."""
        return version_of(self.read_sources())


def version_of(sources: dict[str, bytes]) -> str:
    """The version of an assignment whose sources are these."""
    digest = hashlib.sha256()
    for name, content in sorted(sources.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


@dataclass(frozen=True)
class Course:
    """A course: its root folder."""

    root: Path

    @cached_property
    def assignments(self) -> dict[str, Assignment]:
        """Assignments by slug, in the order of their names."""
        handouts = sorted((self.root / "assignments").glob("*/handout.md"))
        return {path.parent.name: Assignment(self.root, path.parent.name) for path in handouts}

    def assignment(self, slug: str) -> Assignment:
        """The assignment of this slug; `CourseError` where there is none."""
        if slug not in self.assignments:
            known = ", ".join(self.assignments) or "none"
            meant = did_you_mean(slug, self.assignments)
            raise CourseError(f"There is no assignment {slug!r}{meant} in {self.root}; known: {known}.")
        return self.assignments[slug]

    @property
    def state(self) -> Path:
        """What the grader keeps on this machine: the secret, records, caches. Not committed."""
        return self.root / ".autograder"

    @property
    def scratch(self) -> Path:
        """Where files of `state` are written before they are put in their places."""
        return self.state / "parts"

    def seed(self, student: str, slug: str) -> str:
        """The seed of a student's checks, 32 hexadecimal digits: one of the `INPUT_SETS` of the assignment.

        Which one is HMAC(course secret, student, assignment) modulo their number; the seed is HMAC(course secret, its number,
        assignment). Students who share a seed share the reference's answers, which are computed once.
        """
        number = int.from_bytes(self._code(student, slug), "big") % INPUT_SETS
        return self._code(str(number), slug).hex()[:32]

    def _code(self, *about: str) -> bytes:
        return hmac.new(self._secret(), "\0".join(about).encode(errors="surrogateescape"), hashlib.sha256).digest()

    def _secret(self) -> bytes:
        """The course secret: UNSTUCK_SECRET, or a file made at first use that only its owner reads."""
        if given := os.environ.get("UNSTUCK_SECRET"):
            return given.encode()
        path = self.state / "secret"
        try:
            if not path.exists():
                _make_secret(path)
            secret = path.read_bytes().strip()
        except OSError as error:
            raise cannot_write(path, error) from None
        if not secret:
            raise CourseError(
                f"{path} is empty; take the course secret from a backup, or remove the file (every seed then changes)."
            )
        return secret


def _make_secret(path: Path) -> None:
    """Makes a secret, unless another process is first, whose secret then holds."""
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_name(f"secret.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()


def find_course(start: Path | None = None) -> Course:
    """The course that a folder lies in, searching upward from `start` (the working folder by default)."""
    here = (start or Path.cwd()).resolve()
    for folder in [here, *here.parents]:
        if (folder / "assignments").is_dir() and (folder / "solutions").is_dir():
            return Course(folder)
    raise CourseError(
        f"{here} is not in a course: no folder above it holds assignments/ and solutions/. Use --course FOLDER."
    )


def check_seed(seed: str, check: str) -> int:
    """The seed of one check's inputs."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{check}".encode()).digest()[:8], "little") >> 1
