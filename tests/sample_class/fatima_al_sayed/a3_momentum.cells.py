# %% gd_step
def gd_step(theta, grad, lr):
    if lr < 0:
        raise ValueError(f"lr must not be negative: {lr}")
    if grad.shape != theta.shape:
        raise ValueError(f"grad has shape {grad.shape}")
    return theta - lr * grad

# %% momentum_step
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    if lr < 0:
        raise ValueError(f"lr must not be negative: {lr}")
    if momentum < 0 or momentum >= 1:
        raise ValueError(f"momentum out of range: {momentum}")
    new = momentum * movement - lr * grad
    return theta + new, new

# %% unroll_movement
def unroll_movement(grads, lr, momentum):
    movements = torch.zeros_like(grads)
    for t in range(len(grads)):
        movements[t] = -lr * grads[t]
        if t > 0:
            movements[t] += momentum * movements[t - 1]
    return movements

# %% trajectory
def trajectory(grad_fn, theta0, lr, momentum, steps):
    theta = theta0.clone()
    movement = torch.zeros_like(theta)
    visited = [theta]
    # TODO: the loop
    raise NotImplementedError("tomorrow")
