"""By someone who likes vmap and matrices: one example, its Jacobian, then the batch."""

import torch
from torch.func import vmap


def require(condition, error, message):
    if not condition:
        raise error(message)


def require_logits(logits):
    require(isinstance(logits, torch.Tensor), TypeError, "`logits` is no tensor")
    require(logits.is_floating_point(), TypeError, "`logits` holds no floats")


def require_labels(labels, num_classes):
    require(isinstance(labels, torch.Tensor), TypeError, "`labels` is no tensor")
    require(not labels.is_floating_point(), TypeError, "`labels` holds floats")
    require(labels.ndim == 1, ValueError, "`labels` is no vector")
    require(bool(((labels >= 0) & (labels < num_classes)).all()), ValueError, "`labels` names a class there is not")


def require_batch(logits, labels):
    require_logits(logits)
    require(logits.ndim == 2 and logits.shape[0] >= 1, ValueError, "`logits` is no batch")
    require_labels(labels, logits.shape[1])
    require(logits.shape[0] == labels.shape[0], ValueError, "`labels` and `logits` differ in N")


def one_hot(labels, num_classes, dtype=None):
    require_labels(labels, num_classes)
    return torch.eye(num_classes, dtype=dtype, device=labels.device)[labels]


def vector_log_softmax(y):
    z = y - y.max()
    return z - z.exp().sum().log()


def vector_softmax(y):
    e = (y - y.max()).exp()
    return e / e.sum()


def along(function, x, dim):
    """Applies a function of vectors along one dimension."""
    moved = x.movedim(dim, -1)
    return vmap(function)(moved.reshape(-1, moved.shape[-1])).reshape(moved.shape).movedim(-1, dim)


def softmax(logits, dim=-1):
    require_logits(logits)
    return along(vector_softmax, logits, dim)


def log_softmax(logits, dim=-1):
    require_logits(logits)
    return along(vector_log_softmax, logits, dim)


def cross_entropy(logits, labels):
    require_batch(logits, labels)
    targets = one_hot(labels, logits.shape[1], logits.dtype)
    return vmap(lambda y, t: -torch.dot(t, vector_log_softmax(y)))(logits, targets).mean()


def cross_entropy_grad(logits, labels):
    require_batch(logits, labels)
    targets = one_hot(labels, logits.shape[1], logits.dtype)
    return vmap(lambda y, t: (vector_softmax(y) - t) / len(targets))(logits.detach(), targets)


def softmax_mse(logits, labels):
    require_batch(logits, labels)
    targets = one_hot(labels, logits.shape[1], logits.dtype)
    return vmap(lambda y, t: torch.linalg.vector_norm(vector_softmax(y) - t) ** 2)(logits, targets).mean()


def softmax_mse_grad(logits, labels):
    require_batch(logits, labels)
    p = softmax(logits.detach())
    jacobian = torch.diag_embed(p) - torch.einsum("ni,nk->nik", p, p)
    residual = p - one_hot(labels, p.shape[1], p.dtype)
    return 2 * torch.bmm(jacobian, residual[:, :, None])[:, :, 0] / p.shape[0]


def loss_landscape(loss, y1, y2, y3=-1000.0):
    first, second = torch.meshgrid(y1, y2, indexing="ij")
    points = torch.stack([first, second, torch.full_like(first, y3)], -1).reshape(-1, 1, 3)
    values = [loss(point, torch.tensor([0])) for point in points]
    return torch.stack(values).view(len(y1), -1)
