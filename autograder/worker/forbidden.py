"""Notices when the built-in that is the exercise is called, by whatever Python path it was reached.

Python functions are watched by replacing their code object, so that every alias, import and copy of the function is
watched too; operators by a dispatch mode, which sees them below every API. It catches shortcuts, not malice: points that
must resist malice rest on returned values.
"""

import contextlib
import importlib
import itertools
import types
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

Report = Callable[[str], None]
_numbers = itertools.count()
_KEY = "__watched"


class OperatorWatch(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch has no types here
    """A dispatch mode that reports forbidden operators by their name without overload."""

    def __init__(self, names: dict[str, str], report: Report) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._names = names  # operator prefix -> what the student reads
        self._prefixes = tuple(names)
        self._report = report

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        operator = func._schema.name
        if operator.startswith(self._prefixes):
            self._report(next(name for prefix, name in self._names.items() if operator.startswith(prefix)))
        return func(*args, **(kwargs or {}))


class BuiltinWatch(TorchFunctionMode):
    """A function mode that reports forbidden functions that are written in C++ and fall apart above the dispatcher."""

    def __init__(self, names: dict[Any, str], report: Report) -> None:
        super().__init__()
        self._names = names  # function -> what the student reads
        self._report = report

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in self._names:
            self._report(self._names[func])
        return func(*args, **(kwargs or {}))


class Watch:
    """Everything that is watched for one assignment. Enter it around student code."""

    def __init__(self, rows: list[tuple[str, list[str], list[str]]], report: Report) -> None:
        operators: dict[str, str] = {}
        compiled: dict[Any, str] = {}
        for name, dotted, prefixes in rows:
            operators.update(dict.fromkeys(prefixes, name))
            for found in map(_resolve, dotted):
                if isinstance(found, types.BuiltinFunctionType):
                    compiled[found] = name
                for function in set(_functions(found, set())):
                    _watch(function, name, report)
        self._operators = OperatorWatch(operators, report) if operators else None
        self._compiled = BuiltinWatch(compiled, report) if compiled else None
        self._entered: list[contextlib.ExitStack] = []

    def __enter__(self) -> None:
        stack = contextlib.ExitStack()
        for mode in (self._operators, self._compiled):
            if mode is not None:
                stack.enter_context(mode)
        self._entered.append(stack)

    def __exit__(self, *_: object) -> None:
        self._entered.pop().close()


def _resolve(dotted: str) -> Any:
    parts = dotted.split(".")
    for split in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:split]))
        except ImportError:
            continue
        for part in parts[split:]:
            found = getattr(found, part, None)
        return found
    return None


def _functions(found: Any, seen: set[int]) -> Iterator[types.FunctionType]:
    """The Python functions in a function, class or module; `seen` ends the circles that classes make."""
    if id(found) in seen:
        return
    seen.add(id(found))
    parts: list[Any] = []
    if isinstance(found, types.FunctionType):
        yield found
    elif isinstance(found, (staticmethod, classmethod)):
        parts = [found.__func__]
    elif isinstance(found, property):
        parts = [found.fget, found.fset]
    elif isinstance(found, type):
        parts = list(vars(found).values())
    elif isinstance(found, types.ModuleType):
        parts = [part for part in vars(found).values() if getattr(part, "__module__", None) == found.__name__]
    for part in parts:
        yield from _functions(part, seen)


def _watch(function: types.FunctionType, name: str, report: Report) -> None:
    original = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    original.__kwdefaults__ = function.__kwdefaults__

    def reported(*args: Any, **kwargs: Any) -> Any:
        report(name)
        return original(*args, **kwargs)

    key = f"__watched_{next(_numbers)}"
    function.__globals__[key] = reported
    function.__code__ = _stub(key, len(function.__code__.co_freevars))
    function.__defaults__ = function.__kwdefaults__ = None


def _stub(key: str, free: int) -> types.CodeType:
    """Code that forwards to a global; it closes over as many variables as the code it replaces, as Python demands."""
    template = _template(free)
    return template.replace(co_names=tuple(key if name == _KEY else name for name in template.co_names))


@lru_cache
def _template(free: int) -> types.CodeType:
    """Code that forwards to the global `_KEY` and closes over this many variables."""
    names = [f"v{number}" for number in range(free)]
    text = (
        f"def outer({', '.join(names)}):\n"
        f"    def stub(*args, **kwargs):\n"
        f"        ({', '.join([*names, ''])})\n"
        f"        return {_KEY}(*args, **kwargs)\n"
        f"    return stub\n"
    )
    scope: dict[str, Any] = {}
    exec(text, scope)
    return scope["outer"](*names).__code__  # type: ignore[no-any-return]
