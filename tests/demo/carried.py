"""The way of the class through nbgrader, step by step, each step with its command and its time."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.demo.carrying import Running, fetch, nbgrader, submit
from tests.demo.course_folder import DemoError, make_course_folder, student_folder
from tests.demo.homework import do_homework
from tests.demo.pictured import take_pictures
from tests.demo.students import HandIn, Student

TYPIST = "amara_okafor"  # the one student who types the commands


def carry(root: Path, students: list[Student]) -> float:
    """Carry the class from release to feedback; the seconds that it took."""
    started = time.perf_counter()
    hand_ins = [hand_in for student in students for hand_in in student.hand_ins]
    slugs = sorted({hand_in.assignment for hand_in in hand_ins})
    make_course_folder(root, students)
    _release(root, slugs)
    _hand_in(root, hand_ins)
    _grade(root, slugs)
    _return(root, slugs, hand_ins)
    return time.perf_counter() - started


def _release(root: Path, slugs: list[str]) -> None:
    with _step("nbgrader db student import students.csv"):
        nbgrader(root, "db", "student", "import", "students.csv")
    for command in ("generate_assignment", "release_assignment"):
        for slug in slugs:
            with _step(f"nbgrader {command} {slug}"):
                nbgrader(root, command, slug)


def _hand_in(root: Path, hand_ins: list[HandIn]) -> None:
    """Let every student fetch, work and submit; one by nbgrader's commands, the others by what is behind them."""
    typed = [hand_in for hand_in in hand_ins if hand_in.student == TYPIST]
    folder = student_folder(root, TYPIST)
    for hand_in in typed:
        with _step(f"nbgrader fetch_assignment {hand_in.assignment}", f"{TYPIST}; the others do the same"):
            nbgrader(root, "fetch_assignment", hand_in.assignment, folder=folder)
    others = [hand_in for hand_in in hand_ins if hand_in.student != TYPIST]
    for hand_in in others:
        fetch(root, hand_in.student, hand_in.assignment)
    for hand_in in hand_ins:
        do_homework(hand_in, student_folder(root, hand_in.student) / hand_in.assignment)
    for hand_in in typed:
        with _step(f"nbgrader submit {hand_in.assignment}", f"{TYPIST}; the others do the same"):
            nbgrader(root, "submit", hand_in.assignment, folder=folder)
    for hand_in in others:
        submit(root, hand_in.student, hand_in.assignment)


def _grade(root: Path, slugs: list[str]) -> None:
    for slug in slugs:
        with _step(f"nbgrader collect {slug}"):
            nbgrader(root, "collect", slug)
    arguments = ("grade", "submitted", "--jobs", "2", "--json", "results.json")
    _say("", f"autograder {' '.join(arguments)}", "both assignments, two processes")
    with _step("", "graded"):
        _autograder(root, *arguments, good=(0, 1))  # not every file can be read
    for slug in slugs:
        with _step(f"nbgrader autograde {slug}", "records what has been graded"):
            nbgrader(root, "autograde", slug)


def _return(root: Path, slugs: list[str], hand_ins: list[HandIn]) -> None:
    # These read the gradebook only: the assignments can be done side by side.
    with _step(" & ".join(f"nbgrader generate_feedback {slug}" for slug in slugs)):
        for running in [Running(root, "generate_feedback", slug) for slug in slugs]:
            running.finish()
    for slug in slugs:
        with _step(f"nbgrader release_feedback {slug}"):
            nbgrader(root, "release_feedback", slug)
    for hand_in in hand_ins:
        if hand_in.student == TYPIST:
            with _step(f"nbgrader fetch_feedback {hand_in.assignment}", TYPIST):
                nbgrader(root, "fetch_feedback", hand_in.assignment, folder=student_folder(root, TYPIST))
    with _step("nbgrader export"):
        nbgrader(root, "export")
    for arguments in (("feedback", "--output", "pages"), ("report", "--roster", "students.csv")):
        with _step(f"autograder {' '.join(arguments)}"):
            _autograder(root, *arguments, stdout=subprocess.DEVNULL)
    with _step("pictures of a page and of the report", "where there is a Chromium"):
        take_pictures(root)


def _autograder(root: Path, *arguments: str, good: tuple[int, ...] = (0,), stdout: int | None = None) -> None:
    """Run our own command, whose output goes to the terminal or to `stdout`."""
    script = Path(sys.executable).with_name("autograder")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([script, *arguments], cwd=root, env=environment, stdout=stdout, check=False)
    if done.returncode not in good:
        raise DemoError(f"autograder {' '.join(arguments)} ended with {done.returncode}; see above")


@contextmanager
def _step(command: str, remark: str = "") -> Iterator[None]:
    """A step, said with its seconds and its command when it is done."""
    started = time.perf_counter()
    yield
    _say(f"{time.perf_counter() - started:6.1f} s", command, remark)


def _say(when: str, command: str, remark: str = "") -> None:
    line = Text.assemble((f"{when:>8}  ", "dim"), (command, "bold"), (f"   # {remark}" if remark else "", "dim"))
    Console(highlight=False).print(line, soft_wrap=True)
    sys.stdout.flush()
