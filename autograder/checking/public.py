"""What a student may read of a value that their code returned: the value itself may hold a hidden input, these words do not."""

import builtins
import re
from typing import Any

import numpy as np
import torch

from autograder.sandbox.remote import RemoteObject, kind_of

_KINDS = {
    "function",
    "generator",
    "method",
    "module",
    "ndarray",
    "dtype",
    "device",
    "Counter",
    "OrderedDict",
    "defaultdict",
}
_PHRASES = (
    "waits for the device",
    "copies from the device to the host",
    "copies from the host to the device",
    "makes a new tensor on the CPU",
    "mixes a CPU tensor into work on the device",
    "names the device 'cuda' instead of using that of its input",
)
_DETAILS = ("numpy", "printing", "a call of the CUDA runtime")
_VIOLATION = re.compile(
    rf"(?P<what>line \d{{1,4}}(?: of code cell \d{{1,3}})?: (?:{'|'.join(map(re.escape, _PHRASES))}))"
    rf"(?P<detail> \((?:(?P<fixed>{'|'.join(_DETAILS)})|aten::(?P<operator>\w{{1,60}})"
    r"|(?P<owner>torch|Tensor)\.(?P<function>\w{1,60}); pass device=x\.device)\))?"
)


def kind(value: Any) -> str:
    """The type of a value; that of a remote object only where its name is a common one, for the worker may say any."""
    if value is None:
        return "None"
    if isinstance(value, RemoteObject):
        name = kind_of(value)
        common = name in _KINDS or isinstance(getattr(builtins, name, None), type) or hasattr(torch.nn, name)
        return f"an object of type {name!r}" if common else "an object of another type"
    if isinstance(value, np.ndarray):
        return "a numpy array"
    return f"a {type(value).__name__}"


def shape(tensor: torch.Tensor) -> str:
    """A tensor's shape where it is of a common size; sizes could spell out anything."""
    return (
        f"shape {tuple(tensor.shape)}" if tensor.dim() <= 5 and max(tensor.shape, default=0) < 1000 else "another shape"
    )


def violations(found: Any) -> str:
    """The first violations that are worded as the kit words them, with operators that torch knows."""
    texts = found[:50] if isinstance(found, list) else []
    worded = [text for text in map(_violation, texts) if text is not None]
    return "; ".join(worded[:5]) or "it does not keep to the device"


def _violation(text: Any) -> str | None:
    match = _VIOLATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    operator, function = match["operator"], match["function"]
    owner = torch.Tensor if match["owner"] == "Tensor" else torch
    known = (
        match["fixed"] or (operator and hasattr(torch.ops.aten, operator)) or (function and hasattr(owner, function))
    )
    return match[0] if known else match["what"]
