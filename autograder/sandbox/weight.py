"""What a reply will cost the host, read from its bytes before anything is built of them.

A reply of 64 MB can hold 64 million numbers, or an array header that promises four billion; decoding either would take the
grader's memory and time, and with them the neighbours'.
"""

from autograder.worker.wire import WireError

MAX_ITEMS = 50_000  # values in a reply, tensors' elements aside
_ITEM = 256  # bytes that a decoded value may take

# msgpack's types from 0xc0 on: bytes of the header, then bytes of the big-endian length in it.
_PLAIN = {0xCA: 5, 0xCB: 9, 0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9, 0xD0: 2, 0xD1: 3, 0xD2: 5, 0xD3: 9}
_FIXED_EXTENSIONS = {0xD4: 3, 0xD5: 4, 0xD6: 6, 0xD7: 10, 0xD8: 18}
_SIZED = {
    0xC4: (2, 1),
    0xC5: (3, 2),
    0xC6: (5, 4),
    0xC7: (3, 1),
    0xC8: (4, 2),
    0xC9: (6, 4),
    0xD9: (2, 1),
    0xDA: (3, 2),
    0xDB: (5, 4),
}
_CONTAINERS = {0xDC: (3, 1), 0xDD: (5, 1), 0xDE: (3, 2), 0xDF: (5, 2)}  # header, items for each that it counts


def weight(payload: bytes) -> int:
    """Bytes that a reply takes once decoded, at most; `WireError` where it holds, or promises, more than `MAX_ITEMS` values."""
    at, found, promised = 0, 0, 1
    while at < len(payload):
        size, inside = _item(payload, at)
        at, found, promised = at + size, found + 1, promised + inside
        if max(found, promised) > MAX_ITEMS:
            raise WireError(f"a reply of more than {MAX_ITEMS} values")
    return len(payload) + _ITEM * found


def _item(payload: bytes, at: int) -> tuple[int, int]:
    """The length of the item at an offset (a container's header alone), and how many items it says are inside."""
    head = payload[at]
    if head < 0x80 or head >= 0xE0:
        return 1, 0
    if head < 0x90:
        return 1, 2 * (head & 15)
    if head < 0xA0:
        return 1, head & 15
    if head < 0xC0:
        return 1 + (head & 31), 0
    if head in _SIZED:
        header, digits = _SIZED[head]
        return header + int.from_bytes(payload[at + 1 : at + 1 + digits], "big"), 0
    if head in _CONTAINERS:
        header, each = _CONTAINERS[head]
        return header, each * int.from_bytes(payload[at + 1 : at + header], "big")
    return _PLAIN.get(head) or _FIXED_EXTENSIONS.get(head, 1), 0
