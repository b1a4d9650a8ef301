"""No page has a command that nothing runs unnoticed: each is run by a page's test, or stands here with what covers it."""

import re
from pathlib import Path

import pytest
import test_readme
from pages import ROOT, blocks, commands, functions, lines

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# Pages whose `console` blocks are run, each in whole, and the test that says so; of their `sh` blocks it says why not.
WALKED = {
    "instructors.md": "tests/docs/test_instructors_page.py::test_every_block_is_run_or_has_its_reason",
    "systems.md": "tests/docs/test_systems_page.py::test_every_block_is_run_or_has_its_reason",
    "cluster.md": "tests/docs/test_cluster_page.py::test_every_command_of_the_page_is_run_or_marked",
    "course-authors.md": "tests/docs/test_tutorial.py::test_the_page_prints_what_is_printed",
}
# Commands of the other pages that are run nowhere as they stand: the test that does the same, or the reason.
COVERED = {
    "make demo": "tests/test_demo.py::test_the_demo_finds_every_student_as_expected",
    "make test": "this run is part of it",
    "make bench": "tests/test_benchmark.py::test_throughput_measures_all_three_graders_on_the_same_submissions",
    ".venv/bin/python benchmarks/thousand.py --sample 3": (
        "tests/test_benchmark.py::test_a_course_is_graded_beside_the_others_and_the_floor"
    ),
    "jupyter lab a3_momentum.ipynb": "tests/browser/test_jupyterlab.py::test_the_notebook_opens_without_a_question",
    "python -m pytest": "tests/authoring/test_visible_checks.py::test_the_reference_passes_as_module",
    "source .venv/bin/activate": "the tests run in the environment",
    "autograder build": "tests/authoring/test_build.py::test_building_twice_gives_the_same_bytes",
    "autograder build --check": "tests/authoring/test_build.py::test_committed_files_are_up_to_date",
    "autograder validate": "takes minutes; make test runs it",
}
_SHELL = ("bash", "sh", "console")
_COMMAND = re.compile(
    r"^ *(\$ |(?:autograder|nbgrader|make|dask|jupyter|python3?|pip|git|ssh|sbatch|source)\s+[^\s=])", re.MULTILINE
)


def general(command: str) -> str:
    """A command with one name for every assignment, and for a folder with and without its slash."""
    return re.sub(r"/(?=\s|$)", "", re.sub(r"\ba\d_[a-z_]+\b", "SLUG", command))


def run_by_a_page() -> set[str]:
    """The commands of all `console` blocks of walked pages, and of the README's section that is run."""
    walked = [block for name in WALKED for block in blocks(ROOT / "docs" / name) if block.language == "console"]
    found = {command for block in walked for command, _ in commands(block.text)}
    section = test_readme.PAGE.read_text(encoding="utf-8").split(test_readme.SECTION)[1].split("```")[1]
    return {general(command) for command in [*found, *lines(section.partition("\n")[2])]}


RUN = run_by_a_page() | {general(command) for command in COVERED}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_is_run_or_has_its_reason(page: Path) -> None:
    """Those of `bash` and `sh` blocks, on every page without a test that says it of its own."""
    shell = [block for block in blocks(page) if block.language in _SHELL]
    if page.name in WALKED:
        assert any(block.language == "console" for block in shell)
        return
    assert [block.text for block in shell if block.language == "console"] == []  # nothing would run it
    typed = [command for block in shell for command in lines(block.text)]
    assert [command for command in typed if general(command) not in RUN] == []


def test_the_tutorial_hides_no_command() -> None:
    """Its test runs `console` blocks and asks for no others."""
    assert {block.language for block in blocks(ROOT / "docs" / "course-authors.md")} & {"bash", "sh"} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_command_stands_in_another_kind_of_block(page: Path) -> None:
    """Neither in a fence without a shell's name nor in an indented block."""
    others = [block.text for block in blocks(page) if block.language not in (*_SHELL, "python", "markdown")]
    text = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^ {4}(\S.*)$", text, flags=re.MULTILINE)
    assert [one for one in [*others, *indented] if _COMMAND.search(one)] == []


def test_what_covers_a_command_exists() -> None:
    """Each test that is named here stands in its file."""
    for named in [*WALKED.values(), *COVERED.values()]:
        if "::" in named:
            path, _, name = named.partition("::")
            assert name in functions(path), named


def test_nothing_is_covered_that_no_page_has() -> None:
    """The table holds commands of the pages, and none that a page's test runs anyway."""
    pages = [page for page in PAGES if page.name not in WALKED]
    shell = [block for page in pages for block in blocks(page) if block.language in _SHELL]
    typed = {command for block in shell for command in lines(block.text)}
    assert set(COVERED) - typed == set()
    assert {command for command in COVERED if general(command) in run_by_a_page()} == set()


def test_a_new_command_is_noticed() -> None:
    """One that no page runs is not taken for one that is; another assignment's is."""
    assert general("nbgrader release_assignment a3_momentum") in RUN
    assert general("autograder grade --cluster tcp://127.0.0.1:1") not in RUN
    assert _COMMAND.search("autograder grade inbox")
    assert not _COMMAND.search("the autograder is asked")
