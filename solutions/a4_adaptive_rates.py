"""Adaptive learning rates: root mean square, Adagrad, RMSProp and Adam as functions, Adam as an optimiser class."""

import torch
from torch import Tensor

__all__ = ["Adam", "adagrad_step", "adam_step", "rmsprop_step", "root_mean_square"]


def _check_float_tensors(**tensors: object) -> None:
    """Raises TypeError, by name, for the first argument that is not a floating-point tensor."""
    for name, value in tensors.items():
        if not isinstance(value, Tensor):
            raise TypeError(f"{name} must be a torch.Tensor, got {type(value).__name__}")
        if not value.is_floating_point():
            raise TypeError(f"{name} must hold floats, got {value.dtype}; convert it with {name}.float()")


def _check_same_shape(theta: Tensor, **tensors: Tensor) -> None:
    """Raises ValueError, by name, for the first tensor whose shape is not theta's."""
    for name, value in tensors.items():
        if value.shape != theta.shape:
            raise ValueError(f"{name} must have theta's shape {tuple(theta.shape)}, got {tuple(value.shape)}")


def _check_not_negative(**settings: float) -> None:
    """Raises ValueError, by name, for the first setting that is below 0."""
    for name, value in settings.items():
        if not value >= 0:
            raise ValueError(f"{name} must be at least 0, got {value}")


def _check_shares(name: str, *shares: float) -> None:
    """Raises ValueError, by name, where a share that is kept lies outside [0, 1)."""
    for share in shares:
        if not 0 <= share < 1:
            raise ValueError(f"{name} must be at least 0 and less than 1, got {share}")


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
    _check_float_tensors(grads=grads)
    if grads.dim() == 0 or len(grads) == 0:
        raise ValueError(f"grads must hold one gradient or more along its first dimension, got {tuple(grads.shape)}")
    return grads.square().mean(dim=0).sqrt()


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
    _check_float_tensors(theta=theta, grad=grad, sum_sq=sum_sq)
    _check_same_shape(theta, grad=grad, sum_sq=sum_sq)
    _check_not_negative(lr=lr, eps=eps)
    new_sum_sq = sum_sq + grad**2
    return theta - lr * grad / (new_sum_sq.sqrt() + eps), new_sum_sq


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
    _check_float_tensors(theta=theta, grad=grad, square_avg=square_avg)
    _check_same_shape(theta, grad=grad, square_avg=square_avg)
    _check_not_negative(lr=lr, eps=eps)
    _check_shares("alpha", alpha)
    new_square_avg = alpha * square_avg + (1 - alpha) * grad**2
    return theta - lr * grad / (new_square_avg.sqrt() + eps), new_square_avg


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
    _check_float_tensors(theta=theta, grad=grad, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)
    _check_same_shape(theta, grad=grad, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)
    _check_not_negative(lr=lr, eps=eps)
    _check_shares("betas", *betas)
    if step < 1:
        raise ValueError(f"step must be at least 1, got {step}; the first update has number 1")
    beta1, beta2 = betas
    new_exp_avg = beta1 * exp_avg + (1 - beta1) * grad
    new_exp_avg_sq = beta2 * exp_avg_sq + (1 - beta2) * grad**2
    mean = new_exp_avg / (1 - beta1**step)
    mean_sq = new_exp_avg_sq / (1 - beta2**step)
    return theta - lr * mean / (mean_sq.sqrt() + eps), new_exp_avg, new_exp_avg_sq


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
        _check_not_negative(lr=lr, eps=eps)
        _check_shares("betas", *betas)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, closure=None):
        """Makes one step and returns the closure's loss, or None when there is no closure.

        Args:
            closure: a function that clears the gradients, computes the loss, calls backward and returns the loss. It is
                called once, before the update, with gradients enabled. Default None: the gradients are there already.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            settings = {name: group[name] for name in ("lr", "betas", "eps")}
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state.update(step=0, exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p))
                state["step"] += 1
                moved, state["exp_avg"], state["exp_avg_sq"] = adam_step(
                    p, p.grad, state["exp_avg"], state["exp_avg_sq"], state["step"], **settings
                )
                p.copy_(moved)
        return loss
