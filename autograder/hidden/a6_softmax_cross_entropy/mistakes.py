"""Named wrong variants of a6_softmax_cross_entropy: what students, forums and other codebases get wrong, and other conventions.

Read as text: each marked definition replaces the exercise of its mark in the reference, whose private functions are in
scope; the unmarked ones come along. Where two explain a failed check equally well, the first is named.
"""

import math

import torch

from autograder.checking import mistake
from solutions.a6_softmax_cross_entropy import (
    _check_batch,
    _check_logits,
    log_softmax,
    one_hot,
    softmax,
)

# The right ones, under names that no mistake replaces.
right_one_hot, right_softmax, right_log_softmax = one_hot, softmax, log_softmax
right_cross_entropy, right_mse, right_landscape = cross_entropy, softmax_mse, loss_landscape
right_cross_entropy_grad, right_mse_grad = cross_entropy_grad, softmax_mse_grad


def parts(logits, labels):
    """Probabilities, one-hot labels and logarithms of the probabilities, for logits and labels that are a batch."""
    _check_batch(logits, labels)
    probabilities, targets = right_softmax(logits), right_one_hot(labels, logits.shape[1], logits.dtype)
    return probabilities, targets, right_log_softmax(logits)


def naive(logits, dim=-1):
    """Softmax that overflows."""
    exponentials = logits.exp()
    return exponentials / exponentials.sum(dim, keepdim=True)


def of_the_label(rows, labels):
    """The entry of each row that its label names."""
    return rows.gather(1, labels.unsqueeze(1))


def through_mse(probabilities, targets):
    """The gradient of the squared distance, both factors of the chain rule, for all examples together."""
    distance = probabilities - targets
    return 2 / len(targets) * probabilities * (distance - (probabilities * distance).sum(1, keepdim=True))


def by_autograd(loss, logits, labels):
    """The gradient by autograd on a copy, where grad mode allows it."""
    x = logits.detach().clone().requires_grad_()
    return torch.autograd.grad(loss(x, labels), x)[0]


def with_gradient(value, logits, of):
    """A value whose gradient is `of` of the one that comes in."""
    x = logits + 0
    if x.requires_grad:
        x.register_hook(of)
    return x + (value - x).detach()


def both_tensors(logits, labels):
    return isinstance(logits, torch.Tensor) and isinstance(labels, torch.Tensor)


def stretched(logits, labels):
    """Logits and labels, one row or one label stretched to as many as there are of the other."""
    if both_tensors(logits, labels) and logits.ndim == 2 and labels.ndim == 1 and 1 in (len(logits), len(labels)):
        rows = max(len(logits), len(labels))
        return logits.expand(rows, -1), labels.expand(rows)
    return logits, labels


# one_hot


@mistake("one_hot", caught_by="marks_the_class_of_each_row")
def counts_classes_from_one(labels, num_classes, dtype=None):
    """numbers the classes from 1, so that label k marks column k − 1"""
    return right_one_hot(labels, num_classes, dtype).roll(-1, 1)


@mistake("one_hot", caught_by="marks_the_class_of_each_row")
def marks_every_label_in_every_row(labels, num_classes, dtype=None):
    """marks the labels of the whole batch in every row: result[:, labels] = 1"""
    right = right_one_hot(labels, num_classes, dtype)
    return right.amax(0).expand_as(right).clone()


@mistake("one_hot", caught_by="marks_the_class_of_each_row")
def one_column_per_example(labels, num_classes, dtype=None):
    """returns (C, N), a column for each example, instead of (N, C)"""
    return right_one_hot(labels, num_classes, dtype).T


@mistake("one_hot", caught_by="marks_the_class_of_each_row")
def minus_one_for_the_others(labels, num_classes, dtype=None):
    """marks the other classes with −1 instead of 0"""
    return 2 * right_one_hot(labels, num_classes, dtype) - 1


@mistake("one_hot", caught_by="has_a_column_for_every_class")
def columns_up_to_the_largest_label(labels, num_classes, dtype=None):
    """makes as many columns as the largest label of the batch needs, instead of num_classes"""
    return right_one_hot(labels, num_classes, dtype)[:, : int(labels.max()) + 1]


@mistake("one_hot", caught_by="has_a_column_for_every_class")
def columns_for_the_labels_present(labels, num_classes, dtype=None):
    """numbers the classes by their rank among the labels of the batch, as torch.unique does"""
    right = right_one_hot(labels, num_classes, dtype)
    ranks = labels.unique(return_inverse=True)[1]
    return right_one_hot(ranks, num_classes, right.dtype)


@mistake("one_hot", caught_by="is_of_the_default_dtype_unless_one_is_given")
def returns_integers(labels, num_classes, dtype=None):
    """returns integers, as torch.nn.functional.one_hot does, where no dtype is given"""
    return right_one_hot(labels, num_classes, torch.int64 if dtype is None else dtype)


@mistake("one_hot", caught_by="is_of_the_default_dtype_unless_one_is_given")
def single_precision_by_default(labels, num_classes, dtype=None):
    """returns float32 where no dtype is given, whatever PyTorch's default dtype is"""
    return right_one_hot(labels, num_classes, torch.float32 if dtype is None else dtype)


@mistake("one_hot", caught_by="is_of_the_default_dtype_unless_one_is_given")
def ignores_the_dtype(labels, num_classes, dtype=None):
    """ignores the dtype that is asked for"""
    return right_one_hot(labels, num_classes)


@mistake("one_hot", caught_by="one_hot_leaves_labels_alone")
def clamps_the_labels_in_place(labels, num_classes, dtype=None):
    """changes the caller's labels in place"""
    result = right_one_hot(labels, num_classes, dtype)
    labels.sub_(labels.min()).clamp_(0, 1)
    return result


@mistake("one_hot", caught_by="one_hot_leaves_labels_alone")
def reads_labels_as_if_contiguous(labels, num_classes, dtype=None):
    """reads the memory of non-contiguous labels in a row, whatever their stride"""
    if dtype is None and isinstance(labels, torch.Tensor) and labels.dim() == 1:  # the losses give a dtype
        labels = torch.as_strided(labels, labels.shape, (1,))
    return right_one_hot(labels, num_classes, dtype)


