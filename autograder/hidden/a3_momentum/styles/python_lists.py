"""Plain Python: lists, loops and numbers, no tensor arithmetic."""

import torch
from torch.optim import Optimizer


def need_floats(name, value):
    if not isinstance(value, torch.Tensor) or not value.dtype.is_floating_point:
        raise TypeError("expected a float tensor for " + name)


def need_rates(lr, momentum=0):
    if lr < 0:
        raise ValueError("lr < 0")
    if momentum < 0 or momentum >= 1:
        raise ValueError("momentum not in [0, 1)")


def numbers(tensor):
    return tensor.detach().reshape(-1).tolist()


def pack(values, like, shape=None):
    return torch.tensor(values, dtype=like.dtype, device=like.device).reshape(like.shape if shape is None else shape)


def gd_step(theta, grad, lr):
    need_floats("theta", theta)
    need_floats("grad", grad)
    if list(theta.shape) != list(grad.shape):
        raise ValueError("grad must look like theta")
    need_rates(lr)
    return pack([t - lr * g for t, g in zip(numbers(theta), numbers(grad), strict=True)], theta)


def momentum_step(theta, grad, movement, lr, momentum=0.9):
    for name, value in [("theta", theta), ("grad", grad), ("movement", movement)]:
        need_floats(name, value)
        if list(value.shape) != list(theta.shape):
            raise ValueError(name + " must look like theta")
    need_rates(lr, momentum)
    new_theta, new_movement = [], []
    for t, g, m in zip(numbers(theta), numbers(grad), numbers(movement), strict=True):
        m = momentum * m - lr * g
        new_movement.append(m)
        new_theta.append(t + m)
    return pack(new_theta, theta), pack(new_movement, theta)


def unroll_movement(grads, lr, momentum):
    need_floats("grads", grads)
    if len(grads.shape) < 1:
        raise ValueError("grads has no steps")
    need_rates(lr, momentum)
    rows = [numbers(row) for row in grads]
    result = []
    for t in range(len(rows)):
        for column in range(len(rows[0])):
            total = 0.0
            for i in range(t + 1):
                total += momentum ** (t - i) * rows[i][column]
            result.append(-lr * total)
    return pack(result, grads)


def trajectory(grad_fn, theta0, lr, momentum, steps):
    need_floats("theta0", theta0)
    need_rates(lr, momentum)
    if steps < 0:
        raise ValueError("steps < 0")
    position = numbers(theta0)
    movement = [0.0] * len(position)
    path = list(position)
    for _ in range(steps):
        slope = numbers(grad_fn(pack(position, theta0)))
        movement = [momentum * m - lr * g for m, g in zip(movement, slope, strict=True)]
        position = [p + m for p, m in zip(position, movement, strict=True)]
        path += position
    return pack(path, theta0, (steps + 1, *theta0.shape))


class MomentumSGD(Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        need_rates(lr, momentum)
        Optimizer.__init__(self, params, {"lr": lr, "momentum": momentum})

    def step(self, closure=None):
        loss = closure() if closure else None
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self._move(p, group["lr"], group["momentum"])
        return loss

    def _move(self, p, lr, momentum):
        grad = numbers(p.grad)
        memory = self.state[p]
        if "seen" in memory:
            grad = [momentum * b + g for b, g in zip(memory["seen"], grad, strict=True)]
        memory["seen"] = grad
        p.copy_(pack([x - lr * b for x, b in zip(numbers(p), memory["seen"], strict=True)], p))
