"""The module that ships to students: readable failures, a runner, and a submission's definitions without its runs."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from autograder.student_kit import unstuck

KIT = Path(unstuck.__file__)


def message(got: object, expected: object, **tolerance: float) -> list[str]:
    """The lines of a failed comparison."""
    with pytest.raises(AssertionError) as caught:
        unstuck.assert_close("f(x)", got, expected, "because", **tolerance)
    return str(caught.value).strip("\n").split("\n")


def test_failure_reads_called_got_expected_why() -> None:
    """A failed comparison says what was called, what came back, what was expected within which tolerance, and why."""
    assert message(torch.tensor([1.0, 2.5]), torch.tensor([1.0, 2.0])) == [
        "called    f(x)",
        "got       [1, 2.5] (shape (2,), float32)",
        "expected  [1, 2] (shape (2,), float32) within 1e-05 · |expected| + 1e-07",
        "why       because",
    ]


def test_large_tensors_show_the_first_that_differ() -> None:
    """Of a large tensor the failure shows how many elements differ, by how much, and the first of them."""
    expected = torch.ones(4, 5)
    got = expected.clone()
    got[1, 2], got[3, 4] = 1.5, 3.0
    assert message(got, expected)[1:4] == [
        "got       shape (4, 5), float32; 2 of 20 elements differ, by at most 2, relative to the expected element 2",
        "          at [1, 2]: got 1.5, expected 1",
        "          at [3, 4]: got 3, expected 1",
    ]


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (torch.ones(2, 1), torch.ones(2)),
        (torch.ones(2, dtype=torch.float64), torch.ones(2)),
        ([1.0, 1.0], torch.ones(2)),
        (None, torch.ones(2)),
        (None, [1.0]),
        ("one", 1.0),
        (torch.tensor([float("nan"), 1.0]), torch.ones(2)),
        (torch.ones(2), (torch.ones(2), torch.ones(2))),
        ((torch.ones(2), torch.zeros(2)), (torch.ones(2), torch.ones(2))),
        (torch.tensor(True), True),
        (1, None),
        (torch.ones(2, device="meta"), torch.ones(2)),
    ],
)
def test_another_shape_type_or_value_fails(got: object, expected: object) -> None:
    """A comparison fails for another shape, dtype, kind of value or device, and for a NaN."""
    assert message(got, expected)[0].startswith("called    f(x)")


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (torch.tensor([1.0, float("nan")]), torch.tensor([1.0, float("nan")])),
        (torch.tensor([1.000001]), torch.tensor([1.0])),
        (torch.nn.Parameter(torch.tensor([1.0])), [1.0]),
        (torch.tensor(2), 2),
        ((torch.ones(2), 3.0), (torch.ones(2), 3)),
        (True, True),
        (None, None),
    ],
)
def test_equal_values_pass(got: object, expected: object) -> None:
    """Equal values pass: within the tolerance, NaN for NaN, a parameter for its values, element by element of a tuple."""
    unstuck.assert_close("f(x)", got, expected, "because")


def raising(error: Exception) -> Callable[[], None]:
    """A function that raises the error."""

    def function() -> None:
        raise error

    return function


def test_assert_raises_wants_type_and_name() -> None:
    """A refusal passes only with the right type and a message that names the argument as a word."""
    unstuck.assert_raises("f(x)", ValueError, raising(ValueError("lr must be at least 0")), "lr")
    for function in (raising(ValueError("already wrong")), raising(TypeError("lr")), lambda: 3.0):
        with pytest.raises(AssertionError, match=r"expected  ValueError with a message that names lr"):
            unstuck.assert_raises("f(x)", ValueError, function, "lr")


def test_assert_raises_lets_an_unwritten_exercise_through() -> None:
    """An exercise that is not written yet is no wrong answer."""
    with pytest.raises(NotImplementedError):
        unstuck.assert_raises("f(x)", ValueError, raising(NotImplementedError("f is not written yet")), "lr")


def test_runner_prints_a_line_for_each_check(capsys: pytest.CaptureFixture[str]) -> None:
    """Passed checks give their sentence; the failure below it is indented; the end is one short error."""

    def good() -> None:
        """One is one."""

    def bad() -> None:
        """One is two."""
        unstuck.assert_close("one()", 1.0, 2.0, "counting")

    def crash() -> None:
        """One is a list."""
        [1][1]

    with pytest.raises(unstuck.ChecksFailed) as caught:
        unstuck.run_checks(good, bad, crash)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["passed: One is one.", "FAILED: One is two.", "    called    one()"]
    assert lines[-3:-1] == ["FAILED: One is a list.", "    your code raised IndexError: list index out of range"]
    assert lines[-1].endswith(": [1][1]")
    assert caught.value._render_traceback_() == [
        "2 of 3 checks did not pass. Change your code, run its cell, then this one."
    ]


def test_runner_is_silent_about_nothing_when_all_pass(capsys: pytest.CaptureFixture[str]) -> None:
    """When all pass there is no error."""

    def good() -> None:
        """One is one."""

    unstuck.run_checks(good, good)
    assert capsys.readouterr().out == "passed: One is one.\n" * 2


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (NotImplementedError("walk is not written yet"), "walk is not written yet: put your code in place of"),
        (NameError("name 'walk' is not defined"), "name 'walk' is not defined: if a cell above defines it, run that"),
    ],
)
def test_runner_says_what_to_do_first(error: Exception, advice: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before an exercise is written or run, the error says what to do."""
    with pytest.raises(unstuck.ChecksFailed) as caught:
        unstuck.run_checks(raising(error))
    assert advice in str(caught.value)
    assert "FAILED" not in capsys.readouterr().out


