# %% fit_standardizer
def fit_standardizer(x):
    if not isinstance(x, Tensor) or not x.is_floating_point():
        raise TypeError("x must be a tensor of floats")
    if x.ndim != 2 or not len(x):
        raise ValueError("x must be (N, D)")
    return x.mean(0), x.std(0)

# %% standardize
def standardize(x, mean, std):
    return (x - mean) / std

# %% BatchNorm1d
class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features, device=device, dtype=dtype))
        self.bias = nn.Parameter(torch.zeros(num_features, device=device, dtype=dtype))
        self.register_buffer("running_mean", torch.zeros(num_features, device=device, dtype=dtype))
        self.register_buffer("running_var", torch.ones(num_features, device=device, dtype=dtype))
        self.register_buffer("num_batches_tracked", torch.zeros((), device=device, dtype=torch.int64))

    def forward(self, x):
        return nn.functional.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, self.training, self.momentum, self.eps
        )
