"""Pictures of a5_warmup: a student's schedule beside the definition."""

import math

import torch

from autograder.checking import picture

STEPS = {"xlabel": "step", "ylabel": "learning rate"}


@picture(
    "cosine_decay",
    kind="curve",
    shows=["falls_in_a_straight_line", "takes_the_whole_period", "cuts_off_at_min_lr", "rises_again"],
    **STEPS,
)
def decay(m):
    """cosine_decay from 1 to 0.2 over 20 steps, and ten steps beyond."""
    return [m.cosine_decay(step, 1.0, 20, min_lr=0.2) for step in range(31)]


@picture("linear_warmup", kind="curve", shows=["starts_at_zero", "never_stops_rising", "squares_the_share"], **STEPS)
def rise(m):
    """linear_warmup to 1 over 8 steps, and seven steps beyond."""
    return [m.linear_warmup(step, 1.0, 8) for step in range(16)]


@picture(
    "warmup_cosine_lr",
    kind="curve",
    shows=["multiplies_both_curves", "does_not_shorten_the_cosine", "joins_a_straight_line"],
    **STEPS,
)
def rise_and_fall(m):
    """warmup_cosine_lr to 1 over 6 steps, then down to 0.2 at step 30, and five steps beyond."""
    return [m.warmup_cosine_lr(step, 1.0, 6, 30, min_lr=0.2) for step in range(36)]


@picture(
    "inverse_sqrt_lr",
    kind="curve",
    shows=["stays_at_the_peak", "falls_without_the_root", "takes_the_larger_branch"],
    **STEPS,
)
def root(m):
    """inverse_sqrt_lr with its peak of 1 after 8 updates."""
    return [m.inverse_sqrt_lr(step, 1.0, 8) for step in range(40)]


@picture(
    "radam_rectification",
    kind="curve",
    x=range(1, 41),
    xlabel="update",
    ylabel="r",
    shows=["answers_zero_for_none", "forgets_the_root", "radam_counts_from_zero"],
)
def rectification(m):
    """radam_rectification of the first 40 updates, β₂ = 0.9; where it is None the line has a gap."""
    factors = [m.radam_rectification(step, beta2=0.9) for step in range(1, 41)]
    return [math.nan if factor is None else factor for factor in factors]


def driven(m):
    """The learning rates of an optimiser that a WarmupCosine drives, one before each update."""
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    schedule = m.WarmupCosine(optimiser, 4, 20, min_lr=0.1)
    rates = []
    for _ in range(24):
        rates.append(float(optimiser.param_groups[0]["lr"]))
        optimiser.step()
        schedule.step()
    return rates


@picture(
    "WarmupCosine", kind="curve", shows=["waits_for_the_first_step", "starts_with_step_one", "forgets_min_lr"], **STEPS
)
def driven_rate(m):
    """The learning rate of an optimiser with lr = 0.5 under WarmupCosine(optimizer, 4, 20, min_lr=0.1), before each update."""
    return m.run(driven)
