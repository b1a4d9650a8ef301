"""A6 · Softmax and cross-entropy: the assignment as a module.

Write your code here or in a6_softmax_cross_entropy.ipynb, not in both. The notebook tells the story and draws the figures;
`pytest` in this folder runs the visible checks.
"""

import torch
from torch import Tensor


def one_hot(labels: Tensor, num_classes: int, dtype: torch.dtype | None = None) -> Tensor:
    """Returns one row per label: 1 in the column of its class, 0 in all others.

        ŷ_nc = 1 where c = labels_n, else 0

    Classes are numbered from 0. Every class has a column, whether or not a label names it.

    ``labels`` may be non-contiguous and are not modified; the global random generator is neither drawn from nor seeded.

    Args:
        labels: the class numbers, (N,), int64, each in [0, num_classes).
        num_classes: C, the number of classes.
        dtype: the dtype of the result. Default None: PyTorch's default dtype at the time of the call
            (``torch.get_default_dtype()``, float32 unless someone set another).

    Returns:
        (N, C), of that dtype, on the device of ``labels``.

    Raises:
        TypeError: ``labels`` is not a tensor, or a tensor of floats. The message names labels.
        ValueError: a label is negative (−1 and −100 too) or num_classes or more. The message names labels.
    """
    raise NotImplementedError("one_hot is not written yet")


def softmax(logits: Tensor, dim: int = -1) -> Tensor:
    """Returns the probabilities that stand for these logits, along one dimension.

        y'_i = exp(y_i) / Σ_j exp(y_j)

    In the lecture's letters the logits are y and the result is y'. Along ``dim`` the result sums to 1. A small probability
    keeps its digits, e⁻³⁰ like any other: none is cut off or rounded up.

    Logits up to ±10⁴ give finite results and finite gradients, float32 included, and the slices along ``dim`` do not disturb
    each other: one at the level +10⁴ beside one at −10⁴ is as right as alone. (In float32 a result may be off by the
    rounding of its logits; exp(10⁴) overflows in every dtype.)

    Gradients flow to the logits by autograd. Works for any shape with one dimension or more, float32 and float64,
    contiguous or not. Pure: logits are not modified, their requires_grad flag included; no .grad is left on them; the
    global random generator is neither drawn from nor seeded.

    torch's own softmax, log_softmax, cross_entropy, nll_loss and relatives, logsumexp and logcumsumexp may not be called.

    Args:
        logits: a floating-point tensor of any shape.
        dim: the dimension along which the results sum to 1, negative ones counted from the end. Default -1: the last.

    Returns:
        The shape, dtype and device of ``logits``.

    Raises:
        TypeError: ``logits`` is not a tensor, or a tensor of integers. The message names logits.
    """
    raise NotImplementedError("softmax is not written yet")


