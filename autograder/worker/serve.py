"""The worker's loop: loads the submission, answers one request after another, returns data and nothing else."""

import __future__

import ast
import builtins
import contextlib
import linecache
import marshal
import math
import random
import re
import sys
import types
from typing import Any

import forbidden
import numpy as np
import simulated
import source
import torch
import wire

_TEXT = 2000  # characters of an exception's text that cross
_MODULES: dict[str, types.ModuleType] = {}  # those of a worker that has run nothing of a student's
_LENT = {"torch": torch, "math": math, "__builtins__": builtins}


def remember_modules() -> None:
    """Notes the modules that there are. Before a fork: a child that did so would copy the page of every one of them."""
    _MODULES.update(sys.modules)


class Worker:
    """One submission in one confined process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._module = types.ModuleType("submission")
        self._source = source.Source()
        self._objects: dict[int, Any] = {}
        self._exercises: frozenset[str] = frozenset()
        self._called: set[tuple[str, str]] = set()
        forbidden.report_to(self._note_forbidden)

    def serve(self) -> None:
        """Answers until the host goes away."""
        while True:
            size = int.from_bytes(wire.read_exactly(self._descriptor, 8), "little")
            envelope = wire.unpack_envelope(wire.read_exactly(self._descriptor, size))
            if envelope.seed is not None:
                with contextlib.suppress(Exception):
                    self._begin(envelope.seed)
                wire.write_all(self._descriptor, envelope.number.to_bytes(8, "little"))
            reply = self._answer(envelope)
            try:
                data = wire.pack(reply)
            except wire.WireError as error:
                data = wire.pack(wire.Reply(envelope.number, wire.Raised("WireError", ["ValueError"], str(error))))
            wire.write_all(self._descriptor, data)

    def _begin(self, seed: int) -> None:
        """Puts seeds and global settings back."""
        if len(sys.modules) < len(_MODULES):  # thrown out, though torch imports some of them while it works
            sys.modules.update(_MODULES)
        random.seed(seed)
        np.random.seed(seed % 2**32)
        torch.default_generator.manual_seed(seed)
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)

    def _answer(self, envelope: wire.Envelope) -> wire.Reply:
        self._called.clear()
        request = envelope.request
        notes: list[str] = []
        outcome: wire.Returned | wire.Raised
        try:
            if isinstance(request, wire.Load):
                notes = self._load(request)
                outcome = wire.Returned(None)
            else:
                outcome = wire.Returned(self._perform(request))
        except BaseException as error:
            outcome = self._raised(error)
        return wire.Reply(envelope.number, outcome, self._forbidden(), notes)

    def _load(self, request: wire.Load) -> list[str]:
        self._begin(0)  # what is drawn at import is the same in every worker
        if request.is_notebook:
            self._source = source.read_notebook(request.cells, request.exercises)
        else:
            self._source = source.read_module(request.cells[0])
        module = self._module = types.ModuleType(request.slug)
        module.__file__ = request.slug
        sys.modules[request.slug] = module
        text = "\n".join(self._source.lines) + "\n"
        linecache.cache[request.slug] = (len(text), None, text.splitlines(keepends=True), request.slug)
        self._exercises = frozenset(request.exercises)
        notes = list(self._source.notes)
        for statement in self._source.statements:
            try:
                exec(compile(ast.Module([statement], []), request.slug, "exec", self._flags()), vars(module))
            except BaseException as error:
                raised = self._raised(error)
                place = self._source.locate(statement.lineno)
                notes.append(
                    f"{place} raised {raised.kind} when your file was loaded and was left out: {raised.text[:300]}"
                )
        return notes

    def _forbidden(self) -> list[tuple[str, str]]:
        """What was noted. A backward pass runs in no function of theirs: it belongs to the exercise whose forward pass was seen."""
        placed = {name for name, exercise in self._called if exercise}
        return sorted((name, exercise) for name, exercise in self._called if exercise or name not in placed)

    def _note_forbidden(self, name: str) -> None:
        """Notes a forbidden built-in, and the exercise whose function called it: the innermost one that is running."""
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None:
            code = frame.f_code
            exercise = code.co_qualname.partition(".")[0]
            if code.co_filename == self._module.__name__ and exercise in self._exercises:
                self._called.add((name, exercise))
                return
            frame = frame.f_back
        self._called.add((name, ""))

    def _flags(self) -> int:
        """`from __future__ import annotations` holds for the statements after it, each of which is compiled alone."""
        feature = vars(self._module).get("annotations")
        return feature.compiler_flag if isinstance(feature, type(__future__.annotations)) else 0

    def _perform(self, request: Any) -> wire.Value:
        decoder = wire.Decoder(self._resolve, restride=True)
        if isinstance(request, wire.Read):
            return self._encode(getattr(self._target(request.target), request.name))
        if isinstance(request, wire.Write):
            setattr(self._target(request.target), request.name, decoder.decode(request.value))
            return None
        args = [decoder.decode(item) for item in request.args]
        if isinstance(request, wire.Run):
            return self._run(decoder.decode(request.function), args, request.device)
        keywords = {str(key): decoder.decode(item) for key, item in request.keywords}
        target = self._target(request.target)
        function = getattr(target, request.name) if request.name else target
        return self._encode(function(*args, **keywords))

    def _run(self, function: Any, args: list[Any], device: str | None) -> wire.Value:
        if device is None:
            return self._encode(function(self._module, *args))
        with simulated.in_use() if device == "simulated" else contextlib.nullcontext():
            with simulated.recording(device, self._module.__name__) as recorder:
                value = function(self._module, device, *args)
            violations = [re.sub(r"\bline (\d+)", self._place, text) for text in recorder.violations]
            return self._encode({"value": value, "violations": violations})

    def _place(self, found: re.Match[str]) -> str:
        return str(self._source.locate(int(found[1])))

    def _target(self, handle: wire.Handle | None) -> Any:
        return self._module if handle is None else self._objects[handle.number]

    def _resolve(self, value: wire.Handle | wire.Function) -> Any:
        if isinstance(value, wire.Handle):
            return self._objects[value.number]
        decoder = wire.Decoder(self._resolve, restride=True)
        cells = tuple(types.CellType(decoder.decode(item)) for item in value.closure)
        defaults = tuple(decoder.decode(item) for item in value.defaults)
        function = types.FunctionType(marshal.loads(value.code), dict(_LENT), value.name, defaults, cells)
        function.__kwdefaults__ = {str(key): decoder.decode(item) for key, item in value.keywords}
        return function

    def _encode(self, value: Any) -> wire.Value:
        return wire.Encoder(self._keep).encode(value)

    def _keep(self, value: Any) -> wire.Handle:
        number = len(self._objects)
        self._objects[number] = value
        return wire.Handle(number, type(value).__name__)

    def _raised(self, error: BaseException) -> wire.Raised:
        bases = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
        try:
            text = str(error)[:_TEXT]
        except BaseException:
            text = "(its text cannot be shown)"
        number = None
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._module.__name__:
                number = trace.tb_lineno
            trace = trace.tb_next
        if number is None:
            return wire.Raised(type(error).__name__, bases, text)
        return wire.Raised(type(error).__name__, bases, text, self._source.locate(number), self._source.line(number))
