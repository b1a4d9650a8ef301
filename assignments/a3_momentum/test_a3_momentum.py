"""A3 · Momentum: the visible checks. Type `pytest` in this folder.

They check a3_momentum.py once you have written in it, and a3_momentum.ipynb before.
UNSTUCK_SUBMISSION=FILE names another.
Edits here change nothing but what you see: the grade comes from other checks.
"""

from pathlib import Path

import torch
import unstuck

submission = unstuck.load_submission(
    Path(__file__).with_name("a3_momentum.py"),
    [
        "gd_step",
        "momentum_step",
        "unroll_movement",
        "trajectory",
        "MomentumSGD",
    ],
)
gd_step = submission["gd_step"]
momentum_step = submission["momentum_step"]
unroll_movement = submission["unroll_movement"]
trajectory = submission["trajectory"]
MomentumSGD = submission["MomentumSGD"]

pytest_plugins = ["unstuck"]  # failures as in the notebook, and how far you are
POINTS = {
    "gd_step": 2,
    "momentum_step": 6,
    "unroll_movement": 4,
    "trajectory": 3,
    "MomentumSGD": 5,
}
EXERCISE_OF = {
    "test_steps_against_the_gradient": "gd_step",
    "test_leaves_theta_as_it_was": "gd_step",
    "test_refuses_a_gradient_of_another_shape": "gd_step",
    "test_first_step_from_rest_is_gradient_descent": "momentum_step",
    "test_rolls_on_where_the_gradient_is_zero": "momentum_step",
    "test_refuses_a_momentum_of_one": "momentum_step",
    "test_one_push_fades": "unroll_movement",
    "test_newest_gradient_counts_most": "unroll_movement",
    "test_agrees_with_the_steps": "unroll_movement",
    "test_three_steps_on_a_parabola": "trajectory",
    "test_no_steps_leave_the_start": "trajectory",
    "test_two_steps_with_the_same_gradient": "MomentumSGD",
    "test_skips_a_parameter_without_gradient": "MomentumSGD",
    "test_reads_the_learning_rate_at_each_step": "MomentumSGD",
}


def test_steps_against_the_gradient():
    """The step goes downhill: against the gradient, scaled by the learning rate."""
    theta, grad = torch.tensor([1.0, -2.0]), torch.tensor([0.5, -1.0])
    got = gd_step(theta, grad, lr=0.1)
    expected = torch.tensor([0.95, -1.9])
    unstuck.assert_close("gd_step([1, -2], [0.5, -1], lr=0.1)", got, expected, "1 − 0.1 · 0.5 and −2 + 0.1 · 1")


def test_leaves_theta_as_it_was():
    """The caller's theta is the same after the call."""
    theta, grad = torch.tensor([1.0, -2.0]), torch.tensor([0.5, -1.0])
    gd_step(theta, grad, lr=0.1)
    unstuck.assert_close("theta, after gd_step", theta, torch.tensor([1.0, -2.0]), "Inputs are never modified.")


def test_refuses_a_gradient_of_another_shape():
    """A gradient of another shape than theta is refused, by name."""
    theta, grad = torch.zeros(2), torch.zeros(1)
    unstuck.assert_raises("gd_step(zeros(2), zeros(1), lr=0.1)", ValueError, lambda: gd_step(theta, grad, 0.1), "grad")


def test_first_step_from_rest_is_gradient_descent():
    """From rest, the first step is that of gradient descent, and it is the movement."""
    theta, grad = torch.tensor([1.0, -2.0]), torch.tensor([0.5, -1.0])
    got = momentum_step(theta, grad, torch.zeros(2), lr=0.1, momentum=0.9)
    expected = (torch.tensor([0.95, -1.9]), torch.tensor([-0.05, 0.1]))
    why = "With movement 0 nothing is carried over. Order of the result: theta, movement."
    unstuck.assert_close("momentum_step([1, -2], [0.5, -1], [0, 0], lr=0.1, momentum=0.9)", got, expected, why)


def test_rolls_on_where_the_gradient_is_zero():
    """Where the gradient is zero, theta moves on by the part of the movement that survives."""
    theta, grad, movement = torch.tensor([1.0]), torch.tensor([0.0]), torch.tensor([0.5])
    got = momentum_step(theta, grad, movement, lr=0.1, momentum=0.8)
    expected = (torch.tensor([1.4]), torch.tensor([0.4]))
    unstuck.assert_close("momentum_step([1], [0], [0.5], lr=0.1, momentum=0.8)", got, expected, "0.8 · 0.5 = 0.4")


