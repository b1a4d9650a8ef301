"""What a reply will cost the host, read from its bytes before anything is built of them.

A reply of 64 MB can hold 64 million numbers, or an array header that promises four billion; decoding either would take the
grader's memory and time, and with them the neighbours'.
"""

from dataclasses import dataclass

from autograder.worker.wire import WireError

MAX_ITEMS = 50_000  # values in a reply, tensors' elements aside
_ITEM = 256  # bytes that a decoded value may take


@dataclass(frozen=True)
class _Kind:
    """How an item is read: bytes of its header, the items inside it, and what a length in the header counts."""

    header: int
    inside: int = 0
    digits: int = 0  # bytes of a big-endian length behind the first byte
    each: int = 0  # items for each that the length counts; where 0, it counts bytes


def _kind(head: int) -> _Kind:
    """The kind of an item by its first byte: the table of the msgpack specification."""
    if head < 0x80 or head >= 0xE0:
        return _Kind(1)
    if head < 0xA0:
        return _Kind(1, inside=(head & 15) * (2 if head < 0x90 else 1))
    if head < 0xC0:
        return _Kind(1 + (head & 31))
    return _FROM_C0.get(head, _Kind(1))


_FROM_C0 = (
    {head: _Kind(1 + digits, digits=digits) for head, digits in ((0xC4, 1), (0xC5, 2), (0xC6, 4), (0xD9, 1), (0xDA, 2), (0xDB, 4))}
    | {head: _Kind(2 + digits, digits=digits) for head, digits in ((0xC7, 1), (0xC8, 2), (0xC9, 4))}
    | {head: _Kind(size) for head, size in ((0xCA, 5), (0xCB, 9), (0xCC, 2), (0xCD, 3), (0xCE, 5), (0xCF, 9))}
    | {head: _Kind(size) for head, size in ((0xD0, 2), (0xD1, 3), (0xD2, 5), (0xD3, 9))}
    | {0xD4 + power: _Kind(2 + 2**power) for power in range(5)}
    | {head: _Kind(1 + digits, digits=digits, each=each) for head, digits, each in (
        (0xDC, 2, 1), (0xDD, 4, 1), (0xDE, 2, 2), (0xDF, 4, 2))}
)  # fmt: skip
_KINDS = [(kind.header, kind.inside, kind.digits, kind.each) for kind in map(_kind, range(256))]


def weight(payload: bytes) -> int:
    """Bytes that a reply takes once decoded, at most; `WireError` where it holds, or promises, more than `MAX_ITEMS` values."""
    at, found, promised = 0, 0, 1
    while at < len(payload):
        size, inside, digits, each = _KINDS[payload[at]]
        if digits:
            count = int.from_bytes(payload[at + 1 : at + 1 + digits], "big")
            if each:
                inside = each * count
            else:
                size += count
        at, found, promised = at + size, found + 1, promised + inside
        if found > MAX_ITEMS or promised > MAX_ITEMS:
            raise WireError(f"a reply of more than {MAX_ITEMS} values")
    return len(payload) + _ITEM * found
