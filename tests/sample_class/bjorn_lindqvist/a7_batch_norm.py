"""Batch normalization on a flattened view: (N, C, L) is turned into N·L rows of C channels, and back at the end."""

import torch
from torch import Tensor, nn


def require(condition: bool, name: str, what: str, error: type[Exception] = ValueError) -> None:
    if not condition:
        raise error(f"{name}: {what}")


def require_floats(**tensors: Tensor) -> None:
    for name, tensor in tensors.items():
        require(isinstance(tensor, Tensor), name, "not a tensor", TypeError)
        require(tensor.is_floating_point(), name, "not floating-point", TypeError)


def fit_standardizer(x: Tensor) -> tuple[Tensor, Tensor]:
    require_floats(x=x)
    require(x.dim() == 2 and x.size(0) > 0, "x", "must be a table with at least one row")
    var, mean = torch.var_mean(x, dim=0, correction=0)
    return mean, var.sqrt()


def standardize(x: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    require_floats(x=x, mean=mean, std=std)
    require(x.dim() == 2, "x", "must be a table")
    require(mean.shape == x.shape[1:], "mean", "one value per column")
    require(std.shape == x.shape[1:], "std", "one value per column")
    rounding = 10 * torch.finfo(x.dtype).eps * mean.abs()
    return ((x - mean) / std).masked_fill(std <= rounding, 0.0)


class BatchNorm1d(nn.Module):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        require(num_features >= 1, "num_features", "at least one channel")
        require(eps > 0, "eps", "must be above zero")
        require(0 < momentum <= 1, "momentum", "must be in (0, 1]")
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        ones = torch.ones(num_features, device=device, dtype=dtype)
        self.weight = nn.Parameter(ones.clone())
        self.bias = nn.Parameter(torch.zeros_like(ones))
        self.register_buffer("running_mean", torch.zeros_like(ones))
        self.register_buffer("running_var", ones.clone())
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.long, device=device))

    def forward(self, x: Tensor) -> Tensor:
        require_floats(x=x)
        require(x.dim() in (2, 3), "x", "must be (N, C) or (N, C, L)")
        require(x.size(1) == self.num_features, "x", f"must have {self.num_features} channels")
        rows = x.movedim(1, -1)  # (N, C) or (N, L, C)
        mean, var = self._statistics(rows.reshape(-1, self.num_features)) if self.training else self._remembered()
        scale = self.weight * torch.rsqrt(var + self.eps)
        return ((rows - mean) * scale + self.bias).movedim(-1, 1)

    def _remembered(self) -> tuple[Tensor, Tensor]:
        return self.running_mean, self.running_var

    def _statistics(self, table: Tensor) -> tuple[Tensor, Tensor]:
        count = table.size(0)
        require(count > 1, "x", "one value per channel has no variance")
        var, mean = torch.var_mean(table, dim=0, correction=0)
        unbiased = var.detach() * (count / (count - 1))
        for memory, new in ((self.running_mean, mean.detach()), (self.running_var, unbiased)):
            memory.copy_((1 - self.momentum) * memory + self.momentum * new)
        self.num_batches_tracked.add_(1)
        return mean, var
