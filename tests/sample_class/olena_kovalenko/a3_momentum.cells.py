# %% gd_step
def перевірити(theta, **інші):
    for name, tensor in {"theta": theta, **інші}.items():
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            raise TypeError(f"{name} is not a float tensor")
        if tensor.shape != theta.shape:
            raise ValueError(f"{name} has another shape than theta")


def межі(lr, momentum=0.0):
    if lr < 0:
        raise ValueError("lr is below 0")
    if not 0 <= momentum < 1:
        raise ValueError("momentum is outside [0, 1)")


def gd_step(theta, grad, lr):
    перевірити(theta, grad=grad)
    межі(lr)
    with torch.no_grad():
        theta -= lr * grad
    return theta

# %% momentum_step
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    перевірити(theta, grad=grad, movement=movement)
    межі(lr, momentum)
    m = torch.lerp(-lr * grad, movement - lr * grad, momentum)
    return theta + m, m

# %% unroll_movement
def unroll_movement(grads, lr, momentum):
    if not isinstance(grads, Tensor) or not grads.is_floating_point():
        raise TypeError("grads is not a float tensor")
    if grads.ndim < 1:
        raise ValueError("grads has no steps")
    межі(lr, momentum)
    m, rows = torch.zeros_like(grads[:1]), []
    for g in grads.split(1):
        m = momentum * m - lr * g
        rows.append(m)
    return torch.cat(rows)

# %% trajectory
def trajectory(grad_fn, theta0, lr, momentum, steps):
    if not isinstance(theta0, Tensor) or not theta0.is_floating_point():
        raise TypeError("theta0 is not a float tensor")
    межі(lr, momentum)
    if steps < 0:
        raise ValueError("steps is below 0")
    theta, m, rows = theta0.detach(), torch.zeros_like(theta0), [theta0.detach()]
    for _ in range(steps):
        theta, m = momentum_step(theta, grad_fn(theta), m, lr, momentum)
        rows.append(theta)
    return torch.stack(rows)

# %% MomentumSGD
class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        межі(lr, momentum)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        with torch.enable_grad():
            loss = closure() if closure is not None else None
        for group in self.param_groups:
            lr, momentum = group["lr"], group["momentum"]
            for p in group["params"]:
                if p.grad is not None:
                    b = self.state[p]["b"] * momentum + p.grad if self.state[p] else p.grad.clone()
                    self.state[p]["b"] = b
                    p.add_(b, alpha=-lr)
        return loss
