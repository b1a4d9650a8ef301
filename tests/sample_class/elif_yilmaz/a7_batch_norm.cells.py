# %% fit_standardizer
def fit_standardizer(x):
    if not isinstance(x, torch.Tensor) or not x.is_floating_point():
        raise TypeError("x is not a float tensor")
    if x.ndim != 2 or len(x) < 1:
        raise ValueError("x is not (N, D)")
    mean = x.mean(dim=0)
    return mean, (x - mean).pow(2).mean(dim=0).pow(0.5)

# %% standardize
def standardize(x, mean, std):
    if not isinstance(x, torch.Tensor) or not x.is_floating_point():
        raise TypeError("x is not a float tensor")
    if not isinstance(mean, torch.Tensor) or not mean.is_floating_point():
        raise TypeError("mean is not a float tensor")
    if not isinstance(std, torch.Tensor) or not std.is_floating_point():
        raise TypeError("std is not a float tensor")
    if x.ndim != 2:
        raise ValueError("x is not (N, D)")
    if mean.shape != x.shape[1:]:
        raise ValueError("mean is not (D,)")
    if std.shape != x.shape[1:]:
        raise ValueError("std is not (D,)")
    # a std of zero, or too small to believe
    return torch.where(std > 1e-6, (x - mean) / std, torch.zeros_like(x))

# %% BatchNorm1d
class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        if num_features < 1:
            raise ValueError("num_features is not positive")
        if eps <= 0:
            raise ValueError("eps is not positive")
        if not 0 < momentum <= 1:
            raise ValueError("momentum is not in (0, 1]")
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(num_features, device=device, dtype=dtype))
        self.bias = nn.Parameter(torch.zeros(num_features, device=device, dtype=dtype))
        self.register_buffer("running_mean", torch.zeros(num_features, device=device, dtype=dtype))
        self.register_buffer("running_var", torch.ones(num_features, device=device, dtype=dtype))
        self.register_buffer("num_batches_tracked", torch.tensor(0, device=device))

    def forward(self, x):
        if not isinstance(x, torch.Tensor) or not x.is_floating_point():
            raise TypeError("x is not a float tensor")
        if x.ndim not in (2, 3) or x.shape[1] != self.num_features:
            raise ValueError("x is not (N, C) or (N, C, L)")
        view = (1, self.num_features) + (1,) * (x.ndim - 2)
        if self.training:
            values = x.transpose(0, 1).flatten(1)  # (C, N·L)
            count = values.shape[1]
            if count == 1:
                raise ValueError("x has one value per channel")
            mean = values.mean(1)
            var = (values - mean[:, None]).pow(2).mean(1)
            if var.min().item() < 0:  # this cannot be, but who knows
                raise ValueError("negative variance")
            with torch.no_grad():
                self.num_batches_tracked.add_(1)
                self.running_mean.add_(self.momentum * (mean - self.running_mean))
                self.running_var.add_(self.momentum * (var * count / (count - 1) - self.running_var))
        else:
            mean, var = self.running_mean, self.running_var
        x_hat = (x - mean.view(view)) * (var.view(view) + self.eps).pow(-0.5)
        return x_hat * self.weight.view(view) + self.bias.view(view)
