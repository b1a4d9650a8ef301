"""An accelerator without the hardware, and the record of what a student's code does to an accelerator, real or not.

`register` gives the process a device "simulated": its tensors say that they live there and hold real numbers in host
memory; a CPU tensor among them raises as it does on CUDA. `recording` lists the student's lines that leave the device,
wait for it, or make a tensor beside it. One classifier, `event`, words these alike on "simulated", "cuda" and "meta".

This judges device discipline only: not kernels, speed, memory or random streams. It catches mistakes, not malice. Known
limits: `type(x) is torch.Tensor` is False for a simulated tensor, `torch.func.hessian` and autocast do not work on it,
and storages (`x.untyped_storage()`, `torch.save`) are empty. It rests on private parts of torch.

`recording("meta", …)` is the fallback where `register` raises `Unavailable`. A meta tensor has no numbers: the first
read of a value raises, so that a run shows at most one such line, and results cannot be brought back to be compared.
"""

import contextlib
import sys
import warnings
from collections.abc import Iterator
from types import FrameType
from typing import Any, NoReturn

import torch
from torch.utils._python_dispatch import TorchDispatchMode

WAITS = "waits for the device"
TO_HOST = "copies from the device to the host"
TO_DEVICE = "copies from the host to the device"
NEW_ON_CPU = "makes a new tensor on the CPU"
MIXES = "mixes a CPU tensor into work on the device"
NAMES_A_DEVICE = "names the device 'cuda' instead of using that of its input"

_COPIES = {"aten::_to_copy", "aten::copy_"}
_INDEXING = {"aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_"}
_TAKE_A_CPU_SCALAR = {"aten::fill", "aten::fill_", "aten::masked_fill", "aten::masked_fill_", "aten::rsub"}
# They read values of the device for what they return to Python, and torch does not tag all of them.
_WAITING = {"aten::equal", "aten::allclose", "aten::is_nonzero", "aten::_linalg_check_errors"}


class Unavailable(RuntimeError):
    """This torch cannot carry the simulated device; `recording("meta", …)` is what remains."""


# What an operation does to the device ---------------------------------------------------------------------------------


def _tensors(values: Any) -> Iterator[torch.Tensor]:
    """The tensors among arguments, in order, lists and dicts opened."""
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)


def event(func: Any, args: Any, kwargs: Any, accelerator: str) -> str | None:
    """What calling `func` would do that code on `accelerator` should not, or None. Looks at devices, never at values."""
    name = func._schema.name
    operands = [*_tensors(args), *_tensors(kwargs.values())]
    ours = [tensor for tensor in operands if tensor.device.type == accelerator]
    hosts = [tensor for tensor in operands if tensor.device.type == "cpu"]
    target = torch.device(kwargs["device"]).type if kwargs.get("device") is not None else None
    if name in _COPIES:
        return _copy(name, operands, target, accelerator)
    if ours and _waits(func, name, args, kwargs):
        return f"{WAITS} ({name})"
    if ours and hosts:
        if name in _INDEXING and hosts[0] is not operands[0]:
            return f"{TO_DEVICE} ({name})"
        return None if mixing_allowed(func, args, hosts) else f"{MIXES} ({name})"
    if name == "aten::lift_fresh" and ours:
        return f"{TO_DEVICE} (torch.tensor)"
    if _makes_on_cpu(func, name, operands, kwargs, target):
        return f"{NEW_ON_CPU} ({_spelled(name)}; pass device=x.device)"
    return None


def _copy(name: str, operands: list[torch.Tensor], target: str | None, accelerator: str) -> str | None:
    source = operands[-1].device.type
    destination = operands[0].device.type if target is None else target
    if (source, destination) == (accelerator, "cpu"):
        return f"{TO_HOST} ({name})"
    if (source, destination) == ("cpu", accelerator):
        return f"{TO_DEVICE} ({name})"
    return None


def _waits(func: Any, name: str, args: Any, kwargs: Any) -> bool:
    """Whether the host needs a value that the device has yet to compute: as a Python number, or for an output's size."""
    if name in _INDEXING:
        masks = any(index.dtype in (torch.bool, torch.uint8) for index in _tensors(args[1]))
        # `x[mask] = one value` is a masked fill, whose size is known.
        return masks and (name == "aten::index" or args[2].numel() != 1)
    if name == "aten::repeat_interleave":
        return kwargs.get("output_size") is None
    tags = func.tags
    return name in _WAITING or torch.Tag.data_dependent_output in tags or torch.Tag.dynamic_output_shape in tags


