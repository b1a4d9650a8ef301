"""Mini-batches: cutting an epoch into batches, how noisy their gradients are, how sharp the minimum is that they find."""

import torch
from torch import Tensor

__all__ = ["epoch_mean", "gradient_noise", "minibatch_indices", "num_batches", "top_curvature"]


def _check_counts(**counts: object) -> None:
    """Raises TypeError or ValueError, by name, for the first argument that is not a whole number of at least 1."""
    for name, value in counts.items():
        if not isinstance(value, int):
            raise TypeError(f"{name} must be an int, got {type(value).__name__}")
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")


def _check_float_tensor(name: str, value: object) -> None:
    """Raises TypeError, by name, for what is not a floating-point tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {type(value).__name__}")
    if not value.is_floating_point():
        raise TypeError(f"{name} must hold floats, got {value.dtype}; convert it with {name}.float()")


def num_batches(n: int, batch_size: int, drop_last: bool = False) -> int:
    """Returns the number of batches in an epoch, which is the number of updates that it makes.

    All batches hold batch_size examples, except the last one, which holds what is left: between 1 and batch_size. With
    drop_last a last batch that is not full is left out. A batch_size above n thus gives one batch, or none with
    drop_last.

    Args:
        n: the number of examples in the data set, at least 1.
        batch_size: the number of examples in a full batch, at least 1.
        drop_last: whether a last batch that is not full is left out. Default False.

    Returns:
        The number of batches, an int.

    Raises:
        ValueError: n or batch_size is less than 1. The message names the argument.
        TypeError: n or batch_size is a float. The message names the argument.
    """
    _check_counts(n=n, batch_size=batch_size)
    return n // batch_size if drop_last else -(-n // batch_size)


def minibatch_indices(
    n: int,
    batch_size: int,
    *,
    shuffle: bool = True,
    drop_last: bool = False,
    generator: torch.Generator | None = None,
) -> list[Tensor]:
    """Returns the batches of one epoch, each as the indices of its examples.

    The indices 0, ..., n − 1 are put in order and cut from the front: full batches of batch_size, then one with what is
    left. Together they hold every example exactly once. With drop_last a last batch that is not full is left out, after
    shuffling: other examples miss each epoch.

    With shuffle the order is drawn anew at each call, all orders being equally likely: call the function once per
    epoch. It is drawn from `generator`, which moves on, so that the next epoch has another order. Two generators seeded
    alike give the same batches. Then torch's default generator is left alone; it serves where generator is None (after
    the same `torch.manual_seed` the batches are the same). How the order is drawn is your choice. Without shuffle the
    order is 0, 1, ..., n − 1, and nothing is drawn from any generator.

    Args:
        n: the number of examples in the data set, at least 1.
        batch_size: the number of examples in a full batch, at least 1. It may exceed n.
        shuffle: whether the order is random. Default True.
        drop_last: whether a last batch that is not full is left out. Default False.
        generator: the source of randomness, a torch.Generator on the CPU. Default None: torch's default generator.

    Returns:
        The batches in order: a list of 1-dimensional int64 tensors on the CPU; with drop_last and batch_size above n
        the list is empty.

    Raises:
        ValueError: n or batch_size is less than 1. The message names the argument.
        TypeError: n or batch_size is a float. The message names the argument.
    """
    _check_counts(n=n, batch_size=batch_size)
    order = torch.randperm(n, generator=generator) if shuffle else torch.arange(n)
    end = n - n % batch_size if drop_last else n
    return [order[start : start + batch_size] for start in range(0, end, batch_size)]


def epoch_mean(batch_means: Tensor, batch_sizes: Tensor) -> Tensor:
    """Returns the mean over all examples of an epoch, given the mean over each of its batches.

        mean = Σ_k B_k m_k / Σ_k B_k

    m_k is the mean over batch k and B_k its size. The batches may come in any order and of any sizes; where all sizes
    are equal, and only there, this is the plain mean of the means.

    A mean may be a number (a loss, an accuracy) or a tensor of any shape (a gradient): the weights belong to the first
    dimension. Float32 and float64 work, contiguous or not, requires_grad or not, each as exact as the dtype of
    batch_means allows. Pure: no input is modified, its requires_grad flag included; no .grad is left on any tensor; the
    global random generator is neither drawn from nor seeded.

    Args:
        batch_means: the mean over each batch, (K, *) with K ≥ 1, floating-point.
        batch_sizes: the number of examples in each batch, (K,), int64, each at least 1.

    Returns:
        The mean over the epoch, (*), 0-dimensional where batch_means is (K,); of the dtype and device of batch_means.

    Raises:
        ValueError: the lengths differ, or there is no batch at all (K = 0): the message names batch_means or batch_sizes.
            A size is less than 1: it names batch_sizes.
        TypeError: batch_means is not a tensor, or a tensor of integers; batch_sizes is not a tensor. The message names
            the argument.
    """
    _check_float_tensor("batch_means", batch_means)
    if not isinstance(batch_sizes, Tensor):
        raise TypeError(f"batch_sizes must be a torch.Tensor, got {type(batch_sizes).__name__}")
    if batch_means.dim() == 0 or len(batch_means) == 0:
        raise ValueError(f"batch_means must hold one mean per batch, got shape {tuple(batch_means.shape)}")
    if batch_sizes.shape != batch_means.shape[:1]:
        raise ValueError(f"batch_sizes must hold {len(batch_means)} sizes, got shape {tuple(batch_sizes.shape)}")
    if (batch_sizes < 1).any():
        raise ValueError(f"batch_sizes must be at least 1, got {batch_sizes.min()}")
    sizes = batch_sizes.to(batch_means)
    return torch.tensordot(sizes / sizes.sum(), batch_means, dims=1)  # (K,) with (K, *) -> (*)


def gradient_noise(per_example_grads: Tensor, batch_size: int) -> Tensor:
    """Returns how far, squared and on average, the gradient of a batch is from that of the whole data set.

        E‖g_B − g‖² = (tr S / B) · (N − B) / (N − 1)        S = (1/N) Σ_n (g_n − g)(g_n − g)ᵀ        g = (1/N) Σ_n g_n

    g_n is the gradient of example n, g_B the mean of those of a batch of B = batch_size examples, drawn from the N
    **without replacement**, each batch equally likely. S is the covariance of the per-example gradients, the **biased**
    one (divided by N), and tr S its trace: the mean squared distance of an example's gradient from g. The second factor
    is the finite-population correction: the full batch B = N has noise 0. A single example (N = 1) has noise 0 too.

    A large gradient in common does no harm: the noise is the same when one vector is added to all g_n, and the result
    stays as exact as the dtype of the gradients allows, never below 0. Float32 and float64 work, contiguous or not,
    requires_grad or not. Pure: no input is modified, its requires_grad flag included; no .grad is left on any tensor;
    the global random generator is neither drawn from nor seeded.

    Source: Cochran, *Sampling Techniques*, 3rd edition, theorem 2.2, for each of the P coordinates.

    Args:
        per_example_grads: one gradient per row, (N, P) with N ≥ 1, floating-point.
        batch_size: B, from 1 to N.

    Returns:
        The noise, 0-dimensional, of the dtype and device of per_example_grads, in squared units of the gradient.

    Raises:
        ValueError: per_example_grads is not 2-dimensional, or has no rows; batch_size is less than 1 or more than N.
            The message names the argument.
        TypeError: per_example_grads is not a tensor, or a tensor of integers; batch_size is a float. The message names
            the argument.
    """
    _check_float_tensor("per_example_grads", per_example_grads)
    if per_example_grads.dim() != 2 or len(per_example_grads) == 0:
        raise ValueError(f"per_example_grads must be (N, P), N at least 1, got {tuple(per_example_grads.shape)}")
    _check_counts(batch_size=batch_size)
    n = len(per_example_grads)
    if batch_size > n:
        raise ValueError(f"batch_size must be at most N = {n}, got {batch_size}")
    if n == 1:
        return per_example_grads.new_zeros(())
    deviations = per_example_grads - per_example_grads.mean(0)  # (N, P)
    trace = deviations.square().sum() / n
    return trace / batch_size * ((n - batch_size) / (n - 1))


def top_curvature(f, theta: Tensor) -> float:
    """Returns the largest eigenvalue of the Hessian of f at theta: the curvature along the steepest direction.

        λ_max(H),    H_ij = ∂²f / ∂θ_i ∂θ_j    at theta

    At a minimum it says how sharp the minimum is: ten times λ_max, and a step of the same length along that direction
    costs ten times the loss. It is the largest **by sign**, not by size: of −3 and 2 it is 2, and where all eigenvalues
    are negative it is the one nearest to zero. A linear or a constant f gives 0.

    Float32 and float64 work, contiguous or not, requires_grad or not. Pure: theta is not modified, its requires_grad
    flag included; no .grad is left on any tensor, those that f closes over included; the global random generator is
    neither drawn from nor seeded.

    The whole Hessian may be formed here, with `torch.autograd.functional.hessian` or `torch.func.hessian`, say. It takes
    n² numbers, so this is meant for some hundred parameters.

    Args:
        f: the loss: called with a tensor of theta's shape, dtype and device, it returns a 0-dimensional one. It is
            written in ordinary torch operations without branches on values, so that `torch.func` works on it.
        theta: the point, (n,) with n ≥ 1, floating-point.

    Returns:
        λ_max, a float.

    Raises:
        ValueError: theta is not 1-dimensional; f returns a tensor that is not 0-dimensional. The message names the
            argument: theta or f.
        TypeError: theta is not a tensor, or a tensor of integers. The message names theta.
    """
    _check_float_tensor("theta", theta)
    if theta.dim() != 1:
        raise ValueError(f"theta must be 1-dimensional, got shape {tuple(theta.shape)}; flatten it")
    theta = theta.detach()
    value = f(theta)
    if value.dim() != 0:
        raise ValueError(f"f must return a 0-dimensional tensor, got shape {tuple(value.shape)}")
    return torch.linalg.eigvalsh(torch.autograd.functional.hessian(f, theta))[-1].item()
