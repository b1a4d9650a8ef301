"""Student code hangs, dies, floods, patches and lies. Each is worth what the values it returns are worth."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from range_course import DEADLINES, HONEST, REST, SCALE, VALUES, grade, lost, statuses

from autograder.course import Course
from autograder.grading.result import SubmissionResult
from autograder.sandbox.sandbox import Sandbox

IMPORTS = """
import builtins, ctypes, gc, os, resource, signal, sys, threading, time, warnings
import torch
"""
SPIN = "\n    while True: pass"


@dataclass(frozen=True)
class Act:
    """What `scale` does before its honest return, what the file does beside it, and what becomes of the check of its values."""

    does: str = "pass"
    status: str = "passed"
    beside: str = ""


ENDS = {
    "loops": Act("while True: pass", "timeout"),
    "sleeps": Act("time.sleep(60)", "timeout"),
    "waits for itself": Act("lock = threading.Lock(); lock.acquire(); lock.acquire()", "timeout"),
    "stops itself": Act("signal.pthread_kill(threading.main_thread().ident, signal.SIGSTOP)", "timeout"),
    "ignores every signal it can": Act(
        "[signal.signal(n, signal.SIG_IGN) for n in range(1, 32) if n not in (9, 19)]" + SPIN, "timeout"
    ),
    "multiplies without end": Act("return x * 7 ** (7 ** 9)", "timeout"),
    "exits": Act("sys.exit(0)", "failed"),
    "leaves": Act("os._exit(0)", "crashed"),
    "aborts": Act("os.abort()", "crashed"),
    "crashes the interpreter": Act("ctypes.string_at(0)", "crashed"),
    "ends its own process by a signal": Act("signal.pthread_kill(threading.main_thread().ident, 9)", "crashed"),
    "is interrupted": Act("raise KeyboardInterrupt", "failed"),
    "raises what is no Exception": Act("raise type('Passed', (BaseException,), {})", "failed"),
    "raises an exception of pytest's": Act("raise type('Skipped', (Exception,), {'__module__': '_pytest.outcomes'})", "failed"),
    "raises the end of a loop": Act("raise StopIteration", "failed"),
    "raises an assertion": Act("raise AssertionError", "failed"),
    "raises a group": Act("raise ExceptionGroup('many', [ValueError('factor')])", "failed"),
    "raises what cannot be shown": Act(
        "raise Mute", "failed", "class Mute(Exception):\n    def __str__(self): raise SystemExit\n"
    ),
    "raises what has no name": Act(
        "raise Nameless", "crashed", "class Meta(type):\n    __name__ = property(lambda cls: 1 / 0)\n"
        "class Nameless(Exception, metaclass=Meta): pass\n"
    ),
    "recurs": Act("scale(x, factor)", "failed"),
    "eats memory piece by piece": Act("hoard = [torch.empty(1 << 25) for _ in range(1000)]", "failed"),
    "eats memory in one piece": Act("torch.ones(1 << 40)", "failed"),
    "starts processes": Act("os.fork()", "failed"),
    "starts threads": Act("[threading.Thread(target=time.sleep, args=(60,)).start() for _ in range(50)]"),
    "starts threads until it cannot": Act(
        "while True: threading.Thread(target=time.sleep, args=(60,)).start()", "failed"
    ),
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
    "leaves another default dtype behind": Act("torch.set_default_dtype(torch.float64)"),
    "leaves gradients off": Act("torch.set_grad_enabled(False)"),
    "seeds everything": Act("torch.manual_seed(0); torch.use_deterministic_algorithms(True)"),
    "dies when the next check begins": Act("sys.modules['serve']._begin = lambda seed: os._exit(0)"),
    "loops when the next check begins": Act(
        "sys.modules['serve']._begin = spin", beside="def spin(seed):\n    while True: pass\n"
    ),
    "eats memory when the next check begins": Act("sys.modules['serve']._begin = lambda seed: torch.ones(1 << 40)"),
    "empties sys.modules": Act("sys.modules.clear()"),
    "turns the collector off and on": Act("gc.disable(); gc.collect()"),
}  # fmt: skip

LIES = {
    "patches torch's comparisons": Act(
        "return x", "failed", "torch.equal = torch.allclose = torch.isclose = torch.Tensor.__eq__ = lambda *a, **k: True"
    ),
    "patches the reference's arithmetic": Act("return x", "failed", "torch.Tensor.__mul__ = lambda a, b: a"),
    "patches pytest": Act(
        "return x", "failed", "import _pytest.outcomes as o\no.Failed = o.Skipped\nbuiltins.AssertionError = KeyError"
    ),
    "patches the worker": Act(
        "return x", "failed", "serve = sys.modules['serve']\nserve.Worker._raised = lambda self, error: serve.wire.Returned(None)"
    ),
    "patches the decoder": Act("return x", "failed", "sys.modules['wire'].decode_tensor = lambda *a, **k: None"),
    "says that it equals everything": Act(
        "return Equal()", "failed", "class Equal:\n    __eq__ = lambda *a: True\n    __float__ = lambda s: 1.0\n"
    ),
    "pretends to be a tensor": Act(
        "return Liar()", "failed", "class Liar:\n    __class__ = torch.Tensor\n    shape = torch.Size([3, 4])\n"
    ),
    "overrides torch's functions": Act(
        "return x.as_subclass(Liar)", "failed",
        "class Liar(torch.Tensor):\n    @classmethod\n    def __torch_function__(cls, *a, **k): return True\n"
    ),
    "gives a list for a tensor": Act("return (x * factor).tolist()", "failed"),
    "gives an array for a tensor": Act("return (x * factor).numpy()", "failed"),
    "gives too few digits": Act("return (x * factor).float()", "failed"),
    "gives a tensor of tensors": Act("return (x * factor).expand(10, 3, 4)", "failed"),
    "gives a generator": Act("return (row * factor for row in x)", "failed"),
    "gives itself": Act("return scale", "failed"),
    "gives a loop of lists": Act("loop = []; loop.append(loop); return loop", "failed"),
}  # fmt: skip
ACTS = ENDS | GOES_ON | LIES
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


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_compared_as_the_value_that_it_is(results: dict[str, SubmissionResult], name: str) -> None:
    """What the worker's torch, pytest and operators are made to say reaches no comparison: those are made elsewhere."""
    assert statuses(results[name])["scale/multiplies"] == "failed"
    assert "scale/multiplies" in lost(results[name])


def test_neighbours_keep_their_points(results: dict[str, SubmissionResult]) -> None:
    """Honest submissions between the others are worth 20."""
    neighbours = {name: result.score for name, result in results.items() if name.startswith("neighbour")}
    assert neighbours == dict.fromkeys(neighbours, 20.0)
    assert len(neighbours) > 10


def test_the_grader_is_as_it_was(results: dict[str, SubmissionResult]) -> None:
    """Nobody's patch arrives in this process: no submission is a module here, torch multiplies, and nothing was `error`."""
    assert torch.equal(torch.tensor(2.0) * 3, torch.tensor(6.0))
    assert "h1_range" not in sys.modules
    assert {result.status for result in results.values()} == {"graded"}


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
