"""By a beginner: loops over channels, stacks the results; the standardizer in numpy."""

import numpy as np
import torch


def fit_standardizer(x):
    if type(x) is not torch.Tensor:
        raise TypeError("x should be a tensor")
    if not x.is_floating_point():
        raise TypeError("x should hold floats")
    if len(x.shape) != 2 or x.shape[0] < 1:
        raise ValueError("x should be a table with rows")
    array = x.detach().cpu().numpy()
    means, stds = [], []
    for column in range(array.shape[1]):
        values = array[:, column].astype(np.float64)
        means.append(values.mean())
        stds.append(np.sqrt(((values - values.mean()) ** 2).mean()))
    return torch.tensor(means).to(x), torch.tensor(stds).to(x)


def standardize(x, mean, std):
    if not isinstance(x, torch.Tensor) or not x.is_floating_point():
        raise TypeError("x should be a float tensor")
    if not isinstance(mean, torch.Tensor) or not mean.is_floating_point():
        raise TypeError("mean should be a float tensor")
    if not isinstance(std, torch.Tensor) or not std.is_floating_point():
        raise TypeError("std should be a float tensor")
    if len(x.shape) != 2:
        raise ValueError("x should be a table")
    if list(mean.shape) != [x.shape[1]]:
        raise ValueError("mean should have one number for each column")
    if list(std.shape) != [x.shape[1]]:
        raise ValueError("std should have one number for each column")
    result = torch.zeros_like(x)
    eps = torch.finfo(x.dtype).eps
    for column in range(x.shape[1]):
        if std[column] > 10 * eps * abs(mean[column]):
            result[:, column] = (x[:, column] - mean[column]) / std[column]
    return result.detach()


class BatchNorm1d(torch.nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__()
        if num_features < 1:
            raise ValueError("num_features should be 1 or more")
        if eps <= 0:
            raise ValueError("eps should be positive")
        if momentum <= 0 or momentum > 1:
            raise ValueError("momentum should be in (0, 1]")
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.weight = torch.nn.Parameter(torch.ones(num_features, device=device, dtype=dtype))
        self.bias = torch.nn.Parameter(torch.zeros(num_features, device=device, dtype=dtype))
        self.register_buffer("running_mean", torch.zeros(num_features, device=device, dtype=dtype))
        self.register_buffer("running_var", torch.ones(num_features, device=device, dtype=dtype))
        self.register_buffer("num_batches_tracked", torch.tensor(0, device=device))

    def forward(self, x):
        if not isinstance(x, torch.Tensor):
            raise TypeError("x should be a tensor")
        if not x.is_floating_point():
            raise TypeError("x should hold floats")
        if len(x.shape) != 2 and len(x.shape) != 3:
            raise ValueError("x should have two or three dimensions")
        if x.shape[1] != self.num_features:
            raise ValueError("x should have num_features channels")
        channels = []
        for c in range(self.num_features):
            values = x[:, c]  # (N,) or (N, L)
            if self.training:
                m = values.numel()
                if m < 2:
                    raise ValueError("x should have two values or more in every channel")
                mean = values.sum() / m
                var = ((values - mean) ** 2).sum() / m
                with torch.no_grad():
                    self.running_mean[c] = (1 - self.momentum) * self.running_mean[c] + self.momentum * mean
                    self.running_var[c] = (1 - self.momentum) * self.running_var[c] + self.momentum * var * m / (m - 1)
            else:
                mean = self.running_mean[c]
                var = self.running_var[c]
            normalized = (values - mean) / torch.sqrt(var + self.eps)
            channels.append(self.weight[c] * normalized + self.bias[c])
        if self.training:
            self.num_batches_tracked += 1
        return torch.stack(channels, dim=1)
