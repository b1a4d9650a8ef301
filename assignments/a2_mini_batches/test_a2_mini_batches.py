"""A2 · Mini-batches and gradient noise: the visible checks. Type `pytest` in this folder.

They check a2_mini_batches.py once you have written in it, and a2_mini_batches.ipynb before; UNSTUCK_SUBMISSION=FILE names another.
Edits here change nothing but what you see: the grade comes from other checks.
"""

from pathlib import Path

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


def test_a():
    """x"""


def test_b():
    """x"""


def test_c():
    """x"""


def test_d():
    """x"""


def test_e():
    """x"""
