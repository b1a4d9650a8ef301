"""Student code writes replies onto the socket itself, instead of returning a value."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from range_course import HONEST, SCALE, SPEAKING, VALUES, grade, lost, statuses

from autograder.course import Course
from autograder.grading.result import SubmissionResult
from autograder.sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class Forgery:
    """What `scale` does before its honest return, and what becomes of the check of its values."""

    does: str
    status: str


FORGERIES = {
    "the right values": Forgery("answer(wire.encode_tensor(x * factor))", "passed"),
    "other values": Forgery("answer(wire.encode_tensor(x))", "failed"),
    "none": Forgery("answer(None)", "failed"),
    "not a number": Forgery("answer(wire.encode_tensor(x * float('nan')))", "failed"),
    "infinity": Forgery("answer(wire.encode_tensor(x * float('inf')))", "failed"),
    "ten million numbers": Forgery("array([8_000_000], bytes(64_000_000))", "failed"),
    "nothing, four billion wide": Forgery("array([0, 2**32])", "failed"),
    "another number": Forgery("send(wire.Reply(number() + 1, wire.Returned(None))); os._exit(0)", "crashed"),
    "a guessed number": Forgery("send(wire.Reply(3, wire.Returned(None))); os._exit(0)", "crashed"),
    "no reply but a request": Forgery("send(wire.Envelope(number(), wire.Register())); os._exit(0)", "crashed"),
    "an empty frame": Forgery("raw(b'')", "crashed"),
    "no msgpack": Forgery("raw(b'\\xc1' * 100)", "crashed"),
    "text": Forgery("raw(b'passed')", "crashed"),
    "text that is no UTF-8": Forgery(
        "raw(wire.pack(wire.Reply(number(), wire.Returned('aaaa')))[8:].replace(b'aaaa', b'\\xff' * 4))", "crashed"
    ),
    "an endless frame": Forgery("wire.write_all(3, b'\\xff' * 8); os._exit(0)", "crashed"),
    "a frame a byte too long": Forgery("wire.write_all(3, struct.pack('<Q', wire.MAX_FRAME + 1)); os._exit(0)", "crashed"),
    "a promise of four billion values": Forgery("raw(b'\\xdd' + b'\\xff' * 4)", "crashed"),
    "a million values": Forgery("answer(wire.Sequence([1] * 1_000_000, False))", "crashed"),
    "a million entries": Forgery("answer(wire.Mapping([(key, 1) for key in range(1_000_000)]))", "crashed"),
    "a million names of built-ins": Forgery(
        "send(wire.Reply(number(), wire.Returned(None), [str(name) for name in range(1_000_000)])); os._exit(0)", "crashed"
    ),
    "a nest": Forgery("raw(b'\\x82\\xa6number\\x01\\xa7outcome' + b'\\x91' * 1_000_000)", "crashed"),
    "a nest of lists": Forgery(
        "value = None\n    for _ in range(60): value = wire.Sequence([value], False)\n    answer(value)", "crashed"
    ),
    "a negative shape": Forgery("array([-3, -4], bytes(96))", "crashed"),
    "an overflowing shape": Forgery("array([2**40, 2**40], b'')", "crashed"),
    "a shape that wraps round": Forgery("array([2**32, 2**32], b'')", "crashed"),
    "nothing, too wide for any tensor": Forgery("array([0, 2**62, 2**62])", "crashed"),
    "a size of 64 bits": Forgery("array([0, 2**64 - 1])", "crashed"),
    "a hundred dimensions": Forgery("array([1] * 100, bytes(8))", "crashed"),
    "too few bytes": Forgery("array([3, 4], bytes(95))", "crashed"),
    "another dtype's bytes": Forgery("array([3, 4], bytes(96), dtype='float32')", "crashed"),
    "an unknown dtype": Forgery("array([3, 4], bytes(96), dtype='object')", "crashed"),
    "strides out of bounds": Forgery("array([3, 4], bytes(96), strides=[10**9, -(10**9)])", "failed"),
    "a bfloat16 for numpy": Forgery("array([3, 4], bytes(24), dtype='bfloat16', numpy=True)", "crashed"),
    "code": Forgery("answer(wire.Function(b'', 'f', [], [], []))", "crashed"),
    "a handle of nothing": Forgery("answer(wire.Handle(-1, 'Tensor'))", "failed"),
    "digits that are none": Forgery("answer(wire.Whole('passed'))", "crashed"),
    "a number of a million digits": Forgery("answer(wire.Whole('f' * 1_000_000))", "crashed"),
    "a huge number": Forgery("answer(wire.Whole('f' * 4000))", "failed"),
    "half a frame, and silence": Forgery("os.write(3, struct.pack('<Q', 100) + b'half'); time.sleep(60)", "timeout"),
    "a byte now and then": Forgery(
        "os.write(3, struct.pack('<Q', 10**6))\n    while True: os.write(3, b'.'); time.sleep(0.01)", "timeout"
    ),
    "a byte at a time, without pause": Forgery(
        "os.write(3, struct.pack('<Q', 6 * 10**7))\n    while True: os.write(3, b'.')", "timeout"
    ),
}  # fmt: skip
FORGING = HONEST.replace(SCALE, SPEAKING + SCALE.replace("    return x", "    {}\n    return x"))


@pytest.fixture(scope="module")
def results(
    firing_range: Course, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, SubmissionResult]:
    """Every forger's result, and that of an honest neighbour after every fourth."""
    texts = {}
    for number, (name, forgery) in enumerate(FORGERIES.items()):
        texts[name] = FORGING.replace("{}", forgery.does)
        if number % 4 == 0:
            texts[f"neighbour of {name}"] = HONEST
    return grade(firing_range, sandbox, tmp_path_factory.mktemp("forgers"), texts)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_reply_costs_the_check_it_was_sent_in(results: dict[str, SubmissionResult], name: str) -> None:
    """Each forgery is what it is worth as an answer to one check; every other check of the submission passes."""
    status = FORGERIES[name].status
    assert statuses(results[name]) == dict.fromkeys(VALUES, "passed") | {"scale/multiplies": status}
    assert lost(results[name]) == (set() if status == "passed" else {"scale/multiplies"})


def test_neighbours_of_forgers_keep_their_points(results: dict[str, SubmissionResult]) -> None:
    """Honest submissions between the forged ones are worth 20."""
    neighbours = [result.score for name, result in results.items() if name.startswith("neighbour")]
    assert neighbours == [20.0] * len(neighbours)
    assert len(neighbours) > 5


AT_IMPORT = {
    "answers ahead": "for n in range(1000): send(wire.Reply(n, wire.Returned(None)))",
    "a fault of the grader": "send(wire.Reply(number(), wire.Raised('Unavailable', ['RuntimeError'], 'no device')))",
    "a socket that is closed": "os.close(3)",
    "a socket that is another": "os.dup2(1, 3)",
}


@pytest.mark.parametrize("name", AT_IMPORT)
def test_nothing_is_earned_by_talking_before_being_asked(
    firing_range: Course, sandbox: Sandbox, name: str, tmp_path: Path
) -> None:
    """A submission that spoils its socket while it is loaded has no answers: 0 points, and no fault of the grader's."""
    text = HONEST.replace(SCALE, f"{SPEAKING}\n{AT_IMPORT[name]}\n{SCALE}")
    result = grade(firing_range, sandbox, tmp_path, {"one": text})["one"]
    assert result.status == "graded"
    assert statuses(result) == dict.fromkeys(VALUES, "crashed")
    assert result.score == 0
