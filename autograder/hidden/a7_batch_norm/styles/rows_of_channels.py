"""By someone who thinks in matrices: one row per channel, means as matrix-vector products, running statistics via .data."""

import math

import torch
import torch.nn as nn


def _table(name, value):
    if not isinstance(value, torch.Tensor):
        raise TypeError(name + " is not a tensor")
    if value.dtype not in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        raise TypeError(name + " is not a float tensor")
    if value.ndim != 2:
        raise ValueError(name + " is not two-dimensional")


def fit_standardizer(x):
    _table("x", x)
    n = x.shape[0]
    if n < 1:
        raise ValueError("x is empty")
    columns = x.t()
    mean = columns.sum(-1) / n
    centred = columns - mean[:, None]
    return mean, torch.linalg.vector_norm(centred, dim=-1) / math.sqrt(n)


def standardize(x, mean, std):
    _table("x", x)
    _table("mean", mean[None] if isinstance(mean, torch.Tensor) else mean)
    _table("std", std[None] if isinstance(std, torch.Tensor) else std)
    if len(mean) != x.shape[1]:
        raise ValueError("mean does not fit x")
    if len(std) != x.shape[1]:
        raise ValueError("std does not fit x")
    varies = std > 10 * torch.finfo(x.dtype).eps * mean.abs()
    inverse = torch.where(varies, 1 / std, torch.zeros_like(std))
    return (x - mean[None, :]) * inverse[None, :]


class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        for wrong, message in [
            (num_features <= 0, "num_features must be positive"),
            (not eps > 0, "eps must be positive"),
            (not (0 < momentum <= 1), "momentum must be above 0 and at most 1"),
        ]:
            if wrong:
                raise ValueError(message)
        self.c = num_features
        self.eps = float(eps)
        self.momentum = float(momentum)
        ones = torch.ones((num_features,), device=device, dtype=dtype)
        self.register_parameter("weight", nn.Parameter(ones.clone()))
        self.register_parameter("bias", nn.Parameter(torch.zeros_like(ones)))
        self.register_buffer("running_mean", torch.zeros_like(ones))
        self.register_buffer("running_var", ones.clone())
        self.register_buffer("num_batches_tracked", torch.zeros([], dtype=torch.long, device=device))

    def forward(self, x):
        if not isinstance(x, torch.Tensor) or not x.dtype.is_floating_point:
            raise TypeError("x: expected a float tensor")
        if len(x.shape) < 2 or len(x.shape) > 3 or x.shape[1] != self.c:
            raise ValueError("x: expected (N, C) or (N, C, L)")
        rows = x.transpose(0, 1).reshape(self.c, -1)  # (C, M)
        m = rows.shape[1]
        if not self.training:
            centred = rows - self.running_mean.unsqueeze(1)
            var = self.running_var
        else:
            if m == 1:
                raise ValueError("x: one value per channel")
            mean = rows @ rows.new_full((m,), 1.0 / m)
            # A matrix product rounds more than a sum; a second pass over the centred values takes that away.
            centred = rows - mean.unsqueeze(1)
            rest = centred.mean(1)
            centred = centred - rest.unsqueeze(1)
            squares = (centred * centred).sum(1)
            var = squares / m
            momentum = self.momentum
            new_var = (squares / (m - 1)).detach()
            self.running_mean.data.mul_(1 - momentum).add_((mean + rest).detach() * momentum)
            self.running_var.data.mul_(1 - momentum).add_(new_var * momentum)
            self.num_batches_tracked.data.add_(1)
        rows = centred / torch.sqrt(var + self.eps).unsqueeze(1)
        rows = rows * self.weight.unsqueeze(1) + self.bias.unsqueeze(1)
        shape = (x.shape[1], x.shape[0], *x.shape[2:])
        return rows.reshape(shape).transpose(0, 1)