@mistake("one_hot", caught_by="one_hot_refuses_what_is_no_class")
def counts_negative_labels_from_the_end(labels, num_classes, dtype=None):
    """takes a label of −1 for the last class, as indexing does: torch.eye(num_classes)[labels]"""
    if isinstance(labels, torch.Tensor) and not labels.is_floating_point() and (labels == -1).any():
        labels = torch.where(labels == -1, num_classes - 1, labels)
    return right_one_hot(labels, num_classes, dtype)


@mistake("one_hot", caught_by="one_hot_refuses_what_is_no_class")
def empty_row_where_no_class(labels, num_classes, dtype=None):
    """leaves the row of a label outside [0, num_classes) empty instead of refusing it"""
    if isinstance(labels, torch.Tensor) and not labels.is_floating_point():
        marks = labels[:, None] == torch.arange(num_classes)
        return marks.to(torch.get_default_dtype() if dtype is None else dtype)
    return right_one_hot(labels, num_classes, dtype)


@mistake("one_hot", caught_by="one_hot_refuses_what_is_no_class")
def leaves_refusing_to_torch(labels, num_classes, dtype=None):
    """leaves bad labels to torch, whose RuntimeError or IndexError is no ValueError"""
    try:
        return right_one_hot(labels, num_classes, dtype)
    except ValueError:
        raise RuntimeError("Class values must be smaller than num_classes.") from None


@mistake("one_hot", caught_by="one_hot_refuses_what_is_no_class")
def truncates_float_labels(labels, num_classes, dtype=None):
    """turns float labels into integers instead of refusing them"""
    return right_one_hot(labels.long() if isinstance(labels, torch.Tensor) else labels, num_classes, dtype)


# softmax


@mistake("softmax", caught_by="is_the_exponential_over_the_sum_of_exponentials")
def sums_its_own_exponential(logits, dim=-1):
    """follows a misprint, Σ_j exp(y_i), which is C · exp(y_i): every class gets 1/C"""
    _check_logits(logits)
    return (logits - logits).exp() / logits.shape[dim]


@mistake("softmax", caught_by="is_the_exponential_over_the_sum_of_exponentials")
def normalises_without_exponentials(logits, dim=-1):
    """divides the logits by their sum, without taking exponentials"""
    _check_logits(logits)
    return logits / logits.sum(dim, keepdim=True)


@mistake("softmax", caught_by="is_the_exponential_over_the_sum_of_exponentials")
def sigmoid_of_each_class(logits, dim=-1):
    """takes the sigmoid of each logit, which does not sum to 1"""
    _check_logits(logits)
    return logits.sigmoid()


@mistake("softmax", caught_by="is_the_exponential_over_the_sum_of_exponentials")
def powers_of_two(logits, dim=-1):
    """takes powers of 2 instead of e"""
    return right_softmax(logits * math.log(2), dim)


@mistake("softmax", caught_by="is_the_exponential_over_the_sum_of_exponentials")
def divides_by_the_largest(logits, dim=-1):
    """divides by the largest exponential instead of their sum"""
    _check_logits(logits)
    return (logits - logits.amax(dim, keepdim=True)).exp()


@mistake("softmax", caught_by="is_the_exponential_over_the_sum_of_exponentials")
def prefers_small_logits(logits, dim=-1):
    """gives the largest probability to the smallest logit: the sign is wrong"""
    _check_logits(logits)
    return right_softmax(-logits, dim)


@mistake("softmax", caught_by="is_the_exponential_over_the_sum_of_exponentials")
def all_to_the_largest(logits, dim=-1):
    """gives 1 to the largest logit and 0 to the others: a hard maximum"""
    _check_logits(logits)
    return (logits == logits.amax(dim, keepdim=True)).to(logits.dtype)


@mistake("softmax", caught_by="is_the_exponential_over_the_sum_of_exponentials")
def sums_over_everything(logits, dim=-1):
    """divides by the sum over the whole tensor, instead of the sum along dim"""
    _check_logits(logits)
    exponentials = (logits - logits.detach().max()).exp()
    return exponentials / exponentials.sum()


@mistake("softmax", caught_by="softmax_runs_along_dim")
def always_the_last_dimension(logits, dim=-1):
    """works along the last dimension, whatever dim says"""
    return right_softmax(logits)


@mistake("softmax", caught_by="softmax_runs_along_dim")
def dimension_one_by_default(logits, dim=1):
    """works along dimension 1 where dim is not given, instead of the last"""
    return right_softmax(logits, dim if isinstance(logits, torch.Tensor) and logits.ndim > 1 else -1)


@mistake("softmax", caught_by="softmax_survives_large_logits")
def overflows(logits, dim=-1):
    """takes exp of the logits as they are, which overflows for large ones: inf / inf is NaN"""
    _check_logits(logits)
    return naive(logits, dim)


@mistake("softmax", caught_by="softmax_survives_large_logits")
def one_maximum_for_all_rows(logits, dim=-1):
    """subtracts the largest logit of the whole tensor: a row far below it becomes 0 / 0"""
    _check_logits(logits)
    return naive(logits - logits.max(), dim)


@mistake("softmax", caught_by="softmax_survives_large_logits")
def subtracts_the_mean(logits, dim=-1):
    """subtracts the mean of the logits, which leaves large exponents, instead of the largest"""
    _check_logits(logits)
    return naive(logits - logits.mean(dim, keepdim=True), dim)


@mistake("softmax", caught_by="softmax_survives_large_logits")
def clamps_the_logits(logits, dim=-1):
    """clamps the logits to keep exp finite, which makes large ones equal"""
    _check_logits(logits)
    return naive(logits.clamp(-60, 60), dim)


@mistake("softmax", caught_by="softmax_survives_large_logits")
def replaces_nan(logits, dim=-1):
    """replaces NaN by 0 after the overflow"""
    _check_logits(logits)
    return naive(logits, dim).nan_to_num(0.0)


@mistake("softmax", caught_by="softmax_survives_large_logits")
def chooses_after_the_overflow(logits, dim=-1):
    """chooses between two results with torch.where: the value is right, the gradient of the other one is NaN"""
    overflowing = naive(logits, dim) if isinstance(logits, torch.Tensor) and logits.is_floating_point() else logits
    right = right_softmax(logits, dim)
    return torch.where(overflowing.isfinite(), right, right + 0 * overflowing.nan_to_num())


