"""A submission seen from the trusted side: workers come and go, every reply is checked, nothing received is executed."""

import re
import secrets
import select
import time
from dataclasses import dataclass

from autograder.sandbox.weight import weight
from autograder.sandbox.zygote import Needs, SandboxError, WorkerProcess, Zygote
from autograder.worker import wire

SIMULATED, CUDA = "simulated", "cuda"
# Factors on the deadlines: a context on the GPU takes seconds.
_SLOWNESS: dict[str | None, float] = {SIMULATED: 2.0, CUDA: 10.0}
_IMPATIENT, _LEAST_PATIENCE = 0.25, 0.0625  # factors on the CPU seconds after a call that ran out of them
_KEPT = 256 * 2**20  # bytes of all replies to one submission: they are kept until it is graded
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}")


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


class _NotBegun(Crashed):
    """A worker of an earlier check did not take part in the next one."""


class StudentError(Exception):
    """An exception raised by student code: a data-only image of it, mixed with its built-in base where it has one."""

    def __init__(self, raised: wire.Raised) -> None:
        super().__init__(raised.text)
        self.raised = raised


@dataclass(frozen=True)
class Submitted:
    """What is loaded into a worker: a slug, the texts, what the assignment asks and forbids, whether its checks use devices."""

    slug: str
    cells: tuple[str, ...]
    is_notebook: bool
    exercises: tuple[str, ...]
    forbidden: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()
    on_devices: bool = False


@dataclass(frozen=True)
class Deadlines:
    """Seconds that one request may take: on the CPU, and on the wall; loading has its own.

    `lost` is how long one submission may keep the grader waiting for answers that never come, all its checks together. After
    a call that ran out of time the others have a quarter of `cpu`, after a second a sixteenth: an endless loop commonly stands
    in every check's way.
    """

    cpu: float = 4.0
    wall: float = 10.0
    load_cpu: float = 10.0
    load_wall: float = 30.0
    lost: float = 60.0


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
        self._workers: dict[str, WorkerProcess] = {}  # one for CUDA, one for all else
        self._begun: set[str] = set()  # the workers that know the current check's seed
        self._seed = 0
        self._kept = 0
        self._lost = 0.0
        self._patience = 1.0  # factor on the CPU seconds of a request
        self._load_failures: dict[str, Interrupted] = {}
        self.notes: list[str] = []
        self.forbidden: set[tuple[str, str]] = set()  # a built-in, and the exercise whose function called it or ""
        self.usage = Usage()
        self.devices_used: set[str] = {"cpu"}

    def replace(self, submitted: Submitted) -> None:
        """Loads another text into the workers that there are. For our own code: no student's is ever loaded over another's."""
        another, self._submitted = submitted != self._submitted, submitted
        self._load_failures.clear()
        self._kept, self._lost, self._patience = 0, 0.0, 1.0
        self.start_check(0)
        for name, worker in list(self._workers.items()) if another else []:
            try:
                self._load(worker)
            except BaseException:
                self._drop(name)
                raise

    def start_check(self, seed: int) -> None:
        """Puts seeds and settings back; a worker that is gone is replaced when it is next needed, and no check pays for it."""
        self._seed = seed
        self.forbidden = set()
        self._begun.clear()
        for name, worker in list(self._workers.items()):
            if _has_something_to_say(worker):  # its end, or words that nobody asked for
                self._drop(name)

    def close(self) -> None:
        """Ends the workers."""
        for name in list(self._workers):
            self._drop(name)

    def request(self, request: wire.Request) -> wire.Reply:
        """The reply to a request; `Interrupted` where none came."""
        device = request.device if isinstance(request, wire.Run) else None
        if device == SIMULATED and not self._submitted.on_devices:
            raise SandboxError("A check runs something on a device, but asks nowhere for `student.devices`.")
        name = CUDA if device == CUDA else "cpu"
        self.devices_used.add(device or "cpu")
        try:
            return self._ask(request, name, _SLOWNESS.get(device, 1.0))
        except _NotBegun:  # what an earlier check has left behind is not this one's fault: a new worker is asked
            return self._ask(request, name, _SLOWNESS.get(device, 1.0))

    def _ask(self, request: wire.Request, name: str, slow: float) -> wire.Reply:
        """The reply of the worker of this name, which is started where there is none."""
        if name not in self._workers:
            self._workers[name] = self._start(name)
        seed = None if name in self._begun else self._seed
        self._begun.add(name)
        try:
            return self._exchange(
                self._workers[name],
                request,
                self._deadlines.cpu * slow * self._patience,
                self._deadlines.wall * slow,
                seed,
            )
        except BaseException as error:  # whatever it was, the worker may still speak of it later
            if isinstance(error, TimedOut):
                self._patience = max(self._patience * _IMPATIENT, _LEAST_PATIENCE)
            self._drop(name)
            raise

    def _start(self, name: str) -> WorkerProcess:
        """A worker that has loaded the submission. What cannot be loaded is not tried again."""
        if (failure := self._load_failures.get(name)) is not None:
            raise type(failure)(*failure.args)
        needs = Needs(self._submitted.forbidden, self._submitted.on_devices and name != CUDA)
        worker = self._zygote.fork(needs, cuda=name == CUDA)
        self.usage.workers += 1
        try:
            notes = self._load(worker)
        except Interrupted as interrupted:
            self._end(worker)
            interrupted.args = (f"while your file was loaded, {interrupted}",)
            self._load_failures[name] = interrupted
            raise
        except BaseException:
            self._end(worker)
            raise
        if self.usage.workers == 1:
            # Addresses differ from run to run, the result may not.
            self.notes = [_ADDRESS.sub("0x…", note[:500]) for note in notes[:50]]
        return worker

    def _load(self, worker: WorkerProcess) -> list[str]:
        """Loads the submission; the worker's notes on what it left out."""
        mine = self._submitted
        load = wire.Load(mine.slug, list(mine.cells), mine.is_notebook, list(mine.exercises))
        reply = self._exchange(worker, load, self._deadlines.load_cpu, self._deadlines.load_wall)
        if isinstance(reply.outcome, wire.Raised):
            raise Crashed(f"your file could not be loaded: {reply.outcome.kind[:100]}: {reply.outcome.text[:300]}")
        return reply.notes

    def _drop(self, name: str) -> None:
        self._begun.discard(name)
        self._end(self._workers.pop(name))

    def _end(self, worker: WorkerProcess) -> None:
        ended = worker.end()
        self.usage.cpu += ended.cpu
        self.usage.memory = max(self.usage.memory, ended.memory)

    def _exchange(
        self, worker: WorkerProcess, request: wire.Request, cpu: float, wall: float, seed: int | None = None
    ) -> wire.Reply:
        """The reply to a request. No word of it enters a message: it may hold a hidden input."""
        if self._lost > self._deadlines.lost:
            raise TimedOut(f"it was not run: earlier calls kept the grader waiting for {self._deadlines.lost:g} s")
        started = time.monotonic()
        number = secrets.randbits(62)  # not to be guessed: no answer can be written before its question
        frame = wire.pack(wire.Envelope(number, request, seed))
        clock = _Clock(worker, cpu, wall)
        try:
            if seed is None:
                _send(worker, frame, clock)
            else:
                _begin(worker, frame, number, clock)
            size = int.from_bytes(_receive(worker, 8, clock), "little")
            if size > wire.MAX_FRAME:
                raise Crashed(f"its answer is larger than the {wire.MAX_FRAME} bytes that are read")
            payload = _receive(worker, size, clock)
            self._kept += weight(payload)
            if self._kept > _KEPT:
                raise Crashed(f"its answers together are larger than the {_KEPT} bytes that are kept")
            reply = wire.unpack_reply(payload)
        except (TimedOut, _NotBegun):
            self._lost += time.monotonic() - started
            raise
        except (wire.WireError, OSError, MemoryError) as error:
            raise Crashed("its answer could not be read") from error
        if reply.number != number:
            raise Crashed("it answered something that was not asked")
        if not isinstance(request, wire.Load):  # what a file calls by itself is no exercise's call
            self.forbidden.update((name[:200], exercise[:200]) for name, exercise in reply.forbidden)
        return reply


