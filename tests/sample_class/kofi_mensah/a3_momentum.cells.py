# %% gd_step
def check_tensor(name, t):
    if not isinstance(t, torch.Tensor):
        raise TypeError(name + " should be a tensor")
    if not torch.is_floating_point(t):
        raise TypeError(name + " should be float32 or float64")


def check_numbers(lr, momentum=0):
    if lr < 0:
        raise ValueError("lr should be positive or zero")
    if momentum < 0 or momentum >= 1:
        raise ValueError("momentum should be in [0, 1)")


def gd_step(theta, grad, lr):
    check_tensor("theta", theta)
    check_tensor("grad", grad)
    if theta.shape != grad.shape:
        raise ValueError("grad should have the shape of theta")
    check_numbers(lr)
    return theta - grad * lr

# %% momentum_step
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    check_tensor("theta", theta)
    check_tensor("grad", grad)
    check_tensor("movement", movement)
    if theta.shape != grad.shape:
        raise ValueError("grad should have the shape of theta")
    if theta.shape != movement.shape:
        raise ValueError("movement should have the shape of theta")
    check_numbers(lr, momentum)
    movement = movement * momentum - grad * lr
    return theta + movement, movement

# %% unroll_movement
def unroll_movement(grads, lr, momentum):
    check_tensor("grads", grads)
    check_numbers(lr, momentum)
    if grads.dim() == 0:
        raise ValueError("grads should be (T, *)")
    unrolled = [-lr * grads[0]]
    for g in grads[1:]:
        unrolled.append(momentum * unrolled[-1] - lr * g)
    return torch.stack(unrolled)

# %% trajectory
def trajectory(grad_fn, theta0, lr, momentum, steps):
    check_tensor("theta0", theta0)
    check_numbers(lr, momentum)
    theta = theta0.detach()
    movement = torch.zeros_like(theta)
    n = 1
    visited = [theta]
    while n != steps:
        theta, movement = momentum_step(theta, grad_fn(theta), movement, lr, momentum)
        visited.append(theta)
        n = n + 1
    return torch.stack(visited)

# %% MomentumSGD
class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        check_numbers(lr, momentum)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    def step(self, closure=None):
        loss = closure() if closure else None
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    with torch.no_grad():
                        old = self.state[p].get("b")
                        new = p.grad.clone() if old is None else group["momentum"] * old + p.grad
                        self.state[p]["b"] = new
                        p.copy_(p - group["lr"] * new)
        return loss
