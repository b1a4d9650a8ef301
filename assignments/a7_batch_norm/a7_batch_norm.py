"""A7 · Batch normalization: the assignment as a module.

Write your code here or in a7_batch_norm.ipynb, not in both. The notebook tells the story and draws the figures;
`pytest` in this folder runs the visible checks.
"""

import torch
from torch import Tensor, nn


def fit_standardizer(x: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the mean and the biased standard deviation of every feature of ``x``.

        mean_d = 1/N · Σ_n x_nd
        std_d  = sqrt(1/N · Σ_n (x_nd − mean_d)²)

    The sum of squares is divided by N, not by N − 1, and nothing is added to it. It is taken over the centred values:
    the shortcut mean(x²) − mean(x)² loses its digits in float32 where the mean is large beside the std (1000 and 1).
    A constant feature has std 0 up to rounding: the mean of many copies of 0.1 need not be exactly 0.1 in float32.
    ``standardize`` decides which features count as constant.

    ``x`` may be non-contiguous and is not modified.

    Args:
        x: (N, D), float32 or float64, N ≥ 1; a row is an example, a column a feature.

    Returns:
        ``(mean, std)``: each (D,), with the dtype and on the device of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor, or not a floating-point one; the message names ``x``.
        ValueError: ``x`` is not 2-D, or has no rows; the message names ``x``.

    Source: LeCun et al., "Efficient BackProp" (1998), section 4.3.
    """
    raise NotImplementedError("fit_standardizer is not written yet")


def standardize(x: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Returns ``x`` minus ``mean``, divided by ``std``, feature by feature; a constant feature gives 0.

        z_nd = (x_nd − mean_d) / std_d

    The statistics are the given ones, those of the training data, whatever ``x`` holds: test data are standardized by
    what the training data were. Nothing is added to ``std``.

    Feature d counts as constant where

        std_d ≤ 10 · eps · |mean_d|,    eps = torch.finfo(x.dtype).eps

    that is, where std is 0 or so small that it may be the rounding of the mean alone (0.1 in every row, in float32).
    The bound is relative: a feature of very small numbers around 0 is not constant. On the value at which it was
    constant, such a feature gives 0 (up to the rounding of that value), not NaN and not ±1. Its other values have no
    scale to be measured by; what they give is not specified (0 and x − mean are both in use).

    ``x`` may be non-contiguous; no argument is modified.

    Args:
        x: (N, D), float32 or float64.
        mean: (D,), dtype of ``x``; as ``fit_standardizer`` returns it.
        std: (D,), dtype of ``x``, not negative; as ``fit_standardizer`` returns it.

    Returns:
        (N, D), with the dtype and on the device of ``x``.

    Raises:
        TypeError: an argument is not a tensor, or not a floating-point one; the message names it.
        ValueError: ``x`` is not 2-D; ``mean`` or ``std`` is not of shape (D,); the message names that argument.

    Source: as ``fit_standardizer``.
    """
    raise NotImplementedError("standardize is not written yet")


class BatchNorm1d(nn.Module):
    """A module that normalizes every channel by the statistics of the batch, then scales and shifts it.

    The definitions are PyTorch's (``torch.nn.BatchNorm1d``), the lecture's γ is ``weight`` and its β is ``bias``.

    Parameters, trained by gradient descent:
        weight: (C,), ones at the start.
        bias: (C,), zeros at the start.

    Buffers, which follow ``.to(...)`` and are saved but not trained:
        running_mean: (C,), zeros at the start.
        running_var: (C,), ones at the start.
        num_batches_tracked: 0-dim int64, 0 at the start, whatever ``dtype`` says.

    ``state_dict()`` holds these five names and no other; loading it elsewhere carries over all that was learnt.

    Args:
        num_features: C, the number of channels, at least 1.
        eps: what is added to the variance, inside the root; above 0. Default 1e-5.
        momentum: the weight of the *new* batch in the running statistics, in (0, 1]; with 1 only the last batch counts.
            Default 0.1.
        device: where parameters and buffers are made. Default None: PyTorch's default device.
        dtype: the floating-point type of parameters and running statistics. Default None: PyTorch's default dtype.

    Raises:
        ValueError: ``num_features`` < 1, ``eps`` ≤ 0, or ``momentum`` outside (0, 1]; the message names that argument.

    Nothing here is random: the global random number generator is left alone.

    Source: Ioffe and Szegedy, "Batch Normalization" (arXiv 1502.03167), Algorithms 1 and 2.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        raise NotImplementedError("BatchNorm1d.__init__ is not written yet")

    def forward(self, x: Tensor) -> Tensor:
        """Returns ``weight · (x − mean) / sqrt(var + eps) + bias``, channel by channel.

        In train mode (``self.training``), mean and var are the batch's own. Over the M values of a channel, which are
        the N examples, or the N examples at all L positions together:

            mean = 1/M · Σ x
            var  = 1/M · Σ (x − mean)²        (biased)

        var is taken of the centred values, as in ``fit_standardizer``. Gradients flow through both. Each forward in
        train mode also moves the running statistics, with the *unbiased* variance:

            running_mean ← (1 − momentum) · running_mean + momentum · mean
            running_var  ← (1 − momentum) · running_var  + momentum · var · M / (M − 1)
            num_batches_tracked ← num_batches_tracked + 1

        in place (a reference to such a buffer sees the new values) and outside autograd (no buffer requires grad or
        holds on to a graph). One value per channel (M < 2) has no variance to speak of: train mode refuses it and
        updates nothing.

        In eval mode, mean and var are ``running_mean`` and ``running_var``. Nothing is updated, an example's output
        does not depend on the rest of the batch, and a batch of one is welcome. Gradients flow to ``x``, ``weight``
        and ``bias``.

        Runs where ``x`` and the module are. It neither leaves that device nor waits for it: no ``.item()``, ``.cpu()``
        or ``.numpy()``, no branch on a tensor's value, no new tensor on the CPU, no device by name.

        ``x`` may be non-contiguous and is not modified; no ``.grad`` is set.

        Args:
            x: (N, C) or (N, C, L), with the module's dtype and on its device.

        Returns:
            The shape, dtype and device of ``x``.

        Raises:
            TypeError: ``x`` is not a tensor, or not a floating-point one; the message names ``x``.
            ValueError: ``x`` is neither 2-D nor 3-D, its dimension 1 is not C, or train mode is given one value per
                channel; the message names ``x``.
        """
        raise NotImplementedError("BatchNorm1d.forward is not written yet")
