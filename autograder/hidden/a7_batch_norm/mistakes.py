"""What students, forums and other codebases get wrong in a7_batch_norm, and other conventions that are not the course's."""

import torch
from torch import Tensor, nn

from autograder.checking import mistake
from solutions.a7_batch_norm import BatchNorm1d, fit_standardizer, standardize

right_fit, right_standardize = fit_standardizer, standardize  # they check their arguments as well


def along_channels(x: Tensor, vector: Tensor) -> Tensor:
    """A (C,) vector in the shape in which it broadcasts against x."""
    return vector.view((1, -1, 1)[: x.ndim])


def moments(x: Tensor) -> tuple[Tensor, Tensor, int]:
    """Mean, biased variance and number of values of every channel."""
    dims = (0, 2)[: x.ndim - 1]
    return x.mean(dims), x.var(dims, correction=0), x.numel() // x.shape[1]


def follow(bn: nn.Module, mean: Tensor, var: Tensor, count: int) -> None:
    """Moves the running statistics as they should move."""
    with torch.no_grad():
        bn.running_mean.lerp_(mean, bn.momentum)
        bn.running_var.lerp_(var * count / (count - 1), bn.momentum)
        bn.num_batches_tracked.add_(1)


def finish(bn: nn.Module, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
    """Normalizes, scales and shifts as it should be."""
    normalized = (x - along_channels(x, mean)) / along_channels(x, var + bn.eps).sqrt()
    return normalized * along_channels(x, bn.weight) + along_channels(x, bn.bias)


# fit_standardizer


@mistake("fit_standardizer", caught_by="mean_is_that_of_each_feature")
def statistics_of_each_row(x):
    """takes the mean and std of every row (dim=1) instead of every column"""
    right_fit(x)
    return right_fit(x.T)


@mistake("fit_standardizer", caught_by="mean_is_that_of_each_feature")
def one_mean_for_all_features(x):
    """takes one mean and one std over all features together"""
    mean, _ = right_fit(x)
    return x.mean().expand_as(mean), x.std(correction=0).expand_as(mean)


@mistake("fit_standardizer", caught_by="mean_is_that_of_each_feature")
def keeps_the_averaged_dimension(x):
    """returns shape (1, D) instead of (D,): keepdim=True"""
    mean, std = right_fit(x)
    return mean.unsqueeze(0), std.unsqueeze(0)


@mistake("fit_standardizer", caught_by="mean_is_that_of_each_feature")
def smallest_value_and_range(x):
    """returns minimum and range, as min-max scaling does, instead of mean and std"""
    right_fit(x)
    return x.amin(0), x.amax(0) - x.amin(0)


@mistake("fit_standardizer", caught_by="mean_is_that_of_each_feature")
def median_for_mean(x):
    """returns the median instead of the mean, as robust scaling does"""
    _, std = right_fit(x)
    return x.median(0).values, std


@mistake("fit_standardizer", caught_by="mean_is_that_of_each_feature")
def refuses_one_row(x):
    """refuses x of one row, whose mean is that row and whose std is 0"""
    if isinstance(x, Tensor) and len(x) < 2:
        raise ValueError("x must have two rows or more")
    return right_fit(x)


@mistake("fit_standardizer", caught_by="std_is_the_biased_one")
def unbiased_std(x):
    """divides by N − 1 (torch.std's default) instead of N"""
    mean, std = right_fit(x)
    return mean, std * (torch.tensor(len(x), dtype=x.dtype) / (len(x) - 1)).sqrt()  # torch.std warns where N is 1


@mistake("fit_standardizer", caught_by="std_is_the_biased_one")
def variance_for_std(x):
    """returns the variance: the square root is missing"""
    mean, std = right_fit(x)
    return mean, std.square()


@mistake("fit_standardizer", caught_by="std_is_the_biased_one")
def mean_absolute_deviation(x):
    """averages the absolute deviations instead of the squared ones"""
    mean, _ = right_fit(x)
    return mean, (x - mean).abs().mean(0)


@mistake("fit_standardizer", caught_by="std_is_the_biased_one")
def root_mean_square(x):
    """does not subtract the mean before it squares"""
    mean, _ = right_fit(x)
    return mean, x.square().mean(0).sqrt()


@mistake("fit_standardizer", caught_by="std_is_the_biased_one")
def std_with_eps_added(x):
    """adds a small constant to the std"""
    mean, std = right_fit(x)
    return mean, std + 1e-8


@mistake("fit_standardizer", caught_by="std_is_the_biased_one")
def variance_with_eps_added(x):
    """adds a small constant to the variance, as batch normalization does"""
    mean, std = right_fit(x)
    return mean, (std.square() + 1e-8).sqrt()


@mistake("fit_standardizer", caught_by="std_survives_a_large_offset")
def std_in_one_pass(x):
    """computes the variance as mean(x²) − mean(x)², which loses its digits at large offsets"""
    mean, _ = right_fit(x)
    return mean, (x.square().mean(0) - mean.square()).clamp(min=0).sqrt()


@mistake("fit_standardizer", caught_by="std_of_a_constant_feature_is_zero")
def std_one_where_constant(x):
    """returns a std of 1 for a constant feature, as scikit-learn does, instead of 0"""
    mean, std = right_fit(x)
    return mean, torch.where(std == 0, torch.ones_like(std), std)


@mistake("fit_standardizer", caught_by="fitting_keeps_input_and_dtype")
def centres_its_input(x):
    """subtracts the mean from the caller's x in place (-=)"""
    mean, std = right_fit(x)
    x -= mean
    return mean, std


@mistake("fit_standardizer", caught_by="fitting_keeps_input_and_dtype")
def answers_in_double(x):
    """returns float64 whatever the dtype of x"""
    mean, std = right_fit(x)
    return mean.double(), std.double()


@mistake("fit_standardizer", caught_by="fitting_refuses_what_is_no_table")
def asserts_a_table(x):
    """checks with assert, which raises AssertionError and vanishes under python -O"""
    assert isinstance(x, Tensor), "x must be a tensor"
    assert x.is_floating_point(), "x must be floating-point"
    assert x.ndim == 2, "x must be a table"
    assert len(x), "x must have rows"
    return right_fit(x)


@mistake("fit_standardizer", caught_by="fitting_refuses_what_is_no_table")
def takes_whatever_comes(x):
    """does not check its argument"""
    x = torch.as_tensor(
        x, dtype=x.dtype if isinstance(x, Tensor) and x.is_floating_point() else torch.get_default_dtype()
    )
    return x.mean(0), (x - x.mean(0)).square().mean(0).sqrt()


# standardize


@mistake("standardize", caught_by="uses_the_given_statistics")
def refits_on_its_input(x, mean, std):
    """standardizes x by its own mean and std instead of the given ones"""
    right_standardize(x, mean, std)
    return right_standardize(x, *right_fit(x))


@mistake("standardize", caught_by="uses_the_given_statistics")
def divides_by_the_variance(x, mean, std):
    """divides by std² instead of std"""
    right_standardize(x, mean, std)
    constant = std <= 10 * torch.finfo(x.dtype).eps * mean.abs()
    return torch.where(constant, torch.zeros_like(x), (x - mean) / std.square())


@mistake("standardize", caught_by="uses_the_given_statistics")
def does_not_centre(x, mean, std):
    """divides by std without subtracting the mean"""
    right_standardize(x, mean, std)
    constant = std <= 10 * torch.finfo(x.dtype).eps * mean.abs()
    return torch.where(constant, torch.zeros_like(x), x / std)


@mistake("standardize", caught_by="uses_the_given_statistics")
def subtracts_after_dividing(x, mean, std):
    """computes x / std − mean: the mean is not divided"""
    right_standardize(x, mean, std)
    constant = std <= 10 * torch.finfo(x.dtype).eps * mean.abs()
    return torch.where(constant, torch.zeros_like(x), x / std - mean)


@mistake("standardize", caught_by="uses_the_given_statistics")
def refits_on_many_rows(x, mean, std):
    """standardizes x by its own mean and std, instead of the given ones, where it has many rows"""
    out = right_standardize(x, mean, std)
    return right_standardize(x, *right_fit(x)) if len(x) > 50 else out


@mistake("standardize", caught_by="a_constant_feature_gives_zero")
def divides_by_zero(x, mean, std):
    """divides by a std of 0: a constant feature becomes NaN"""
    right_standardize(x, mean, std)
    return (x - mean) / std


@mistake("standardize", caught_by="a_constant_feature_gives_zero")
def drops_constant_features(x, mean, std):
    """leaves constant features out instead of returning 0 for them"""
    right_standardize(x, mean, std)
    varies = std > 10 * torch.finfo(x.dtype).eps * mean.abs()
    return ((x - mean) / std)[:, varies]


@mistake("standardize", caught_by="a_constant_feature_gives_zero")
def all_zero_where_one_feature_is_constant(x, mean, std):
    """gives 0 for every feature as soon as one is constant"""
    right_standardize(x, mean, std)
    constant = std <= 10 * torch.finfo(x.dtype).eps * mean.abs()
    return torch.zeros_like(x) if constant.any() else (x - mean) / std


@mistake("standardize", caught_by="a_constant_feature_gives_zero")
def equal_is_not_constant(x, mean, std):
    """compares std with the bound by < instead of ≤: a feature that is 0 in every row becomes NaN"""
    right_standardize(x, mean, std)
    constant = std < 10 * torch.finfo(x.dtype).eps * mean.abs()
    return torch.where(constant, torch.zeros_like(x), (x - mean) / std)


@mistake("standardize", caught_by="a_feature_constant_up_to_rounding_gives_zero")
def only_exact_zero_is_constant(x, mean, std):
    """takes a feature for constant only where std == 0: a std that is rounding blows up"""
    right_standardize(x, mean, std)
    return torch.where(std == 0, torch.zeros_like(x), (x - mean) / std)


@mistake("standardize", caught_by="a_feature_constant_up_to_rounding_gives_zero")
def bound_without_absolute_value(x, mean, std):
    """takes 10 · eps · mean for the bound, without |…|: a feature of a negative constant blows up"""
    right_standardize(x, mean, std)
    constant = (std == 0) | (std <= 10 * torch.finfo(x.dtype).eps * mean)
    return torch.where(constant, torch.zeros_like(x), (x - mean) / std)


@mistake("standardize", caught_by="a_feature_constant_up_to_rounding_gives_zero")
def eps_of_another_dtype(x, mean, std):
    """takes the eps of float64 for every dtype: what is rounding in float32 does not count as constant"""
    right_standardize(x, mean, std)
    constant = std <= 10 * torch.finfo(torch.float64).eps * mean.abs()
    return torch.where(constant, torch.zeros_like(x), (x - mean) / std)


@mistake("standardize", caught_by="a_feature_of_tiny_numbers_is_not_constant")
def constant_below_a_fixed_std(x, mean, std):
    """takes every feature with std below 1e-6 for constant, whatever the size of its mean"""
    right_standardize(x, mean, std)
    return torch.where(std < 1e-6, torch.zeros_like(x), (x - mean) / std)


@mistake("standardize", caught_by="a_feature_of_tiny_numbers_is_not_constant")
def always_adds_eps(x, mean, std):
    """adds a small constant to every std"""
    right_standardize(x, mean, std)
    return (x - mean) / (std + 1e-6)


@mistake("standardize", caught_by="a_feature_of_tiny_numbers_is_not_constant")
def adds_eps_where_not_constant(x, mean, std):
    """adds a small constant (1e-8) to the std of the features that are not constant"""
    right_standardize(x, mean, std)
    constant = std <= 10 * torch.finfo(x.dtype).eps * mean.abs()
    return torch.where(constant, torch.zeros_like(x), (x - mean) / (std + 1e-8))


@mistake("standardize", caught_by="a_feature_of_tiny_numbers_is_not_constant")
def clamps_the_std(x, mean, std):
    """raises every std to at least 1e-6"""
    right_standardize(x, mean, std)
    return (x - mean) / std.clamp(min=1e-6)


@mistake("standardize", caught_by="a_feature_of_tiny_numbers_is_not_constant")
def adds_eps_to_the_variance(x, mean, std):
    """adds a small constant to the variance, as batch normalization does"""
    right_standardize(x, mean, std)
    return (x - mean) / (std.square() + 1e-8).sqrt()


@mistake("standardize", caught_by="standardizing_keeps_arguments_and_dtype")
def standardizes_in_place(x, mean, std):
    """changes the caller's x in place (-=)"""
    out = right_standardize(x, mean, std)
    x -= mean
    return out


@mistake("standardize", caught_by="standardizing_keeps_arguments_and_dtype")
def overwrites_the_given_std(x, mean, std):
    """changes the caller's std in place where a feature is constant"""
    out = right_standardize(x, mean, std)
    std[std <= 10 * torch.finfo(std.dtype).eps * mean.abs()] = 1.0
    return out


@mistake("standardize", caught_by="standardizing_keeps_arguments_and_dtype")
def standardizes_in_double(x, mean, std):
    """returns float64 whatever the dtype of x"""
    return right_standardize(x, mean, std).double()


@mistake("standardize", caught_by="standardizing_refuses_what_does_not_fit")
def lets_statistics_broadcast(x, mean, std):
    """does not check the shapes of mean and std: one value would serve every feature"""
    for name, value in (("x", x), ("mean", mean), ("std", std)):
        if not isinstance(value, Tensor) or not value.is_floating_point():
            raise TypeError(f"{name} must be a floating-point tensor")
    if x.ndim != 2:
        raise ValueError("x must be 2-D")
    constant = std <= 10 * torch.finfo(x.dtype).eps * mean.abs()
    return torch.where(constant, torch.zeros_like(x), (x - mean) / std)


# BatchNorm1d: what train mode returns


@mistake("BatchNorm1d", caught_by="train_mode_normalizes_by_mean_and_biased_variance")
class normalizes_by_the_unbiased_variance(BatchNorm1d):
    """normalizes by the unbiased variance (torch.var's default) instead of the biased one"""

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        super().forward(x)
        mean, var, count = moments(x)
        return finish(self, x, mean, var * count / (count - 1))


@mistake("BatchNorm1d", caught_by="train_mode_normalizes_by_mean_and_biased_variance")
class normalizes_examples_instead_of_channels(BatchNorm1d):
    """takes mean and variance over the channels of each example, as layer normalization does"""

    def forward(self, x):
        super().forward(x)
        normalized = (x - x.mean(1, keepdim=True)) / (x.var(1, correction=0, keepdim=True) + self.eps).sqrt()
        return normalized * along_channels(x, self.weight) + along_channels(x, self.bias)


@mistake("BatchNorm1d", caught_by="train_mode_normalizes_by_mean_and_biased_variance")
class one_mean_for_all_channels(BatchNorm1d):
    """takes one mean and one variance over all channels together"""

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        super().forward(x)
        channels = torch.ones_like(self.weight)
        return finish(self, x, x.mean() * channels, x.var(correction=0) * channels)


@mistake("BatchNorm1d", caught_by="train_mode_normalizes_by_mean_and_biased_variance")
class running_statistics_in_train_mode(BatchNorm1d):
    """normalizes by the running statistics in train mode too"""

    def forward(self, x):
        super().forward(x)
        return finish(self, x, self.running_mean.clone(), self.running_var.clone())


@mistake("BatchNorm1d", caught_by="train_mode_normalizes_by_mean_and_biased_variance")
class running_variance_for_two_values(BatchNorm1d):
    """normalizes two values per channel by the running variance instead of their own"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training or x.numel() != 2 * self.num_features:
            return out
        return finish(self, x, moments(x)[0], self.running_var.clone())


@mistake("BatchNorm1d", caught_by="train_mode_normalizes_by_mean_and_biased_variance")
class divides_by_the_variance_itself(BatchNorm1d):
    """divides by var + eps: the square root is missing"""

    def forward(self, x):
        super().forward(x)
        mean, var, _ = moments(x) if self.training else (self.running_mean, self.running_var, 0)
        return finish(self, x, mean, (var + self.eps).square() - self.eps)


@mistake("BatchNorm1d", caught_by="eps_stands_inside_the_root")
class eps_outside_the_root(BatchNorm1d):
    """adds eps to the standard deviation: sqrt(var) + eps instead of sqrt(var + eps)"""

    def forward(self, x):
        super().forward(x)
        mean, var, _ = moments(x) if self.training else (self.running_mean, self.running_var, 0)
        normalized = (x - along_channels(x, mean)) / (along_channels(x, var).sqrt() + self.eps)
        return normalized * along_channels(x, self.weight) + along_channels(x, self.bias)


@mistake("BatchNorm1d", caught_by="eps_stands_inside_the_root")
class ignores_eps(BatchNorm1d):
    """uses a fixed eps of 1e-5 and ignores the argument"""

    def forward(self, x):
        given, self.eps = self.eps, 1e-5
        try:
            return super().forward(x)
        finally:
            self.eps = given


@mistake("BatchNorm1d", caught_by="eps_stands_inside_the_root")
class another_default_eps(BatchNorm1d):
    """has a default eps of 1e-3, as Keras does, instead of 1e-5"""

    def __init__(self, num_features, eps=1e-3, momentum=0.1, device=None, dtype=None):
        super().__init__(num_features, eps, momentum, device, dtype)


@mistake("BatchNorm1d", caught_by="eps_stands_inside_the_root")
class eps_is_squared(BatchNorm1d):
    """adds eps² to the variance"""

    def forward(self, x):
        given, self.eps = self.eps, self.eps**2
        try:
            return super().forward(x)
        finally:
            self.eps = given


@mistake("BatchNorm1d", caught_by="eval_mode_keeps_eps_weight_and_bias")
class eps_as_a_floor(BatchNorm1d):
    """raises the variance to at least eps instead of adding eps"""

    def forward(self, x):
        super().forward(x)
        mean, var, _ = moments(x) if self.training else (self.running_mean, self.running_var, 0)
        return finish(self, x, mean, var.clamp(min=self.eps) - self.eps)


@mistake("BatchNorm1d", caught_by="weight_scales_and_bias_shifts_the_normalized_value")
class normalizes_after_weight_and_bias(BatchNorm1d):
    """applies weight and bias before it normalizes, which undoes them"""

    def forward(self, x):
        super().forward(x)
        scaled = x * along_channels(x, self.weight) + along_channels(x, self.bias)
        mean, var, _ = moments(scaled) if self.training else (self.running_mean, self.running_var, 0)
        return (scaled - along_channels(x, mean)) / along_channels(x, var + self.eps).sqrt()


@mistake("BatchNorm1d", caught_by="weight_scales_and_bias_shifts_the_normalized_value")
class forgets_weight_and_bias(BatchNorm1d):
    """returns the normalized value: weight and bias are not applied"""

    def forward(self, x):
        return (super().forward(x) - along_channels(x, self.bias)) / along_channels(x, self.weight)


@mistake("BatchNorm1d", caught_by="weight_scales_and_bias_shifts_the_normalized_value")
class forgets_the_bias(BatchNorm1d):
    """does not add the bias"""

    def forward(self, x):
        return super().forward(x) - along_channels(x, self.bias)


@mistake("BatchNorm1d", caught_by="weight_scales_and_bias_shifts_the_normalized_value")
class scales_the_bias_too(BatchNorm1d):
    """computes weight · (normalized value + bias): the bias is scaled too"""

    def forward(self, x):
        return super().forward(x) + along_channels(x, self.bias * (self.weight - 1))


@mistake("BatchNorm1d", caught_by="positions_count_as_examples")
class statistics_of_each_position(BatchNorm1d):
    """takes separate statistics at every position of (N, C, L): averages over dimension 0 only"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training or x.ndim == 2:
            return out
        normalized = (x - x.mean(0)) / (x.var(0, correction=0) + self.eps).sqrt()
        return normalized * along_channels(x, self.weight) + along_channels(x, self.bias)


@mistake("BatchNorm1d", caught_by="positions_count_as_examples")
class statistics_of_each_example(BatchNorm1d):
    """takes separate statistics for every example of (N, C, L), as instance normalization does"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training or x.ndim == 2:
            return out
        normalized = (x - x.mean(2, keepdim=True)) / (x.var(2, correction=0, keepdim=True) + self.eps).sqrt()
        return normalized * along_channels(x, self.weight) + along_channels(x, self.bias)


@mistake("BatchNorm1d", caught_by="positions_count_as_examples")
class channels_in_the_last_dimension(BatchNorm1d):
    """takes the last dimension of a 3-D input for the channels, as TensorFlow does"""

    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2) if x.ndim == 3 else super().forward(x)


@mistake("BatchNorm1d", caught_by="positions_count_as_examples")
class takes_no_positions(BatchNorm1d):
    """refuses (N, C, L)"""

    def forward(self, x):
        if x.ndim == 3:
            raise ValueError("x must be (N, C)")
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="one_example_with_several_positions_is_enough")
class refuses_one_example(BatchNorm1d):
    """refuses every batch of one example in train mode, though its positions are values enough"""

    def forward(self, x):
        if self.training and len(x) < 2:
            raise ValueError("x must hold more than one example")
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="output_survives_a_large_offset")
class variance_in_one_pass(BatchNorm1d):
    """computes the variance as mean(x²) − mean(x)², which loses its digits at large offsets"""

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        super().forward(x)
        mean, _, _ = moments(x)
        square, _, _ = moments(x.square())
        return finish(self, x, mean, (square - mean.square()).clamp(min=0))


@mistake("BatchNorm1d", caught_by="output_survives_a_large_offset")
class mean_in_single_precision(BatchNorm1d):
    """takes the mean of a float64 batch in float32"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training:
            return out
        mean = moments(x.float())[0].to(x.dtype)
        return finish(self, x, mean, moments((x - along_channels(x, mean)).square())[0])


@mistake("BatchNorm1d", caught_by="train_mode_refuses_one_value_per_channel")
class one_value_gives_the_bias(BatchNorm1d):
    """normalizes one value per channel to 0 instead of refusing it"""

    def forward(self, x):
        if isinstance(x, Tensor) and self.training and x.ndim > 1 and x.numel() == self.num_features == x.shape[1]:
            return torch.zeros_like(x) * along_channels(x, self.weight) + along_channels(x, self.bias)
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="train_mode_refuses_one_value_per_channel")
class one_value_is_normalized_by_running_statistics(BatchNorm1d):
    """normalizes one value per channel by the running statistics, as eval mode does, instead of refusing it"""

    def forward(self, x):
        if isinstance(x, Tensor) and self.training and x.ndim > 1 and x.numel() == self.num_features == x.shape[1]:
            return finish(self, x, self.running_mean.clone(), self.running_var.clone())
        return super().forward(x)


