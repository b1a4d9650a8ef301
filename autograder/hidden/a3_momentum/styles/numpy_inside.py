"""NumPy inside, torch at the borders."""

import numpy as np
import torch


def _array(value, name):
    if not torch.is_tensor(value):
        raise TypeError(f"{name} is a {type(value).__name__}, need a tensor")
    if value.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"{name} has dtype {value.dtype}, need floats")
    return value.detach().cpu().numpy()


def _tensor(array, like):
    return torch.as_tensor(np.asarray(array, dtype=like.detach().numpy().dtype), device=like.device)


def _hyper(lr, momentum=0.5):
    if lr < 0:
        raise ValueError(f"negative lr: {lr}")
    if momentum < 0 or momentum >= 1:
        raise ValueError(f"momentum={momentum} is outside [0, 1)")


def gd_step(theta, grad, lr):
    th, g = _array(theta, "theta"), _array(grad, "grad")
    _hyper(lr)
    if th.shape != g.shape:
        raise ValueError(f"shape of grad {g.shape} is not {th.shape}")
    return _tensor(np.subtract(th, np.multiply(g, lr)), theta)


def momentum_step(theta, grad, movement, lr, momentum=0.9):
    th, g, m = _array(theta, "theta"), _array(grad, "grad"), _array(movement, "movement")
    _hyper(lr, momentum)
    if g.shape != th.shape:
        raise ValueError("grad and theta differ in shape")
    if m.shape != th.shape:
        raise ValueError("movement and theta differ in shape")
    m = np.multiply(m, momentum) - np.multiply(g, lr)
    return _tensor(th + m, theta), _tensor(m, theta)


def unroll_movement(grads, lr, momentum):
    g = _array(grads, "grads")
    _hyper(lr, momentum)
    if g.ndim == 0:
        raise ValueError("grads needs a time axis")
    out = np.zeros_like(g)
    for t in range(g.shape[0]):
        weights = np.power(momentum, np.arange(t, -1, -1, dtype=np.float64)).astype(g.dtype)
        out[t] = -lr * np.tensordot(weights, g[: t + 1], axes=(0, 0))
    return _tensor(out, grads)


def trajectory(grad_fn, theta0, lr, momentum, steps):
    theta = _array(theta0, "theta0").copy()
    _hyper(lr, momentum)
    if steps < 0:
        raise ValueError("steps is negative")
    rows = np.empty((steps + 1, *theta.shape), dtype=theta.dtype)
    rows[0], movement = theta, np.zeros_like(theta)
    for t in range(steps):
        grad = grad_fn(_tensor(rows[t].copy(), theta0)).detach().numpy()
        movement = np.asarray(momentum * movement - lr * grad, dtype=theta.dtype)
        rows[t + 1] = rows[t] + movement
    return _tensor(rows, theta0)


class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        _hyper(lr, momentum)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    def step(self, closure=None):
        loss = None
        if closure is not None:
            loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                grad = p.grad.detach().numpy()
                old = self.state[p].get("b")
                b = grad.copy() if old is None else group["momentum"] * old.numpy() + grad
                self.state[p]["b"] = torch.as_tensor(np.asarray(b, dtype=grad.dtype))
                p.data.copy_(torch.as_tensor(np.asarray(p.detach().numpy() - group["lr"] * b)))
        return loss
