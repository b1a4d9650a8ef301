"""A6 · Softmax and cross-entropy: the visible checks. Type `pytest` in this folder.

They check a6_softmax_cross_entropy.py once you have written in it, and a6_softmax_cross_entropy.ipynb before; UNSTUCK_SUBMISSION=FILE names another.
Edits here change nothing but what you see: the grade comes from other checks.
"""

from pathlib import Path

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


def test_there_0():
    """It is there."""
    one_hot(0)


def test_there_1():
    """It is there."""
    softmax(0)


def test_there_2():
    """It is there."""
    log_softmax(0)


def test_there_3():
    """It is there."""
    cross_entropy(0)


def test_there_4():
    """It is there."""
    cross_entropy_grad(0)


def test_there_5():
    """It is there."""
    softmax_mse(0)


def test_there_6():
    """It is there."""
    softmax_mse_grad(0)


def test_there_7():
    """It is there."""
    loss_landscape(0)