# BatchNorm1d: running statistics


@mistake("BatchNorm1d", caught_by="momentum_weights_the_new_batch")
class momentum_weights_the_old_value(BatchNorm1d):
    """weights the old value with momentum, as Keras does: running = momentum · running + (1 − momentum) · batch"""

    def forward(self, x):
        given, self.momentum = self.momentum, 1 - self.momentum
        try:
            return super().forward(x)
        finally:
            self.momentum = given


@mistake("BatchNorm1d", caught_by="momentum_weights_the_new_batch")
class ignores_momentum(BatchNorm1d):
    """uses a fixed momentum of 0.1 and ignores the argument"""

    def forward(self, x):
        given, self.momentum = self.momentum, 0.1
        try:
            return super().forward(x)
        finally:
            self.momentum = given


@mistake("BatchNorm1d", caught_by="momentum_weights_the_new_batch")
class another_default_momentum(BatchNorm1d):
    """has a default momentum of 0.01 instead of 0.1"""

    def __init__(self, num_features, eps=1e-5, momentum=0.01, device=None, dtype=None):
        super().__init__(num_features, eps, momentum, device, dtype)


@mistake("BatchNorm1d", caught_by="momentum_weights_the_new_batch")
class momentum_one_averages_all_batches(BatchNorm1d):
    """averages all batches alike where momentum is 1, instead of keeping the last batch only"""

    def forward(self, x):
        given = self.momentum
        if self.training and given == 1:
            self.seen = getattr(self, "seen", 0) + 1
            self.momentum = 1 / self.seen
        try:
            return super().forward(x)
        finally:
            self.momentum = given


