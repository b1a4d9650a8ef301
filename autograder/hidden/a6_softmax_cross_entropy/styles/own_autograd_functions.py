"""By someone who writes autograd functions: numpy forward, derivatives by hand, gradients that reuse them."""

import numpy as np
import torch


def need_floats(logits):
    if not isinstance(logits, torch.Tensor) or not logits.dtype.is_floating_point:
        raise TypeError(f"logits must be a float tensor, not {type(logits)}")


def need_labels(labels, num_classes):
    if not isinstance(labels, torch.Tensor) or labels.dtype.is_floating_point:
        raise TypeError(f"labels must be an integer tensor, not {type(labels)}")
    array = labels.numpy()
    if array.ndim != 1 or np.any(array < 0) or np.any(array >= num_classes):
        raise ValueError("labels must be one class number per example")
    return array


def need_batch(logits, labels):
    need_floats(logits)
    if logits.ndim != 2 or not logits.shape[0]:
        raise ValueError("logits must be a matrix with rows")
    array = need_labels(labels, logits.shape[1])
    if array.shape[0] != logits.shape[0]:
        raise ValueError("labels must have the length of logits")
    return array


def one_hot(labels, num_classes, dtype=None):
    array = need_labels(labels, num_classes)
    return torch.from_numpy(np.eye(num_classes)[array]).to(dtype or torch.get_default_dtype())


def shifted(array, axis):
    return array - array.max(axis=axis, keepdims=True)


class Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, dim):
        e = np.exp(shifted(x.numpy(), dim))
        p = torch.from_numpy(e / e.sum(axis=dim, keepdims=True))
        ctx.save_for_backward(p)
        ctx.dim = dim
        return p

    @staticmethod
    def backward(ctx, g):
        (p,) = ctx.saved_tensors
        return p * (g - (g * p).sum(ctx.dim, keepdim=True)), None


class LogSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, dim):
        z = shifted(x.numpy(), dim)
        result = torch.from_numpy(z - np.log(np.exp(z).sum(axis=dim, keepdims=True)))
        ctx.save_for_backward(result)
        ctx.dim = dim
        return result

    @staticmethod
    def backward(ctx, g):
        (logp,) = ctx.saved_tensors
        return g - logp.exp() * g.sum(ctx.dim, keepdim=True), None


class Loss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, loss, gradient):
        ctx.save_for_backward(gradient)
        return loss

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0], None, None


def softmax(logits, dim=-1):
    need_floats(logits)
    return Softmax.apply(logits, dim)


def log_softmax(logits, dim=-1):
    need_floats(logits)
    return LogSoftmax.apply(logits, dim)


def probabilities(logits):
    e = np.exp(shifted(logits.detach().numpy(), 1))
    return e / e.sum(1, keepdims=True)


def cross_entropy_grad(logits, labels):
    array = need_batch(logits, labels)
    p = probabilities(logits)
    p[np.arange(len(array)), array] -= 1
    return torch.from_numpy(p / len(array)).to(logits.dtype)


def cross_entropy(logits, labels):
    array = need_batch(logits, labels)
    z = shifted(logits.detach().numpy(), 1)
    losses = np.log(np.exp(z).sum(1)) - z[np.arange(len(array)), array]
    loss = torch.tensor(losses.mean(), dtype=logits.dtype)
    return Loss.apply(logits, loss, cross_entropy_grad(logits, labels))


def softmax_mse_grad(logits, labels):
    array = need_batch(logits, labels)
    p = probabilities(logits)
    d = p.copy()
    d[np.arange(len(array)), array] -= 1
    g = 2 * p * (d - (p * d).sum(1, keepdims=True)) / len(array)
    return torch.from_numpy(g).to(logits.dtype)


def softmax_mse(logits, labels):
    array = need_batch(logits, labels)
    d = probabilities(logits)
    d[np.arange(len(array)), array] -= 1
    loss = torch.tensor((d**2).sum() / len(array), dtype=logits.dtype)
    return Loss.apply(logits, loss, softmax_mse_grad(logits, labels))


def loss_landscape(loss, y1, y2, y3=-1000.0):
    grid = np.empty((len(y1), len(y2)), dtype=y1.numpy().dtype)
    zero = torch.tensor([0])
    for (i, j), _ in np.ndenumerate(grid):
        point = np.array([[y1.numpy()[i], y2.numpy()[j], y3]], dtype=grid.dtype)
        grid[i, j] = loss(torch.from_numpy(point), zero).item()
    return torch.from_numpy(grid)
