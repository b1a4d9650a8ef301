"""By someone who thinks in logarithms: probabilities are exp of log-probabilities, the losses use logsumexp."""

import torch


def floats(name, x):
    if not torch.is_tensor(x) or not torch.is_floating_point(x):
        raise TypeError(f"'{name}' should be a tensor of floats")
    return x


def classes(name, y, count):
    if not torch.is_tensor(y) or y.dtype not in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8):
        raise TypeError(f"'{name}' should be a tensor of integers")
    if y.dim() != 1 or not all(0 <= int(label) < count for label in y):
        raise ValueError(f"'{name}' should be a vector of numbers from 0 to {count - 1}")
    return y.to(torch.int64)


def batch(logits, labels):
    floats("logits", logits)
    if logits.dim() != 2 or logits.size(0) < 1:
        raise ValueError("'logits' should have two dimensions and a row")
    labels = classes("labels", labels, logits.size(1))
    if labels.numel() != logits.size(0):
        raise ValueError("'labels' should be as many as there are rows")
    return labels


def one_hot(labels, num_classes, dtype=None):
    labels = classes("labels", labels, num_classes)
    zeros = torch.zeros(labels.numel(), num_classes, dtype=dtype, device=labels.device)
    return zeros.scatter_(1, labels.reshape(-1, 1), 1)


def log_softmax(logits, dim=-1):
    top = floats("logits", logits).max(dim, keepdim=True).values
    return logits - (top + torch.sum(torch.exp(logits - top), dim, keepdim=True).log())


def softmax(logits, dim=-1):
    return torch.exp(log_softmax(logits, dim))


def cross_entropy(logits, labels):
    labels = batch(logits, labels)
    rows = torch.arange(len(labels), device=logits.device)
    return torch.mean(torch.logsumexp(logits, 1) - logits[rows, labels])


def cross_entropy_grad(logits, labels):
    labels = batch(logits, labels)
    with torch.no_grad():
        gradient = torch.exp(logits - torch.logsumexp(logits, 1, keepdim=True))
        gradient[torch.arange(len(labels)), labels] -= 1
        return gradient.div_(len(labels))


def softmax_mse(logits, labels):
    labels = batch(logits, labels)
    p = softmax(logits, 1)
    right = p.gather(1, labels[:, None])[:, 0]
    return (p.pow(2).sum(1) - 2 * right + 1).sum() / len(labels)  # |p|² − 2 p·y + |y|²


def softmax_mse_grad(logits, labels):
    labels = batch(logits, labels)
    with torch.no_grad():
        p = softmax(logits, 1)
        d = p - one_hot(labels, p.shape[1], p.dtype)
        return p.mul(d - p.mul(d).sum(1, True)).mul(2).div(len(labels))


def loss_landscape(loss, y1, y2, y3=-1000.0):
    pairs = torch.cartesian_prod(y1, y2)
    points = torch.cat([pairs, torch.full_like(pairs[:, :1], y3)], 1)
    label = torch.zeros(1, dtype=torch.long)
    return torch.stack([loss(point.unsqueeze(0), label) for point in points]).reshape(len(y1), len(y2))
