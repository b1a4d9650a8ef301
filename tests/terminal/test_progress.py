"""The progress of `autograder grade`."""

import re

from rich.progress import Progress
from screens import Shown

from autograder.terminal.progress import Rate

STEPS = """
import sys, time
from autograder.terminal.progress import Advance
with Advance(4, quiet={quiet}) as advance:
    for _ in range(4):
        time.sleep(0.02)
        advance()
"""


def test_the_rate_is_submissions_a_minute() -> None:
    """One each half second is 120 a minute; before there are two there is none."""
    clock = [0.0]
    progress = Progress(get_time=lambda: clock[0], disable=True)
    task = progress.add_task("grading", total=10)
    assert str(Rate().render(progress.tasks[task])) == ""
    for _ in range(5):
        clock[0] += 0.5
        progress.advance(task)
    assert str(Rate().render(progress.tasks[task])) == "120 a minute"


def test_a_terminal_shows_how_many_how_fast_and_how_long_still(on_a_terminal: Shown) -> None:
    """Number, rate, elapsed and remaining time; the bar is gone at the end."""
    out = on_a_terminal(STEPS.format(quiet=False), columns=120)
    assert re.search(r"4/4", out)
    assert re.search(r"\d+ a minute", out)
    assert len(re.findall(r"\d:\d\d:\d\d", re.split("4/4", out)[-1])) == 2
    assert "left" in out


def test_quiet_pipes_and_dumb_terminals_get_no_bar(on_a_terminal: Shown, piped: Shown) -> None:
    """Nothing is drawn where it would be in the way; a dumb terminal gets no escape."""
    assert on_a_terminal(STEPS.format(quiet=True)) == ""
    assert piped(STEPS.format(quiet=False)) == ""
    assert "\x1b" not in on_a_terminal(STEPS.format(quiet=False), TERM="dumb")
