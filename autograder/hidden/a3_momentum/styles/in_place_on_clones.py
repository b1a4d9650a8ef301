"""Methods that end in an underscore, on clones; the sum unrolled by Horner's rule; lerp where it fits."""

from itertools import pairwise

import torch


def check(lr, momentum=0.0, /, **tensors):
    shape = None
    for name in tensors:
        tensor = tensors[name]
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(f"{name}?")
        if not torch.is_floating_point(tensor):
            raise TypeError(f"{name}.dtype is {tensor.dtype}")
        shape = tensor.shape if shape is None else shape
        if tensor.shape != shape:
            raise ValueError(f"{name}.shape is {tuple(tensor.shape)}, not {tuple(shape)}")
    if lr < 0:
        raise ValueError("need lr >= 0")
    if not (momentum >= 0 and momentum < 1):
        raise ValueError("need 0 <= momentum < 1")


@torch.no_grad()
def gd_step(theta, grad, lr):
    check(lr, theta=theta, grad=grad)
    return theta.clone().sub_(grad, alpha=lr)


@torch.no_grad()
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    check(lr, momentum, theta=theta, grad=grad, movement=movement)
    new = torch.lerp(torch.zeros_like(movement), movement, momentum).sub_(grad, alpha=lr)
    return theta.clone().add_(new), new


@torch.no_grad()
def unroll_movement(grads, lr, momentum):
    check(lr, momentum, grads=grads)
    if grads.dim() < 1:
        raise ValueError("grads.dim() is 0")
    out = grads.clone()
    for older, newer in pairwise(out):
        newer.add_(older, alpha=momentum)
    return out.mul_(-lr)


@torch.no_grad()
def trajectory(grad_fn, theta0, lr, momentum, steps):
    check(lr, momentum, theta0=theta0)
    if steps < 0:
        raise ValueError("need steps >= 0")
    theta = theta0.clone()
    movement = theta.new_zeros(theta.shape)
    out = theta.new_empty((steps + 1, *theta.shape))
    out[0].copy_(theta)
    for row in out[1:]:
        with torch.enable_grad():
            grad = grad_fn(theta)
        movement.mul_(momentum).sub_(grad, alpha=lr)
        theta.add_(movement)
        row.copy_(theta)
    return out


class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        check(lr, momentum)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    def step(self, closure=None):
        loss = None if closure is None else closure()
        for group in self.param_groups:
            lr, momentum = group["lr"], group["momentum"]
            for p in filter(lambda p: p.grad is not None, group["params"]):
                b = self.state[p].setdefault("b", torch.zeros_like(p.data))
                b.mul_(momentum).add_(p.grad.data)
                p.data.add_(b, alpha=-lr)
        return loss
