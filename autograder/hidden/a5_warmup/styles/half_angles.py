"""Other formulas for the same curves: cos² of half the angle, expm1, products of ratios; a generator drives the groups."""

from math import cos, expm1, inf, log, pi, sqrt


def numeric(**values):
    for name in values:
        try:
            values[name] + 0.0
        except TypeError:
            raise TypeError("no number: " + name) from None


def positive(**numbers):
    numeric(**numbers)
    for name in numbers:
        if numbers[name] < 0:
            raise ValueError("negative " + name)


def cosine_decay(step, base_lr, total_steps, min_lr=0.0):
    positive(step=step, base_lr=base_lr, min_lr=min_lr)
    numeric(total_steps=total_steps)
    if total_steps <= 0:
        raise ValueError("total_steps must be positive")
    share = cos(pi * step / total_steps / 2) ** 2 if step < total_steps else 0.0
    return share * base_lr + (1 - share) * min_lr


def linear_warmup(step, base_lr, warmup_steps):
    positive(step=step, base_lr=base_lr, warmup_steps=warmup_steps)
    missing = max(0, warmup_steps - 1 - step)  # updates until the full rate
    return base_lr - base_lr * missing / warmup_steps if missing else base_lr


def warmup_cosine_lr(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    positive(step=step, base_lr=base_lr, warmup_steps=warmup_steps, min_lr=min_lr)
    numeric(total_steps=total_steps)
    if total_steps - warmup_steps <= 0:
        raise ValueError("no step left: total_steps is too small")
    up = linear_warmup(step, base_lr, warmup_steps)
    down = cosine_decay(max(step - warmup_steps, 0), base_lr, total_steps - warmup_steps, min_lr)
    return down if step >= warmup_steps else up


def inverse_sqrt_lr(step, peak_lr, warmup_steps):
    positive(step=step, peak_lr=peak_lr)
    numeric(warmup_steps=warmup_steps)
    if warmup_steps <= 0:
        raise ValueError("warmup_steps must be positive")
    ratio = (step + 1) / warmup_steps
    return peak_lr * ratio if ratio < 1 else peak_lr / sqrt(ratio)


def radam_rectification(step, beta2=0.999, threshold=4.0):
    numeric(step=step, beta2=beta2, threshold=threshold)
    if step < 1:
        raise ValueError("step begins at 1")
    if beta2 < 0 or beta2 >= 1:
        raise ValueError("beta2 not in [0, 1)")
    if threshold < 4:
        raise ValueError("threshold too low")
    most = (1 + beta2) / (1 - beta2)
    exponent = -step * log(beta2) if beta2 else inf
    worth = most - (2 * step / expm1(exponent) if exponent < 700 else 0.0)
    if not worth > threshold:
        return None
    return sqrt((1 - 4 / worth) * (worth - 2) / ((1 - 4 / most) * (most - 2)))


def _rates(bases, *shape):
    step = 0
    while True:
        yield [warmup_cosine_lr(step, base, *shape) for base in bases]
        step += 1


class WarmupCosine:
    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        self.groups = optimizer.param_groups
        self.rates = _rates([group["lr"] for group in self.groups], warmup_steps, total_steps, min_lr)
        self.step()

    def step(self):
        for group, rate in zip(self.groups, next(self.rates), strict=True):
            group.update(lr=rate)

    def get_last_lr(self):
        return tuple(group["lr"] for group in self.groups)
