# %% gd_step
def is_float_tensor(**kwargs):
    for k, v in kwargs.items():
        if not (isinstance(v, Tensor) and v.is_floating_point()):
            raise TypeError(f"{k}: expected a floating-point tensor, got {type(v)}")


def same_shape(theta, **kwargs):
    for k, v in kwargs.items():
        if v.shape != theta.shape:
            raise ValueError(f"{k}: expected shape {theta.shape}")


def in_range(lr, momentum=0.0):
    if lr < 0:
        raise ValueError(f"lr: {lr}")
    if not 0.0 <= momentum < 1.0:
        raise ValueError(f"momentum: {momentum}")


def gd_step(theta, grad, lr):
    is_float_tensor(theta=theta, grad=grad)
    same_shape(theta, grad=grad)
    in_range(lr)
    return theta.add(grad, alpha=-lr)

# %% momentum_step
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    is_float_tensor(theta=theta, grad=grad, movement=movement)
    same_shape(theta, grad=grad, movement=movement)
    in_range(lr, momentum)
    step = momentum * movement - lr * grad
    return theta.add(step), step

# %% unroll_movement
def unroll_movement(grads, lr, momentum):
    is_float_tensor(grads=grads)
    in_range(lr, momentum)
    weights = [[momentum ** (t - i) if i <= t else 0.0 for i in range(len(grads))] for t in range(len(grads))
    return -lr * torch.tensordot(torch.tensor(weights, dtype=grads.dtype), grads, dims=1)

# %% trajectory
def trajectory(grad_fn, theta0, lr, momentum, steps):
    is_float_tensor(theta0=theta0)
    in_range(lr, momentum)
    if steps < 0:
        raise ValueError(f"steps: {steps}")
    thetas = theta0.detach().new_empty((steps + 1, *theta0.shape))
    thetas[0] = theta0.detach()
    speed = torch.zeros_like(thetas[0])
    for k in range(steps):
        thetas[k + 1], speed = momentum_step(thetas[k], grad_fn(thetas[k].clone()), speed, lr, momentum)
    return thetas

# %% MomentumSGD
class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        in_range(lr, momentum)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for param in filter(lambda p: p.grad is not None, group["params"]):
                memory = self.state[param]
                memory.setdefault("velocity", torch.zeros_like(param)).mul_(group["momentum"]).add_(param.grad)
                param.sub_(group["lr"] * memory["velocity"])
        return loss
