"""The language of the wall: plain data in msgpack, decoded against types, so that a reply can never execute.

Both sides import this module. Values are None, bool, int, float, str and the tagged structures below; anything else stays
where it is, behind a `Handle`. Only the host ever sends a `Function`.
"""

import math
import os
import struct
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import torch

MAX_DEPTH = 24
MAX_DIMENSIONS = 32
MAX_FRAME = 64 * 2**20  # bytes

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128,
        torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool,
    )
}  # fmt: skip
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


class WireError(Exception):
    """A message breaks the language: too deep, too large, or not what it says it is."""


class Array(msgspec.Struct, tag="array", array_like=True):
    """A tensor (or numpy array): row-major bytes, with the strides to rebuild it by where it is not contiguous."""

    dtype: str
    shape: list[int]
    data: bytes
    strides: list[int] | None = None
    requires_grad: bool = False
    numpy: bool = False


class Sequence(msgspec.Struct, tag="seq", array_like=True):
    """A list or a tuple."""

    items: "list[Value]"
    is_tuple: bool


class Mapping(msgspec.Struct, tag="map", array_like=True):
    """A dict in its order."""

    pairs: "list[tuple[str | int, Value]]"


class Whole(msgspec.Struct, tag="whole", array_like=True):
    """An integer beyond 64 bits, in hexadecimal."""

    digits: str


class Handle(msgspec.Struct, tag="handle", array_like=True):
    """An object that stays in the worker."""

    number: int
    kind: str


class Function(msgspec.Struct, tag="function", array_like=True):
    """Code that the host lends to the worker: a marshalled code object and the values it closes over."""

    code: bytes
    name: str
    defaults: "list[Value]"
    keywords: "list[tuple[str | int, Value]]"
    closure: "list[Value]"


Value = None | bool | int | float | str | Array | Sequence | Mapping | Whole | Handle | Function


class Load(msgspec.Struct, tag="load"):
    """The submission: the code cells of a notebook, or the one text of a module."""

    slug: str
    cells: list[str]
    is_notebook: bool
    exercises: list[str]


class Call(msgspec.Struct, tag="call"):
    """Calls an attribute of the module (or of an object) or, with no name, the object itself."""

    target: Handle | None
    name: str
    args: list[Value]
    keywords: list[tuple[str | int, Value]]


class Read(msgspec.Struct, tag="read"):
    """Reads an attribute of the module or of an object."""

    target: Handle | None
    name: str


class Write(msgspec.Struct, tag="write"):
    """Sets an attribute of an object."""

    target: Handle
    name: str
    value: Value


class Run(msgspec.Struct, tag="run"):
    """Runs a function of the host's beside the student's code; its first argument is the student's module.

    On a device it runs under observation: the second argument is the device, and the value comes with the violations.
    """

    function: Function
    args: list[Value]
    device: str | None = None


Request = Load | Call | Read | Write | Run


class Envelope(msgspec.Struct):
    """One request and its number.

    With a seed a check begins: seeds and global settings go back to the known state, and the worker says the number ahead of
    its reply, in 8 bytes.
    """

    number: int
    request: Request
    seed: int | None = None


class Raised(msgspec.Struct, tag="raised"):
    """An exception: its type, the names of its built-in bases, its text, and where in the student's code it rose."""

    kind: str
    bases: list[str]
    text: str
    place: str | None = None
    line: str | None = None


class Returned(msgspec.Struct, tag="returned"):
    """A value."""

    value: Value


class Reply(msgspec.Struct):
    """The answer to the request of the same number."""

    number: int
    outcome: Returned | Raised
    forbidden: list[tuple[str, str]] = []  # a built-in, and the exercise whose function called it ("" where none did)
    notes: list[str] = []


def encode_tensor(tensor: torch.Tensor, *, numpy: bool = False) -> Array:
    """The wire form of a tensor: detached, on the host, its strides kept where it is dense but not contiguous."""
    name = _NAMES.get(tensor.dtype)
    if name is None or tensor.layout is not torch.strided:
        raise WireError(f"a tensor of {tensor.dtype} and layout {tensor.layout} cannot cross; return a dense one")
    plain = tensor.detach()
    if plain.device.type != "cpu":
        plain = plain.cpu()
    strides = None if plain.is_contiguous() or 0 in plain.stride() else list(plain.stride())
    return Array(name, list(tensor.shape), _row_major(plain), strides, bool(tensor.requires_grad), numpy)


def _row_major(plain: torch.Tensor) -> bytes:
    """A tensor's elements in the order of its indices."""
    if type(plain) is torch.Tensor and plain.dtype is not torch.bfloat16 and not (plain.is_conj() or plain.is_neg()):
        return plain.numpy().tobytes()
    flat = plain.resolve_conj().resolve_neg().contiguous().reshape(-1)  # numpy knows none of these
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


