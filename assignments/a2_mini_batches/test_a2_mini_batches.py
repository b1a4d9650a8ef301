"""A2 · Mini-batches and gradient noise: the visible checks. Type `pytest` in this folder.

They check a2_mini_batches.py once you have written in it, and a2_mini_batches.ipynb before.
UNSTUCK_SUBMISSION=FILE names another.
Edits here change nothing but what you see: the grade comes from other checks.
"""

from pathlib import Path

import torch
import unstuck

submission = unstuck.load_submission(
    Path(__file__).with_name("a2_mini_batches.py"),
    [
        "num_batches",
        "minibatch_indices",
        "epoch_mean",
        "gradient_noise",
        "top_curvature",
    ],
)
num_batches = submission["num_batches"]
minibatch_indices = submission["minibatch_indices"]
epoch_mean = submission["epoch_mean"]
gradient_noise = submission["gradient_noise"]
top_curvature = submission["top_curvature"]

pytest_plugins = ["unstuck"]  # failures as in the notebook, and how far you are
POINTS = {
    "num_batches": 3,
    "minibatch_indices": 6,
    "epoch_mean": 3,
    "gradient_noise": 5,
    "top_curvature": 3,
}
EXERCISE_OF = {
    "test_the_rest_makes_one_more_batch": "num_batches",
    "test_nothing_is_left_where_it_comes_out_even": "num_batches",
    "test_the_short_batch_can_be_left_out": "num_batches",
    "test_refuses_a_batch_size_of_zero": "num_batches",
    "test_every_example_is_in_one_batch": "minibatch_indices",
    "test_without_shuffle_in_order": "minibatch_indices",
    "test_another_order_in_each_epoch": "minibatch_indices",
    "test_the_short_batch_counts_less": "epoch_mean",
    "test_gradients_are_averaged_entry_by_entry": "epoch_mean",
    "test_refuses_a_size_too_few": "epoch_mean",
    "test_a_batch_of_one": "gradient_noise",
    "test_pairs_without_replacement": "gradient_noise",
    "test_the_full_batch_is_exact": "gradient_noise",
    "test_refuses_more_than_there_is": "gradient_noise",
    "test_the_steepest_direction_counts": "top_curvature",
    "test_the_largest_by_sign": "top_curvature",
    "test_a_plane_is_not_curved": "top_curvature",
    "test_refuses_a_matrix": "top_curvature",
}


def test_the_rest_makes_one_more_batch():
    """Ten examples in batches of four: two full batches and one of two examples."""
    unstuck.assert_close("num_batches(10, 4)", num_batches(10, 4), 3, "4 + 4 + 2")


def test_nothing_is_left_where_it_comes_out_even():
    """Twelve examples in batches of four are three batches."""
    unstuck.assert_close("num_batches(12, 4)", num_batches(12, 4), 3, "4 + 4 + 4, and no empty batch behind")


def test_the_short_batch_can_be_left_out():
    """With drop_last only the full batches count."""
    got = num_batches(10, 4, drop_last=True)
    unstuck.assert_close("num_batches(10, 4, drop_last=True)", got, 2, "The batch of two is not full.")


def test_refuses_a_batch_size_of_zero():
    """A batch size of zero is refused, by name."""
    unstuck.assert_raises("num_batches(10, 0)", ValueError, lambda: num_batches(10, 0), "batch_size")


def test_every_example_is_in_one_batch():
    """Shuffled, each example is in exactly one batch, and the sizes are 4, 4 and 2."""
    batches = minibatch_indices(10, 4, generator=torch.Generator().manual_seed(0))
    call = "minibatch_indices(10, 4, generator=…)"
    sizes = [len(batch) for batch in batches]
    unstuck.assert_close(f"sizes of {call}", sizes, [4, 4, 2], "Full batches first, then what is left.")
    together = torch.cat(batches).sort().values
    unstuck.assert_close(
        f"{call}, all batches together, sorted", together, torch.arange(10), "An epoch is all the data."
    )


def test_without_shuffle_in_order():
    """Without shuffle the batches hold the examples in order; with drop_last the short one is missing."""
    batches = minibatch_indices(5, 2, shuffle=False, drop_last=True)
    call = "minibatch_indices(5, 2, shuffle=False, drop_last=True)"
    expected = (torch.tensor([0, 1]), torch.tensor([2, 3]))
    unstuck.assert_close(call, tuple(batches), expected, "Example 4 would be alone in its batch.")


def test_another_order_in_each_epoch():
    """The generator moves on, so the second epoch has another order; seeded again it repeats the first."""
    generator = torch.Generator().manual_seed(3)
    first, second = (torch.cat(minibatch_indices(50, 8, generator=generator)) for _ in range(2))
    again = torch.cat(minibatch_indices(50, 8, generator=generator.manual_seed(3)))
    call = "minibatch_indices(50, 8, generator=generator)"
    repeated = torch.equal(first, second)
    unstuck.assert_close(f"second epoch equals first, {call}", repeated, False, "Nothing may seed the generator again.")
    unstuck.assert_close(f"{call}, seeded again", again, first, "All that is random comes from the generator.")


