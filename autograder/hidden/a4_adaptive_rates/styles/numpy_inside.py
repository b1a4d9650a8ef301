"""NumPy inside, torch at the borders."""

import numpy as np
import torch


def _array(value, name):
    if not torch.is_tensor(value):
        raise TypeError(f"{name} is a {type(value).__name__}, need a tensor")
    if value.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"{name} has dtype {value.dtype}, need floats")
    return value.detach().cpu().numpy()


def _arrays(**named):
    arrays = [_array(value, name) for name, value in named.items()]
    for name, array in zip(named, arrays, strict=True):
        if array.shape != arrays[0].shape:
            raise ValueError(f"shape of {name} {array.shape} is not {arrays[0].shape}")
    return arrays


def _tensor(array, like):
    return torch.as_tensor(np.asarray(array, dtype=like.detach().numpy().dtype), device=like.device)


def _hyper(lr, eps):
    if lr < 0:
        raise ValueError(f"negative lr: {lr}")
    if eps < 0:
        raise ValueError(f"negative eps: {eps}")


def _share(name, value):
    if value < 0 or value >= 1:
        raise ValueError(f"{name}={value} is outside [0, 1)")


def root_mean_square(grads):
    g = _array(grads, "grads")
    if g.ndim == 0 or g.shape[0] == 0:
        raise ValueError("grads needs a time axis with a step in it")
    return _tensor(np.sqrt(np.mean(np.square(g), axis=0)), grads)


def adagrad_step(theta, grad, sum_sq, lr, eps=1e-10):
    th, g, s = _arrays(theta=theta, grad=grad, sum_sq=sum_sq)
    _hyper(lr, eps)
    s = s + np.square(g)
    return _tensor(th - lr / (np.sqrt(s) + eps) * g, theta), _tensor(s, theta)


def rmsprop_step(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    th, g, v = _arrays(theta=theta, grad=grad, square_avg=square_avg)
    _hyper(lr, eps)
    _share("alpha", alpha)
    v = v + (1 - alpha) * (np.square(g) - v)
    return _tensor(th - lr * (g / (np.sqrt(v) + eps)), theta), _tensor(v, theta)


def _adam(th, g, m, v, step, lr, betas, eps):
    m = np.multiply(m, betas[0]) + np.multiply(g, 1 - betas[0])
    v = np.multiply(v, betas[1]) + np.multiply(np.square(g), 1 - betas[1])
    m_hat, v_hat = m / (1 - np.power(betas[0], step)), v / (1 - np.power(betas[1], step))
    return th - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def adam_step(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    arrays = _arrays(theta=theta, grad=grad, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)
    _hyper(lr, eps)
    for beta in betas:
        _share("betas", beta)
    if step <= 0:
        raise ValueError(f"step is {step}, it starts at 1")
    return tuple(_tensor(array, theta) for array in _adam(*arrays, step, lr, betas, eps))


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        _hyper(lr, eps)
        for beta in betas:
            _share("betas", beta)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    def step(self, closure=None):
        loss = None
        if closure is not None:
            loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                memory = self.state[p]
                zeros = torch.zeros_like(p.detach())
                memory["t"] = memory.get("t", 0) + 1
                arrays = [_array(x, "x") for x in (p, p.grad, memory.get("m", zeros), memory.get("v", zeros))]
                new, m, v = _adam(*arrays, memory["t"], group["lr"], group["betas"], group["eps"])
                memory["m"], memory["v"] = _tensor(m, p), _tensor(v, p)
                p.data.copy_(_tensor(new, p))
        return loss
