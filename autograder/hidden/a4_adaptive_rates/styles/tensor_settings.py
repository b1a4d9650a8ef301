"""Settings become tensors, averages are contractions; both averages of a parameter live in one stacked tensor."""

import torch
from torch import Tensor


def _ensure(condition, error, message):
    if not condition:
        raise error(message)


def _inspect(**named):
    first = None
    for name, x in named.items():
        _ensure(isinstance(x, Tensor), TypeError, f"`{name}` should be a tensor")
        _ensure(x.is_floating_point(), TypeError, f"`{name}` should be floating point")
        first = x if first is None else first
        _ensure(x.size() == first.size(), ValueError, f"`{name}` should have the shape of theta")


def _settings(lr, eps, **shares):
    _ensure(lr >= 0, ValueError, f"`lr` should be non-negative: {lr}")
    _ensure(eps >= 0, ValueError, f"`eps` should be non-negative: {eps}")
    for name, pair in shares.items():
        for value in pair:
            _ensure(0 <= value < 1, ValueError, f"`{name}` should be in [0, 1): {value}")


def _constants(like, *values):
    return torch.tensor(values, dtype=like.dtype, device=like.device)


def _mix(old, new, keep):
    """keep · old + (1 − keep) · new, as a contraction."""
    return torch.einsum("k,k...->...", _constants(old, keep, 1 - keep), torch.stack([old, new]))


def root_mean_square(grads):
    _inspect(grads=grads)
    _ensure(grads.ndim >= 1 and len(grads) >= 1, ValueError, "`grads` should have a first axis of steps")
    return torch.sqrt(torch.einsum("t...,t...->...", grads, grads) / grads.shape[0])


def adagrad_step(theta, grad, sum_sq, lr, eps=1e-10):
    _inspect(theta=theta, grad=grad, sum_sq=sum_sq)
    _settings(lr, eps)
    total = torch.stack([sum_sq, grad * grad]).sum(dim=0)
    eta, epsilon = _constants(theta, lr, eps)
    return theta - eta / (total.sqrt() + epsilon) * grad, total


def rmsprop_step(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    _inspect(theta=theta, grad=grad, square_avg=square_avg)
    _settings(lr, eps, alpha=[alpha])
    average = _mix(square_avg, grad * grad, alpha)
    eta, epsilon = _constants(theta, lr, eps)
    return theta - eta * grad / (average.sqrt() + epsilon), average


def adam_step(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    _inspect(theta=theta, grad=grad, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)
    _settings(lr, eps, betas=betas)
    _ensure(step >= 1, ValueError, f"`step` should count from 1: {step}")
    first, second = betas
    mean, mean_sq = _mix(exp_avg, grad, first), _mix(exp_avg_sq, grad * grad, second)
    biases = _constants(theta, 1 - first**step, 1 - second**step)
    return theta - lr * (mean / biases[0]) / ((mean_sq / biases[1]).sqrt() + eps), mean, mean_sq


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        _settings(lr, eps, betas=betas)
        super().__init__(params, defaults={"lr": lr, "betas": tuple(betas), "eps": eps})

    @torch.no_grad()
    def step(self, closure=None):
        if closure is None:
            loss = None
        else:
            with torch.enable_grad():
                loss = closure()
        active = [(p, group) for group in self.param_groups for p in group["params"] if p.grad is not None]
        for p, group in active:
            state = self.state[p]
            count = state.setdefault("count", torch.zeros((), dtype=torch.int64)).add_(1)
            memory = state.setdefault("memory", torch.zeros(2, *p.shape, dtype=p.dtype, device=p.device))
            settings = {name: group[name] for name in ("lr", "betas", "eps")}
            new, mean, mean_sq = adam_step(p, p.grad, memory[0], memory[1], int(count), **settings)
            memory.copy_(torch.stack([mean, mean_sq]))
            p.add_(new - p)
        return loss