@mistake("softmax", caught_by="softmax_survives_large_logits")
def one_over_the_sum_of_gaps(logits, dim=-1):
    """divides 1 by the sum of exp(y_j − y_i): where that overflows the value is a right 0, and its gradient NaN"""
    _check_logits(logits)
    rows = logits.movedim(dim, -1)
    gaps = rows.unsqueeze(-2) - rows.unsqueeze(-1)
    return (1 / gaps.exp().sum(-1)).movedim(-1, dim)


@mistake("softmax", caught_by="gradients_flow_through_softmax")
def detached_softmax(logits, dim=-1):
    """detaches the result from autograd (detach, no_grad, .data or numpy)"""
    return right_softmax(logits, dim).detach()


@mistake("softmax", caught_by="gradients_flow_through_softmax")
def detached_sum(logits, dim=-1):
    """detaches the sum of the exponentials, so that its part of the gradient is lost"""
    _check_logits(logits)
    exponentials = (logits - logits.detach().amax(dim, keepdim=True)).exp()
    return exponentials / exponentials.sum(dim, keepdim=True).detach()


@mistake("softmax", caught_by="softmax_leaves_logits_alone")
def shifts_in_place(logits, dim=-1):
    """subtracts the maximum from the caller's logits in place"""
    result = right_softmax(logits, dim)
    logits.data.sub_(logits.detach().amax(dim, keepdim=True))
    return result


@mistake("softmax", caught_by="softmax_leaves_logits_alone")
def shifts_with_minus_equals(logits, dim=-1):
    """subtracts with -=, which changes the caller's logits, and which autograd refuses for those that require grad"""
    _check_logits(logits)
    logits -= logits.detach().amax(dim, keepdim=True)
    return naive(logits, dim)


@mistake("softmax", caught_by="softmax_leaves_logits_alone")
def turns_grad_on(logits, dim=-1):
    """calls requires_grad_() on the caller's logits"""
    _check_logits(logits)
    return right_softmax(logits.requires_grad_() if logits.is_leaf else logits, dim)


@mistake("softmax", caught_by="softmax_keeps_the_dtype")
def cuts_small_probabilities_off(logits, dim=-1):
    """raises small probabilities to 1e-7"""
    return right_softmax(logits, dim).clamp(min=1e-7)


@mistake("softmax", caught_by="softmax_keeps_the_dtype")
def views_the_logits(logits, dim=-1):
    """calls .view(), which refuses some non-contiguous logits"""
    _check_logits(logits)
    if dim in (-1, logits.ndim - 1):
        return right_softmax(logits.view(-1, logits.shape[-1]), 1).view(logits.shape)
    return right_softmax(logits, dim)


@mistake("softmax", caught_by="softmax_keeps_the_dtype")
def softmax_in_double(logits, dim=-1):
    """returns float64 whatever the dtype of the logits"""
    _check_logits(logits)
    return right_softmax(logits.double(), dim)


@mistake("softmax", caught_by="softmax_keeps_the_dtype")
def softmax_in_single(logits, dim=-1):
    """computes in float32, whatever the dtype of the logits"""
    _check_logits(logits)
    return right_softmax(logits.float(), dim).to(logits.dtype)


@mistake("softmax", caught_by="softmax_keeps_the_dtype")
def adds_to_the_sum(logits, dim=-1):
    """adds a small constant to the sum, which is never zero"""
    _check_logits(logits)
    exponentials = (logits - logits.amax(dim, keepdim=True)).exp()
    return exponentials / (exponentials.sum(dim, keepdim=True) + 1e-8)


@mistake("softmax", caught_by="softmax_refuses_wrong_types")
def takes_what_torch_takes(logits, dim=-1):
    """converts lists and integers instead of refusing them"""
    logits = torch.as_tensor(logits)
    return right_softmax(logits if logits.is_floating_point() else logits.float(), dim)


# log_softmax


@mistake("log_softmax", caught_by="is_the_logarithm_of_softmax")
def log_to_base_two(logits, dim=-1):
    """takes the logarithm to base 2 instead of the natural one"""
    return right_log_softmax(logits, dim) / math.log(2)


@mistake("log_softmax", caught_by="is_the_logarithm_of_softmax")
def minus_the_logarithm(logits, dim=-1):
    """returns minus the logarithms"""
    return -right_log_softmax(logits, dim)


@mistake("log_softmax", caught_by="is_the_logarithm_of_softmax")
def without_the_logarithm(logits, dim=-1):
    """returns the probabilities themselves, without the logarithm"""
    return right_softmax(logits, dim)


@mistake("log_softmax", caught_by="is_the_logarithm_of_softmax")
def subtracts_the_largest_only(logits, dim=-1):
    """subtracts the largest logit and leaves out the logarithm of the sum"""
    _check_logits(logits)
    return logits - logits.amax(dim, keepdim=True)


@mistake("log_softmax", caught_by="is_the_logarithm_of_softmax")
def forgets_the_shift(logits, dim=-1):
    """shifts the logits inside the sum and forgets to undo it outside"""
    _check_logits(logits)
    return logits - (logits - logits.amax(dim, keepdim=True)).exp().sum(dim, keepdim=True).log()


@mistake("log_softmax", caught_by="is_the_logarithm_of_softmax")
def normalises_over_everything(logits, dim=-1):
    """takes the sum over the whole tensor, instead of along dim"""
    _check_logits(logits)
    shifted = logits - logits.detach().max()
    return shifted - shifted.exp().sum().log()


@mistake("log_softmax", caught_by="log_softmax_runs_along_dim")
def log_always_along_the_last_dimension(logits, dim=-1):
    """works along the last dimension, whatever dim says"""
    return right_log_softmax(logits)


@mistake("log_softmax", caught_by="log_softmax_runs_along_dim")
def log_along_dimension_one_by_default(logits, dim=1):
    """works along dimension 1 where dim is not given, instead of the last"""
    return right_log_softmax(logits, dim if isinstance(logits, torch.Tensor) and logits.ndim > 1 else -1)


