# %% fit_standardizer
def floats(name, value):
    if not torch.is_tensor(value) or not value.is_floating_point():
        raise TypeError(f"{name} should be a tensor of floats")


def fit_standardizer(x: Tensor) -> tuple[Tensor, Tensor]:
    floats("x", x)
    if x.ndim != 2 or len(x) == 0:
        raise ValueError("x should be (N, D) with N >= 1")
    mean = x.mean(dim=0)
    std = ((x - mean) ** 2).mean(dim=0).sqrt()
    return mean, std

# %% standardize
def standardize(x: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    for name, value in (("x", x), ("mean", mean), ("std", std)):
        floats(name, value)
    if x.ndim != 2:
        raise ValueError("x should be (N, D)")
    for name, value in (("mean", mean), ("std", std)):
        if value.shape != (x.shape[1],):
            raise ValueError(f"{name} should have one number for each column of x")
    constant = std <= 10 * torch.finfo(x.dtype).eps * mean.abs()
    z = (x - mean) / torch.where(constant, torch.ones_like(std), std)
    return torch.where(constant, torch.zeros_like(z), z)

# %% BatchNorm1d
class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        if num_features < 1:
            raise ValueError("num_features must be 1 or more")
        if eps <= 0:
            raise ValueError("eps must be positive")
        if momentum <= 0 or momentum > 1:
            raise ValueError("momentum must be in (0, 1]")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        like = {"device": device, "dtype": dtype}
        self.weight = nn.Parameter(torch.ones(num_features, **like))
        self.bias = nn.Parameter(torch.zeros(num_features, **like))
        self.register_buffer("running_mean", torch.zeros(num_features, **like))
        self.register_buffer("running_var", torch.ones(num_features, **like))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.int64, device=device))

    def forward(self, x):
        floats("x", x)
        if x.ndim not in (2, 3) or x.shape[1] != self.num_features:
            raise ValueError("x must be (N, C) or (N, C, L)")
        dims = (0,) if x.ndim == 2 else (0, 2)
        shape = (1, -1) if x.ndim == 2 else (1, -1, 1)
        if self.training:
            m = x.numel() // self.num_features
            if m < 2:
                raise ValueError("x has one value per channel: no variance")
            mean = x.mean(dims)
            var = ((x - mean.reshape(shape)) ** 2).mean(dims)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(var * m / (m - 1), self.momentum)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        z = (x - mean.reshape(shape)) / torch.sqrt(var.reshape(shape) + self.eps)
        return self.weight.reshape(shape) * z + self.bias.reshape(shape)

# %%
%%time
net = nn.Sequential(nn.Linear(2, 256), BatchNorm1d(256), nn.ReLU(), nn.Linear(256, 1))
for step in range(100_000):
    net(torch.randn(512, 2)).square().mean().backward()
