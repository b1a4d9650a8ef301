"""Hand-ins that nbgrader would pass over, stop at, or be led astray by."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.exchange import ExchangeError
from small_course import ASSIGNMENT, ROOT, Course, FakeGrader

from autograder.carrier.collect import CollectHandIns
from autograder.carrier.complete import complete_hand_in, complete_tree, is_completed

NAME = f"{ASSIGNMENT}.ipynb"


def complete(course: Course) -> list[str]:
    """Complete ada's hand-in from the release."""
    return complete_hand_in(course.hand_in, course.root / "release" / ASSIGNMENT)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file beneath the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_module_alone_is_graded(course: Course, grader: FakeGrader) -> None:
    """A hand-in without any notebook gets the released one, and so its grades."""
    (course.hand_in / f"{ASSIGNMENT}.py").write_text("# mine", encoding="utf-8")

    (line,) = complete(course)
    course.autograde()

    assert "no notebook in the hand-in" in line
    assert course.grades()["gd_step"] == 1.0
    assert "no notebook in the hand-in" in course.feedback()


@pytest.mark.parametrize("name", ["Untitled.ipynb", "descent (1).ipynb", "descent/descent.ipynb", "Descent.ipynb"])
def test_a_renamed_notebook_is_graded_under_its_right_name(course: Course, grader: FakeGrader, name: str) -> None:
    """The only notebook, whatever its name, stands in the expected place as well, and itself where it was."""
    place = course.hand_in / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(course.released()), encoding="utf-8")
    before = contents(course.hand_in)

    (line,) = complete(course)
    course.autograde()

    assert line.endswith(f"The notebook was handed in as {name}.")
    after = contents(course.hand_in)
    assert json.loads(after.pop(NAME))["cells"] == course.released()["cells"]
    assert after == before
    assert course.grades()["gd_step"] == 1.0


def test_of_several_notebooks_the_one_named_alike_is_taken(course: Course) -> None:
    """A scratch notebook beside the renamed one does not matter."""
    course.submit({"cells": []}, "scratch.ipynb")
    course.submit(course.released(), "descent-Copy1.ipynb")

    (line,) = complete(course)

    assert "handed in as descent-Copy1.ipynb" in line


def test_of_notebooks_in_doubt_none_is_taken(course: Course) -> None:
    """Two copies: the released notebook comes in their place, and they are named."""
    for name in ("descent-Copy1.ipynb", "descent-Copy2.ipynb"):
        course.submit(course.released(), name)

    (line,) = complete(course)

    assert "but descent-Copy1.ipynb, descent-Copy2.ipynb" in line


def test_an_unreadable_renamed_notebook_is_copied_as_it_is(course: Course) -> None:
    """The grader is to say what is wrong with it."""
    course.submit(b'{"cells": [', "Untitled.ipynb")

    complete(course)

    assert (course.hand_in / NAME).read_bytes() == b'{"cells": ['
    assert not is_completed(course.hand_in / NAME)


def test_a_complete_hand_in_is_left_alone(course: Course) -> None:
    """Nothing is written where the expected notebook is."""
    course.submit(course.released())
    course.submit(course.released(), "scratch.ipynb")
    before = contents(course.hand_in)

    assert complete(course) == []
    assert contents(course.hand_in) == before


def test_completing_twice_is_completing_once(course: Course) -> None:
    """The second time there is nothing to do."""
    assert len(complete(course)) == 1
    assert complete(course) == []


def test_a_whole_tree_is_completed_by_a_command(course: Course) -> None:
    """`python -m autograder.carrier.complete` in the course folder does so and says so."""
    _ = course.hand_in
    command = [sys.executable, "-m", "autograder.carrier.complete", ASSIGNMENT]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True, check=True)
    assert "no notebook in the hand-in" in done.stdout
    assert complete_tree(course.root) == []


@pytest.fixture
def exchange(course: Course, tmp_path: Path) -> SimpleNamespace:
    """An exchange with a place for hand-ins, and a collector that reads it."""
    inbound = tmp_path / "exchange/unstuck/inbound"
    inbound.mkdir(parents=True)

    def hand_in(student: str) -> Path:
        folder = inbound / f"{student}+{ASSIGNMENT}+2026-01-01 10:00:00 UTC+x"
        folder.mkdir()
        (folder / "timestamp.txt").write_text("2026-01-01 10:00:00 UTC", encoding="utf-8")
        return folder

    def collect() -> None:
        directory, config = course.directory()
        config.Exchange.root = str(tmp_path / "exchange")
        config.ExchangeCollect.check_owner = False
        CollectHandIns(coursedir=directory, config=config).start()

    return SimpleNamespace(hand_in=hand_in, collect=collect)


def test_collect_completes_what_it_collects(course: Course, exchange: SimpleNamespace) -> None:
    """A hand-in without a notebook has one after `collect`."""
    exchange.hand_in("ada")

    exchange.collect()

    assert is_completed(course.hand_in / NAME)


def test_collect_leaves_links_and_pipes_behind(course: Course, exchange: SimpleNamespace) -> None:
    """Neither a file of the instructor nor a folder of theirs comes along, and a pipe holds nothing up."""
    secret = course.root / "gradebook.db"
    folder = exchange.hand_in("ada")
    (folder / "loot.txt").symlink_to(secret)
    (folder / "all").symlink_to(course.root)
    (folder / NAME).symlink_to(course.root / "release" / ASSIGNMENT / NAME)
    os.mkfifo(folder / "pipe")
    (folder / "mine.py").write_text("# mine", encoding="utf-8")

    exchange.collect()

    assert {path.name for path in course.hand_in.iterdir()} == {"timestamp.txt", "mine.py", NAME}
    assert is_completed(course.hand_in / NAME)


def test_a_hand_in_that_is_a_link_is_not_collected(course: Course, exchange: SimpleNamespace, tmp_path: Path) -> None:
    """A link in the exchange's inbox to a folder of someone else is refused by name; the next student is collected."""
    folder = exchange.hand_in("ada")
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    exchange.hand_in("bob")

    with pytest.raises(ExchangeError, match="ada"):
        exchange.collect()

    assert not (course.root / "submitted/ada" / ASSIGNMENT).exists()
    assert (course.root / "submitted/bob" / ASSIGNMENT / NAME).is_file()