def mixing_allowed(func: Any, args: Any, hosts: list[torch.Tensor]) -> bool:
    """Whether CUDA takes these CPU tensors beside its own: a 0-dim one, as an input, by element-wise operations."""
    name = func._schema.name
    if name in _COPIES or (name in _INDEXING and hosts[0] is not args[0]):
        return True
    if hosts[0] is args[0] and func._schema.is_mutable:
        return False
    return all(tensor.dim() == 0 for tensor in hosts) and (
        torch.Tag.pointwise in func.tags or name in _TAKE_A_CPU_SCALAR
    )


def _makes_on_cpu(func: Any, name: str, operands: list[torch.Tensor], kwargs: Any, target: str | None) -> bool:
    if name == "aten::lift_fresh":  # the last act of torch.tensor, torch.as_tensor and torch.from_numpy
        return True
    if name == "aten::scalar_tensor" and "pin_memory" not in kwargs:
        return False  # torch wraps a Python number, as for `torch.where(mask, x, 0.0)`
    short = name.removeprefix("aten::")
    if operands:
        source = operands[0].device.type
        return (short.startswith("new_") or short.endswith("_like")) and (target or source) == "cpu"
    returns = func._schema.returns
    return len(returns) > 0 and str(returns[0].type) == "Tensor" and target in (None, "cpu")


def _spelled(name: str) -> str:
    short = {"aten::lift_fresh": "tensor"}.get(name, name.removeprefix("aten::"))
    return f"Tensor.{short}" if short.startswith("new_") else f"torch.{short}"


# The record -----------------------------------------------------------------------------------------------------------


class Recorder:
    """The list `violations` of what the student's file did inside its `forward`, as "line 12: waits for the device (…)"."""

    def __init__(self, accelerator: str, student_filename: str, within: tuple[str, ...]) -> None:
        self.accelerator = accelerator
        self.violations: list[str] = []
        self._filename = student_filename
        self._within = within
        self._fresh: tuple[torch.Tensor, str] | None = None

    def note(self, text: str) -> str | None:
        """The message kept for `text`, or None where the student's code is not what runs."""
        line = self._line()
        if line is None:
            return None
        message = f"line {line}: {text}"
        if message not in self.violations:
            self.violations.append(message)
        return message

    def note_operation(self, func: Any, args: Any, kwargs: Any) -> bool:
        """Whether the operation is one to record; it then is, if the student's code made it."""
        text = event(func, args, kwargs, self.accelerator)
        if text is None:
            return False
        message = self.note(text)
        if message is None:
            return True
        if func._schema.name == "aten::lift_fresh":
            self._fresh = (args[0], message)
        elif (
            self._fresh is not None and text.startswith(TO_DEVICE) and any(t is self._fresh[0] for t in _tensors(args))
        ):
            # `torch.tensor(…, device=d)` and `x[[0, 1]]` are a CPU tensor and its copy: one event, not two.
            made = self._fresh[1]
            if made.split(":")[0] == message.split(":")[0] and made in self.violations:
                self.violations.remove(made)
        return True

    def _line(self) -> int | None:
        """The line of the student's innermost frame, if one of their frames is a function named in `within`."""
        frame: FrameType | None = sys._getframe(1)
        line, inside = None, not self._within
        while frame is not None and not (line is not None and inside):
            if frame.f_code.co_filename == self._filename:
                line = frame.f_lineno if line is None else line
                inside = inside or frame.f_code.co_name in self._within
            frame = frame.f_back
        return line if inside else None


_recorder: Recorder | None = None


def _note(text: str) -> None:
    if _recorder is not None:
        _recorder.note(text)


@contextlib.contextmanager
def recording(
    device: str, student_filename: str, within: tuple[str, ...] = ("forward", "__call__")
) -> Iterator[Recorder]:
    """Gives the `Recorder` of what code of `student_filename` does to `device`: "simulated", "cuda" or "meta".

    Only what happens below one of the student's functions named in `within` counts, so that a constructor may make
    tensors where it likes; an empty `within` counts every line of theirs.
    """
    global _recorder
    accelerator = torch.device(device).type
    outer, _recorder = _recorder, Recorder(accelerator, student_filename, within)
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(_whole_constants())
            stack.enter_context(_watching_python(accelerator))
            mode = stack.enter_context(_RecordingMode(_recorder))
            if accelerator == "cuda":
                stack.enter_context(_watching_cuda(mode))
            yield _recorder
    finally:
        _recorder = outer


