"""A schedule is a list of pieces (where it starts, its curve); everything is a closure over them, match and dataclass."""

import bisect
import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Pieces:
    starts: list[int]
    curves: list[Callable[[int], float]]

    def __call__(self, step):
        index = bisect.bisect_right(self.starts, step) - 1
        return self.curves[index](step - self.starts[index])


def ramp(base, n):
    return lambda k: base * (k + 1) / n


def half_wave(top, bottom, n):
    return lambda k: bottom + (top - bottom) * 0.5 * (1.0 + math.sin(math.pi * (0.5 + k / n)))


def constant(value):
    return lambda k: value


def guard(name, value, low):
    match value:
        case int() | float() if value >= low:
            return value
        case int() | float():
            raise ValueError(f"`{name}`: {value!r} < {low!r}")
        case _:
            raise TypeError(f"`{name}`: {value!r} is no number")


def cosine_decay(step, base_lr, total_steps, min_lr=0.0):
    (
        guard("step", step, 0),
        guard("base_lr", base_lr, 0),
        guard("min_lr", min_lr, 0),
        guard("total_steps", total_steps, 1),
    )
    return Pieces([0, total_steps], [half_wave(base_lr, min_lr, total_steps), constant(min_lr)])(step)


def linear_warmup(step, base_lr, warmup_steps):
    guard("step", step, 0), guard("base_lr", base_lr, 0), guard("warmup_steps", warmup_steps, 0)
    return Pieces([0, warmup_steps], [ramp(base_lr, warmup_steps), constant(base_lr)])(step)


def warmup_cosine_lr(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    guard("step", step, 0), guard("base_lr", base_lr, 0), guard("min_lr", min_lr, 0)
    guard("warmup_steps", warmup_steps, 0), guard("total_steps", total_steps, warmup_steps + 1)
    curves = [
        ramp(base_lr, warmup_steps),
        half_wave(base_lr, min_lr, total_steps - warmup_steps),
        constant(min_lr),
    ]
    return Pieces([0, warmup_steps, total_steps], curves)(step)


def inverse_sqrt_lr(step, peak_lr, warmup_steps):
    guard("step", step, 0), guard("peak_lr", peak_lr, 0), guard("warmup_steps", warmup_steps, 1)

    def tail(k):
        return peak_lr * (1 + (k + 1) / warmup_steps) ** -0.5

    return Pieces([0, warmup_steps], [ramp(peak_lr, warmup_steps), tail])(step)


def radam_rectification(step, beta2=0.999, threshold=4.0):
    guard("step", step, 1), guard("threshold", threshold, 4), guard("beta2", beta2, 0)
    if beta2 >= 1:
        raise ValueError(f"`beta2`: {beta2!r} is 1 or more")
    # The weights of the average, (1 − β)βᵏ over their sum: ρ_t is 2 · Σ k-th weight · (k + 1) − 1, counted from the newest.
    if step <= 20_000:
        powers = [beta2**k for k in range(step)]
        center = math.fsum((k + 1) * power for k, power in enumerate(powers)) / math.fsum(powers)
        rho = 2 * center - 1
    else:
        rho = 2 / (1 - beta2) - 1
    if rho <= threshold:
        return None
    rho_inf = 2 / (1 - beta2) - 1
    variance = {r: r / ((r - 2) * (r - 4)) for r in (rho, rho_inf)}
    return math.sqrt(variance[rho_inf] / variance[rho])


@dataclass
class WarmupCosine:
    optimizer: object
    warmup_steps: int
    total_steps: int
    min_lr: float = 0.0
    count: int = field(default=0, init=False)

    def __post_init__(self):
        self.base = {number: group["lr"] for number, group in enumerate(self.optimizer.param_groups)}
        self.last = []
        self.apply()

    def apply(self):
        rule = self.warmup_steps, self.total_steps, self.min_lr
        self.last = [warmup_cosine_lr(self.count, base, *rule) for base in self.base.values()]
        for number, lr in enumerate(self.last):
            self.optimizer.param_groups[number]["lr"] = lr

    def step(self):
        self.count += 1
        self.apply()

    def get_last_lr(self):
        return list(self.last)
