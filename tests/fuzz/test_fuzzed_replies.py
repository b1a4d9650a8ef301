"""The reply decoder under fire: whatever bytes a worker sends, the grader gets plain data or one kind of error."""

import struct
import tracemalloc
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from fuzzing import examples
from hypothesis import given
from hypothesis import strategies as st
from wire_forms import answers_like, payloads, values

from autograder.checking.compare import Disagreement, Ledger, agree, keeping
from autograder.sandbox.remote import Recording, RemoteObject, StudentModule
from autograder.sandbox.session import Interrupted, StudentError
from autograder.sandbox.weight import weight
from autograder.worker import wire

_REFUSAL = 64  # bytes for each byte of a reply that is refused, at most
_SLACK = 200_000  # bytes that do not grow with the reply: messages of errors, the interpreter's own


class Answers:
    """What stands for a session: it gives one reply to whatever is asked, as `Session` reads it."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload

    def request(self, _: wire.Request) -> wire.Reply:
        """The reply; what breaks the language is a crash of the worker's."""
        try:
            weight(self._payload)
            return wire.unpack_reply(self._payload)
        except wire.WireError as error:
            raise Interrupted("its answer could not be read") from error


def received(payload: bytes) -> Any:
    """What a check gets of a reply: a value, or the exception that it says; an `Interrupted` where it says nothing."""
    module = StudentModule(Answers(payload), Recording(), ("simulated",))  # type: ignore[arg-type]
    try:
        return module.exercise()
    except Interrupted as interrupted:
        return interrupted
    except StudentError as error:
        return error


def is_plain(value: Any) -> bool:
    """Whether a value holds exactly the types that the language has, and nothing that belongs to a worker but handles."""
    if type(value) in (list, tuple):
        return all(map(is_plain, value))
    if type(value) is dict:
        return all(type(key) in (str, int) and is_plain(item) for key, item in value.items())
    if type(value) is torch.Tensor:
        bits = value.view(torch.uint8) if value.dtype is torch.bool else torch.zeros(1)
        return value.device.type == "cpu" and value.is_leaf and value.is_contiguous() and not bool((bits > 1).any())
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return value.dtype.kind in "fcuib"
    return value is None or type(value) in (bool, int, float, str, RemoteObject)


def same(got: Any, sent: Any) -> bool:
    """Whether two values are the same, type by type and bit by bit."""
    if type(got) is not type(sent):
        return False
    if isinstance(sent, (list, tuple)):
        return len(got) == len(sent) and all(map(same, got, sent))
    if isinstance(sent, dict):
        return list(got) == list(sent) and all(same(got[key], sent[key]) for key in sent)
    if isinstance(sent, torch.Tensor):
        bits = [one.contiguous().reshape(-1).view(torch.uint8) for one in (got, sent)] if sent.numel() else [sent, sent]
        return (got.shape, got.dtype) == (sent.shape, sent.dtype) and torch.equal(*bits)
    if isinstance(sent, (np.ndarray, np.generic)):
        return (got.shape, got.dtype) == (sent.shape, sent.dtype) and got.tobytes() == sent.tobytes()
    return struct.pack("d", got) == struct.pack("d", sent) if isinstance(sent, float) else got == sent


def _nothing(_: object) -> wire.Value:
    raise AssertionError("no object was to be kept")


@examples(250)
@given(values())
def test_every_value_that_may_cross_arrives_as_it_was(value: Any) -> None:
    """Type, order, shape, dtype and every bit."""
    payload = wire.pack(wire.Reply(7, wire.Returned(wire.Encoder(_nothing).encode(value))))[8:]
    assert same(received(payload), value)


@examples(500)
@given(payloads())
def test_a_reply_is_plain_data_or_refused(payload: bytes) -> None:
    """Any bytes: an answer of plain data, an exception of the student's, or `Interrupted`; never another exception."""
    got = received(payload)
    assert isinstance(got, (Interrupted, StudentError)) or is_plain(got)


@examples(300)
@given(payloads())
def test_a_reply_takes_no_more_memory_than_was_said_before_it_was_read(payload: bytes) -> None:
    """What is allocated while it is parsed stays below its weight; while it is decoded, below that and a copy of its bytes.

    A refusal costs no more than an answer: headers that promise four billion values are not believed.
    """
    tracemalloc.start()
    try:
        stated = weight(payload)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        reply = wire.unpack_reply(payload)
        assert tracemalloc.get_traced_memory()[1] - before <= stated + _SLACK
        if isinstance(reply.outcome, wire.Returned):
            tracemalloc.reset_peak()
            wire.Decoder(lambda _: None).decode(reply.outcome.value)
            assert tracemalloc.get_traced_memory()[1] - before <= 2 * stated + len(payload) + _SLACK
    except wire.WireError:
        assert tracemalloc.get_traced_memory()[1] <= _REFUSAL * len(payload) + _SLACK
    finally:
        tracemalloc.stop()


@examples(250)
@given(values(arrays=False), st.data(), st.booleans(), st.booleans())
def test_every_answer_gets_a_verdict(expected: Any, data: st.DataObject, elementwise: bool, same_dtype: bool) -> None:
    """Held against any right answer it agrees or disagrees; an answer never makes the comparison itself fail."""
    got = received(data.draw(answers_like(expected)))

    def call(outcome: Any) -> Any:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    with keeping(Ledger(1, 1e-6)), suppress(Interrupted if isinstance(got, Interrupted) else Disagreement):
        agree(got, expected, call, elementwise=elementwise, same_dtype=same_dtype)


@examples(150)
@given(values(arrays=False), st.booleans())
def test_an_answer_agrees_with_itself(value: Any, elementwise: bool) -> None:
    """The comparison is passed by the right answer, whatever it is: NaN, infinities, nothing at all."""
    with keeping(Ledger(1, 1e-6)):
        agree(value, value, lambda one: one, elementwise=elementwise)
