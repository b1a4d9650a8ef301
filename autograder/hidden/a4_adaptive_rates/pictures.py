"""Pictures of a4_adaptive_rates: how far a student's steps go, and where they lead."""

import torch

from autograder.checking import picture

# A gradient that is large, then small, then large again: what an average makes of it shows in the steps.
GRADIENTS = [1.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
WALK = {"xlabel": "step", "ylabel": "θ"}
BOWL = torch.tensor([1.0, 20.0], dtype=torch.float64)
START = torch.tensor([-3.0, 2.0], dtype=torch.float64)


def number(value):
    """A 0-dim tensor."""
    return torch.tensor(value, dtype=torch.float64)


def bowl(x, y):
    """The loss of a bowl that is far steeper one way than the other."""
    return 0.5 * (BOWL[0] * x**2 + BOWL[1] * y**2)


@picture(
    "root_mean_square",
    kind="bars",
    names=["4, 4, 4, 4", "0, 0, 0, 4", "4, −4, 4, −4", "1, 2, 3, 4"],
    ylabel="σ",
    shows=["means_the_magnitudes", "takes_the_standard_deviation", "takes_the_root_of_the_sum"],
)
def four_histories(m):
    """σ of four parameters after four steps; below each bar stand its gradients."""
    return m.root_mean_square(
        torch.tensor([[4.0, 4, 4, 4], [0, 0, 0, 4], [4, -4, 4, -4], [1, 2, 3, 4]], dtype=torch.float64).T
    )


@picture(
    "adagrad_step",
    kind="curve",
    shows=["divides_by_the_old_sum", "averages_the_squares", "climbs_with_adagrad"],
    **WALK,
)
def adagrad_walk(m):
    """θ under adagrad_step with lr = 0.1: the gradient is 1 for four steps, 0.1 for six, 2 for six."""
    theta, total = number(0.0), number(0.0)
    places = [theta]
    for grad in GRADIENTS:
        theta, total = m.adagrad_step(theta, number(grad), total, lr=0.1)
        places.append(theta)
    return places


@picture(
    "rmsprop_step",
    kind="curve",
    shows=["swaps_alpha_and_its_complement", "corrects_the_first_bias", "sums_the_squares"],
    **WALK,
)
def rmsprop_walk(m):
    """θ under rmsprop_step with lr = 0.1 and alpha = 0.8, from v = 0: the gradient is 1 for four steps, 0.1 for six, 2 for six."""
    theta, average = number(0.0), number(0.0)
    places = [theta]
    for grad in GRADIENTS:
        theta, average = m.rmsprop_step(theta, number(grad), average, lr=0.1, alpha=0.8)
        places.append(theta)
    return places


@picture(
    "adam_step",
    kind="curve",
    shows=["does_not_correct_the_bias", "corrects_the_mean_only", "forgets_the_root", "swaps_the_betas"],
    **WALK,
)
def adam_walk(m):
    """θ under adam_step with lr = 0.1 and betas = (0.8, 0.9): the gradient is 1 for four steps, 0.1 for six, 2 for six."""
    theta, mean, square = number(0.0), number(0.0), number(0.0)
    places = [theta]
    for step, grad in enumerate(GRADIENTS, 1):
        theta, mean, square = m.adam_step(theta, number(grad), mean, square, step, lr=0.1, betas=(0.8, 0.9))
        places.append(theta)
    return places


def trained(m, start, curvature, late):
    """The path of a parameter vector in a bowl under Adam; with `late`, another parameter trains before it."""
    first, second = (torch.nn.Parameter(start.clone()) for _ in range(2))
    optimiser = m.Adam([first, second], lr=0.3, betas=(0.7, 0.9))
    for _ in range(late):
        first.grad = curvature * first.detach()
        optimiser.step()
    seen = [second.detach().clone()]
    for _ in range(16):
        second.grad = curvature * second.detach()
        optimiser.step()
        seen.append(second.detach().clone())
    return torch.stack(seen)


@picture(
    "Adam",
    kind="path",
    height=bowl,
    xlabel="first parameter (flat)",
    ylabel="second parameter (steep)",
    shows=["corrects_no_bias", "counts_for_all", "starts_from_the_first_gradient"],
)
def late_start(m):
    """Sixteen steps of Adam in a bowl, lr = 0.3 and betas = (0.7, 0.9), of a parameter whose gradients begin at step 6."""
    return m.run(trained, START, BOWL, 5)
