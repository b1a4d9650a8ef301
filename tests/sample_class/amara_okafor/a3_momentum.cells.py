# %%
%matplotlib inline
!pip list | grep torch

# %% gd_step
def floats(**named):
    for name, value in named.items():
        if not torch.is_tensor(value) or not value.is_floating_point():
            raise TypeError(f"{name} should be a tensor of floats")


def like_theta(theta, **named):
    for name, value in named.items():
        if value.shape != theta.shape:
            raise ValueError(f"{name} is {tuple(value.shape)}, theta is {tuple(theta.shape)}")


def rates(lr, momentum=0.0):
    if lr < 0:
        raise ValueError(f"lr = {lr} is negative")
    if momentum < 0 or momentum >= 1:
        raise ValueError(f"momentum = {momentum} is not in [0, 1)")


def gd_step(theta: Tensor, grad: Tensor, lr: float) -> Tensor:
    floats(theta=theta, grad=grad)
    like_theta(theta, grad=grad)
    rates(lr)
    return theta - lr * grad

# %% momentum_step
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    floats(theta=theta, grad=grad, movement=movement)
    like_theta(theta, grad=grad, movement=movement)
    rates(lr, momentum)
    movement = momentum * movement - lr * grad
    return theta + movement, movement

# %%
# How far does one push carry the ball? It should be 1 / (1 - momentum) times as far.
theta, m = torch.zeros(1), torch.tensor([1.0])
for _ in range(200):
    theta, m = momentum_step(theta, torch.zeros(1), m, lr=0.1)
print(theta)
plt.plot([0.9**k for k in range(50)])

# %% unroll_movement
def unroll_movement(grads: Tensor, lr: float, momentum: float) -> Tensor:
    floats(grads=grads)
    if grads.ndim == 0:
        raise ValueError("grads needs a first axis: the steps")
    rates(lr, momentum)
    rows = []
    for t in range(len(grads)):
        total = torch.zeros_like(grads[0])
        for i in range(t + 1):
            total = total + momentum ** (t - i) * grads[i]
        rows.append(-lr * total)
    return torch.stack(rows)

# %% trajectory
def trajectory(grad_fn, theta0, lr, momentum, steps):
    floats(theta0=theta0)
    rates(lr, momentum)
    if steps < 0:
        raise ValueError("steps is negative")
    theta, m = theta0.detach().clone(), torch.zeros_like(theta0)
    places = [theta]
    for _ in range(steps):
        theta, m = momentum_step(theta, grad_fn(theta), m, lr, momentum)
        places.append(theta)
    return torch.stack(places)

# %% MomentumSGD
class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr: float, momentum: float = 0.9):
        rates(lr, momentum)
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
                state = self.state[p]
                if "b" not in state:
                    state["b"] = p.grad.clone()
                else:
                    state["b"] = group["momentum"] * state["b"] + p.grad
                p -= group["lr"] * state["b"]
        return loss
