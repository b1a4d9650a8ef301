"""An accelerator without the hardware, and the record of what a student's code does to an accelerator, real or not.

`register` gives the process a device "simulated" for the blocks where it is `in_use`: its tensors say that they live
there and hold real numbers in host memory; a CPU tensor among them raises as it does on CUDA. `recording` lists the
student's lines that leave the device, wait for it, or make a tensor beside it. One classifier, `event`, words these alike
on "simulated", "cuda" and "meta".

This judges device discipline only: not kernels, speed, memory or random streams. It catches mistakes, not malice. Known
limits: `type(x) is torch.Tensor` is False for a simulated tensor, `torch.func.hessian` and autocast do not work on it,
storages (`x.untyped_storage()`) are empty, `module.cpu()` makes new Parameters, and `x[indices] = number` is silent where
CUDA waits. The device lives on the thread that registered it. It rests on private parts of torch.

`recording("meta", …)` is the fallback where `register` raises `Unavailable`. A meta tensor has no numbers: the first
read of a value raises, so that a run shows at most one such line, and results cannot be brought back to be compared.
Copies of constants (`torch.tensor(…, device=x.device)`, `x[[0, 1]]`) do not show there.
"""

# mypy: allow-untyped-calls
# (torch's tensors and dispatch modes carry no annotations)

import contextlib
import dis
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
_SUBSCRIPTS = {"BINARY_SUBSCR", "STORE_SUBSCR", "BINARY_SLICE", "STORE_SLICE", "BINARY_OP"}  # the last from 3.14


class Unavailable(RuntimeError):
    """This torch cannot carry the simulated device; `recording("meta", …)` is what remains."""


def _tensors(values: Any) -> Iterator[torch.Tensor]:
    """The tensors among arguments, in order, lists opened."""
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
    if ours and hosts and not mixing_allowed(func, args, hosts):
        return f"{MIXES} ({name})"
    if ours and name in _INDEXING:
        return _indexing(name, args)
    if ours and _waits(func, name, kwargs):
        return f"{WAITS} ({name})"
    if _makes_on_cpu(func, name, operands, kwargs, target):
        spelled = "tensor" if name == "aten::lift_fresh" else name.removeprefix("aten::")
        owner = "Tensor" if spelled.startswith("new_") else "torch"
        return f"{NEW_ON_CPU} ({owner}.{spelled}; pass device=x.device)"
    return None


def _copy(name: str, operands: list[torch.Tensor], target: str | None, accelerator: str) -> str | None:
    source = operands[-1].device.type
    destination = operands[0].device.type if target is None else target
    if (source, destination) == (accelerator, "cpu"):
        return f"{TO_HOST} ({name})"
    if (source, destination) == ("cpu", accelerator):
        return f"{TO_DEVICE} ({name})"
    return None


def _indexing(name: str, args: Any) -> str | None:
    """What `x[indices]` and `x[indices] = value` do: a mask must be counted, and CPU operands must travel."""
    indices = list(_tensors(args[1]))
    values = [] if name == "aten::index" else [args[2]]
    masked = any(index.dtype in (torch.bool, torch.uint8) for index in indices)
    if any(index.device.type == "cpu" for index in indices):
        return f"{TO_DEVICE} ({name})"
    if masked and not any(value.numel() == 1 for value in values):
        return f"{WAITS} ({name})"
    if not masked and any(value.device.type == "cpu" for value in values):
        return f"{TO_DEVICE} ({name})"
    return None  # with a mask and one value it is a masked fill


def _waits(func: Any, name: str, kwargs: Any) -> bool:
    """Whether the host needs a value that the device has yet to compute: as a Python number, or for an output's size."""
    if name == "aten::repeat_interleave":
        return kwargs.get("output_size") is None
    tags = func.tags
    return name in _WAITING or torch.Tag.data_dependent_output in tags or torch.Tag.dynamic_output_shape in tags


def mixing_allowed(func: Any, args: Any, hosts: list[torch.Tensor]) -> bool:
    """Whether CUDA takes these CPU tensors beside its own: indices, and a 0-dim input of element-wise operations."""
    name = func._schema.name
    if name in _COPIES:
        return True
    if hosts[0] is args[0] and (func._schema.is_mutable or name in _INDEXING):
        return False
    if name in _INDEXING:
        return all(value.dim() == 0 for value in args[2:3] if value.device.type == "cpu")
    scalars = torch.Tag.pointwise in func.tags or name in _TAKE_A_CPU_SCALAR
    return scalars and all(tensor.dim() == 0 for tensor in hosts)


