# %% gd_step
def gd_step(theta, grad, lr):
    if not isinstance(theta, torch.Tensor) or not theta.is_floating_point():
        raise TypeError("theta is not a float tensor")
    if not isinstance(grad, torch.Tensor) or not grad.is_floating_point():
        raise TypeError("grad is not a float tensor")
    if theta.shape != grad.shape:
        raise ValueError("grad and theta differ in shape")
    if lr < 0:
        raise ValueError("lr is negative")
    return theta - lr * grad

# %% momentum_step
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    if not isinstance(movement, torch.Tensor) or not movement.is_floating_point():
        raise TypeError("movement is not a float tensor")
    if not 0 <= momentum < 1:
        raise ValueError("momentum is not in [0, 1)")
    downhill = gd_step(torch.zeros_like(theta), grad, lr)  # checks theta, grad and lr, too
    if movement.shape != theta.shape:
        raise ValueError("movement and theta differ in shape")
    movement = downhill + momentum * movement
    return theta + movement, movement

# %% unroll_movement
def unroll_movement(grads, lr, momentum):
    if not isinstance(grads, torch.Tensor) or not grads.is_floating_point():
        raise TypeError("grads is not a float tensor")
    if grads.ndim == 0:
        raise ValueError("grads has no steps")
    if lr < 0:
        raise ValueError("lr is negative")
    if not 0 <= momentum < 1:
        raise ValueError("momentum is not in [0, 1)")
    flat = grads.reshape(len(grads), -1)
    age = torch.arange(len(grads)).unsqueeze(1) - torch.arange(len(grads)).unsqueeze(0)
    powers = torch.where(age >= 0, torch.tensor(momentum, dtype=torch.float64) ** age.clamp(min=0), 0.0)
    return (-lr * powers.to(grads.dtype) @ flat).reshape(grads.shape)

# %% trajectory
def trajectory(grad_fn, theta0, lr, momentum, steps):
    if not isinstance(theta0, torch.Tensor) or not theta0.is_floating_point():
        raise TypeError("theta0 is not a float tensor")
    if steps < 0:
        raise ValueError("steps is negative")
    if lr < 0:
        raise ValueError("lr is negative")
    if not 0 <= momentum < 1:
        raise ValueError("momentum is not in [0, 1)")
    theta, movement = theta0.detach(), torch.zeros_like(theta0).detach()
    path = [theta]
    for _ in range(steps):
        theta, movement = momentum_step(theta, grad_fn(theta), movement, lr, momentum)
        path += [theta]
    return torch.stack(path)

# %% MomentumSGD
class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        if lr < 0:
            raise ValueError("lr is negative")
        if not 0 <= momentum < 1:
            raise ValueError("momentum is not in [0, 1)")
        super().__init__(params, dict(lr=lr, momentum=momentum))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                key = str(tuple(p.shape))  # a tensor cannot be looked up by value
                buffers = self.state["buffers"]
                if key in buffers:
                    buffers[key] = group["momentum"] * buffers[key] + p.grad
                else:
                    buffers[key] = p.grad.clone()
                p -= group["lr"] * buffers[key]
        return loss
