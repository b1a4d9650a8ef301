"""A7 · Batch normalization: the visible checks. Type `pytest` in this folder.

They check a7_batch_norm.py once you have written in it, and a7_batch_norm.ipynb before.
UNSTUCK_SUBMISSION=FILE names another.
Edits here change nothing but what you see: the grade comes from other checks.
"""

from pathlib import Path

import torch
import unstuck

submission = unstuck.load_submission(
    Path(__file__).with_name("a7_batch_norm.py"),
    [
        "fit_standardizer",
        "standardize",
        "BatchNorm1d",
    ],
)
fit_standardizer = submission["fit_standardizer"]
standardize = submission["standardize"]
BatchNorm1d = submission["BatchNorm1d"]

pytest_plugins = ["unstuck"]  # failures as in the notebook, and how far you are
POINTS = {
    "fit_standardizer": 1.5,
    "standardize": 1.5,
    "BatchNorm1d": 17,
}
EXERCISE_OF = {
    "test_mean_and_std_of_each_feature": "fit_standardizer",
    "test_refuses_a_single_feature_vector": "fit_standardizer",
    "test_subtracts_the_mean_and_divides_by_the_std": "standardize",
    "test_a_constant_feature_gives_zero": "standardize",
    "test_training_standardizes_each_channel": "BatchNorm1d",
    "test_weight_and_bias_start_at_one_and_zero": "BatchNorm1d",
    "test_one_batch_moves_the_running_statistics": "BatchNorm1d",
    "test_eval_mode_uses_the_running_statistics": "BatchNorm1d",
    "test_training_refuses_a_batch_of_one": "BatchNorm1d",
    "test_forward_asks_for_no_values": "BatchNorm1d",
}


def test_mean_and_std_of_each_feature():
    """Each feature has its own mean and biased standard deviation."""
    x = torch.tensor([[1.0, 10.0], [3.0, 30.0]])
    expected = (torch.tensor([2.0, 20.0]), torch.tensor([1.0, 10.0]))
    why = "One pair per column; σ² is the mean of the squared distances, here 1 and 100."
    unstuck.assert_close("fit_standardizer([[1, 10], [3, 30]])", fit_standardizer(x), expected, why)


def test_refuses_a_single_feature_vector():
    """Data that are not (N, D) are refused, by name."""
    call = "fit_standardizer(torch.zeros(3))"
    unstuck.assert_raises(call, ValueError, lambda: fit_standardizer(torch.zeros(3)), "x")


def test_subtracts_the_mean_and_divides_by_the_std():
    """Every value is measured from its feature's mean, in units of its feature's standard deviation."""
    x, mean, std = torch.tensor([[1.0, 10.0], [3.0, 40.0]]), torch.tensor([2.0, 20.0]), torch.tensor([1.0, 10.0])
    expected = torch.tensor([[-1.0, -1.0], [1.0, 2.0]])
    why = "(10 − 20) / 10 = −1. The statistics are the given ones, not those of x."
    unstuck.assert_close("standardize([[1, 10], [3, 40]], [2, 20], [1, 10])", standardize(x, mean, std), expected, why)


def test_a_constant_feature_gives_zero():
    """A feature that never changes becomes 0."""
    x = torch.tensor([[5.0, 1.0], [5.0, 3.0]])
    got = standardize(x, torch.tensor([5.0, 2.0]), torch.tensor([0.0, 1.0]))
    expected = torch.tensor([[0.0, -1.0], [0.0, 1.0]])
    unstuck.assert_close(
        "standardize([[5, 1], [5, 3]], [5, 2], [0, 1])", got, expected, "0 / 0 is NaN; the course says 0."
    )


def test_training_standardizes_each_channel():
    """In train mode each channel leaves with the batch's mean removed and the batch's scale taken out."""
    got = BatchNorm1d(2)(torch.tensor([[1.0, 10.0], [3.0, 30.0]]))
    why = "Batch means 2 and 20, biased variances 1 and 100; ε changes the fifth digit only."
    unstuck.assert_close("BatchNorm1d(2)([[1, 10], [3, 30]])", got, [[-1, -1], [1, 1]], why, atol=1e-4)


def test_weight_and_bias_start_at_one_and_zero():
    """γ and β are parameters that start at 1 and 0."""
    values = {name: parameter.tolist() for name, parameter in BatchNorm1d(2).named_parameters()}
    for name, expected in (("weight", [1.0, 1.0]), ("bias", [0.0, 0.0])):
        unstuck.assert_close(f"BatchNorm1d(2).{name}", values.get(name), expected, "Only nn.Parameter is trained.")


def test_one_batch_moves_the_running_statistics():
    """One batch moves the running statistics a tenth of the way, from 0 and 1."""
    bn = BatchNorm1d(1)
    bn(torch.tensor([[1.0], [3.0]]))
    unstuck.assert_close("running_mean, after the batch [[1], [3]]", bn.running_mean, [0.2], "0.9 · 0 + 0.1 · 2")
    unstuck.assert_close("running_var, after the batch [[1], [3]]", bn.running_var, [1.1], "0.9 · 1 + 0.1 · 2")
    unstuck.assert_close("num_batches_tracked, after one batch", bn.num_batches_tracked, 1, "It counts the batches.")


def test_eval_mode_uses_the_running_statistics():
    """In eval mode the running statistics serve, stay as they are, and a batch of one is welcome."""
    bn = BatchNorm1d(1).eval()
    why = "running_mean is still 0 and running_var still 1."
    unstuck.assert_close("BatchNorm1d(1).eval()([[4]])", bn(torch.tensor([[4.0]])), [[4.0]], why, atol=1e-4)
    unstuck.assert_close("running_mean, after a forward in eval mode", bn.running_mean, [0.0], "Nothing is updated.")


def test_training_refuses_a_batch_of_one():
    """In train mode one value per channel is refused, by name."""
    call = "BatchNorm1d(3)(torch.zeros(1, 3))"
    unstuck.assert_raises(call, ValueError, lambda: BatchNorm1d(3)(torch.zeros(1, 3)), "x")


def test_forward_asks_for_no_values():
    """Forward runs on the meta device, where tensors have shapes but no values."""
    got = BatchNorm1d(3, device="meta")(torch.empty(4, 3, 5, device="meta"))
    why = "Everything was computed by tensors, on the input's device."
    unstuck.assert_close('shape of BatchNorm1d(3, device="meta")(x)', list(got.shape), [4, 3, 5], why)
    unstuck.assert_close('device of BatchNorm1d(3, device="meta")(x)', str(got.device), "meta", why)
