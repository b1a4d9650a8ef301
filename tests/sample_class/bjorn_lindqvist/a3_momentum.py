"""Momentum, with every sum written as a recurrence in numpy and every argument checked by one table of rules."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

RULES: dict[str, Callable[[float], bool]] = {
    "lr": lambda value: value >= 0,
    "momentum": lambda value: 0 <= value < 1,
    "steps": lambda value: value >= 0,
}


def obey(**arguments: float) -> None:
    for name, value in arguments.items():
        if not RULES[name](value):
            raise ValueError(f"{name}={value} is out of range")


def as_arrays(**tensors: Tensor) -> list[np.ndarray]:
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor) or not tensor.dtype.is_floating_point:
            raise TypeError(f"{name} is not a floating-point tensor")
    shape = next(iter(tensors.values())).shape
    for name, tensor in tensors.items():
        if tensor.shape != shape:
            raise ValueError(f"shape of {name}: {list(tensor.shape)}, expected {list(shape)}")
    return [tensor.detach().cpu().numpy() for tensor in tensors.values()]


def as_tensor(array: np.ndarray, like: Tensor) -> Tensor:
    return torch.as_tensor(np.array(array), dtype=like.dtype, device=like.device)


@dataclass(frozen=True)
class Ball:
    place: np.ndarray
    speed: np.ndarray

    def pushed(self, slope: np.ndarray, lr: float, momentum: float) -> "Ball":
        speed = momentum * self.speed - lr * slope
        return Ball(self.place + speed, speed)


def gd_step(theta: Tensor, grad: Tensor, lr: float) -> Tensor:
    place, slope = as_arrays(theta=theta, grad=grad)
    obey(lr=lr)
    return as_tensor(place - lr * slope, theta)


def momentum_step(
    theta: Tensor, grad: Tensor, movement: Tensor, lr: float, momentum: float = 0.9
) -> tuple[Tensor, Tensor]:
    place, slope, speed = as_arrays(theta=theta, grad=grad, movement=movement)
    obey(lr=lr, momentum=momentum)
    ball = Ball(place, speed).pushed(slope, lr, momentum)
    return as_tensor(ball.place, theta), as_tensor(ball.speed, theta)


def unroll_movement(grads: Tensor, lr: float, momentum: float) -> Tensor:
    (rows,) = as_arrays(grads=grads)
    obey(lr=lr, momentum=momentum)
    if rows.ndim == 0:
        raise ValueError("grads has no axis of steps")
    movements = np.empty_like(rows)
    for now in range(len(rows)):
        ages = np.arange(now, -1, -1, dtype=rows.dtype)
        movements[now] = -lr * np.tensordot(momentum**ages, rows[: now + 1], axes=1)
    return as_tensor(movements, grads)


def trajectory(
    grad_fn: Callable[[Tensor], Tensor], theta0: Tensor, lr: float, momentum: float, steps: int
) -> Tensor:
    (place,) = as_arrays(theta0=theta0)
    obey(lr=lr, momentum=momentum, steps=steps)
    ball = Ball(place.copy(), np.zeros_like(place))
    path = [ball.place]
    for _ in range(steps):
        slope = grad_fn(as_tensor(ball.place, theta0)).detach().cpu().numpy()
        ball = ball.pushed(slope, lr, momentum)
        path.append(ball.place)
    return as_tensor(np.stack(path), theta0)


class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr: float, momentum: float = 0.9) -> None:
        obey(lr=lr, momentum=momentum)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        loss = closure() if closure is not None else None
        with torch.no_grad():
            for group in self.param_groups:
                moving = [p for p in group["params"] if p.grad is not None]
                for p in moving:
                    buffer = self.state[p].get("buffer")
                    past = torch.zeros_like(p) if buffer is None else buffer
                    self.state[p]["buffer"] = torch.add(p.grad, past, alpha=group["momentum"])
                    p.add_(self.state[p]["buffer"], alpha=-group["lr"])
        return loss
