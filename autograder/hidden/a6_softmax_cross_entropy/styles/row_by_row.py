"""By someone who writes one example down first: scalars, lists and loops, stacked at the end."""

import torch


def as_labels(labels, num_classes):
    if not isinstance(labels, torch.Tensor) or labels.dtype in (torch.float32, torch.float64, torch.float16):
        raise TypeError("labels has to be a tensor of class numbers")
    if len(labels.shape) != 1:
        raise ValueError("labels has to be one-dimensional")
    numbers = labels.tolist()
    for number in numbers:
        if number not in range(num_classes):
            raise ValueError(f"labels has {number}, which is no class")
    return numbers


def as_batch(logits, labels):
    as_logits(logits)
    if len(logits.shape) != 2 or len(logits) == 0:
        raise ValueError("logits has to be a table with one row or more")
    numbers = as_labels(labels, len(logits[0]))
    if len(numbers) != len(logits):
        raise ValueError("labels has another length than logits")
    return numbers


def as_logits(logits):
    if not (isinstance(logits, torch.Tensor) and torch.is_floating_point(logits)):
        raise TypeError("logits has to be a tensor of floating-point numbers")
    return logits


def one_hot(labels, num_classes, dtype=None):
    numbers = as_labels(labels, num_classes)
    if dtype is None:
        dtype = torch.get_default_dtype()
    return torch.tensor([[float(k == c) for c in range(num_classes)] for k in numbers], dtype=dtype)


def log_of_sum(values):
    """ln Σ exp, two at a time."""
    total = values[0]
    for value in values[1:]:
        total = torch.logaddexp(total, value)
    return total


def log_softmax(logits, dim=-1):
    slices = torch.unbind(as_logits(logits), dim)
    total = log_of_sum(slices)
    return torch.stack([one - total for one in slices], dim)


def softmax(logits, dim=-1):
    """1 / Σ_j exp(y_j − y_i): no exponent has to be shifted where infinity is a good denominator."""
    slices = torch.unbind(as_logits(logits), dim)
    total = log_of_sum([one.detach() for one in slices])
    weights = [torch.exp(one - total) for one in slices]
    whole = sum(weights)
    return torch.stack([weight / whole for weight in weights], dim)


def cross_entropy(logits, labels):
    numbers = as_batch(logits, labels)
    losses = []
    for row, number in zip(logits, numbers, strict=True):
        losses.append(log_of_sum(list(row)) - row[number])
    return sum(losses) / len(losses)


def cross_entropy_grad(logits, labels):
    numbers = as_batch(logits, labels)
    rows = []
    for row, number in zip(logits.detach(), numbers, strict=True):
        p = softmax(row)
        rows.append(torch.stack([(p[c] - 1 if c == number else p[c]) / len(numbers) for c in range(len(row))]))
    return torch.stack(rows)


def softmax_mse(logits, labels):
    numbers = as_batch(logits, labels)
    loss = 0
    for row, number in zip(logits, numbers, strict=True):
        for c, p in enumerate(softmax(row)):
            loss = loss + (p - int(c == number)) ** 2
    return loss / len(numbers)


def softmax_mse_grad(logits, labels):
    numbers = as_batch(logits, labels)
    result = torch.zeros_like(logits, requires_grad=False)
    for n, (row, number) in enumerate(zip(logits.detach(), numbers, strict=True)):
        p = softmax(row)
        for k in range(len(p)):
            for i in range(len(p)):
                jacobian = p[i] * (1 - p[i]) if i == k else -p[i] * p[k]
                result[n, k] += 2 * (p[i] - (1 if i == number else 0)) * jacobian / len(numbers)
    return result


def loss_landscape(loss, y1, y2, y3=-1000.0):
    rows = []
    for first in y1.tolist():
        row = []
        for second in y2.tolist():
            logits = y1.new_tensor([[first, second, y3]])
            row.append(loss(logits, torch.zeros(1, dtype=torch.int64)))
        rows.append(torch.stack(row))
    return torch.stack(rows)
