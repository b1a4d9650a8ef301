"""0-dim tensors of the default dtype throughout; r_t alone is computed in float64."""

import math

import torch


def _at_least(low, **given):
    for name, value in given.items():
        if not isinstance(value, (int, float, torch.Tensor)):
            raise TypeError(f"{name} = {value!r} is no number")
        if value < low:
            raise ValueError(f"{name} = {value} is below {low}")


def cosine_decay(step, base_lr, total_steps, min_lr=0.0):
    _at_least(0, step=step, base_lr=base_lr, min_lr=min_lr)
    _at_least(1, total_steps=total_steps)
    share = torch.tensor(step / total_steps).clamp(max=1.0)
    base, low = torch.tensor(base_lr), torch.tensor(min_lr)
    return low + (base - low) * (0.5 + 0.5 * torch.cos(math.pi * share))


def linear_warmup(step, base_lr, warmup_steps):
    _at_least(0, step=step, base_lr=base_lr, warmup_steps=warmup_steps)
    if warmup_steps == 0:
        return torch.tensor(base_lr)
    return torch.tensor(base_lr) * (torch.tensor(step + 1.0) / warmup_steps).clamp(max=1.0)


def warmup_cosine_lr(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    _at_least(0, step=step, base_lr=base_lr, warmup_steps=warmup_steps, min_lr=min_lr)
    _at_least(warmup_steps + 1, total_steps=total_steps)
    rising = torch.tensor(base_lr) * (step + 1) / max(warmup_steps, 1)
    share = torch.tensor((step - warmup_steps) / (total_steps - warmup_steps)).clamp(0.0, 1.0)
    falling = min_lr + (torch.tensor(base_lr) - min_lr) * (1 + torch.cos(math.pi * share)) / 2
    return torch.where(torch.tensor(step < warmup_steps), rising, falling)


def inverse_sqrt_lr(step, peak_lr, warmup_steps):
    _at_least(0, step=step, peak_lr=peak_lr)
    _at_least(1, warmup_steps=warmup_steps)
    s, w = torch.tensor(step + 1.0), torch.tensor(float(warmup_steps))
    return peak_lr * w.sqrt() * torch.minimum(s.rsqrt(), s * w**-1.5)


def radam_rectification(step, beta2=0.999, threshold=4.0):
    _at_least(1, step=step)
    _at_least(4, threshold=threshold)
    _at_least(0, beta2=beta2)
    if beta2 >= 1.0:
        raise ValueError(f"beta2 = {beta2} is outside [0, 1)")
    beta = torch.tensor(beta2, dtype=torch.float64)
    rho_inf = (1 + beta) / (1 - beta)
    rho = rho_inf - 2 * step * beta**step / (1 - beta**step)
    if bool(rho <= threshold):
        return None
    top, bottom = (rho - 4) * (rho - 2) / rho, (rho_inf - 4) * (rho_inf - 2) / rho_inf
    return (top / bottom).sqrt().float()


class WarmupCosine:
    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        self.optimizer, self.done = optimizer, 0
        self.bases = torch.tensor([group["lr"] for group in optimizer.param_groups])
        self.rate = lambda step, base: warmup_cosine_lr(step, base.item(), warmup_steps, total_steps, min_lr)
        self.last = self._push()

    def _push(self):
        rates = [self.rate(self.done, base) for base in self.bases]
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate.item()
        return rates

    def step(self):
        self.done += 1
        self.last = self._push()

    def get_last_lr(self):
        return self.last
