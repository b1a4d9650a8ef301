"""A5 · Learning rate schedules and warm-up: the visible checks. Type `pytest` in this folder.

They check a5_warmup.py once you have written in it, and a5_warmup.ipynb before.
UNSTUCK_SUBMISSION=FILE names another.
Edits here change nothing but what you see: the grade comes from other checks.
"""

from pathlib import Path

import torch
import unstuck

submission = unstuck.load_submission(
    Path(__file__).with_name("a5_warmup.py"),
    [
        "cosine_decay",
        "linear_warmup",
        "warmup_cosine_lr",
        "inverse_sqrt_lr",
        "radam_rectification",
        "WarmupCosine",
    ],
)
cosine_decay = submission["cosine_decay"]
linear_warmup = submission["linear_warmup"]
warmup_cosine_lr = submission["warmup_cosine_lr"]
inverse_sqrt_lr = submission["inverse_sqrt_lr"]
radam_rectification = submission["radam_rectification"]
WarmupCosine = submission["WarmupCosine"]

pytest_plugins = ["unstuck"]  # failures as in the notebook, and how far you are
POINTS = {
    "cosine_decay": 3,
    "linear_warmup": 6,
    "warmup_cosine_lr": 4,
    "inverse_sqrt_lr": 2,
    "radam_rectification": 3,
    "WarmupCosine": 2,
}
EXERCISE_OF = {
    "test_the_ends_and_the_middle": "cosine_decay",
    "test_min_lr_is_the_lower_end": "cosine_decay",
    "test_total_steps_must_be_positive": "cosine_decay",
    "test_four_steps_to_the_full_rate": "linear_warmup",
    "test_no_warm_up": "linear_warmup",
    "test_a_negative_step_is_refused": "linear_warmup",
    "test_two_steps_up_four_down": "warmup_cosine_lr",
    "test_a_step_must_remain_for_the_cosine": "warmup_cosine_lr",
    "test_up_to_the_peak_and_down_with_the_root": "inverse_sqrt_lr",
    "test_a_warm_up_of_none_is_refused": "inverse_sqrt_lr",
    "test_none_up_to_step_four": "radam_rectification",
    "test_small_at_first_then_nearly_one": "radam_rectification",
    "test_steps_count_from_one": "radam_rectification",
    "test_the_rates_are_set_at_once": "WarmupCosine",
    "test_each_step_sets_the_next_rates": "WarmupCosine",
}


def test_the_ends_and_the_middle():
    """The rate is base_lr at step 0, half of it in the middle, and min_lr at total_steps."""
    for step, expected in ((0, 0.8), (50, 0.4), (100, 0.0)):
        got = cosine_decay(step, base_lr=0.8, total_steps=100)
        unstuck.assert_close(
            f"cosine_decay({step}, base_lr=0.8, total_steps=100)", got, expected, "1 + cos is 2, 1 and 0."
        )


def test_min_lr_is_the_lower_end():
    """With a min_lr the middle is halfway between the two rates."""
    got = cosine_decay(50, base_lr=0.8, total_steps=100, min_lr=0.2)
    unstuck.assert_close(
        "cosine_decay(50, base_lr=0.8, total_steps=100, min_lr=0.2)", got, 0.5, "0.2 + half of the 0.6 between them"
    )


def test_total_steps_must_be_positive():
    """A run of no steps is refused, by name."""
    call = "cosine_decay(0, base_lr=0.8, total_steps=0)"
    unstuck.assert_raises(call, ValueError, lambda: cosine_decay(0, 0.8, 0), "total_steps")


def test_four_steps_to_the_full_rate():
    """A warm-up of four updates gives a quarter, a half, three quarters, all, and then stays."""
    for step, expected in enumerate([0.2, 0.4, 0.6, 0.8, 0.8, 0.8]):
        got = linear_warmup(step, base_lr=0.8, warmup_steps=4)
        why = "Step 0 is the first update, so it gets 1/4 of 0.8; step 3 is the fourth."
        unstuck.assert_close(f"linear_warmup({step}, base_lr=0.8, warmup_steps=4)", got, expected, why)


def test_no_warm_up():
    """With W = 0 the full rate is there at once."""
    got = linear_warmup(0, base_lr=0.8, warmup_steps=0)
    unstuck.assert_close("linear_warmup(0, base_lr=0.8, warmup_steps=0)", got, 0.8, "There is nothing to wait for.")


def test_a_negative_step_is_refused():
    """A negative step is refused, by name."""
    call = "linear_warmup(-1, base_lr=0.8, warmup_steps=4)"
    unstuck.assert_raises(call, ValueError, lambda: linear_warmup(-1, 0.8, 4), "step")


