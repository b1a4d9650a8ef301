"""A3 · Momentum: the assignment as a module.

Write your code here or in a3_momentum.ipynb, not in both. The notebook tells the story and draws the figures;
`pytest` in this folder runs the visible checks.
"""

import torch
from torch import Tensor


def gd_step(theta: Tensor, grad: Tensor, lr: float) -> Tensor:
    """Returns the parameters after one step of gradient descent.

        θ' = θ − η g

    In the lecture's letters theta is θ, grad is g and lr is η.

    Works for any shape (0-dim too), float32 and float64, contiguous or not, requires_grad or not. Pure: no input is
    modified, its requires_grad flag included; no .grad is left on any tensor; the global random generator is neither
    drawn from nor seeded.

    Args:
        theta: the parameters, a floating-point tensor of any shape (*).
        grad: the gradient of the loss at theta, of theta's shape and dtype.
        lr: the learning rate, at least 0. With 0 theta stays where it is.

    Returns:
        θ', of theta's shape (*), dtype and device.

    Raises:
        ValueError: lr is negative; grad has another shape than theta (nothing is broadcast). The message names the
            argument: lr or grad.
        TypeError: theta or grad is not a tensor, or a tensor of integers. The message names the argument.
    """
    raise NotImplementedError("gd_step is not written yet")


def momentum_step(
    theta: Tensor, grad: Tensor, movement: Tensor, lr: float, momentum: float = 0.9
) -> tuple[Tensor, Tensor]:
    """Returns the parameters and the movement after one step of gradient descent with momentum.

        m' = λ m − η g
        θ' = θ + m'

    In the lecture's letters theta is θ, grad is g, movement is m, lr is η and momentum is λ. The learning rate acts on
    the gradient only, at the moment that the gradient enters the movement. θ moves by the new movement m', so it rolls
    on where the gradient is zero. With momentum 0, or from rest (m = 0), the step is that of gradient descent.

    Works for any shape (0-dim too), float32 and float64, contiguous or not, requires_grad or not. Pure: no input is
    modified, its requires_grad flag included; no .grad is left on any tensor; the global random generator is neither
    drawn from nor seeded.

    Args:
        theta: the parameters, a floating-point tensor of any shape (*).
        grad: the gradient of the loss at theta, of theta's shape and dtype.
        movement: the movement of the previous step, of theta's shape and dtype; zeros before the first step.
        lr: the learning rate, at least 0.
        momentum: the share of the previous movement that is kept, in [0, 1). Default 0.9.

    Returns:
        The pair (θ', m'), each of theta's shape (*), dtype and device.

    Raises:
        ValueError: lr is negative; momentum is negative, 1 or more; grad or movement has another shape than theta
            (nothing is broadcast). The message names the argument: lr, momentum, grad or movement.
        TypeError: theta, grad or movement is not a tensor, or a tensor of integers. The message names the argument.
    """
    raise NotImplementedError("momentum_step is not written yet")


def unroll_movement(grads: Tensor, lr: float, momentum: float) -> Tensor:
    """Returns the movements m_1, ..., m_T as explicit weighted sums of all past gradients.

        m_t = −η (g_t + λ g_{t−1} + λ² g_{t−2} + ... + λ^{t−1} g_1)

    In the lecture's letters grads holds g_1, ..., g_T, lr is η and momentum is λ. These are the movements that
    `momentum_step` makes from rest (m_0 = 0) at a constant learning rate. With momentum 0 only the gradient of the step
    itself counts (λ⁰ = 1). A long history is no danger: the results stay as exact as the dtype allows, for a small
    momentum too.

    Works for any shape (T, *) with T ≥ 1, float32 and float64, contiguous or not, requires_grad or not. Pure: no input
    is modified, its requires_grad flag included; no .grad is left on any tensor; the global random generator is neither
    drawn from nor seeded.

    Args:
        grads: the gradients in the order of the steps, (T, *), floating-point: g_1 is row 0.
        lr: the learning rate of all steps, at least 0.
        momentum: the share of the previous movement that is kept, in [0, 1).

    Returns:
        The movements, (T, *), of the dtype and device of grads: m_1 is row 0.

    Raises:
        ValueError: lr is negative; momentum is negative, 1 or more; grads is 0-dimensional. The message names the
            argument.
        TypeError: grads is not a tensor, or a tensor of integers. The message names grads.
    """
    raise NotImplementedError("unroll_movement is not written yet")


