"""A4 · Adaptive learning rates: Adagrad, RMSProp, Adam: the assignment as a module.

Write your code here or in a4_adaptive_rates.ipynb, not in both. The notebook tells the story and draws the figures;
`pytest` in this folder runs the visible checks.
"""

import torch
from torch import Tensor


def root_mean_square(grads: Tensor) -> Tensor:
    """Returns the root mean square of each parameter's gradients, the lecture's σ.

        σ = √( (g_1² + g_2² + ... + g_T²) / T )

    In the lecture's letters grads holds all gradients that were seen so far. The mean runs over the steps (the first
    dimension) only: each parameter has a σ of its own. A zero gradient is a step like any other. σ of one gradient is
    its magnitude. The lecture divides η by this σ: θ' = θ − (η/σ) g.

    Works for any shape (T, *) with T ≥ 1, float32 and float64 (each computed to its own precision), contiguous or not,
    requires_grad or not. Pure: grads is not modified, its requires_grad flag included; no .grad is left on it; the
    global random generator is neither drawn from nor seeded.

    Args:
        grads: the gradients of T ≥ 1 steps, (T, *), floating-point.

    Returns:
        σ, of shape (*), of the dtype and device of grads. It is 0 where all gradients are 0.

    Raises:
        ValueError: grads is 0-dimensional or has no step (T = 0). The message names grads.
        TypeError: grads is not a tensor, or a tensor of integers. The message names grads.
    """
    raise NotImplementedError("root_mean_square is not written yet")


def adagrad_step(theta: Tensor, grad: Tensor, sum_sq: Tensor, lr: float, eps: float = 1e-10) -> tuple[Tensor, Tensor]:
    """Returns the parameters and the sum of squared gradients after one step of Adagrad.

        s' = s + g²
        θ' = θ − η g / (√s' + ε)

    In the lecture's letters theta is θ, grad is g and lr is η; sum_sq is s, the sum of all squared gradients. Everything
    is element-wise: each parameter has a rate of its own, η / (√s' + ε). The sum already holds the gradient of this
    step. ε stands outside the root. s is a sum, not a mean: after t steps √s' is √t times the lecture's σ, so that with
    the rate η·√t (and ε = 0) this is the lecture's rule.

    Source: Duchi, Hazan and Singer 2011; torch.optim.Adagrad with its other settings left alone.

    Works for any shape (0-dim too), float32 and float64 (each computed to its own precision), contiguous or not,
    requires_grad or not. Pure: no input is modified, its requires_grad flag included; no .grad is left on any tensor;
    the global random generator is neither drawn from nor seeded.

    Args:
        theta: the parameters, a floating-point tensor of any shape (*).
        grad: the gradient of the loss at theta, of theta's shape and dtype.
        sum_sq: the sum of the squared gradients of all earlier steps, of theta's shape and dtype, nowhere negative;
            zeros before the first step.
        lr: the learning rate, at least 0.
        eps: keeps the divisor from being 0, at least 0. Default 1e-10. With 0 nothing is added.

    Returns:
        The pair (θ', s'), each of theta's shape (*), dtype and device.

    Raises:
        ValueError: lr or eps is negative; grad or sum_sq has another shape than theta (nothing is broadcast). The
            message names the argument: lr, eps, grad or sum_sq.
        TypeError: theta, grad or sum_sq is not a tensor, or a tensor of integers. The message names the argument.
    """
    raise NotImplementedError("adagrad_step is not written yet")


def rmsprop_step(
    theta: Tensor, grad: Tensor, square_avg: Tensor, lr: float, alpha: float = 0.99, eps: float = 1e-8
) -> tuple[Tensor, Tensor]:
    """Returns the parameters and the average of squared gradients after one step of RMSProp.

        v' = α v + (1 − α) g²
        θ' = θ − η g / (√v' + ε)

    In the lecture's letters theta is θ, grad is g, lr is η, alpha is α, and √v' is σ. Everything is element-wise. The
    average already holds the gradient of this step; α is the share that is kept of the past, 1 − α the weight of the
    new square. ε stands outside the root. There is no bias correction, not at the first step either: v = 0
    is an average like any other. Started from v = g_0² (the square of the first gradient) this is the lecture's rule,
    with σ_0 = |g_0|; torch.optim.RMSprop starts from zeros. With α = 0 only the gradient of the step itself counts.

    Source: the lecture; Hinton's slides of 2012; torch.optim.RMSprop with its other settings left alone.

    Works for any shape (0-dim too), float32 and float64 (each computed to its own precision), contiguous or not,
    requires_grad or not. Pure: no input is modified, its requires_grad flag included; no .grad is left on any tensor;
    the global random generator is neither drawn from nor seeded.

    Args:
        theta: the parameters, a floating-point tensor of any shape (*).
        grad: the gradient of the loss at theta, of theta's shape and dtype.
        square_avg: the average of squared gradients before this step, of theta's shape and dtype, nowhere negative.
        lr: the learning rate, at least 0.
        alpha: the share of the previous average that is kept, in [0, 1). Default 0.99.
        eps: keeps the divisor from being 0, at least 0. Default 1e-8. With 0 nothing is added.

    Returns:
        The pair (θ', v'), each of theta's shape (*), dtype and device.

    Raises:
        ValueError: lr or eps is negative; alpha is negative, 1 or more; grad or square_avg has another shape than
            theta (nothing is broadcast). The message names the argument: lr, eps, alpha, grad or square_avg.
        TypeError: theta, grad or square_avg is not a tensor, or a tensor of integers. The message names the argument.
    """
    raise NotImplementedError("rmsprop_step is not written yet")


