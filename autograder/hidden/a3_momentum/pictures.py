"""Pictures of a3_momentum: where a student's steps lead, beside where they should."""

import torch

from autograder.checking import picture

CURVATURE = torch.tensor([0.3, 2.0], dtype=torch.float64)
START = torch.tensor([-4.0, 1.6], dtype=torch.float64)
PARAMETERS = {"xlabel": "first parameter (flat)", "ylabel": "second parameter (steep)"}


def valley(x, y):
    """The loss of a valley that is flat from left to right and steep from top to bottom."""
    return 0.5 * (CURVATURE[0] * x**2 + CURVATURE[1] * y**2)


@picture(
    "gd_step",
    kind="path",
    height=valley,
    shows=["climbs", "forgets_the_learning_rate", "normalises_the_gradient"],
    **PARAMETERS,
)
def descent(m):
    """Eight steps of gd_step in a valley, lr = 0.3."""
    places = [START]
    for _ in range(8):
        places.append(m.gd_step(places[-1], CURVATURE * places[-1], lr=0.3))
    return places


@picture(
    "momentum_step",
    kind="path",
    height=valley,
    shows=["follows_the_old_movement", "averages_the_gradient", "never_fades"],
    **PARAMETERS,
)
def rolling(m):
    """Ten steps of momentum_step in a valley, from rest, lr = 0.3 and momentum = 0.7."""
    places, movement = [START], torch.zeros(2, dtype=torch.float64)
    for _ in range(10):
        place, movement = m.momentum_step(places[-1], CURVATURE * places[-1], movement, lr=0.3, momentum=0.7)
        places.append(place)
    return places


@picture(
    "unroll_movement",
    kind="curve",
    x=range(1, 13),
    xlabel="step",
    ylabel="movement",
    shows=["weights_the_oldest_most", "sums_without_fading", "sees_the_future"],
)
def push(m):
    """The movements after three pushes of size 1 at the steps 1 to 3 and none later, lr = 0.1 and momentum = 0.8."""
    return m.unroll_movement(torch.tensor([1.0] * 3 + [0.0] * 9, dtype=torch.float64), lr=0.1, momentum=0.8)


def slope(theta):
    """The gradient of the valley."""
    return theta * torch.tensor([0.3, 2.0], dtype=theta.dtype)


@picture("trajectory", kind="path", height=valley, shows=["leaves_out_the_start", "forgets_the_movement"], **PARAMETERS)
def path(m):
    """The path of trajectory through a valley in 15 steps, lr = 0.3 and momentum = 0.7."""
    return m.trajectory(slope, START, lr=0.3, momentum=0.7, steps=15)


def trained(m, rates):
    """A parameter on the parabola p², before and after each step, the learning rate of each step given."""
    p = torch.nn.Parameter(torch.tensor([1.0]))
    optimiser = m.MomentumSGD([p], lr=rates[0], momentum=0.8)
    seen = [p.detach().clone()]
    for rate in rates:
        optimiser.param_groups[0]["lr"] = rate
        p.grad = 2 * p.detach()
        optimiser.step()
        seen.append(p.detach().clone())
    return torch.cat(seen)


@picture(
    "MomentumSGD",
    kind="curve",
    xlabel="step",
    ylabel="p",
    shows=["keeps_lr_in_the_buffer", "dampens", "steps_as_nesterov"],
)
def falling_rate(m):
    """A parameter p on the parabola p² under MomentumSGD, momentum = 0.8; the lr falls from 0.05 to 0.005 after step 6."""
    return m.run(trained, [0.05] * 6 + [0.005] * 10)