def log_softmax(logits: Tensor, dim: int = -1) -> Tensor:
    """Returns the natural logarithms of the probabilities that stand for these logits, along one dimension.

        ln y'_i = y_i − ln Σ_j exp(y_j)

    Logits up to ±10⁴ give finite results and finite gradients, float32 included: where y'_i itself is too small for any
    float, its logarithm is an ordinary number such as −20000. The slices along ``dim`` do not disturb each other. (In
    float32 a result may be off by the rounding of its logits.)

    Gradients flow to the logits by autograd. Works for any shape with one dimension or more, float32 and float64,
    contiguous or not. Pure: logits are not modified, their requires_grad flag included; no .grad is left on them; the
    global random generator is neither drawn from nor seeded.

    torch's own softmax, log_softmax, cross_entropy, nll_loss and relatives, logsumexp and logcumsumexp may not be called.

    Args:
        logits: a floating-point tensor of any shape.
        dim: the dimension along which the probabilities sum to 1, negative ones counted from the end. Default -1: the last.

    Returns:
        The shape, dtype and device of ``logits``.

    Raises:
        TypeError: ``logits`` is not a tensor, or a tensor of integers. The message names logits.
    """
    raise NotImplementedError("log_softmax is not written yet")


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Returns the mean cross-entropy between the labels and the softmax of the logits.

        e_n = −Σ_i ŷ_ni ln y'_ni = −ln y'_n,labels_n          y'_n = softmax(y_n), ŷ_n one-hot
        loss = 1/N · Σ_n e_n

    The logarithm is the natural one, and every example weighs the same. Logits go in, not probabilities: softmax is part
    of the loss. No label is special: −100 is refused, not ignored.

    Logits up to ±10⁴ give a finite loss and finite gradients, float32 included: a class that is wrong by a gap of 20000
    costs 20000, and a right one costs 0. (In float32 the loss may be off by the rounding of the logits.)

    Gradients flow to the logits by autograd. float32 and float64, contiguous or not. Pure: no input is modified, its
    requires_grad flag included; no .grad is left on any tensor; the global random generator is neither drawn from nor
    seeded.

    torch's own softmax, log_softmax, cross_entropy, nll_loss and relatives may not be called; logsumexp may, here.

    Args:
        logits: the scores before softmax, (N, C), floating-point, N ≥ 1.
        labels: the class numbers, (N,), int64, each in [0, C).

    Returns:
        The loss, 0-dim, of the dtype and device of ``logits``, whatever PyTorch's default dtype is.

    Raises:
        TypeError: ``logits`` is not a tensor, or a tensor of integers; ``labels`` is not a tensor, or a tensor of floats.
            The message names the argument.
        ValueError: ``logits`` is not 2-D or has no rows: the message names logits. A label is negative (−1 and −100 too) or
            C or more, or ``labels`` is not 1-D with one label for each row: the message names labels. Nothing is stretched
            or flattened to fit; a single example is (1, C) with (1,). Where both are wrong, either may be named.
    """
    raise NotImplementedError("cross_entropy is not written yet")


def cross_entropy_grad(logits: Tensor, labels: Tensor) -> Tensor:
    """Returns the gradient of ``cross_entropy`` with respect to the logits, in closed form.

        ∂ loss / ∂ y_ni = (y'_ni − ŷ_ni) / N          y'_n = softmax(y_n), ŷ_n one-hot

    A closed form: it is computed without autograd, and works under ``torch.no_grad()`` and ``torch.inference_mode()`` as it
    does outside. It is finite and right for logits up to ±10⁴, float32 included. (In float32 it may be off by the rounding
    of the logits.)

    float32 and float64, contiguous or not, requires_grad or not. Pure: no input is modified, its requires_grad flag
    included; no .grad is left on any tensor; the global random generator is neither drawn from nor seeded.

    torch's own softmax, log_softmax, cross_entropy, nll_loss and relatives may not be called.

    Args:
        logits: the scores before softmax, (N, C), floating-point, N ≥ 1.
        labels: the class numbers, (N,), int64, each in [0, C).

    Returns:
        The gradient, (N, C), of the dtype and device of ``logits``, whatever PyTorch's default dtype is.

    Raises:
        TypeError, ValueError: as ``cross_entropy``, by the argument's name.
    """
    raise NotImplementedError("cross_entropy_grad is not written yet")


def softmax_mse(logits: Tensor, labels: Tensor) -> Tensor:
    """Returns the squared distance between one-hot labels and the softmax of the logits, averaged over the batch.

        e_n = Σ_i (ŷ_ni − y'_ni)²          y'_n = softmax(y_n), ŷ_n one-hot
        loss = 1/N · Σ_n e_n

    The squares are summed over the classes and averaged over the examples only. With softmax inside, e_n never exceeds 2.

    Logits up to ±10⁴ give a finite loss and finite gradients, float32 included. (In float32 the loss may be off by the
    rounding of the logits.)

    Gradients flow to the logits by autograd. float32 and float64, contiguous or not. Pure: no input is modified, its
    requires_grad flag included; no .grad is left on any tensor; the global random generator is neither drawn from nor
    seeded.

    torch's own softmax, log_softmax, cross_entropy, nll_loss and relatives may not be called.

    Args:
        logits: the scores before softmax, (N, C), floating-point, N ≥ 1.
        labels: the class numbers, (N,), int64, each in [0, C).

    Returns:
        The loss, 0-dim, of the dtype and device of ``logits``, whatever PyTorch's default dtype is.

    Raises:
        TypeError, ValueError: as ``cross_entropy``, by the argument's name.

    Source: G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78 (1950).
    """
    raise NotImplementedError("softmax_mse is not written yet")


def softmax_mse_grad(logits: Tensor, labels: Tensor) -> Tensor:
    """Returns the gradient of ``softmax_mse`` with respect to the logits, in closed form.

        ∂ loss / ∂ y_ni = 2/N · y'_ni · (d_ni − Σ_j y'_nj d_nj)          d_n = y'_n − ŷ_n

    Softmax ties the classes together: each output depends on every logit, ∂y'_i/∂y_k = y'_i (δ_ik − y'_k).

    A closed form: it is computed without autograd, and works under ``torch.no_grad()`` and ``torch.inference_mode()`` as it
    does outside. It is finite and right for logits up to ±10⁴, float32 included. (In float32 it may be off by the rounding
    of the logits.)

    float32 and float64, contiguous or not, requires_grad or not. Pure: no input is modified, its requires_grad flag
    included; no .grad is left on any tensor; the global random generator is neither drawn from nor seeded.

    torch's own softmax, log_softmax, cross_entropy, nll_loss and relatives may not be called.

    Args:
        logits: the scores before softmax, (N, C), floating-point, N ≥ 1.
        labels: the class numbers, (N,), int64, each in [0, C).

    Returns:
        The gradient, (N, C), of the dtype and device of ``logits``, whatever PyTorch's default dtype is.

    Raises:
        TypeError, ValueError: as ``cross_entropy``, by the argument's name.
    """
    raise NotImplementedError("softmax_mse_grad is not written yet")


def loss_landscape(loss, y1: Tensor, y2: Tensor, y3: float = -1000.0) -> Tensor:
    """Returns a loss over a grid of logits: three classes, one example, the right class is number 0.

        result_ij = loss((y1_i, y2_j, y3), label 0)

    In the lecture's letters: y_1 runs over the rows, y_2 over the columns, and y_3 is kept at a value so low that its class is
    out of the game.

    float32 and float64, contiguous or not. Pure: no input is modified, its requires_grad flag included; no .grad is left on
    any tensor; the global random generator is neither drawn from nor seeded.

    Args:
        loss: the loss: called as ``loss(logits, labels)`` with logits (1, 3) of y1's dtype and labels (1,) int64, one call for
            each point of the grid, it returns a 0-dim tensor of that dtype. ``cross_entropy`` is such a function.
        y1: the values of the first logit, (A,), floating-point.
        y2: the values of the second logit, (B,), of y1's dtype.
        y3: the third logit. Default −1000.

    Returns:
        The losses, (A, B), of y1's dtype and device.
    """
    raise NotImplementedError("loss_landscape is not written yet")