@mistake("BatchNorm1d", caught_by="momentum_weights_the_new_batch")
class averages_all_batches(BatchNorm1d):
    """averages all batches alike (momentum 1/t) instead of letting the old ones fade"""

    def forward(self, x):
        given = self.momentum
        if self.training:
            self.seen = getattr(self, "seen", 0) + 1
            self.momentum = 1 / self.seen
        try:
            return super().forward(x)
        finally:
            self.momentum = given


@mistake("BatchNorm1d", caught_by="momentum_weights_the_new_batch")
class first_batch_replaces_the_start(BatchNorm1d):
    """takes the first batch as it is, instead of blending it with the starting values 0 and 1"""

    def forward(self, x):
        given = self.momentum
        if self.training and not hasattr(self, "started"):
            self.started, self.momentum = True, 1.0
        try:
            return super().forward(x)
        finally:
            self.momentum = given


@mistake("BatchNorm1d", caught_by="momentum_weights_the_new_batch")
class does_not_fade_the_old_value(BatchNorm1d):
    """adds momentum · batch without multiplying the old value by 1 − momentum"""

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        old = self.running_mean.clone(), self.running_var.clone()
        out = super().forward(x)
        self.running_mean.add_(old[0], alpha=self.momentum)
        self.running_var.add_(old[1], alpha=self.momentum)
        return out


