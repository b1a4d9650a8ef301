# %% fit_standardizer
def fit_standardizer(x):
    if not isinstance(x, Tensor) or not x.is_floating_point():
        raise TypeError("x must be a float tensor")
    if x.ndim != 2 or x.shape[0] < 1:
        raise ValueError("x must be 2-D and not empty")
    return x.mean(0), x.std(0, unbiased=False)

# %% standardize
def standardize(x, mean, std):
    for name, t in {"x": x, "mean": mean, "std": std}.items():
        if not isinstance(t, Tensor) or not t.is_floating_point():
            raise TypeError(name + " must be a float tensor")
    if x.ndim != 2:
        raise ValueError("x must be 2-D")
    if mean.shape != x.shape[1:]:
        raise ValueError("mean must be (D,)")
    if std.shape != x.shape[1:]:
        raise ValueError("std must be (D,)")
    tiny = std <= mean.abs() * torch.finfo(x.dtype).eps * 10
    safe = std.masked_fill(tiny, 1.0)
    return ((x - mean) / safe).masked_fill(tiny, 0.0)

# %% BatchNorm1d
class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        if num_features < 1:
            raise ValueError("num_features must be >= 1")
        if eps <= 0:
            raise ValueError("eps must be > 0")
        if not 0 < momentum <= 1:
            raise ValueError("momentum must be in (0, 1]")
        self.C = num_features
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(self.C, device=device, dtype=dtype))
        self.bias = nn.Parameter(torch.zeros(self.C, device=device, dtype=dtype))
        self.register_buffer("running_mean", torch.zeros(self.C, device=device, dtype=dtype))
        self.register_buffer("running_var", torch.ones(self.C, device=device, dtype=dtype))
        self.register_buffer("num_batches_tracked", torch.zeros((), device=device, dtype=torch.int64))

    def forward(self, x):
        if not isinstance(x, Tensor) or not x.is_floating_point():
            raise TypeError("x must be a float tensor")
        if x.ndim not in (2, 3) or x.shape[1] != self.C:
            raise ValueError("x must be (N, C) or (N, C, L)")
        dims = [d for d in range(x.ndim) if d != 1]
        shape = [1, self.C, 1][: x.ndim]
        mean, var = self.running_mean.view(shape), self.running_var.view(shape)
        if self.training:
            if x.shape[0] * (x.shape[2] if x.ndim == 3 else 1) < 2:
                raise ValueError("x: more than one value per channel is needed in train mode")
            mean = x.mean(dims, keepdim=True)
            var = x.var(dims, unbiased=False, keepdim=True)
            k = self.momentum
            self.running_mean.mul_(1 - k).add_(k * mean.detach().flatten())
            self.running_var.mul_(1 - k).add_(k * var.detach().flatten())
            self.num_batches_tracked.add_(1)
        y = (x - mean) / (var + self.eps).sqrt()
        return y * self.weight.view(shape) + self.bias.view(shape)
