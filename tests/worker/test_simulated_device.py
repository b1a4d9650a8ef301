"""The simulated accelerator, in a process of its own: it registers once per process, before the first backward pass."""

import inspect
import json
import subprocess
import sys
import textwrap
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
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
sys.path.insert(0, sys.argv[1])
import torch
from torch import nn
import simulated
torch.set_num_threads(1)
d = simulated.register() if sys.argv[2] == "simulated" else torch.device(sys.argv[2], 0)

def load(source):
    module = types.ModuleType("student")
    exec(compile(source, "student.py", "exec"), vars(module))
    return module

for line in sys.stdin:
    request = json.loads(line)
    try:
        exec(request["source"])
        answer = {"value": locals()[request["name"]](d, *request["args"])}
    except Exception as error:
        answer = {"kind": type(error).__name__, "text": str(error)}
    print(json.dumps(answer), file=answers, flush=True)
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
    "self.running_mean = torch.zeros(4, dtype=x.dtype); self.training = False": [
        made("torch.zeros"),
        # the line below it, where the normalisation meets the buffer
    ],
    "x = x + OFFSET": ["mixes a CPU tensor into work on the device (aten::add)"],
    "chosen = x[x > 0]": ["waits for the device (aten::index)"],
    "mean = mean.detach().clone(); mean[mean > 0] = mean[:1].expand(2)[: len(mean[mean > 0])]": [
        "waits for the device (aten::index)",
    ],
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
