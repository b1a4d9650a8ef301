"""A run that is killed loses at most what was in flight: started again, it ends as if nothing had happened."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from runs import SLUG, grade, hand_in, kill, recorded, results, start, wait_for_records

from autograder.course import Course

# 1,000 take minutes; `UNSTUCK_CRASH_CLASS=1000 pytest tests/crash` does it.
CLASS = int(os.environ.get("UNSTUCK_CRASH_CLASS", "150"))
KILLS = ("group", "zygote", "main", "grader")
SAYS = {
    "grader": "autograder: A grader process ended before its time",
    "zygote": "autograder: A grader's zygote has ended (",
}


def test_a_killed_run_goes_on_where_it_was(
    courses: tuple[Course, Course], tmp_path: Path, nobody_is_left: Callable[[], None]
) -> None:
    """Killed four times, at random moments and each time elsewhere, a run ends with the results of an undisturbed one.

    No record is written twice, none is half, and no process outlives its grader.
    """
    disturbed, undisturbed = courses
    draw = random.Random(4)
    for number in range(CLASS):
        hand_in(tmp_path / "inbox", number)
    seen: dict[str, object] = {}
    for turn, whom in enumerate(KILLS):
        share = (turn + draw.random()) / len(KILLS)
        run = start(disturbed, tmp_path / "inbox", "--jobs", "2", output=tmp_path / "said")
        wait_for_records(run, disturbed, max(len(seen) + 1, int(0.9 * share * CLASS)))
        time.sleep(draw.uniform(0, 0.1))
        kill(run, whom)
        code = run.wait(timeout=120)
        nobody_is_left()
        assert (tmp_path / "said").read_text().startswith(SAYS.get(whom, ""))
        assert code == (1 if whom in SAYS else -9)
        now = recorded(disturbed)
        assert {name: now[name] for name in seen} == seen
        seen = dict(now)
    assert len(seen) < CLASS, "the last kill came too late to prove anything"
    ends = [
        grade(
            course,
            tmp_path / "inbox",
            "--jobs",
            "2",
            "--json",
            tmp_path / f"{course.root.name}.json",
            output=tmp_path / "said",
        )
        for course in courses
    ]
    assert ends[0] == ends[1]
    now = recorded(disturbed)
    assert {name: now[name] for name in seen} == seen
    assert len(now) == CLASS
    assert results(tmp_path / "disturbed.json") == results(tmp_path / "undisturbed.json")
    assert {name: one.result for name, one in now.items()} == {
        name: one.result for name, one in recorded(undisturbed).items()
    }
    assert latest(disturbed) == latest(undisturbed)
    nobody_is_left()


def latest(course: Course) -> dict[str, str]:
    """The name of the latest record by student."""
    return {path.stem: path.read_text() for path in (course.state / "latest" / SLUG).iterdir()}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_run_says_how_to_go_on(
    course: Course, tmp_path: Path, nobody_is_left: Callable[[], None], jobs: str
) -> None:
    """Ctrl-C: exit code 130, one line, no traceback, what was graded is recorded, and nobody stays."""
    for number in range(24):
        hand_in(tmp_path / "inbox", number)
    run = start(course, tmp_path / "inbox", "--jobs", jobs, output=tmp_path / "said")
    wait_for_records(run, course, 3)
    os.killpg(run.pid, 2)
    assert run.wait(timeout=60) == 130
    nobody_is_left()
    assert (tmp_path / "said").read_text() == (
        "autograder: interrupted; what was graded is recorded, the same command goes on from there\n"
    )
    before = recorded(course)
    assert 3 <= len(before) < 24
    grade(course, tmp_path / "inbox", "--jobs", jobs, output=tmp_path / "said")
    now = recorded(course)
    assert {name: now[name] for name in before} == before
    assert len(now) == 24
