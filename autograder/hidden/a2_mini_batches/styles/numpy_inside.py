"""NumPy inside, torch at the borders; torch's generator only seeds NumPy's."""

import numpy as np
import torch


def _count(**counts):
    for name, count in counts.items():
        if not isinstance(count, (int, np.integer)):
            raise TypeError(f"{name} should be an integer and is {count!r}")
        if count <= 0:
            raise ValueError(f"{name} should be positive and is {count}")


def _array(value, name):
    if not torch.is_tensor(value):
        raise TypeError(f"{name} is a {type(value).__name__}, need a tensor")
    if value.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"{name} has dtype {value.dtype}, need floats")
    return value.detach().cpu().numpy()


def num_batches(n, batch_size, drop_last=False):
    _count(n=n, batch_size=batch_size)
    return int(np.floor_divide(n, batch_size)) if drop_last else int(np.ceil(n / batch_size))


def minibatch_indices(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    _count(n=n, batch_size=batch_size)
    order = np.arange(n, dtype=np.int64)
    if shuffle:
        seed = torch.randint(0, 2**62, (2,), generator=generator).tolist()
        np.random.default_rng(seed).shuffle(order)
    stops = np.arange(batch_size, n, batch_size)
    batches = [torch.from_numpy(part.copy()) for part in np.split(order, stops)]
    if drop_last and len(batches[-1]) < batch_size:
        del batches[-1]
    return batches


def epoch_mean(batch_means, batch_sizes):
    means = _array(batch_means, "batch_means")
    if not torch.is_tensor(batch_sizes):
        raise TypeError(f"batch_sizes is a {type(batch_sizes).__name__}, need a tensor")
    sizes = batch_sizes.cpu().numpy()
    if means.ndim == 0 or means.shape[0] == 0:
        raise ValueError("batch_means has no batch")
    if sizes.shape != (means.shape[0],):
        raise ValueError(f"batch_sizes of shape {sizes.shape} for {means.shape[0]} means")
    if np.any(sizes <= 0):
        raise ValueError("batch_sizes should be positive")
    average = np.average(means.astype(np.float64), axis=0, weights=sizes)
    return torch.as_tensor(average, dtype=batch_means.dtype, device=batch_means.device)


def gradient_noise(per_example_grads, batch_size):
    grads = _array(per_example_grads, "per_example_grads")
    if grads.ndim != 2 or grads.shape[0] == 0:
        raise ValueError("per_example_grads should be (N, P)")
    _count(batch_size=batch_size)
    n = grads.shape[0]
    if batch_size > n:
        raise ValueError(f"batch_size should be at most {n}")
    variances = np.var(grads, axis=0)
    noise = variances.sum() * (1 / batch_size - 1 / n) * n / max(n - 1, 1)
    return torch.as_tensor(noise, dtype=per_example_grads.dtype, device=per_example_grads.device)


def top_curvature(f, theta):
    if _array(theta, "theta").ndim != 1:
        raise ValueError("theta should be a vector")
    point = theta.detach().clone()
    if f(point).numel() != 1 or f(point).ndim != 0:
        raise ValueError("f should return a scalar")
    hessian = torch.autograd.functional.hessian(f, point).detach().numpy()
    return np.linalg.eigvalsh(0.5 * (hessian + hessian.T)).max()