def _begin(worker: WorkerProcess, frame: bytes, number: int, clock: "_Clock") -> None:
    """Sends a check's first request; returns when the worker has put its seeds back, of which it says the request's number."""
    try:
        _send(worker, frame, clock)
        begun = _receive(worker, 8, clock) == number.to_bytes(8, "little")
    except Interrupted:
        begun = False
    if not begun:
        raise _NotBegun("the process that ran it was spoilt by an earlier check")


def _has_something_to_say(worker: WorkerProcess) -> bool:
    """Whether anything came from a worker that was asked nothing."""
    poll = select.poll()
    poll.register(worker.channel, select.POLLIN)
    return bool(worker.received or poll.poll(0))


class _Clock:
    """The time left to a worker for one request, on its CPU and on the wall."""

    def __init__(self, worker: WorkerProcess, cpu: float, wall: float) -> None:
        self._worker = worker
        self._poll = select.poll()  # not select.select, which knows no descriptor from 1024 on
        self._poll.register(worker.channel, select.POLLIN)
        self._cpu, self._wall = cpu, wall
        self._cpu_end = worker.cpu() + cpu
        self._wall_end = time.monotonic() + wall

    def wait(self) -> None:
        """Returns when there is something to read; raises `TimedOut` when time is up, ready or not: a byte buys no time."""
        while not self._in_time(self._poll.poll(50)):
            pass

    def wait_to_write(self) -> None:
        """Returns when something can be written; raises `TimedOut` when time is up."""
        poll = select.poll()
        poll.register(self._worker.channel, select.POLLOUT)
        while not self._in_time(poll.poll(50)):
            pass

    def _in_time(self, ready: list[tuple[int, int]]) -> bool:
        """Whether anything is ready."""
        if self._worker.cpu() > self._cpu_end:
            raise TimedOut(
                f"it was still computing after {self._cpu:g} s; the reference takes milliseconds. Look for an endless loop."
            )
        if time.monotonic() > self._wall_end:
            raise TimedOut(
                f"it did not answer within {self._wall:g} s; it seems to wait for something that never comes."
            )
        return bool(ready)


def _send(worker: WorkerProcess, data: bytes, clock: _Clock) -> None:
    worker.channel.setblocking(False)
    view = memoryview(data)
    while view:
        try:
            view = view[worker.channel.send(view) :]
        except BlockingIOError:
            clock.wait_to_write()
        except OSError:
            raise Crashed("the process that ran it ended") from None


def _receive(worker: WorkerProcess, count: int, clock: _Clock) -> bytes:
    """The next `count` bytes; what comes with them is kept for the next call."""
    held = worker.received
    while len(held) < count:
        clock.wait()
        try:
            part = worker.channel.recv(min(max(count - len(held), 1 << 16), 1 << 20))
        except BlockingIOError:
            continue
        except ConnectionResetError:
            part = b""
        if not part:
            raise Crashed("the process that ran it ended (out of memory, killed by the system, or told to exit)")
        held += part
    data = bytes(memoryview(held)[:count])
    del held[:count]
    return data