def test_the_short_batch_counts_less():
    """Two batches of four and one of two: the last counts half as much as each of the others."""
    got = epoch_mean(torch.tensor([1.0, 2.0, 6.0]), torch.tensor([4, 4, 2]))
    why = "(4 · 1 + 4 · 2 + 2 · 6) / 10; the mean of the means would be 3."
    unstuck.assert_close("epoch_mean([1, 2, 6], [4, 4, 2])", got, torch.tensor(2.4), why)


def test_gradients_are_averaged_entry_by_entry():
    """A mean may be a vector: each of its entries is averaged over the batches."""
    got = epoch_mean(torch.tensor([[1.0, 0.0], [4.0, 9.0]]), torch.tensor([2, 1]))
    why = "(2 · 1 + 1 · 4) / 3 and (2 · 0 + 1 · 9) / 3. The sizes belong to the rows."
    unstuck.assert_close("epoch_mean([[1, 0], [4, 9]], [2, 1])", got, torch.tensor([2.0, 3.0]), why)


def test_refuses_a_size_too_few():
    """One size per batch, or it is refused, by name."""
    call = "epoch_mean([1, 2], sizes [4])"
    means, sizes = torch.tensor([1.0, 2.0]), torch.tensor([4])
    unstuck.assert_raises(call, ValueError, lambda: epoch_mean(means, sizes), "batch_sizes")


def test_a_batch_of_one():
    """With a batch of one the noise is the mean squared distance of an example's gradient from the mean."""
    got = gradient_noise(torch.tensor([[1.0, 0.0], [3.0, 0.0], [5.0, 6.0]]), 1)
    why = "The mean is (3, 2); the squared distances are 8, 4 and 20."
    unstuck.assert_close("gradient_noise([[1, 0], [3, 0], [5, 6]], 1)", got, torch.tensor(32 / 3), why)


def test_pairs_without_replacement():
    """With N = 3 and B = 2 the noise is a quarter of that of a batch of one."""
    got = gradient_noise(torch.tensor([[1.0, 0.0], [3.0, 0.0], [5.0, 6.0]]), 2)
    why = "Half for the two examples, and half again because they are never the same one."
    unstuck.assert_close("gradient_noise([[1, 0], [3, 0], [5, 6]], 2)", got, torch.tensor(8 / 3), why)


def test_the_full_batch_is_exact():
    """The full batch has no noise, and a data set of one example has none either."""
    got = gradient_noise(torch.tensor([[1.0], [2.0]]), 2)
    unstuck.assert_close("gradient_noise([[1], [2]], 2)", got, torch.tensor(0.0), "g_B is g.")
    got = gradient_noise(torch.tensor([[7.0]]), 1)
    unstuck.assert_close("gradient_noise([[7]], 1)", got, torch.tensor(0.0), "0 / 0 would be NaN; there is no noise.")


def test_refuses_more_than_there_is():
    """A batch larger than the data set is refused, by name."""
    call = "gradient_noise(torch.ones(3, 2), 4)"
    unstuck.assert_raises(call, ValueError, lambda: gradient_noise(torch.ones(3, 2), 4), "batch_size")


def test_the_steepest_direction_counts():
    """A valley with curvature 1 along one axis and 4 along the other has top curvature 4."""
    got = top_curvature(lambda theta: theta[0] ** 2 / 2 + 2 * theta[1] ** 2, torch.tensor([1.0, 1.0]))
    unstuck.assert_close("top_curvature(θ ↦ θ₀²/2 + 2 θ₁², [1, 1])", got, 4.0, "The Hessian is diag(1, 4).")


def test_the_largest_by_sign():
    """At a saddle with curvatures −6 and 2 the answer is 2; on a hilltop it is negative."""
    got = top_curvature(lambda theta: theta[0] ** 2 - 3 * theta[1] ** 2, torch.zeros(2))
    unstuck.assert_close("top_curvature(θ ↦ θ₀² − 3 θ₁², [0, 0])", got, 2.0, "−6 is larger in size, not by sign.")
    got = top_curvature(lambda theta: -(theta**2).sum(), torch.zeros(2))
    unstuck.assert_close("top_curvature(θ ↦ −θ₀² − θ₁², [0, 0])", got, -2.0, "Both eigenvalues are −2.")


def test_a_plane_is_not_curved():
    """A linear function has curvature 0."""
    got = top_curvature(lambda theta: 3 * theta.sum(), torch.zeros(2))
    unstuck.assert_close("top_curvature(θ ↦ 3 (θ₀ + θ₁), [0, 0])", got, 0.0, "All second derivatives are 0.")


def test_refuses_a_matrix():
    """A theta that is not one-dimensional is refused, by name."""
    call = "top_curvature(f, torch.zeros(2, 2))"
    unstuck.assert_raises(
        call, ValueError, lambda: top_curvature(lambda theta: theta.sum(), torch.zeros(2, 2)), "theta"
    )