@mistake("log_softmax", caught_by="log_softmax_survives_large_logits")
def log_of_softmax(logits, dim=-1):
    """takes the logarithm of softmax, where a small probability is already 0 and gives −inf"""
    return right_softmax(logits, dim).log()


@mistake("log_softmax", caught_by="log_softmax_survives_large_logits")
def log_of_clamped_softmax(logits, dim=-1):
    """clamps the probabilities, or their logarithms, at a number that large logits go below"""
    return right_softmax(logits, dim).clamp(min=1e-30).log()


@mistake("log_softmax", caught_by="log_softmax_survives_large_logits")
def unshifted_sum(logits, dim=-1):
    """takes exp of the logits as they are, which overflows for large ones"""
    _check_logits(logits)
    return logits - logits.exp().sum(dim, keepdim=True).log()


@mistake("log_softmax", caught_by="log_softmax_survives_large_logits")
def one_shift_for_all_rows(logits, dim=-1):
    """shifts all rows by the largest logit of the whole tensor: ln 0 where a row lies far below it"""
    _check_logits(logits)
    shifted = logits - logits.max()
    return shifted - shifted.exp().sum(dim, keepdim=True).log()


@mistake("log_softmax", caught_by="gradients_flow_through_log_softmax")
def detached_log_softmax(logits, dim=-1):
    """detaches the result from autograd (detach, no_grad, .data or numpy)"""
    return right_log_softmax(logits, dim).detach()


@mistake("log_softmax", caught_by="gradients_flow_through_log_softmax")
def detached_normaliser(logits, dim=-1):
    """detaches the logarithm of the sum, so that its part of the gradient is lost"""
    _check_logits(logits)
    return logits + (right_log_softmax(logits, dim) - logits).detach()


@mistake("log_softmax", caught_by="gradients_flow_through_log_softmax")
def backward_for_one_class(logits, dim=-1):
    """has the backward g − y', which is right only where the incoming gradients g sum to 1: it is g − y' Σ_j g_j"""
    right = right_log_softmax(logits, dim)
    return with_gradient(right, logits, lambda g: g - right.detach().exp())


@mistake("log_softmax", caught_by="gradients_flow_through_log_softmax")
def backward_along_the_last_dimension(logits, dim=-1):
    """sums over the last dimension in its backward, whatever dim says"""
    right = right_log_softmax(logits, dim)
    return with_gradient(right, logits, lambda g: g - right.detach().exp() * g.sum(-1, keepdim=True))


@mistake("log_softmax", caught_by="log_softmax_keeps_logits_and_dtype")
def log_shifts_in_place(logits, dim=-1):
    """subtracts from the caller's logits in place"""
    result = right_log_softmax(logits, dim)
    logits.data.copy_(result.detach())
    return result


@mistake("log_softmax", caught_by="log_softmax_keeps_logits_and_dtype")
def log_softmax_in_single(logits, dim=-1):
    """computes in float32, whatever the dtype of the logits"""
    _check_logits(logits)
    return right_log_softmax(logits.float(), dim).to(logits.dtype)


@mistake("log_softmax", caught_by="log_softmax_refuses_wrong_types")
def converts_what_is_no_tensor_of_floats(logits, dim=-1):
    """converts lists and integers instead of refusing them"""
    logits = torch.as_tensor(logits)
    return right_log_softmax(logits if logits.is_floating_point() else logits.float(), dim)


# cross_entropy


@mistake("cross_entropy", caught_by="is_minus_the_log_probability_of_the_label")
def softmax_twice(logits, labels):
    """takes softmax of what softmax has given already"""
    probabilities, _, _ = parts(logits, labels)
    return -of_the_label(right_log_softmax(probabilities), labels).mean()


@mistake("cross_entropy", caught_by="is_minus_the_log_probability_of_the_label")
def without_softmax(logits, labels):
    """takes the logits for logarithms of probabilities, as nll_loss does: softmax is missing"""
    _check_batch(logits, labels)
    return -of_the_label(logits, labels).mean()


@mistake("cross_entropy", caught_by="is_minus_the_log_probability_of_the_label")
def probability_for_logarithm(logits, labels):
    """returns minus the probability of the label, without the logarithm"""
    probabilities, _, _ = parts(logits, labels)
    return -of_the_label(probabilities, labels).mean()


@mistake("cross_entropy", caught_by="is_minus_the_log_probability_of_the_label")
def forgets_the_minus(logits, labels):
    """returns the mean log probability: the minus sign is missing"""
    return -right_cross_entropy(logits, labels)


@mistake("cross_entropy", caught_by="is_minus_the_log_probability_of_the_label")
def in_bits(logits, labels):
    """measures in bits: takes the logarithm to base 2"""
    return right_cross_entropy(logits, labels) / math.log(2)


@mistake("cross_entropy", caught_by="is_minus_the_log_probability_of_the_label")
def averages_over_classes_too(logits, labels):
    """divides by N · C instead of N: the mean runs over the classes too"""
    return right_cross_entropy(logits, labels) / logits.shape[1]


@mistake("cross_entropy", caught_by="is_minus_the_log_probability_of_the_label")
def charges_the_other_classes_too(logits, labels):
    """adds −ln(1 − y') of the other classes, as binary cross-entropy does"""
    probabilities, targets, logarithms = parts(logits, labels)
    others = (1 - probabilities).clamp(min=1e-30).log() * (1 - targets)
    return -(targets * logarithms + others).sum(1).mean()


@mistake("cross_entropy", caught_by="is_minus_the_log_probability_of_the_label")
def label_smoothing(logits, labels):
    """mixes the labels with a tenth of the uniform distribution (label smoothing)"""
    _, targets, logarithms = parts(logits, labels)
    return -((0.9 * targets + 0.1 / targets.shape[1]) * logarithms).sum(1).mean()


@mistake("cross_entropy", caught_by="is_minus_the_log_probability_of_the_label")
def softmax_over_the_batch(logits, labels):
    """takes softmax over the examples (dim=0) instead of the classes"""
    _check_batch(logits, labels)
    return -of_the_label(right_log_softmax(logits, 0), labels).mean()


