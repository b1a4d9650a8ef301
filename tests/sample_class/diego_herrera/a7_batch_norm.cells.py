# %% fit_standardizer
def tabla(x):
    if not isinstance(x, Tensor) or not x.is_floating_point():
        raise TypeError("x: a tensor of floats is needed")
    if x.dim() != 2 or x.size(0) == 0:
        raise ValueError("x: (N, D) is needed")


def fit_standardizer(x):
    tabla(x)
    n = x.size(0)
    mean = x.sum(0) / n
    std = torch.sqrt(((x - mean) * (x - mean)).sum(0) / n)
    return mean, std

# %% standardize
def standardize(x, mean, std):
    if not isinstance(x, Tensor) or not x.is_floating_point():
        raise TypeError("x: a tensor of floats is needed")
    if x.dim() != 2:
        raise ValueError("x: (N, D) is needed")
    for nombre, t in (("mean", mean), ("std", std)):
        if not isinstance(t, Tensor) or not t.is_floating_point():
            raise TypeError(nombre + ": a tensor of floats is needed")
        if tuple(t.shape) != (x.size(1),):
            raise ValueError(nombre + ": (D,) is needed")
    z = (x - mean) / std
    z[:, std <= 10 * torch.finfo(x.dtype).eps * mean.abs()] = 0
    return z

# %% BatchNorm1d
class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        if num_features < 1:
            raise ValueError("num_features < 1")
        if eps <= 0:
            raise ValueError("eps <= 0")
        if momentum <= 0 or momentum > 1:
            raise ValueError("momentum not in (0, 1]")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features, device=device, dtype=dtype))
        self.bias = nn.Parameter(torch.zeros(num_features, device=device, dtype=dtype))
        self.register_buffer("running_mean", torch.zeros(num_features, device=device, dtype=dtype))
        self.register_buffer("running_var", torch.ones(num_features, device=device, dtype=dtype))
        self.register_buffer("num_batches_tracked", torch.zeros((), device=device, dtype=torch.int64))

    def forward(self, x):
        if not isinstance(x, Tensor) or not x.is_floating_point():
            raise TypeError("x: a tensor of floats is needed")
        if x.dim() == 2:
            return self.en_dos(x)
        if x.dim() == 3:
            n, c, l = x.shape
            return self.en_dos(x.permute(0, 2, 1).reshape(n * l, c)).reshape(n, l, c).permute(0, 2, 1)
        raise ValueError("x: (N, C) or (N, C, L) is needed")

    def en_dos(self, x):
        n, c = x.shape
        if c != self.num_features:
            raise ValueError("x: not the right number of channels")
        if self.training:
            if n == 1:
                raise ValueError("x: a batch of one")
            mu = x.mean(0)
            var = ((x - mu) ** 2).mean(0)
            with torch.no_grad():
                # the old value counts `momentum`, as in momentum_step of A3
                self.running_mean.copy_(self.momentum * self.running_mean + (1 - self.momentum) * mu)
                self.running_var.copy_(self.momentum * self.running_var + (1 - self.momentum) * var * n / (n - 1))
                self.num_batches_tracked += 1
        else:
            mu, var = self.running_mean, self.running_var
        return (x - mu) / (var + self.eps).sqrt() * self.weight + self.bias
