"""The tutorial of docs/course-authors.md, followed to the letter: its files written, its commands run, its outputs compared."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from pages import ROOT, Block, blocks, commands, shell

from autograder.authoring.templates import FILES

PAGE = ROOT / "docs" / "course-authors.md"
SLUG = "a9_clipping"
EXAMPLE_STYLE = f"autograder/hidden/{SLUG}/styles/subtracting.py"


@dataclass(frozen=True)
class Step:
    """A command of the tutorial: what the page prints, what was printed, the exit code."""

    command: str
    promised: str
    said: str
    code: int


@dataclass(frozen=True)
class Tutorial:
    """The course that the tutorial left, and its steps."""

    course: Path
    steps: tuple[Step, ...]

    def step(self, words: str) -> list[Step]:
        """The steps whose command begins with these words."""
        return [step for step in self.steps if step.command.startswith(words)]


def is_file(block: Block) -> bool:
    """Whether the block is a file of the tutorial: its info string ends with the path."""
    return "/" in block.rest


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Tutorial:
    """A course without assignments, after every step of the page in the page's order."""
    course = tmp_path_factory.mktemp("tutorial")
    for name in ("assignments", "solutions"):
        (course / name).mkdir()
    steps = []
    for block in blocks(PAGE):
        if block.language == "console":
            for command, promised in commands(block.text):
                code, said = shell(command, course)
                steps.append(Step(command, promised, said, code))
        elif is_file(block):
            path = course / block.rest.strip()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    return Tutorial(course, tuple(steps))


def comparable(text: str) -> list[str]:
    """The lines of an output, without what is another on each machine: seconds, rounding errors, the width of columns."""
    text = re.sub(r"\bin \d+ s\b", "in N s", text)
    text = re.sub(r"\b\d(\.\d)?e[+-]\d+\b", "N", text)
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_the_page_prints_what_is_printed(tutorial: Tutorial) -> None:
    """Every output on the page is that of its command."""
    assert len(tutorial.steps) >= 6
    for step in tutorial.steps:
        assert comparable(step.said) == comparable(step.promised), step.command


def test_the_assignment_is_proved_at_the_end(tutorial: Tutorial) -> None:
    """The example is refused at first for what it lacks; what the page holds is proved, and every other command succeeds."""
    refused, proved = tutorial.step("autograder validate")
    assert refused.code == 1
    assert f"{SLUG}: proved in" in proved.said
    assert [step.command for step in tutorial.steps if step.code != 0] == [refused.command]


def test_the_proof_holds_without_derive(tutorial: Tutorial) -> None:
    """The tolerances that were written satisfy `autograder validate`, and nothing that was made is stale."""
    code, said = shell(f"autograder build --check && autograder validate {SLUG}", tutorial.course)
    assert code == 0, said


def test_a_right_submission_earns_everything_and_a_wrong_one_its_diagnosis(tutorial: Tutorial) -> None:
    """The page's two submissions: 20 of 20, and fewer with the mistake by its name."""
    [graded] = tutorial.step("autograder grade")
    ada, bob = (line for line in graded.said.splitlines() if line.startswith(("ada", "bob")))
    assert "20/20" in ada
    assert "20/20" not in bob
    assert "clip_by_norm: adds 1e-6 to the norm" in bob


def test_every_file_of_a_new_assignment_is_on_the_page() -> None:
    """The page holds the text of each file that `autograder new` writes, but for the example's style, which it removes."""
    shown = {block.rest.strip() for block in blocks(PAGE) if is_file(block)}
    written = {name.replace("SLUG", SLUG) for name in FILES}
    assert written - shown == {EXAMPLE_STYLE}


def test_nothing_of_the_example_is_left(tutorial: Tutorial) -> None:
    """No file of the finished assignment still holds the example's exercise."""
    texts = [path for path in tutorial.course.rglob("*") if path.suffix in (".py", ".md", ".ipynb", ".json", ".toml")]
    assert len(texts) > 15
    assert [path for path in texts if "shrink" in path.read_text(encoding="utf-8")] == []


def test_the_files_satisfy_the_linter(tutorial: Tutorial) -> None:
    """What an author copies from the page is formatted and linted as this repository is."""
    settings = f"--no-cache --config {ROOT / 'pyproject.toml'}"
    ours = '--config \'lint.isort.known-first-party = ["autograder", "solutions"]\''  # as in a checkout
    for command in ("check", "format --check"):
        code, said = shell(f"ruff {command} {settings} {ours} .", tutorial.course)
        assert code == 0, said


def test_the_reference_passes_the_visible_checks(tutorial: Tutorial) -> None:
    """The checks that students see accept the page's reference."""
    folder = tutorial.course / "assignments" / SLUG
    run = f"{sys.executable} -m pytest -q -p no:cacheprovider -W ignore"
    code, said = shell(run, folder, UNSTUCK_SUBMISSION=f"../../solutions/{SLUG}.py")
    assert code == 0, said
    assert "3 passed" in said


def test_the_figures_are_drawn_by_the_reference(tutorial: Tutorial) -> None:
    """The handout's own code runs to its end, with the reference's functions."""
    handout = tutorial.course / "assignments" / SLUG / "handout.md"
    code = [block.text for block in blocks(handout) if block.rest.startswith(("setup", "figure"))]
    assert len(code) == 3
    script = "\n".join([f"from solutions.{SLUG} import *", *code, "plt.savefig('figure.png')"])
    (tutorial.course / "draw.py").write_text(script, encoding="utf-8")
    status, said = shell(f"PYTHONPATH=.:assignments/{SLUG} python draw.py", tutorial.course)
    assert status == 0, said
    assert (tutorial.course / "figure.png").stat().st_size > 10_000


def test_a_page_that_is_not_true_is_noticed() -> None:
    """Another score, another file, another sentence are differences; seconds and rounding errors are none."""
    said = "a9: proved in 7 s\ncheck  1.5e-08  exact\nada    a9  20/20\n"
    assert comparable(said) == comparable("a9: proved in 18 s\ncheck 2.0e-09  exact\n\nada a9 20/20")
    for promised in (said.replace("20/20", "19/20"), said.replace("proved", "refused"), said.replace("ada", "bob")):
        assert comparable(said) != comparable(promised)
