"""The loop of a student with a released folder: run, read, mend, run again; in a terminal and in the notebook."""

import json
import linecache
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course
import torch
from tiny_course import SLUG

from autograder.authoring.build import student_files
from autograder.student_kit import unstuck

Run = Callable[..., str]
RIGHT = (
    "import torch\n\n\ndef step(x, slope, rate):\n    return x - rate * slope\n\n\n"
    "def walk(start, slopes, rate):\n    return start.expand(len(slopes) + 1)\n"
)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What students of the tiny course receive."""
    return student_files(tiny_course.write(tmp_path_factory.mktemp("tiny"), few=True), SLUG)


@pytest.fixture
def folder(released: dict[str, bytes], tmp_path: Path) -> Path:
    """A student's copy of it."""
    for name, content in released.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def visible(folder: Path, *arguments: str) -> str:
    """What `python -W error -m pytest` says there, without a display; it prints nothing on stderr."""
    environment = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "HOME": str(folder), "TERM": "dumb"}
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


def test_the_skeleton_reads_as_in_the_notebook(folder: Path) -> None:
    """Each check in a sentence and with what to do; then how far one is, in the place of a list of failures."""
    said = visible(folder)
    assert "not written yet: One step goes against the slope." in said
    assert "    step is not written yet: put your code in place of `raise NotImplementedError(...)`." in said
    assert "0 of 20 points visible so far; next: step" in said
    assert "short test summary" not in said
    assert "warning" not in said.lower()
    assert "Traceback" not in said


def test_half_done_is_counted(folder: Path) -> None:
    """The points of an exercise whose visible checks all pass, and the exercise that comes next."""
    (folder / f"{SLUG}.py").write_text(RIGHT.split("def walk")[0], encoding="utf-8")
    said = visible(folder, "-q")
    assert "14 of 20 points visible so far; next: walk" in said
    assert f"walk is not in {SLUG}.py: put your code" in said


def test_all_right_is_said_and_what_that_means(folder: Path) -> None:
    """The visible checks show the way; hidden ones decide."""
    (folder / f"{SLUG}.py").write_text(RIGHT, encoding="utf-8")
    said = visible(folder, "-q")
    assert "20 of 20 points visible so far: all visible checks pass. Hidden ones decide the grade." in said
    assert "2 passed" in said


def test_a_part_of_the_checks_is_no_progress(folder: Path) -> None:
    """Where only some were asked for, nothing is counted."""
    (folder / f"{SLUG}.py").write_text(RIGHT, encoding="utf-8")
    assert "visible so far" not in visible(folder, "-k", "one_step")


def test_pytest_s_own_traceback_can_be_had(folder: Path) -> None:
    """Whoever asks for it gets it, and pytest's own list."""
    said = visible(folder, "--tb=long", "-ra")
    assert 'raise NotImplementedError("step is not written yet")' in said
    assert "short test summary" in said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "return (x - rate * slope).double()",
            ["got       2.5 (shape (), float64)", "expected  2.5 (shape (), float32)"],
        ),
        ("return (x - rate * slope)[None]", ["got       [2.5] (shape (1,), float32)"]),
        ("return float(x - rate * slope)", ["got       2.5 (float)", "expected  a tensor: 2.5 (shape (), float32)"]),
        ("return (x - rate * slope).numpy()", ["float32", "expected  a tensor: 2.5"]),
        ("return x / 0", ["got       inf (shape (), float32)"]),
        ("return (x - rate * slope, x)", ["got       [2.5 (shape (), float32), 3 (shape (), float32)] (a tuple of 2)"]),
        ("return x @ slope", ["your code raised RuntimeError: ", "at        step, line 5: return x @ slope"]),
        ("return y", ["could not run: One step", "name 'y' is not defined", "at        step, line 5: return y"]),
    ],
)
def test_a_mistake_reads_called_got_expected_why(body: str, said: list[str]) -> None:
    """Shape and dtype are always there; an exception names the student's own line."""
    source = RIGHT.replace("return x - rate * slope", body)
    found: dict[str, Callable[..., object]] = {}
    exec(compile(source, "t1_tiny.py", "exec"), found)
    linecache.cache["t1_tiny.py"] = (len(source), None, source.splitlines(keepends=True), "t1_tiny.py")

    def test_one_step() -> None:
        """One step goes against the slope."""
        got = found["step"](torch.tensor(3.0), torch.tensor(2.0), 0.25)
        unstuck.assert_close("step(3, 2, 0.25)", got, torch.tensor(2.5), "3 − 0.25 · 2")

    with pytest.raises(Exception) as caught:  # whatever the student's code raises
        test_one_step()
    told, _ = unstuck._told(test_one_step, caught.value)
    for line in said:
        assert line in told