def _makes_on_cpu(func: Any, name: str, operands: list[torch.Tensor], kwargs: Any, target: str | None) -> bool:
    if name == "aten::lift_fresh":  # the last act of torch.tensor, torch.as_tensor and torch.from_numpy
        return operands[0].device.type == "cpu"
    if name == "aten::scalar_tensor" and "pin_memory" not in kwargs:
        return False  # torch wraps a Python number, as for `torch.where(mask, x, 0.0)`
    short = name.removeprefix("aten::")
    if operands:
        source = operands[0].device.type
        return (short.startswith("new_") or short.endswith("_like")) and (target or source) == "cpu"
    returns = func._schema.returns
    return len(returns) > 0 and str(returns[0].type) == "Tensor" and target in (None, "cpu")


class Recorder:
    """The list `violations` of what the student's file did inside its `forward`, as "line 12: waits for the device (…)"."""

    def __init__(self, accelerator: str, student_filename: str, within: tuple[str, ...]) -> None:
        self.accelerator = accelerator
        self.violations: list[str] = []
        self._filename = student_filename
        self._within = within
        self.running: str | None = None  # the operation under way; "" where what it does is on record already
        self._fresh: tuple[torch.Tensor, str] | None = None

    def note(self, text: str) -> str | None:
        """The message kept for `text`, or None where the student's code is not what runs."""
        frame = self._frame()
        if frame is None or (text.startswith(f"{NEW_ON_CPU} (torch.tensor") and _subscripts(frame)):
            return None
        message = f"line {frame.f_lineno}: {text}"
        if message not in self.violations:
            self.violations.append(message)
        return message

    def note_operation(self, func: Any, args: Any, kwargs: Any) -> bool:
        """Whether the operation is one to record; it then is, if the student's code made it."""
        text = event(func, args, kwargs, self.accelerator)
        if text is None:
            return False
        message = self.note(text)
        if message is not None and func._schema.name == "aten::lift_fresh":
            self._fresh = args[0], message
        elif message is not None and text.startswith(TO_DEVICE):
            self._merge(message, args)
        return True

    def _merge(self, copied: str, args: Any) -> None:
        """Forgets the CPU tensor behind `torch.tensor(…, device=d)`: with its copy to the device it is one event."""
        if self._fresh is None or not any(tensor is self._fresh[0] for tensor in _tensors(args)):
            return
        made = self._fresh[1]
        if made.split(":")[0] == copied.split(":")[0] and made in self.violations:
            self.violations.remove(made)

    @contextlib.contextmanager
    def runs(self, name: str) -> Iterator[None]:
        """Names the operation under way, for waits that only the CUDA runtime tells of."""
        outer, self.running = self.running, name
        try:
            yield
        finally:
            self.running = outer

    def _frame(self) -> FrameType | None:
        """The student's innermost frame, if one of their frames is a function named in `within`."""
        frame: FrameType | None = sys._getframe(1)
        innermost, inside = None, not self._within
        while frame is not None and not (innermost is not None and inside):
            if frame.f_code.co_filename == self._filename:
                innermost = innermost or frame
                inside = inside or frame.f_code.co_name in self._within
            frame = frame.f_back
        return innermost if inside else None


