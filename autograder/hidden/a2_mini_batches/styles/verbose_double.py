"""A careful hand: small classes, everything computed in float64 where it may be, converted back at the end."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Cut:
    """How n examples are cut into batches."""

    n: int
    batch_size: int
    drop_last: bool

    def __post_init__(self) -> None:
        for name in ("n", "batch_size"):
            value = getattr(self, name)
            if isinstance(value, float):
                raise TypeError(f"The argument {name} must be a whole number, but it is {value}.")
            if value < 1:
                raise ValueError(f"The argument {name} must be positive, but it is {value}.")

    @property
    def full(self) -> int:
        return self.n // self.batch_size

    @property
    def rest(self) -> int:
        return 0 if self.drop_last else self.n - self.full * self.batch_size

    @property
    def sizes(self) -> list[int]:
        return [self.batch_size] * self.full + ([self.rest] if self.rest else [])


def as_double(argument_name: str, argument: Tensor) -> Tensor:
    if not isinstance(argument, Tensor):
        raise TypeError("The argument " + argument_name + " is not a tensor.")
    if not torch.is_floating_point(argument):
        raise TypeError("The argument " + argument_name + " does not hold floating-point numbers.")
    return argument.detach().to(torch.float64)


def num_batches(n: int, batch_size: int, drop_last: bool = False) -> int:
    return len(Cut(n, batch_size, drop_last).sizes)


def minibatch_indices(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    cut = Cut(n, batch_size, drop_last)
    if shuffle:
        # As DataLoader does: one number from the given generator seeds a generator for this epoch.
        seed = torch.empty((), dtype=torch.int64).random_(generator=generator).item()
        order = torch.randperm(cut.n, generator=torch.Generator().manual_seed(seed))
    else:
        order = torch.arange(cut.n)
    sizes = cut.sizes
    return list(torch.split(order[: sum(sizes)], sizes)) if sizes else []


def epoch_mean(batch_means: Tensor, batch_sizes: Tensor) -> Tensor:
    means = as_double("batch_means", batch_means)
    if not isinstance(batch_sizes, Tensor):
        raise TypeError("The argument batch_sizes is not a tensor.")
    if means.dim() < 1 or means.size(0) < 1:
        raise ValueError("The argument batch_means holds no mean.")
    if batch_sizes.dim() != 1 or batch_sizes.size(0) != means.size(0):
        raise ValueError("The argument batch_sizes does not hold one size for each mean.")
    if int(batch_sizes.min()) < 1:
        raise ValueError("The argument batch_sizes holds a size that is not positive.")
    sizes = batch_sizes.to(torch.float64)
    mean = torch.movedim(means, 0, -1) @ sizes / sizes.sum()
    return mean.to(batch_means.dtype)


def gradient_noise(per_example_grads: Tensor, batch_size: int) -> Tensor:
    gradients = as_double("per_example_grads", per_example_grads)
    if gradients.dim() != 2 or gradients.size(0) < 1:
        raise ValueError("The argument per_example_grads is not of the shape (N, P).")
    count = gradients.size(0)
    Cut(count, batch_size, False)
    if batch_size > count:
        raise ValueError(f"The argument batch_size must not be larger than {count}.")
    if count == 1 or batch_size == count:
        return torch.zeros((), dtype=per_example_grads.dtype)
    covariance = torch.cov(gradients.T, correction=1).reshape(gradients.size(1), gradients.size(1))
    fraction = 1.0 - batch_size / count
    return (torch.trace(covariance) * fraction / batch_size).to(per_example_grads.dtype)


def top_curvature(f, theta: Tensor) -> float:
    as_double("theta", theta)
    if theta.dim() != 1:
        raise ValueError("The argument theta is not a vector.")
    point = theta.detach().clone()
    if f(point).dim() != 0:
        raise ValueError("The argument f does not return a scalar.")
    hessian = torch.func.jacfwd(torch.func.jacrev(f))(point).detach().to(torch.float64)
    symmetric = (hessian + hessian.transpose(0, 1)) / 2.0
    eigenvalues, _ = torch.linalg.eigh(symmetric)
    return float(eigenvalues[-1])
