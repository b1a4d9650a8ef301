"""NumPy: interpolation for the straight lines, np.select for the pieces, numpy scalars as answers."""

import numpy as np


def scalars(**values):
    for name, value in values.items():
        if not np.issubdtype(np.asarray(value).dtype, np.number):
            raise TypeError(f"{name} is no number but {value!r}")


def demand(condition, text):
    if not condition:
        raise ValueError(text)


def cosine_decay(step, base_lr, total_steps, min_lr=0.0):
    scalars(step=step, base_lr=base_lr, total_steps=total_steps, min_lr=min_lr)
    demand(step >= 0, "step < 0")
    demand(base_lr >= 0, "base_lr < 0")
    demand(min_lr >= 0, "min_lr < 0")
    demand(total_steps > 0, "total_steps < 1")
    angle = np.pi * np.minimum(step, total_steps) / total_steps
    return np.interp(np.cos(angle), [-1.0, 1.0], [min_lr, base_lr])


def linear_warmup(step, base_lr, warmup_steps):
    scalars(step=step, base_lr=base_lr, warmup_steps=warmup_steps)
    demand(step >= 0, "step < 0")
    demand(base_lr >= 0, "base_lr < 0")
    demand(warmup_steps >= 0, "warmup_steps < 0")
    if warmup_steps < 2:
        return np.float64(base_lr)
    return np.interp(step + 1, [0, warmup_steps], [0.0, base_lr])


def warmup_cosine_lr(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    scalars(step=step, base_lr=base_lr, warmup_steps=warmup_steps, total_steps=total_steps, min_lr=min_lr)
    for name, value in {"step": step, "base_lr": base_lr, "warmup_steps": warmup_steps, "min_lr": min_lr}.items():
        demand(value >= 0, f"{name} is {value}, below 0")
    demand(total_steps > warmup_steps, f"total_steps {total_steps} leaves nothing for the cosine")
    remaining = np.arange(total_steps - warmup_steps) / (total_steps - warmup_steps)
    up = base_lr * np.arange(1, warmup_steps + 1) / max(warmup_steps, 1)
    down = min_lr + 0.5 * (base_lr - min_lr) * (1.0 + np.cos(np.pi * remaining))
    return np.concatenate([up, down, [min_lr]])[min(step, total_steps)]


def inverse_sqrt_lr(step, peak_lr, warmup_steps):
    scalars(step=step, peak_lr=peak_lr, warmup_steps=warmup_steps)
    demand(step >= 0, "step < 0")
    demand(peak_lr >= 0, "peak_lr < 0")
    demand(warmup_steps >= 1, "warmup_steps < 1")
    s = np.float64(step + 1)
    return peak_lr * np.min([s / warmup_steps, (warmup_steps / s) ** 0.5])


def radam_rectification(step, beta2=0.999, threshold=4.0):
    scalars(step=step, beta2=beta2, threshold=threshold)
    demand(step > 0, "step < 1")
    demand(0 <= beta2 < 1, "beta2 outside [0, 1)")
    demand(threshold >= 4, "threshold < 4")
    rho_inf = 2.0 / (1.0 - beta2) - 1.0
    power = np.float64(beta2) ** step
    rho = rho_inf - 2.0 * step * power / (1.0 - power)
    if rho > threshold:
        l_inf = np.array([rho_inf - 4, rho_inf - 2, 1 / rho_inf])
        l_t = np.array([rho - 4, rho - 2, 1 / rho])
        return np.sqrt(np.prod(l_t / l_inf))
    return None


class WarmupCosine:
    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        self.optimizer = optimizer
        self.base = np.array([group["lr"] for group in optimizer.param_groups])
        self.arguments = {"warmup_steps": warmup_steps, "total_steps": total_steps, "min_lr": min_lr}
        self.t = -1
        self.step()

    def step(self):
        self.t += 1
        self.last = np.array([warmup_cosine_lr(self.t, base, **self.arguments) for base in self.base])
        for group, lr in zip(self.optimizer.param_groups, self.last, strict=True):
            group["lr"] = float(lr)

    def get_last_lr(self):
        return self.last.tolist()
