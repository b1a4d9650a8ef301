"""`autograder new` writes an assignment that builds and grades at once, and of which `validate` says what is missing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from autograder import cli
from autograder.authoring import AuthoringError
from autograder.authoring.new import new
from autograder.authoring.templates import FILES
from autograder.proof import validate
from autograder.sandbox.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
SLUG = "n1_weight_decay"
WRITTEN = {name.replace("SLUG", SLUG) for name in FILES}
MARGINS = f"autograder/hidden/{SLUG}/margins.json"
STYLES = f"autograder/hidden/{SLUG}/styles"
MISTAKES = f"autograder/hidden/{SLUG}/mistakes.py"

Run = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course without any assignment."""
    for name in ("assignments", "solutions"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def run(course: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `autograder` in the course; gives the exit code, what it printed, and its complaints."""
    monkeypatch.setattr(validate, "Sandbox", lambda root, device: nullcontext(sandbox))

    def ran(*arguments: str) -> tuple[int, str, list[str]]:
        capsys.readouterr()
        code = cli.main(["--course", str(course), *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err.splitlines()

    return ran


def files(root: Path) -> set[str]:
    """Every file beneath a folder, by its path from there."""
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()}


def test_what_is_written_is_said(course: Path, run: Run) -> None:
    """The files, one a line, and the commands that come next; exit code 0, and nothing else is there."""
    code, said, complaints = run("new", SLUG)
    assert (code, complaints) == (0, [])
    assert files(course) == WRITTEN == set(said.splitlines()[:-2])
    assert f"autograder build {SLUG}" in said
    assert f"autograder validate {SLUG}" in said


def test_a_new_assignment_is_proved_but_for_what_is_still_to_be_written(course: Path, run: Run) -> None:
    """It builds at once; validate asks for tolerances and styles, then for mistakes, and for nothing else."""
    run("new", SLUG)
    assert run("build", SLUG)[0] == 0
    code, _, complaints = run("validate", SLUG)
    remedy = "run `autograder validate --derive`"
    assert code == 1
    assert complaints == [
        f"refused: {MARGINS}: shrink/takes_the_share_away has no tolerance; {remedy}",
        f"refused: {MARGINS}: shrink/refuses_a_share_that_is_none has no tolerance; {remedy}",
        f"refused: {STYLES}: holds 1 styles; write 5 correct modules in other styles",
    ]
    for number in range(4):
        shutil.copy(course / STYLES / "subtracting.py", course / STYLES / f"copy_{number}.py")
    code, _, complaints = run("validate", SLUG, "--derive")
    assert code == 1
    assert complaints == [f"refused: {MISTAKES}: holds 2 mistakes; write at least 20"]


def test_the_new_example_can_be_graded(course: Path, run: Run) -> None:
    """The example's style earns all 20 points, its skeleton none."""
    run("new", SLUG)
    run("build", SLUG)
    inbox = course / "inbox"
    for student, source in (
        ("right", course / STYLES / "subtracting.py"),
        ("empty", course / f"assignments/{SLUG}/{SLUG}.py"),
    ):
        (inbox / student).mkdir(parents=True)
        shutil.copy(source, inbox / student / f"{SLUG}.py")
    code, said, _ = run("grade", str(inbox / "right"), str(inbox / "empty"), "--assignment", SLUG, "--jobs", "1")
    assert code == 0
    assert "20/20" in said
    assert "0/20" in said.replace("20/20", "")


@pytest.mark.parametrize("slug", [SLUG, "n2", "n" * 40], ids=["usual", "short", "longest"])
def test_new_files_satisfy_the_linter(course: Path, run: Run, slug: str) -> None:
    """What `new` writes is formatted and linted as this repository is, whatever the slug's length."""
    run("new", slug)
    ruff = Path(sys.executable).with_name("ruff")
    settings = ("--no-cache", "--config", str(ROOT / "pyproject.toml"))
    for command in (("check",), ("format", "--check")):
        done = subprocess.run(
            [ruff, *command, *settings, str(course)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("slug", "title"),
    [(SLUG, "N1 · Weight decay"), ("n2", "N2"), ("weights", "Weights")],
    ids=["two parts", "a number", "a word"],
)
def test_the_title_is_made_of_the_slug(course: Path, slug: str, title: str) -> None:
    """A handout begins with its title, and no placeholder is left in any file."""
    new(course, slug)
    texts = {name: (course / name).read_text(encoding="utf-8") for name in files(course)}
    assert texts[f"assignments/{slug}/handout.md"].startswith(f"# {title}\n")
    assert not [name for name, text in texts.items() if "SLUG" in text or "TITLE" in text]


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("", "a slug is a lower-case letter and then"),
        ("A9_Clipping", "a slug is a lower-case letter and then"),
        ("9_clipping", "a slug is a lower-case letter and then"),
        ("_clipping", "a slug is a lower-case letter and then"),
        ("a9-clipping", "a slug is a lower-case letter and then"),
        ("a9 clipping", "a slug is a lower-case letter and then"),
        ("a9_überlauf", "a slug is a lower-case letter and then"),
        ("a9_clipping\n", "a slug is a lower-case letter and then"),
        ("../a9_clipping", "a slug is a lower-case letter and then"),
        ("a9/clipping", "a slug is a lower-case letter and then"),
        ("a9_clipping.py", "a slug is a lower-case letter and then"),
        ("n" * 41, "at most 40"),
        ("lambda", "a word of the Python language; choose another, such as a9_lambda"),
        ("test_clipping", "would take the student's module for tests"),
        ("conftest", "would take the student's module for tests"),
        ("torch", "would hide the Python module of that name; choose another, such as a9_torch"),
        ("statistics", "would hide the Python module of that name; choose another, such as a9_statistics"),
    ],
)
def test_a_bad_slug_is_refused(course: Path, run: Run, slug: str, said: str) -> None:
    """The reason and what to choose instead, exit code 2, no file."""
    code, _, complaints = run("new", slug)
    assert code == 2
    assert complaints[0].startswith(f"autograder: {slug!r} cannot name an assignment: ")
    assert said in "\n".join(complaints)
    assert files(course) == set()


@pytest.mark.parametrize(
    "place", [f"solutions/{SLUG}.py", f"assignments/{SLUG}/{SLUG}.ipynb", f"autograder/hidden/{SLUG}/notes.txt"]
)
def test_nothing_is_overwritten(course: Path, run: Run, place: str) -> None:
    """Where any file or folder of that name is there already, it is named, stays as it was, and nothing is written."""
    (course / place).parent.mkdir(parents=True, exist_ok=True)
    (course / place).write_text("precious", encoding="utf-8")
    code, _, [complaint] = run("new", SLUG)
    named = place if place.endswith(".py") else place.rpartition("/")[0]
    assert code == 2
    assert complaint == (
        f"autograder: {named}: exists already; choose another slug, or move it away. Nothing was written"
    )
    assert files(course) == {place}
    assert (course / place).read_text(encoding="utf-8") == "precious"


def test_a_link_that_leads_nowhere_is_no_free_place(course: Path, run: Run) -> None:
    """Nothing is written through a dangling link."""
    (course / f"solutions/{SLUG}.py").symlink_to(course / "elsewhere.py")
    assert run("new", SLUG)[0] == 2
    assert not (course / "elsewhere.py").exists()


def test_a_failure_half_way_leaves_nothing(course: Path, run: Run) -> None:
    """Where a folder cannot be made, the files before it are taken back, and the message names the culprit."""
    (course / "autograder").write_text("a file where a folder must be", encoding="utf-8")
    code, _, [complaint] = run("new", SLUG)
    assert code == 2
    assert complaint.startswith(f"autograder: {course / 'autograder'}")
    assert "cannot be written" in complaint
    assert "nothing was left behind" in complaint
    assert files(course) == {"autograder"}
    assert os.listdir(course / "assignments") == []


def test_what_another_put_there_meanwhile_is_kept(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that appears between the look and the writing is neither overwritten nor taken back."""
    late = course / f"assignments/{SLUG}/handout.md"

    def appears(root: Path, slug: str) -> None:
        late.parent.mkdir(parents=True)
        late.write_text("precious", encoding="utf-8")

    monkeypatch.setattr("autograder.authoring.new._refuse_what_exists", appears)
    with pytest.raises(AuthoringError, match=r"handout\.md: cannot be written \(File exists\)"):
        new(course, SLUG)
    assert files(course) == {f"assignments/{SLUG}/handout.md"}
    assert late.read_text(encoding="utf-8") == "precious"


def test_outside_a_course_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no course is, none is begun: exit code 2, and what makes a folder a course."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", SLUG]) == 2
    assert "no folder above it holds assignments/ and solutions/. Use --course FOLDER." in capsys.readouterr().err
    assert files(tmp_path) == set()


@pytest.mark.parametrize(
    ("slugs", "said"),
    [([], "the following arguments are required: NAME"), ([SLUG, "another"], "unrecognized arguments: another")],
    ids=["none", "two"],
)
def test_one_slug_is_asked_for(slugs: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """None or two are wrong usage: exit code 2, and what is wrong."""
    with pytest.raises(SystemExit) as left:
        cli.main(["new", *slugs])
    assert left.value.code == 2
    assert said in capsys.readouterr().err