def test_refuses_a_momentum_of_one():
    """A momentum of 1 would never slow down; it is refused, by name."""
    one = torch.ones(1)
    call = "momentum_step(…, momentum=1.0)"
    unstuck.assert_raises(call, ValueError, lambda: momentum_step(one, one, one, 0.1, momentum=1.0), "momentum")


def test_one_push_fades():
    """After one push, the movement shrinks by the factor λ with every step."""
    got = unroll_movement(torch.tensor([1.0, 0.0, 0.0, 0.0]), lr=0.1, momentum=0.5)
    expected = torch.tensor([-0.1, -0.05, -0.025, -0.0125])
    unstuck.assert_close(
        "unroll_movement([1, 0, 0, 0], lr=0.1, momentum=0.5)", got, expected, "λ⁰, λ¹, λ², λ³ times −0.1"
    )


def test_newest_gradient_counts_most():
    """The newest gradient counts in full, the one before it λ times, and each row of a wider tensor likewise."""
    got = unroll_movement(torch.tensor([[1.0, 10.0], [2.0, 20.0]]), lr=1.0, momentum=0.5)
    expected = torch.tensor([[-1.0, -10.0], [-2.5, -25.0]])
    unstuck.assert_close(
        "unroll_movement([[1, 10], [2, 20]], lr=1, momentum=0.5)", got, expected, "−(0.5 · 1 + 2) = −2.5"
    )


def test_agrees_with_the_steps():
    """The sums are the movements that momentum_step makes one after the other."""
    grads, movement = torch.tensor([2.0, -1.0, 3.0]), torch.tensor(0.0)
    for grad in grads:
        _, movement = momentum_step(torch.tensor(0.0), grad, movement, lr=0.1, momentum=0.8)
    got = unroll_movement(grads, lr=0.1, momentum=0.8)[-1]
    unstuck.assert_close(
        "unroll_movement([2, −1, 3], lr=0.1, momentum=0.8)[-1]", got, movement, "Two ways to the same sum."
    )


def test_three_steps_on_a_parabola():
    """On L = θ²/2 the ball gathers speed: 1, 0.9, 0.72, 0.486."""
    got = trajectory(lambda theta: theta, torch.tensor([1.0]), lr=0.1, momentum=0.9, steps=3)
    expected = torch.tensor([[1.0], [0.9], [0.72], [0.486]])
    why = "The movements are −0.1, −0.18 and −0.234, and row 0 is the start."
    unstuck.assert_close("trajectory(θ ↦ θ, [1], lr=0.1, momentum=0.9, steps=3)", got, expected, why)


def test_no_steps_leave_the_start():
    """With no steps the path is the start alone."""
    got = trajectory(lambda theta: theta, torch.tensor([1.0, 2.0]), lr=0.1, momentum=0.9, steps=0)
    expected = torch.tensor([[1.0, 2.0]])
    unstuck.assert_close(
        "trajectory(θ ↦ θ, [1, 2], lr=0.1, momentum=0.9, steps=0)", got, expected, "(steps + 1, *) rows"
    )


def test_two_steps_with_the_same_gradient():
    """The second step with the same gradient is 1 + μ times as long as the first."""
    p = torch.nn.Parameter(torch.tensor([1.0]))
    optimiser = MomentumSGD([p], lr=0.1, momentum=0.9)
    for expected in (0.8, 0.42):
        p.grad = torch.tensor([2.0])
        optimiser.step()
        why = "b is 2, then 0.9 · 2 + 2 = 3.8, and p moves by −0.1 · b."
        unstuck.assert_close("p, after MomentumSGD([p], lr=0.1).step() with p.grad = 2", p, [expected], why)


def test_skips_a_parameter_without_gradient():
    """A parameter whose grad is None is left as it was."""
    p = torch.nn.Parameter(torch.tensor([1.0]))
    MomentumSGD([p], lr=0.1).step()
    unstuck.assert_close("p, after a step with p.grad = None", p, [1.0], "No gradient, no step.")


def test_reads_the_learning_rate_at_each_step():
    """A learning rate changed in the param group counts from the next step on, for the whole buffer."""
    p = torch.nn.Parameter(torch.tensor([1.0]))
    optimiser = MomentumSGD([p], lr=0.1, momentum=0.5)
    p.grad = torch.tensor([1.0])
    optimiser.step()
    optimiser.param_groups[0]["lr"] = 0.01
    optimiser.step()
    unstuck.assert_close("p, after a second step with lr = 0.01", p, [0.885], "0.9 − 0.01 · (0.5 · 1 + 1)")