@mistake("cross_entropy", caught_by="cross_entropy_is_the_mean_over_examples")
def sums_over_the_batch(logits, labels):
    """sums over the examples instead of averaging"""
    return right_cross_entropy(logits, labels) * len(labels)


@mistake("cross_entropy", caught_by="cross_entropy_is_the_mean_over_examples")
def one_loss_per_example(logits, labels):
    """returns the losses of the examples, (N,), instead of their mean"""
    _, _, logarithms = parts(logits, labels)
    return -of_the_label(logarithms, labels).squeeze(1)


@mistake("cross_entropy", caught_by="cross_entropy_is_the_mean_over_examples")
def loss_in_a_vector(logits, labels):
    """returns the loss as a vector of one entry, (1,), instead of 0-dim"""
    return right_cross_entropy(logits, labels)[None]


@mistake("cross_entropy", caught_by="cross_entropy_is_the_mean_over_examples")
def every_label_in_every_row(logits, labels):
    """charges every example for the labels of the whole batch: log_probs[:, labels]"""
    _, _, logarithms = parts(logits, labels)
    return -logarithms[:, labels].mean()


@mistake("cross_entropy", caught_by="cross_entropy_is_the_mean_over_examples")
def averages_class_by_class(logits, labels):
    """averages within each class first, so that examples of a rare class weigh more"""
    _, targets, logarithms = parts(logits, labels)
    counts = targets.sum(0)
    sums = -(targets * logarithms).sum(0)
    return (sums[counts > 0] / counts[counts > 0]).mean()


@mistake("cross_entropy", caught_by="cross_entropy_survives_large_logits")
def log_of_a_vanished_probability(logits, labels):
    """takes the logarithm of softmax, where a small probability is already 0 and gives inf"""
    probabilities, _, _ = parts(logits, labels)
    return -of_the_label(probabilities, labels).log().mean()


@mistake("cross_entropy", caught_by="cross_entropy_survives_large_logits")
def nan_for_impossible_classes(logits, labels):
    """multiplies one-hot labels with the logarithm of softmax: 0 · −inf is NaN"""
    probabilities, targets, _ = parts(logits, labels)
    return -(targets * probabilities.log()).sum(1).mean()


@mistake("cross_entropy", caught_by="cross_entropy_survives_large_logits")
def clamps_the_probability(logits, labels):
    """clamps the probability away from 0: a class that is very wrong costs too little and has no gradient"""
    probabilities, _, _ = parts(logits, labels)
    return -of_the_label(probabilities, labels).clamp(min=1e-30).log().mean()


@mistake("cross_entropy", caught_by="cross_entropy_survives_large_logits")
def loss_overflows(logits, labels):
    """takes exp of the logits as they are, which overflows for large ones"""
    _check_batch(logits, labels)
    return (logits.exp().sum(1).log() - of_the_label(logits, labels).squeeze(1)).mean()


@mistake("cross_entropy", caught_by="gradients_flow_through_cross_entropy")
def detached_loss(logits, labels):
    """detaches the loss from autograd (detach, .item(), .data or numpy)"""
    return right_cross_entropy(logits, labels).detach()


@mistake("cross_entropy", caught_by="cross_entropy_keeps_inputs_and_dtype")
def loss_shifts_in_place(logits, labels):
    """changes the caller's logits in place"""
    result = right_cross_entropy(logits, labels)
    logits.data.sub_(logits.detach().amax(1, keepdim=True))
    return result


@mistake("cross_entropy", caught_by="cross_entropy_keeps_inputs_and_dtype")
def loss_in_single(logits, labels):
    """computes in float32, whatever the dtype of the logits"""
    _check_batch(logits, labels)
    return right_cross_entropy(logits.float(), labels).to(logits.dtype)


@mistake("cross_entropy", caught_by="cross_entropy_keeps_inputs_and_dtype")
def calls_backward(logits, labels):
    """calls backward and leaves a .grad on the logits"""
    loss = right_cross_entropy(logits, labels)
    if loss.requires_grad and logits.is_leaf:
        loss.backward(retain_graph=True)
    return loss


@mistake("cross_entropy", caught_by="cross_entropy_refuses_labels_that_are_no_class")
def minus_one_is_the_last_class(logits, labels):
    """takes a label of −1 for the last class, as indexing does"""
    if isinstance(labels, torch.Tensor) and isinstance(logits, torch.Tensor) and not labels.is_floating_point():
        labels = torch.where(labels == -1, logits.shape[-1] - 1, labels)
    return right_cross_entropy(logits, labels)


@mistake("cross_entropy", caught_by="cross_entropy_refuses_labels_that_are_no_class")
def ignores_minus_100(logits, labels):
    """leaves examples with the label −100 out, as torch's ignore_index does, instead of refusing them"""
    if isinstance(labels, torch.Tensor) and (labels == -100).any():
        logits, labels = logits[labels != -100], labels[labels != -100]
    return right_cross_entropy(logits, labels)


@mistake("cross_entropy", caught_by="cross_entropy_refuses_labels_that_are_no_class")
def leaves_labels_to_torch(logits, labels):
    """leaves bad labels to torch, whose IndexError or RuntimeError is no ValueError"""
    try:
        return right_cross_entropy(logits, labels)
    except ValueError as error:
        if "lie in" in str(error):
            raise IndexError("index out of bounds") from None
        raise


@mistake("cross_entropy", caught_by="cross_entropy_refuses_what_is_no_batch")
def takes_fewer_labels_than_rows(logits, labels):
    """takes fewer labels than rows, as gather does, and leaves the other rows out"""
    if isinstance(labels, torch.Tensor) and isinstance(logits, torch.Tensor) and labels.ndim == 1 and logits.ndim == 2:
        logits = logits[: len(labels)] if 0 < len(labels) < len(logits) else logits
    return right_cross_entropy(logits, labels)


@mistake("cross_entropy", caught_by="cross_entropy_refuses_what_is_no_batch")
def takes_a_column_of_labels(logits, labels):
    """flattens labels of shape (N, 1) instead of refusing them"""
    return right_cross_entropy(logits, labels.reshape(-1) if isinstance(labels, torch.Tensor) else labels)


