"""What crosses the wall arrives as it was, and nothing else crosses."""

import math

import numpy as np
import pytest
import torch

from autograder.sandbox.weight import MAX_ITEMS, weight
from autograder.worker import wire


def _nothing(_: object) -> wire.Value:
    raise AssertionError("no object was to be kept")


def _across(value: object) -> object:
    """The value after it has been encoded, packed, unpacked and decoded, as a reply is."""
    reply = wire.Reply(7, wire.Returned(wire.Encoder(_nothing).encode(value)))
    outcome = wire.unpack_reply(wire.pack(reply)[8:]).outcome
    assert isinstance(outcome, wire.Returned)
    return wire.Decoder(_nothing).decode(outcome.value)


@pytest.mark.parametrize("name", wire.DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3, 4)])
def test_a_tensor_of_any_dtype_and_shape_arrives_as_it_was(name: str, shape: tuple[int, ...]) -> None:
    """Shape, dtype and every bit are the same."""
    bits = torch.randint(0, 2, shape, generator=torch.Generator().manual_seed(1))
    sent = bits.to(wire.DTYPES[name])
    got = _across(sent)
    assert isinstance(got, torch.Tensor)
    assert (got.shape, got.dtype) == (sent.shape, sent.dtype)
    assert torch.equal(got, sent)


def test_irregular_numbers_arrive_as_they_were() -> None:
    """NaN, the infinities and negative zero keep their bits."""
    sent = torch.tensor([math.nan, math.inf, -math.inf, -0.0, 5e-324], dtype=torch.float64)
    got = _across(sent)
    assert isinstance(got, torch.Tensor)
    assert got.numpy().tobytes() == sent.numpy().tobytes()


@pytest.mark.parametrize(
    "value",
    [None, True, -1, 2**63, -(2**200), 0.1, "θ", [], (), [1, (2.0, "x")], {"a": [None], 3: {}}],
    ids=str,
)
def test_plain_values_arrive_as_they_were(value: object) -> None:
    """Numbers of any size, texts and containers keep value and type."""
    got = _across(value)
    assert got == value
    assert type(got) is type(value)


def test_numpy_values_arrive_as_numpys() -> None:
    """An array stays an array, a scalar a scalar."""
    array, scalar = _across(np.arange(6.0).reshape(2, 3)), _across(np.float32(0.5))
    assert isinstance(array, np.ndarray)
    assert array.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert isinstance(scalar, np.float32)


def test_a_transposed_tensor_keeps_its_strides_on_the_way_in() -> None:
    """The worker rebuilds the layout that the check chose; the host never does, for strides can lie."""
    sent = torch.arange(6.0).reshape(2, 3).T
    array = wire.encode_tensor(sent)
    assert wire.decode_tensor(array, restride=True).stride() == sent.stride() == (1, 3)
    assert wire.decode_tensor(array).stride() == (2, 1)
    assert torch.equal(wire.decode_tensor(array, restride=True), sent)


def test_views_conjugates_and_gradients_are_read_not_their_storage() -> None:
    """A slice, an expansion, a lazy conjugate and a tensor with history send the numbers that they show."""
    grown = torch.ones(2, requires_grad=True) * 3
    for sent in (torch.arange(10.0)[::3], torch.ones(1).expand(4), torch.tensor([1 + 2j]).conj(), grown):
        got = _across(sent)
        assert isinstance(got, torch.Tensor)
        assert torch.equal(got.detach(), sent.detach())


@pytest.mark.parametrize(
    "array",
    [
        wire.Array("float64", [-1], b""),
        wire.Array("float64", [2], bytes(15)),
        wire.Array("float64", [2**40, 2**40], b""),
        wire.Array("float64", [2**32, 2**32], b""),
        wire.Array("float64", [0, 2**62, 2**62], b""),
        wire.Array("float64", [0, 2**64 - 1], b""),
        wire.Array("float64", [1] * 33, bytes(8)),
        wire.Array("object", [1], bytes(8)),
        wire.Array("__class__", [1], bytes(8)),
    ],
    ids=lambda array: f"{array.dtype} {array.shape[:3]}",
)
def test_an_impossible_tensor_is_refused(array: wire.Array) -> None:
    """Shapes that are negative, overflow or disagree with their bytes, and dtypes of other kinds, raise WireError."""
    with pytest.raises(wire.WireError):
        wire.decode_tensor(array)


def test_an_empty_array_that_numpy_cannot_have_is_refused() -> None:
    """Beside a 0 torch takes sizes that numpy does not; numpy's ValueError would pass for the student's."""
    array = wire.Array("float16", [0, 2**31, 2**31], b"", numpy=True)
    with pytest.raises(wire.WireError, match="impossible shape"):
        wire.Decoder(_nothing).decode(array)


