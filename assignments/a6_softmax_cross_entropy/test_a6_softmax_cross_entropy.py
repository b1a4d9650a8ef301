"""A6 · Softmax and cross-entropy: the visible checks. Type `pytest` in this folder.

They check a6_softmax_cross_entropy.py once you have written in it, and a6_softmax_cross_entropy.ipynb before.
UNSTUCK_SUBMISSION=FILE names another.
Edits here change nothing but what you see: the grade comes from other checks.
"""

from pathlib import Path

import torch
import unstuck

submission = unstuck.load_submission(
    Path(__file__).with_name("a6_softmax_cross_entropy.py"),
    [
        "one_hot",
        "softmax",
        "log_softmax",
        "cross_entropy",
        "cross_entropy_grad",
        "softmax_mse",
        "softmax_mse_grad",
        "loss_landscape",
    ],
)
one_hot = submission["one_hot"]
softmax = submission["softmax"]
log_softmax = submission["log_softmax"]
cross_entropy = submission["cross_entropy"]
cross_entropy_grad = submission["cross_entropy_grad"]
softmax_mse = submission["softmax_mse"]
softmax_mse_grad = submission["softmax_mse_grad"]
loss_landscape = submission["loss_landscape"]

pytest_plugins = ["unstuck"]  # failures as in the notebook, and how far you are
POINTS = {
    "one_hot": 2,
    "softmax": 4,
    "log_softmax": 3,
    "cross_entropy": 4,
    "cross_entropy_grad": 3,
    "softmax_mse": 1.25,
    "softmax_mse_grad": 1.75,
    "loss_landscape": 1,
}
EXERCISE_OF = {
    "test_three_labels": "one_hot",
    "test_dtype_can_be_chosen": "one_hot",
    "test_refuses_a_negative_label": "one_hot",
    "test_the_lecture_example": "softmax",
    "test_columns_sum_to_one_along_dim_0": "softmax",
    "test_large_logits": "softmax",
    "test_is_the_logarithm_for_small_logits": "log_softmax",
    "test_a_hopeless_class": "log_softmax",
    "test_undecided_between_four": "cross_entropy",
    "test_mean_over_the_batch": "cross_entropy",
    "test_a_very_wrong_answer_is_expensive_not_infinite": "cross_entropy",
    "test_refuses_minus_100": "cross_entropy",
    "test_two_examples": "cross_entropy_grad",
    "test_works_without_autograd": "cross_entropy_grad",
    "test_two_answers": "softmax_mse",
    "test_never_exceeds_two": "softmax_mse",
    "test_two_classes": "softmax_mse_grad",
    "test_agrees_with_autograd": "softmax_mse_grad",
    "test_any_loss_will_do": "loss_landscape",
    "test_your_own_loss": "loss_landscape",
}


def test_three_labels():
    """Each row has its 1 in the column of its label, and there is a column for every class."""
    got = one_hot(torch.tensor([2, 0, 2]), 4)
    expected = torch.tensor([[0.0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0]])
    unstuck.assert_close("one_hot([2, 0, 2], 4)", got, expected, "Classes are numbered from 0.")


def test_dtype_can_be_chosen():
    """The dtype is the one that is asked for."""
    got = one_hot(torch.tensor([1]), 2, dtype=torch.float64)
    expected = torch.tensor([[0, 1]], dtype=torch.float64)
    unstuck.assert_close("one_hot([1], 2, dtype=torch.float64)", got, expected, "dtype is an argument.")


def test_refuses_a_negative_label():
    """A label of −1 is refused, by name: it is not the last class."""
    call = "one_hot([0, -1], 3)"
    unstuck.assert_raises(call, ValueError, lambda: one_hot(torch.tensor([0, -1]), 3), "labels")


def test_the_lecture_example():
    """(3, 1, −3) becomes (0.88, 0.12, almost 0)."""
    got = softmax(torch.tensor([3.0, 1.0, -3.0]))
    expected = torch.tensor([0.8788782, 0.1189432, 0.0021785])
    unstuck.assert_close("softmax([3, 1, -3])", got, expected, "e³, e¹, e⁻³ over their sum", rtol=1e-4)


def test_columns_sum_to_one_along_dim_0():
    """Along dim=0 the columns sum to 1, not the rows."""
    got = softmax(torch.tensor([[1.0, 2.0], [3.0, 5.0]]), dim=0).sum(0)
    unstuck.assert_close("softmax([[1, 2], [3, 5]], dim=0).sum(0)", got, torch.ones(2), "dim says along what to sum.")


def test_large_logits():
    """Logits of 10000 and 9999 are no harder than 1 and 0."""
    got = softmax(torch.tensor([[10000.0, 9999.0], [1.0, 0.0]]))[0]
    expected = torch.tensor([0.731059, 0.268941])
    unstuck.assert_close("softmax([[10000, 9999], [1, 0]])[0]", got, expected, "Only differences count.", rtol=2e-3)


def test_is_the_logarithm_for_small_logits():
    """For ordinary logits it is the logarithm of softmax."""
    got = log_softmax(torch.tensor([0.0, 1.0986123]))  # 0 and ln 3
    expected = torch.tensor([0.25, 0.75]).log()
    unstuck.assert_close("log_softmax([0, ln 3])", got, expected, "Probabilities 1/4 and 3/4.")


def test_a_hopeless_class():
    """A class that is 20000 behind has the log-probability −20000, not −∞."""
    got = log_softmax(torch.tensor([10000.0, -10000.0]))
    unstuck.assert_close("log_softmax([10000, -10000])", got, torch.tensor([0.0, -20000.0]), "y_i − ln Σ exp(y_j)")


