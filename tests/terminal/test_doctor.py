"""`autograder doctor`: what it says of a machine that can grade, and of each thing that can be missing or wrong."""

import errno
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tiny_course
from nbgrader.api import Gradebook

from autograder import cli
from autograder.course import Course
from autograder.doctor import course as course_part
from autograder.doctor import installed as installed_part
from autograder.doctor.course import of_course, of_machine
from autograder.doctor.finding import Finding
from autograder.doctor.installed import installed
from autograder.doctor.sandboxed import sandboxed
from autograder.sandbox import sandbox as sandbox_module
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.zygote import SandboxError

SLUG = tiny_course.SLUG


@pytest.fixture(autouse=True)
def nothing_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No nbgrader settings but the course's, no secret from the environment, one thread."""
    monkeypatch.setattr("autograder.carrier.gradebook.jupyter_config_path", lambda: [str(tmp_path / "jupyter")])
    monkeypatch.delenv("UNSTUCK_SECRET", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def in_one_sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session's sandbox in the place of a new one."""
    monkeypatch.setattr(sandbox_module, "Sandbox", lambda root: nullcontext(sandbox))


def named(findings: Iterable[Finding], name: str) -> Finding:
    """The one finding of this name."""
    [one] = [one for one in findings if one.name == name]
    return one


def wrong(findings: Iterable[Finding], name: str, state: str, said: str, do: str, *, stops: bool) -> None:
    """Asserts what is said of a thing that is not ok."""
    one = named(findings, name)
    assert (one.state, one.stops) == (state, stops), one
    assert said in one.said
    assert do in one.do


# The command


def test_where_all_is_there_grading_can_work(
    course: Course, in_one_sandbox: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0; each layer, the self-test, the simulated device and the assignment are ok; the table says so."""
    assert cli.main(["--course", str(course.root), "doctor", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["can_grade"] is True
    states = {one["name"]: one["state"] for one in document["findings"]}
    for name in ("Python", "torch", "nbgrader", "landlock", "seccomp", "rlimits", "self-test", "simulated", SLUG):
        assert states[name] == "ok", name
    assert cli.main(["--course", str(course.root), "doctor"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^  ok +self-test +a confined worker", out, re.M)
    assert out.endswith("Grading can work here.\n")
    assert not re.search(r"[ \t]$", out, re.M)


def test_it_changes_nothing_in_the_course(course: Course) -> None:
    """No secret, no record, no gradebook, no cache of the sandbox is made."""
    before = sorted(course.root.rglob("*"))
    assert cli.main(["--course", str(course.root), "doctor", "--json"]) == 0
    assert [path for path in sorted(course.root.rglob("*")) if path not in before] == []


def test_outside_a_course_it_looks_at_the_machine(
    in_one_sandbox: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1: the folder is named, with --course; the rest is looked at as ever."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert f"{tmp_path} is not in a course: go into the course folder, or name it: --course FOLDER" in out
    assert "self-test" in out
    assert out.endswith("Nothing can be graded before this is mended: folder.\n")


def test_what_it_cannot_do_without_is_named(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In an environment without the packages: exit code 1, the first that is missing and how to install all."""
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)
    monkeypatch.delitem(sys.modules, "autograder.doctor.installed")
    monkeypatch.delattr("autograder.doctor.installed")
    assert cli.main(["--course", str(course.root), "doctor"]) == 1
    said = capsys.readouterr().err
    assert "the package packaging.requirements is not installed; run `pip install --editable .`" in said


# What is installed


def versions(**known: str | None) -> Callable[[str], str]:
    """`importlib.metadata.version`, where other versions are installed, or none."""

    def version(name: str) -> str:
        found = known.get(name, "9999")
        if found is None:
            raise PackageNotFoundError(name)
        return found

    return version


def test_a_needed_package_that_is_missing_or_old_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch is not there, numpy too old: both say what to run."""
    monkeypatch.setattr(installed_part, "version", versions(torch=None, numpy="1.20"))
    found = list(installed())
    wrong(found, "torch", "missing", "is not installed", "pip install --editable .", stops=True)
    wrong(found, "numpy", "problem", "1.20, needed is >=", "pip install --editable .", stops=True)


def test_an_optional_package_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Dask there is no cluster; without psycopg2 no PostgreSQL; the extra is named."""
    names = {"distributed": None, "psycopg2-binary": "2.0", "playwright": None}
    monkeypatch.setattr(installed_part, "version", versions(**names))
    found = list(installed())
    wrong(found, "distributed", "missing", "only for grading on a cluster", "'.[cluster]'", stops=False)
    wrong(found, "psycopg2-binary", "problem", "2.0, needed is >=", "'.[postgresql]'", stops=False)
    wrong(found, "playwright", "missing", "own tests", "'.[dev]'", stops=False)


def test_programs_are_looked_for_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an empty PATH there is none, which stops nothing; one that is there is named with its place."""
    monkeypatch.setattr(installed_part, "_MORE_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("chromium", "PostgreSQL", "tmux"):
        wrong(installed(), name, "missing", "is not on PATH", "install it", stops=False)
    (tmp_path / "tmux").touch(mode=0o755)
    assert named(installed(), "tmux").said == str(tmp_path / "tmux")


def test_an_old_python_stops(tmp_path: Path) -> None:
    """The range is that of pyproject.toml; without the file the kit is not whole."""
    text = installed_part.PROJECT.read_text(encoding="utf-8")
    other = tmp_path / "pyproject.toml"
    wrong(installed(other), "kit", "problem", "is missing", "checkout", stops=True)
    other.write_text(text.replace('requires-python = ">=3.11"', 'requires-python = ">=9"'), encoding="utf-8")
    wrong(installed(other), "Python", "problem", "needed is >=9", "newer Python", stops=True)


# Isolation and devices


class Broken:
    """A sandbox in which some things do not work."""

    devices = ("simulated", "cuda")

    def __init__(self, *broken: str, escapes: tuple[str, ...] = ()) -> None:
        self.zygote = self
        self._broken = broken
        self._escapes = escapes

    def fork(self, needs: Any = None, *, cuda: bool = False, layers: tuple[str, ...] | None = None) -> Any:
        """A worker, unless what it needs is broken."""
        asked = [*(layers or ()), *(["simulated"] if needs is not None else []), *(["cuda"] if cuda else [])]
        if failing := [name for name in asked if name in self._broken]:
            raise SandboxError(
                f"A worker could not be confined ({failing[0]}: refused). Nothing was graded. --unsafe …"
            )
        return SimpleNamespace(end=lambda: None)

    def escapes(self) -> list[str]:
        """What its worker can do."""
        return list(self._escapes)


def looked_at(one: Broken, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What is found where this is the sandbox."""
    monkeypatch.setattr(sandbox_module, "Sandbox", lambda root: nullcontext(one))
    return list(sandboxed(None))


@pytest.mark.parametrize(
    ("layer", "remedy"), [("landlock", "lsm=landlock"), ("seccomp", "CONFIG_SECCOMP_FILTER"), ("rlimits", "ulimit")]
)
def test_a_layer_that_does_not_work_stops(layer: str, remedy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named with the kernel's reason; the others are tried too; the self-test is left out."""
    found = looked_at(Broken(layer), monkeypatch)
    wrong(found, layer, "problem", f"A worker could not be confined ({layer}: refused)", remedy, stops=True)
    assert [one.name for one in found if one.stops] == [layer]
    assert "self-test" not in {one.name for one in found}
    assert not any("--unsafe" in one.said for one in found)


def test_a_worker_that_escapes_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it could do is said."""
    found = looked_at(Broken(escapes=("reads files", "opens sockets")), monkeypatch)
    wrong(found, "self-test", "problem", "a confined worker reads files, opens sockets", "Linux 5.13", stops=True)


def test_devices_that_do_not_work_stop_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulated device with another torch; a GPU that a confined worker cannot reach. Both ok where they work."""
    found = looked_at(Broken("simulated", "cuda"), monkeypatch)
    wrong(found, "simulated", "problem", "refused", "requirements.txt", stops=False)
    wrong(found, "cuda", "problem", "refused", "--device cpu", stops=False)
    found = looked_at(Broken(), monkeypatch)
    assert [named(found, name).state for name in ("cpu", "simulated", "cuda")] == ["ok"] * 3


def test_a_machine_without_a_gpu_is_told_so(in_one_sandbox: None) -> None:
    """Which stops nothing."""
    wrong(sandboxed(None), "cuda", "missing", "torch sees no CUDA device", "GPU", stops=False)


def test_a_course_that_workers_may_read_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox refuses it, and its reason is passed on."""
    monkeypatch.setattr(sandbox_module, "readable_folders", lambda: [str(tmp_path)])
    wrong(sandboxed(tmp_path), "workers", "problem", "student code may read; move the course", "mend that", stops=True)


def test_a_torch_that_cannot_be_loaded_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import's reason is passed on."""
    monkeypatch.setitem(sys.modules, "autograder.sandbox.sandbox", None)
    wrong(sandboxed(None), "workers", "problem", "torch cannot be loaded", "install torch anew", stops=True)


def test_no_room_for_temporary_files_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TMPDIR names a folder that is not there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    wrong(sandboxed(None), "temporary files", "problem", "gone", "TMPDIR", stops=True)


# The course


def test_a_course_without_assignments_stops(tmp_path: Path) -> None:
    """There is nothing to grade."""
    wrong(of_course(Course(tmp_path)), "assignments", "missing", "there is none", "autograder new", stops=True)


def test_an_assignment_without_its_checks_stops(course: Course) -> None:
    """The files that it lacks are named."""
    course.assignment(SLUG).checks.unlink()
    wrong(
        of_course(course),
        SLUG,
        "missing",
        f"lacks autograder/hidden/{SLUG}/test_{SLUG}.py",
        "version control",
        stops=True,
    )


def test_an_assignment_that_cannot_be_built_stops(course: Course) -> None:
    """The builder's message is passed on."""
    course.assignment(SLUG).solution.write_text("def step(:", encoding="utf-8")
    wrong(of_course(course), SLUG, "problem", f"solutions/{SLUG}.py", "autograder build", stops=True)


def test_a_stale_file_is_named(course: Course) -> None:
    """Grading still works."""
    made = course.assignment(SLUG).folder / f"{SLUG}.py"
    made.write_text("", encoding="utf-8")
    wrong(of_course(course), SLUG, "problem", f"{SLUG}.py", f"autograder build {SLUG}", stops=False)


def test_the_secret_is_looked_at(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not made yet, its owner's only, everybody's, empty, not to be read, or from the environment."""
    secret = course.state / "secret"
    assert "is made" in named(of_course(course), "secret").said
    course.seed("ada", SLUG)
    assert named(of_course(course), "secret").said == f"{secret}, for its owner only"
    secret.chmod(0o644)
    wrong(of_course(course), "secret", "problem", "can be read by others", f"chmod 600 {secret}", stops=False)
    secret.write_text("\n", encoding="utf-8")
    wrong(of_course(course), "secret", "problem", "is empty", "backup", stops=True)
    secret.unlink()
    secret.mkdir()
    wrong(of_course(course), "secret", "problem", "cannot be read", "readable", stops=True)
    monkeypatch.setenv("UNSTUCK_SECRET", "x")
    assert named(of_course(course), "secret").said == "from UNSTUCK_SECRET"


def test_a_folder_of_records_that_cannot_be_written_stops(course: Course) -> None:
    """A file stands where the grader keeps what it records."""
    assert named(of_course(course), "records").state == "ok"
    course.state.write_text("", encoding="utf-8")
    wrong(of_course(course), "records", "problem", "cannot be written", "remove the file", stops=True)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [(errno.EACCES, "make the folder writable"), (errno.EROFS, "make that disk writable"), (errno.ENOSPC, "make room")],
)
def test_each_reason_not_to_write_has_its_remedy(
    code: int, remedy: str, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that may only be read, a disk that may only be read, a full one."""

    def refuse(**_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(course_part.tempfile, "TemporaryFile", refuse)
    wrong(of_course(course), "records", "problem", os.strerror(code), remedy, stops=True)


# nbgrader


def configure(course: Course, text: str) -> None:
    """Writes the course's nbgrader settings."""
    (course.root / "nbgrader_config.py").write_text(f"c = get_config()\n{text}\n", encoding="utf-8")


def test_without_nbgraders_settings_grading_works(course: Course) -> None:
    """No settings, no exchange and no gradebook are each said with their remedy, and stop nothing."""
    found = list(of_course(course))
    wrong(found, "nbgrader_config.py", "missing", str(course.root), "take the kit's", stops=False)
    wrong(found, "exchange", "missing", "no folder is set", "c.Exchange.root", stops=False)
    wrong(found, "gradebook", "missing", "there is none yet", "nbgrader generate_assignment", stops=False)


def test_settings_that_cannot_be_run_are_named(course: Course) -> None:
    """The line's error is passed on."""
    configure(course, "c.Exchange.root = no_such_name")
    wrong(of_course(course), "nbgrader_config.py", "problem", "no_such_name", "mend it", stops=False)


def test_an_nbgrader_that_cannot_be_loaded_is_named(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The import's reason is passed on."""
    monkeypatch.setitem(sys.modules, "autograder.carrier.gradebook", None)
    wrong(of_course(course), "nbgrader", "problem", "cannot be loaded", "install it anew", stops=False)


def test_the_exchange_is_looked_at(course: Course, tmp_path: Path) -> None:
    """A folder that is not there, one that only its owner may write to, a good one, another kind of exchange."""
    exchange = tmp_path / "exchange"
    configure(course, f"c.Exchange.root = {str(exchange)!r}")
    wrong(of_course(course), "exchange", "missing", "is no folder", f"mkdir -p {exchange}", stops=False)
    exchange.mkdir(mode=0o755)
    wrong(of_course(course), "exchange", "problem", "not every account", f"chmod a+rwx {exchange}", stops=False)
    exchange.chmod(0o777)
    assert named(of_course(course), "exchange").state == "ok"
    configure(course, "c.ExchangeFactory.exchange = 'elsewhere.Exchange'")
    assert "elsewhere.Exchange" in named(of_course(course), "exchange").said


def test_the_gradebook_is_opened(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many students it knows; one that is no database, or does not answer, is said to be so."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # nbgrader calls `alembic`
    configure(course, "")
    path = course.root / "gradebook.db"
    with Gradebook(f"sqlite:///{path}") as book:
        book.add_student("ada")
    assert named(of_course(course), "gradebook").said == "1 students, 0 assignments"
    path.write_text("no database at all\n" * 100, encoding="utf-8")
    wrong(of_course(course), "gradebook", "problem", "not a database", "Try again", stops=False)
    path.unlink()
    configure(course, "c.CourseDirectory.db_url = 'postgresql+psycopg2://ada@127.0.0.1:1/none'")
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    wrong(of_course(course), "gradebook", "problem", "psycopg2", "'.[postgresql]'", stops=False)


def test_a_gradebook_that_needs_another_program_names_it(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader calls `alembic` for a database that is new."""
    configure(course, "")
    (course.root / "gradebook.db").touch()
    monkeypatch.setenv("PATH", str(course.root))
    wrong(of_course(course), "gradebook", "problem", "alembic", "PATH", stops=False)


# The machine


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little room is a problem, none stops."""
    for free, stops in ((course_part.ROOM - 1, False), (0, True)):
        monkeypatch.setattr(course_part.shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        wrong(of_machine(tmp_path), "disk", "problem", "GiB free", "make room", stops=stops)


def test_processors_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process for each that this session may use."""
    monkeypatch.setattr(course_part.os, "cpu_count", lambda: 8)
    monkeypatch.setattr(course_part.os, "sched_getaffinity", lambda _: {0, 1})
    said = named(of_machine(tmp_path), "processors").said
    assert "2 of 8" in said
    assert "takes 2 processes" in said
