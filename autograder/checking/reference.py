"""The reference, and each mistake in its place, as a check sees them."""

import inspect
import itertools
import sys
import types
import weakref
from functools import lru_cache
from typing import Any

import torch

from autograder.checking.catalogue import with_variant
from autograder.sandbox.lend import lend, names_in
from autograder.sandbox.remote import Recording, StudentModule, encode, refuse_keywords
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import Interrupted, Submitted
from autograder.sandbox.zygote import SandboxError
from autograder.worker import wire

_KEPT_ANSWERS = 64
_numbers = itertools.count()


class ReferenceModule:
    """A trusted module, run in the grader's own process.

    Work on a device runs in a worker all the same, because a device must be registered before a process's first backward;
    the last of its answers are kept, for a diagnosis asks for them again.
    """

    def __init__(self, slug: str, text: str, sandbox: Sandbox, variant: str = "") -> None:
        """The module of a text, and of the definitions after it that make it a mistake."""
        self.devices = sandbox.devices
        self._parts = text, variant
        self._submitted = Submitted(slug, (with_variant(text, variant),), False, (), on_devices=True)
        self._sandbox = sandbox
        self._answers: dict[bytes, Any] = {}
        # Dataclasses and pickling look a class's module up by name.
        self._module = types.ModuleType(f"reference_{slug}_{next(_numbers)}")
        sys.modules[self._module.__name__] = self._module
        weakref.finalize(self, sys.modules.pop, self._module.__name__, None)
        exec(_compiled(slug, text), vars(self._module))
        exec(compile(variant, f"<mistake in {slug}>", "exec"), vars(self._module))

    def with_function(self, name: str, function: Any) -> "ReferenceModule":
        """The same module, but for this function, wherever the module itself calls it."""
        text, variant = self._parts
        other = ReferenceModule(self._submitted.slug, text, self._sandbox, variant)
        setattr(other._module, name, function)
        return other

    def uses(self, name: str) -> set[str]:
        """The names of the module's own functions and classes that this one calls, directly or through others."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            called = _named(getattr(self._module, waiting.pop(), None)) & vars(self._module).keys()
            waiting += called - found
            found |= called
        return found

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        return _on_copies(found) if callable(found) else found

    def run(self, experiment: Any, *args: Any, device: str | None = None, **unknown: Any) -> Any:
        """The value of `experiment(module, *args)`; see docs/architecture.md."""
        refuse_keywords(unknown)
        lent = lend(experiment, encode)  # refused here too, so that an author learns it at once
        if device is None:
            return experiment(self._module, *(_fresh(item) for item in args))
        key = wire.pack(wire.Envelope(0, wire.Run(lent, [encode(item) for item in args], device)))
        if key not in self._answers:
            if len(self._answers) >= _KEPT_ANSWERS:
                self._answers.clear()
            session = self._sandbox.session_of_ours(self._submitted)
            student = StudentModule(session, Recording(), self.devices)
            try:
                self._answers[key] = student.run(experiment, *args, device=device)
            except Interrupted as interrupted:  # no student is to pay for this, and the next may find it better
                raise SandboxError(f"The reference gave no answer on {device}: {interrupted}") from interrupted
        return self._answers[key]


@lru_cache(maxsize=2)
def _compiled(slug: str, text: str) -> types.CodeType:
    """The code of a reference, which all its mistakes share."""
    return compile(text, f"<reference {slug}>", "exec")


def _named(value: Any) -> set[str]:
    """The globals that a function names, or the methods of a class."""
    if isinstance(value, type):
        return set().union(*map(_named, vars(value).values()))
    function = inspect.unwrap(value) if callable(value) else None
    return names_in(function.__code__) if isinstance(function, types.FunctionType) else set()


def _on_copies(function: Any) -> Any:
    """The function, called on copies: a mistake that changes its arguments must not change the student's."""
    return lambda *args, **keywords: function(
        *map(_fresh, args), **{key: _fresh(item) for key, item in keywords.items()}
    )


def _fresh(value: Any) -> Any:
    """A copy of a tensor, as one that has crossed the wall would be."""
    if isinstance(value, torch.Tensor):
        return _copied(value.detach()).requires_grad_(value.requires_grad)
    if isinstance(value, (list, tuple)):
        return type(value)(_fresh(item) for item in value)
    return value


def _copied(tensor: torch.Tensor) -> torch.Tensor:
    """A copy with the same strides: what breaks on a strided input is to break on the copy too."""
    if tensor.is_contiguous():
        return tensor.clone()
    whole = torch.as_strided(tensor, (tensor.untyped_storage().nbytes() // tensor.element_size(),), (1,), 0).clone()
    return torch.as_strided(whole, tensor.shape, tensor.stride(), tensor.storage_offset())
