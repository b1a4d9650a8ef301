"""By someone who knows torch's reductions: var_mean, lerp_, addcmul, keepdim."""

import torch
from torch import nn


def fit_standardizer(x):
    if not torch.is_tensor(x) or not torch.is_floating_point(x):
        raise TypeError("fit_standardizer: x has to be a float tensor")
    if x.dim() != 2 or len(x) == 0:
        raise ValueError("fit_standardizer: x has to be a non-empty (N, D) tensor")
    var, mean = torch.var_mean(x, dim=0, correction=0)
    return mean, var.sqrt()


def standardize(x, mean, std):
    for name, tensor in {"x": x, "mean": mean, "std": std}.items():
        if not torch.is_tensor(tensor) or not torch.is_floating_point(tensor):
            raise TypeError(f"standardize: {name} has to be a float tensor")
    if x.dim() != 2:
        raise ValueError("standardize: x has to be (N, D)")
    if mean.shape != (x.size(1),):
        raise ValueError("standardize: mean has to be (D,)")
    if std.shape != (x.size(1),):
        raise ValueError("standardize: std has to be (D,)")
    rounding = 10 * torch.finfo(std.dtype).eps * mean.abs()
    scale = std.masked_fill(std <= rounding, 1.0)
    return torch.addcdiv(torch.zeros_like(x), x - mean, scale.expand_as(x))


class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        if num_features < 1:
            raise ValueError("num_features < 1")
        if eps <= 0:
            raise ValueError("eps <= 0")
        if momentum <= 0 or momentum > 1:
            raise ValueError("momentum outside (0, 1]")
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        factory = {"device": device, "dtype": dtype}
        self.weight = nn.Parameter(torch.empty(num_features, **factory))
        self.bias = nn.Parameter(torch.empty(num_features, **factory))
        self.register_buffer("running_mean", torch.empty(num_features, **factory))
        self.register_buffer("running_var", torch.empty(num_features, **factory))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.long, device=device))
        self.reset()

    def reset(self):
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)
        self.running_mean.zero_()
        self.running_var.fill_(1)

    def forward(self, x):
        if not torch.is_tensor(x) or not x.is_floating_point():
            raise TypeError("x has to be a float tensor")
        if x.dim() not in (2, 3) or x.size(1) != self.num_features:
            raise ValueError("x has to be (N, C) or (N, C, L) with C = num_features")
        batch = x if x.dim() == 3 else x.unsqueeze(-1)  # (N, C, L)
        if self.training:
            count = batch.size(0) * batch.size(2)
            if count < 2:
                raise ValueError("x has one value per channel, which has no variance")
            var, mean = torch.var_mean(batch, dim=(0, 2), correction=0, keepdim=True)  # (1, C, 1)
            self.running_mean.lerp_(mean.detach().flatten(), self.momentum)
            self.running_var.lerp_(var.detach().flatten() * (count / (count - 1)), self.momentum)
            self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean[:, None], self.running_var[:, None]
        out = torch.addcmul(self.bias[:, None], self.weight[:, None] * (var + self.eps).rsqrt(), batch - mean)
        return out.view(x.shape) if out.is_contiguous() else out.reshape(x.shape)
