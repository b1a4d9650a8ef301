"""`autograder grade` in a real terminal: what is seen while it runs, and after."""

import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import tmux
from a_class import put_into_submitted
from chromium import Visit
from commands_of_ours import AUTOGRADER, environment
from pictured import shoot
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

STUDENTS = ("amara_okafor", "diego_herrera", "fatima_al_sayed", "noah_williams", "priya_raman", "quentin_dubois")
COMMAND = "autograder grade submitted"
PANEL = "<pre style='background:{background};color:{foreground}'><code style='font-family:inherit'>{code}</code></pre>"
PAGE = """<!doctype html><meta charset='utf-8'><title>Terminal</title>
<style>
body {{ margin: 0; background: #fff }}
pre {{ font: 14px/1.35 "DejaVu Sans Mono", monospace; margin: 0 0 10px; padding: 12px 16px }}
</style>
{panels}"""


@dataclass(frozen=True)
class Run:
    """The screen while the class was graded and after."""

    during: str
    after: str


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run of the command, typed into a shell."""
    if tmux.executable() is None:
        pytest.skip("no terminal: tmux is not installed")
    root = tmp_path_factory.mktemp("course")
    put_into_submitted(root, STUDENTS)
    path = os.pathsep.join([str(Path(AUTOGRADER).parent), os.environ["PATH"]])
    with tmux.terminal(root, tmp_path_factory.mktemp("t"), environment() | {"PATH": path}) as shell:
        shell.seen(r"^\$")
        shell.enter(COMMAND)
        during = shell.seen(rf"\b[3-{len(STUDENTS) - 1}]/{len(STUDENTS)}\b")
        return Run(during, shell.seen(r"^\$ *\Z"))


def as_page(*screens: str) -> str:
    """The screens as a page, with their colours."""
    panels = []
    for screen in screens:
        console = Console(record=True, width=tmux.WIDTH, file=io.StringIO())
        for line in screen.splitlines():
            console.print(Text.from_ansi(line), soft_wrap=True)
        panels.append(console.export_html(theme=DIMMED_MONOKAI, inline_styles=True, code_format=PANEL))
    return PAGE.format(panels="\n".join(panels))


def plain(screen: str) -> str:
    """A screen without its colours."""
    return re.sub(r"\x1b\[[0-9;:]*m", "", screen)


def test_a_run_shows_how_far_it_is(run: Run) -> None:
    """How many are done, of how many, in colour; and nothing of it stays when it is over."""
    [line] = [line for line in plain(run.during).splitlines() if re.search(rf"\d/{len(STUDENTS)}\b", line)]
    assert "grading" in line.lower()
    assert "\x1b[" in run.during
    assert line not in plain(run.after)


def test_the_table_has_everybody(run: Run) -> None:
    """Each student with the score, and the one that could not be read with the reason."""
    after = plain(run.after)
    assert all(student in after for student in STUDENTS)
    assert "20/20" in after
    assert "unreadable" in after
    assert "stops in" in after  # the rest of the sentence is folded


def test_the_terminal_is_pictured(run: Run, visit: Callable[..., Visit], pictures: Path) -> None:
    """The same screens as a picture: while the command ran, and after."""
    page = visit(width=1070, height=50).page
    page.set_content(as_page(run.during, run.after))
    assert page.evaluate("document.documentElement.scrollWidth") <= 1070
    shoot(page, pictures, "terminal", whole=True)
