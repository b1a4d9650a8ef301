"""A4 · Adaptive learning rates: Adagrad, RMSProp, Adam: the visible checks. Type `pytest` in this folder.

They check a4_adaptive_rates.py once you have written in it, and a4_adaptive_rates.ipynb before.
UNSTUCK_SUBMISSION=FILE names another.
Edits here change nothing but what you see: the grade comes from other checks.
"""

from pathlib import Path

import torch
import unstuck

submission = unstuck.load_submission(
    Path(__file__).with_name("a4_adaptive_rates.py"),
    [
        "root_mean_square",
        "adagrad_step",
        "rmsprop_step",
        "adam_step",
        "Adam",
    ],
)
root_mean_square = submission["root_mean_square"]
adagrad_step = submission["adagrad_step"]
rmsprop_step = submission["rmsprop_step"]
adam_step = submission["adam_step"]
Adam = submission["Adam"]

pytest_plugins = ["unstuck"]  # failures as in the notebook, and how far you are
POINTS = {
    "root_mean_square": 1.5,
    "adagrad_step": 2.5,
    "rmsprop_step": 5,
    "adam_step": 7,
    "Adam": 4,
}
EXERCISE_OF = {
    "test_two_gradients_of_one_parameter": "root_mean_square",
    "test_each_parameter_has_its_own": "root_mean_square",
    "test_refuses_a_history_without_steps": "root_mean_square",
    "test_first_step_is_lr_long": "adagrad_step",
    "test_remembers_everything": "adagrad_step",
    "test_refuses_a_sum_of_another_shape": "adagrad_step",
    "test_averages_the_squares": "rmsprop_step",
    "test_eps_is_added_to_the_root": "rmsprop_step",
    "test_refuses_an_alpha_of_one": "rmsprop_step",
    "test_first_adam_step_is_lr_long": "adam_step",
    "test_returns_the_averages_as_they_are": "adam_step",
    "test_second_step": "adam_step",
    "test_refuses_step_zero": "adam_step",
    "test_two_steps": "Adam",
    "test_a_late_first_step": "Adam",
    "test_reads_the_settings_at_each_step": "Adam",
}


def test_two_gradients_of_one_parameter():
    """The root of the mean of the squares: of 1 and 7 it is 5."""
    got = root_mean_square(torch.tensor([1.0, -7.0]))
    unstuck.assert_close("root_mean_square([1, -7])", got, torch.tensor(5.0), "(1 + 49) / 2 = 25, and its root is 5.")


def test_each_parameter_has_its_own():
    """Each column, a parameter, has its own σ."""
    got = root_mean_square(torch.tensor([[3.0, 0.0], [3.0, 0.0], [3.0, 3.0]]))
    expected = torch.tensor([3.0, 3.0**0.5])
    unstuck.assert_close("root_mean_square([[3, 0], [3, 0], [3, 3]])", got, expected, "9 and (0 + 0 + 9) / 3 = 3")


def test_refuses_a_history_without_steps():
    """A history that holds no gradient is refused, by name."""
    call = "root_mean_square(torch.zeros(0, 3))"
    unstuck.assert_raises(call, ValueError, lambda: root_mean_square(torch.zeros(0, 3)), "grads")


def test_first_step_is_lr_long():
    """From an empty sum every parameter moves by lr, whatever the size of its gradient."""
    theta, grad = torch.tensor([1.0, 1.0]), torch.tensor([100.0, -0.01])
    got = adagrad_step(theta, grad, torch.zeros(2), lr=0.1)
    expected = (torch.tensor([0.9, 1.1]), torch.tensor([10000.0, 0.0001]))
    why = "g / √(g²) is the sign of g. Order of the result: theta, sum of squares."
    unstuck.assert_close("adagrad_step([1, 1], [100, -0.01], [0, 0], lr=0.1)", got, expected, why)


def test_remembers_everything():
    """A sum of 9 and a gradient of 4 make a root of 5."""
    got = adagrad_step(torch.tensor([0.0]), torch.tensor([4.0]), torch.tensor([9.0]), lr=1.0)
    expected = (torch.tensor([-0.8]), torch.tensor([25.0]))
    unstuck.assert_close("adagrad_step([0], [4], [9], lr=1)", got, expected, "9 + 16 = 25, and 4 / 5 = 0.8")


def test_refuses_a_sum_of_another_shape():
    """A sum of another shape is refused, by name."""
    two, one = torch.zeros(2), torch.zeros(1)
    call = "adagrad_step(zeros(2), zeros(2), zeros(1), lr=0.1)"
    unstuck.assert_raises(call, ValueError, lambda: adagrad_step(two, two, one, lr=0.1), "sum_sq")


