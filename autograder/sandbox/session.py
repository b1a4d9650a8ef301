"""A submission seen from the trusted side: workers come and go, every reply is checked, nothing received is executed."""

import select
import time
from dataclasses import dataclass

from autograder.sandbox.zygote import SandboxError, WorkerProcess, Zygote
from autograder.worker import wire

SIMULATED, CUDA = "simulated", "cuda"
_CUDA_FILES = ["/dev", "/proc", "/sys/devices", "/sys/module", "/sys/bus/pci"]


class Interrupted(BaseException):
    """The check cannot go on: no answer will come. Not an `Exception`, so that no check can mistake it for an answer."""

    status = "crashed"


class TimedOut(Interrupted):
    """The student's code used up its time."""

    status = "timeout"


class Crashed(Interrupted):
    """The worker died, or spoke another language."""


class Missing(Interrupted):
    """What the check calls is not there, or not written yet."""

    status = "missing"


class StudentError(Exception):
    """An exception raised by student code: a data-only image of it, mixed with its built-in base where it has one."""

    def __init__(self, raised: wire.Raised) -> None:
        super().__init__(raised.text)
        self.raised = raised


@dataclass(frozen=True)
class Submitted:
    """What is loaded into a worker: a slug, the texts, and what the assignment asks and forbids."""

    slug: str
    cells: tuple[str, ...]
    is_notebook: bool
    exercises: tuple[str, ...]
    forbidden: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Deadlines:
    """Seconds that one request may take: on the CPU, and on the wall; loading has its own."""

    cpu: float = 2.0
    wall: float = 10.0
    load_cpu: float = 10.0
    load_wall: float = 30.0


@dataclass
class Usage:
    """What a session has cost: CPU seconds of its workers, largest resident bytes, workers started."""

    cpu: float = 0.0
    memory: int = 0
    workers: int = 0


