"""Methods that end in an underscore, on clones; norm for the root mean square; .data in the class."""

import torch


def check(lr=0, eps=0, betas=(), alpha=0, step=1, **tensors):
    shape = None
    for name in tensors:
        tensor = tensors[name]
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(f"{name}?")
        if not torch.is_floating_point(tensor):
            raise TypeError(f"{name}.dtype is {tensor.dtype}")
        shape = tensor.shape if shape is None else shape
        if tensor.shape != shape:
            raise ValueError(f"{name}.shape is {tuple(tensor.shape)}, not {tuple(shape)}")
    if lr < 0:
        raise ValueError("need lr >= 0")
    if eps < 0:
        raise ValueError("need eps >= 0")
    if not (alpha >= 0 and alpha < 1):
        raise ValueError("need 0 <= alpha < 1")
    if not all(beta >= 0 and beta < 1 for beta in betas):
        raise ValueError("need 0 <= betas < 1")
    if step < 1:
        raise ValueError("need step >= 1")


@torch.no_grad()
def root_mean_square(grads):
    check(grads=grads)
    if grads.dim() < 1 or grads.size(0) < 1:
        raise ValueError("grads is empty")
    return torch.linalg.vector_norm(grads, dim=0).div_(grads.size(0) ** 0.5)


@torch.no_grad()
def adagrad_step(theta, grad, sum_sq, lr, eps=1e-10):
    check(lr, eps, theta=theta, grad=grad, sum_sq=sum_sq)
    new = sum_sq.clone().addcmul_(grad, grad)
    return theta.clone().addcdiv_(grad, new.sqrt().add_(eps), value=-lr), new


@torch.no_grad()
def rmsprop_step(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    check(lr, eps, alpha=alpha, theta=theta, grad=grad, square_avg=square_avg)
    new = square_avg.clone().mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
    return theta.clone().addcdiv_(grad, new.sqrt().add_(eps), value=-lr), new


@torch.no_grad()
def adam_step(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    check(lr, eps, betas, step=step, theta=theta, grad=grad, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)
    mean = exp_avg.clone().mul_(betas[0]).add_(grad, alpha=1 - betas[0])
    mean_sq = exp_avg_sq.clone().mul_(betas[1]).addcmul_(grad, grad, value=1 - betas[1])
    below = mean_sq.div(1 - betas[1] ** step).sqrt_().add_(eps)
    return theta.clone().sub_(mean.div(1 - betas[0] ** step).div_(below), alpha=lr), mean, mean_sq


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        check(lr, eps, betas)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    def step(self, closure=None):
        loss = None if closure is None else closure()
        for group in self.param_groups:
            (beta1, beta2), lr, eps = group["betas"], group["lr"], group["eps"]
            for p in filter(lambda p: p.grad is not None, group["params"]):
                state, grad = self.state[p], p.grad.data
                m = state.setdefault("m", torch.zeros_like(p.data))
                v = state.setdefault("v", torch.zeros_like(p.data))
                t = state["t"] = state.get("t", 0) + 1
                m.mul_(beta1).add_(grad, alpha=1 - beta1)
                v.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                p.data.addcdiv_(m / (1 - beta1**t), (v / (1 - beta2**t)).sqrt_().add_(eps), value=-lr)
        return loss