@mistake("BatchNorm1d", caught_by="momentum_weights_the_new_batch")
class never_follows_the_batches(BatchNorm1d):
    """never updates running_mean and running_var"""

    def forward(self, x):
        old = self.running_mean.clone(), self.running_var.clone()
        out = super().forward(x)
        self.running_mean.copy_(old[0])
        self.running_var.copy_(old[1])
        return out


@mistake("BatchNorm1d", caught_by="running_var_takes_the_unbiased_variance")
class biased_running_variance(BatchNorm1d):
    """stores the biased variance in running_var; PyTorch stores the unbiased one"""

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        old = self.running_var.clone()
        out = super().forward(x)
        _, var, _ = moments(x.detach())
        self.running_var.copy_(old.lerp_(var, self.momentum))
        return out


@mistake("BatchNorm1d", caught_by="running_var_takes_the_unbiased_variance")
class two_values_are_not_corrected(BatchNorm1d):
    """stores the biased variance in running_var where a channel has two values"""

    def forward(self, x):
        if not self.training or x.numel() != 2 * self.num_features:
            return super().forward(x)
        old = self.running_var.clone()
        out = super().forward(x)
        self.running_var.copy_(old.lerp_(moments(x.detach())[1], self.momentum))
        return out


@mistake("BatchNorm1d", caught_by="running_var_takes_the_unbiased_variance")
class running_standard_deviation(BatchNorm1d):
    """stores the standard deviation in running_var"""

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        old = self.running_var.clone()
        out = super().forward(x)
        _, var, count = moments(x.detach())
        self.running_var.copy_(old.lerp_((var * count / (count - 1)).sqrt(), self.momentum))
        return out


