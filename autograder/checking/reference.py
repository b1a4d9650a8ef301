"""The reference, and each mistake in its place, as a check sees them."""

import hashlib
import sys
import types
from typing import Any

import torch

from autograder.sandbox.lend import lend
from autograder.sandbox.remote import Recording, StudentModule, encode, refuse_keywords
from autograder.sandbox.session import Interrupted, Session, Submitted
from autograder.sandbox.zygote import SandboxError, Zygote
from autograder.worker import wire


class ReferenceModule:
    """A trusted module, run in the grader's own process.

    Work on a device runs in a worker all the same, because a device must be registered before a process's first backward;
    its answers are kept, for they do not depend on the student.
    """

    def __init__(self, slug: str, text: str, zygote: Zygote, devices: tuple[str, ...]) -> None:
        self.devices = devices
        self._text, self._slug, self._zygote = text, slug, zygote
        self._recordings: dict[bytes, Recording] = {}
        # Dataclasses and pickling look a class's module up by name.
        self._module = types.ModuleType(f"reference_{slug}_{hashlib.sha256(text.encode()).hexdigest()[:8]}")
        sys.modules[self._module.__name__] = self._module
        exec(compile(text, f"<reference {slug}>", "exec"), vars(self._module))

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
        recording = self._recordings.setdefault(key, Recording())
        session = Session(self._zygote, Submitted(self._slug, (self._text,), False, (), on_devices=True))
        try:
            return StudentModule(session, recording, self.devices, replay=True).run(experiment, *args, device=device)
        except Interrupted as interrupted:  # no student is to pay for this, and the next may find it better
            del self._recordings[key]
            raise SandboxError(f"The reference gave no answer on {device}: {interrupted}") from interrupted
        finally:
            session.close()


def _on_copies(function: Any) -> Any:
    """The function, called on copies: a mistake that changes its arguments must not change the student's."""
    return lambda *args, **keywords: function(
        *map(_fresh, args), **{key: _fresh(item) for key, item in keywords.items()}
    )


def _fresh(value: Any) -> Any:
    """A copy of a tensor, as one that has crossed the wall would be."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, (list, tuple)):
        return type(value)(_fresh(item) for item in value)
    return value