def notebook(path: Path, *cells: str) -> Path:
    """A notebook of these code cells, a paragraph before each."""
    text = {"cell_type": "markdown", "source": ["x = 1 / 0"]}
    made = [item for cell in cells for item in (text, {"cell_type": "code", "source": cell.splitlines(keepends=True)})]
    path.write_text(json.dumps({"cells": made}), encoding="utf-8")
    return path


def test_definitions_come_without_runs(tmp_path: Path) -> None:
    """Imports, helpers, constants and late methods come along; training, plots and magics do not run."""
    path = notebook(
        tmp_path / "a0_walk.ipynb",
        "%matplotlib inline\nimport math\n!pip install walking",
        "STEP = 2 * math.pi\nunused = 1 / 0\nprint('training')\nfor _ in range(3):\n    raise SystemExit",
        "%%bash\nrm -rf nothing",
        "def helper(x):\n    return x + STEP\n\nclass Walker:\n    pass",
        "def go(self):\n    return helper(1)\n\nWalker.go = go\nwalk(1)",
        "try:\n    from fast import walk\nexcept ImportError:\n    def walk(x):\n        return helper(x)",
    )
    found = unstuck.load_definitions(path, ["walk", "Walker"])
    assert found["walk"](0) == found["Walker"]().go() - 1 == pytest.approx(6.2831853)
    assert "unused" not in found


def test_a_later_definition_replaces_an_earlier_one(tmp_path: Path) -> None:
    """As in a notebook run from the top, the last definition counts."""
    path = notebook(tmp_path / "a0_walk.ipynb", "def walk():\n    return 1", "def walk():\n    return 2")
    assert unstuck.load_definitions(path, ["walk"])["walk"]() == 2


def test_a_syntax_error_costs_its_cell(tmp_path: Path) -> None:
    """A cell that cannot be read is left out and named; the others count."""
    path = notebook(tmp_path / "a0_walk.ipynb", "def walk():\n    return 1", "x = 1\ndef rest(:\n    pass")
    with pytest.warns(UserWarning, match=r"a0_walk.ipynb, code cell 2, line 2: .*; the cell was left out"):
        found = unstuck.load_definitions(path, ["walk", "rest"])
    assert found["walk"]() == 1
    assert "rest" not in found


def test_a_failing_line_costs_itself(tmp_path: Path) -> None:
    """A needed line that fails is left out and named."""
    path = notebook(tmp_path / "a0_walk.ipynb", "import no_such_module\n\ndef walk():\n    return no_such_module")
    with pytest.warns(UserWarning, match="code cell 1, line 1: ModuleNotFoundError"):
        found = unstuck.load_definitions(path, ["walk"])
    with pytest.raises(NameError):
        found["walk"]()


SKELETON = 'def walk():\n    """Walks."""\n    raise NotImplementedError("walk is not written yet")\n'


def test_the_notebook_serves_while_the_module_is_the_skeleton(tmp_path: Path) -> None:
    """A module that is the skeleton, or none at all, gives way to the notebook."""
    module = tmp_path / "a0_walk.py"
    notebook(tmp_path / "a0_walk.ipynb", "def walk():\n    return 'notebook'")
    assert unstuck.load_submission(module, ["walk"])["walk"]() == "notebook"
    module.write_text(SKELETON, encoding="utf-8")
    assert unstuck.load_submission(module, ["walk"])["walk"]() == "notebook"


def test_the_module_serves_once_it_is_written(tmp_path: Path) -> None:
    """A module with work in it is checked, beside a notebook that is the skeleton."""
    module = tmp_path / "a0_walk.py"
    module.write_text("def walk():\n    return 'module'", encoding="utf-8")
    notebook(tmp_path / "a0_walk.ipynb", SKELETON)
    assert unstuck.load_submission(module, ["walk"])["walk"]() == "module"


def test_two_worked_files_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where both hold work, a warning says which is checked, and the environment variable chooses the other."""
    module = tmp_path / "a0_walk.py"
    module.write_text("def walk():\n    return 'module'", encoding="utf-8")
    notebook(tmp_path / "a0_walk.ipynb", "def walk():\n    return 'notebook'")
    with pytest.warns(UserWarning, match="both hold work; these checks look at a0_walk.py"):
        assert unstuck.load_submission(module, ["walk"])["walk"]() == "module"
    monkeypatch.setenv("UNSTUCK_SUBMISSION", "a0_walk.ipynb")
    assert unstuck.load_submission(module, ["walk"])["walk"]() == "notebook"


def test_an_absent_exercise_says_so(tmp_path: Path) -> None:
    """An exercise that the file does not define counts as not written, by name."""
    module = tmp_path / "a0_walk.py"
    module.write_text("def walk():\n    return 1", encoding="utf-8")
    with pytest.raises(NotImplementedError, match=r"rest is not in a0_walk.py"):
        unstuck.load_submission(module, ["walk", "rest"])["rest"]()


def test_importing_the_kit_draws_nothing() -> None:
    """The kit imports neither Matplotlib nor pytest, nor anything of the course."""
    code = (
        "import sys, importlib.util as u; s = u.spec_from_file_location('unstuck', sys.argv[1]); "
        "s.loader.exec_module(u.module_from_spec(s)); "
        "print(sorted({'matplotlib', 'pytest', 'autograder', 'solutions'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(KIT)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_local_variable_runs_no_line_of_its_name(tmp_path: Path) -> None:
    """What a function calls `data` inside is not the notebook's `data`, which may take minutes to make."""
    path = notebook(tmp_path / "a0_walk.ipynb", "data = 1 / 0", "def walk():\n    data = 2\n    return data")
    assert unstuck.load_definitions(path, ["walk"])["walk"]() == 2