def _subscripts(frame: FrameType) -> bool:
    """Whether the frame is at `x[…]` or `x[…] = …`, where torch makes tensors of indices and values by itself."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] in _SUBSCRIPTS


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
            stack.enter_context(_watching_python(_recorder))
            if accelerator == "cuda":
                stack.enter_context(_watching_cuda(_recorder))
            stack.enter_context(_RecordingMode(_recorder))
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

    def perform(self, func: Any, args: Any, kwargs: Any) -> Any:
        noted = self._recorder.note_operation(func, args, kwargs)
        with self._recorder.runs("" if noted else func._schema.name):
            return func(*args, **kwargs)


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
def _watching_python(recorder: Recorder) -> Iterator[None]:
    """Records what never reaches the dispatcher: `.numpy()`, printing, and a request for CUDA where there is none."""
    accelerator = recorder.accelerator
    numpy: Any = torch.Tensor.numpy
    text: Any = torch.Tensor.__repr__
    lazy_init = torch.cuda._lazy_init

    def watched_numpy(tensor: torch.Tensor, *, force: bool = False) -> Any:
        if tensor.device.type == accelerator:
            recorder.note(f"{TO_HOST} (numpy)")
        return numpy(tensor, force=force)

    def watched_text(tensor: torch.Tensor, **options: Any) -> Any:
        if tensor.device.type != accelerator:
            return text(tensor, **options)
        recorder.note(f"{WAITS} (printing)")
        with recorder.runs(""):
            return text(tensor, **options)

    def refused_cuda() -> NoReturn:
        recorder.note(NAMES_A_DEVICE)
        raise RuntimeError(
            f"the device 'cuda' is asked for by name, but the input is on '{accelerator}'; use the input's device, x.device"
        )

    tensor_class: Any = torch.Tensor
    tensor_class.numpy, tensor_class.__repr__ = watched_numpy, watched_text
    if accelerator != "cuda":
        torch.cuda._lazy_init = refused_cuda
    try:
        yield
    finally:
        torch.cuda._lazy_init = lazy_init
        tensor_class.numpy, tensor_class.__repr__ = numpy, text


@contextlib.contextmanager
def _watching_cuda(recorder: Recorder) -> Iterator[None]:
    """Records each wait that the CUDA runtime reports and that no operation on record explains."""
    before = torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings():
        show = warnings.showwarning

        def heard(message: Warning | str, *rest: Any, **named: Any) -> None:
            if "synchronizing CUDA operation" not in str(message):
                show(message, *rest, **named)
            elif recorder.running != "":
                recorder.note(f"{WAITS} ({recorder.running or 'a call of the CUDA runtime'})")

        warnings.filterwarnings("always", message=".*synchronizing CUDA operation")
        warnings.filterwarnings("ignore", message=".*Synchronization debug mode is a prototype")
        warnings.showwarning = heard
        torch.cuda.set_sync_debug_mode("warn")
        try:
            yield
        finally:
            torch.cuda.set_sync_debug_mode(before)


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
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return _execute(func, args, kwargs or {})

    @property
    def data(self) -> torch.Tensor:
        """The tensor without its history, as `torch.Tensor.data`; here because the numbers lie in an attribute."""
        return SimulatedTensor(self._host.detach())

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

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]
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
    result = func(*_unwrapped(args), **{key: _unwrapped(value) for key, value in kwargs.items()})
    # What an operation returns of its arguments (in place, out=) is to be the caller's own object.
    known = {id(_unwrapped(tensor)): tensor for tensor in operands}
    for tensor in simulated:
        if func._schema.is_mutable and (tensor.shape, tensor.stride()) != (tensor._host.shape, tensor._host.stride()):
            torch.Tensor.data.__set__(tensor, SimulatedTensor(tensor._host))  # type: ignore[attr-defined]
    return _wrapped(result, known) if on_device else result


def _unwrapped(value: Any) -> Any:
    """The argument with host tensors for simulated ones, in lists too."""
    if isinstance(value, SimulatedTensor):
        return value._host
    return [_unwrapped(item) for item in value] if isinstance(value, list | tuple) else value


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
    """The device `name`, which this process and thread can use like "cuda" wherever it is `in_use`.

    Once per process and before its first backward pass, which fixes for how many devices autograd has threads; a process
    forked from this one has it too. Raises `Unavailable` where this torch lacks the private parts.
    """
    global _device
    if _device is not None:
        if _device.type != name:
            raise Unavailable(f"the simulated device is registered as {_device.type!r} and cannot be {name!r} as well")
        return _device
    with _as_unavailable():
        from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

        _setup_privateuseone_for_python_backend(name)
        _device = torch.device(name, 0)
    return _device


def try_out() -> None:
    """Raises `Unavailable` where one forward and backward pass on the device does not give the known gradient.

    This is the process's first backward pass: never in one that is to fork workers.
    """
    with _as_unavailable(), in_use():
        x = torch.full((2,), 3.0, device=_simulated(), requires_grad=True)
        (x * x).sum().backward()
        if x.grad is None or x.grad.cpu().tolist() != [6.0, 6.0]:
            raise RuntimeError("the gradient of x² at 3 is not 6")


@contextlib.contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except (ImportError, AttributeError, RuntimeError, TypeError) as error:
        raise Unavailable(
            f"the simulated device needs torch's private PrivateUse1 Python backend as of 2.13, but torch "
            f"{torch.__version__} answered: {error}; use the device 'meta'"
        ) from error


@contextlib.contextmanager
def in_use() -> Iterator[None]:
    """Makes the registered device answer. Elsewhere no operation pays for it."""
    with _SimulatedMode(), _whole_constants():
        yield
