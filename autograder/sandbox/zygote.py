"""The grader's end of the zygote: starts it in an empty environment, has it fork workers, reaps them."""

import contextlib
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WORKER_FOLDER = Path(__file__).resolve().parent.parent / "worker"
_START_SECONDS = 180.0
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

    def __init__(self, zygote: "Zygote", channel: socket.socket, pid: int, pidfd: int) -> None:
        self._zygote = zygote
        self.channel = channel
        self.pid = pid
        self._pidfd = pidfd

    def cpu(self) -> float:
        """CPU seconds used so far."""
        # The kernel's clock id of another process's CPU time: its complemented pid above the bits 010.
        with contextlib.suppress(OSError):
            return time.clock_gettime((~self.pid << 3) | 2)
        return 0.0

    def end(self) -> Ended:
        """Kills the worker where it still runs, and says how it ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        self.channel.close()
        os.close(self._pidfd)
        return self._zygote.reap(self.pid)


def site_folders() -> list[str]:
    """The folders of installed packages, in the grader's order."""
    here = [
        entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages") and Path(entry).is_dir()
    ]
    return list(dict.fromkeys(here))


def readable_folders() -> list[str]:
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
    return [path for path in dict.fromkeys(os.path.realpath(folder) for folder in folders) if os.path.exists(path)]


def cuda_devices() -> list[str]:
    """The files of the NVIDIA driver: all that a worker on CUDA may write to."""
    return sorted(glob.glob("/dev/nvidia*"))


class Zygote:
    """A preloaded interpreter that forks workers; safe to share between threads. Use as a context manager."""

    def __init__(
        self, *, layers: tuple[str, ...] = LAYERS, limits: Limits | None = None, cache: Path | None = None
    ) -> None:
        self.layers = layers
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._ready = False
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
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
        """Ends the zygote and with it every worker."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()

    @property
    def alive(self) -> bool:
        """Whether it still runs; another is not started in its place."""
        return self._process.poll() is None

    def fork(self, *, cuda: bool = False, layers: tuple[str, ...] | None = None) -> WorkerProcess:
        """A new worker, confined before it reads its first request; `SandboxError` where confinement fails."""
        order = {
            "do": "fork",
            "layers": list(self.layers if layers is None else layers),
            "readable": readable_folders() + (list(_CUDA_READS) if cuda else []),
            "memory": self.limits.memory,
            "cpu_seconds": self.limits.cpu_seconds,
            "devices": cuda_devices() if cuda else None,
        }
        ours, theirs = socket.socketpair()
        ours.settimeout(_ANSWER_SECONDS)
        try:
            with theirs:
                answer, descriptors = self._ask(order, [theirs.fileno()], 1)
        except SandboxError:
            ours.close()
            raise
        worker = WorkerProcess(self, ours, answer["pid"], descriptors[0])
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

    def reap(self, pid: int) -> Ended:
        """How the worker of this pid ended; waits until it has."""
        answer, _ = self._ask({"do": "reap", "pid": pid}, [], 0)
        return Ended(**answer)

    def _ask(self, order: dict[str, Any], given: list[int], wanted: int) -> tuple[dict[str, Any], list[int]]:
        """The zygote's answer to an order, with as many descriptors as wanted; `SandboxError` where none comes."""
        with self._lock:
            try:
                if not self._ready:
                    self._control.settimeout(_START_SECONDS)
                    self._receive(0)
                    self._control.settimeout(_ANSWER_SECONDS)
                    self._ready = True
                socket.send_fds(self._control, [json.dumps(order).encode()], given)
                return self._receive(wanted)
            except OSError as error:
                state = "answer" if self._ready else "start; is the machine overloaded?"
                raise SandboxError(f"The zygote did not {state} ({error}) {self._complaint()}") from error

    def _receive(self, descriptors: int) -> tuple[dict[str, Any], list[int]]:
        message, received, _, _ = socket.recv_fds(self._control, 1 << 16, descriptors)
        if not message:
            raise SandboxError(f"The zygote died: {self._complaint()}")
        return json.loads(message), list(received)

    def _complaint(self) -> str:
        """What the zygote said before its end, which this is at the latest."""
        self._process.kill()
        status = self._process.wait()
        if self._errors.closed:
            return "It was closed."
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-2000:] or f"exit status {status}"
