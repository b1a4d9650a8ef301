"""From the definitions: the noise over all possible batches, the curvature by power iteration with a shift."""

from itertools import combinations

import torch


def _need_int(value, name):
    if not isinstance(value, int):
        raise TypeError(f"{name}: not an int")
    if value < 1:
        raise ValueError(f"{name}: less than 1")


def _need_floats(value, name):
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name}: not a tensor")
    if not torch.is_floating_point(value):
        raise TypeError(f"{name}: not of a floating dtype")


def _cuts(n, batch_size, drop_last):
    for start in range(0, n, batch_size):
        if start + batch_size <= n or not drop_last:
            yield slice(start, start + batch_size)


def num_batches(n, batch_size, drop_last=False):
    _need_int(n, "n")
    _need_int(batch_size, "batch_size")
    return sum(1 for _ in _cuts(n, batch_size, drop_last))


def minibatch_indices(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    _need_int(n, "n")
    _need_int(batch_size, "batch_size")
    everyone = torch.arange(n)
    if shuffle:
        everyone = everyone[torch.multinomial(torch.ones(n), n, replacement=False, generator=generator)]
    return [everyone[cut].clone() for cut in _cuts(n, batch_size, drop_last)]


def epoch_mean(batch_means, batch_sizes):
    _need_floats(batch_means, "batch_means")
    if not isinstance(batch_sizes, torch.Tensor):
        raise TypeError("batch_sizes: not a tensor")
    if batch_means.shape[:1] == () or batch_means.shape[0] == 0:
        raise ValueError("batch_means: no batches")
    if batch_sizes.shape[:1] != batch_means.shape[:1]:
        raise ValueError("batch_sizes: another length than batch_means")
    if (batch_sizes <= 0).any():
        raise ValueError("batch_sizes: less than 1")
    # One entry for each example, then the plain mean.
    return torch.repeat_interleave(batch_means.detach(), batch_sizes, dim=0).mean(0)


@torch.no_grad()
def gradient_noise(per_example_grads, batch_size):
    _need_floats(per_example_grads, "per_example_grads")
    _need_int(batch_size, "batch_size")
    if per_example_grads.dim() != 2 or not len(per_example_grads):
        raise ValueError("per_example_grads: not (N, P)")
    n = len(per_example_grads)
    if batch_size > n:
        raise ValueError("batch_size: more than N")
    wide = per_example_grads.double()
    batches = torch.tensor(list(combinations(range(n), batch_size)))
    errors = wide[batches].mean(1) - wide.mean(0)
    return (errors**2).sum(1).mean().to(per_example_grads.dtype)


def top_curvature(f, theta):
    _need_floats(theta, "theta")
    if theta.dim() != 1:
        raise ValueError("theta: not one-dimensional")
    theta = theta.detach()
    if f(theta).dim() != 0:
        raise ValueError("f: not 0-dimensional")
    slope = torch.func.vjp(torch.func.grad(f), theta)[1]

    def dominant(shift):
        """The eigenvalue of largest size of H + shift · 1."""
        v = torch.ones_like(theta) + 0.3 * torch.sin(torch.arange(1.0, len(theta) + 1)).to(theta)
        value = 0.0
        for _ in range(300):
            v = v / v.norm()
            w = slope(v)[0] + shift * v
            value = torch.dot(v, w).item()
            if w.norm() == 0:
                return 0.0
            v = w
        return value

    size = abs(dominant(0.0))
    return dominant(size) - size
