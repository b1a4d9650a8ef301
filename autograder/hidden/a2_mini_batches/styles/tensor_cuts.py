"""Vectorised: sorts random keys, splits once, pairwise distances, Hessian-vector products for all directions at once."""

from operator import index

import torch


def _whole(name, value):
    try:
        value = index(value)
    except TypeError as error:
        raise TypeError(f"{name} is not a whole number") from error
    if value < 1:
        raise ValueError(f"{name} is below 1")
    return value


def _is_float_tensor(name, x):
    if not torch.is_tensor(x):
        raise TypeError(f"{name} is not a tensor")
    if not x.is_floating_point():
        raise TypeError(f"{name} is not floating point")


def num_batches(n, batch_size, drop_last=False):
    n, batch_size = _whole("n", n), _whole("batch_size", batch_size)
    return (n if drop_last else n + batch_size - 1) // batch_size


def minibatch_indices(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    n, batch_size = _whole("n", n), _whole("batch_size", batch_size)
    order = torch.rand(n, dtype=torch.float64, generator=generator).argsort() if shuffle else torch.arange(n)
    if drop_last:
        order = order[: n - n % batch_size]
    return list(order.split(batch_size)) if len(order) else []


def epoch_mean(batch_means, batch_sizes):
    _is_float_tensor("batch_means", batch_means)
    if not torch.is_tensor(batch_sizes):
        raise TypeError("batch_sizes is not a tensor")
    if batch_means.ndim == 0 or batch_means.numel() == 0:
        raise ValueError("batch_means is empty")
    if batch_sizes.ndim != 1 or batch_sizes.numel() != batch_means.shape[0]:
        raise ValueError("batch_sizes does not fit")
    if batch_sizes.min() <= 0:
        raise ValueError("batch_sizes is not positive")
    total = torch.einsum("k,k...->...", batch_sizes.to(batch_means.dtype), batch_means)
    return total / batch_sizes.sum()


def gradient_noise(per_example_grads, batch_size):
    _is_float_tensor("per_example_grads", per_example_grads)
    batch_size = _whole("batch_size", batch_size)
    g = per_example_grads.detach()
    if g.ndim != 2 or g.shape[0] == 0:
        raise ValueError("per_example_grads is not (N, P)")
    n = g.shape[0]
    if batch_size > n:
        raise ValueError("batch_size is above N")
    # The mean squared distance of two different examples is 2 N / (N − 1) times the trace.
    distances = (g[:, None] - g).square().sum()
    between = distances / (2 * n * max(n - 1, 1))
    return between * (1.0 / batch_size - 1.0 / n)


def top_curvature(f, theta):
    _is_float_tensor("theta", theta)
    if theta.ndim != 1:
        raise ValueError("theta is not (n,)")
    theta = theta.detach()
    if f(theta).ndim:
        raise ValueError("f is not scalar")

    def along(direction):
        return torch.func.jvp(torch.func.grad(f), (theta,), (direction,))[1]

    columns = torch.vmap(along)(torch.eye(len(theta), dtype=theta.dtype))
    return torch.linalg.eigh(columns)[0].max().item()