@mistake("BatchNorm1d", caught_by="running_statistics_count_positions")
class unbiased_by_examples_alone(BatchNorm1d):
    """corrects the variance of (N, C, L) by N / (N − 1) instead of N·L / (N·L − 1)"""

    def forward(self, x):
        old = self.running_var.clone()
        out = super().forward(x)
        if self.training and x.ndim == 3 and len(x) > 1:
            _, var, _ = moments(x.detach())
            self.running_var.copy_(old.lerp_(var * len(x) / (len(x) - 1), self.momentum))
        return out


@mistake("BatchNorm1d", caught_by="running_statistics_count_positions")
class running_statistics_of_the_first_position(BatchNorm1d):
    """moves the running statistics by the first position of (N, C, L) alone"""

    def forward(self, x):
        old = self.running_mean.clone(), self.running_var.clone()
        out = super().forward(x)
        if self.training and x.ndim == 3 and len(x) > 1:
            self.running_mean.copy_(old[0])
            self.running_var.copy_(old[1])
            follow(self, *moments(x[:, :, 0].detach()))
            self.num_batches_tracked.sub_(1)
        return out


@mistake("BatchNorm1d", caught_by="counts_the_batches")
class never_counts(BatchNorm1d):
    """never changes num_batches_tracked"""

    def forward(self, x):
        out = super().forward(x)
        self.num_batches_tracked.zero_()
        return out


@mistake("BatchNorm1d", caught_by="counts_the_batches")
class counts_examples(BatchNorm1d):
    """adds the number of examples to num_batches_tracked instead of 1"""

    def forward(self, x):
        out = super().forward(x)
        if self.training:
            self.num_batches_tracked.add_(len(x) - 1)
        return out


@mistake("BatchNorm1d", caught_by="buffers_change_in_place")
class replaces_its_buffers(BatchNorm1d):
    """binds new tensors to running_mean and running_var instead of changing the buffers in place"""

    def forward(self, x):
        if self.training:
            self.running_mean, self.running_var = self.running_mean.clone(), self.running_var.clone()
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="buffers_change_in_place")
class replaces_its_running_mean(BatchNorm1d):
    """binds a new tensor to running_mean instead of changing the buffer in place"""

    def forward(self, x):
        if self.training:
            self.running_mean = self.running_mean.clone()
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="buffers_change_in_place")
class replaces_buffers_and_counter(BatchNorm1d):
    """binds new tensors to running_mean, running_var and num_batches_tracked instead of changing them in place"""

    def forward(self, x):
        if self.training:
            self.running_mean, self.running_var = self.running_mean.clone(), self.running_var.clone()
            self.num_batches_tracked = self.num_batches_tracked.clone()
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="buffers_change_in_place")
class replaces_its_counter(BatchNorm1d):
    """binds a new tensor to num_batches_tracked (x = x + 1) instead of adding in place"""

    def forward(self, x):
        if self.training:
            self.num_batches_tracked = self.num_batches_tracked.clone()
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="buffers_stay_outside_autograd")
class graph_in_its_buffers(BatchNorm1d):
    """updates the running statistics inside autograd: they hold on to the graph of every batch"""

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        old = self.running_mean.detach().clone(), self.running_var.detach().clone()
        out = super().forward(x)
        mean, var, count = moments(x)
        self.running_mean.copy_(torch.lerp(old[0], mean, self.momentum))
        self.running_var.copy_(torch.lerp(old[1], var * count / (count - 1), self.momentum))
        return out


@mistake("BatchNorm1d", caught_by="buffers_stay_outside_autograd")
class stands_still_under_no_grad(BatchNorm1d):
    """updates the running statistics only where gradients are recorded: not under torch.no_grad()"""

    def forward(self, x):
        old = self.running_mean.clone(), self.running_var.clone()
        out = super().forward(x)
        if not torch.is_grad_enabled():
            self.running_mean.copy_(old[0])
            self.running_var.copy_(old[1])
        return out


@mistake("BatchNorm1d", caught_by="buffers_stay_outside_autograd")
class stands_still_with_a_frozen_weight(BatchNorm1d):
    """updates the running statistics only where weight requires grad"""

    def forward(self, x):
        old = self.running_mean.clone(), self.running_var.clone()
        out = super().forward(x)
        if not self.weight.requires_grad:
            self.running_mean.copy_(old[0])
            self.running_var.copy_(old[1])
        return out


@mistake("BatchNorm1d", caught_by="a_refused_batch_updates_nothing")
class updates_before_it_refuses(BatchNorm1d):
    """updates the running statistics before it refuses one value per channel"""

    def forward(self, x):
        if isinstance(x, Tensor) and self.training and x.ndim > 1 and x.numel() == self.num_features == x.shape[1]:
            self.running_mean.lerp_(x.detach().flatten(), self.momentum)
            self.num_batches_tracked.add_(1)
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="a_refused_batch_updates_nothing")
class counts_before_it_refuses(BatchNorm1d):
    """counts the batch before it refuses it, as PyTorch does; here it must not"""

    def forward(self, x):
        if isinstance(x, Tensor) and self.training and x.ndim > 1 and x.numel() == self.num_features == x.shape[1]:
            self.num_batches_tracked.add_(1)
        return super().forward(x)


# BatchNorm1d: eval mode


@mistake("BatchNorm1d", caught_by="eval_mode_uses_the_running_statistics")
class batch_statistics_in_eval_mode(BatchNorm1d):
    """normalizes by the batch's statistics in eval mode too"""

    def forward(self, x):
        out = super().forward(x)
        if self.training:
            return out
        mean, var, _ = moments(x)
        return finish(self, x, mean, var)


@mistake("BatchNorm1d", caught_by="eval_mode_uses_the_running_statistics")
class running_variance_taken_for_the_deviation(BatchNorm1d):
    """divides by running_var itself in eval mode, as if it were a standard deviation"""

    def forward(self, x):
        out = super().forward(x)
        return out if self.training else finish(self, x, self.running_mean, self.running_var.square())


@mistake("BatchNorm1d", caught_by="eval_mode_uses_the_running_statistics")
class corrects_the_variance_again(BatchNorm1d):
    """multiplies running_var by N / (N − 1) in eval mode, though it is unbiased already"""

    def forward(self, x):
        out = super().forward(x)
        if self.training or len(x) < 2 or x.ndim == 3:
            return out
        return finish(self, x, self.running_mean, self.running_var * len(x) / (len(x) - 1))


