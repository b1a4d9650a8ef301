"""What a worker may ask of the kernel."""

import errno
import platform
from collections.abc import Iterator
from typing import Any

import pytest
from range_course import SLUG

from autograder.sandbox.remote import Recording, StudentModule
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import Crashed, Session, Submitted

TEXT = """
import ctypes, mmap, os, resource, signal, socket, sys, threading
import torch

libc = ctypes.CDLL(None, use_errno=True)


def ask(number, arguments):
    ctypes.set_errno(0)
    if libc.syscall(number, *map(ctypes.c_long, arguments)) >= 0:
        return 0
    return ctypes.get_errno()


def run_machine_code(code):
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes(code))
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()


def held():
    return {
        "descriptors": [n for n in range(64) if is_open(n)],
        "environment": dict(os.environ),
        "arguments": sys.argv[1:],
        "folder": os.getcwd(),
        "threads": threading.active_count(),
        "path": sys.path,
    }


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def limits():
    return {name: list(resource.getrlimit(getattr(resource, name))) for name in dir(resource) if name.startswith("RLIMIT")}


def in_thread(number):
    found = []
    thread = threading.Thread(target=lambda: found.append(ask(number, [2, 1, 0])))
    thread.start()
    thread.join()
    return found[0]


def capabilities():
    class Pair(ctypes.Structure):
        _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]
    data = (ctypes.c_uint32 * 6)()
    if libc.capget(ctypes.byref(Pair(0x20080522, 0)), data):
        return ctypes.get_errno()
    return list(data)


def hog(pieces):
    return [torch.empty(1 << 25) for _ in range(pieces)][0].numel()


def survives():
    for size in (1 << 34, 1 << 40):
        try:
            torch.ones(size)
        except RuntimeError:
            continue
    return float(torch.ones(3).sum())
"""
# x86-64: name, number, arguments. Each would succeed, or fail for another reason, were it admitted.
CALLS: dict[str, tuple[int, list[int]]] = {
    "fork": (57, []), "vfork": (58, []), "clone of a process": (56, [17, 0, 0, 0, 0]), "execve": (59, [0, 0, 0]),
    "execveat": (322, [-100, 0, 0, 0, 0]), "kill": (62, [1, 0]), "tkill": (200, [1, 0]), "rt_sigqueueinfo": (129, [1, 0, 0]),
    "tgkill of another": (234, [1, 1, 0]), "pidfd_open": (434, [1, 0]), "pidfd_send_signal": (424, [0, 0, 0, 0]),
    "pidfd_getfd": (438, [0, 0, 0]), "ptrace": (101, [0, 0, 0, 0]), "process_vm_readv": (310, [1, 0, 0, 0, 0, 0]),
    "process_vm_writev": (311, [1, 0, 0, 0, 0, 0]), "process_madvise": (440, [0, 0, 0, 0, 0]), "kcmp": (312, [1, 1, 0, 0, 0]),
    "socket": (41, [2, 1, 0]), "socketpair": (53, [1, 1, 0, 0]), "connect": (42, [3, 0, 0]), "bind": (49, [3, 0, 0]),
    "listen": (50, [3, 1]), "accept4": (288, [3, 0, 0, 0]), "sendmsg": (46, [3, 0, 0]), "sendto": (44, [3, 0, 0, 0, 0, 0]),
    "recvmsg": (47, [3, 0, 0]), "sendmmsg": (307, [3, 0, 0, 0]), "setsockopt": (54, [3, 1, 9, 0, 0]),
    "io_uring_setup": (425, [1, 0]), "io_uring_enter": (426, [0, 0, 0, 0, 0, 0]), "io_setup": (206, [1, 0]),
    "memfd_create": (319, [0, 0]), "memfd_secret": (447, [0]), "userfaultfd": (323, [0]), "bpf": (321, [0, 0, 0]),
    "perf_event_open": (298, [0, 0, -1, -1, 0]), "keyctl": (250, [0, -3, 0, 0, 0]), "add_key": (248, [0, 0, 0, 0, -3]),
    "request_key": (249, [0, 0, 0, 0]), "personality": (135, [0xFFFFFFFF]), "prctl": (157, [3, 0, 0, 0, 0]),
    "seccomp": (317, [2, 0, 0]), "setrlimit": (160, [4, 0]), "prlimit that sets": (302, [0, 4, 1, 0]), "unshare": (272, [0]),
    "setns": (308, [0, 0]), "mount": (165, [0, 0, 0, 0, 0]), "umount2": (166, [0, 0]), "pivot_root": (155, [0, 0]),
    "chroot": (161, [0]), "open_tree": (428, [0, 0, 0]), "fsopen": (430, [0, 0]), "setuid": (105, [0]), "setgid": (106, [0]),
    "setsid": (112, []), "setpgid": (109, [0, 0]), "chmod": (90, [0, 0]), "fchmod": (91, [3, 0]), "chown": (92, [0, -1, -1]),
    "utimensat": (280, [-100, 0, 0, 0]), "unlink": (87, [0]), "rename": (82, [0, 0]), "mkdir": (83, [0, 0]), "link": (86, [0, 0]),
    "symlink": (88, [0, 0]), "truncate": (76, [0, 0]), "ftruncate": (77, [3, 0]), "setxattr": (188, [0, 0, 0, 0, 0]),
    "inotify_init1": (294, [0]), "fanotify_init": (300, [0, 0]), "eventfd2": (290, [0, 0]), "timerfd_create": (283, [0, 0]),
    "signalfd4": (289, [-1, 0, 8, 0]), "epoll_create1": (291, [0]), "pipe2": (293, [0, 0]), "splice": (275, [0, 0, 0, 0, 0, 0]),
    "sendfile": (40, [3, 3, 0, 0]), "shmget": (29, [0, 4096, 0o1600]), "semget": (64, [0, 1, 0o1600]), "msgget": (68, [0, 0o1600]),
    "mq_open": (240, [0, 0, 0, 0]), "alarm": (37, [0]), "setitimer": (38, [0, 0, 0]), "timer_create": (222, [0, 0, 0]),
    "ioctl": (16, [0, 0x5401, 0]), "fcntl lock": (72, [3, 6, 0]), "fcntl lease": (72, [3, 1024, 0]), "fcntl owner": (72, [3, 8, 0]),
    "flock": (73, [3, 2]), "sched_setscheduler": (144, [0, 0, 0]), "setpriority": (141, [0, 0, 1]), "ioprio_set": (251, [1, 0, 0]),
    "sched_setaffinity": (203, [0, 0, 0]), "mlock": (149, [0, 0]), "mlockall": (151, [1]), "syslog": (103, [10, 0, 0]),
    "reboot": (169, [0, 0, 0, 0]), "sethostname": (170, [0, 0]), "init_module": (175, [0, 0, 0]), "kexec_load": (246, [0, 0, 0, 0]),
    "swapon": (167, [0, 0]), "acct": (163, [0]), "quotactl": (179, [0, 0, 0, 0]), "name_to_handle_at": (303, [0, 0, 0, 0, 0]),
    "open_by_handle_at": (304, [0, 0, 0]), "iopl": (172, [0]), "modify_ldt": (154, [0, 0, 0]), "landlock_create": (444, [0, 0, 0]),
    "a call in the x32 ABI": (0x40000000 + 39, []), "a call of the future": (600, []),
}  # fmt: skip
on_x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86-64")


