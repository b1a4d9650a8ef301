"""By someone who keeps the arithmetic in pure functions and the state in a thin module; broadcasting by keepdim."""

from __future__ import annotations

import numbers

import torch
from torch import Tensor
from torch.nn import Module, Parameter


def moments(x: Tensor, dims: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    mean = torch.mean(x, dims, keepdim=True)
    return mean, torch.mean(torch.square(torch.sub(x, mean)), dims, keepdim=True)


def require(fine: bool, kind: type[Exception], message: str) -> None:
    if not fine:
        raise kind(message)


def require_float(name: str, value) -> None:
    require(torch.is_tensor(value), TypeError, f"{name} must be a tensor")
    require(torch.is_floating_point(value), TypeError, f"{name} must be floating point")


def fit_standardizer(x: Tensor) -> tuple[Tensor, Tensor]:
    require_float("x", x)
    require(x.dim() == 2 and x.shape[0] > 0, ValueError, "x must be (N, D), N > 0")
    mean, var = moments(x, (0,))
    return mean[0], var[0].sqrt()


def standardize(x: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    require_float("x", x)
    require_float("mean", mean)
    require_float("std", std)
    require(x.dim() == 2, ValueError, "x must be (N, D)")
    require(mean.shape == x.shape[1:], ValueError, "mean must be (D,)")
    require(std.shape == x.shape[1:], ValueError, "std must be (D,)")
    varies = torch.gt(std, 10 * torch.finfo(x.dtype).eps * torch.abs(mean))
    out = torch.zeros_like(x)
    out[:, varies] = (x[:, varies] - mean[varies]) / std[varies]
    return out


def normalize(x: Tensor, mean: Tensor, var: Tensor, eps: float, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.add(torch.mul(torch.mul(x - mean, torch.rsqrt(var + eps)), weight), bias)


class BatchNorm1d(Module):
    _names = ("running_mean", "running_var")

    def __init__(self, num_features: int, eps=1e-5, momentum=0.1, device=None, dtype=None) -> None:
        super().__init__()
        require(isinstance(num_features, numbers.Integral), TypeError, "num_features must be an integer")
        require(num_features >= 1, ValueError, "num_features must be positive")
        require(eps > 0, ValueError, "eps must be positive")
        require(0 < momentum <= 1, ValueError, "momentum must be in (0, 1]")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = Parameter(torch.ones([num_features], dtype=dtype, device=device))
        self.bias = Parameter(torch.zeros([num_features], dtype=dtype, device=device))
        for name, value in zip(self._names, (0.0, 1.0), strict=True):
            self.register_buffer(name, torch.full([num_features], value, dtype=dtype, device=device))
        self.register_buffer("num_batches_tracked", torch.scalar_tensor(0, dtype=torch.int64, device=device))

    def extra_repr(self) -> str:
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"

    def forward(self, x: Tensor) -> Tensor:
        require_float("x", x)
        require(x.dim() in (2, 3), ValueError, "x must be (N, C) or (N, C, L)")
        require(x.size(1) == self.num_features, ValueError, "x must have num_features channels")
        shape = [1, self.num_features] + [1] * (x.dim() - 2)
        mean, var = (getattr(self, name).reshape(shape) for name in self._names)
        if self.training:
            count = x[:, 0].numel()
            require(count > 1, ValueError, "x must have more than one value per channel")
            mean, var = moments(x, (0, 2) if x.dim() == 3 else (0,))
            self._blend(mean.detach().flatten(), var.detach().flatten() * count / (count - 1))
        return normalize(x, mean, var, self.eps, self.weight.reshape(shape), self.bias.reshape(shape))

    def _blend(self, *new: Tensor) -> None:
        for name, value in zip(self._names, new, strict=True):
            buffer: Tensor = getattr(self, name)
            buffer.mul_(1.0 - self.momentum).add_(value, alpha=self.momentum)
        self.num_batches_tracked.add_(1)
