"""By someone who derived the gradient: a torch.autograd.Function with its own backward."""

import torch
from torch import Tensor, nn
from torch.autograd import Function


def _check(**tensors: Tensor) -> None:
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            raise TypeError(f"argument {name}: floating-point tensor expected")


def fit_standardizer(x: Tensor) -> tuple[Tensor, Tensor]:
    _check(x=x)
    if x.dim() != 2 or x.size(0) == 0:
        raise ValueError("argument x: (N, D) with N > 0 expected")
    with torch.no_grad():
        return x.mean(dim=0), x.std(dim=0, correction=0)


@torch.no_grad()
def standardize(x: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    _check(x=x, mean=mean, std=std)
    if x.dim() != 2:
        raise ValueError("argument x: (N, D) expected")
    for name, tensor in (("mean", mean), ("std", std)):
        if tensor.shape != x.shape[-1:]:
            raise ValueError(f"argument {name}: (D,) expected")
    z = (x - mean) / std
    constant = std <= 10 * torch.finfo(x.dtype).eps * mean.abs()
    return z.masked_fill_(constant, 0)


class Normalize(Function):
    """(M, C) values, normalized by column; the statistics come along for the running averages."""

    @staticmethod
    def forward(ctx, rows: Tensor, eps: float):
        mean = rows.mean(0)
        centred = rows - mean
        var = centred.pow(2).mean(0)
        inverse = (var + eps).rsqrt()
        normalized = centred * inverse
        ctx.save_for_backward(normalized, inverse)
        ctx.mark_non_differentiable(mean, var)
        return normalized, mean, var

    @staticmethod
    def backward(ctx, g: Tensor, *_):
        normalized, inverse = ctx.saved_tensors
        return inverse * (g - g.mean(0) - normalized * (g * normalized).mean(0)), None


class BatchNorm1d(nn.Module):
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        if not num_features >= 1:
            raise ValueError(f"argument num_features: {num_features} is below 1")
        if not eps > 0:
            raise ValueError(f"argument eps: {eps} is not positive")
        if not 0 < momentum <= 1:
            raise ValueError(f"argument momentum: {momentum} is not in (0, 1]")
        self.eps, self.momentum = eps, momentum
        place = {"device": device, "dtype": dtype}
        self.weight = nn.Parameter(torch.full((num_features,), 1.0, **place))
        self.bias = nn.Parameter(torch.full((num_features,), 0.0, **place))
        self.register_buffer("running_mean", torch.full((num_features,), 0.0, **place))
        self.register_buffer("running_var", torch.full((num_features,), 1.0, **place))
        self.register_buffer("num_batches_tracked", torch.full((), 0, device=device, dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        _check(x=x)
        if x.dim() not in {2, 3} or x.size(1) != self.weight.numel():
            raise ValueError("argument x: (N, C) or (N, C, L) expected")
        rows = x.movedim(1, -1).flatten(0, -2)  # (M, C)
        if self.training:
            if rows.size(0) < 2:
                raise ValueError("argument x: several values per channel expected in train mode")
            normalized, mean, var = Normalize.apply(rows, self.eps)
            self._track(mean, var, rows.size(0))
        else:
            normalized = (rows - self.running_mean) / (self.running_var + self.eps).sqrt()
        out = normalized * self.weight + self.bias
        return out if x.dim() == 2 else out.unflatten(0, (x.size(0), x.size(2))).movedim(-1, 1)

    @torch.no_grad()
    def _track(self, mean: Tensor, var: Tensor, m: int) -> None:
        keep = 1 - self.momentum
        self.running_mean.copy_(keep * self.running_mean + self.momentum * mean)
        self.running_var.copy_(keep * self.running_var + self.momentum * (m / (m - 1)) * var)
        self.num_batches_tracked.copy_(self.num_batches_tracked + 1)