@mistake("BatchNorm1d", caught_by="eval_mode_keeps_eps_weight_and_bias")
class no_eps_in_eval_mode(BatchNorm1d):
    """leaves eps out in eval mode"""

    def forward(self, x):
        out = super().forward(x)
        return out if self.training else finish(self, x, self.running_mean, self.running_var - self.eps)


@mistake("BatchNorm1d", caught_by="eval_mode_keeps_eps_weight_and_bias")
class eps_twice_in_eval_mode(BatchNorm1d):
    """adds eps twice in eval mode"""

    def forward(self, x):
        out = super().forward(x)
        return out if self.training else finish(self, x, self.running_mean, self.running_var + self.eps)


@mistake("BatchNorm1d", caught_by="eval_mode_keeps_eps_weight_and_bias")
class no_weight_and_bias_in_eval_mode(BatchNorm1d):
    """leaves weight and bias out in eval mode"""

    def forward(self, x):
        out = super().forward(x)
        return out if self.training else (out - along_channels(x, self.bias)) / along_channels(x, self.weight)


@mistake("BatchNorm1d", caught_by="eval_mode_updates_nothing")
class follows_in_eval_mode(BatchNorm1d):
    """updates the running statistics in eval mode too"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training and x.numel() > x.shape[1]:
            follow(self, *moments(x.detach()))
        return out


@mistake("BatchNorm1d", caught_by="eval_mode_updates_nothing")
class counts_in_eval_mode(BatchNorm1d):
    """counts batches in eval mode too"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training:
            self.num_batches_tracked.add_(1)
        return out


@mistake("BatchNorm1d", caught_by="eval_mode_updates_nothing")
class forgets_on_the_way_back(BatchNorm1d):
    """resets the running statistics when train() follows eval()"""

    def train(self, mode=True):
        if mode and not self.training:
            self.running_mean.zero_()
            self.running_var.fill_(1.0)
        return super().train(mode)


@mistake("BatchNorm1d", caught_by="eval_mode_takes_a_batch_of_one")
class refuses_one_example_in_every_mode(BatchNorm1d):
    """refuses every batch of one example, in eval mode too"""

    def forward(self, x):
        if isinstance(x, Tensor) and x.ndim > 1 and len(x) < 2:
            raise ValueError("x must hold more than one example")
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="eval_mode_takes_a_batch_of_one")
class refuses_one_value_in_eval_mode(BatchNorm1d):
    """refuses a batch of one in eval mode too"""

    def forward(self, x):
        if isinstance(x, Tensor) and x.ndim > 1 and x.numel() <= x.shape[1]:
            raise ValueError("x must hold more than one value per channel")
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="eval_mode_treats_positions_alike")
class broadcasts_along_positions(BatchNorm1d):
    """lets the running statistics broadcast along the last dimension of (N, C, L) in eval mode"""

    def forward(self, x):
        if self.training or not isinstance(x, Tensor) or x.ndim == 2:
            return super().forward(x)
        super().forward(x)
        return (x - self.running_mean) / (self.running_var + self.eps).sqrt() * self.weight + self.bias


@mistake("BatchNorm1d", caught_by="eval_mode_treats_positions_alike")
class no_bias_at_positions_in_eval_mode(BatchNorm1d):
    """does not add the bias to (N, C, L) in eval mode"""

    def forward(self, x):
        out = super().forward(x)
        return out if self.training or x.ndim == 2 else out - along_channels(x, self.bias)


# BatchNorm1d: backward


@mistake("BatchNorm1d", caught_by="gradient_flows_through_mean_and_variance")
class detaches_mean_and_variance(BatchNorm1d):
    """treats mean and variance as constants in the backward pass (detach or no_grad)"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training:
            return out
        mean, var, _ = moments(x.detach())
        return finish(self, x, mean, var)


@mistake("BatchNorm1d", caught_by="gradient_flows_through_mean_and_variance")
class detaches_the_variance(BatchNorm1d):
    """treats the variance as a constant in the backward pass"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training:
            return out
        mean, var, _ = moments(x)
        return finish(self, x, mean, var.detach())


@mistake("BatchNorm1d", caught_by="gradient_flows_through_mean_and_variance")
class detaches_the_mean(BatchNorm1d):
    """treats the mean as a constant in the backward pass, in the variance too"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training:
            return out
        mean = moments(x.detach())[0]
        # The variance has no gradient through its mean: Σ (x − mean) is 0.
        return finish(self, x, mean, moments(x)[1])


@mistake("BatchNorm1d", caught_by="gradient_flows_through_mean_and_variance")
class no_graph_at_all(BatchNorm1d):
    """computes the output under no_grad or in numpy: no gradient flows"""

    def forward(self, x):
        return super().forward(x).detach()


@mistake("BatchNorm1d", caught_by="weight_and_bias_receive_gradients")
class weight_and_bias_outside_the_graph(BatchNorm1d):
    """uses weight.data and bias.data, which receive no gradient"""

    def forward(self, x):
        out = super().forward(x)
        weight, bias = along_channels(x, self.weight), along_channels(x, self.bias)
        return (out - bias) / weight * weight.detach() + bias.detach() + 0 * (weight + bias).sum()


@mistake("BatchNorm1d", caught_by="weight_and_bias_receive_gradients")
class bias_outside_the_graph(BatchNorm1d):
    """uses bias.data, which receives no gradient"""

    def forward(self, x):
        out, bias = super().forward(x), along_channels(x, self.bias)
        return out - bias + bias.detach() + 0 * bias.sum()


@mistake("BatchNorm1d", caught_by="gradients_of_positions_are_those_of_examples")
class detaches_the_statistics_of_positions(BatchNorm1d):
    """treats mean and variance of (N, C, L) as constants in the backward pass"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training or x.ndim == 2:
            return out
        mean, var, _ = moments(x.detach())
        return finish(self, x, mean, var)


@mistake("BatchNorm1d", caught_by="gradient_flows_in_eval_mode")
class no_graph_in_eval_mode(BatchNorm1d):
    """computes eval mode under no_grad: no gradient flows"""

    def forward(self, x):
        out = super().forward(x)
        return out if self.training else out.detach()


@mistake("BatchNorm1d", caught_by="gradient_flows_in_eval_mode")
class detaches_its_input_in_eval_mode(BatchNorm1d):
    """detaches x in eval mode: weight and bias receive their gradients, x none"""

    def forward(self, x):
        return super().forward(x if self.training or not isinstance(x, Tensor) else x.detach())


@mistake("BatchNorm1d", caught_by="gradient_flows_in_eval_mode")
class detaches_weight_in_eval_mode(BatchNorm1d):
    """uses weight.data in eval mode: weight receives no gradient there"""

    def forward(self, x):
        out = super().forward(x)
        if self.training:
            return out
        var = along_channels(x, self.running_var + self.eps)
        normalized = (x - along_channels(x, self.running_mean)) / var.sqrt()
        return normalized * along_channels(x, self.weight.detach()) + along_channels(x, self.bias)


