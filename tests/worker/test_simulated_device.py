"""The simulated accelerator, in a process of its own: it registers once per process, before the first backward pass."""

import copy
import inspect
import json
import subprocess
import sys
import textwrap
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from autograder.worker import simulated

WORKER = Path(simulated.__file__).parent
FORWARD_SLOT = "pass  # slot"

# The child runs the source of functions that it is sent, and answers with JSON; what they print goes to stderr.
CHILD = """
import copy, json, os, sys, types
from typing import Any
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
sys.path.insert(0, sys.argv[1])
import torch
from torch import nn
import simulated
torch.set_num_threads(1)
d = simulated.register() if sys.argv[2] == "simulated" else torch.device(sys.argv[2], 0)
if sys.argv[2] == "simulated":
    in_use = simulated.in_use()  # kept, or its end would come at once
    in_use.__enter__()

# load
for line in sys.stdin:
    request = json.loads(line)
    try:
        exec(request["source"])
        answer = {"value": locals()[request["name"]](d, *request["args"])}
    except Exception as error:
        answer = {"kind": type(error).__name__, "text": str(error)}
    print(json.dumps(answer), file=answers, flush=True)
answers.close()
"""

BATCH_NORM = f"""
import torch
from torch import nn

OFFSET = torch.zeros(4, dtype=torch.float64)


class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features).to(device=device, dtype=dtype))
        self.bias = nn.Parameter(torch.zeros(num_features, device=device, dtype=dtype))
        self.register_buffer("running_mean", torch.zeros(num_features, device=device, dtype=dtype))
        self.register_buffer("running_var", torch.ones(num_features, device=device, dtype=dtype))
        self.register_buffer("num_batches_tracked", torch.tensor(0, device=device))

    def forward(self, x):
        if x.shape[0] < 2:
            raise ValueError("x: one value per channel")
        var, mean = torch.var_mean(x, 0, unbiased=False)
        {FORWARD_SLOT}
        if self.training:
            self.update(mean.detach(), var.detach() * (x.shape[0] / (x.shape[0] - 1)))
        else:
            mean, var = self.running_mean, self.running_var
        return (x - mean) / torch.sqrt(var + self.eps) * self.weight + self.bias

    def update(self, mean, var):
        self.num_batches_tracked.add_(1)
        self.running_mean.mul_(1 - self.momentum).add_(mean, alpha=self.momentum)
        self.running_var.mul_(1 - self.momentum).add_(var, alpha=self.momentum)
"""

WITH_ITS_OWN_BACKWARD = """
import torch
from torch import nn


class Normalize(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, eps):
        n = x.size(0)
        mean = torch.einsum("nc->c", x) / n
        centred = x - mean[None, :]
        var = (centred * centred).sum(0) / n
        scale = (var + eps).rsqrt()
        normal = centred * scale
        ctx.save_for_backward(normal, scale)
        ctx.mark_non_differentiable(mean, var)
        return normal, mean, var

    @staticmethod
    def backward(ctx, grad, *_):
        normal, scale = ctx.saved_tensors
        return scale * (grad - grad.mean(0) - normal * (grad * normal).mean(0)), None


class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        options = {"device": device, "dtype": dtype}
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.empty(num_features, **options).fill_(1.0))
        self.bias = nn.Parameter(torch.empty(num_features, **options).zero_())
        self.register_buffer("running_mean", torch.full((num_features,), 0.0, **options))
        self.register_buffer("running_var", torch.full((num_features,), 1.0, **options))
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.int64, device=device))

    def forward(self, x):
        if not self.training:
            return torch.addcmul(self.bias, x - self.running_mean, self.weight * (self.running_var + self.eps) ** -0.5)
        normal, mean, var = Normalize.apply(x, self.eps)
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.copy_(torch.lerp(self.running_var, var * len(x) / (len(x) - 1), self.momentum))
        return torch.stack([row * self.weight + self.bias for row in normal])
"""

SCALAR = "waits for the device (aten::_local_scalar_dense)"
TO_HOST = "copies from the device to the host (aten::_to_copy)"
TO_DEVICE = "copies from the host to the device (aten::_to_copy)"
NAMES_CUDA = "names the device 'cuda' instead of using that of its input"


def made(factory: str) -> str:
    return f"makes a new tensor on the CPU ({factory}; pass device=x.device)"


