# %% gd_step
from torch.optim import SGD


def one_step(theta, grad, lr, momentum=0.0, buffer=None):
    for name, value in (("theta", theta), ("grad", grad)):
        if not isinstance(value, Tensor) or not value.is_floating_point():
            raise TypeError(f"{name} must be a tensor of floats")
    if theta.shape != grad.shape:
        raise ValueError("grad must have the shape of theta")
    if lr < 0:
        raise ValueError("lr must be at least 0")
    return theta - lr * grad


def gd_step(theta, grad, lr):
    return one_step(theta, grad, lr)

# %% momentum_step
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    if not isinstance(movement, Tensor) or not movement.is_floating_point():
        raise TypeError("movement must be a tensor of floats")
    if theta.shape != movement.shape:
        raise ValueError("movement must have the shape of theta")
    if not 0 <= momentum < 1:
        raise ValueError("momentum must be in [0, 1)")
    m = one_step(momentum * movement, grad, lr)
    return theta + m, m

# %% unroll_movement
def unroll_movement(grads, lr, momentum):
    return torch.stack([-lr * sum(momentum ** (t - i) * grads[i] for i in range(t + 1)) for t in range(len(grads))])

# %% MomentumSGD
class MomentumSGD(SGD):
    def __init__(self, params, lr, momentum=0.9):
        super().__init__(params, lr=lr, momentum=momentum)