@mistake("cross_entropy", caught_by="cross_entropy_refuses_what_is_no_batch")
def takes_one_example_without_a_batch(logits, labels):
    """takes one example without a batch, (C,) with a single label, as torch does, instead of refusing it"""
    if both_tensors(logits, labels) and logits.ndim == 1 and labels.ndim == 0:
        logits, labels = logits[None], labels[None]
    return right_cross_entropy(logits, labels)


@mistake("cross_entropy", caught_by="cross_entropy_refuses_what_is_no_batch")
def nan_for_an_empty_batch(logits, labels):
    """returns NaN for a batch without examples, as a mean over nothing does, instead of refusing it"""
    if isinstance(logits, torch.Tensor) and logits.ndim == 2 and not len(logits):
        return logits.sum() / 0
    return right_cross_entropy(logits, labels)


@mistake("cross_entropy", caught_by="cross_entropy_refuses_what_is_no_batch")
def takes_float_labels(logits, labels):
    """turns float labels into integers instead of refusing them"""
    return right_cross_entropy(logits, labels.long() if isinstance(labels, torch.Tensor) else labels)


# cross_entropy_grad


@mistake("cross_entropy_grad", caught_by="is_softmax_minus_one_hot")
def points_downhill(logits, labels):
    """has the wrong sign: one-hot minus softmax"""
    return -right_cross_entropy_grad(logits, labels)


@mistake("cross_entropy_grad", caught_by="is_softmax_minus_one_hot")
def probabilities_alone(logits, labels):
    """forgets to subtract 1 at the label"""
    probabilities, _, _ = parts(logits, labels)
    return probabilities / len(labels)


@mistake("cross_entropy_grad", caught_by="is_softmax_minus_one_hot")
def jacobian_once_more(logits, labels):
    """multiplies with y'(1 − y') once more, although softmax's derivative is already in y' − ŷ"""
    probabilities, targets, _ = parts(logits, labels)
    return (probabilities - targets) * probabilities * (1 - probabilities) / len(labels)


@mistake("cross_entropy_grad", caught_by="is_softmax_minus_one_hot")
def gradient_divides_by_classes_too(logits, labels):
    """divides by N · C instead of N"""
    return right_cross_entropy_grad(logits, labels) / logits.shape[1]


@mistake("cross_entropy_grad", caught_by="is_softmax_minus_one_hot")
def gradient_with_label_smoothing(logits, labels):
    """mixes the labels with a tenth of the uniform distribution (label smoothing)"""
    probabilities, targets, _ = parts(logits, labels)
    return (probabilities - 0.9 * targets - 0.1 / targets.shape[1]) / len(labels)


@mistake("cross_entropy_grad", caught_by="gradient_of_a_batch_holds_the_nth_part_of_each_example")
def gradient_of_the_sum(logits, labels):
    """does not divide by N: the gradient of the sum, not of the mean"""
    return right_cross_entropy_grad(logits, labels) * len(labels)


@mistake("cross_entropy_grad", caught_by="gradient_of_a_batch_holds_the_nth_part_of_each_example")
def subtracts_at_every_label(logits, labels):
    """subtracts 1 in every row at the labels of the whole batch: p[:, labels] -= 1"""
    probabilities, targets, _ = parts(logits, labels)
    return (probabilities - targets.amax(0)) / len(labels)


@mistake("cross_entropy_grad", caught_by="cross_entropy_grad_survives_large_logits")
def gradient_overflows(logits, labels):
    """takes exp of the logits as they are, which overflows for large ones"""
    _check_batch(logits, labels)
    x = logits.detach()
    return (naive(x) - right_one_hot(labels, x.shape[1], x.dtype)) / len(labels)


@mistake("cross_entropy_grad", caught_by="cross_entropy_grad_needs_no_autograd")
def gradient_by_autograd(logits, labels):
    """leaves the gradient to autograd, which follows nothing under no_grad"""
    _check_batch(logits, labels)
    return by_autograd(right_cross_entropy, logits, labels)


@mistake("cross_entropy_grad", caught_by="cross_entropy_grad_needs_no_autograd")
def gradient_by_autograd_switched_on(logits, labels):
    """switches autograd on again, instead of doing without it: inference_mode leaves it nothing to follow"""
    with torch.enable_grad():
        return by_autograd(right_cross_entropy, logits, labels)


@mistake("cross_entropy_grad", caught_by="cross_entropy_grad_keeps_inputs_and_dtype")
def subtracts_in_place(logits, labels):
    """writes the gradient into the caller's logits"""
    result = right_cross_entropy_grad(logits, labels)
    logits.data.copy_(result)
    return result


@mistake("cross_entropy_grad", caught_by="cross_entropy_grad_keeps_inputs_and_dtype")
def gradient_refuses_requires_grad(logits, labels):
    """calls .numpy() on logits that may require grad, without detach()"""
    if isinstance(logits, torch.Tensor) and logits.is_floating_point():
        logits.numpy()
    return right_cross_entropy_grad(logits, labels)


@mistake("cross_entropy_grad", caught_by="cross_entropy_grad_keeps_inputs_and_dtype")
def gradient_in_single(logits, labels):
    """computes in float32, whatever the dtype of the logits"""
    _check_batch(logits, labels)
    return right_cross_entropy_grad(logits.float(), labels).to(logits.dtype)


@mistake("cross_entropy_grad", caught_by="cross_entropy_grad_refuses_what_is_no_batch")
def gradient_takes_negative_labels(logits, labels):
    """takes a label of −1 for the last class, as indexing does"""
    if isinstance(labels, torch.Tensor) and isinstance(logits, torch.Tensor) and not labels.is_floating_point():
        labels = torch.where(labels == -1, logits.shape[-1] - 1, labels)
    return right_cross_entropy_grad(logits, labels)


@mistake("cross_entropy_grad", caught_by="cross_entropy_grad_refuses_what_is_no_batch")
def gradient_takes_one_label_for_all(logits, labels):
    """lets torch stretch one label over all rows instead of refusing it"""
    return right_cross_entropy_grad(*stretched(logits, labels))


# softmax_mse


@mistake("softmax_mse", caught_by="is_the_squared_distance_to_one_hot")
def mse_averages_over_classes_too(logits, labels):
    """averages over the classes too, as torch's mse_loss does, instead of summing over them"""
    return right_mse(logits, labels) / logits.shape[1]


