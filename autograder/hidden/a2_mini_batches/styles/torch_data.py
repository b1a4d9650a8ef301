"""Leans on the library: samplers of torch.utils.data, torch.var, forward-over-reverse derivatives."""

import math
from collections.abc import Callable, Sized

import torch
from torch import Tensor
from torch.utils.data import BatchSampler, RandomSampler, SequentialSampler


class _Positive(int):
    @classmethod
    def named(cls, name: str, value: int) -> "_Positive":
        if isinstance(value, float) or not isinstance(value, int):
            raise TypeError(f"`{name}`: int expected, got {value!r}")
        if value < 1:
            raise ValueError(f"`{name}`: positive int expected, got {value!r}")
        return cls(value)


class _Numbers(Sized):
    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n


def _expect_float(x: Tensor, name: str) -> None:
    if not isinstance(x, Tensor) or not torch.is_floating_point(x):
        raise TypeError(f"`{name}`: floating-point tensor expected")


def num_batches(n: int, batch_size: int, drop_last: bool = False) -> int:
    n, batch_size = _Positive.named("n", n), _Positive.named("batch_size", batch_size)
    return len(BatchSampler(SequentialSampler(_Numbers(n)), int(batch_size), bool(drop_last)))


def minibatch_indices(
    n: int, batch_size: int, *, shuffle: bool = True, drop_last: bool = False, generator: torch.Generator | None = None
) -> list[Tensor]:
    data, size = _Numbers(_Positive.named("n", n)), int(_Positive.named("batch_size", batch_size))
    order = RandomSampler(data, generator=generator) if shuffle else SequentialSampler(data)
    return [torch.tensor(batch, dtype=torch.int64) for batch in BatchSampler(order, size, drop_last)]


def epoch_mean(batch_means: Tensor, batch_sizes: Tensor) -> Tensor:
    _expect_float(batch_means, "batch_means")
    if not isinstance(batch_sizes, Tensor):
        raise TypeError("`batch_sizes`: tensor expected")
    if batch_means.ndim < 1 or batch_means.size(0) < 1:
        raise ValueError("`batch_means`: at least one batch expected")
    if batch_sizes.shape != (batch_means.size(0),):
        raise ValueError("`batch_sizes`: one size per mean expected")
    if not bool(torch.all(batch_sizes >= 1)):
        raise ValueError("`batch_sizes`: positive sizes expected")
    weights = batch_sizes.to(batch_means.dtype).reshape(-1, *[1] * (batch_means.ndim - 1))
    return (weights * batch_means).sum(dim=0).div(weights.sum())


def gradient_noise(per_example_grads: Tensor, batch_size: int) -> Tensor:
    _expect_float(per_example_grads, "per_example_grads")
    if per_example_grads.ndim != 2 or per_example_grads.size(0) < 1:
        raise ValueError("`per_example_grads`: (N, P) expected")
    size, n = int(_Positive.named("batch_size", batch_size)), per_example_grads.size(0)
    if size > n:
        raise ValueError(f"`batch_size`: at most {n} expected")
    correction = math.nan if n == 1 else (n - size) / (n - 1)
    trace = torch.var(per_example_grads.detach(), dim=0, correction=0).sum()
    return torch.nan_to_num(trace * correction / size, nan=0.0)


def top_curvature(f: Callable[[Tensor], Tensor], theta: Tensor) -> float:
    _expect_float(theta, "theta")
    if theta.ndim != 1:
        raise ValueError("`theta`: one dimension expected")
    theta = theta.detach()
    if f(theta).shape != torch.Size([]):
        raise ValueError("`f`: a scalar function expected")
    hessian = torch.func.jacrev(torch.func.grad(f))(theta)
    return torch.linalg.eigvals(hessian).real.max()