def test_undecided_between_four():
    """Who gives four classes the same probability pays ln 4, whichever class is right."""
    got = cross_entropy(torch.zeros(3, 4), torch.tensor([0, 1, 3]))
    unstuck.assert_close("cross_entropy(zeros(3, 4), [0, 1, 3])", got, torch.tensor(1.3862944), "−ln(1/4)")


def test_mean_over_the_batch():
    """The loss is the mean of what the examples cost, each by its own label."""
    logits = torch.tensor([[0.0, 1.0986123], [0.0, 1.0986123], [0.0, 0.0]])  # probabilities 1/4, 3/4
    got = cross_entropy(logits, torch.tensor([0, 1, 1]))
    expected = -(torch.tensor(0.25).log() + torch.tensor(0.75).log() + torch.tensor(0.5).log()) / 3
    unstuck.assert_close("cross_entropy([[0, ln 3], [0, ln 3], [0, 0]], [0, 1, 1])", got, expected, "A mean of three")


def test_a_very_wrong_answer_is_expensive_not_infinite():
    """A gap of 20000 in the wrong direction costs 20000."""
    got = cross_entropy(torch.tensor([[-10000.0, 10000.0]]), torch.tensor([0]))
    unstuck.assert_close("cross_entropy([[-10000, 10000]], [0])", got, torch.tensor(20000.0), "It grows like the gap.")


def test_refuses_minus_100():
    """A label of −100 is refused, by name."""
    call = "cross_entropy(zeros(1, 3), [-100])"
    unstuck.assert_raises(call, ValueError, lambda: cross_entropy(torch.zeros(1, 3), torch.tensor([-100])), "labels")


def test_two_examples():
    """Each row is softmax minus one-hot, and each example has half of the mean."""
    logits = torch.tensor([[0.0, 1.0986123], [0.0, 0.0]])  # probabilities 1/4, 3/4 and 1/2, 1/2
    got = cross_entropy_grad(logits, torch.tensor([0, 1]))
    expected = torch.tensor([[-0.375, 0.375], [0.25, -0.25]])
    why = "(1/4 − 1) / 2 = −0.375 at the label, (3/4 − 0) / 2 elsewhere"
    unstuck.assert_close("cross_entropy_grad([[0, ln 3], [0, 0]], [0, 1])", got, expected, why)


def test_works_without_autograd():
    """It works where autograd is switched off."""
    with torch.inference_mode():
        got = cross_entropy_grad(torch.zeros(1, 2), torch.tensor([1]))
    unstuck.assert_close(
        "cross_entropy_grad(zeros(1, 2), [1])", got, torch.tensor([[0.5, -0.5]]), "1/2 − 0 and 1/2 − 1"
    )


def test_two_answers():
    """Squares are summed over the classes and averaged over the examples."""
    logits = torch.tensor([[0.0, 1.0986123], [0.0, 0.0]])
    got = softmax_mse(logits, torch.tensor([0, 1]))
    unstuck.assert_close(
        "softmax_mse([[0, ln 3], [0, 0]], [0, 1])", got, torch.tensor(0.8125), "((3/4)² + (3/4)² + (1/2)² + (1/2)²) / 2"
    )


def test_never_exceeds_two():
    """The worst answer of all costs 2: nothing for the right class, everything for a wrong one."""
    got = softmax_mse(torch.tensor([[-50.0, 50.0]]), torch.tensor([0]))
    unstuck.assert_close("softmax_mse([[-50, 50]], [0])", got, torch.tensor(2.0), "(1 − 0)² + (0 − 1)²")


def test_two_classes():
    """For probabilities 1/4 and 3/4, with the first class right, the gradient is ∓ 9/16."""
    got = softmax_mse_grad(torch.tensor([[0.0, 1.0986123]]), torch.tensor([0]))
    expected = torch.tensor([[-0.5625, 0.5625]])
    unstuck.assert_close("softmax_mse_grad([[0, ln 3]], [0])", got, expected, "2 · 1/4 · (−3/4 − 3/8) = −9/16")


def test_agrees_with_autograd():
    """The closed form is what autograd finds by way of your loss."""
    logits = torch.tensor([[0.5, -1.0, 2.0], [1.0, 0.0, 0.3]], dtype=torch.float64)
    labels, leaf = torch.tensor([2, 1]), logits.clone().requires_grad_()
    softmax_mse(leaf, labels).backward()
    got = softmax_mse_grad(logits, labels)
    unstuck.assert_close("softmax_mse_grad(2 × 3 logits, [2, 1])", got, leaf.grad, "Two ways to the same gradient.")


def test_any_loss_will_do():
    """Entry (i, j) is the loss at the logits (y1_i, y2_j, y3), with label 0."""

    def weigh(logits, labels):
        return logits[0, 0] + 10 * logits[0, 1] + 100 * logits[0, 2] + labels[0]

    got = loss_landscape(weigh, torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0, 5.0]), y3=0.5)
    expected = torch.tensor([[81.0, 91.0, 101.0], [82.0, 92.0, 102.0]])
    unstuck.assert_close("loss_landscape(y1 + 10 y2 + 100 y3, [1, 2], [3, 4, 5], y3=0.5)", got, expected, "1 + 30 + 50")


def test_your_own_loss():
    """It takes your cross_entropy as it is."""
    got = loss_landscape(cross_entropy, torch.zeros(1), torch.zeros(2))
    expected = torch.full((1, 2), 0.6931472)
    unstuck.assert_close("loss_landscape(cross_entropy, [0], [0, 0])", got, expected, "Two classes are left: ln 2.")
