"""A5 · Learning rate schedules and warm-up: the assignment as a module.

Write your code here or in a5_warmup.ipynb, not in both. The notebook tells the story and draws the figures;
`pytest` in this folder runs the visible checks.
"""

import torch


def cosine_decay(step: int, base_lr: float, total_steps: int, min_lr: float = 0.0) -> float:
    """Returns a learning rate that falls from base_lr to min_lr along half a cosine, and then stays there.

        η(step) = min_lr + ½ (base_lr − min_lr) (1 + cos(π step / total_steps))      for step < total_steps
        η(step) = min_lr                                                          from step = total_steps on

    step counts from 0: it is the number of updates made so far. Step 0 gets base_lr; the fall is slow, then fast, then
    slow; at total_steps / 2 it is half done. min_lr is where the curve ends, not a floor that cuts it off. After
    total_steps it never rises again. Source: Loshchilov and Hutter, SGDR, 2017 (arXiv 1608.03983), equation 5, for one
    cycle.

    Pure: the value depends on the arguments alone, whichever steps were asked for before; the global random generator
    is neither drawn from nor seeded.

    Args:
        step: the number of the update about to be made, a whole number from 0. Any size: a run may go on after the end.
        base_lr: the learning rate at the start, at least 0.
        total_steps: the step at which min_lr is reached, at least 1.
        min_lr: the learning rate at the end, at least 0 and at most base_lr. Default 0.

    Returns:
        The learning rate, a float (a 0-dim tensor or numpy scalar of that value is as good).

    Raises:
        ValueError: step, base_lr or min_lr is negative; total_steps is 0 or negative. The message names the argument.
        TypeError: an argument is not a number, but a string for example, however it reads. The message names the argument.
    """
    raise NotImplementedError("cosine_decay is not written yet")


def linear_warmup(step: int, base_lr: float, warmup_steps: int) -> float:
    """Returns a learning rate that rises to base_lr in equal amounts, and then stays there.

        η(step) = base_lr · min(1, (step + 1) / W)          with W = warmup_steps;  W = 0: η(step) = base_lr

    step counts from 0: it is the number of updates made so far. So the first update already moves, with base_lr / W, and
    the W-th one, at step W − 1, is the first to get all of base_lr. With W = 0 or W = 1 there is no warm-up: every step
    gets base_lr. Source: Goyal et al. 2017 (arXiv 1706.02677), section 2.2, "gradual warmup", here from base_lr / W.

    Pure: the value depends on the arguments alone, whichever steps were asked for before; the global random generator
    is neither drawn from nor seeded.

    Args:
        step: the number of the update about to be made, a whole number from 0, of any size.
        base_lr: the learning rate after the warm-up, at least 0.
        warmup_steps: W, the number of updates that the warm-up takes, at least 0.

    Returns:
        The learning rate, a float (a 0-dim tensor or numpy scalar of that value is as good).

    Raises:
        ValueError: step, base_lr or warmup_steps is negative. The message names the argument.
        TypeError: an argument is not a number, but a string for example, however it reads. The message names the argument.
    """
    raise NotImplementedError("linear_warmup is not written yet")


def warmup_cosine_lr(step: int, base_lr: float, warmup_steps: int, total_steps: int, min_lr: float = 0.0) -> float:
    """Returns a learning rate that warms up to base_lr and then falls to min_lr along half a cosine.

        step < W:    η = base_lr · (step + 1) / W                                            as linear_warmup
        step ≥ W:    η = min_lr + ½ (base_lr − min_lr) (1 + cos(π (step − W) / (T − W)))      until step = T
        step ≥ T:    η = min_lr                                       with W = warmup_steps, T = total_steps

    step counts from 0. total_steps is the whole run, the warm-up included; the cosine has the T − W steps that remain.
    So steps W − 1 and W both get base_lr: the last of the warm-up and the first of the cosine. min_lr belongs to the
    cosine only: the warm-up begins at base_lr / W, also where that is less than min_lr. With W = 0 it is the cosine alone.

    Pure: the value depends on the arguments alone, whichever steps were asked for before; the global random generator
    is neither drawn from nor seeded.

    Args:
        step: the number of the update about to be made, a whole number from 0. Any size: a run may go on after the end.
        base_lr: the learning rate at the top, at least 0.
        warmup_steps: W, the number of updates that the warm-up takes, at least 0.
        total_steps: T, the step at which min_lr is reached, more than warmup_steps.
        min_lr: the learning rate at the end, at least 0 and at most base_lr. Default 0.

    Returns:
        The learning rate, a float (a 0-dim tensor or numpy scalar of that value is as good).

    Raises:
        ValueError: step, base_lr, warmup_steps or min_lr is negative; total_steps is not more than warmup_steps (at
            whatever step is asked for). The message names the argument, total_steps in the last case.
        TypeError: an argument is not a number, but a string for example, however it reads. The message names the argument.
    """
    raise NotImplementedError("warmup_cosine_lr is not written yet")


