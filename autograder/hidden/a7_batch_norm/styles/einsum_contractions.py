"""By someone who likes einsum: statistics as contractions, one affine map per channel, train and eval as two methods."""

import torch
from torch import einsum, nn


def _float_tensor(name, value):
    if not (isinstance(value, torch.Tensor) and value.is_floating_point()):
        raise TypeError(f"`{name}` should be a tensor of floats, not {value!r:.40}")
    return value


def fit_standardizer(x):
    _float_tensor("x", x)
    try:
        n, _ = x.shape
    except ValueError:
        raise ValueError("`x` should be (N, D)") from None
    if not n:
        raise ValueError("`x` should have rows")
    mean = einsum("nd->d", x) / n
    centred = x - mean
    return mean, (einsum("nd,nd->d", centred, centred) / n) ** 0.5


def standardize(x, mean, std):
    _float_tensor("x", x), _float_tensor("mean", mean), _float_tensor("std", std)
    if x.ndim != 2:
        raise ValueError("`x` should be (N, D)")
    for name, vector in (("mean", mean), ("std", std)):
        if vector.ndim != 1 or len(vector) != x.shape[1]:
            raise ValueError(f"`{name}` should be (D,)")
    smallest = torch.finfo(x.dtype).eps * 10 * mean.abs()
    endless = torch.full_like(std, torch.inf)
    return (x - mean) / torch.where(std > smallest, std, endless)


class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        if num_features < 1:
            raise ValueError("`num_features` should be 1 or more")
        if not eps > 0:
            raise ValueError("`eps` should be above 0")
        if not 0 < momentum <= 1:
            raise ValueError("`momentum` should be in (0, 1]")
        self.extra = (num_features, eps, momentum)
        start = torch.tensor([[1.0], [0.0]], device=device, dtype=dtype).repeat(1, num_features)
        self.weight, self.bias = nn.Parameter(start[0].clone()), nn.Parameter(start[1].clone())
        self.register_buffer("running_mean", start[1].clone())
        self.register_buffer("running_var", start[0].clone())
        self.register_buffer("num_batches_tracked", torch.zeros((), device=device).long())

    def forward(self, x):
        _float_tensor("x", x)
        features, _, _ = self.extra
        if x.ndim == 2:
            return self(x[..., None])[..., 0]
        if x.ndim != 3 or x.shape[1] != features:
            raise ValueError(f"`x` should be (N, {features}) or (N, {features}, L)")
        return self.by_batch(x) if self.training else self.affine(x, self.running_mean, self.running_var)

    def by_batch(self, x):
        n, _, length = x.shape
        if n * length < 2:
            raise ValueError("`x` should have more than one value per channel")
        mean = einsum("ncl->c", x) / (n * length)
        centred = x - mean[:, None]
        squares = einsum("ncl,ncl->c", centred, centred)
        momentum = self.extra[2]
        new = {"running_mean": mean, "running_var": squares / (n * length - 1)}
        for name, value in new.items():
            buffer = getattr(self, name)
            buffer += momentum * (value.detach() - buffer)
        self.num_batches_tracked.add_(torch.ones_like(self.num_batches_tracked))
        return self.affine(x, mean, squares / (n * length))

    def affine(self, x, mean, var):
        gain = self.weight / (var + self.extra[1]) ** 0.5
        return einsum("ncl,c->ncl", x - mean[:, None], gain) + self.bias[:, None]
