"""Functions lent to the worker: a code object and the data it closes over, and nothing else of the grader's."""

import builtins
import dis
import inspect
import marshal
import types
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from autograder.worker import wire

_LENT_NAMES = frozenset({"torch", "math"})


class LendError(TypeError):
    """A check wants to send what cannot cross to the worker: the author's fault, and no outcome of a check."""


def is_lendable(value: Any) -> bool:
    """Whether a value is a plain Python function."""
    return isinstance(value, types.FunctionType)


def lend(function: types.FunctionType, encode: Callable[[Any], wire.Value]) -> wire.Function:
    """The wire form of a function; `LendError` where it names anything but torch, math, builtins and its own values."""
    if strangers := sorted(_strange_names(function.__code__) & function.__globals__.keys()):
        raise LendError(
            f"{function.__name__} names {', '.join(strangers)}; code lent to the worker may name only torch, math, builtins, "
            "its arguments and what it closes over. Pass the value as an argument."
        )
    closure = [encode(cell.cell_contents) for cell in function.__closure__ or ()]
    defaults = [encode(item) for item in function.__defaults__ or ()]
    keywords: list[tuple[str | int, wire.Value]] = [
        (name, encode(item)) for name, item in (function.__kwdefaults__ or {}).items()
    ]
    return wire.Function(_marshalled(function.__code__), function.__name__, defaults, keywords, closure)


@lru_cache(maxsize=4096)
def _marshalled(code: types.CodeType) -> bytes:
    """A code object's bytes. Cached, because they depend on reference counts, and a repeated check must ask the very same."""
    return marshal.dumps(_anonymous(code))


def names_in(code: types.CodeType) -> set[str]:
    """The globals and attributes that a function names, in the functions inside it too."""
    return {name for inner in _codes(code) for name in inner.co_names}


def _codes(code: types.CodeType) -> list[types.CodeType]:
    inner = [item for item in code.co_consts if isinstance(item, types.CodeType)]
    return [code, *(deeper for item in inner for deeper in _codes(item))]


@lru_cache(maxsize=4096)
def _strange_names(code: types.CodeType) -> frozenset[str]:
    """The globals that a function and those inside it name, beside what the worker has."""
    steps = (step for inner in _codes(code) for step in dis.get_instructions(inner))
    names = {str(step.argval) for step in steps if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return frozenset(name for name in names - _LENT_NAMES if not hasattr(builtins, name))


def _anonymous(code: types.CodeType) -> types.CodeType:
    """The code without the path of the check it stands in, and without its docstring."""
    constants = tuple(_anonymous(item) if isinstance(item, types.CodeType) else item for item in code.co_consts)
    if (
        constants
        and isinstance(constants[0], str)
        and constants[0] == inspect.cleandoc(constants[0])
        and " " in constants[0]
    ):
        constants = (None, *constants[1:])
    return code.replace(co_filename="<check>", co_consts=constants)
