"""A seccomp filter that admits a short list of system calls, by way of classic BPF.

What is not listed fails with EPERM. A thread may be made, a process may not; `clone3`, whose flags a filter cannot see,
fails with ENOSYS, so that libc falls back to `clone`. Numbers are from Linux's `unistd` headers.
"""

import ctypes
import errno
import os
import platform
import struct

# name: (x86-64, AArch64); None where the architecture has no such call
_NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "access": (21, None), "brk": (12, 214), "clock_getres": (229, 114), "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115), "close": (3, 57), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24),
    "exit": (60, 93), "exit_group": (231, 94), "faccessat": (269, 48), "faccessat2": (439, 439),
    "fadvise64": (221, 223), "fstat": (5, 80), "futex": (202, 98), "getcpu": (309, 168), "getcwd": (79, 17),
    "getdents64": (217, 61), "getegid": (108, 177), "geteuid": (107, 175), "getgid": (104, 176), "getpid": (39, 172),
    "getppid": (110, 173), "getrandom": (318, 278), "getrlimit": (97, 163), "getrusage": (98, 165),
    "gettid": (186, 178), "gettimeofday": (96, 169), "getuid": (102, 174), "lseek": (8, 62), "lstat": (6, None),
    "madvise": (28, 233), "membarrier": (324, 283), "mincore": (27, 232), "mmap": (9, 222), "mprotect": (10, 226),
    "mremap": (25, 216), "munmap": (11, 215), "nanosleep": (35, 101), "newfstatat": (262, 79), "open": (2, None),
    "openat": (257, 56), "poll": (7, None), "ppoll": (271, 73), "pread64": (17, 67), "pselect6": (270, 72),
    "read": (0, 63), "readlink": (89, None), "readlinkat": (267, 78), "readv": (19, 65), "restart_syscall": (219, 128),
    "rseq": (334, 293), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sched_getaffinity": (204, 123), "sched_yield": (24, 124), "select": (23, None), "set_robust_list": (273, 99),
    "set_tid_address": (218, 96), "sigaltstack": (131, 132), "stat": (4, None), "statx": (332, 291),
    "sysinfo": (99, 179), "time": (201, None), "times": (100, 153), "uname": (63, 160), "write": (1, 64),
    "writev": (20, 66),
}  # fmt: skip
# A CUDA driver speaks to its device by ioctl and waits by these.
_FOR_CUDA: dict[str, tuple[int | None, int | None]] = {
    "ioctl": (16, 29), "eventfd2": (290, 19), "pipe2": (293, 59), "mlock": (149, 228), "munlock": (150, 229),
    "socketpair": (53, 199), "sched_setaffinity": (203, 122), "get_mempolicy": (239, 236), "epoll_create1": (291, 20),
    "sched_getparam": (143, 121), "sched_getscheduler": (145, 120), "fcntl": (72, 25), "prctl": (157, 167),
}  # fmt: skip
# Admitted only where an argument allows it.
_CLONE, _CLONE3, _FCNTL, _TGKILL, _PRLIMIT = (56, 220), (435, 435), (72, 25), (234, 131), (302, 261)
_CLONE_THREAD = 0x10000
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32_BIT = 0x40000000
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_LOAD, _EQUAL, _GREATER_EQUAL, _BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16


def _fail(code: int) -> int:
    return 0x00050000 | code


class _Program:
    """BPF under construction: blocks, each of which either returns or falls through to the next."""

    def __init__(self) -> None:
        self.code: list[tuple[int, int, int, int]] = []

    def load(self, offset: int) -> None:
        self.code.append((_LOAD, 0, 0, offset))

    def give(self, action: int) -> None:
        self.code.append((_RETURN, 0, 0, action))

    def when(self, test: int, operand: int, action: int) -> None:
        """Returns `action` where the loaded word passes the test; else goes on."""
        self.code += [(test, 0, 1, operand), (_RETURN, 0, 0, action)]

    def where_number_is(self, number: int, argument: int, tests: list[tuple[int, int]]) -> None:
        """For one call: admitted where its argument (low word) passes any of the tests, else refused."""
        body = _Program()
        body.load(_ARGUMENTS_AT + 8 * argument)
        for test, operand in tests:
            body.when(test, operand, _ALLOW)
        body.give(_fail(errno.EPERM))
        self.code += [(_EQUAL, 0, len(body.code), number), *body.code]

    def bytes(self) -> bytes:
        return b"".join(struct.pack("<HBBI", *line) for line in self.code)


def _program(own_pid: int, *, cuda: bool) -> bytes:
    column, architecture = _ARCHITECTURES[platform.machine()]
    program = _Program()
    program.load(_ARCHITECTURE_AT)
    program.code += [(_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL)]
    program.load(_NUMBER_AT)
    program.when(_GREATER_EQUAL, _X32_BIT, _fail(errno.EPERM))
    numbers = {row[column] for row in (_NUMBERS | (_FOR_CUDA if cuda else {})).values()}
    for number in sorted(number for number in numbers if number is not None):
        program.when(_EQUAL, number, _ALLOW)
    program.when(_EQUAL, _CLONE3[column], _fail(errno.ENOSYS))
    program.where_number_is(_CLONE[column], 0, [(_BITS, _CLONE_THREAD)])
    program.where_number_is(_FCNTL[column], 1, [(_EQUAL, command) for command in _FCNTL_COMMANDS])
    program.where_number_is(_TGKILL[column], 0, [(_EQUAL, own_pid)])
    # prlimit64 may read limits (its third argument, a pointer, is null) and never set them.
    program.code += [(_EQUAL, 0, 6, _PRLIMIT[column])]
    program.load(_ARGUMENTS_AT + 16)
    program.code += [(_EQUAL, 0, 3, 0)]
    program.load(_ARGUMENTS_AT + 20)
    program.code += [(_EQUAL, 0, 1, 0), (_RETURN, 0, 0, _ALLOW)]
    program.give(_fail(errno.EPERM))
    if column == 0:
        program.where_number_is(158, 0, [(_EQUAL, 0x1002)])  # arch_prctl: ARCH_SET_FS, for new threads
    program.give(_fail(errno.EPERM))
    return program.bytes()


class _Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def install(*, cuda: bool = False) -> None:
    """Installs the filter on this process for good; `OSError` where the kernel refuses. Needs no_new_privs."""
    if platform.machine() not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no seccomp table for {platform.machine()}")
    code = _program(os.getpid(), cuda=cuda)
    libc = ctypes.CDLL(None, use_errno=True)
    program = _Filter(len(code) // 8, code)
    mode_filter, set_seccomp = 2, 22
    if libc.prctl(set_seccomp, mode_filter, ctypes.byref(program), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")
