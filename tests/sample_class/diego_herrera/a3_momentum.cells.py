# %% gd_step
def gd_step(theta, grad, lr):
    validar(theta=theta, grad=grad)
    tasas(lr)
    return theta + (-lr) * grad


def validar(theta, **otros):
    if not isinstance(theta, Tensor) or not theta.dtype.is_floating_point:
        raise TypeError("theta: a tensor of floats is needed")
    for nombre, t in otros.items():
        if not isinstance(t, Tensor) or not t.dtype.is_floating_point:
            raise TypeError(f"{nombre}: a tensor of floats is needed")
        if t.size() != theta.size():
            raise ValueError(f"{nombre}: not of the shape of theta")


def tasas(lr, momentum=0.5):
    if lr < 0:
        raise ValueError("lr < 0")
    if momentum < 0 or momentum >= 1:
        raise ValueError("momentum not in [0, 1)")

# %% momentum_step
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    validar(theta, grad=grad, movement=movement)
    tasas(lr, momentum)
    nuevo = movement.mul(momentum).sub(grad, alpha=lr)
    return theta + nuevo, nuevo

# %% unroll_movement
def unroll_movement(grads, lr, momentum):
    if not isinstance(grads, Tensor) or not grads.dtype.is_floating_point:
        raise TypeError("grads: a tensor of floats is needed")
    if grads.dim() < 1:
        raise ValueError("grads: no time axis")
    tasas(lr, momentum)
    T = grads.shape[0]
    m = torch.zeros_like(grads)
    for t in range(T):
        for i in range(t + 1):
            # the gradient of step i has faded t - i + 1 times
            m[t] += -lr * momentum ** (t - i + 1) * grads[i]
    return m

# %% trajectory
def trajectory(grad_fn, theta0, lr, momentum, steps):
    validar(theta0) if isinstance(theta0, Tensor) and theta0.is_floating_point() else no_es_tensor()
    tasas(lr, momentum)
    if steps < 0:
        raise ValueError("steps < 0")
    puntos = [theta0.detach().clone()]
    m = torch.zeros_like(puntos[0])
    while len(puntos) < steps + 1:
        m = momentum * m - lr * grad_fn(puntos[-1])
        puntos.append(puntos[-1] + m)
    return torch.stack(puntos)


def no_es_tensor():
    raise TypeError("theta0: a tensor of floats is needed")

# %% MomentumSGD
class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        tasas(lr, momentum)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                estado = self.state[p]
                if "m" not in estado:
                    estado["m"] = torch.zeros_like(p)
                estado["m"] = group["momentum"] * estado["m"] - group["lr"] * p.grad
                p.add_(estado["m"])
        return loss
