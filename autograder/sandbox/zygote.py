"""The grader's end of the zygote: starts it in an empty environment, has it fork workers, reaps them."""

import contextlib
import functools
import glob
import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WORKER_FOLDER = Path(__file__).resolve().parent.parent / "worker"
_START_SECONDS = 180.0
_READY = 2  # prepared zygotes: of the assignment that is graded, of the references' own worker; another takes 50 ms
_ANSWER_SECONDS = 60.0  # a fork takes milliseconds; without a limit a fault would be a silent standstill
# What the CUDA driver reads of the machine. Not /proc as a whole: other processes' files lie there.
_CUDA_READS = (
    "/proc/self", "/proc/driver", "/proc/cpuinfo", "/proc/meminfo", "/proc/devices", "/proc/modules", "/proc/sys/vm",
    "/sys/devices", "/sys/module", "/sys/bus/pci",
)  # fmt: skip
LAYERS = ("landlock", "seccomp", "rlimits")


class SandboxError(Exception):
    """The sandbox itself does not work: a fault of the grader or of the machine, never of a submission."""


@dataclass(frozen=True)
class Limits:
    """What one worker may use: bytes of memory beyond torch's own, and CPU seconds in all."""

    memory: int = 1 << 30
    cpu_seconds: int = 300


@dataclass(frozen=True)
class Ended:
    """How a worker ended: exit code (minus a signal's number), CPU seconds, peak bytes."""

    status: int
    cpu: float
    memory: int


class WorkerProcess:
    """A confined worker: its socket, its pidfd, its pid."""

    def __init__(self, line: "_Line", channel: socket.socket, pid: int, pidfd: int) -> None:
        self._line = line
        self.channel = channel
        self.received = bytearray()  # read from the channel, and not looked at yet
        self.pid = pid
        self._pidfd = pidfd
        self._clock = (~pid << 3) | 2  # the kernel's clock id of another process's CPU time: complemented pid, bits 010

    def cpu(self) -> float:
        """CPU seconds used so far."""
        try:
            return time.clock_gettime(self._clock)
        except OSError:
            return 0.0

    def end(self) -> Ended:
        """Kills the worker where it still runs, and says how it ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        self.channel.close()
        os.close(self._pidfd)
        answer, _ = self._line.ask({"do": "reap", "pid": self.pid}, [], 0)
        self._line.leave()
        return Ended(**answer)


def site_folders() -> list[str]:
    """The folders of installed packages, in the grader's order."""
    here = [
        entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages") and Path(entry).is_dir()
    ]
    return list(dict.fromkeys(here))


@functools.cache
def readable_folders() -> tuple[str, ...]:
    """What a worker may read: the standard library, installed packages, shared libraries. Nothing of the course."""
    paths = sysconfig.get_paths()
    libraries = [
        "/lib",
        "/lib64",
        "/usr/lib",
        "/usr/lib64",
        "/usr/local/lib",
        "/etc/ld.so.cache",
        "/dev/null",
        "/dev/urandom",
    ]
    folders = [paths["stdlib"], paths["platstdlib"], str(Path(sys.base_prefix) / "lib"), *site_folders(), *libraries]
    found = dict.fromkeys(os.path.realpath(folder) for folder in folders)
    return tuple(path for path in found if os.path.exists(path))


def cuda_devices() -> list[str]:
    """The files of the NVIDIA driver: all that a worker on CUDA may write to."""
    return sorted(glob.glob("/dev/nvidia*"))


@dataclass(frozen=True)
class Needs:
    """What all workers of an assignment need, made ready once: what it forbids, and whether it has device checks."""

    forbidden: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()  # name, Python names, operators
    simulated: bool = False


