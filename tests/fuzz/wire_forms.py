"""Strategies: values that may cross the wall, replies that lie about them, and bytes that were a reply once."""

from typing import Any

import msgspec
import numpy as np
import torch
from hypothesis import strategies as st

from autograder.worker import wire

DTYPES = list(wire.DTYPES)
_NUMPY = [name for name in DTYPES if name != "bfloat16"]
_WORDS = st.text(max_size=12)
_KEYS = _WORDS | st.integers(-(2**63), 2**63 - 1)


@st.composite
def tensors(draw: st.DrawFn, names: list[str] = DTYPES) -> torch.Tensor:
    """A tensor of any dtype with any bits, of up to four dimensions, empty ones among them; contiguous or transposed."""
    dtype = wire.DTYPES[draw(st.sampled_from(names))]
    shape = draw(st.lists(st.integers(0, 4), max_size=4))
    count = int(np.prod(shape, dtype=int))
    if dtype is torch.bool:
        flat = torch.tensor(draw(st.lists(st.booleans(), min_size=count, max_size=count)), dtype=dtype)
    else:
        size = count * dtype.itemsize
        data = bytearray(draw(st.binary(min_size=size, max_size=size)))
        flat = torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
    tensor = flat.reshape(shape)
    return tensor.movedim(0, -1) if shape and draw(st.booleans()) else tensor


def values(*, arrays: bool = True) -> st.SearchStrategy[Any]:
    """Whatever may cross: numbers of any size, texts, tensors, numpy's arrays and scalars, and containers of them."""
    plain = st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.floats() | st.text(max_size=40)
    leaves = plain | tensors()
    if arrays:
        leaves |= tensors(_NUMPY).map(lambda tensor: tensor.numpy()[()])
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.lists(inner, max_size=4).map(tuple)
            | st.dictionaries(_KEYS, inner, max_size=4)
        ),
        max_leaves=12,
    )


_SIZES = st.integers(0, 5) | st.sampled_from([-1, 2**31, 2**32, 2**40, 2**62, 2**63, 2**64 - 1, -(2**63)])
_SHAPES = st.lists(_SIZES, max_size=5) | st.lists(st.just(1), min_size=30, max_size=70)


@st.composite
def arrays_that_lie(draw: st.DrawFn) -> wire.Array:
    """An array whose shape, dtype, strides and bytes need not fit each other, but often nearly do."""
    name = draw(st.sampled_from([*DTYPES, *DTYPES, "object", "", "Float64", "__class__", "qint8", "float64" * 9]))
    shape = draw(_SHAPES)
    size = 1
    for each in shape:
        size = min(size * abs(each), 4096)
    size = size * wire.DTYPES[name].itemsize if name in wire.DTYPES else size
    size = max(0, size + draw(st.sampled_from([0, 0, 0, 0, 1, -1, 8, -size])))
    seed = draw(st.binary(min_size=1, max_size=16))
    data = (seed * (size // len(seed) + 1))[:size]
    strides = draw(st.none() | st.lists(_SIZES, max_size=5))
    return wire.Array(name, shape, data, strides, draw(st.booleans()), draw(st.booleans()))


def forms() -> st.SearchStrategy[wire.Value]:
    """Well-typed wire values that need not mean anything: lying arrays, strange digits, handles, code."""
    digits = st.text("0123456789abcdefx-_ +", max_size=20) | st.integers().map(hex) | st.just("f" * 5000)
    code = st.builds(wire.Function, st.binary(max_size=20), _WORDS, st.just([]), st.just([]), st.just([]))
    leaves = (
        st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=40)
        | arrays_that_lie() | arrays_that_lie() | arrays_that_lie()
        | st.builds(wire.Whole, digits) | st.builds(wire.Handle, st.integers(-5, 2**40), _WORDS) | code
    )  # fmt: skip
    containers = st.recursive(
        leaves,
        lambda inner: (
            st.builds(wire.Sequence, st.lists(inner, max_size=5), st.booleans())
            | st.builds(wire.Mapping, st.lists(st.tuples(_KEYS, inner), max_size=5))
        ),
        max_leaves=15,
    )
    return (
        containers
        | st.builds(_nested, containers, st.integers(20, 120))
        | st.builds(_long, st.none() | st.integers(-(2**63), 2**63 - 1) | _WORDS)
    )


def _nested(value: wire.Value, depth: int) -> wire.Value:
    for _ in range(depth):
        value = wire.Sequence([value], False)
    return value


def _long(value: wire.Value) -> wire.Value:
    return wire.Sequence([value] * 3000, True)


_NAMES = st.text(max_size=20) | st.sampled_from(
    ["ValueError", "NotImplementedError", "KeyboardInterrupt", "StopIteration", "UnicodeDecodeError", "ExceptionGroup",
     "SystemExit", "BaseException", "AttributeError", "OSError", "object", "__import__", "Warning"]
)  # fmt: skip
_RAISED = st.builds(
    wire.Raised, _NAMES, st.lists(_NAMES, max_size=20), st.text(max_size=80),
    st.none() | _WORDS | st.just("line 2"), st.none() | _WORDS,
)  # fmt: skip


def replies(number: int = 7) -> st.SearchStrategy[wire.Reply]:
    """Well-typed replies."""
    return st.builds(
        wire.Reply,
        st.just(number),
        forms().map(wire.Returned) | _RAISED,
        st.lists(st.tuples(_WORDS, _WORDS), max_size=4),
        st.lists(st.text(max_size=30), max_size=4),
    )


def _anything() -> st.SearchStrategy[Any]:
    """What msgpack can say, extensions and dates among them; now and then with the field names of a reply."""
    names = st.sampled_from(
        ["number", "outcome", "type", "value", "forbidden", "notes", "returned", "raised", "array", "map"]
    )
    leaves = (
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | names | _WORDS
        | st.binary(max_size=20) | st.datetimes()
        | st.builds(msgspec.msgpack.Ext, st.integers(-128, 127), st.binary(max_size=20))
    )  # fmt: skip
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names | _WORDS, inner, max_size=6),
        max_leaves=20,
    )


