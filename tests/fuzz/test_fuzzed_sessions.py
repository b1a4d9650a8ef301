"""A worker that speaks another language, or its own at the wrong time: the session answers or is interrupted, and is done."""

import os
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import Any

from fuzzing import examples
from hypothesis import given
from hypothesis import strategies as st
from wire_forms import payloads, replies

from autograder.sandbox.session import Deadlines, Interrupted, Session, Submitted
from autograder.sandbox.zygote import Ended, Needs
from autograder.worker import wire

SUBMITTED = Submitted("slug", ("x = 1",), False, ("exercise",))
# Short: a worker that keeps silent costs them in full.
DEADLINES = Deadlines(cpu=1.0, wall=0.1, load_cpu=1.0, load_wall=0.5, lost=0.2)

Act = tuple[str, Any]


@dataclass
class Liar:
    """A worker process of nobody: it loads what it is given, then acts out a script, one list of acts a request."""

    script: list[list[Act]]
    channel: socket.socket = field(init=False)
    asked: list[int] = field(default_factory=list)
    received: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.channel, self._theirs = socket.socketpair()
        self._thread = threading.Thread(target=self._act, daemon=True)
        self._thread.start()

    def cpu(self) -> float:
        """It never computes."""
        return 0.0

    def end(self) -> Ended:
        """Its end."""
        self.channel.close()
        self._theirs.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._theirs.close()
        return Ended(0, 0.0, 0)

    def _act(self) -> None:
        try:
            self._send(wire.pack(wire.Reply(self._request().number, wire.Returned(None))))
            for acts in self.script:
                envelope = self._request()
                self.asked.append(envelope.number)
                for name, what in acts:
                    if name == "begins" and envelope.seed is not None:
                        self._send((envelope.number + what).to_bytes(8, "little", signed=False))
                    elif name == "replies":
                        self._send(wire.pack(wire.Reply(envelope.number + what[0], what[1].outcome, what[1].forbidden)))
                    elif name == "says":
                        self._send(what)
                    elif name == "leaves":
                        self._theirs.shutdown(socket.SHUT_WR)
        except (OSError, EOFError):
            pass

    def _request(self) -> wire.Envelope:
        descriptor = self._theirs.fileno()
        (size,) = struct.unpack("<Q", wire.read_exactly(descriptor, 8))
        return wire.unpack_envelope(wire.read_exactly(descriptor, size))

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._theirs.fileno(), view) :]


class Liars:
    """A zygote whose workers all act out the same script."""

    def __init__(self, script: list[list[Act]]) -> None:
        self._script = script
        self.forked: list[Liar] = []

    def fork(self, needs: Needs, *, cuda: bool) -> Liar:
        """Another liar."""
        self.forked.append(Liar(self._script))
        return self.forked[-1]


_frames = payloads().map(lambda payload: struct.pack("<Q", len(payload)) + payload)
_sizes = st.integers(0, 2**64 - 1).map(lambda size: struct.pack("<Q", size))
_off_by = st.sampled_from([0, 0, 0, 0, 0, 1, -1, 2**40])
_act = st.one_of(
    st.tuples(st.just("replies"), st.tuples(_off_by, replies())),
    st.tuples(st.just("replies"), st.tuples(st.just(0), replies())),
    st.tuples(st.just("says"), _frames),
    st.tuples(st.just("says"), _frames.flatmap(lambda frame: st.integers(0, len(frame)).map(lambda end: frame[:end]))),
    st.tuples(st.just("says"), _sizes | st.binary(max_size=20)),
    st.tuples(st.just("leaves"), st.none()),
)
_acts = st.tuples(
    st.sampled_from([[("begins", 0)]] * 5 + [[], [("begins", 1)], [("begins", 0), ("begins", 0)]]),
    st.lists(_act, min_size=1, max_size=3) | st.lists(_act, max_size=1),
).map(lambda both: both[0] + both[1])


@examples(80)
@given(st.lists(_acts, min_size=1, max_size=4), st.integers(1, 3))
def test_a_session_has_an_answer_to_its_question_or_is_interrupted(script: list[list[Act]], asked_each: int) -> None:
    """Whatever the worker says, and when: a reply that bears the question's number, or `Interrupted`; nothing else, ever.

    After an interruption the worker is gone, and at the end all are.
    """
    zygote = Liars(script)
    session = Session(zygote, SUBMITTED, DEADLINES)  # type: ignore[arg-type]
    try:
        for check in range(3):
            session.start_check(check)
            for _ in range(asked_each):
                try:
                    reply = session.request(wire.Call(None, "exercise", [], []))
                except Interrupted:
                    assert not session._workers
                else:
                    assert reply.number == zygote.forked[-1].asked[-1]
                    assert all(len(name) <= 200 and len(exercise) <= 200 for name, exercise in session.forbidden)
    finally:
        session.close()
    assert all(liar.channel.fileno() == -1 for liar in zygote.forked)