# Statements put into BatchNorm1d.forward, each with what the record must say of its line.
FAULTS: dict[str, list[str]] = {
    "scale = mean.mean().item()": [SCALAR],
    "scale = float(x.mean())": [SCALAR],
    "count = int(self.num_batches_tracked)": [SCALAR],
    "positive = 1 if x.var().min() > 0 else 0": [SCALAR],
    "assert torch.isfinite(x).all()": [SCALAR],
    "largest = max(mean)": [SCALAR],
    "found = 1.0 in mean": [SCALAR],
    "steps = range(self.num_batches_tracked)": [SCALAR],
    "text = f'{mean.mean():.2f}'": [SCALAR],
    "mean = mean.cpu().to(x.device)": [TO_HOST, TO_DEVICE],
    "mean = mean.to('cpu', non_blocking=True).to(x)": [TO_HOST, TO_DEVICE],
    "numbers = x.detach().cpu().numpy()": [TO_HOST],
    "numbers = x.detach().numpy()": ["copies from the device to the host (numpy)"],
    "numbers = __import__('numpy').asarray(mean.detach())": ["copies from the device to the host (numpy)"],
    "numbers = mean.tolist()": [TO_HOST],
    "total = torch.zeros(4, dtype=x.dtype); total.copy_(mean.detach())": [
        made("torch.zeros"),
        "copies from the device to the host (aten::copy_)",
    ],
    "total = torch.zeros(4, dtype=x.dtype); total += x.detach().sum(0)": [
        made("torch.zeros"),
        "mixes a CPU tensor into work on the device (aten::add_)",
    ],
    "var = var + torch.tensor(self.eps, dtype=x.dtype)": [made("torch.tensor")],
    "var = var + torch.as_tensor(0.0)": [made("torch.tensor")],
    "var = var + torch.tensor(self.eps, device=x.device)": [TO_DEVICE],
    "var = var + x.new_tensor(self.eps)": [TO_DEVICE],
    "ones = torch.ones(4, device='cpu')": [made("torch.ones")],
    "noise = torch.rand(4)": [made("torch.rand")],
    "index = torch.arange(4)": [made("torch.arange")],
    "room = torch.empty_like(mean, device='cpu')": [made("torch.empty_like")],
    "room = mean.new_zeros(4, device='cpu')": [made("Tensor.new_zeros")],
    "x = x.cuda()": [NAMES_CUDA],
    "ones = torch.ones(4, device='cuda')": [NAMES_CUDA],
    "ones = torch.ones(4).to(torch.device('cuda:0'))": [made("torch.ones"), NAMES_CUDA],
    "x = x + OFFSET": ["mixes a CPU tensor into work on the device (aten::add)"],
    "chosen = x[x > 0]": ["waits for the device (aten::index)"],
    "copy = mean.detach().clone(); copy[copy > -9.0] = mean.detach()": ["waits for the device (aten::index_put_)"],
    "rows = x[[0, 1]]": [TO_DEVICE],
    "rows = x[OFFSET.long()]": ["copies from the host to the device (aten::index)"],
    "where = torch.nonzero(x)": ["waits for the device (aten::nonzero)"],
    "where = torch.where(x > 0)": ["waits for the device (aten::nonzero)"],
    "same = torch.equal(mean, mean)": ["waits for the device (aten::equal)"],
    "same = torch.allclose(mean, mean)": ["waits for the device (aten::allclose)"],
    "values = x.unique()": ["waits for the device (aten::_unique2)"],
    "chosen = x.masked_select(x > 0)": ["waits for the device (aten::masked_select)"],
    "print(x.mean())": ["waits for the device (printing)"],
}