def test_two_steps_up_four_down():
    """Two updates of warm-up, then four steps of cosine."""
    for step, expected in enumerate([0.4, 0.8, 0.8, 0.6828427, 0.4, 0.1171573, 0.0, 0.0]):
        got = warmup_cosine_lr(step, base_lr=0.8, warmup_steps=2, total_steps=6)
        why = "Half, all; then the cosine's steps 0, 1, 2, 3 of 4; then the end."
        unstuck.assert_close(
            f"warmup_cosine_lr({step}, base_lr=0.8, warmup_steps=2, total_steps=6)", got, expected, why, atol=1e-6
        )


def test_a_step_must_remain_for_the_cosine():
    """A total_steps that is not more than the warm-up is refused, by name, from the first step on."""
    call = "warmup_cosine_lr(0, base_lr=0.8, warmup_steps=5, total_steps=5)"
    unstuck.assert_raises(call, ValueError, lambda: warmup_cosine_lr(0, 0.8, 5, 5), "total_steps")


def test_up_to_the_peak_and_down_with_the_root():
    """The fourth update of W = 4 has the peak, the first a quarter of it, the sixteenth a half."""
    for step, expected in ((0, 0.2), (3, 0.8), (15, 0.4)):
        got = inverse_sqrt_lr(step, peak_lr=0.8, warmup_steps=4)
        why = "s is 1, 4 and 16: s/W = 1/4, both branches 1, √(4/16) = 1/2."
        unstuck.assert_close(f"inverse_sqrt_lr({step}, peak_lr=0.8, warmup_steps=4)", got, expected, why)


def test_a_warm_up_of_none_is_refused():
    """Here W = 0 has no meaning, and is refused by name."""
    call = "inverse_sqrt_lr(0, peak_lr=0.8, warmup_steps=0)"
    unstuck.assert_raises(call, ValueError, lambda: inverse_sqrt_lr(0, 0.8, 0), "warmup_steps")


def test_none_up_to_step_four():
    """With β₂ = 0.999 there is no factor in the first four steps."""
    for step in (1, 4):
        got = radam_rectification(step)
        unstuck.assert_close(f"radam_rectification({step})", got, None, "ρ_t is about t here, and 4 is not enough.")


def test_small_at_first_then_nearly_one():
    """The factor is small at step 5, and close to 1 after many thousand steps."""
    for step, expected in ((5, 0.0173115), (100, 0.2153354), (20_000, 1.0)):
        got = radam_rectification(step)
        why = "ρ_∞ = 1999; ρ_t is 4.996 at step 5, 98.3 at step 100, and 1999 in the end."
        unstuck.assert_close(f"radam_rectification({step})", got, expected, why, rtol=1e-4)


def test_steps_count_from_one():
    """Step 0 is refused, by name."""
    unstuck.assert_raises("radam_rectification(0)", ValueError, lambda: radam_rectification(0), "step")


def two_groups():
    """An optimiser with two groups of different rates."""
    body, head = torch.nn.Parameter(torch.zeros(3)), torch.nn.Parameter(torch.zeros(2))
    return torch.optim.SGD([{"params": [body], "lr": 0.1}, {"params": [head], "lr": 0.8}])


def test_the_rates_are_set_at_once():
    """The construction sets every group's rate for the first update."""
    optimizer = two_groups()
    WarmupCosine(optimizer, warmup_steps=4, total_steps=10)
    got = [group["lr"] for group in optimizer.param_groups]
    unstuck.assert_close(
        "rates after WarmupCosine(optimizer, 4, 10)", got, [0.025, 0.2], "A quarter of 0.1 and of 0.8."
    )


def test_each_step_sets_the_next_rates():
    """Each step() moves every group one step along its schedule."""
    optimizer = two_groups()
    plan = WarmupCosine(optimizer, warmup_steps=2, total_steps=4)
    for expected in ([0.1, 0.8], [0.1, 0.8], [0.05, 0.4], [0.0, 0.0], [0.0, 0.0]):
        optimizer.step()
        plan.step()
        got = [group["lr"] for group in optimizer.param_groups]
        why = "Steps 1, 2, 3, 4, 5 of two up and two down."
        unstuck.assert_close("rates after another step() of WarmupCosine(optimizer, 2, 4)", got, expected, why)
    unstuck.assert_close("get_last_lr()", plan.get_last_lr(), [0.0, 0.0], "The rates that are in force.")