def test_averages_the_squares():
    """Of an old average of 9 a share of 0.75 is kept; a gradient of 5 brings in the rest."""
    got = rmsprop_step(torch.tensor([0.0]), torch.tensor([5.0]), torch.tensor([9.0]), lr=1.0, alpha=0.75, eps=0.0)
    expected = (torch.tensor([-1.3867505]), torch.tensor([13.0]))
    why = "0.75 · 9 + 0.25 · 25 = 13, and 5 / √13 = 1.387"
    unstuck.assert_close("rmsprop_step([0], [5], [9], lr=1, alpha=0.75, eps=0)", got, expected, why)


def test_eps_is_added_to_the_root():
    """ε is added after the root is taken."""
    got = rmsprop_step(torch.tensor([0.0]), torch.tensor([3.0]), torch.tensor([9.0]), lr=1.0, alpha=0.5, eps=1.0)
    expected = (torch.tensor([-0.75]), torch.tensor([9.0]))
    unstuck.assert_close("rmsprop_step([0], [3], [9], lr=1, alpha=0.5, eps=1)", got, expected, "3 / (√9 + 1) = 0.75")


def test_refuses_an_alpha_of_one():
    """An alpha of 1 would never see a gradient; it is refused, by name."""
    one = torch.ones(1)
    call = "rmsprop_step(…, alpha=1.0)"
    unstuck.assert_raises(call, ValueError, lambda: rmsprop_step(one, one, one, 0.1, alpha=1.0), "alpha")


def test_first_adam_step_is_lr_long():
    """At step 1 from zero averages every parameter moves by lr, whatever the size of its gradient."""
    zero = torch.zeros(2)
    got = adam_step(zero, torch.tensor([1000.0, -0.001]), zero, zero, step=1, lr=0.1)[0]
    call = "adam_step([0, 0], [1000, −0.001], m=[0, 0], v=[0, 0], step=1, lr=0.1)[0]"
    unstuck.assert_close(call, got, torch.tensor([-0.1, 0.1]), "m̂ = g and √v̂ = |g|.", rtol=1e-4)


def test_returns_the_averages_as_they_are():
    """The averages that are returned are not corrected."""
    zero = torch.zeros(1)
    got = adam_step(zero, torch.tensor([2.0]), zero, zero, step=1, betas=(0.9, 0.5))[1:]
    expected = (torch.tensor([0.2]), torch.tensor([2.0]))
    call = "adam_step([0], [2], m=[0], v=[0], step=1, betas=(0.9, 0.5))[1:]"
    unstuck.assert_close(call, got, expected, "0.1 · 2 and 0.5 · 2²; the next step starts from these.")


def test_second_step():
    """At step 2 each average is corrected by its own factor."""
    one = torch.tensor([1.0])
    got = adam_step(torch.tensor([0.0]), one, 0.5 * one, 0.25 * one, 2, lr=1.0, betas=(0.5, 0.75), eps=0.0)
    expected = (torch.tensor([-1.0]), torch.tensor([0.75]), torch.tensor([0.4375]))
    call = "adam_step([0], [1], m=[0.5], v=[0.25], step=2, lr=1, betas=(0.5, 0.75), eps=0)"
    unstuck.assert_close(call, got, expected, "m̂ = 0.75 / (1 − 0.5²) = 1 and v̂ = 0.4375 / (1 − 0.75²) = 1")


def test_refuses_step_zero():
    """The first update has number 1; step 0 is refused, by name."""
    one = torch.ones(1)
    unstuck.assert_raises("adam_step(…, step=0)", ValueError, lambda: adam_step(one, one, one, one, step=0), "step")


def test_two_steps():
    """With a constant gradient every step is lr long, the first one too."""
    p = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
    optimiser = Adam([p], lr=0.1)
    for expected in ([0.9, 1.1], [0.8, 1.2]):
        p.grad = torch.tensor([3.0, -0.5])
        optimiser.step()
        call = "p, after Adam([p], lr=0.1).step() with p.grad = [3, −0.5]"
        unstuck.assert_close(call, p, expected, "m̂/√v̂ is ±1 while the gradient does not change.")


def test_a_late_first_step():
    """A parameter that gets its first gradient late makes a first step."""
    early, late = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
    optimiser = Adam([early, late], lr=0.1)
    for t in range(5):
        early.grad = torch.ones(1)
        late.grad = torch.ones(1) if t == 4 else None
        optimiser.step()
    why = "Its averages are new, and so is its count: a step of lr."
    unstuck.assert_close("late, after four steps with grad = None and one with grad = 1", late, [-0.1], why)


def test_reads_the_settings_at_each_step():
    """A learning rate changed in the param group counts from the next step on."""
    p = torch.nn.Parameter(torch.tensor([1.0]))
    optimiser = Adam([p], lr=0.1)
    for lr in (0.1, 0.01):
        optimiser.param_groups[0]["lr"] = lr
        p.grad = torch.ones(1)
        optimiser.step()
    unstuck.assert_close("p, after steps with lr 0.1 and 0.01", p, [0.89], "1 − 0.1 − 0.01")
