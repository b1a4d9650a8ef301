"""Notices when the built-in that is the exercise is called, by whatever Python path it was reached.

Python functions are watched by replacing their code object, so that every alias, import and copy of the function is
watched too; operators by a kernel of ours in the dispatcher, which every API ends in, and which costs other operators nothing. It
catches shortcuts, not malice: points that must resist malice rest on returned values.
"""

# mypy: allow-untyped-calls
# (torch's library functions carry no annotations)

import importlib
import itertools
import types
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import torch
from torch._C import DispatchKey, DispatchKeySet

Report = Callable[[str], None]
_OPERATORS = torch._C._dispatch_get_all_op_names()  # asked for before the fork
_BELOW = torch._C._dispatch_keyset_full_after(DispatchKey.BackendSelect)
# Where a call of a composite operator arrives: with gradients, in inference mode, under vmap.
_COMPOSITE_KEYS = (
    "AutogradCPU", "AutogradCUDA", "AutogradPrivateUse1", "CPU", "CUDA", "PrivateUse1", "FuncTorchBatched",
)  # fmt: skip
_numbers = itertools.count()
_listener: list[Report] = []
_KEY = "__watched"


def report_to(listener: Report) -> None:
    """Has calls of what is watched reported to this function, and to no other."""
    _listener[:] = [listener]


def _report(name: str) -> None:
    for listener in _listener:
        listener(name)


def watch(rows: list[tuple[str, list[str], list[str]]]) -> None:
    """Has every call of what the rows name reported by that name, from now on, in this process and those forked from it.

    A row is a name, dotted Python names (a module or class stands for all its functions), and prefixes of operators.
    """
    prefixes: dict[str, str] = {}
    for name, dotted, operators in rows:
        prefixes.update(dict.fromkeys(operators, name))
        for found in map(_resolve, dotted):
            if isinstance(found, types.BuiltinFunctionType):
                # Written in C++: seen as the operator of its name, with or without an overload.
                prefixes.setdefault(f"aten::{found.__name__}", name)
            for function in set(_functions(found, set())):
                _watch_function(function, name)
    if prefixes:
        _watch_operators(prefixes)


def _watch_operators(prefixes: dict[str, str]) -> None:
    """Puts a kernel that reports before the kernels of each operator with such a prefix; the first that fits gives the name."""
    wanted = tuple(prefixes)
    for operator in (operator for operator in _OPERATORS if operator.startswith(wanted)):
        name = next(name for prefix, name in prefixes.items() if operator.startswith(prefix))
        namespace, _, rest = operator.partition("::")
        packet, _, overload = rest.partition(".")
        found = getattr(getattr(getattr(torch.ops, namespace), packet), overload or "default")
        library = _library(namespace)
        if torch._C._dispatch_has_kernel_for_dispatch_key(operator, "CompositeImplicitAutograd"):
            for key in _COMPOSITE_KEYS:
                library.impl(found, _decomposed(found, name), key)
        else:
            library.impl(found, _passed_on(found, name), "BackendSelect", with_keyset=True)


@cache
def _library(namespace: str) -> torch.library.Library:
    """Where our kernels of a namespace are registered. They live as long as it does, hence as this process."""
    return torch.library.Library(namespace, "IMPL")


def _passed_on(operator: Any, name: str) -> Callable[..., Any]:
    """A kernel that stands between autograd and the device's own kernel."""

    def reported(keys: DispatchKeySet, *args: Any, **kwargs: Any) -> Any:
        _report(name)
        return operator.redispatch(keys & _BELOW, *args, **kwargs)

    return reported


def _decomposed(operator: Any, name: str) -> Callable[..., Any]:
    """A kernel of an operator that is nothing but others, which then record gradients themselves."""

    def reported(*args: Any, **kwargs: Any) -> Any:
        _report(name)
        return operator.decompose(*args, **kwargs)

    return reported


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


def _watch_function(function: types.FunctionType, name: str) -> None:
    original = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    original.__kwdefaults__ = function.__kwdefaults__

    def reported(*args: Any, **kwargs: Any) -> Any:
        _report(name)
        return original(*args, **kwargs)

    key = f"__watched_{next(_numbers)}"
    function.__globals__[key] = reported
    function.__code__ = _stub(key, len(function.__code__.co_freevars))
    function.__defaults__ = function.__kwdefaults__ = None


def _stub(key: str, free: int) -> types.CodeType:
    """Code that forwards to a global; it closes over as many variables as the code it replaces, as Python demands."""
    template = _template(free)
    return template.replace(co_names=tuple(key if name == _KEY else name for name in template.co_names))


@cache
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
