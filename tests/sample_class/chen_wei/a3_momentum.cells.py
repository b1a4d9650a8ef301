# %% gd_step
def check(theta, lr, momentum=0.0, **others):
    for name, t in {"theta": theta, **others}.items():
        if not isinstance(t, Tensor) or not t.is_floating_point():
            raise TypeError(name + " must be a float tensor")
        if t.shape != theta.shape:
            raise ValueError(name + " has the wrong shape")
    if lr < 0:
        raise ValueError("lr must not be negative")
    if not 0 <= momentum < 1:
        raise ValueError("momentum must be in [0, 1)")


def gd_step(theta, grad, lr):
    check(theta, lr, grad=grad)
    return torch.sub(theta, grad, alpha=lr)

# %% momentum_step
# As in torch.optim.SGD: collect the gradients first, multiply by lr when moving.
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    check(theta, lr, momentum, grad=grad, movement=movement)
    movement = momentum * movement + grad
    return theta - lr * movement, movement

# %% unroll_movement
def unroll_movement(grads, lr, momentum):
    if not isinstance(grads, Tensor) or not grads.is_floating_point():
        raise TypeError("grads must be a float tensor")
    if grads.ndim == 0:
        raise ValueError("grads must have a time axis")
    check(grads, lr, momentum)
    m = torch.zeros_like(grads[0])
    out = []
    for g in grads:
        m = momentum * m - lr * g
        out.append(m)
    return torch.stack(out)

# %% trajectory
def trajectory(grad_fn, theta0, lr, momentum, steps):
    if not isinstance(theta0, Tensor) or not theta0.is_floating_point():
        raise TypeError("theta0 must be a float tensor")
    check(theta0, lr, momentum)
    if steps < 0:
        raise ValueError("steps must not be negative")
    theta = theta0.detach().clone()
    m = torch.zeros_like(theta)
    path = torch.empty(steps + 1, *theta.shape, dtype=theta.dtype, device=theta.device)
    path[0] = theta
    for t in range(1, steps + 1):
        m = momentum * m - lr * grad_fn(theta)
        theta = theta + m
        path[t] = theta
    return path

# %% MomentumSGD
class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        if lr < 0:
            raise ValueError("lr must not be negative")
        if not 0 <= momentum < 1:
            raise ValueError("momentum must be in [0, 1)")
        super().__init__(params, {"lr": lr, "momentum": momentum})

    def step(self, closure=None):
        loss = None if closure is None else closure()
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        s = self.state[p]
                        s["buf"] = p.grad.clone() if "buf" not in s else group["momentum"] * s["buf"] + p.grad
                        p.sub_(s["buf"], alpha=group["lr"])
        return loss