def inverse_sqrt_lr(step: int, peak_lr: float, warmup_steps: int) -> float:
    """Returns the Transformer's learning rate: up in equal amounts, then down with one over the root of the step.

        η(step) = peak_lr · min(s / W, √(W / s))          with s = step + 1, W = warmup_steps

    step counts from 0, s from 1. Both branches meet at step W − 1, the peak, where η = peak_lr. After it nothing ends:
    at four times as many updates, s = 4 W, the rate is half of the peak. Source: Vaswani et al., Attention Is All You
    Need, 2017 (arXiv 1706.03762), section 5.3: there peak_lr is d_model^−½ · W^−½, and here it is an argument.

    Pure: the value depends on the arguments alone, whichever steps were asked for before; the global random generator
    is neither drawn from nor seeded.

    Args:
        step: the number of the update about to be made, a whole number from 0, of any size.
        peak_lr: the largest learning rate, at least 0.
        warmup_steps: W, the number of updates until the peak, at least 1.

    Returns:
        The learning rate, a float (a 0-dim tensor or numpy scalar of that value is as good).

    Raises:
        ValueError: step or peak_lr is negative; warmup_steps is less than 1. The message names the argument.
        TypeError: an argument is not a number, but a string for example, however it reads. The message names the argument.
    """
    raise NotImplementedError("inverse_sqrt_lr is not written yet")


def radam_rectification(step: int, beta2: float = 0.999, threshold: float = 4.0) -> float | None:
    """Returns r_t, the factor by which RAdam shortens step t of Adam, or None where it does not trust σ at all.

        ρ_∞ = 2 / (1 − β₂) − 1                      ρ_t = ρ_∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)

                  (ρ_t − 4) (ρ_t − 2) ρ_∞
        r_t = √ ─────────────────────────────       where ρ_t > threshold;  None where ρ_t ≤ threshold
                  (ρ_∞ − 4) (ρ_∞ − 2) ρ_t

    t is step, which counts from 1 here: it is the number of this update, as in the Adam paper. ρ_t says how many
    gradients the average v̂ is worth. r_t rises towards 1; once β₂ᵗ is nothing beside 1, r_t is 1. With a small beta2
    (0, 0.5) no ρ_t ever exceeds 4, and every step gives None. ρ_t is a small difference of large numbers (1999 and 1994
    at t = 5): compute in double precision, as Python's floats do. Source: Liu et al., On the Variance of the Adaptive
    Learning Rate and Beyond, 2020 (arXiv 1908.03265), algorithm 2, whose threshold is 4.

    Pure: the value depends on the arguments alone, whichever steps were asked for before; the global random generator
    is neither drawn from nor seeded.

    Args:
        step: t, the number of this update, a whole number from 1, of any size.
        beta2: β₂, Adam's decay rate of the squared gradients, in [0, 1). Default 0.999.
        threshold: ρ_t must be more than this, at least 4. Default 4.

    Returns:
        r_t, a float (a 0-dim tensor or numpy scalar of that value is as good), or None.

    Raises:
        ValueError: step is less than 1; beta2 is negative, 1 or more; threshold is less than 4. The message names the
            argument.
        TypeError: an argument is not a number, but a string for example, however it reads. The message names the argument.
    """
    raise NotImplementedError("radam_rectification is not written yet")


class WarmupCosine:
    """Drives the learning rates of a torch optimiser: warm-up, then a cosine over the remaining steps.

    Each param group keeps its own base learning rate, the lr that it holds when the WarmupCosine is constructed. Before
    the update number `step`, counted from 0, its lr is

        warmup_cosine_lr(step, base_lr of the group, warmup_steps, total_steps, min_lr)

    - The construction sets the lr of every group for step 0, so that the first update is warmed up already.
    - Each call of `step()` sets the lr of every group for the next step: 1, 2, 3, ... It is called once after each
      `optimizer.step()`. From total_steps on the lr is min_lr and stays there.
    - It sets `group["lr"]` in `optimizer.param_groups` and nothing else: it makes no update itself, and parameters, their
      `.grad`, the groups' other settings and the global random generator stay as they are.
    - Each WarmupCosine keeps its own count: several that drive different optimisers do not disturb each other.

    Args:
        optimizer: the optimiser to drive, any of torch.optim.
        warmup_steps: the number of updates that the warm-up takes, at least 0.
        total_steps: the step at which min_lr is reached, more than warmup_steps.
        min_lr: the learning rate at the end, the same for all groups, at least 0. Default 0.

    Raises:
        ValueError: on construction, when warmup_steps or min_lr is negative, or total_steps is not more than
            warmup_steps. The message names the argument, total_steps in the last case.
        TypeError: on construction, when warmup_steps, total_steps or min_lr is not a number. The message names it.
    """

    def __init__(
        self, optimizer: torch.optim.Optimizer, warmup_steps: int, total_steps: int, min_lr: float = 0.0
    ) -> None:
        raise NotImplementedError("WarmupCosine.__init__ is not written yet")

    def step(self) -> None:
        """Sets every group's lr for the next step. Call it once after each `optimizer.step()`."""
        raise NotImplementedError("WarmupCosine.step is not written yet")

    def get_last_lr(self) -> list[float]:
        """Returns the lr that was set last for each group, a list in the order of `optimizer.param_groups`."""
        raise NotImplementedError("WarmupCosine.get_last_lr is not written yet")
