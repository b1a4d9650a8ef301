"""What docs/security.md says is not stopped: shown here, so that the page stays true in this direction too."""

from pathlib import Path

import pytest
from corpus.attack import Attack, MustNot
from firing import fire
from range_course import HONEST, SCALE, SECRET, grade, statuses

from autograder.course import Course
from autograder.grading.result import SubmissionResult
from autograder.sandbox.sandbox import Sandbox


def body(does: str) -> str:
    """An honest file but for what `scale` does before its honest return."""
    return HONEST.replace(SCALE, SCALE.replace("    return x", f"    {does}\n    return x"))


class Grade:
    """Grades one text."""

    def __init__(self, course: Course, sandbox: Sandbox, folder: Path) -> None:
        self._with = course, sandbox, folder

    def __call__(self, text: str) -> SubmissionResult:
        return grade(*self._with, {"one": text})["one"]


@pytest.fixture
def graded(firing_range: Course, sandbox: Sandbox, tmp_path: Path) -> Grade:
    """Grades one text."""
    return Grade(firing_range, sandbox, tmp_path)


def test_a_worker_can_find_out_whether_a_path_exists(sandbox: Sandbox, tmp_path: Path) -> None:
    """Landlock does not cover stat: that a guessed path is there, and how large the file is, can be known."""
    asks = "size = os.path.getsize('{root}/.autograder/secret')\nreturn f'{size} bytes are there'"
    attack = Attack(asks, MustNot.READ, "nothing", word=f"{len(SECRET)} bytes are there")
    assert fire({"asks": attack}, sandbox, tmp_path / "world").happened("asks", attack)


def test_a_bit_of_an_input_leaves_by_the_kind_of_an_exception(graded: Grade) -> None:
    """Which built-in exception it was is told; student code chooses it by what it sees. A handful of bits a check."""
    result = graded(body("raise (KeyError if float(x.sum()) < 1e9 else IndexError)('seen')"))
    assert result.checks[0].message.startswith("it raised KeyError at line")


def test_a_small_number_leaves_by_the_line_of_an_exception(graded: Grade) -> None:
    """The line is told where it is one of the hand-in: ten lines that raise tell one digit."""
    lines = "\n".join(f"    if digit == {digit}: raise ValueError" for digit in range(10))
    result = graded(body(f"digit = int(factor * 100) % 10\n{lines}"))
    assert result.checks[0].message.startswith("it raised ValueError at line")
    assert "if digit ==" in result.checks[0].message


def test_a_submission_remembers_from_one_check_to_the_next(graded: Grade) -> None:
    """Its checks share a process, so a later call can know of an earlier one; no other submission's ever can."""
    counting = SCALE.replace("    if", "    torch.calls = getattr(torch, 'calls', 0) + 1\n    if", 1)
    late = HONEST.replace(SCALE, counting).replace(
        "return float(x.sum())", "return float(x.sum()) * (torch.calls == 2)"
    )
    assert statuses(graded(late))["total/sums"] == "passed"


def test_device_discipline_can_be_forged(graded: Grade) -> None:
    """Violations are measured in the worker: code that patches the measurement hides them. Its values are compared all the same."""
    careless = HONEST.replace("x - x.mean()", "x - x.mean().item()")
    assert statuses(graded(careless))["Centre/stays_on_its_device"] == "failed"
    patch = "import simulated\nkept = property(lambda self: [], lambda self, value: None)\n"
    hiding = f"{careless}\n{patch}\nsimulated.Recorder.violations = kept\n"
    assert statuses(graded(hiding))["Centre/stays_on_its_device"] == "passed"


def test_what_a_check_lends_can_be_read(graded: Grade) -> None:
    """An experiment travels to the worker: the student's code sees its instructions, not the check around it."""
    spying = HONEST.replace(
        "        self.sum = 0.0\n",
        "        self.sum = 0.0\n        import sys\n        names = sys._getframe(1).f_code.co_varnames\n"
        "        if names != ('m', 'first', 'second', 'meter'): raise RuntimeError\n",
    )
    assert statuses(graded(spying))["Meter/adds_up"] == "passed"
