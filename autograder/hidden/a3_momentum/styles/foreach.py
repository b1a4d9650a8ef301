"""As torch's own optimisers are written: horizontally fused lists of tensors."""

import torch
from torch import Tensor


def _validate(lr, momentum):
    if not lr >= 0.0:
        raise ValueError(f"Invalid lr: {lr}")
    if not 0.0 <= momentum < 1.0:
        raise ValueError(f"Invalid momentum value: {momentum}")


def _tensors(names, tensors):
    for name, tensor in zip(names.split(), tensors, strict=True):
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            raise TypeError(f"{name}: expected a floating point Tensor")
        if tensor.shape != tensors[0].shape:
            raise ValueError(f"{name}: expected shape {tensors[0].shape}, got {tensor.shape}")


def _descend(params, grads, movements, lr, momentum):
    """The lecture's rule on lists of tensors: new parameters and new movements."""
    faded = torch._foreach_mul(movements, momentum)
    new = torch._foreach_sub(faded, torch._foreach_mul(grads, lr))
    return torch._foreach_add(params, new), new


def gd_step(theta, grad, lr):
    _tensors("theta grad", [theta, grad])
    _validate(lr, 0.0)
    return torch._foreach_add([theta], torch._foreach_mul([grad], -lr))[0]


def momentum_step(theta, grad, movement, lr, momentum=0.9):
    _tensors("theta grad movement", [theta, grad, movement])
    _validate(lr, momentum)
    (theta,), (movement,) = _descend([theta], [grad], [movement], lr, momentum)
    return theta, movement


def unroll_movement(grads, lr, momentum):
    _tensors("grads", [grads])
    if not grads.ndim:
        raise ValueError("grads: expected at least one dimension")
    _validate(lr, momentum)
    shares = torch._foreach_mul(list(grads.unbind()), -lr)  # what each gradient adds at its own step
    rows = []
    for t in range(len(shares)):
        terms = torch._foreach_mul(shares[: t + 1], [momentum ** (t - i) for i in range(t + 1)])
        rows.append(torch.stack(terms).sum(0))
    return torch.stack(rows)


def trajectory(grad_fn, theta0, lr, momentum, steps):
    _tensors("theta0", [theta0])
    _validate(lr, momentum)
    if steps < 0:
        raise ValueError(f"Invalid steps: {steps}")
    params, movements = [theta0.detach().clone()], [torch.zeros_like(theta0, requires_grad=False)]
    path = [params[0]]
    for _ in range(steps):
        params, movements = _descend(params, [grad_fn(params[0])], movements, lr, momentum)
        path.extend(params)
    return torch.stack(path)


class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, momentum=0.9):
        _validate(lr, momentum)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            if not params:
                continue
            grads = [p.grad for p in params]
            for p in params:
                if "momentum_buffer" not in self.state[p]:
                    self.state[p]["momentum_buffer"] = torch.zeros_like(p, memory_format=torch.preserve_format)
            buffers = [self.state[p]["momentum_buffer"] for p in params]
            torch._foreach_mul_(buffers, group["momentum"])
            torch._foreach_add_(buffers, grads)
            torch._foreach_add_(params, buffers, alpha=-group["lr"])
        return loss