@pytest.fixture(scope="module")
def worker(sandbox: Sandbox) -> Iterator[Any]:
    """`TEXT` in one confined worker."""
    session = Session(sandbox.zygote, Submitted(SLUG, (TEXT,), False, ("ask",)))
    yield StudentModule(session, Recording(), ())
    session.close()


@on_x86
@pytest.mark.parametrize("name", CALLS)
def test_a_system_call_that_a_function_does_not_need_is_refused(worker: Any, name: str) -> None:
    """EPERM, whatever the arguments: the filter refuses before the kernel looks at them."""
    number, arguments = CALLS[name]
    assert worker.ask(number, arguments) == errno.EPERM


@on_x86
def test_clone3_is_as_if_it_did_not_exist(worker: Any) -> None:
    """A filter cannot read its flags, and libc then falls back to clone, whose flags it can."""
    assert worker.ask(435, [0, 0]) == errno.ENOSYS


@on_x86
def test_threads_are_confined_as_their_process_is(worker: Any) -> None:
    """A thread may be made, and may do no more than the one that made it."""
    assert worker.in_thread(41) == errno.EPERM


@on_x86
def test_a_call_by_the_32_bit_gate_ends_the_worker(worker: Any) -> None:
    """`int 0x80` enters the kernel with other numbers; whoever uses it is killed, and the next request is answered."""
    get_pid_by_80 = [0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]
    assert worker.run_machine_code([0xB8, 42, 0, 0, 0, 0xC3]) == 42
    with pytest.raises(Crashed):
        worker.run_machine_code(get_pid_by_80)
    assert worker.survives() == 3.0


def test_a_worker_holds_nothing_but_its_socket(worker: Any) -> None:
    """Four descriptors, an environment that says nothing, no arguments, one thread, the root as its folder."""
    held = worker.held()
    assert held["descriptors"] == [0, 1, 2, 3]
    assert set(held["environment"]) <= {"LANG", "OMP_NUM_THREADS"}
    assert held["arguments"] == []
    assert held["folder"] == "/"
    assert held["threads"] == 1
    assert not [path for path in held["path"] if path in ("", ".") or "autograder" in path]


def test_a_worker_has_no_capability(worker: Any) -> None:
    """None effective, none permitted, none inheritable, also where the grader is root (capget itself may be refused)."""
    assert worker.capabilities() in ([0] * 6, errno.EPERM)


def test_limits_are_set_for_good(worker: Any, sandbox: Sandbox) -> None:
    """CPU, memory, file size, core and open files are limited, soft and hard alike."""
    limits = worker.limits()
    assert limits["RLIMIT_CPU"] == [sandbox.zygote.limits.cpu_seconds] * 2
    assert limits["RLIMIT_FSIZE"] == limits["RLIMIT_CORE"] == [0, 0]
    assert limits["RLIMIT_NOFILE"] == [64, 64]
    for name in ("RLIMIT_DATA", "RLIMIT_AS"):
        assert 0 < limits[name][0] == limits[name][1] < 64 << 30


def test_memory_ends_with_an_exception_and_the_worker_goes_on(worker: Any) -> None:
    """Beyond its budget torch says that it cannot allocate; what it asked for before is usable."""
    assert worker.survives() == 3.0
    with pytest.raises(RuntimeError, match="alloc"):
        worker.hog(100)
    assert worker.survives() == 3.0
