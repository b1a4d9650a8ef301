"""Plain Python: lists, loops and numbers; autograd once per row of the Hessian."""

import torch


def whole(value, name):
    if type(value) is not int:
        raise TypeError("need an int for " + name)
    if value < 1:
        raise ValueError("need at least one for " + name)


def floats(value, name):
    if not isinstance(value, torch.Tensor) or not value.dtype.is_floating_point:
        raise TypeError("need a float tensor for " + name)


def num_batches(n, batch_size, drop_last=False):
    whole(n, "n")
    whole(batch_size, "batch_size")
    full, rest = divmod(n, batch_size)
    if rest > 0 and not drop_last:
        return full + 1
    return full


def minibatch_indices(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    whole(n, "n")
    whole(batch_size, "batch_size")
    deck = list(range(n))
    if shuffle:
        for last in range(n - 1, 0, -1):  # Fisher and Yates
            other = int(torch.randint(last + 1, (1,), generator=generator))
            deck[last], deck[other] = deck[other], deck[last]
    batches = []
    while deck:
        batch, deck = deck[:batch_size], deck[batch_size:]
        if len(batch) == batch_size or not drop_last:
            batches.append(torch.tensor(batch))
    return batches


def epoch_mean(batch_means, batch_sizes):
    floats(batch_means, "batch_means")
    if not isinstance(batch_sizes, torch.Tensor):
        raise TypeError("batch_sizes is no tensor")
    sizes = batch_sizes.tolist()
    if batch_means.dim() == 0 or batch_means.shape[0] == 0:
        raise ValueError("batch_means is empty")
    if len(sizes) != batch_means.shape[0]:
        raise ValueError("batch_sizes and means differ in length")
    if min(sizes) < 1:
        raise ValueError("batch_sizes has an empty batch")
    total = torch.zeros_like(batch_means[0])
    for mean, size in zip(batch_means.detach(), sizes, strict=True):
        total = total + size * mean
    return total / sum(sizes)


def gradient_noise(per_example_grads, batch_size):
    floats(per_example_grads, "per_example_grads")
    if len(per_example_grads.shape) != 2 or per_example_grads.shape[0] < 1:
        raise ValueError("per_example_grads is no table of gradients")
    whole(batch_size, "batch_size")
    rows = per_example_grads.tolist()
    n = len(rows)
    if batch_size > n:
        raise ValueError("batch_size is more than there is")
    noise = 0.0
    if n > 1:
        for column in zip(*rows, strict=True):
            mean = sum(column) / n
            noise += sum((entry - mean) ** 2 for entry in column) / n
        noise = noise / batch_size * (n - batch_size) / (n - 1)
    return torch.tensor(noise, dtype=per_example_grads.dtype, device=per_example_grads.device)


def top_curvature(f, theta):
    floats(theta, "theta")
    if len(theta.shape) != 1:
        raise ValueError("theta is no vector")
    point = theta.detach().clone().requires_grad_(True)
    value = f(point)
    if len(value.shape) != 0:
        raise ValueError("f is no scalar")
    n = len(point)
    if not value.requires_grad:
        return 0.0
    (slope,) = torch.autograd.grad(value, point, create_graph=True, allow_unused=True)
    if slope is None or not slope.requires_grad:
        return 0.0
    rows = []
    for i in range(n):
        (row,) = torch.autograd.grad(slope[i], point, retain_graph=True, allow_unused=True)
        rows.append(torch.zeros(n, dtype=theta.dtype) if row is None else row)
    return max(torch.linalg.eigvalsh(torch.stack(rows)).tolist())