@mistake("softmax_mse", caught_by="is_the_squared_distance_to_one_hot")
def mse_sums_over_the_batch(logits, labels):
    """sums over the examples instead of averaging"""
    return right_mse(logits, labels) * len(labels)


@mistake("softmax_mse", caught_by="is_the_squared_distance_to_one_hot")
def half_the_square(logits, labels):
    """takes half of the squared distance"""
    return right_mse(logits, labels) / 2


@mistake("softmax_mse", caught_by="is_the_squared_distance_to_one_hot")
def distance_for_square(logits, labels):
    """averages the distances instead of their squares: there is a square root too much"""
    probabilities, targets, _ = parts(logits, labels)
    return ((probabilities - targets).square().sum(1) + 1e-30).sqrt().mean()


@mistake("softmax_mse", caught_by="is_the_squared_distance_to_one_hot")
def mse_without_softmax(logits, labels):
    """compares the logits themselves with the labels: softmax is missing"""
    _, targets, _ = parts(logits, labels)
    return (logits - targets).square().sum(1).mean()


@mistake("softmax_mse", caught_by="is_the_squared_distance_to_one_hot")
def square_of_the_label_only(logits, labels):
    """takes the square for the class of the label only: Σ_i runs over all classes"""
    probabilities, _, _ = parts(logits, labels)
    return (1 - of_the_label(probabilities, labels)).square().mean()


@mistake("softmax_mse", caught_by="gradients_flow_through_softmax_mse")
def mse_detached(logits, labels):
    """detaches the loss from autograd (detach, .item(), .data or numpy)"""
    return right_mse(logits, labels).detach()


@mistake("softmax_mse", caught_by="gradients_flow_through_softmax_mse")
def mse_overflows(logits, labels):
    """takes exp of the logits as they are, which overflows for large ones"""
    _check_batch(logits, labels)
    return (naive(logits) - right_one_hot(labels, logits.shape[1], logits.dtype)).square().sum(1).mean()


@mistake("softmax_mse", caught_by="softmax_mse_keeps_inputs_and_dtype")
def mse_in_place(logits, labels):
    """changes the caller's logits in place"""
    result = right_mse(logits, labels)
    logits.data.sub_(logits.detach().amax(1, keepdim=True))
    return result


@mistake("softmax_mse", caught_by="softmax_mse_keeps_inputs_and_dtype")
def mse_in_single(logits, labels):
    """computes in float32, whatever the dtype of the logits"""
    _check_batch(logits, labels)
    return right_mse(logits.float(), labels).to(logits.dtype)


@mistake("softmax_mse", caught_by="softmax_mse_keeps_inputs_and_dtype")
def one_hot_of_the_default_dtype(logits, labels):
    """makes its one-hot labels of PyTorch's default dtype: where that is float64, float32 logits give float64"""
    probabilities, _, _ = parts(logits, labels)
    return (probabilities - right_one_hot(labels, logits.shape[1])).square().sum(1).mean()


@mistake("softmax_mse", caught_by="softmax_mse_refuses_what_is_no_batch")
def mse_takes_what_broadcasts(logits, labels):
    """lets torch stretch one label over all rows, or one row over all labels"""
    return right_mse(*stretched(logits, labels))


@mistake("softmax_mse", caught_by="softmax_mse_refuses_what_is_no_batch")
def mse_flattens_more_dimensions(logits, labels):
    """flattens logits of three dimensions instead of refusing them"""
    if both_tensors(logits, labels) and logits.ndim == 3:
        logits, labels = logits.flatten(0, 1), labels.flatten()
    return right_mse(logits, labels)


# softmax_mse_grad


@mistake("softmax_mse_grad", caught_by="is_the_gradient_of_softmax_mse")
def without_the_chain_rule(logits, labels):
    """leaves out softmax's derivative: 2 (y' − ŷ) / N"""
    probabilities, targets, _ = parts(logits, labels)
    return 2 / len(labels) * (probabilities - targets)


@mistake("softmax_mse_grad", caught_by="is_the_gradient_of_softmax_mse")
def diagonal_of_the_jacobian(logits, labels):
    """keeps only the diagonal y'(1 − y') of softmax's derivative, as if each output had its own logit"""
    probabilities, targets, _ = parts(logits, labels)
    return 2 / len(labels) * (probabilities - targets) * probabilities * (1 - probabilities)


@mistake("softmax_mse_grad", caught_by="is_the_gradient_of_softmax_mse")
def forgets_the_two(logits, labels):
    """forgets the factor 2 of the square's derivative"""
    return right_mse_grad(logits, labels) / 2


@mistake("softmax_mse_grad", caught_by="is_the_gradient_of_softmax_mse")
def mse_gradient_downhill(logits, labels):
    """has the wrong sign"""
    return -right_mse_grad(logits, labels)


@mistake("softmax_mse_grad", caught_by="is_the_gradient_of_softmax_mse")
def mse_gradient_of_the_sum(logits, labels):
    """does not divide by N: the gradient of the sum, not of the mean"""
    return right_mse_grad(logits, labels) * len(labels)


@mistake("softmax_mse_grad", caught_by="is_the_gradient_of_softmax_mse")
def mse_gradient_divides_by_classes_too(logits, labels):
    """divides by N · C instead of N"""
    return right_mse_grad(logits, labels) / logits.shape[1]


@mistake("softmax_mse_grad", caught_by="is_the_gradient_of_softmax_mse")
def inner_sum_over_the_batch_too(logits, labels):
    """runs the inner sum Σ_j y'_j d_j over the whole batch, not over the classes of each example"""
    probabilities, targets, _ = parts(logits, labels)
    distance = probabilities - targets
    return 2 / len(labels) * probabilities * (distance - (probabilities * distance).sum())


@mistake("softmax_mse_grad", caught_by="is_the_gradient_of_softmax_mse")
def inner_sum_over_the_label_only(logits, labels):
    """takes the inner sum Σ_j y'_j d_j at the label only"""
    probabilities, targets, _ = parts(logits, labels)
    distance = probabilities - targets
    inner = (probabilities * distance * targets).sum(1, keepdim=True)
    return 2 / len(labels) * probabilities * (distance - inner)


