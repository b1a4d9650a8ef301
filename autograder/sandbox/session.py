"""A submission seen from the trusted side: workers come and go, every reply is checked, nothing received is executed."""

import builtins
import select
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox.lend import is_lendable, lend
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


@dataclass
class Recording:
    """The replies of one check in order, so that the check can be repeated without the worker."""

    entries: list[tuple[bytes, Any]] = field(default_factory=list)


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


class StudentModule:
    """The submission as a check sees it: behaves like the imported module, runs in the worker."""

    def __init__(
        self, session: Session, recording: Recording, devices: tuple[str, ...], *, replay: bool = False
    ) -> None:
        self._session = session
        self._recording = recording
        self._replay: Iterator[tuple[bytes, Any]] | None = iter(recording.entries) if replay else None
        self.devices = devices

    def run(self, experiment: Any, *args: Any, device: str | None = None) -> Any:
        """The value of `experiment(module, *args)` run beside the student's code; see docs/architecture.md."""
        encoder = _Sender()
        request = wire.Run(lend(experiment, encoder.encode), [encoder.encode(item) for item in args])
        return self._value(request, encoder, device)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return RemoteAttribute(self, None, name)

    def _ask(self, request: wire.Request, device: str | None) -> wire.Reply:
        key = repr(device).encode() + wire.pack(wire.Envelope(0, request))
        if self._replay is not None:
            expected, answer = next(self._replay, (b"", None))
            if expected != key:
                raise Crashed("the repeated check asked something else than the first time")
        else:
            try:
                answer = self._session.request(request) if device is None else self._session.request_on(device, request)
            except Interrupted as interrupted:
                answer = interrupted
            self._recording.entries.append((key, answer))
        if isinstance(answer, Interrupted):
            raise answer
        return answer  # type: ignore[no-any-return]

    def _value(self, request: wire.Request, sender: "_Sender", device: str | None = None) -> Any:
        reply = self._ask(request, device)
        if isinstance(reply.outcome, wire.Raised):
            raise _as_exception(reply.outcome)
        sender.apply(reply.changes)
        try:
            return wire.Decoder(self._resolve).decode(reply.outcome.value)
        except wire.WireError as error:
            raise Crashed(f"its answer could not be read: {error}") from None

    def _resolve(self, value: wire.Handle | wire.Function) -> Any:
        if isinstance(value, wire.Function):
            raise wire.WireError("a worker may not send code")
        return RemoteObject(self, value)


class RemoteAttribute:
    """An attribute in the worker: call it, or read it with `value()`."""

    def __init__(self, module: StudentModule, target: wire.Handle | None, name: str) -> None:
        self._module, self._target, self._name = module, target, name

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        sender = _Sender()
        positional = [sender.encode(item) for item in args]
        named: list[tuple[str | int, wire.Value]] = [(key, sender.encode(item)) for key, item in keywords.items()]
        return self._module._value(wire.Call(self._target, self._name, positional, named), sender)

    def value(self) -> Any:
        """The attribute's value: data, or a `RemoteObject`."""
        return self._module._value(wire.Read(self._target, self._name), _Sender())


class RemoteObject:
    """An object that stays in the worker, behind a handle."""

    def __init__(self, module: StudentModule, handle: wire.Handle) -> None:
        object.__setattr__(self, "_module", module)
        object.__setattr__(self, "_handle", handle)

    @property
    def kind(self) -> str:
        """The name of the object's class, as the worker tells it."""
        return str(self._handle.kind)[:100]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return RemoteAttribute(self._module, self._handle, name)

    def __setattr__(self, name: str, value: Any) -> None:
        sender = _Sender()
        self._module._value(wire.Write(self._handle, name, sender.encode(value)), sender)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return RemoteAttribute(self._module, self._handle, "")(*args, **keywords)


class _Sender(wire.Encoder):
    """Encodes arguments, and brings back what the call did to the tensors among them."""

    def __init__(self) -> None:
        super().__init__(self._lend)

    def _lend(self, value: Any) -> wire.Value:
        if isinstance(value, RemoteObject):
            return value._handle  # type: ignore[no-any-return]
        if is_lendable(value):
            return lend(value, self.encode)
        raise TypeError(
            f"{type(value).__name__} cannot cross to the worker; send tensors, numbers, strings, containers or functions"
        )

    def apply(self, changes: list[wire.Change]) -> None:
        """Makes the sent tensors what the call made of them."""
        for change in changes:
            if not 0 <= change.index < len(self.tensors):
                raise Crashed("it reported a change to a tensor that it was not given")
            tensor = self.tensors[change.index]
            try:
                if change.data is not None:
                    tensor.data = wire.decode_tensor(change.data)
                if tensor.is_leaf and tensor.is_floating_point():
                    tensor.requires_grad_(change.requires_grad)
                    tensor.grad = None if change.grad is None else wire.decode_tensor(change.grad)
            except (wire.WireError, RuntimeError, TypeError) as error:
                raise Crashed(f"its report on an argument could not be read: {error}") from None


def _as_exception(raised: wire.Raised) -> BaseException:
    """The host's image of a student's exception; `Missing` where the exercise is not there or not written."""
    bases = [name for name in raised.bases if isinstance(name, str)]
    if "NotImplementedError" in bases:
        return Missing("it is not written yet: it raises NotImplementedError.")
    if raised.kind == "AttributeError" and raised.place is None and "module" in raised.text:
        return Missing("it is not defined in what you handed in.")
    for name in bases:
        base = getattr(builtins, name, None)
        if isinstance(base, type) and issubclass(base, Exception) and base is not Exception:
            try:
                return type(f"Student{name}", (StudentError, base), {})(raised)  # type: ignore[no-any-return]
            except TypeError:
                break
    return StudentError(raised)
