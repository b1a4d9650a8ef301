"""Functional: recursion and itertools.accumulate; the buffer is replaced at each step, never written into."""

from functools import reduce
from itertools import accumulate

import torch


def floats(name, x):
    match x:
        case torch.Tensor() if x.is_floating_point():
            return x.detach()
        case _:
            raise TypeError(f"{name}: float tensor wanted")


def like(name, x, y):
    if x.shape != y.shape:
        raise ValueError(f"{name}: shape {tuple(y.shape)} wanted")


def rates(lr, momentum=0.0):
    if not lr >= 0:
        raise ValueError("lr: at least 0 wanted")
    if not 0 <= momentum < 1:
        raise ValueError("momentum: [0, 1) wanted")


def gd_step(theta, grad, lr):
    theta, grad = floats("theta", theta), floats("grad", grad)
    like("grad", grad, theta)
    rates(lr)
    return theta + (-lr) * grad


def momentum_step(theta, grad, movement, lr, momentum=0.9):
    theta, grad, movement = floats("theta", theta), floats("grad", grad), floats("movement", movement)
    like("grad", grad, theta)
    like("movement", movement, theta)
    rates(lr, momentum)
    movement = torch.sub(momentum * movement, grad, alpha=lr)
    return theta + movement, movement


def unroll_movement(grads, lr, momentum):
    grads = floats("grads", grads)
    rates(lr, momentum)
    if grads.shape == ():
        raise ValueError("grads: a first axis wanted")
    return torch.stack(list(accumulate(-lr * grads, lambda movement, share: momentum * movement + share)))


def trajectory(grad_fn, theta0, lr, momentum, steps):
    start = floats("theta0", theta0)
    rates(lr, momentum)
    if steps < 0:
        raise ValueError("steps: at least 0 wanted")

    def roll(walked, _):
        theta, movement, path = walked
        movement = momentum * movement - lr * grad_fn(theta)
        return theta + movement, movement, (*path, theta + movement)

    return torch.stack(reduce(roll, range(steps), (start, start.new_zeros(start.shape), (start,)))[2])


class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        rates(lr, momentum)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None if closure is None else torch.enable_grad()(closure)()
        for group in self.param_groups:
            for p in group["params"]:
                match (p.grad, self.state[p].get("buffer")):
                    case (None, _):
                        continue
                    case (grad, None):
                        buffer = grad.detach().clone()
                    case (grad, old):
                        buffer = group["momentum"] * old + grad
                self.state[p]["buffer"] = buffer
                p -= group["lr"] * buffer
        return loss