def trajectory(grad_fn, theta0: Tensor, lr: float, momentum: float, steps: int) -> Tensor:
    """Returns the positions that gradient descent with momentum visits, the start included.

        m_0 = 0;   m_t = λ m_{t−1} − η g(θ_{t−1});   θ_t = θ_{t−1} + m_t      for t = 1, ..., steps

    In the lecture's letters grad_fn is g, theta0 is θ_0, lr is η and momentum is λ. It makes exactly that many steps,
    also where the gradient is zero.

    Works for any shape of theta0 (0-dim too), float32 and float64, contiguous or not, requires_grad or not. Pure:
    theta0 is not modified, its requires_grad flag included; no .grad is left on it; the global random generator is
    neither drawn from nor seeded.

    Args:
        grad_fn: the gradient of the loss: called with a tensor of theta0's shape, dtype and device, it returns a new
            one of that shape and dtype.
        theta0: the start, a floating-point tensor of any shape (*).
        lr: the learning rate, at least 0.
        momentum: the share of the previous movement that is kept, in [0, 1).
        steps: the number of steps, at least 0.

    Returns:
        The positions θ_0, ..., θ_steps, (steps + 1, *), of theta0's dtype and device. Row 0 is theta0; with steps 0 it
        is the only row.

    Raises:
        ValueError: lr is negative; momentum is negative, 1 or more; steps is negative. The message names the argument.
        TypeError: theta0 is not a tensor, or a tensor of integers. The message names theta0.
    """
    raise NotImplementedError("trajectory is not written yet")


class MomentumSGD(torch.optim.Optimizer):
    """Gradient descent with momentum as PyTorch defines it (torch.optim.SGD with dampening 0, without Nesterov).

        b ← μ b + g        (at a parameter's first step: b ← g)
        p ← p − lr · b

    b is the momentum buffer of the parameter p, g is p.grad, μ is momentum (the lecture's λ) and lr is the lecture's η.
    The learning rate stays outside the buffer: while lr is constant, −lr · b is the lecture's movement m and both rules
    walk the same path; when lr changes, this rule rescales the whole past and the lecture's does not.

    Source: the documentation of torch.optim.SGD; Sutskever et al. 2013 write the lecture's form.

    - The rates live in the param groups. Each group may have its own lr and momentum; both are read from the group at
      each step, so a changed `group["lr"]` counts at the next step. Groups that `add_param_group` adds are trained too.
    - Every parameter, of any shape, float32 or float64, contiguous or not, has a buffer of its own, kept in
      `self.state[p]` under a key of your choice. Thus a `state_dict` loaded into a fresh MomentumSGD over equal
      parameters continues the training as if it had not been interrupted.
    - A parameter whose grad is None is skipped: neither it nor its buffer changes. Its first step may come late.
    - `step` updates the parameters in place and never changes a `.grad`, and the buffer does not share memory with one:
      a gradient that is overwritten in place later does not reach the buffer.

    Args:
        params: the parameters to train: an iterable of tensors, or of param groups (dicts), as for any torch optimiser.
        lr: the learning rate of the groups that set none, at least 0.
        momentum: the momentum of the groups that set none, in [0, 1). Default 0.9. With 0 it is plain gradient descent.

    Raises:
        ValueError: on construction, when lr is negative, or momentum is negative, 1 or more. The message names the
            argument.
    """

    def __init__(self, params, lr: float, momentum: float = 0.9) -> None:
        raise NotImplementedError("MomentumSGD.__init__ is not written yet")

    def step(self, closure=None):
        """Makes one step and returns the closure's loss, or None when there is no closure.

        Args:
            closure: a function that clears the gradients, computes the loss, calls backward and returns the loss. It is
                called once, before the update, with gradients enabled. Default None: the gradients are there already.
        """
        raise NotImplementedError("MomentumSGD.step is not written yet")
