"""A process beside the grader's, of the same user: it holds words, listens, and tells what it hears. Run by path.

Its first line says where its things are; every later line is something that it heard. It ends when its input does.
"""

import ctypes
import json
import os
import resource
import selectors
import signal
import socket
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
WORDS = json.loads(sys.argv[1])
SIGNALS = ("SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT", "SIGURG", "SIGIO")
CREATE = 0o1000


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode(errors="backslashreplace"))


def drop_capabilities() -> None:
    """As a process of an ordinary user has none: another of this user may then be its debugger."""
    LIBC.capset(struct.pack("<Ii", 0x20080522, 0), bytes(24))


def deleted() -> int:
    """A descriptor of a file that has no name any more."""
    number = os.open("gone", os.O_RDWR | os.O_CREAT, 0o600)
    os.write(number, WORDS["deleted"].encode())
    os.unlink("gone")
    return number


def share(key: int) -> None:
    """Makes System V memory, and a queue with a message, under a key."""
    LIBC.shmat.restype = ctypes.c_void_p
    memory = LIBC.shmget(key, 64, CREATE | 0o600)
    at = LIBC.shmat(memory, None, 0)
    ctypes.memmove(at, WORDS["sysv"].encode(), len(WORDS["sysv"]))
    queue = LIBC.msgget(key, CREATE | 0o600)
    text = WORDS["message"].encode()
    LIBC.msgsnd(queue, struct.pack("<q", 1) + text, len(text), 0)


def listeners() -> dict[str, socket.socket]:
    found = {
        "tcp": socket.create_server(("127.0.0.1", 0)),
        "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "unix": socket.socket(socket.AF_UNIX),
        "abstract": socket.socket(socket.AF_UNIX),
    }
    found["udp"].bind(("127.0.0.1", 0))
    found["unix"].bind("socket")
    found["unix"].listen()
    found["abstract"].bind(f"\0unstuck-{os.getpid()}")
    found["abstract"].listen()
    return found


def hear(name: str, one: socket.socket) -> None:
    if name != "udp":
        one, _ = one.accept()
        one.settimeout(0.3)
    try:
        say(f"{name}: {one.recv(4096)!r}")
    except OSError:
        say(f"{name}: a caller")
    if name != "udp":
        one.close()


def main() -> None:
    drop_capabilities()
    for name in SIGNALS:
        signal.signal(getattr(signal, name), lambda *_, name=name: say(name))
    key = 0x5AD00000 | os.getpid()
    share(key)
    shm = f"unstuck-{os.getpid()}"
    with open(f"/dev/shm/{shm}", "w") as file:
        file.write(WORDS["shm"])
    secret, target = ctypes.create_string_buffer(WORDS["memory"].encode(), 64), ctypes.create_string_buffer(64)
    ears = listeners()
    places = {
        "pid": os.getpid(), "address": ctypes.addressof(secret), "target": ctypes.addressof(target), "descriptor": deleted(),
        "tcp": ears["tcp"].getsockname()[1], "udp": ears["udp"].getsockname()[1], "unix": os.path.abspath("socket"),
        "abstract": f"unstuck-{os.getpid()}", "shm": shm, "sysv": key,
    }  # fmt: skip
    say(json.dumps({name: str(value) for name, value in places.items()}))
    chosen = selectors.DefaultSelector()
    chosen.register(0, selectors.EVENT_READ, None)
    for name, one in ears.items():
        chosen.register(one, selectors.EVENT_READ, (name, one))
    state = limits, cores = resource.getrlimit(resource.RLIMIT_CORE), os.sched_getaffinity(0)
    while True:
        for ready, _ in chosen.select(0.02):
            if ready.data is None:
                break
            hear(*ready.data)
        else:
            if target.value:
                say(f"memory: {target.value!r}")
                ctypes.memset(target, 0, 64)
            state = resource.getrlimit(resource.RLIMIT_CORE), os.sched_getaffinity(0)
            if state[0] != limits:
                say("limits are others")
            if state[1] != cores:
                say("cores are others")
            limits, cores = state
            continue
        break
    for one in (key, key + 1):  # the second is what others made
        LIBC.shmctl(LIBC.shmget(one, 0, 0), 0, None)
        LIBC.msgctl(LIBC.msgget(one, 0), 0, None)
    for left in (shm, f"{shm}-note", f"{shm}-filling"):
        if os.path.exists(f"/dev/shm/{left}"):
            os.unlink(f"/dev/shm/{left}")


if __name__ == "__main__":
    main()
