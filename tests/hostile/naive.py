"""The control in one process: a grader as one would write it in an afternoon. It imports the submission and runs pytest beside it.

Run by path with a folder of submissions (`NAME.py`): each is graded in a fork of this process, which has loaded torch and pytest,
with a second student's honest work after it. The answer, a line of JSON for each: exit status (below 0 where a signal ended it,
as it does where it hangs), which of the tests of the values and of the neighbour passed, and the output.
"""

import gc
import json
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest
import torch

CPU_SECONDS, WALL_SECONDS = 2, 20.0
SIDE_BY_SIDE = 8
_TEST_NAIVE = """
import neighbour, reference, submission, torch

{words}
torch.manual_seed(7)
X = torch.randn(3, 4, dtype=torch.float64)
ANSWER = X * 2.5
torch.left_behind, torch.overheard = "planted_left_7c1e", "planted_next_7c1e"


def same(got, wanted):
    if isinstance(got, str):
        print("got", got)
    if isinstance(got, torch.Tensor):
        return torch.allclose(got, wanted)
    return got == wanted


def test_multiplies():
    got = submission.scale(X, 2.5)
    assert same(got, reference.scale(X, 2.5))
    open("multiplies-passed", "w").close()


def test_refuses_a_negative_factor():
    with __import__("pytest").raises(ValueError):
        submission.scale(X, -1.0)


def test_neighbour():
    weight = torch.ones(2, requires_grad=True)
    value = neighbour.scale(weight, 2.0)
    value.sum().backward()
    assert value.dtype == torch.float32 and weight.grad.tolist() == [2.0, 2.0]
    import random, statistics
    open("neighbour-passed", "w").close()
"""


def grade(folder: Path, text: str, words: str, honest: str) -> None:
    """Grades one submission in this process, which it then leaves with pytest's exit status."""
    for name, body in {
        "submission.py": text,
        "reference.py": f"{honest}\nhidden = '{words.split()[1]}'\n",
        "neighbour.py": honest,
        "test_naive.py": _TEST_NAIVE.format(words="\n".join(f"{word} = '{word}'" for word in words.split())),
    }.items():
        (folder / name).write_text(body, encoding="utf-8")
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    held = os.open(folder / "test_naive.py", os.O_RDONLY)  # as an editor, a log or a gradebook would be
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ["COURSE_SECRET"] = words.split()[2]
    code = pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(folder), "test_naive.py"])
    os.close(held)
    sys.exit(int(code))


def start(text: str, words: str, honest: str) -> tuple[int, Path, float]:
    """Forks a grader of one process; its pid, its folder, when it is given up."""
    folder = Path(tempfile.mkdtemp(dir=os.getcwd()))
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.setsid()
        with (folder / "output").open("wb") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        grade(folder, text, words, honest)
    return child, folder, time.monotonic() + WALL_SECONDS


def ended(child: int, given_up: float) -> int | None:
    """How a grader ended, below 0 by a signal; None while it runs. One that hangs is killed."""
    if time.monotonic() > given_up:
        os.kill(child, signal.SIGKILL)
    there, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if there else None


def main() -> None:
    """One line of JSON in (texts by name, words, honest text), one out for each text."""
    asked = json.loads(sys.stdin.read())
    torch.set_num_threads(1)
    gc.freeze()  # else each fork copies what its collector looks at
    waiting = list(asked["texts"].items())
    running: dict[str, tuple[int, Path, float]] = {}
    while waiting or running:
        while waiting and len(running) < SIDE_BY_SIDE:
            name, text = waiting.pop(0)
            running[name] = start(text, asked["words"], asked["honest"])
        time.sleep(0.02)
        for name, (child, folder, given_up) in list(running.items()):
            if (status := ended(child, given_up)) is not None:
                del running[name]
                said = (folder / "output").read_bytes()[: 1 << 20].decode(errors="replace")
                passed = [test for test in ("multiplies", "neighbour") if (folder / f"{test}-passed").exists()]
                print(json.dumps({"name": name, "status": status, "passed": passed, "output": said}), flush=True)


if __name__ == "__main__":
    main()