class Zygote:
    """A preloaded interpreter that forks workers; safe to share between threads. Use as a context manager."""

    def __init__(
        self, *, layers: tuple[str, ...] = LAYERS, limits: Limits | None = None, cache: Path | None = None
    ) -> None:
        self.layers = layers
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._prepared: OrderedDict[Needs, _Line] = OrderedDict()  # the longest unused first
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line = _Line(ours, self._complaint)
        environment = {
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MPLBACKEND": "agg",
            "LANG": "C.UTF-8",
            "PATH": "/usr/bin:/bin",
        }
        if cache is not None:
            environment["MPLCONFIGDIR"] = str(cache)
        script = str(_WORKER_FOLDER / "zygote.py")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the zygote; a pipe would fill and block it
        command = [sys.executable, "-S", "-s", "-P", script, str(theirs.fileno()), json.dumps(site_folders())]
        with theirs:
            self._process = subprocess.Popen(
                command,
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,
            )

    def __enter__(self) -> "Zygote":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the zygote and with it every worker. What they all have cost is this process's children's from then on."""
        with contextlib.suppress(SandboxError):  # of a zygote that has died
            self._end_prepared(*self._prepared)
        self._line.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()

    @property
    def alive(self) -> bool:
        """Whether it still runs; another is not started in its place."""
        return self._process.poll() is None

    def cpu(self) -> float:
        """CPU seconds of the zygote itself so far, its forks for other zygotes and workers included."""
        return time.clock_gettime((~self._process.pid << 3) | 2)

    def fork(
        self, needs: Needs | None = None, *, cuda: bool = False, layers: tuple[str, ...] | None = None
    ) -> WorkerProcess:
        """A new worker, confined before it reads its first request; `SandboxError` where confinement fails."""
        order = {
            "do": "fork",
            "layers": list(self.layers if layers is None else layers),
            "readable": [*readable_folders(), *(_CUDA_READS if cuda else ())],
            "memory": self.limits.memory,
            "cpu_seconds": self.limits.cpu_seconds,
            "devices": cuda_devices() if cuda else None,
        }
        line = self._line_for(needs or Needs())
        ours, theirs = socket.socketpair()
        ours.settimeout(_ANSWER_SECONDS)
        try:
            with theirs:
                answer, descriptors = line.ask(order, [theirs.fileno()], 1)
        except SandboxError:
            line.leave()
            ours.close()
            raise
        worker = WorkerProcess(line, ours, answer["pid"], descriptors[0])
        try:
            verdict = ours.recv(1)
            reason = ours.recv(500).decode(errors="replace") if verdict == b"!" else "it died"
        except OSError as error:
            verdict, reason = b"", str(error)
        if verdict != b".":
            worker.end()
            raise SandboxError(
                f"A worker could not be confined ({reason}). Nothing was graded. `autograder grade --unsafe` grades without "
                "this layer and says so in every result; use it only for work that you trust."
            )
        return worker

    def _line_for(self, needs: Needs) -> "_Line":
        """The line to a zygote that has these things ready, for one more user; it is forked when it is first needed."""
        with self._lock:
            if needs == Needs():
                line = self._line
            else:
                if needs not in self._prepared:
                    self._prepared[needs] = self._prepare(needs)
                self._prepared.move_to_end(needs)
                line = self._prepared[needs]
            line.join()
            unused = [key for key, one in self._prepared.items() if not one.users]
            self._end_prepared(*unused[: max(0, len(self._prepared) - _READY)])
            return line

    def _end_prepared(self, *needs: Needs) -> None:
        """Ends prepared zygotes, and waits for their end."""
        lines = [self._prepared.pop(one) for one in needs]
        for line in lines:
            line.close()
        for line in lines:
            self._line.ask({"do": "reap", "pid": line.pid}, [], 0)

    def _prepare(self, needs: Needs) -> "_Line":
        """The line to another zygote, which is forked for it."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line = _Line(ours, self._complaint)
        try:
            with theirs:
                order = {"do": "prepare", "forbidden": needs.forbidden, "simulated": needs.simulated}
                answer, _ = self._line.ask(order, [theirs.fileno()], 0)
            line.pid = answer["pid"]
            line.wait_until_ready()
        except BaseException:
            line.close()
            raise
        return line

    def _complaint(self) -> str:
        """What the zygote said before its end, which this is at the latest."""
        self._process.kill()
        status = self._process.wait()
        if self._errors.closed:
            return "It was closed."
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-2000:] or f"exit status {status}"


class _Line:
    """The grader's end of a zygote's control socket; safe to share between threads."""

    def __init__(self, control: socket.socket, complaint: Callable[[], str]) -> None:
        self._control = control
        self._complaint = complaint
        self._lock = threading.Lock()
        self._ready = False
        self.pid = 0  # of a prepared zygote, to be reaped
        self.users = 0  # workers that it is asked for or has not reaped yet

    def close(self) -> None:
        """Ends the zygote at the other end, which waits for orders."""
        self._control.close()

    def join(self) -> None:
        """Counts one more worker that is the zygote's to reap."""
        with self._lock:
            self.users += 1

    def leave(self) -> None:
        """Counts one less."""
        with self._lock:
            self.users -= 1

    def wait_until_ready(self) -> None:
        """Returns when the zygote has loaded all that it needs; `SandboxError` where it cannot."""
        with self._lock, self._faults_told():
            self._get_ready()

    def ask(self, order: dict[str, Any], given: list[int], wanted: int) -> tuple[dict[str, Any], list[int]]:
        """The zygote's answer to an order, with as many descriptors as wanted; `SandboxError` where none comes."""
        with self._lock, self._faults_told():
            self._get_ready()
            socket.send_fds(self._control, [json.dumps(order).encode()], given)
            return self._receive(wanted)

    def _get_ready(self) -> None:
        if not self._ready:
            self._control.settimeout(_START_SECONDS)
            answer, _ = self._receive(0)
            if "error" in answer:
                raise SandboxError(f"The sandbox cannot be made ready: {answer['error']}")
            self._control.settimeout(_ANSWER_SECONDS)
            self._ready = True

    @contextlib.contextmanager
    def _faults_told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            state = "answer" if self._ready else "start; is the machine overloaded?"
            raise SandboxError(f"The zygote did not {state} ({error}) {self._complaint()}") from error

    def _receive(self, descriptors: int) -> tuple[dict[str, Any], list[int]]:
        message, received, _, _ = socket.recv_fds(self._control, 1 << 16, descriptors)
        if not message:
            raise SandboxError(f"The zygote died: {self._complaint()}")
        return json.loads(message), list(received)
