"""The submission as a check sees it: a module whose functions run in the worker, objects that stay there behind handles."""

import builtins
import contextlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from autograder.sandbox.lend import LendError, is_lendable, lend
from autograder.sandbox.session import Crashed, Interrupted, Missing, Session, StudentError
from autograder.sandbox.zygote import SandboxError
from autograder.worker import wire

_BASES, _TEXT = 16, 2000  # how much of an exception is looked at
# Without the meaning that a loop or a generator of the host gives to some.
_PLAIN = (Exception, StopIteration, StopAsyncIteration)


@dataclass
class Recording:
    """The replies of one check in order, so that the check can be repeated without the worker."""

    entries: list[tuple[bytes, Any]] = field(default_factory=list)


class StudentModule:
    """Behaves like the imported module; every call runs in the worker, on copies of its arguments.

    With `replay` the recorded answers come first; only what was not asked before is asked now, and recorded too.
    """

    def __init__(
        self, session: Session, recording: Recording, devices: tuple[str, ...], *, replay: bool = False
    ) -> None:
        self._session = session
        self._recording = recording
        self._next = 0 if replay else len(recording.entries)
        self.devices = devices

    def run(self, experiment: Any, *args: Any, device: str | None = None, **unknown: Any) -> Any:
        """The value of `experiment(module, *args)` run beside the student's code; see docs/architecture.md."""
        refuse_keywords(unknown)
        return self._value(wire.Run(lend(experiment, encode), [encode(item) for item in args], device))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **keywords: self._call(None, name, args, keywords)

    def _call(self, target: wire.Handle | None, name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        named: list[tuple[str | int, wire.Value]] = [(key, encode(item)) for key, item in keywords.items()]
        return self._value(wire.Call(target, name, [encode(item) for item in args], named))

    def _value(self, request: wire.Request) -> Any:
        reply = self._ask(request)
        if isinstance(reply.outcome, wire.Raised):
            raise _as_exception(reply.outcome)
        try:
            return wire.Decoder(self._resolve).decode(reply.outcome.value)
        except wire.WireError as error:
            raise Crashed("its answer could not be read") from error

    def _ask(self, request: wire.Request) -> wire.Reply:
        key = wire.pack(wire.Envelope(0, request))
        if self._next < len(self._recording.entries):
            expected, answer = self._recording.entries[self._next]
            if expected != key:
                raise Crashed("the repeated check asked something else than the first time")
        else:
            try:
                answer = self._session.request(request)
            except Interrupted as interrupted:
                answer = interrupted
            except SandboxError:
                raise
            except Exception as error:  # in a check it would pass for an exception of the student's
                raise SandboxError(f"The sandbox failed: {type(error).__name__}: {error}") from error
            self._recording.entries.append((key, answer))
        self._next += 1
        if isinstance(answer, Interrupted):
            raise answer
        return answer  # type: ignore[no-any-return]

    def _resolve(self, value: wire.Handle | wire.Function) -> Any:
        if isinstance(value, wire.Function):
            raise wire.WireError("a worker may not send code")
        return RemoteObject(self, value)


def answers_given(module: Any) -> int | None:
    """How many answers a submission has given in this check; None for any other module."""
    return module._next if isinstance(module, StudentModule) else None


def refuse_keywords(unknown: dict[str, Any]) -> None:
    """Refuses what `run` does not know: as an exception of the call it would pass for an outcome on both sides."""
    if unknown:
        raise LendError(f"run() takes device= and no other keyword ({', '.join(unknown)}); pass values by position")


class RemoteObject:
    """An object that stays in the worker, behind a handle: call it, read its attributes, set them."""

    def __init__(self, module: StudentModule, handle: wire.Handle) -> None:
        object.__setattr__(self, "_module", module)
        object.__setattr__(self, "_handle", handle)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._module._value(wire.Read(self._handle, name))

    def __setattr__(self, name: str, value: Any) -> None:
        self._module._value(wire.Write(self._handle, name, encode(value)))

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self._module._call(self._handle, "", args, keywords)


def kind_of(remote: RemoteObject) -> str:
    """The name of a remote object's class, as the worker tells it."""
    return str(object.__getattribute__(remote, "_handle").kind)[:100]


def encode(value: Any) -> wire.Value:
    """The wire form of an argument: data, objects that stay in the worker, functions to be lent."""
    return wire.Encoder(_lend).encode(value)


def _lend(value: Any) -> wire.Value:
    if isinstance(value, RemoteObject):
        return object.__getattribute__(value, "_handle")  # type: ignore[no-any-return]
    if is_lendable(value):
        return lend(value, encode)
    raise LendError(
        f"{type(value).__name__} cannot cross to the worker; send tensors, numbers, strings, containers or functions"
    )


def _as_exception(raised: wire.Raised) -> BaseException:
    """The host's image of a student's exception; `Missing` where the exercise is not there or not written."""
    raised = wire.Raised(raised.kind[:100], raised.bases[:_BASES], raised.text[:_TEXT], raised.place, raised.line)
    if "NotImplementedError" in raised.bases:
        return Missing("it is not written yet: it raises NotImplementedError.")
    if raised.kind == "AttributeError" and raised.place is None and "module" in raised.text:
        return Missing("it is not defined in what you handed in.")
    for name in raised.bases:
        base = getattr(builtins, name, None)
        if isinstance(base, type) and issubclass(base, Exception) and base not in _PLAIN:
            with contextlib.suppress(TypeError):  # some want more than a text; the next base is less particular
                return _image(name)(raised)
    return StudentError(raised)


@lru_cache(maxsize=128)  # there are about 70 kinds of built-in exceptions
def _image(name: str) -> type[StudentError]:
    """The class of the images of students' exceptions of a built-in kind."""
    return type(f"Student{name}", (StudentError, getattr(builtins, name)), {})
