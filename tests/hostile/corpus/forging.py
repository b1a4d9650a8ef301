"""Forged and malformed replies, written to the worker's socket by student code itself."""

from corpus.attack import Attack, MustNot, Without

TYPED = "typed replies"
COUNTED = "a reply is weighed before it is decoded"
DRAWN = "a number drawn for each request"
COMPARED = "compared by the grader, on plain data"
TIMED = "deadlines of the grader"


def _forged(does: str, status: str = "crashed", stopped_by: str = TYPED, **more: bool) -> Attack:
    """`wrong`: what is to be wrong with it would pass for an answer."""
    return Attack(does, MustNot.SCORED, stopped_by, None, status=status, speaks=True, **more)  # type: ignore[arg-type]


ANSWERS = {
    "forges other values": _forged("answer(wire.encode_tensor(x))", "failed", COMPARED),
    "forges nothing": _forged("answer(None)", "failed", COMPARED),
    "forges NaN": _forged("answer(wire.encode_tensor(x * float('nan')))", "failed", COMPARED),
    "forges infinity": _forged("answer(wire.encode_tensor(x * float('inf')))", "failed", COMPARED),
    "forges ten million numbers": _forged("array([8_000_000], bytes(64_000_000))", "failed", COMPARED),
    "forges nothing, four billion wide": _forged("array([0, 2**32])", "failed", COMPARED),
    "forges a handle of nothing": _forged("answer(wire.Handle(-1, 'Tensor'))", "failed", COMPARED),
    "forges strides out of bounds": _forged(
        "array([3, 4], bytes(96), strides=[10**9, -(10**9)])", "failed", "strides are not believed"
    ),
    "forges a huge number": _forged("answer(wire.Whole('f' * 4000))", "failed", COMPARED),
}
NUMBERS = {
    "answers another number": _forged("send(wire.Reply(number() + 1, wire.Returned(None))); os._exit(0)", stopped_by=DRAWN),
    "guesses the number": _forged("send(wire.Reply(3, wire.Returned(None))); os._exit(0)", stopped_by=DRAWN),
    "repeats its last reply": _forged(
        "reply = wire.Reply(number(), wire.Returned(wire.encode_tensor(x)))\nsend(reply); send(reply); os._exit(0)", "failed", DRAWN
    ),
    "answers a thousand requests ahead": Attack(
        "return x", MustNot.SCORED, DRAWN, None, status="crashed", speaks=True, everywhere=True,
        beside="for n in range(1000): send(wire.Reply(n, wire.Returned(None)))",
    ),
    "lets a thread answer later requests": _forged(
        "ahead = lambda: (time.sleep(0.05), [send(wire.Reply(n, wire.Returned(None))) for n in range(9)])\n"
        "threading.Thread(target=ahead).start()\n"
        "time.sleep(0.5)",
        stopped_by=DRAWN,
    ),
    "lets a thread read the next request": Attack(
        "threading.Thread(target=steal).start()\nreturn x * 0", MustNot.SCORED, DRAWN, None, speaks=True,
        beside="def steal():\n    size = int.from_bytes(os.read(3, 8), 'little')\n    os.read(3, size)\n    os._exit(0)\n",
    ),
    "claims a fault of the grader": Attack(
        "pass", MustNot.LOST, "a submission's word is no fault of the grader", None, status="crashed", speaks=True, everywhere=True,
        beside="send(wire.Reply(number(), wire.Raised('Unavailable', ['RuntimeError'], 'no device')))",
    ),
    "talks after it has answered": Attack(
        "send(wire.Reply(number(), wire.Returned(wire.encode_tensor(x)))); wire.write_all(3, b'20 of 20')\ntime.sleep(60)",
        MustNot.SCORED, "a worker that speaks unasked is replaced", None, speaks=True,
    ),
    "closes its socket": Attack(
        "pass", MustNot.LOST, "the next check gets a new worker", None, status="crashed", everywhere=True, beside="os.close(3)"
    ),
    "puts another file in the place of its socket": Attack(
        "pass", MustNot.LOST, "deadlines of the grader", None, status="crashed", everywhere=True, beside="os.dup2(1, 3)"
    ),
}  # fmt: skip
MALFORMED = {
    "sends a request for a reply": _forged("send(wire.Envelope(number(), wire.Read(None, 'double'))); os._exit(0)"),
    "sends an empty frame": _forged("raw(b'')"),
    "sends no msgpack": _forged("raw(b'\\xc1' * 100)"),
    "sends text": _forged("raw(b'passed')"),
    "sends text that is no UTF-8": _forged(
        "raw(wire.pack(wire.Reply(number(), wire.Returned('aaaa')))[8:].replace(b'aaaa', b'\\xff' * 4))"
    ),
    "sends a pickle that makes a file": Attack(
        "import pickle\nraw(pickle.dumps(Bomb()))", MustNot.CHANGED, TYPED, Without.UNPICKLED, status="crashed", speaks=True,
        beside="class Bomb:\n    def __reduce__(self): return (os.mkdir, ('{folder}/unpickled',))\n",
    ),
    "sends code": _forged("answer(wire.Function(b'', 'f', [], [], []))"),
    "sends a field twice": _forged(
        "raw(b'\\x84\\xa6number\\xcf' + struct.pack('>Q', number()) + b'\\xa7outcome\\x92\\xa8returned\\xc3' * 1 + "
        "b'\\xa6number\\x01\\xa7outcome\\x92\\xa8returned\\xc2')"
    ),
    "sends a frame without end": _forged("wire.write_all(3, b'\\xff' * 8); os._exit(0)", stopped_by=COUNTED),
    "sends a frame a byte too long": _forged(
        "wire.write_all(3, struct.pack('<Q', wire.MAX_FRAME + 1)); os._exit(0)", stopped_by=COUNTED
    ),
    "promises four billion values": _forged("raw(b'\\xdd' + b'\\xff' * 4)", stopped_by=COUNTED),
    "sends a million values": _forged("answer(wire.Sequence([1] * 1_000_000, False))", stopped_by=COUNTED),
    "sends a million entries": _forged("answer(wire.Mapping([(key, 1) for key in range(1_000_000)]))", stopped_by=COUNTED),
    "sends a million names of built-ins": _forged(
        "send(wire.Reply(number(), wire.Returned(None), [('f', str(name)) for name in range(1_000_000)])); os._exit(0)",
        stopped_by=COUNTED,
    ),
    "sends a nest of a million": _forged("raw(b'\\x82\\xa6number\\x01\\xa7outcome' + b'\\x91' * 1_000_000)", stopped_by=COUNTED),
    "sends a nest of lists": _forged(
        "value = None\nfor _ in range(60): value = wire.Sequence([value], False)\nanswer(value)", stopped_by="a limit on depth"
    ),
    "sends a negative shape": _forged("array([-3, -4], bytes(96))"),
    "sends an overflowing shape": _forged("array([2**40, 2**40], b'')"),
    "sends a shape that wraps round": _forged("array([2**32, 2**32], b'')"),
    "sends nothing, too wide for any tensor": _forged("array([0, 2**62, 2**62])"),
    "sends a size of 64 bits": _forged("array([0, 2**64 - 1])"),
    "sends a hundred dimensions": _forged("array([1] * 100, bytes(8))"),
    "sends too few bytes": _forged("array([3, 4], bytes(95))"),
    "sends another dtype's bytes": _forged("array([3, 4], bytes(96), dtype='float32')"),
    "sends an array of Python objects": _forged("array([3, 4], bytes(96), dtype='object')"),
    "sends a bfloat16 for numpy": _forged("array([3, 4], bytes(24), dtype='bfloat16', numpy=True)"),
    "sends digits that are none": _forged("answer(wire.Whole('passed'))"),
    "sends a number of a million digits": _forged("answer(wire.Whole('f' * 1_000_000))"),
    "sends a frame that nobody finishes": _forged(
        "os.write(3, struct.pack('<Q', 100) + b'half'); time.sleep(60)", "timeout", TIMED, slow=True
    ),
    "sends a byte now and then": _forged(
        "os.write(3, struct.pack('<Q', 10**6))\nwhile True: os.write(3, b'.'); time.sleep(0.01)", "timeout", TIMED, slow=True
    ),
    "sends a byte at a time, without pause": _forged(
        "os.write(3, struct.pack('<Q', 6 * 10**7))\nwhile True: os.write(3, b'.')", "timeout", TIMED, slow=True
    ),
}  # fmt: skip
FORGING = ANSWERS | NUMBERS | MALFORMED
