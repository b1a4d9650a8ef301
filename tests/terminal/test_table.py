"""The table and the summary of `autograder grade`, on terminals and in pipes."""

import re
from collections import Counter
from dataclasses import asdict

import pytest
from screens import Shown, plain

from autograder.grading.gathered import Line
from autograder.grading.result import CheckResult, SubmissionResult
from autograder.terminal.table import LISTED, remarks

LONG = "a_student_whose_name_is_longer_than_a_narrow_terminal_is_wide"
REMARK = "momentum_step: moves theta by the previous movement instead of the new one (and 2 more)"


def line(student: str, score: float = 20.0, status: str = "graded", remark: str = "", *mistakes: str) -> Line:
    """A line of the table."""
    return Line(student, "t1_tiny", f"{student}.py", status, score, 20.0, remark, mistakes, "")


def program(lines: list[Line], **options: bool) -> str:
    """A program that prints these."""
    return (
        "from types import SimpleNamespace as Line\n"  # the real one brings torch, which takes seconds
        "from autograder.terminal.table import print_results\n"
        f"print_results([Line(**one) for one in {[asdict(one) for one in lines]!r}], **{options!r})"
    )


SMALL = [
    line(LONG, 8, remark=REMARK),
    line("bo", 0, "unreadable", "bo.ipynb is empty; open it in Jupyter"),
    line("ada"),
]
WRONG = "step: goes twice as far as it should"
TOLD = [*SMALL, line("cy", 8, "graded", "", WRONG)]
LARGE = [line(f"student{number:03}") for number in range(LISTED)] + [line("zoe", 0, "error", "the disk is full")]


def test_in_a_pipe_each_submission_is_one_line_without_escapes(piped: Shown) -> None:
    """However long its name and remark are, whatever the terminal was called."""
    out = piped(program(SMALL))
    assert "\x1b" not in out
    [row] = [row for row in out.splitlines() if row.startswith(LONG)]
    assert row.endswith(REMARK)
    assert all(row == row.rstrip() for row in out.splitlines())
    assert not set(out) & set("…│┃─━╭")


def test_a_terminal_gets_colour_where_it_is_wanted(on_a_terminal: Shown) -> None:
    """Red for what was not graded; none with NO_COLOR, no escape at all on a dumb terminal."""
    red = re.compile(r"\x1b\[[0-9;]*31m")
    assert red.search(on_a_terminal(program(SMALL)))
    assert not red.search(on_a_terminal(program(SMALL), NO_COLOR="1"))
    assert "\x1b" not in on_a_terminal(program(SMALL), TERM="dumb")


@pytest.mark.parametrize("columns", [60, 80])
def test_a_table_folds_and_loses_nothing(on_a_terminal: Shown, piped: Shown, columns: int) -> None:
    """No line is wider than the terminal; every character of the wide table is there."""
    out = plain(on_a_terminal(program(TOLD), columns=columns))
    assert max(map(len, out.splitlines())) <= columns
    assert Counter("".join(out.split())) == Counter("".join(piped(program(TOLD)).split()))


@pytest.mark.parametrize("columns", [40, 20])
def test_a_narrow_terminal_gets_a_paragraph_each_and_loses_nothing(on_a_terminal: Shown, columns: int) -> None:
    """Names, scores, statuses, remarks and the summary are all there, folded to the width."""
    out = plain(on_a_terminal(program(TOLD), columns=columns))
    assert max(map(len, out.splitlines())) <= columns
    said = "".join(out.split())
    for one in TOLD:
        score = f"{one.score:g}/20" if one.status == "graded" else "–"
        told = f"{one.student}assignmentt1_tiny,score{score},status{one.status}"
        told += f",remarks{one.remark}" if one.remark else ""
        assert "".join(told.split()) in said
    told = f"t1_tiny graded 3, not graded 1, mean 12.0, median 8.0, of 20, commonest mistake {WRONG} (1)"
    assert said.endswith("".join(told.split()))


def test_of_a_large_class_a_terminal_lists_what_needs_attention(on_a_terminal: Shown, piped: Shown) -> None:
    """And says how many more there are and how to see them; --all and a pipe list everybody."""
    out = plain(on_a_terminal(program(LARGE)))
    assert "zoe" in out
    assert "student000" not in out
    assert f"{LISTED} graded submissions are not listed; --all lists them, --json FILE writes them." in " ".join(
        out.split()
    )
    for every in (plain(on_a_terminal(program(LARGE, every=True))), piped(program(LARGE))):
        assert len(re.findall(r"^student\d+ ", every, re.M)) == LISTED
        assert "not listed" not in every


def test_the_summary_has_the_figures_of_each_assignment(piped: Shown) -> None:
    """Three graded of four: mean of 20, 8, 5 is 11, median 8; the commonest mistake was made twice."""
    lines = [
        line("ada", 20),
        line("bo", 8, "graded", "", "step: uphill", "walk: forgets the start"),
        line("cy", 5, "graded", "", "step: uphill"),
        line("di", 0, "unreadable", "empty"),
    ]
    last = piped(program(lines)).rstrip().splitlines()[-1]
    assert last.split(maxsplit=6) == ["t1_tiny", "3", "1", "11.0", "8.0", "20", "step: uphill (2)"]


@pytest.mark.parametrize(
    ("status", "message", "diagnosis", "forbidden", "told"),
    [
        ("failed", "the result has the wrong value", WRONG, (), WRONG),
        ("failed", "the result has the wrong value", None, (), "step: the result has the wrong value"),
        ("failed", "uses a, b, which is the exercise itself", None, ("a", "b"), "step: uses a, b"),
        ("crashed", "the process that ran it ended (out of memory, or told to exit)", None, (), "step: crashed"),
        ("missing", "`step`: it is not written yet", None, (), "step: missing"),
    ],
)
def test_a_remark_says_what_is_wrong_first(
    status: str, message: str, diagnosis: str | None, forbidden: tuple[str, ...], told: str
) -> None:
    """The mistake's name, else the message, else the status; and how many exercises and mistakes more."""
    step = CheckResult("step/a", "step", 8.0, 0.0, status, message, diagnosis, 0.1, forbidden=forbidden)
    walk = CheckResult("walk/a", "walk", 12.0, 0.0, "missing", "", None, 0.1)
    one = SubmissionResult("ada", "t1_tiny", "ada.py", 0.0, 20.0, "s", "graded", "none", (step, walk))
    assert remarks(one) == f"{told} (and 1 more)"


def test_a_class_of_which_nothing_was_graded_has_no_figures(piped: Shown) -> None:
    """Neither mean nor median, and no division by zero."""
    last = piped(program([line("ada", 0, "error", "x"), line("bo", 0, "error", "x")])).rstrip().splitlines()[-1]
    assert last.split() == ["t1_tiny", "0", "2", "–", "–", "–"]


def test_no_control_character_reaches_the_terminal(on_a_terminal: Shown) -> None:
    """Escapes, bells, returns, C1 codes and marks that reorder text, in names and in messages; markup is text."""
    evil = "eve\x1b]0;title\x07\r\x9b31m\u202e\x08[bold]\nx"
    out = on_a_terminal(program([line(evil, 0, "unreadable", evil), line(evil, 8, "graded", "", evil)]), TERM="dumb")
    assert not [sign for sign in out if sign != "\n" and (ord(sign) < 32 or 127 <= ord(sign) < 160 or sign == "\u202e")]
    assert "[bold]" in out
