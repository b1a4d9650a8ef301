"""No loop where linear algebra will do: powers of the shift matrix, einsum, one preallocated path."""

import torch


def _ensure(condition, error, message):
    if not condition:
        raise error(message)


def _ensure_float(**named):
    for name, x in named.items():
        _ensure(isinstance(x, torch.Tensor), TypeError, f"`{name}` should be a tensor")
        _ensure(x.is_floating_point(), TypeError, f"`{name}` should be floating point")


def _ensure_rates(lr, momentum):
    _ensure(lr >= 0, ValueError, f"`lr` should be non-negative: {lr}")
    _ensure(0 <= momentum < 1, ValueError, f"`momentum` should be in [0, 1): {momentum}")


def gd_step(theta, grad, lr):
    _ensure_float(theta=theta, grad=grad)
    _ensure(theta.shape == grad.shape, ValueError, "`theta` and `grad` should have one shape")
    _ensure_rates(lr, 0)
    return torch.add(theta, grad, alpha=-lr)


def momentum_step(theta, grad, movement, lr, momentum=0.9):
    _ensure_float(theta=theta, grad=grad, movement=movement)
    _ensure(theta.shape == grad.shape, ValueError, "`theta` and `grad` should have one shape")
    _ensure(theta.shape == movement.shape, ValueError, "`theta` and `movement` should have one shape")
    _ensure_rates(lr, momentum)
    rates = torch.tensor([momentum, -lr], dtype=theta.dtype, device=theta.device)
    new = torch.einsum("k,k...->...", rates, torch.stack([movement, grad]))
    return theta + new, new


def unroll_movement(grads, lr, momentum):
    _ensure_float(grads=grads)
    _ensure(grads.ndim >= 1, ValueError, "`grads` should have a first axis of steps")
    _ensure_rates(lr, momentum)
    size = grads.shape[0]
    shift = torch.diag(torch.full((size - 1,), momentum, dtype=grads.dtype, device=grads.device), -1)
    weights = sum(torch.linalg.matrix_power(shift, k) for k in range(size))
    return -lr * torch.einsum("ti,i...->t...", weights, grads)


def trajectory(grad_fn, theta0, lr, momentum, steps):
    _ensure_float(theta0=theta0)
    _ensure_rates(lr, momentum)
    _ensure(steps >= 0, ValueError, "`steps` should not be negative")
    path = theta0.detach().expand(steps + 1, *theta0.shape).clone()
    previous = path[0]
    for t in range(steps):
        # The movement is the difference of the last two positions.
        path[t + 1] = path[t] + momentum * (path[t] - previous) - lr * grad_fn(path[t].clone())
        previous = path[t]
    return path


class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        _ensure_rates(lr, momentum)
        super().__init__(params, defaults={"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        if closure is None:
            loss = None
        else:
            with torch.enable_grad():
                loss = closure()
        active = [(p, group) for group in self.param_groups for p in group["params"] if p.grad is not None]
        for p, group in active:
            pair = torch.stack([self.state[p].get("velocity", torch.zeros_like(p)), p.grad])
            rates = torch.tensor([group["momentum"], 1.0], dtype=p.dtype, device=p.device)
            self.state[p]["velocity"] = torch.einsum("k,k...->...", rates, pair)
            p.add_(self.state[p]["velocity"], alpha=-group["lr"])
        return loss