# BatchNorm1d: module, state_dict, validation


@mistake("BatchNorm1d", caught_by="weight_and_bias_start_as_parameters_one_and_zero")
class weight_starts_random(BatchNorm1d):
    """draws the starting weight at random"""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        nn.init.normal_(self.weight, 1.0, 0.02)


@mistake("BatchNorm1d", caught_by="weight_and_bias_start_as_parameters_one_and_zero")
class weight_starts_at_zero(BatchNorm1d):
    """starts weight at 0, so that every output is 0"""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        nn.init.zeros_(self.weight)


@mistake("BatchNorm1d", caught_by="weight_and_bias_start_as_parameters_one_and_zero")
class weight_and_bias_are_buffers(BatchNorm1d):
    """registers weight and bias as buffers: an optimizer does not see them"""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for name in ("weight", "bias"):
            start = getattr(self, name).detach()
            delattr(self, name)
            self.register_buffer(name, start)


@mistake("BatchNorm1d", caught_by="weight_and_bias_start_as_parameters_one_and_zero")
class weight_and_bias_are_plain_tensors(BatchNorm1d):
    """keeps weight and bias as plain tensors with requires_grad: neither parameters() nor .to(...) sees them"""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for name in ("weight", "bias"):
            start = getattr(self, name).detach().requires_grad_()
            delattr(self, name)
            setattr(self, name, start)


@mistake("BatchNorm1d", caught_by="weight_and_bias_start_as_parameters_one_and_zero")
class running_statistics_are_parameters(BatchNorm1d):
    """makes parameters (requires_grad=False) of running_mean and running_var instead of buffers"""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for name in ("running_mean", "running_var"):
            start = getattr(self, name)
            delattr(self, name)
            setattr(self, name, nn.Parameter(start, requires_grad=False))


@mistake("BatchNorm1d", caught_by="buffers_start_at_zero_one_and_zero")
class running_variance_starts_at_zero(BatchNorm1d):
    """starts running_var at 0 instead of 1"""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.running_var.zero_()


@mistake("BatchNorm1d", caught_by="buffers_start_at_zero_one_and_zero")
class counter_is_a_float(BatchNorm1d):
    """makes num_batches_tracked a floating-point tensor"""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.num_batches_tracked = self.num_batches_tracked.float()


@mistake("BatchNorm1d", caught_by="buffers_start_at_zero_one_and_zero")
class counter_is_one_dimensional(BatchNorm1d):
    """gives num_batches_tracked the shape (1,) instead of ()"""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.num_batches_tracked = self.num_batches_tracked.reshape(1)


@mistake("BatchNorm1d", caught_by="buffers_start_at_zero_one_and_zero")
class running_statistics_are_plain_attributes(BatchNorm1d):
    """keeps the running statistics as plain attributes: state_dict forgets them and .to(...) leaves them behind"""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            start = getattr(self, name)
            delattr(self, name)
            setattr(self, name, start)


@mistake("BatchNorm1d", caught_by="state_dict_carries_what_was_learnt")
class buffers_are_not_saved(BatchNorm1d):
    """registers its buffers with persistent=False: state_dict forgets them"""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, getattr(self, name), persistent=False)


@mistake("BatchNorm1d", caught_by="state_dict_carries_what_was_learnt")
class counts_outside_its_buffer(BatchNorm1d):
    """counts the batches in a Python number: after load_state_dict the count starts anew"""

    def forward(self, x):
        out = super().forward(x)
        if self.training:
            self.seen = getattr(self, "seen", 0) + 1
            self.num_batches_tracked.fill_(self.seen)
        return out


@mistake("BatchNorm1d", caught_by="dtype_is_that_of_the_argument")
class ignores_dtype(BatchNorm1d):
    """ignores the argument dtype"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__(num_features, eps, momentum, device)


@mistake("BatchNorm1d", caught_by="dtype_is_that_of_the_argument")
class float32_by_default(BatchNorm1d):
    """takes float32 where no dtype is given, instead of PyTorch's default dtype"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__(num_features, eps, momentum, device, dtype or torch.float32)


@mistake("BatchNorm1d", caught_by="dtype_is_that_of_the_argument")
class buffers_ignore_dtype(BatchNorm1d):
    """hands dtype on to the parameters, but not to the running statistics"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__(num_features, eps, momentum, device, dtype)
        if dtype is not None:
            self.running_mean, self.running_var = self.running_mean.float(), self.running_var.float()

    def forward(self, x):
        wrong = self.running_mean, self.running_var
        self.running_mean, self.running_var = (buffer.to(self.weight.dtype) for buffer in wrong)
        try:
            return super().forward(x)
        finally:
            for buffer, value in zip(wrong, (self.running_mean, self.running_var), strict=True):
                buffer.copy_(value)
            self.running_mean, self.running_var = wrong


@mistake("BatchNorm1d", caught_by="dtype_is_that_of_the_argument")
class counter_follows_dtype(BatchNorm1d):
    """hands dtype on to num_batches_tracked too, which is to stay int64"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__(num_features, eps, momentum, device, dtype)
        if dtype is not None:
            self.num_batches_tracked = self.num_batches_tracked.to(dtype)


@mistake("BatchNorm1d", caught_by="forward_leaves_its_input_alone_and_takes_any_layout")
class centres_the_batch_in_place(BatchNorm1d):
    """subtracts the mean from the caller's x in place (-=)"""

    def forward(self, x):
        out = super().forward(x)
        if not x.requires_grad:
            x -= along_channels(x, moments(x)[0])
        return out


@mistake("BatchNorm1d", caught_by="forward_leaves_its_input_alone_and_takes_any_layout")
class writes_into_positions_in_eval_mode(BatchNorm1d):
    """writes into the caller's x in eval mode where x is (N, C, L)"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training and x.ndim == 3 and not x.requires_grad:
            x.copy_(out.detach())
        return out


@mistake("BatchNorm1d", caught_by="forward_leaves_its_input_alone_and_takes_any_layout")
class switches_gradients_on_for_its_input(BatchNorm1d):
    """sets requires_grad on the caller's x"""

    def forward(self, x):
        out = super().forward(x)
        if x.is_leaf:
            x.requires_grad_()
        return out


@mistake("BatchNorm1d", caught_by="forward_leaves_its_input_alone_and_takes_any_layout")
class needs_contiguous_memory(BatchNorm1d):
    """flattens x with .view, which a non-contiguous x refuses"""

    def forward(self, x):
        if isinstance(x, Tensor):
            x.view(-1)
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="refuses_impossible_settings")
class momentum_zero_allowed(BatchNorm1d):
    """accepts momentum 0, with which the running statistics never move"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__(num_features, eps, momentum if momentum != 0 else 0.5, device, dtype)
        self.momentum = momentum


@mistake("BatchNorm1d", caught_by="refuses_impossible_settings")
class momentum_one_refused(BatchNorm1d):
    """refuses momentum 1, which keeps the last batch only and is allowed"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        if momentum == 1:
            raise ValueError("momentum must lie in (0, 1)")
        super().__init__(num_features, eps, momentum, device, dtype)