@pytest.mark.parametrize("length", [1, 3, 64, 1000])
def test_a_boolean_tensor_holds_true_and_false_only(length: int) -> None:
    """A byte that is neither 0 nor 1 is undefined for torch, whose kernels differ in what they take it for."""
    raw = bytes(number % 256 for number in range(length))
    got = wire.decode_tensor(wire.Array("bool", [length], raw))
    assert got.view(torch.uint8).tolist() == [int(byte != 0) for byte in raw]


def test_a_nest_is_refused_on_both_sides() -> None:
    """Deeper than the language allows, a value is neither encoded nor decoded."""
    plain: object = None
    nested: wire.Value = None
    for _ in range(wire.MAX_DEPTH + 2):
        plain, nested = [plain], wire.Sequence([nested], False)
    with pytest.raises(wire.WireError, match="deeper"):
        wire.Encoder(_nothing).encode(plain)
    with pytest.raises(wire.WireError, match="deeper"):
        wire.Decoder(_nothing).decode(nested)


@pytest.mark.parametrize("digits", ["", "passed", "0x", "f" * 4097, "__import__"])
def test_a_whole_number_is_digits_and_nothing_else(digits: str) -> None:
    """Anything else, or too much of it, raises WireError."""
    with pytest.raises(wire.WireError):
        wire.Decoder(_nothing).decode(wire.Whole(digits))


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xc1", b"\x80", b"\x93" * 10**6, b"\x82\xa6number\x01\xa7outcome\xc0", b"\xdd\xff\xff\xff\xff"],
    ids=["empty", "no msgpack", "no fields", "a nest", "no outcome", "a promise"],
)
def test_what_is_no_reply_raises_wire_error(payload: bytes) -> None:
    """Whatever the bytes are, the decoder says WireError and nothing else."""
    with pytest.raises(wire.WireError):
        wire.unpack_reply(payload)


def test_random_bytes_are_never_more_than_refused() -> None:
    """A valid reply with any byte changed is either a reply or a WireError, and its weight is known or refused."""
    value = wire.Encoder(_nothing).encode({"a": [1, 2.5, "x", torch.ones(2)], 2: (None, 2**70)})
    good = wire.pack(wire.Reply(3, wire.Returned(value), ["one"], ["two"]))[8:]
    draw = np.random.default_rng(1)
    for _ in range(2000):
        spoiled = bytearray(good)
        spoiled[draw.integers(len(good))] = draw.integers(256)
        try:
            weight(bytes(spoiled))
            outcome = wire.unpack_reply(bytes(spoiled)).outcome
            if isinstance(outcome, wire.Returned):
                wire.Decoder(lambda _: None).decode(outcome.value)
        except wire.WireError:
            continue


def test_the_weight_of_a_reply_is_at_least_its_bytes_and_its_values() -> None:
    """Tensors weigh their bytes, lists their items."""
    few = weight(wire.pack(wire.Reply(1, wire.Returned(wire.encode_tensor(torch.ones(10_000)))))[8:])
    many = weight(wire.pack(wire.Reply(1, wire.Returned(wire.Sequence([1] * 10_000, False))))[8:])
    assert 40_000 < few < 60_000
    assert many > 10_000 * 32  # what a pointer and a small object take at least


@pytest.mark.parametrize(
    "payload",
    [b"\x01" * (MAX_ITEMS + 1), b"\xdd\x00\x01\x00\x00", b"\xdc\xff\xff", b"\xdf\x00\x00\xff\xff", b"\xde\xff\xff"],
    ids=["values", "a long list", "a list", "a long map", "a map"],
)
def test_more_values_than_are_read_are_refused_before_they_are_built(payload: bytes) -> None:
    """Values that are there and values that a header promises count alike."""
    with pytest.raises(wire.WireError, match="values"):
        weight(payload)


def test_the_weight_follows_every_kind_of_item() -> None:
    """An item of each msgpack type, one after another, is stepped over at its true length: as many are found as were written."""
    import msgspec

    bodies: list[object] = [
        None, True, 1, -1, 200, 70_000, 2**40, -200, -70_000, -(2**40), 0.5, "x", "x" * 40, "x" * 300, "x" * 70_000,
        b"x", b"x" * 300, b"x" * 70_000, [0] * 20, {str(key): 0 for key in range(20)},
    ]  # fmt: skip
    found = weight(payload := msgspec.msgpack.encode(bodies)) - len(payload)
    assert found == 256 * (1 + len(bodies) + 20 + 40)
