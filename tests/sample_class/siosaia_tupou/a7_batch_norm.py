import torch
from torch import Tensor, nn


def fit_standardizer(x):
    if not isinstance(x, Tensor) or not x.is_floating_point():
        raise TypeError("x must be a float tensor")
    if x.ndim != 2 or x.shape[0] == 0:
        raise ValueError("x must be a non-empty (N, D)")
    mean = x.mean(0)
    return mean, torch.linalg.vector_norm(x - mean, dim=0) / x.shape[0] ** 0.5


def standardize(x, mean, std):
    for name, t in [("x", x), ("mean", mean), ("std", std)]:
        if not isinstance(t, Tensor) or not t.is_floating_point():
            raise TypeError(name + " must be a float tensor")
    if x.ndim != 2:
        raise ValueError("x must be (N, D)")
    for name, t in [("mean", mean), ("std", std)]:
        if t.shape != x.shape[1:]:
            raise ValueError(name + " must be (D,)")
    out = torch.zeros_like(x)
    good = std > 10 * torch.finfo(x.dtype).eps * mean.abs()
    out[:, good] = (x[:, good] - mean[good]) / std[good]
    return out


class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        if num_features < 1:
            raise ValueError("num_features must be at least 1")
        if eps <= 0:
            raise ValueError("eps must be positive")
        if not 0 < momentum <= 1:
            raise ValueError("momentum must be in (0, 1]")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        kind = dict(device=device, dtype=dtype)
        self.weight = nn.Parameter(torch.ones(num_features, **kind))
        self.bias = nn.Parameter(torch.zeros(num_features, **kind))
        self.register_buffer("running_mean", torch.zeros(num_features, **kind))
        self.register_buffer("running_var", torch.ones(num_features, **kind))
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.int64, device=device))

    def forward(self, x):
        if not isinstance(x, Tensor) or not x.is_floating_point():
            raise TypeError("x must be a float tensor")
        if x.ndim not in (2, 3) or x.shape[1] != self.num_features:
            raise ValueError("x must be (N, C) or (N, C, L) with C = num_features")
        dims, shape = ((0,), (1, -1)) if x.ndim == 2 else ((0, 2), (1, -1, 1))
        n = x.numel() // self.num_features
        if self.training and n < 2:
            raise ValueError("x must have two values per channel or more")
        mean = x.mean(dims)
        var = (x - mean.view(shape)).square().mean(dims)
        if self.training:
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean)
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * var * (n / (n - 1)))
                self.num_batches_tracked.add_(1)
        y = (x - mean.view(shape)) / (var.view(shape) + self.eps).sqrt()
        return y * self.weight.view(shape) + self.bias.view(shape)