@st.composite
def spoilt(draw: st.DrawFn, payloads: st.SearchStrategy[bytes]) -> bytes:
    """Bytes with a few of them changed, cut out, doubled, swapped or put in."""
    data = bytearray(draw(payloads))
    for _ in range(draw(st.integers(1, 6))):
        at, to = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        match draw(st.integers(0, 6)):
            case 0:
                del data[at:to]
            case 1:
                data[at:at] = data[at:to][:2000]
            case 2:
                data[at:at] = draw(st.binary(max_size=9))
            case 3 if at < len(data):
                data[at] = draw(st.integers(0, 255))
            case 4 if at < len(data):
                data[at] ^= 1 << draw(st.integers(0, 7))
            case 5:
                del data[to:]
            case _:  # a header that promises: array, map, text or bytes of up to 4 GiB
                head = draw(st.sampled_from([0xC6, 0xC9, 0xDB, 0xDD, 0xDF, 0xDC, 0xDE, 0xC5]))
                data[at : at + 1] = bytes([head]) + draw(st.binary(min_size=4, max_size=4))
    return bytes(data)


def payloads(number: int = 7) -> st.SearchStrategy[bytes]:
    """Frames: replies that lie, anything else that msgpack can say, either of them spoilt, and noise."""
    lies = replies(number).map(lambda reply: wire.pack(reply)[8:])
    other = _anything().map(msgspec.msgpack.encode)
    return lies | spoilt(lies) | spoilt(lies) | other | spoilt(other) | st.binary(max_size=200)


def _disguised(form: wire.Value, names: list[str], flags: list[bool]) -> wire.Value:
    """The form with each array's bytes under another dtype, as numpy's or the other way round."""
    match form:
        case wire.Array():
            near = [name for name in names if wire.DTYPES[name].itemsize == wire.DTYPES[form.dtype].itemsize]
            return wire.Array((near or [form.dtype])[0], form.shape, form.data, None, *flags)
        case wire.Sequence():
            return wire.Sequence([_disguised(item, names, flags) for item in form.items], form.is_tuple != flags[0])
        case wire.Mapping():
            return wire.Mapping([(key, _disguised(item, names, flags)) for key, item in form.pairs])
    return form


def _plain(_: object) -> wire.Value:
    raise AssertionError("no object is to be kept")


def answers_like(value: Any) -> st.SearchStrategy[bytes]:
    """Frames that say nearly what the value is: spoilt, or with other dtypes and containers, or something else altogether."""
    form = wire.Encoder(_plain).encode(value)
    disguised = st.builds(
        lambda names, flags: _framed(_disguised(form, names, flags)),
        st.permutations(DTYPES),
        st.lists(st.booleans(), min_size=2, max_size=2),
    )
    return disguised | spoilt(st.just(_framed(form))) | replies().map(lambda reply: wire.pack(reply)[8:])


def _framed(form: wire.Value) -> bytes:
    return wire.pack(wire.Reply(7, wire.Returned(form)))[8:]