class Session:
    """One submission in the sandbox. `start_check` before each check; `close` at the end."""

    def __init__(self, zygote: Zygote, submitted: Submitted, deadlines: Deadlines | None = None) -> None:
        self._zygote = zygote
        self._submitted = submitted
        self._deadlines = deadlines or Deadlines()
        self._worker: WorkerProcess | None = None
        self._number = 0
        self._seed = 0
        self._load_failure: Interrupted | None = None
        self.notes: list[str] = []
        self.forbidden: set[str] = set()
        self.usage = Usage()
        self.devices_used: set[str] = {"cpu"}

    def start_check(self, seed: int) -> None:
        """Puts seeds and settings back; a worker that is gone is replaced when it is next needed."""
        self._seed = seed
        self.forbidden = set()
        if self._worker is not None:
            self._begin(self._worker)

    def close(self) -> None:
        """Ends the worker."""
        if self._worker is not None:
            self._end(self._worker)
            self._worker = None

    def request(self, request: wire.Request) -> wire.Reply:
        """The reply to a request; `Interrupted` where none came."""
        if self._load_failure is not None:
            raise self._load_failure
        if self._worker is None:
            self._worker = self._start(None)
        try:
            return self._exchange(self._worker, request, self._deadlines.cpu, self._deadlines.wall)
        except Interrupted:
            worker, self._worker = self._worker, None
            self._end(worker)
            raise

    def request_on(self, device: str, request: wire.Request) -> wire.Reply:
        """The reply to a request in a worker of its own, where a device is registered before anything else runs."""
        if self._load_failure is not None:
            raise self._load_failure
        worker = self._start(device)
        self.devices_used.add(device)
        slow = 10.0 if device == CUDA else 2.0  # a context on the GPU takes seconds
        try:
            return self._exchange(worker, request, self._deadlines.cpu * slow, self._deadlines.wall * slow)
        finally:
            self._end(worker)

    def _start(self, device: str | None) -> WorkerProcess:
        worker = self._zygote.fork(devices=_CUDA_FILES if device == CUDA else None)
        self.usage.workers += 1
        mine = self._submitted
        forbidden = [(name, list(python), list(operators)) for name, python, operators in mine.forbidden]
        load = wire.Load(mine.slug, list(mine.cells), mine.is_notebook, list(mine.exercises), forbidden, device)
        try:
            reply = self._exchange(worker, load, self._deadlines.load_cpu, self._deadlines.load_wall)
            if isinstance(reply.outcome, wire.Raised) and reply.outcome.kind == "Unavailable":
                raise SandboxError(f"The {device} device cannot be had here: {reply.outcome.text}")
            if isinstance(reply.outcome, wire.Raised):
                raise Crashed(f"your file could not be loaded: {reply.outcome.kind}: {reply.outcome.text}")
            self._begin(worker)
        except Interrupted as interrupted:
            self._end(worker)
            interrupted.args = (f"while your file was loaded, {interrupted}",)
            self._load_failure = interrupted
            raise
        self.notes = [str(note)[:500] for note in reply.notes[:50]]
        return worker

    def _begin(self, worker: WorkerProcess) -> None:
        try:
            self._exchange(worker, wire.Begin(self._seed), self._deadlines.cpu, self._deadlines.wall)
        except Interrupted:
            if worker is self._worker:
                self._worker = None
                self._end(worker)
            else:
                raise

    def _end(self, worker: WorkerProcess) -> None:
        ended = worker.end()
        self.usage.cpu += ended.cpu
        self.usage.memory = max(self.usage.memory, ended.memory)

    def _exchange(self, worker: WorkerProcess, request: wire.Request, cpu: float, wall: float) -> wire.Reply:
        self._number += 1
        clock = _Clock(worker, cpu, wall)
        try:
            _send(worker, wire.pack(wire.Envelope(self._number, request)), clock)
            size = int.from_bytes(_receive(worker, 8, clock), "little")
            if size > wire.MAX_FRAME:
                raise Crashed(f"it answered with {size} bytes; at most {wire.MAX_FRAME} are read")
            reply = wire.unpack_reply(_receive(worker, size, clock))
        except (wire.WireError, OSError, MemoryError) as error:
            raise Crashed(f"its answer could not be read: {error}") from None
        if reply.number != self._number:
            raise Crashed(f"it answered request {reply.number} when request {self._number} was asked")
        self.forbidden.update(name[:200] for name in reply.forbidden)
        return reply


class _Clock:
    """The time left to a worker for one request, on its CPU and on the wall."""

    def __init__(self, worker: WorkerProcess, cpu: float, wall: float) -> None:
        self._worker = worker
        self._cpu, self._wall = cpu, wall
        self._cpu_end = worker.cpu() + cpu
        self._wall_end = time.monotonic() + wall

    def wait(self, *, writable: bool = False) -> None:
        """Returns when the socket is ready; raises `TimedOut` when time is up."""
        channel = [self._worker.channel]
        while True:
            ready = select.select([], channel, [], 0.05) if writable else select.select(channel, [], [], 0.05)
            if any(ready):
                return
            if self._worker.cpu() > self._cpu_end:
                raise TimedOut(
                    f"it was still computing after {self._cpu:g} s; the reference takes milliseconds. Look for an endless loop."
                )
            if time.monotonic() > self._wall_end:
                raise TimedOut(
                    f"it did not answer within {self._wall:g} s; it seems to wait for something that never comes."
                )


def _send(worker: WorkerProcess, data: bytes, clock: _Clock) -> None:
    worker.channel.setblocking(False)
    view = memoryview(data)
    while view:
        clock.wait(writable=True)
        try:
            view = view[worker.channel.send(view) :]
        except BlockingIOError:
            continue
        except OSError:
            raise Crashed("the process that ran it ended") from None


def _receive(worker: WorkerProcess, count: int, clock: _Clock) -> bytes:
    parts = []
    while count:
        clock.wait()
        try:
            part = worker.channel.recv(min(count, 1 << 20))
        except BlockingIOError:
            continue
        except ConnectionResetError:
            part = b""
        if not part:
            raise Crashed("the process that ran it ended (out of memory, killed by the system, or told to exit)")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
