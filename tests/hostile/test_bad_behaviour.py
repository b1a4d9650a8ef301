"""What students do without malice beside the exercise: each is worth what the values it returns are worth. Attacks: `corpus`."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from range_course import DEADLINES, HONEST, REST, SCALE, SPEAKING, VALUES, grade, lost, statuses

from autograder.course import Course
from autograder.grading.result import SubmissionResult
from autograder.sandbox.sandbox import Sandbox

IMPORTS = """
import builtins, ctypes, gc, os, resource, signal, sys, threading, time, warnings
import torch
"""


@dataclass(frozen=True)
class Act:
    """What `scale` does before its honest return, what the file does beside it, and what becomes of the check of its values."""

    does: str = "pass"
    status: str = "passed"
    beside: str = ""


ENDS = {
    "exits": Act("sys.exit(0)", "failed"),
    "raises the end of a loop": Act("raise StopIteration", "failed"),
    "raises an assertion": Act("raise AssertionError", "failed"),
    "raises a group": Act("raise ExceptionGroup('many', [ValueError('factor')])", "failed"),
    "recurs": Act("scale(x, factor)", "failed"),
    "starts threads": Act("[threading.Thread(target=time.sleep, args=(60,)).start() for _ in range(50)]"),
    "is not written": Act("raise NotImplementedError", "missing"),
}  # fmt: skip

GOES_ON = {
    "prints a megabyte": Act("print('passed' * 200_000, flush=True); sys.stderr.write('20/20 ' * 200_000)"),
    "warns at every call": Act("[warnings.warn(f'{n}' * 1000) for n in range(100)]"),
    "closes its output": Act("os.close(1); os.close(2); print('passed')"),
    "exits when it is loaded": Act(beside="sys.exit(0)"),
    "raises when it is loaded": Act(beside="raise BaseException('20/20')"),
    "takes every signal": Act("[signal.signal(n, lambda *_: None) for n in range(1, 32) if n not in (9, 19)]"),
    "lifts its limits": Act(
        beside="for limit in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_DATA):\n"
        "    try: resource.setrlimit(limit, (-1, -1))\n    except (OSError, ValueError): pass\n"
    ),
    "seeds everything": Act("torch.manual_seed(0); torch.use_deterministic_algorithms(True)"),
    "turns the collector off and on": Act("gc.disable(); gc.collect()"),
}  # fmt: skip

WRONG = {
    "gives a list for a tensor": Act("return (x * factor).tolist()", "failed"),
    "gives an array for a tensor": Act("return (x * factor).numpy()", "failed"),
    "gives too few digits": Act("return (x * factor).float()", "failed"),
    "gives a tensor of tensors": Act("return (x * factor).expand(10, 3, 4)", "failed"),
    "gives a generator": Act("return (row * factor for row in x)", "failed"),
}  # fmt: skip
ACTS = ENDS | GOES_ON | WRONG
ACTING = HONEST.replace(SCALE, SCALE.replace("    return x", "    {does}\n    return x"))


@pytest.fixture(scope="module")
def results(
    firing_range: Course, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, SubmissionResult]:
    """Every actor's result, and that of an honest neighbour after every fourth."""
    texts = {}
    for number, (name, act) in enumerate(ACTS.items()):
        texts[name] = f"{IMPORTS}\n{act.beside}\n" + ACTING.replace("{does}", act.does)
        if number % 4 == 0:
            texts[f"neighbour of {name}"] = HONEST
    return grade(firing_range, sandbox, tmp_path_factory.mktemp("actors"), texts)


@pytest.mark.parametrize("name", ENDS)
def test_a_bad_end_costs_one_check(results: dict[str, SubmissionResult], name: str) -> None:
    """A hang, a crash or an exception costs the check in which it happens; the worker is replaced and the others pass."""
    status = ENDS[name].status
    assert statuses(results[name]) == dict.fromkeys(VALUES, "passed") | {"scale/multiplies": status}
    assert lost(results[name]) == (set() if status == "passed" else {"scale/multiplies"})


@pytest.mark.parametrize("name", GOES_ON)
def test_right_values_count_whatever_is_done_beside_them(results: dict[str, SubmissionResult], name: str) -> None:
    """Who returns what was asked for has the points, and the settings that he leaves behind harm no other check."""
    assert statuses(results[name]) == dict.fromkeys(VALUES, "passed")
    assert results[name].score == 20.0


@pytest.mark.parametrize("name", WRONG)
def test_a_value_of_another_kind_is_wrong(results: dict[str, SubmissionResult], name: str) -> None:
    """Right numbers in another type, dtype or shape are no answer to the check that they were given to."""
    assert statuses(results[name])["scale/multiplies"] == "failed"
    assert "scale/multiplies" in lost(results[name])


def test_neighbours_keep_their_points(results: dict[str, SubmissionResult]) -> None:
    """Honest submissions between the others are worth 20."""
    neighbours = {name: result.score for name, result in results.items() if name.startswith("neighbour")}
    assert neighbours == dict.fromkeys(neighbours, 20.0)
    assert len(neighbours) > 4


def test_the_grader_is_as_it_was(results: dict[str, SubmissionResult]) -> None:
    """Nobody's patch arrives in this process: no submission is a module here, torch multiplies, and nothing was `error`."""
    assert torch.equal(torch.tensor(2.0) * 3, torch.tensor(6.0))
    assert "h1_range" not in sys.modules
    assert {result.status for result in results.values()} == {"graded"}


def test_a_reply_written_by_itself_is_worth_its_value(firing_range: Course, sandbox: Sandbox, tmp_path: Path) -> None:
    """Who writes the right answer to the socket, instead of returning it, has answered."""
    body = SCALE.replace("    return x", "    answer(wire.encode_tensor(x * factor))\n    return x")
    result = grade(firing_range, sandbox, tmp_path, {"one": HONEST.replace(SCALE, SPEAKING + body)})["one"]
    assert (statuses(result), result.score) == (dict.fromkeys(VALUES, "passed"), 20.0)


@pytest.mark.parametrize("hang", ["time.sleep(60)", "while True: pass"])
def test_a_hang_while_it_is_loaded_is_waited_for_once(
    firing_range: Course, sandbox: Sandbox, tmp_path: Path, hang: str
) -> None:
    """Where the file itself hangs, nothing in it can be asked: every check times out, after one wait."""
    texts = {"sleeper": f"{IMPORTS}\n{hang}\n{HONEST}", "neighbour": HONEST}
    results = grade(firing_range, sandbox, tmp_path, texts, replace(DEADLINES, load_cpu=1.0, load_wall=2.0))
    assert statuses(results["sleeper"]) == dict.fromkeys(VALUES, "timeout")
    assert sum(check.seconds > 0.5 for check in results["sleeper"].checks) == 1
    assert (results["sleeper"].score, results["neighbour"].score) == (0.0, 20.0)


def test_what_is_kept_between_checks_is_the_authors_own(firing_range: Course, sandbox: Sandbox, tmp_path: Path) -> None:
    """A file that counts its calls finds no call of another's: each submission starts from nothing."""
    counting = SCALE.replace(
        "    return x", "    torch.calls = getattr(torch, 'calls', 0) + 1\n    return x * torch.calls"
    )
    texts = {f"author {number}": f"import torch\n{counting}{REST}" for number in range(3)}
    results = grade(firing_range, sandbox, tmp_path, texts)
    assert [result.score for result in results.values()] == [20.0] * 3
