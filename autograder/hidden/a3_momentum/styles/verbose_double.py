"""A careful hand: small classes, everything computed in float64 and converted back at the end."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class HyperParameters:
    learning_rate: float
    momentum: float = 0.0

    def __post_init__(self) -> None:
        if self.learning_rate < 0.0:
            raise ValueError(f"The learning rate lr must not be negative, but lr = {self.learning_rate:g}.")
        if self.momentum < 0.0:
            raise ValueError("The momentum must not be negative.")
        if self.momentum >= 1.0:
            raise ValueError("The momentum must be smaller than 1.")


class Ball:
    """A ball with a position and a movement, in double precision."""

    def __init__(self, position: Tensor, movement: Tensor) -> None:
        self.position = position
        self.movement = movement

    def pushed(self, gradient: Tensor, settings: HyperParameters) -> "Ball":
        new_movement = self.movement * settings.momentum + gradient * (-settings.learning_rate)
        return Ball(self.position + new_movement, new_movement)


def as_double(argument_name: str, argument: Tensor) -> Tensor:
    if not isinstance(argument, Tensor):
        raise TypeError("The argument " + argument_name + " is not a tensor.")
    if not torch.is_floating_point(argument):
        raise TypeError("The argument " + argument_name + " does not hold floating-point numbers.")
    return argument.detach().to(torch.float64)


def require_equal_shapes(name: str, first: Tensor, second: Tensor) -> None:
    if first.size() != second.size():
        raise ValueError("The shape of " + name + " is not that of theta.")


def gd_step(theta: Tensor, grad: Tensor, lr: float) -> Tensor:
    position = as_double("theta", theta)
    gradient = as_double("grad", grad)
    require_equal_shapes("grad", position, gradient)
    ball = Ball(position, torch.zeros_like(position)).pushed(gradient, HyperParameters(lr))
    return ball.position.to(theta.dtype)


def momentum_step(theta: Tensor, grad: Tensor, movement: Tensor, lr: float, momentum: float = 0.9):
    position = as_double("theta", theta)
    gradient = as_double("grad", grad)
    old_movement = as_double("movement", movement)
    require_equal_shapes("grad", position, gradient)
    require_equal_shapes("movement", position, old_movement)
    ball = Ball(position, old_movement).pushed(gradient, HyperParameters(lr, momentum))
    return ball.position.to(theta.dtype), ball.movement.to(theta.dtype)


def unroll_movement(grads: Tensor, lr: float, momentum: float) -> Tensor:
    gradients = as_double("grads", grads)
    settings = HyperParameters(lr, momentum)
    if gradients.dim() == 0:
        raise ValueError("grads needs at least one dimension.")
    movements = []
    for now in range(gradients.size(0)):
        movement = torch.zeros_like(gradients[0])
        for past in range(now + 1):
            age = now - past
            weight = -settings.learning_rate * settings.momentum**age
            movement = movement + weight * gradients[past]
        movements.append(movement)
    return torch.stack(movements).to(grads.dtype)


def trajectory(grad_fn, theta0: Tensor, lr: float, momentum: float, steps: int) -> Tensor:
    start = as_double("theta0", theta0)
    settings = HyperParameters(lr, momentum)
    if steps < 0:
        raise ValueError("The number of steps must not be negative.")
    ball = Ball(start, torch.zeros_like(start))
    positions = [ball.position]
    for _ in range(steps):
        gradient = grad_fn(ball.position.to(theta0.dtype))
        ball = ball.pushed(gradient.to(torch.float64), settings)
        positions.append(ball.position)
    return torch.stack(positions).to(theta0.dtype)


class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr: float, momentum: float = 0.9) -> None:
        HyperParameters(lr, momentum)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                settings = HyperParameters(group["lr"], group["momentum"])
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        self.update(parameter, settings)
        return loss

    def update(self, parameter: Tensor, settings: HyperParameters) -> None:
        state = self.state[parameter]
        gradient = parameter.grad.to(torch.float64)
        if len(state) == 0:
            state["number_of_steps"] = 0
            state["buffer"] = torch.zeros_like(parameter)
        buffer = state["buffer"].to(torch.float64) * settings.momentum + gradient
        state["number_of_steps"] += 1
        state["buffer"] = buffer.to(parameter.dtype)
        parameter.copy_(parameter.to(torch.float64) - settings.learning_rate * buffer)
