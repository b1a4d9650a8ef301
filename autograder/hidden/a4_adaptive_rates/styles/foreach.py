"""As torch's own optimisers are written: horizontally fused lists of tensors, the rate corrected instead of the averages."""

import torch
from torch import Tensor


def _tensors(names, tensors):
    for name, tensor in zip(names.split(), tensors, strict=True):
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            raise TypeError(f"{name}: expected a floating point Tensor")
        if tensor.shape != tensors[0].shape:
            raise ValueError(f"{name}: expected shape {tensors[0].shape}, got {tensor.shape}")


def _settings(lr=0.0, betas=(), eps=0.0, alpha=0.0, step=1):
    if not lr >= 0.0:
        raise ValueError(f"Invalid lr: {lr}")
    if not eps >= 0.0:
        raise ValueError(f"Invalid eps: {eps}")
    if not 0.0 <= alpha < 1.0:
        raise ValueError(f"Invalid alpha: {alpha}")
    for index, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid betas[{index}]: {beta}")
    if step < 1:
        raise ValueError(f"Invalid step: {step}")


@torch.no_grad()
def root_mean_square(grads):
    _tensors("grads", [grads])
    if grads.ndim == 0 or grads.shape[0] == 0:
        raise ValueError("grads: expected at least one step")
    squares = torch._foreach_mul(list(grads.unbind()), list(grads.unbind()))
    total = squares[0]
    for square in squares[1:]:
        total = torch.add(total, square)
    return torch.sqrt(torch.div(total, len(squares)))


@torch.no_grad()
def adagrad_step(theta, grad, sum_sq, lr, eps=1e-10):
    _tensors("theta grad sum_sq", [theta, grad, sum_sq])
    _settings(lr=lr, eps=eps)
    (sums,) = torch._foreach_addcmul([sum_sq], [grad], [grad], value=1)
    std = torch._foreach_add(torch._foreach_sqrt([sums]), eps)
    return torch._foreach_add([theta], torch._foreach_div(torch._foreach_mul([grad], -lr), std))[0], sums


@torch.no_grad()
def rmsprop_step(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    _tensors("theta grad square_avg", [theta, grad, square_avg])
    _settings(lr=lr, eps=eps, alpha=alpha)
    averages = torch._foreach_mul([square_avg], alpha)
    torch._foreach_addcmul_(averages, [grad], [grad], value=1 - alpha)
    avg = torch._foreach_add(torch._foreach_sqrt(averages), eps)
    return torch._foreach_addcdiv([theta], [grad], avg, value=-lr)[0], averages[0]


def _adam(params, grads, exp_avgs, exp_avg_sqs, step, lr, betas, eps):
    """Updates the averages in place and returns the new parameters."""
    beta1, beta2 = betas
    torch._foreach_lerp_(exp_avgs, grads, 1 - beta1)
    torch._foreach_mul_(exp_avg_sqs, beta2)
    torch._foreach_addcmul_(exp_avg_sqs, grads, grads, 1 - beta2)
    step_size = lr / (1 - beta1**step)
    denom = torch._foreach_sqrt(exp_avg_sqs)
    torch._foreach_div_(denom, (1 - beta2**step) ** 0.5)
    torch._foreach_add_(denom, eps)
    return torch._foreach_addcdiv(params, exp_avgs, denom, -step_size)


@torch.no_grad()
def adam_step(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    _tensors("theta grad exp_avg exp_avg_sq", [theta, grad, exp_avg, exp_avg_sq])
    _settings(lr, betas, eps, step=step)
    mean, mean_sq = [exp_avg.clone()], [exp_avg_sq.clone()]
    return _adam([theta], [grad], mean, mean_sq, step, lr, betas, eps)[0], mean[0], mean_sq[0]


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        _settings(lr, betas, eps)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

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
                if len(state) == 0:
                    state["step"] = torch.tensor(0.0)
                    state["exp_avg"] = torch.zeros_like(p, memory_format=torch.preserve_format)
                    state["exp_avg_sq"] = torch.zeros_like(p, memory_format=torch.preserve_format)
                state["step"] += 1
                memory = [state["exp_avg"]], [state["exp_avg_sq"]]
                t = state["step"].item()
                (new,) = _adam([p], [p.grad], *memory, t, group["lr"], group["betas"], group["eps"])
                p.copy_(new)
        return loss
