"""Built like torch's own schedulers: last_epoch, base_lrs, initial_lr in the groups; names of well-known codebases."""

from __future__ import annotations

import math
from typing import Any


def _require(name: str, value: Any, low: float) -> None:
    if not isinstance(value, (int, float)):
        raise TypeError(f"{name} should be a number, not {type(value)}")
    if not value >= low:
        raise ValueError(f"Invalid value for {name}: {value}")


def linear_warmup(step: int, base_lr: float, warmup_steps: int) -> float:
    _require("step", step, 0)
    _require("base_lr", base_lr, 0)
    _require("warmup_steps", warmup_steps, 0)
    return base_lr * min(1.0, (step + 1) / max(1, warmup_steps))


def cosine_decay(step: int, base_lr: float, total_steps: int, min_lr: float = 0.0) -> float:
    _require("step", step, 0)
    _require("base_lr", base_lr, 0)
    _require("total_steps", total_steps, 1)
    _require("min_lr", min_lr, 0)
    progress = min(step, total_steps) / total_steps
    coeff = 0.5 * (1.0 + math.cos(math.pi * progress))
    return base_lr * coeff + min_lr * (1.0 - coeff)


def get_lr(it: int, learning_rate: float, warmup_iters: int, lr_decay_iters: int, min_lr: float) -> float:
    if it < warmup_iters:
        return learning_rate * (it + 1) / warmup_iters
    if it > lr_decay_iters:
        return min_lr
    decay_ratio = (it - warmup_iters) / (lr_decay_iters - warmup_iters)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * decay_ratio)) * (learning_rate - min_lr)


def warmup_cosine_lr(step: int, base_lr: float, warmup_steps: int, total_steps: int, min_lr: float = 0.0) -> float:
    _require("step", step, 0)
    _require("base_lr", base_lr, 0)
    _require("warmup_steps", warmup_steps, 0)
    _require("total_steps", total_steps, warmup_steps + 1)
    _require("min_lr", min_lr, 0)
    return get_lr(step, base_lr, warmup_steps, total_steps, min_lr)


def inverse_sqrt_lr(step: int, peak_lr: float, warmup_steps: int) -> float:
    _require("step", step, 0)
    _require("peak_lr", peak_lr, 0)
    _require("warmup_steps", warmup_steps, 1)
    step_num, decay_factor = step + 1, peak_lr * warmup_steps**0.5
    return decay_factor * min(step_num**-0.5, step_num * warmup_steps**-1.5)


def radam_rectification(step: int, beta2: float = 0.999, threshold: float = 4.0) -> float | None:
    _require("step", step, 1)
    _require("beta2", beta2, 0.0)
    if beta2 >= 1.0:
        raise ValueError(f"Invalid value for beta2: {beta2}")
    _require("threshold", threshold, 4.0)
    bias_correction2 = 1 - beta2**step
    n_sma_max = 2 / (1 - beta2) - 1
    n_sma = n_sma_max - 2 * step * beta2**step / bias_correction2
    if n_sma <= threshold:
        return None
    return math.sqrt(
        (n_sma - 4) / (n_sma_max - 4) * (n_sma - 2) / n_sma * n_sma_max / (n_sma_max - 2),
    )


class _Schedule:
    def __init__(self, optimizer: Any, last_epoch: int = -1) -> None:
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.step()

    def get_lr(self) -> list[float]:
        raise NotImplementedError

    def step(self) -> None:
        self.last_epoch += 1
        for group, lr in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
            group["lr"] = lr
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def get_last_lr(self) -> list[float]:
        return self._last_lr


class WarmupCosine(_Schedule):
    def __init__(self, optimizer: Any, warmup_steps: int, total_steps: int, min_lr: float = 0.0) -> None:
        self.warmup_steps, self.total_steps, self.min_lr = warmup_steps, total_steps, min_lr
        super().__init__(optimizer)

    def get_lr(self) -> list[float]:
        rest = self.warmup_steps, self.total_steps, self.min_lr
        return [warmup_cosine_lr(self.last_epoch, base_lr, *rest) for base_lr in self.base_lrs]