def decode_tensor(array: Array, *, restride: bool = False) -> torch.Tensor:
    """A fresh tensor from its wire form, contiguous unless `restride`; `WireError` where shape, dtype and bytes disagree."""
    dtype = DTYPES.get(array.dtype)
    if dtype is None:
        raise WireError(f"unknown dtype {array.dtype[:40]!r}")
    if len(array.shape) > MAX_DIMENSIONS or any(size < 0 for size in array.shape):
        raise WireError(f"impossible shape {array.shape[:8]}")
    if math.prod(array.shape) * dtype.itemsize != len(array.data):
        raise WireError(f"{len(array.data)} bytes for shape {array.shape[:8]} of {array.dtype}")
    tensor = _filled(array.data, array.shape, dtype)
    if restride and array.strides is not None:
        tensor = torch.empty_strided(array.shape, array.strides, dtype=dtype).copy_(tensor)
    if array.requires_grad and (dtype.is_floating_point or dtype.is_complex):
        tensor.requires_grad_(True)
    return tensor


def _filled(data: bytes, shape: list[int], dtype: torch.dtype) -> torch.Tensor:
    if data and dtype is torch.bool:  # a byte that is neither 0 nor 1 is undefined for torch
        return torch.frombuffer(bytearray(data), dtype=torch.uint8).ne(0).reshape(shape)
    if data:
        return torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)
    try:
        return torch.empty(shape, dtype=dtype)
    except (RuntimeError, TypeError, OverflowError):  # beside the 0 there may be sizes that no tensor has
        raise WireError(f"impossible shape {shape[:8]}") from None


class Encoder:
    """Turns Python values into wire values; `keep` says what to do with objects that have no wire form."""

    def __init__(self, keep: Callable[[Any], Value]) -> None:
        self._keep = keep

    def encode(self, value: Any, depth: int = 0) -> Value:
        """The wire form of a value."""
        if depth > MAX_DEPTH:
            raise WireError(f"a value nested deeper than {MAX_DEPTH} levels cannot cross")
        kind = type(value)
        if value is None or kind in (bool, float, str):
            return value  # type: ignore[no-any-return]
        if kind is int:
            return value if -(2**63) <= value < 2**63 else Whole(hex(value))
        if isinstance(value, torch.Tensor):
            return encode_tensor(value)
        if isinstance(value, (np.ndarray, np.generic)):
            return encode_tensor(torch.from_numpy(np.array(value)), numpy=True)
        if kind in (torch.Size, tuple, list):
            return Sequence([self.encode(item, depth + 1) for item in value], kind is not list)
        if isinstance(value, dict) and all(type(key) in (str, int) for key in value):
            return Mapping([(key, self.encode(item, depth + 1)) for key, item in value.items()])
        return self._keep(value)


class Decoder:
    """Turns wire values into Python values; `resolve` turns handles and functions into objects.

    Only the worker believes strides (`restride`): to the host they are hearsay.
    """

    def __init__(self, resolve: Callable[[Handle | Function], Any], *, restride: bool = False) -> None:
        self._resolve = resolve
        self._restride = restride

    def decode(self, value: Value, depth: int = 0) -> Any:
        """The Python form of a wire value."""
        if depth > MAX_DEPTH:
            raise WireError(f"a value nested deeper than {MAX_DEPTH} levels")
        match value:
            case Array():
                tensor = decode_tensor(value, restride=self._restride)
                return _as_numpy(tensor) if value.numpy else tensor
            case Sequence():
                items = [self.decode(item, depth + 1) for item in value.items]
                return tuple(items) if value.is_tuple else items
            case Mapping():
                return {key: self.decode(item, depth + 1) for key, item in value.pairs}
            case Whole():
                return _whole(value.digits)
            case Handle() | Function():
                return self._resolve(value)
        return value


def _as_numpy(tensor: torch.Tensor) -> Any:
    try:
        array = tensor.detach().numpy()
    except TypeError:
        raise WireError(f"numpy has no {tensor.dtype}") from None
    except ValueError:  # beside a 0 there may be sizes that torch has and numpy has not
        raise WireError(f"impossible shape {list(tensor.shape)[:8]}") from None
    return array[()] if array.ndim == 0 else array


def _whole(digits: str) -> int:
    try:
        if len(digits) > 4096:
            raise ValueError
        return int(digits, 16)
    except ValueError:
        raise WireError(f"{digits[:40]!r} is no hexadecimal number") from None


_ENVELOPES = msgspec.msgpack.Decoder(Envelope)
_REPLIES = msgspec.msgpack.Decoder(Reply)
_PACKER = msgspec.msgpack.Encoder()


def pack(message: Envelope | Reply) -> bytes:
    """The bytes of a message, its length before them; `WireError` beyond `MAX_FRAME`."""
    payload = _PACKER.encode(message)
    if len(payload) > MAX_FRAME:
        raise WireError(f"a message of {len(payload)} bytes; at most {MAX_FRAME} may cross")
    return struct.pack("<Q", len(payload)) + payload


def unpack_envelope(payload: bytes) -> Envelope:
    """The request in a frame."""
    return _ENVELOPES.decode(payload)


def unpack_reply(payload: bytes) -> Reply:
    """The reply in a frame; `WireError` on anything that is not exactly one well-typed reply."""
    try:
        return _REPLIES.decode(payload)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"not a reply: {type(error).__name__}: {str(error)[:200]}") from None


def read_exactly(descriptor: int, count: int) -> bytes:
    """`count` bytes from a descriptor; `EOFError` where the other side has gone."""
    parts = []
    while count:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def write_all(descriptor: int, data: bytes) -> None:
    """Writes every byte."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