# Statements that stay on the device and wait for nothing.
HARMLESS = [
    "y = 2.0 * x - 1 + x / 3 + x**2 + 2.0**x + (1 - x)",
    "y = torch.where(x > 0, x, 0.0)",
    "y = x.detach().clone(); y[:, 0] = 0.0; y[y > 1.0] = 0.0; y[0] = y[1]",
    "y = x.masked_fill(x > 0, 0.0).clamp(min=0.0, max=1.0)",
    "y = torch.zeros(4, device=x.device) + torch.zeros_like(mean) + x.new_ones(4) + torch.full_like(mean, 2.0)",
    "y = torch.arange(4, device=x.device) * torch.rand(4, device=x.device)",
    "y = torch.cat([x, torch.stack([row for row in x])]).transpose(0, 1).reshape(4, -1).unsqueeze(-1).contiguous()",
    "y = x.sum() / x.numel() + len(x) + x.shape[0] + x.size(1) + x.get_device() + int(x.is_cuda)",
    "y = torch.einsum('nc,nd->cd', x, x) @ x.mT",
    "y = x.to(x.device).to(torch.float32).double()",
    "y = x[..., None].expand(-1, -1, 3)[:, 1:, 0]",
    "y = x.sort(0).values.std(0, unbiased=True).clamp_min(torch.finfo(x.dtype).eps)",
    "y = nn.functional.softplus(x).sigmoid().log_softmax(-1).amax(0)",
    "y = self.weight.data.clone().unsqueeze_(0).t_()",
    "y = x * OFFSET[0]",  # CUDA takes a 0-dim CPU tensor as a number
]


def load(source: str) -> Any:
    """The student's module, its code under the file name that recordings are given."""
    module = types.ModuleType("student")
    exec(compile(source, "student.py", "exec"), vars(module))
    return module


class Child:
    """A process in which `torch` has the device, and which runs functions `f(d, *args)` sent as text."""

    def __init__(self, device: str) -> None:
        script = CHILD.replace("# load", inspect.getsource(load))
        command = [sys.executable, "-W", "error", "-c", script, str(WORKER), device]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, function: Callable[..., Any], *args: Any) -> Any:
        source = textwrap.dedent(inspect.getsource(function))
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"source": source, "name": function.__name__, "args": args}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "kind" in answer:
            raise RuntimeError(f"{answer['kind']}: {answer['text']}")
        return answer["value"]

    def close(self) -> None:
        self._process.communicate(timeout=30)
        assert self._process.returncode == 0


@pytest.fixture(scope="module")
def on_device() -> Iterator[Child]:
    child = Child("simulated")
    yield child
    child.close()


def faulty(statement: str) -> tuple[str, int]:
    """The batch norm with the statement in its forward, and that statement's line."""
    source = BATCH_NORM.replace(FORWARD_SLOT, statement)
    return source, source[: source.index(statement)].count("\n") + 1


def forward_and_backward(d: Any, source: str) -> Any:
    torch.manual_seed(0)
    student, error = load(source), ""
    with simulated.recording(d.type, "student.py") as recorder:
        x = torch.randn(5, 4, dtype=torch.float64).to(d).requires_grad_()
        try:
            student.BatchNorm1d(4, device=d, dtype=torch.float64)(x).sum().backward()
        except Exception as raised:
            error = str(raised)
    return recorder.violations, error


