"""Fractions and decimals, rounded to a float at the very end; a table per group in the class."""

import cmath
from decimal import Decimal, localcontext
from fractions import Fraction
from numbers import Number

LIMITS = {"step": 0, "base_lr": 0, "peak_lr": 0, "min_lr": 0, "warmup_steps": 0}


def validate(limits=LIMITS, **arguments):
    wrong = [name for name, value in arguments.items() if not isinstance(value, Number)]
    if wrong:
        raise TypeError(f"not a number: {', '.join(wrong)}")
    bad = [name for name, value in arguments.items() if value < limits.get(name, 0)]
    if bad:
        raise ValueError(f"too small: {', '.join(bad)}")


def cosine_decay(step, base_lr, total_steps, min_lr=0.0):
    validate({"total_steps": 1}, step=step, base_lr=base_lr, total_steps=total_steps, min_lr=min_lr)
    turn = min(Fraction(1), Fraction(step, total_steps))
    falling = (1 + Fraction(cmath.exp(1j * cmath.pi * float(turn)).real)) / 2
    return float(Fraction(min_lr) + (Fraction(base_lr) - Fraction(min_lr)) * falling)


def linear_warmup(step, base_lr, warmup_steps):
    validate(step=step, base_lr=base_lr, warmup_steps=warmup_steps)
    share = Fraction(step + 1, warmup_steps) if warmup_steps else 1
    return float(Fraction(base_lr) * min(share, 1))


def warmup_cosine_lr(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    validate(step=step, base_lr=base_lr, warmup_steps=warmup_steps, min_lr=min_lr)
    validate({"total_steps": warmup_steps + 1}, total_steps=total_steps)
    if step in range(warmup_steps):
        return linear_warmup(step, base_lr, warmup_steps)
    return cosine_decay(step - warmup_steps, base_lr, total_steps - warmup_steps, min_lr)


def inverse_sqrt_lr(step, peak_lr, warmup_steps):
    validate({"warmup_steps": 1}, step=step, peak_lr=peak_lr, warmup_steps=warmup_steps)
    ratio = Fraction(step + 1, warmup_steps)
    with localcontext() as context:
        context.prec = 30
        after = 1 / (Decimal(ratio.numerator) / Decimal(ratio.denominator)).sqrt()
    return float(Fraction(peak_lr) * min(ratio, Fraction(after)))


def radam_rectification(step, beta2=0.999, threshold=4.0):
    validate({"step": 1, "threshold": 4}, step=step, beta2=beta2, threshold=threshold)
    if beta2 >= 1:
        raise ValueError("beta2 is not below 1")
    with localcontext() as context:
        context.prec = 40
        beta, one = Decimal(beta2), Decimal(1)
        power = beta**step if beta else Decimal(0)
        limit = 2 / (one - beta) - 1
        length = limit - 2 * step * power / (one - power)
        if power < Decimal("1e-30"):
            length = limit
        if length <= Decimal(threshold):
            return None
        squared = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
        return float(squared.sqrt())


class WarmupCosine:
    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        validate(warmup_steps=warmup_steps, total_steps=total_steps, min_lr=min_lr)
        self._optimizer = optimizer
        self._tables = [
            [warmup_cosine_lr(t, group["lr"], warmup_steps, total_steps, min_lr) for t in range(total_steps + 1)]
            or [warmup_cosine_lr(0, group["lr"], warmup_steps, total_steps, min_lr)]
            for group in optimizer.param_groups
        ]
        self._at = 0
        self._write()

    def _write(self):
        for group, table in zip(self._optimizer.param_groups, self._tables, strict=True):
            group["lr"] = table[min(self._at, len(table) - 1)]

    def step(self):
        self._at += 1
        self._write()

    def get_last_lr(self):
        return [group["lr"] for group in self._optimizer.param_groups]
