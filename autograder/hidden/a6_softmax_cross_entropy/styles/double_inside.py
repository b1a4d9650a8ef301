"""By someone who trusts float64 only: everything is computed in it and rounded at the end."""

import torch
import torch.nn.functional as F


def _check(logits):
    if not isinstance(logits, torch.Tensor):
        raise TypeError("logits: a tensor is needed")
    if logits.dtype not in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        raise TypeError("logits: floats are needed")


def _check_labels(labels, num_classes):
    if not isinstance(labels, torch.Tensor):
        raise TypeError("labels: a tensor is needed")
    if labels.is_floating_point():
        raise TypeError("labels: integers are needed")
    if labels.dim() != 1:
        raise ValueError("labels: one dimension is needed")
    if labels.numel() and (labels.min() < 0 or labels.max() >= num_classes):
        raise ValueError("labels: a label is out of range")


def _check_both(logits, labels):
    _check(logits)
    if logits.dim() != 2:
        raise ValueError("logits: two dimensions are needed")
    if logits.shape[0] == 0:
        raise ValueError("logits: an example is needed")
    _check_labels(labels, logits.shape[1])
    if labels.shape[0] != logits.shape[0]:
        raise ValueError("logits and labels: the same N is needed")


def one_hot(labels, num_classes, dtype=None):
    _check_labels(labels, num_classes)
    if dtype is None:
        dtype = torch.get_default_dtype()
    return F.one_hot(labels, num_classes).to(dtype)


def _double_softmax(logits, dim):
    x = logits.to(torch.float64)
    x = x - x.max(dim=dim, keepdim=True)[0]
    e = torch.exp(x)
    return x, e, e.sum(dim=dim, keepdim=True)


def softmax(logits, dim=-1):
    _check(logits)
    _, e, total = _double_softmax(logits, dim)
    return (e / total).to(logits.dtype)


def log_softmax(logits, dim=-1):
    _check(logits)
    x, _, total = _double_softmax(logits, dim)
    return (x - torch.log(total)).to(logits.dtype)


def cross_entropy(logits, labels):
    _check_both(logits, labels)
    x, _, total = _double_softmax(logits, 1)
    log_probabilities = x - torch.log(total)
    return -(one_hot(labels, logits.shape[1], torch.float64) * log_probabilities).sum(dim=1).mean().to(logits.dtype)


def cross_entropy_grad(logits, labels):
    _check_both(logits, labels)
    _, e, total = _double_softmax(logits, 1)
    y = one_hot(labels, logits.shape[1], torch.float64)
    return ((e / total - y) / logits.shape[0]).to(logits.dtype)


def softmax_mse(logits, labels):
    _check_both(logits, labels)
    _, e, total = _double_softmax(logits, 1)
    y = one_hot(labels, logits.shape[1], torch.float64)
    return (F.mse_loss(e / total, y, reduction="sum") / logits.shape[0]).to(logits.dtype)


def softmax_mse_grad(logits, labels):
    _check_both(logits, labels)
    _, e, total = _double_softmax(logits, 1)
    p = e / total
    y = one_hot(labels, logits.shape[1], torch.float64)
    upstream = 2.0 * (p - y) / logits.shape[0]
    gradient = p * upstream - p * (p * upstream).sum(dim=1, keepdim=True)
    return gradient.to(logits.dtype)


def loss_landscape(loss, y1, y2, y3=-1000.0):
    result = torch.zeros(y1.shape[0], y2.shape[0], dtype=y1.dtype, device=y1.device)
    label = torch.tensor([0], device=y1.device)
    for i in range(y1.shape[0]):
        for j in range(y2.shape[0]):
            logits = torch.tensor([[y1[i].item(), y2[j].item(), y3]], dtype=y1.dtype, device=y1.device)
            result[i, j] = loss(logits, label)
    return result
