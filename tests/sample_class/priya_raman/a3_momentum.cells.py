# %% gd_step
def gd_step(theta, grad, lr):
    theta, _ = momentum_step(theta, grad, torch.zeros_like(theta), lr, 0.0)
    return theta

# %% momentum_step
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    tensors = dict(theta=theta, grad=grad, movement=movement)
    wrong = [k for k, t in tensors.items() if not torch.is_tensor(t) or not t.is_floating_point()]
    if wrong:
        raise TypeError(", ".join(wrong) + " must be float tensors")
    wrong = [k for k, t in tensors.items() if t.shape != theta.shape]
    if wrong:
        raise ValueError(", ".join(wrong) + " must have theta's shape")
    if lr < 0:
        raise ValueError("lr must be >= 0")
    if not 0 <= momentum < 1:
        raise ValueError("momentum must be >= 0 and < 1")
    movement = torch.mul(movement, momentum) - torch.mul(grad, lr)
    return torch.add(theta, movement), movement

# %% unroll_movement
def unroll_movement(grads, lr, momentum):
    if not torch.is_tensor(grads) or not grads.is_floating_point():
        raise TypeError("grads must be a float tensor")
    if grads.ndim == 0:
        raise ValueError("grads must be (T, *)")
    theta = movement = torch.zeros_like(grads[0])
    movements = []
    for grad in grads:
        theta, movement = momentum_step(theta, grad, movement, lr, momentum)
        movements.append(movement)
    return torch.stack(movements)

# %% trajectory
def trajectory(grad_fn, theta0, lr, momentum, steps):
    if not torch.is_tensor(theta0) or not theta0.is_floating_point():
        raise TypeError("theta0 must be a float tensor")
    if steps < 0:
        raise ValueError("steps must be >= 0")
    path = [theta0.detach()]
    if steps == 0:
        momentum_step(path[0], path[0], path[0], lr, momentum)  # for its checks of lr and momentum
    for _ in range(steps):
        theta, movement = momentum_step(path[-1], grad_fn(path[-1]), torch.zeros_like(path[-1]), lr, momentum)
        path.append(theta)
    return torch.stack(path)

# %% MomentumSGD
class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        if lr < 0:
            raise ValueError("lr must be >= 0")
        if not 0 <= momentum < 1:
            raise ValueError("momentum must be >= 0 and < 1")
        super().__init__(params, dict(lr=lr, momentum=momentum))

    def step(self, closure=None):
        loss = None
        if closure is not None:
            loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                b = self.state[p].get("b")
                b = p.grad.detach().clone() if b is None else group["momentum"] * b + p.grad.detach()
                self.state[p]["b"] = b
                p.data -= group["lr"] * b
        return loss
