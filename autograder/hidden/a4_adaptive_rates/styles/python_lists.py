"""Plain Python: lists, loops and numbers, no tensor arithmetic."""

import math

import torch
from torch.optim import Optimizer


def need_floats(**named):
    for name, value in named.items():
        if not isinstance(value, torch.Tensor) or not value.dtype.is_floating_point:
            raise TypeError("expected a float tensor for " + name)


def need_shape(shape, **named):
    for name, value in named.items():
        if list(value.shape) != list(shape):
            raise ValueError(name + " must look like theta")


def need_settings(lr, eps):
    if lr < 0:
        raise ValueError("lr < 0")
    if eps < 0:
        raise ValueError("eps < 0")


def need_betas(betas):
    if min(betas) < 0 or max(betas) >= 1:
        raise ValueError("betas not in [0, 1)")


def numbers(tensor):
    return tensor.detach().reshape(-1).tolist()


def pack(values, like, shape=None):
    return torch.tensor(values, dtype=like.dtype, device=like.device).reshape(like.shape if shape is None else shape)


def divided(a, b):
    """a / b as tensors divide: 0 / 0 is NaN."""
    return a / b if b else math.nan if a == 0 else math.copysign(math.inf, a)


def root_mean_square(grads):
    need_floats(grads=grads)
    if len(grads.shape) < 1 or grads.shape[0] < 1:
        raise ValueError("grads has no steps")
    rows = [numbers(row) for row in grads]
    result = []
    for column in range(len(rows[0])):
        total = 0.0
        for row in rows:
            total += row[column] * row[column]
        result.append(math.sqrt(total / len(rows)))
    return pack(result, grads, grads.shape[1:])


def adagrad_step(theta, grad, sum_sq, lr, eps=1e-10):
    need_floats(theta=theta, grad=grad, sum_sq=sum_sq)
    need_shape(theta.shape, grad=grad, sum_sq=sum_sq)
    need_settings(lr, eps)
    new_theta, new_sum = [], []
    for t, g, s in zip(numbers(theta), numbers(grad), numbers(sum_sq), strict=True):
        s += g * g
        new_sum.append(s)
        new_theta.append(t - divided(lr * g, math.sqrt(s) + eps))
    return pack(new_theta, theta), pack(new_sum, theta)


def rmsprop_step(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    need_floats(theta=theta, grad=grad, square_avg=square_avg)
    need_shape(theta.shape, grad=grad, square_avg=square_avg)
    need_settings(lr, eps)
    if alpha < 0 or alpha >= 1:
        raise ValueError("alpha not in [0, 1)")
    new_theta, new_avg = [], []
    for t, g, v in zip(numbers(theta), numbers(grad), numbers(square_avg), strict=True):
        v = alpha * v + (1 - alpha) * g**2
        new_avg.append(v)
        new_theta.append(t - divided(lr * g, math.sqrt(v) + eps))
    return pack(new_theta, theta), pack(new_avg, theta)


def adam_numbers(theta, grad, mean, mean_sq, step, lr, betas, eps):
    new_theta, new_mean, new_mean_sq = [], [], []
    for t, g, m, v in zip(theta, grad, mean, mean_sq, strict=True):
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g * g
        m_hat = m / (1 - betas[0] ** step)
        v_hat = v / (1 - betas[1] ** step)
        new_theta.append(t - divided(lr * m_hat, math.sqrt(v_hat) + eps))
        new_mean.append(m)
        new_mean_sq.append(v)
    return new_theta, new_mean, new_mean_sq


def adam_step(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    need_floats(theta=theta, grad=grad, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)
    need_shape(theta.shape, grad=grad, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)
    need_settings(lr, eps)
    need_betas(betas)
    if step < 1:
        raise ValueError("step < 1")
    lists = [numbers(x) for x in (theta, grad, exp_avg, exp_avg_sq)]
    return tuple(pack(values, theta) for values in adam_numbers(*lists, step, lr, betas, eps))


class Adam(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        need_settings(lr, eps)
        need_betas(betas)
        Optimizer.__init__(self, params, {"lr": lr, "betas": betas, "eps": eps})

    def step(self, closure=None):
        loss = closure() if closure else None
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self._move(p, group["lr"], group["betas"], group["eps"])
        return loss

    def _move(self, p, lr, betas, eps):
        memory = self.state[p]
        if "steps" not in memory:
            memory["steps"] = 0
            memory["mean"] = [0.0] * p.numel()
            memory["mean_sq"] = [0.0] * p.numel()
        memory["steps"] += 1
        lists = numbers(p), numbers(p.grad), memory["mean"], memory["mean_sq"]
        moved, memory["mean"], memory["mean_sq"] = adam_numbers(*lists, memory["steps"], lr, betas, eps)
        p.copy_(pack(moved, p))