class _Mode(TorchDispatchMode):
    """A dispatch mode that sees the same operations with inference mode on as with it off."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if torch.is_inference_mode_enabled():  # autograd, which opens composite operations, is then out of the way
            with self:
                result = func.decompose(*args, **(kwargs or {}))
            if result is not NotImplemented:
                return result
        return self.perform(func, args, kwargs or {})

    def perform(self, func: Any, args: Any, kwargs: Any) -> Any:
        raise NotImplementedError


class _RecordingMode(_Mode):
    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder
        self.running: str | None = None  # the operation under way, where it is not yet on record

    def perform(self, func: Any, args: Any, kwargs: Any) -> Any:
        explained = self._recorder.note_operation(func, args, kwargs)
        outer, self.running = self.running, "" if explained else func._schema.name
        try:
            return func(*args, **kwargs)
        finally:
            self.running = outer


@contextlib.contextmanager
def _whole_constants() -> Iterator[None]:
    """Makes `torch.tensor(…, device=d)` a visible copy from a CPU tensor, instead of one below the dispatcher."""
    before = torch._C._only_lift_cpu_tensors()
    torch._C._set_only_lift_cpu_tensors(True)
    try:
        yield
    finally:
        torch._C._set_only_lift_cpu_tensors(before)


@contextlib.contextmanager
def _watching_python(accelerator: str) -> Iterator[None]:
    """Records what never reaches the dispatcher: `.numpy()`, printing, and a request for CUDA where there is none."""
    numpy, text, lazy_init = torch.Tensor.numpy, torch.Tensor.__repr__, torch.cuda._lazy_init

    def watched_numpy(tensor: torch.Tensor, *, force: bool = False) -> Any:
        if tensor.device.type == accelerator:
            _note(f"{TO_HOST} (numpy)")
        return numpy(tensor, force=force)

    def watched_repr(tensor: torch.Tensor, **options: Any) -> str:
        if tensor.device.type == accelerator:
            _note(f"{WAITS} (printing)")
        return text(tensor, **options)

    def refused_cuda() -> NoReturn:
        _note(NAMES_A_DEVICE)
        raise RuntimeError(
            f"the device 'cuda' is asked for by name, but the input is on '{accelerator}'; use the input's device, x.device"
        )

    patched: dict[str, Any] = {"numpy": watched_numpy, "__repr__": watched_repr}
    for name, function in patched.items():
        setattr(torch.Tensor, name, function)
    if accelerator != "cuda":
        torch.cuda._lazy_init = refused_cuda
    try:
        yield
    finally:
        torch.cuda._lazy_init = lazy_init
        torch.Tensor.__repr__ = text  # type: ignore[method-assign]
        torch.Tensor.numpy = numpy  # type: ignore[method-assign]


@contextlib.contextmanager
def _watching_cuda(mode: _RecordingMode) -> Iterator[None]:
    """Records each wait that the CUDA runtime reports and that no operation on record explains."""
    before = torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings():
        show = warnings.showwarning

        def heard(message: Warning | str, *rest: Any, **named: Any) -> None:
            if "synchronizing CUDA operation" not in str(message):
                show(message, *rest, **named)
            elif mode.running != "":
                _note(f"{WAITS} ({mode.running or 'a call of the CUDA runtime'})")

        warnings.filterwarnings("always", message=".*synchronizing CUDA operation")
        warnings.filterwarnings("ignore", message=".*Synchronization debug mode is a prototype")
        warnings.showwarning = heard
        torch.cuda.set_sync_debug_mode("warn")
        try:
            yield
        finally:
            torch.cuda.set_sync_debug_mode(before)


# The device -----------------------------------------------------------------------------------------------------------

_device: torch.device | None = None


class SimulatedTensor(torch.Tensor):
    """A tensor that says it lives on the simulated device and holds its numbers in a CPU tensor."""

    _host: torch.Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def __new__(cls, host: torch.Tensor) -> "SimulatedTensor":
        made: SimulatedTensor = torch.Tensor._make_wrapper_subclass(
            cls,
            host.size(),
            strides=host.stride(),
            storage_offset=host.storage_offset(),
            dtype=host.dtype,
            layout=host.layout,
            device=_device,
        )
        made._host = host
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _execute(func, args, kwargs or {})

    @property
    def data(self) -> torch.Tensor:
        """The tensor without its history, as `torch.Tensor.data`; here because the numbers lie in an attribute."""
        return self.detach()

    @data.setter
    def data(self, value: torch.Tensor) -> None:
        torch.Tensor.data.__set__(self, value)  # type: ignore[attr-defined]
        self._host = value._host  # type: ignore[attr-defined]

    def __tensor_flatten__(self) -> tuple[list[str], None]:
        """Tells `nn.Module.to` to keep each Parameter's identity, as it does for CUDA."""
        return ["_host"], None

    @staticmethod
    def __tensor_unflatten__(inner: dict[str, torch.Tensor], *_: Any) -> "SimulatedTensor":
        return SimulatedTensor(inner["_host"])

    def numpy(self, *, force: bool = False) -> Any:
        if force:
            return self.detach().cpu().numpy()
        _note(f"{TO_HOST} (numpy)")
        raise TypeError(
            f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
        )

    def tolist(self) -> Any:
        return self.cpu().tolist()

    def __repr__(self, **_: Any) -> str:
        _note(f"{WAITS} (printing)")
        return f"{torch.Tensor.__repr__(self._host)[:-1]}, device='{self.device}')"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self.dim() == 0 else object.__format__(self, spec)


