"""Functional: every rule is a memory and a direction; nothing is written into."""

from functools import partial, reduce
from operator import add

import torch


def floats(names, *tensors):
    for name, x in zip(names.split(), tensors, strict=True):
        match x:
            case torch.Tensor() if x.is_floating_point():
                pass
            case _:
                raise TypeError(f"{name}: float tensor wanted")
    for name, x in zip(names.split(), tensors, strict=True):
        if x.shape != tensors[0].shape:
            raise ValueError(f"{name}: shape {tuple(tensors[0].shape)} wanted")
    return [x.detach() for x in tensors]


def at_least(low, **settings):
    for name, value in settings.items():
        if not value >= low:
            raise ValueError(f"{name}: at least {low} wanted")


def share(name, *values):
    if not all(0 <= value < 1 for value in values):
        raise ValueError(f"{name}: [0, 1) wanted")


def ema(keep, old, new):
    """An exponential moving average."""
    return torch.lerp(new, old, keep)


def unbias(keep, step, average):
    return average / (1 - keep**step)


def descend(theta, lr, eps, direction, square):
    return torch.addcdiv(theta, direction, square.sqrt() + eps, value=-lr)


def root_mean_square(grads):
    (grads,) = floats("grads", grads)
    if grads.shape == () or not grads.shape[0]:
        raise ValueError("grads: a first axis of steps wanted")
    return (reduce(add, [g * g for g in grads]) / len(grads)) ** 0.5


def adagrad_step(theta, grad, sum_sq, lr, eps=1e-10):
    theta, grad, sum_sq = floats("theta grad sum_sq", theta, grad, sum_sq)
    at_least(0, lr=lr, eps=eps)
    sum_sq = torch.addcmul(sum_sq, grad, grad)
    return descend(theta, lr, eps, grad, sum_sq), sum_sq


def rmsprop_step(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    theta, grad, square_avg = floats("theta grad square_avg", theta, grad, square_avg)
    at_least(0, lr=lr, eps=eps)
    share("alpha", alpha)
    square_avg = ema(alpha, square_avg, grad * grad)
    return descend(theta, lr, eps, grad, square_avg), square_avg


def adam_step(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    theta, grad, m, v = floats("theta grad exp_avg exp_avg_sq", theta, grad, exp_avg, exp_avg_sq)
    at_least(0, lr=lr, eps=eps)
    at_least(1, step=step)
    share("betas", *betas)
    m, v = ema(betas[0], m, grad), ema(betas[1], v, grad * grad)
    m_hat, v_hat = (unbias(beta, step, average) for beta, average in zip(betas, (m, v), strict=True))
    return descend(theta, lr, eps, m_hat, v_hat), m, v


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        at_least(0, lr=lr, eps=eps)
        share("betas", *betas)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None if closure is None else torch.enable_grad()(closure)()
        for group in self.param_groups:
            rule = partial(adam_step, lr=group["lr"], betas=group["betas"], eps=group["eps"])
            for p in group["params"]:
                if p.grad is not None:
                    steps, m, v = self.state[p].get("memory", (0, torch.zeros_like(p), torch.zeros_like(p)))
                    new, m, v = rule(p, p.grad, m, v, steps + 1)
                    self.state[p]["memory"] = (steps + 1, m, v)
                    p.copy_(new)
        return loss