@pytest.mark.parametrize("source", [BATCH_NORM, WITH_ITS_OWN_BACKWARD], ids=["direct", "its own backward"])
def test_a_correct_module_is_silent_and_gives_the_numbers_of_torch(on_device: Child, source: str) -> None:
    """Two training steps and an evaluation on the device equal nn.BatchNorm1d on the CPU, and nothing is recorded."""

    def steps(d, source, batches, upstream):
        student = load(source)
        upstream = torch.tensor(upstream, dtype=torch.float64).to(d)
        seen = []
        with simulated.recording("simulated", "student.py") as recorder:
            module = student.BatchNorm1d(4, device=d, dtype=torch.float64)
            for values, training in zip(batches, (True, True, False), strict=True):
                x = torch.tensor(values, dtype=torch.float64).to(d).requires_grad_()
                y = module.train(training)(x)
                y.backward(upstream)
                seen += [y.detach(), x.grad, module.running_mean.clone(), module.running_var.clone()]
            seen += [module.weight.grad, module.bias.grad, module.num_batches_tracked.double()]
        return [tensor.cpu().tolist() for tensor in seen], recorder.violations

    generator = torch.Generator().manual_seed(4)
    batches = torch.randn(3, 6, 4, generator=generator, dtype=torch.float64) * 3 + 1
    upstream = torch.randn(6, 4, generator=generator, dtype=torch.float64)
    got, violations = on_device(steps, source, batches.tolist(), upstream.tolist())

    oracle = nn.BatchNorm1d(4, dtype=torch.float64)
    expected = []
    for batch, training in zip(batches, (True, True, False), strict=True):
        x = batch.clone().requires_grad_()
        y = oracle.train(training)(x)
        y.backward(upstream)
        expected += [y.detach(), x.grad, oracle.running_mean.clone(), oracle.running_var.clone()]
    expected += [oracle.weight.grad, oracle.bias.grad, oracle.num_batches_tracked.double()]
    assert violations == []
    for ours, theirs in zip(got, expected, strict=True):
        torch.testing.assert_close(torch.tensor(ours, dtype=torch.float64), theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("statement", FAULTS)
def test_a_fault_is_recorded_with_its_line(on_device: Child, statement: str) -> None:
    """Each wait, copy and CPU tensor of the student's forward is recorded once, on its line, and nothing else is."""
    source, line = faulty(statement)
    violations, error = on_device(forward_and_backward, source)
    assert violations == [f"line {line}: {event}" for event in FAULTS[statement]]
    assert "'cuda'" in error or NAMES_CUDA not in FAULTS[statement]


@pytest.mark.parametrize("statement", HARMLESS)
def test_work_that_stays_on_the_device_is_not_recorded(on_device: Child, statement: str) -> None:
    """Python numbers, shapes, and tensors made on the input's device are no violation."""
    source, _ = faulty(statement)
    assert on_device(forward_and_backward, source) == [[], ""]


def test_a_buffer_replaced_by_a_cpu_tensor_is_recorded(on_device: Child) -> None:
    """The CPU tensor is recorded where it is made and where it meets the device, which raises as on CUDA."""
    source, line = faulty("self.running_mean = torch.zeros(4, dtype=x.dtype)")
    meeting = BATCH_NORM[: BATCH_NORM.index("self.running_mean.mul_")].count("\n") + 1
    violations, error = on_device(forward_and_backward, source)
    assert violations == [
        f"line {line}: {made('torch.zeros')}",
        f"line {meeting}: mixes a CPU tensor into work on the device (aten::add_)",
    ]
    assert error.startswith("Expected all tensors to be on the same device")


def test_the_line_is_that_of_the_helper_that_forward_calls(on_device: Child) -> None:
    """A wait inside a function that forward calls is recorded on the line of that function."""
    source = BATCH_NORM.replace("self.num_batches_tracked.add_(1)", "print(float(mean[0]))")
    line = source[: source.index("print(")].count("\n") + 1
    assert on_device(forward_and_backward, source)[0] == [f"line {line}: {SCALAR}"]


def test_inference_mode_hides_nothing(on_device: Child) -> None:
    """A wait is recorded under torch.inference_mode too, where composite operations are not opened by autograd."""

    def evaluate(d, source):
        student = load(source)
        with simulated.recording("simulated", "student.py") as recorder, torch.inference_mode():
            student.BatchNorm1d(4, device=d).eval()(torch.ones(3, 4, device=d))
        return recorder.violations

    source, line = faulty("scale = mean.mean().item()")
    assert on_device(evaluate, source) == [f"line {line}: {SCALAR}"]


def test_only_the_students_forward_counts(on_device: Child) -> None:
    """The grader's own copies and the student's constructor are not recorded; with no `within`, the constructor is."""

    def construct(d, source, within):
        student = load(source)
        with simulated.recording("simulated", "student.py", **within) as recorder:
            module = student.BatchNorm1d(4, device=d)
            module(torch.ones(3, 4).to(d)).sum().item()
        return recorder.violations

    lines = [text.count("\n") + 1 for text in (BATCH_NORM.split(".to(")[0], BATCH_NORM.split("torch.tensor(0")[0])]
    assert on_device(construct, BATCH_NORM, {}) == []
    assert on_device(construct, BATCH_NORM, {"within": ()}) == [
        f"line {lines[0]}: {made('torch.ones')}",
        f"line {lines[0]}: {TO_DEVICE}",
        f"line {lines[1]}: {TO_DEVICE}",
    ]


def test_a_repeated_fault_is_recorded_once(on_device: Child) -> None:
    """A line that waits in every one of three calls gives one message."""

    def thrice(d, source):
        module = load(source).BatchNorm1d(4, device=d)
        with simulated.recording("simulated", "student.py") as recorder:
            for _ in range(3):
                module(torch.ones(3, 4, device=d))
        return recorder.violations

    source, line = faulty("scale = mean.mean().item()")
    assert on_device(thrice, source) == [f"line {line}: {SCALAR}"]


def test_factories_make_tensors_on_the_device(on_device: Child) -> None:
    """Factories with device=, conversions, and tensors made like a device tensor live on the device."""

    def homes(d):
        x = torch.zeros(2, 3, device="simulated")
        tensors = [
            x,
            torch.ones(2, device=d),
            torch.tensor([1.0], device=d),
            torch.arange(3, device=d),
            torch.ones(1).to(d),
        ]
        tensors += [
            torch.empty_like(x),
            x.new_zeros(2),
            torch.rand(2, device=d),
            x.double(),
            x[0],
            x.mT,
            x.sum(),
            x.clone(),
        ]
        return [str(tensor.device) for tensor in tensors], [
            str(x.new_zeros(1, device="cpu").device),
            str(x.cpu().device),
        ]

    ours, hosts = on_device(homes)
    assert set(ours) == {"simulated:0"}
    assert hosts == ["cpu", "cpu"]


def test_mixing_follows_the_rules_of_cuda(on_device: Child) -> None:
    """A 0-dim CPU tensor is taken by element-wise operations as an input; any other CPU tensor raises."""

    def mix(d):
        x, number, vector = torch.ones(3, device=d), torch.tensor(2.0), torch.ones(3)
        allowed = [lambda: x + number, lambda: number * x, lambda: x.lerp_(x, number), lambda: x.fill_(number)]
        allowed += [lambda: x.copy_(vector), lambda: x.masked_fill(x > 0, number), lambda: torch.maximum(x, number)]
        refused = [lambda: x + vector, lambda: x[0] + vector, lambda: number.add_(x[0]), lambda: torch.cat([x, vector])]
        refused += [lambda: vector @ x, lambda: torch.stack([x[0], number]), lambda: vector[x.long()]]
        refused += [lambda: nn.functional.batch_norm(x[None], vector, vector), lambda: x.masked_fill_(vector > 0, 0.0)]
        errors = []
        for call in refused:
            try:
                call()
            except RuntimeError as error:
                errors.append(str(error).split(",")[0])
        return [str(call().device) for call in allowed], len(refused), errors

    homes, count, errors = on_device(mix)
    assert set(homes) == {"simulated:0"}
    assert errors == ["Expected all tensors to be on the same device"] * count


def test_a_moved_module_keeps_its_parameters(on_device: Child) -> None:
    """`to(d)` and `double()` keep each Parameter's identity, so that an optimiser made before still steps it."""

    def move(d):
        module = nn.Linear(3, 1, bias=False)
        weight = module.weight
        optimizer = torch.optim.SGD(module.parameters(), lr=0.5, momentum=0.9)
        nn.init.ones_(weight)
        module.to(d)
        kinds = [module.weight is weight, isinstance(weight, nn.Parameter), str(weight.device)]
        for _ in range(2):
            optimizer.zero_grad()
            module(torch.ones(1, 3, device=d)).sum().backward()
            optimizer.step()
        module.double()
        return [*kinds, module.weight is weight, str(weight.dtype)], weight.detach().tolist()

    kinds, values = on_device(move)
    assert kinds == [True, True, "simulated:0", True, "torch.float64"]
    assert values[0] == pytest.approx([1 - 0.5 * (1 + 1.9)] * 3)


def test_state_is_copied_and_loaded_on_the_device(on_device: Child) -> None:
    """deepcopy and load_state_dict, also from a CPU module, give independent tensors on the device with the same values."""

    def copies(d):
        module = nn.BatchNorm1d(2).to(d)
        twin = copy.deepcopy(module)
        module.running_mean.add_(3.0)
        nn.init.constant_(module.weight, 7.0)
        loaded = nn.BatchNorm1d(2, device=d)
        loaded.load_state_dict(module.state_dict())
        loaded.load_state_dict({"bias": torch.tensor([5.0, 6.0])}, strict=False)
        state = {name: value.tolist() for name, value in loaded.state_dict().items()}
        return state, twin.running_mean.tolist(), twin.weight.tolist(), str(twin.weight.device)

    state, mean, weight, home = on_device(copies)
    assert state == {
        "weight": [7.0, 7.0],
        "bias": [5.0, 6.0],
        "running_mean": [3.0, 3.0],
        "running_var": [1.0, 1.0],
        "num_batches_tracked": 0,
    }
    assert (mean, weight, home) == ([0.0, 0.0], [1.0, 1.0], "simulated:0")


def test_views_and_data_share_their_numbers(on_device: Child) -> None:
    """Writing through a view or `.data` changes the tensor; in-place reshaping and out= change what it says of itself."""

    def write(d):
        x = torch.zeros(2, 3, device=d)
        x[0, 1:] += 1.0
        x.T[0].copy_(torch.tensor([5.0, 6.0]))
        x.data[1, 2] = 9.0
        values = x.tolist()
        x.data = x * 2
        out = torch.empty(0, device=d)
        torch.add(x, x, out=out)
        shapes = [list(x.unsqueeze_(0).shape), list((x.squeeze_(0).t_() * 1).shape), list(out.shape)]
        return values, x.tolist(), shapes

    values, doubled, shapes = on_device(write)
    assert values == [[5.0, 1.0, 1.0], [6.0, 0.0, 9.0]]
    assert doubled == [[10.0, 12.0], [2.0, 0.0], [2.0, 18.0]]
    assert shapes == [[1, 2, 3], [3, 2], [2, 3]]


def test_gradients_on_the_device_pass_gradcheck(on_device: Child) -> None:
    """Finite differences on the device agree with its backward passes, first and second."""

    def check(d):
        x = torch.linspace(-1, 2, 12, dtype=torch.float64).reshape(4, 3).to(d).requires_grad_()

        def call(t):
            return nn.functional.batch_norm(t.tanh() @ t.mT, None, None, training=True).square()

        return torch.autograd.gradcheck(call, x) and torch.autograd.gradgradcheck(call, x)

    assert on_device(check) is True


def test_registering_again_gives_the_same_device(on_device: Child) -> None:
    """A second call returns the device; another name is refused with the name that is taken."""

    def again(d):
        try:
            simulated.register("other")
        except simulated.Unavailable as error:
            return simulated.register() == d, str(error)

    assert on_device(again) == [True, "the simulated device is registered as 'simulated' and cannot be 'other' as well"]


def test_registering_after_a_backward_pass_leaves_the_fallback() -> None:
    """It raises `Unavailable`, naming the device to use instead, and recording on that device works."""
    source, line = faulty("scale = mean.mean().item()")
    script = f"""
import sys
sys.path.insert(0, {str(WORKER)!r})
import torch, simulated
torch.ones(2, requires_grad=True).sum().backward()
try:
    simulated.register()
    simulated.try_out()
except simulated.Unavailable as error:
    print(str(error).split("; ")[-1])
student = {{}}
exec(compile({source!r}, "student.py", "exec"), student)
try:
    with simulated.recording("meta", "student.py") as recorder:
        student["BatchNorm1d"](4, device="meta")(torch.ones(3, 4, device="meta"))
except RuntimeError:
    print(recorder.violations[0])
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert ended.stdout.splitlines() == ["use the device 'meta'", f"line {line}: {SCALAR}"]


def test_a_torch_without_the_private_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the private function is gone, registering raises `Unavailable` and names the version and the fallback."""
    monkeypatch.delattr("torch.utils.backend_registration._setup_privateuseone_for_python_backend")
    with pytest.raises(simulated.Unavailable, match=r"PrivateUse1 .* use the device 'meta'"):
        simulated.register()


# torch makes these tensors on "meta" without a copy from the CPU, and refuses the format before it reads the value.
NOT_SEEN_ON_META = {
    "text = f'{mean.mean():.2f}'",
    "var = var + torch.tensor(self.eps, device=x.device)",
    "var = var + x.new_tensor(self.eps)",
    "rows = x[[0, 1]]",
}


@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad=True to a scalar")
@pytest.mark.parametrize("statement", [statement for statement in FAULTS if statement not in NOT_SEEN_ON_META])
def test_the_fallback_names_the_first_fault_alike(statement: str) -> None:
    """On the meta device, without registration, the first event has the words it has on the simulated device."""
    source, line = faulty(statement)
    with simulated.recording("meta", "student.py") as recorder:
        module = load(source).BatchNorm1d(4, device="meta", dtype=torch.float64)
        try:
            module(torch.ones(5, 4, dtype=torch.float64, device="meta"))
        except (RuntimeError, TypeError):
            assert recorder.violations
    assert recorder.violations[0] == f"line {line}: {FAULTS[statement][0]}"


HERE, THERE = torch.ones(3), torch.ones(3, device="meta")  # with "meta" as the accelerator, CUDA is not needed
ATEN = torch.ops.aten


@pytest.mark.parametrize(
    ("func", "args", "kwargs", "expected"),
    [
        (ATEN._local_scalar_dense.default, (THERE,), {}, SCALAR),
        (ATEN._local_scalar_dense.default, (HERE,), {}, None),
        (ATEN._to_copy.default, (THERE,), {"device": torch.device("cpu")}, TO_HOST),
        (ATEN._to_copy.default, (HERE,), {"device": torch.device("meta")}, TO_DEVICE),
        (ATEN._to_copy.default, (THERE,), {"dtype": torch.float64}, None),
        (ATEN.copy_.default, (HERE, THERE), {}, "copies from the device to the host (aten::copy_)"),
        (ATEN.mul.Tensor, (THERE, HERE), {}, "mixes a CPU tensor into work on the device (aten::mul)"),
        (ATEN.mul.Tensor, (THERE, HERE[0]), {}, None),
        (ATEN.cat.default, ([THERE, HERE[:1]],), {}, "mixes a CPU tensor into work on the device (aten::cat)"),
        (ATEN.zeros.default, ([3],), {"device": torch.device("cpu"), "pin_memory": False}, made("torch.zeros")),
        (ATEN.zeros.default, ([3],), {"device": torch.device("meta"), "pin_memory": False}, None),
        (ATEN.scalar_tensor.default, (0.0,), {"device": torch.device("cpu")}, None),
        (ATEN.lift_fresh.default, (HERE,), {}, made("torch.tensor")),
        (ATEN.index.Tensor, (THERE, [THERE > 0]), {}, "waits for the device (aten::index)"),
        (ATEN.index.Tensor, (THERE, [THERE.long()]), {}, None),
        (ATEN.index.Tensor, (THERE, [HERE.long()]), {}, "copies from the host to the device (aten::index)"),
        (ATEN.index_put_.default, (THERE, [THERE > 0], HERE[0]), {}, None),
        (ATEN.index_put_.default, (THERE, [THERE > 0], THERE), {}, "waits for the device (aten::index_put_)"),
        (ATEN.repeat_interleave.Tensor, (THERE.long(),), {"output_size": 3}, None),
        (ATEN.repeat_interleave.Tensor, (THERE.long(),), {}, "waits for the device (aten::repeat_interleave)"),
    ],
)
def test_an_operation_is_classified_by_its_devices(func: Any, args: Any, kwargs: Any, expected: str | None) -> None:
    """The event follows from the operation and the devices of its operands alone, on whatever accelerator."""
    assert simulated.event(func, args, kwargs, "meta") == expected


def test_waits_that_only_the_cuda_runtime_tells_of_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A synchronisation warning on the student's line is an event; one from the grader's code is not."""
    modes = [0]
    monkeypatch.setattr(torch.cuda, "get_sync_debug_mode", lambda: modes[-1])
    monkeypatch.setattr(torch.cuda, "set_sync_debug_mode", modes.append)
    student = load("def forward(wait):\n    x = 1\n    wait()\n")

    def wait() -> None:
        warnings.warn("called a synchronizing CUDA operation", stacklevel=1)

    with simulated.recording("cuda", "student.py") as recorder:
        wait()
        student.forward(wait)
    assert recorder.violations == ["line 3: waits for the device (a call of the CUDA runtime)"]
    assert modes == [0, "warn", 0]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_and_the_simulated_device_record_alike(on_device: Child) -> None:
    """Every fault and every harmless statement has the same events on a real CUDA device."""
    on_cuda = Child("cuda")
    differing = {}
    for statement in [*(fault for fault in FAULTS if NAMES_CUDA not in FAULTS[fault]), *HARMLESS]:
        source, _ = faulty(statement)
        real, ours = (child(forward_and_backward, source)[0] for child in (on_cuda, on_device))
        if real != ours:
            differing[statement] = real
    on_cuda.close()
    assert differing == {}
