"""Student code searches its memory for what is the grader's, and finds what is there and no more; so does the trusted side."""

import os
import sys
from pathlib import Path

import pytest
from range_course import CHECKS_WORD, HONEST, REFERENCE_WORD, SCALE, SECRET, SLUG, grade, statuses

from autograder.course import Course
from autograder.sandbox.sandbox import Sandbox

LOOTING = """
import gc, os, sys, types
import torch


def loot(x):
    {loot}


def scale(x, factor):
    if factor < 0:
        raise ValueError("factor")
    return x * factor if loot(x) else torch.zeros_like(x)
"""


def looting(code: str) -> str:
    """An honest file but for `scale`, which gives the right values only where this code finds what it looks for."""
    return HONEST.replace(SCALE, LOOTING.replace("{loot}", code))


# Strings, code and names that the process holds, wherever they hang.
FINDING = """
def strings():
    for thing in gc.get_objects():
        yield from (item for item in gc.get_referents(thing) if type(item) is str)
    seen = [f.__code__ for f in gc.get_objects() if type(f) is types.FunctionType]
    frame = sys._getframe()
    while frame is not None:
        seen.append(frame.f_code)
        yield from map(str, frame.f_locals)
        frame = frame.f_back
    for code in seen:
        yield from (code.co_filename, code.co_name, *code.co_names, *map(str, code.co_consts))
    yield from (*sys.argv, *sys.orig_argv, *sys.path, *os.environ, *os.environ.values(), *sys.modules)


def find(head, tail):
    return any(head + tail in text for text in strings())
"""


@pytest.mark.parametrize(
    ("word", "there"),
    [
        pytest.param("read_exactly", True, id="what does lie there"),
        pytest.param(REFERENCE_WORD, False, id="the reference"),
        pytest.param(CHECKS_WORD, False, id="the checks"),
        pytest.param(f"test_{SLUG}", False, id="the path of the checks"),
        pytest.param("refuses_a_negative", False, id="the names of other checks"),
        pytest.param(SECRET, False, id="the secret"),
        pytest.param("solutions/", False, id="the folder of references"),
    ],
)
def test_memory_holds_nothing_of_the_graders(
    firing_range: Course, sandbox: Sandbox, tmp_path: Path, word: str, there: bool
) -> None:
    """Objects, frames, modules, arguments and environment of the worker hold no word of reference, checks or secret."""
    head, tail = word[:5], word[5:]
    text = looting(f"return find('{head}', '{tail}')").replace("def loot", f"{FINDING}\n\ndef loot")
    result = grade(firing_range, sandbox, tmp_path, {"one": text})["one"]
    assert statuses(result)["scale/multiplies"] == ("passed" if there else "failed")


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="reads another process's memory")
def test_the_zygotes_memory_holds_no_copy_of_a_secret(firing_range: Course, sandbox: Sandbox, tmp_path: Path) -> None:
    """After it has served a submission, the zygote holds no word of the course, and none of the submission either."""
    mine = "word_of_a_student_77aa"
    assert grade(firing_range, sandbox, tmp_path, {"one": f"{HONEST}\n{mine} = '{mine}'\n"})["one"].score == 20.0
    memory = _memory_of(sandbox.zygote._process.pid)
    assert memory.count(b"read_exactly") > 0
    words = (REFERENCE_WORD, CHECKS_WORD, SECRET, mine)
    assert {word: memory.count(word.encode()) for word in words} == dict.fromkeys(words, 0)


def _memory_of(pid: int) -> bytes:
    """All writable memory of a process."""
    parts = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            span, modes = line.split()[:2]
            if modes.startswith("rw") and "[v" not in line:
                start, end = (int(part, 16) for part in span.split("-"))
                memory.seek(start)
                parts.append(memory.read(end - start))
    return b"".join(parts)