class _SimulatedMode(_Mode):
    """Carries the simulated device's factories, which have no tensor among their arguments to say where they run."""

    def perform(self, func: Any, args: Any, kwargs: Any) -> Any:
        return _execute(func, args, kwargs)


def _execute(func: Any, args: Any, kwargs: Any) -> Any:
    """The result of `func`, computed on the host tensors of simulated arguments and wrapped where the device says so."""
    operands = [*_tensors(args), *_tensors(kwargs.values())]
    simulated = [tensor for tensor in operands if isinstance(tensor, SimulatedTensor)]
    on_device = bool(simulated)
    if kwargs.get("device") is not None:
        on_device = torch.device(kwargs["device"]).type == _simulated().type
        if on_device:
            kwargs = {**kwargs, "device": torch.device("cpu")}
    if not on_device and not simulated:
        return func(*args, **kwargs)
    hosts = [tensor for tensor in operands if not isinstance(tensor, SimulatedTensor)]
    if simulated and hosts and not mixing_allowed(func, args, hosts):
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {_device} and cpu! "
            f"({func._schema.name})"
        )
    result = func(*_unwrapped(args), **dict(zip(kwargs, _unwrapped(list(kwargs.values())), strict=True)))
    # What an operation returns of its arguments (in place, out=) is to be the caller's own object.
    known = {id(_host(tensor)): tensor for tensor in operands}
    for tensor in simulated:
        if func._schema.is_mutable and (tensor.shape, tensor.stride()) != (tensor._host.shape, tensor._host.stride()):
            torch.Tensor.data.__set__(tensor, SimulatedTensor(tensor._host))  # type: ignore[attr-defined]
    return _wrapped(result, known) if on_device else result


def _host(tensor: torch.Tensor) -> torch.Tensor:
    return tensor._host if isinstance(tensor, SimulatedTensor) else tensor


def _unwrapped(values: Any) -> Any:
    """The arguments with host tensors for simulated ones, in lists too."""
    return [
        _host(value)
        if isinstance(value, torch.Tensor)
        else _unwrapped(value)
        if isinstance(value, list | tuple)
        else value
        for value in values
    ]


def _wrapped(result: Any, known: dict[int, torch.Tensor]) -> Any:
    if isinstance(result, torch.Tensor):
        return known[id(result)] if id(result) in known else SimulatedTensor(result)
    if isinstance(result, list | tuple):
        return type(result)([_wrapped(item, known) for item in result])
    return result


def _simulated() -> torch.device:
    if _device is None:
        raise Unavailable("the simulated device is not registered; call register() first")
    return _device


def register(name: str = "simulated") -> torch.device:
    """The device `name`, which the rest of this process and thread can use like "cuda".

    Once per process and before its first backward pass, which fixes for how many devices autograd has threads; so after
    the fork, never in the zygote. Raises `Unavailable` where this torch lacks the private parts or they do not work.
    """
    global _device
    if _device is not None:
        if _device.type != name:
            raise Unavailable(f"the simulated device is registered as {_device.type!r} and cannot be {name!r} as well")
        return _device
    try:
        from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

        _setup_privateuseone_for_python_backend(name)
        _device = torch.device(name, 0)
        _SimulatedMode().__enter__()
        torch._C._set_only_lift_cpu_tensors(True)
        _try()
    except (ImportError, AttributeError, RuntimeError, TypeError) as error:
        raise Unavailable(
            f"the simulated device needs torch's private PrivateUse1 Python backend as of 2.13, but torch "
            f"{torch.__version__} answered: {error}; use the device 'meta'"
        ) from error
    return _device


def _try() -> None:
    """Raises where one forward and backward pass on the device does not give the known gradient."""
    x = torch.full((2,), 3.0, device=_device, requires_grad=True)
    (x * x).sum().backward()
    if x.grad is None or x.grad.cpu().tolist() != [6.0, 6.0]:
        raise RuntimeError("the gradient of x² at 3 is not 6")
