"""Landlock: from now on this process reads beneath the given folders and touches no other file, port or process."""

import contextlib
import ctypes
import os
import struct

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_EXECUTE, _READ_FILE, _READ_DIR, _WRITE_FILE, _IOCTL = 1 << 0, 1 << 2, 1 << 3, 1 << 1, 1 << 15
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # file rights known to each ABI
_TCP = 0b11  # bind, connect: ABI 4
_SCOPES = 0b11  # abstract Unix sockets, signals: ABI 6
_BENEATH = 1


def _call(libc: ctypes.CDLL, number: int, *arguments: object) -> int:
    result = int(libc.syscall(number, *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result


def abi() -> int:
    """The version of Landlock here, 0 where there is none."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(_CREATE, None, 0, 1)))


def restrict(readable: list[str], devices: list[str] | None = None) -> None:
    """Restricts this process: reads beneath `readable`, full use of `devices`, nothing else. Needs no_new_privs."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = abi()
    if version < 1:
        raise OSError("Landlock is not available in this kernel")
    handled = (1 << _RIGHTS[min(version, 5)]) - 1
    attributes = struct.pack("<QQQ", handled, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _call(libc, _CREATE, attributes, size, 0)
    for path in readable:
        _grant(libc, ruleset, path, (_READ_FILE | _READ_DIR) if os.path.isdir(path) else _READ_FILE)
    for path in devices or []:
        rights = _READ_FILE | _WRITE_FILE | (_READ_DIR if os.path.isdir(path) else 0)
        _grant(libc, ruleset, path, rights | (_IOCTL if version >= 5 else 0))
    _call(libc, _RESTRICT, ruleset, 0)
    os.close(ruleset)


def _grant(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            _call(libc, _ADD, ruleset, _BENEATH, struct.pack("<Qi", rights, parent), 0)
        finally:
            os.close(parent)