@mistake("softmax_mse_grad", caught_by="is_the_gradient_of_softmax_mse")
def loses_the_row_of_one_example(logits, labels):
    """returns (C,) for a batch of one example: squeeze() drops its row"""
    return right_mse_grad(logits, labels).squeeze()


@mistake("softmax_mse_grad", caught_by="softmax_mse_grad_is_right_where_it_is_tiny")
def probability_shifted_by_epsilon(logits, labels):
    """adds a small constant to the probabilities, which is larger than the gradient in a flat place"""
    probabilities, targets, _ = parts(logits, labels)
    return through_mse(probabilities + 1e-7, targets)


@mistake("softmax_mse_grad", caught_by="softmax_mse_grad_is_right_where_it_is_tiny")
def mse_gradient_overflows(logits, labels):
    """takes exp of the logits as they are, which overflows for large ones"""
    _check_batch(logits, labels)
    x = logits.detach()
    return through_mse(naive(x), right_one_hot(labels, x.shape[1], x.dtype))


@mistake("softmax_mse_grad", caught_by="softmax_mse_grad_is_right_where_it_is_tiny")
def finite_differences(logits, labels):
    """approximates the gradient by differences of the loss, which vanish in rounding where it is tiny"""
    _check_batch(logits, labels)
    x, h = logits.detach().double(), 1e-6
    result = torch.zeros_like(x)
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            change = torch.zeros_like(x)
            change[row, column] = h
            result[row, column] = (right_mse(x + change, labels) - right_mse(x - change, labels)) / (2 * h)
    return result.to(logits.dtype)


@mistake("softmax_mse_grad", caught_by="softmax_mse_grad_needs_no_autograd")
def mse_gradient_by_autograd_switched_on(logits, labels):
    """switches autograd on again, instead of doing without it: inference_mode leaves it nothing to follow"""
    with torch.enable_grad():
        return by_autograd(right_mse, logits, labels)


@mistake("softmax_mse_grad", caught_by="softmax_mse_grad_keeps_inputs_and_dtype")
def mse_gradient_in_place(logits, labels):
    """writes the gradient into the caller's logits"""
    result = right_mse_grad(logits, labels)
    logits.data.copy_(result)
    return result


@mistake("softmax_mse_grad", caught_by="softmax_mse_grad_refuses_what_is_no_batch")
def mse_gradient_takes_negative_labels(logits, labels):
    """takes a label of −1 for the last class, as indexing does"""
    if isinstance(labels, torch.Tensor) and isinstance(logits, torch.Tensor) and not labels.is_floating_point():
        labels = torch.where(labels == -1, logits.shape[-1] - 1, labels)
    return right_mse_grad(logits, labels)


# loss_landscape


def over_grid(loss, y1, y2, logits_of, label=0):
    """The losses over the grid; the logits of a point are left open."""
    labels = torch.tensor([label])
    rows = [torch.stack([loss(torch.stack(logits_of(a, b))[None], labels) for b in y2]) for a in y1]
    return torch.stack(rows)


@mistake("loss_landscape", caught_by="rows_are_y1_and_columns_y2")
def rows_are_y2(loss, y1, y2, y3=-1000.0):
    """returns (len(y2), len(y1)), with a row for each y2, as contour plots want it"""
    return right_landscape(loss, y1, y2, y3).T


@mistake("loss_landscape", caught_by="rows_are_y1_and_columns_y2")
def swaps_the_logits(loss, y1, y2, y3=-1000.0):
    """puts y2 into the first logit and y1 into the second"""
    third = torch.tensor(y3, dtype=y1.dtype)
    return over_grid(loss, y1, y2, lambda a, b: [b, a, third])


@mistake("loss_landscape", caught_by="rows_are_y1_and_columns_y2")
def counts_the_label_from_one(loss, y1, y2, y3=-1000.0):
    """passes label 1 instead of 0"""
    third = torch.tensor(y3, dtype=y1.dtype)
    return over_grid(loss, y1, y2, lambda a, b: [a, b, third], label=1)


@mistake("loss_landscape", caught_by="rows_are_y1_and_columns_y2")
def evenly_spaced(loss, y1, y2, y3=-1000.0):
    """spaces y1 evenly between its first and its last value"""
    even = torch.linspace(float(y1[0]), float(y1[-1]), len(y1), dtype=torch.float64)
    return right_landscape(loss, even.to(y1.dtype), y2, y3)


@mistake("loss_landscape", caught_by="rows_are_y1_and_columns_y2")
def probabilities_into_the_loss(loss, y1, y2, y3=-1000.0):
    """passes probabilities to the loss instead of logits"""
    return right_landscape(lambda logits, labels: loss(right_softmax(logits), labels), y1, y2, y3)


@mistake("loss_landscape", caught_by="y3_is_minus_1000_unless_given")
def fixed_third_logit(loss, y1, y2, y3=-1000.0):
    """keeps the third logit at −1000, whatever y3 is given"""
    return right_landscape(loss, y1, y2)


@mistake("loss_landscape", caught_by="y3_is_minus_1000_unless_given")
def zero_is_not_given(loss, y1, y2, y3=None):
    """takes a y3 of 0 for one that was not given: y3 or -1000"""
    return right_landscape(loss, y1, y2, y3 or -1000.0)


@mistake("loss_landscape", caught_by="y3_is_minus_1000_unless_given")
def another_default(loss, y1, y2, y3=0.0):
    """has another default for y3 than −1000"""
    return right_landscape(loss, y1, y2, y3)


@mistake("loss_landscape", caught_by="loss_landscape_keeps_inputs_and_dtype")
def landscape_in_single(loss, y1, y2, y3=-1000.0):
    """computes in float32, whatever the dtype of y1: torch.tensor([a, b, y3])"""
    return right_landscape(loss, y1.float(), y2.float(), y3).to(y1.dtype)


@mistake("loss_landscape", caught_by="loss_landscape_keeps_inputs_and_dtype")
def landscape_is_float32(loss, y1, y2, y3=-1000.0):
    """returns float32 whatever the dtype of y1"""
    return right_landscape(loss, y1, y2, y3).float()