def adam_step(
    theta: Tensor,
    grad: Tensor,
    exp_avg: Tensor,
    exp_avg_sq: Tensor,
    step: int,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> tuple[Tensor, Tensor, Tensor]:
    """Returns the parameters and the two averages after one step of Adam.

        m' = β₁ m + (1 − β₁) g
        v' = β₂ v + (1 − β₂) g²
        m̂ = m' / (1 − β₁ᵗ),   v̂ = v' / (1 − β₂ᵗ)
        θ' = θ − η m̂ / (√v̂ + ε)

    theta is θ, grad is g, exp_avg is m (the average of the gradients), exp_avg_sq is v (the average of their squares),
    step is t and lr is η. Everything is element-wise. Both averages already hold the gradient of this step. They are
    corrected at every step, however large t is. The corrected m̂ and v̂ serve this step only: what is returned and handed
    to the next step is m' and v', uncorrected. ε stands outside the root, after the bias correction. With the gradient
    the only one so far (t = 1, m = v = 0), every parameter moves by η g / (|g| + ε).

    `step` counts from 1: it is the number of this update. (The schedules of A5 count from 0.)

    Source: Kingma and Ba, arXiv 1412.6980, Algorithm 1; torch.optim.Adam with its other settings left alone.

    Works for any shape (0-dim too), float32 and float64 (each computed to its own precision, 1 − β₁ᵗ and 1 − β₂ᵗ
    included), contiguous or not, requires_grad or not. Pure: no input is modified, its requires_grad flag included; no
    .grad is left on any tensor; the global random generator is neither drawn from nor seeded.

    Args:
        theta: the parameters, a floating-point tensor of any shape (*).
        grad: the gradient of the loss at theta, of theta's shape and dtype.
        exp_avg: the average of the gradients before this step, of theta's shape and dtype; zeros before the first step.
        exp_avg_sq: the average of the squared gradients before this step, of theta's shape and dtype, nowhere negative;
            zeros before the first step.
        step: the number of this update, a whole number of at least 1.
        lr: the learning rate, at least 0. Default 1e-3.
        betas: the pair (β₁, β₂) of shares of the previous averages that are kept, each in [0, 1). Default (0.9, 0.999).
        eps: keeps the divisor from being 0, at least 0. Default 1e-8. With 0 nothing is added.

    Returns:
        The triple (θ', m', v'), each of theta's shape (*), dtype and device.

    Raises:
        ValueError: step is below 1; lr or eps is negative; one of betas is negative, 1 or more; grad, exp_avg or
            exp_avg_sq has another shape than theta (nothing is broadcast). The message names the argument: step, lr,
            eps, betas, grad, exp_avg or exp_avg_sq.
        TypeError: theta, grad, exp_avg or exp_avg_sq is not a tensor, or a tensor of integers. The message names the
            argument.
    """
    raise NotImplementedError("adam_step is not written yet")


class Adam(torch.optim.Optimizer):
    """Adam as PyTorch defines it: torch.optim.Adam with its other settings left alone.

        m ← β₁ m + (1 − β₁) g        (m and v start at 0)
        v ← β₂ v + (1 − β₂) g²
        p ← p − lr · m̂ / (√v̂ + eps),   m̂ = m / (1 − β₁ᵗ),   v̂ = v / (1 − β₂ᵗ)

    g is p.grad, m and v are the averages of the parameter p, and t is the number of steps that p itself has made, this
    one included.

    Source: Kingma and Ba, arXiv 1412.6980, Algorithm 1; the documentation of torch.optim.Adam.

    - The settings live in the param groups. Each group may have its own lr, betas and eps; all three are read from the
      group at each step, so a changed `group["lr"]`, `group["betas"]` or `group["eps"]` counts at the next step (the
      bias correction, too, is that of the betas of the moment). Groups that `add_param_group` adds are trained too.
    - Every parameter, of any shape, float32 or float64 (each computed to its own precision, the corrections included),
      contiguous or not, has averages and a step count of its own. They are kept in `self.state[p]` under keys of your
      choice. Thus a `state_dict` loaded into a fresh Adam over equal parameters, or back into the same one, continues
      the training as if it had not been interrupted; and a second Adam over the same parameter, into which nothing is
      loaded, starts afresh.
    - A parameter whose grad is None is skipped: neither it nor its averages nor its step count change. Its first step
      may come late, and is then corrected as a first step. A zero gradient is not None: it makes a step.
    - `step` updates the parameters in place, never changes a `.grad`, and keeps no average in a `.grad`'s memory: a
      gradient that is overwritten in place later does not reach the averages.

    Args:
        params: the parameters to train: an iterable of tensors, or of param groups (dicts), as for any torch optimiser.
        lr: the learning rate of the groups that set none, at least 0. Default 1e-3.
        betas: the pair (β₁, β₂) of the groups that set none, each in [0, 1). Default (0.9, 0.999).
        eps: the eps of the groups that set none, at least 0. Default 1e-8.

    Raises:
        ValueError: on construction, when lr or eps is negative, or one of betas is negative, 1 or more. The message
            names the argument: lr, betas or eps.
    """

    def __init__(self, params, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8) -> None:
        raise NotImplementedError("Adam.__init__ is not written yet")

    def step(self, closure=None):
        """Makes one step and returns the closure's loss, or None when there is no closure.

        Args:
            closure: a function that clears the gradients, computes the loss, calls backward and returns the loss. It is
                called once, before the update, with gradients enabled. Default None: the gradients are there already.
        """
        raise NotImplementedError("Adam.step is not written yet")