@mistake("BatchNorm1d", caught_by="refuses_impossible_settings")
class eps_zero_allowed(BatchNorm1d):
    """accepts eps 0"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__(num_features, eps if eps != 0 else 1.0, momentum, device, dtype)
        self.eps = eps


@mistake("BatchNorm1d", caught_by="refuses_impossible_settings")
class settings_are_not_checked(BatchNorm1d):
    """does not check num_features, eps and momentum"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__(max(num_features, 1), 1.0, 0.5, device, dtype)
        self.eps, self.momentum = eps, momentum


@mistake("BatchNorm1d", caught_by="refuses_impossible_settings")
class settings_are_asserted(BatchNorm1d):
    """checks with assert, which raises AssertionError and vanishes under python -O"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        assert num_features > 0, "num_features must be positive"
        assert eps > 0, "eps must be positive"
        assert 0 < momentum <= 1, "momentum must lie in (0, 1]"
        super().__init__(num_features, eps, momentum, device, dtype)


@mistake("BatchNorm1d", caught_by="refuses_what_is_no_batch_of_c_channels")
class lets_one_channel_broadcast(BatchNorm1d):
    """does not compare the channels of x with num_features: (N, 1) broadcasts"""

    def forward(self, x):
        if isinstance(x, Tensor) and x.ndim > 1 and x.shape[1] == 1:
            x = x.expand(-1, self.num_features, *x.shape[2:])
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="refuses_what_is_no_batch_of_c_channels")
class lets_its_one_channel_broadcast(BatchNorm1d):
    """does not compare the channels of x with num_features where that is 1: its one channel broadcasts"""

    def forward(self, x):
        if not isinstance(x, Tensor) or x.ndim != 2 or self.num_features != 1 or x.shape[1] == 1:
            return super().forward(x)
        mean, var, count = moments(x) if self.training else (self.running_mean, self.running_var, 0)
        if self.training:
            follow(self, mean, var, count)
        return finish(self, x, mean, var)


@mistake("BatchNorm1d", caught_by="refuses_what_is_no_batch_of_c_channels")
class takes_images(BatchNorm1d):
    """accepts (N, C, H, W), which BatchNorm2d is for"""

    def forward(self, x):
        if isinstance(x, Tensor) and x.ndim == 4 and x.shape[1] == self.num_features:
            return super().forward(x.flatten(2)).view(x.shape)
        return super().forward(x)


@mistake("BatchNorm1d", caught_by="refuses_what_is_no_batch_of_c_channels")
class converts_integers(BatchNorm1d):
    """converts an integer x to floats instead of refusing it"""

    def forward(self, x):
        return super().forward(x.to(self.weight.dtype) if isinstance(x, Tensor) and not x.is_floating_point() else x)


@mistake("BatchNorm1d", caught_by="refuses_what_is_no_batch_of_c_channels")
class takes_one_example_without_a_batch(BatchNorm1d):
    """accepts (C,) as one example in eval mode"""

    def forward(self, x):
        if isinstance(x, Tensor) and x.ndim == 1 and not self.training:
            return super().forward(x.unsqueeze(0)).squeeze(0)
        return super().forward(x)


# BatchNorm1d: devices


@mistake("BatchNorm1d", caught_by="training_neither_leaves_the_device_nor_waits")
class reads_the_counter(BatchNorm1d):
    """reads a tensor's value in forward (.item(), int(...), if tensor): the host waits for the device"""

    def forward(self, x):
        out = super().forward(x)
        if self.training and self.num_batches_tracked.item() < 0:
            raise RuntimeError("no batch was counted")
        return out


@mistake("BatchNorm1d", caught_by="training_neither_leaves_the_device_nor_waits")
class statistics_on_the_cpu(BatchNorm1d):
    """takes mean and variance on the CPU (.cpu()) and copies them back"""

    def forward(self, x):
        out = super().forward(x)
        if not self.training:
            return out
        mean, var, _ = moments(x.cpu())
        return finish(self, x, mean.to(x.device), var.to(x.device))


@mistake("BatchNorm1d", caught_by="training_neither_leaves_the_device_nor_waits")
class running_statistics_in_numpy(BatchNorm1d):
    """carries the batch's statistics through numpy"""

    def forward(self, x):
        out = super().forward(x)
        if self.training:
            mean = x.detach().cpu().numpy().mean((0, 2)[: x.ndim - 1])
            self.running_mean.add_(0 * torch.from_numpy(mean).to(x.device))
        return out


@mistake("BatchNorm1d", caught_by="training_neither_leaves_the_device_nor_waits")
class new_tensor_on_the_cpu(BatchNorm1d):
    """makes a new tensor in forward without device=x.device"""

    def forward(self, x):
        out = super().forward(x)
        return out + torch.zeros(x.shape[1], dtype=x.dtype).view((1, -1, 1)[: x.ndim]) if self.training else out


@mistake("BatchNorm1d", caught_by="training_neither_leaves_the_device_nor_waits")
class eps_as_a_new_tensor(BatchNorm1d):
    """wraps a number as torch.tensor(...) in forward: a new tensor on the CPU in every step"""

    def forward(self, x):
        out = super().forward(x)
        return out + torch.tensor(0.0, dtype=x.dtype) if self.training else out


@mistake("BatchNorm1d", caught_by="training_neither_leaves_the_device_nor_waits")
class cuda_by_name(BatchNorm1d):
    """names a device in forward (.to("cuda") or .to("cpu")) instead of following x"""

    def forward(self, x):
        out = super().forward(x)
        return out.to("cuda" if torch.cuda.is_available() else "cpu") if self.training else out


@mistake("BatchNorm1d", caught_by="eval_neither_leaves_the_device_nor_waits")
class eval_mode_on_the_cpu(BatchNorm1d):
    """computes eval mode on the CPU and copies the result back"""

    def forward(self, x):
        out = super().forward(x)
        return out if self.training else out.cpu().to(x.device)


@mistake("BatchNorm1d", caught_by="state_lies_where_it_is_put")
class ignores_device(BatchNorm1d):
    """ignores the argument device"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__(num_features, eps, momentum, None, dtype)


@mistake("BatchNorm1d", caught_by="state_lies_where_it_is_put")
class buffers_ignore_device(BatchNorm1d):
    """hands device on to the parameters, but not to the buffers"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, device=None, dtype=None):
        super().__init__(num_features, eps, momentum, device, dtype)
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            setattr(self, name, getattr(self, name).cpu())
