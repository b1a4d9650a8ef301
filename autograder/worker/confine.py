"""Confinement: what a worker gives up before the first line of student code runs."""

import ctypes
import os
import resource
import struct

import landlock
import seccomp

_SET_PDEATHSIG, _SET_DUMPABLE, _SET_NO_NEW_PRIVS = 1, 4, 38
_CAPSET_VERSION_3 = 0x20080522


def tie_to(parent: int) -> None:
    """Makes this process die when its parent does."""
    ctypes.CDLL(None).prctl(_SET_PDEATHSIG, 9, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def confine(
    layers: list[str], readable: list[str], memory: int, cpu_seconds: int, devices: list[str] | None = None
) -> None:
    """Gives up, layer by layer and for good: limits, capabilities, files, system calls. Raises `OSError` on the first failure.

    `memory` is in bytes beyond what the process holds now; `devices` (for CUDA) lifts the limit on address space.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if "rlimits" in layers:
        _limit(memory, cpu_seconds, address_space=not devices)
    _drop_capabilities(libc)
    libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    if "landlock" in layers:
        landlock.restrict(readable, devices)
    if "seccomp" in layers:
        seccomp.install(cuda=bool(devices))


def _limit(memory: int, cpu_seconds: int, *, address_space: bool) -> None:
    data, total = _held()
    limits = {
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 1024 if not address_space else 64,
        resource.RLIMIT_DATA: data + memory,
    }
    if address_space:
        # Twice the budget: libraries and thread stacks map far more than they touch.
        limits[resource.RLIMIT_AS] = total + 2 * memory
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def _held() -> tuple[int, int]:
    """Bytes of data and of address space that this process holds."""
    fields = {}
    with open("/proc/self/status") as status:
        for line in status:
            name, _, rest = line.partition(":")
            if name in ("VmData", "VmSize"):
                fields[name] = int(rest.split()[0]) * 1024
    return fields["VmData"], fields["VmSize"]


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    header = struct.pack("<Ii", _CAPSET_VERSION_3, 0)
    nothing = struct.pack("<6I", *[0] * 6)
    if libc.capset(header, nothing) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"capset: {os.strerror(code)}")