def test_the_notebook_s_checks_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """The same lines, and after each cell how far one is; what passed before counts until it fails."""

    def good() -> None:
        """One is one."""

    def bad() -> None:
        """One is two."""
        unstuck.assert_close("one()", torch.ones(1), torch.full((1,), 2.0), "counting")

    unstuck.begin(step=14, walk=6)
    unstuck.run_checks(good, exercise="step")
    assert capsys.readouterr().out == "passed: One is one.\n14 of 20 points visible so far; next: walk\n"
    unstuck.run_checks(good, exercise="walk")
    assert capsys.readouterr().out.endswith(
        "20 of 20 points visible so far: all visible checks pass. Hidden ones decide the grade.\n"
    )
    with pytest.raises(unstuck.ChecksFailed):
        unstuck.run_checks(bad, exercise="step")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["FAILED: One is two.", "    called    one()", "    got       [1] (shape (1,), float32)"]
    assert lines[-1] == "6 of 20 points visible so far; next: step"
    unstuck.begin()


def looking_cell(folder: Path, slug: str = SLUG) -> str:
    """The cell that looks for what must lie beside the notebook."""
    document = json.loads((folder / f"{slug}.ipynb").read_text(encoding="utf-8"))
    return "".join(next(cell for cell in document["cells"] if cell["id"] == "setup-files")["source"])


def test_a_notebook_alone_says_what_it_lacks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploaded without its folder, to Colab for instance: the files by name, where they are, what to do."""
    cell = looking_cell(folder)
    (folder / "unstuck.py").unlink()
    monkeypatch.chdir(folder)
    with pytest.raises(
        FileNotFoundError, match=r"^unstuck.py must lie beside this notebook\. Take it .* run this cell again\.$"
    ):
        exec(cell, {})


def test_a_notebook_names_its_data_too() -> None:
    """Where a data set ships with an assignment, it is asked for as well."""
    root = Path(__file__).parents[2]
    for handout in root.glob("assignments/*/handout.md"):
        cell = looking_cell(handout.parent, handout.parent.name)
        needed = {path.name for path in handout.parent.iterdir() if path.suffix in (".npz", ".toml")} | {"unstuck.py"}
        assert all(f'"{name}"' in cell for name in needed)


def test_a_notebook_from_colab_is_read(released: dict[str, bytes], tmp_path: Path) -> None:
    """Colab saves cells without ids, in an older minor format, with metadata of its own: the exercises are found all the same."""
    document = json.loads(released[f"{SLUG}.ipynb"])
    for cell in document["cells"]:
        cell["metadata"]["id"] = cell.pop("id")
        if "def step(" in "".join(cell["source"]):
            cell["source"] = RIGHT.split("def walk")[0]
    document |= {"nbformat_minor": 0, "metadata": {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}}
    (tmp_path / f"{SLUG}.ipynb").write_text(json.dumps(document), encoding="utf-8")
    found = unstuck.load_definitions(tmp_path / f"{SLUG}.ipynb", ["step"])
    assert float(found["step"](3.0, 2.0, 0.25)) == 2.5


def test_a_table_tells_nan_from_far() -> None:
    """Of a large tensor: how many differ, by how much at most, how many are no numbers at all, and the first of them."""
    expected = torch.ones(20)
    got = expected.clone()
    got[3], got[5], got[7] = float("nan"), 3.0, float("inf")
    with pytest.raises(AssertionError) as caught:
        unstuck.assert_close("f(x)", got, expected, "because")
    lines = str(caught.value).strip("\n").split("\n")
    assert lines[1] == (
        "got       shape (20,), float32; 3 of 20 elements differ, by at most 2, relative to the expected element 2; "
        "2 of yours are NaN or infinite"
    )
    assert lines[2] == "          at [3]: got nan, expected 1"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (list(range(10**6)), "[0 (int), 1 (int), 2 (int), 3 (int), 4 (int), …] (a list of 1000000)"),
        ("x" * 10**6, "'" + "x" * 199 + "…"),
        (2, "2 (int)"),
        (True, "True"),
        (torch.ones(3).numpy(), "[1. 1. 1.] (ndarray, shape (3,), float32)"),
        (torch.ones(300).numpy(), "values (ndarray, shape (300,), float32)"),
    ],
)
def test_no_value_floods_the_screen(value: object, shown: str) -> None:
    """Whatever came back is shown in a line, with its kind."""
    assert unstuck._described(value) == shown
