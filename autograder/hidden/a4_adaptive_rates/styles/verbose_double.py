"""A careful hand: small classes, everything computed in float64 and converted back at the end."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class HyperParameters:
    learning_rate: float
    epsilon: float
    beta_one: float = 0.0
    beta_two: float = 0.0
    name_of_the_betas: str = "betas"

    def __post_init__(self) -> None:
        if self.learning_rate < 0.0:
            raise ValueError(f"The learning rate lr must not be negative, but lr = {self.learning_rate:g}.")
        if self.epsilon < 0.0:
            raise ValueError(f"The constant eps must not be negative, but eps = {self.epsilon:g}.")
        for beta in (self.beta_one, self.beta_two):
            if beta < 0.0 or beta >= 1.0:
                raise ValueError(f"{self.name_of_the_betas} must be at least 0 and smaller than 1.")


def as_double(argument_name: str, argument: Tensor) -> Tensor:
    if not isinstance(argument, Tensor):
        raise TypeError("The argument " + argument_name + " is not a tensor.")
    if not torch.is_floating_point(argument):
        raise TypeError("The argument " + argument_name + " does not hold floating-point numbers.")
    return argument.detach().to(torch.float64)


def require_equal_shapes(name: str, first: Tensor, second: Tensor) -> None:
    if first.size() != second.size():
        raise ValueError("The shape of " + name + " is not that of theta.")


def adaptive_move(numerator: Tensor, mean_square: Tensor, settings: HyperParameters) -> Tensor:
    individual_rates = settings.learning_rate / (torch.sqrt(mean_square) + settings.epsilon)
    # Where the divisor is 0 the rate is infinite, and 0 times infinity is NaN, as 0 / 0 is.
    return individual_rates * numerator


def root_mean_square(grads: Tensor) -> Tensor:
    gradients = as_double("grads", grads)
    if gradients.dim() == 0 or gradients.size(0) == 0:
        raise ValueError("grads must hold at least one step.")
    return torch.sqrt(torch.mean(gradients * gradients, dim=0)).to(grads.dtype)


def adagrad_step(theta: Tensor, grad: Tensor, sum_sq: Tensor, lr: float, eps: float = 1e-10):
    position, gradient, old_sum = as_double("theta", theta), as_double("grad", grad), as_double("sum_sq", sum_sq)
    require_equal_shapes("grad", position, gradient)
    require_equal_shapes("sum_sq", position, old_sum)
    settings = HyperParameters(lr, eps)
    new_sum = old_sum + gradient * gradient
    new_position = position - adaptive_move(gradient, new_sum, settings)
    return new_position.to(theta.dtype), new_sum.to(theta.dtype)


def rmsprop_step(theta: Tensor, grad: Tensor, square_avg: Tensor, lr: float, alpha: float = 0.99, eps: float = 1e-8):
    position, gradient = as_double("theta", theta), as_double("grad", grad)
    old_average = as_double("square_avg", square_avg)
    require_equal_shapes("grad", position, gradient)
    require_equal_shapes("square_avg", position, old_average)
    settings = HyperParameters(lr, eps, alpha, name_of_the_betas="alpha")
    new_average = old_average * alpha + gradient * gradient * (1.0 - alpha)
    new_position = position - adaptive_move(gradient, new_average, settings)
    return new_position.to(theta.dtype), new_average.to(theta.dtype)


def adam_in_double(position, gradient, mean, mean_square, number_of_step, settings: HyperParameters):
    mean = mean * settings.beta_one + gradient * (1.0 - settings.beta_one)
    mean_square = mean_square * settings.beta_two + gradient * gradient * (1.0 - settings.beta_two)
    corrected_mean = mean / (1.0 - settings.beta_one**number_of_step)
    corrected_mean_square = mean_square / (1.0 - settings.beta_two**number_of_step)
    return position - adaptive_move(corrected_mean, corrected_mean_square, settings), mean, mean_square


def adam_step(theta, grad, exp_avg, exp_avg_sq, step, lr=0.001, betas=(0.9, 0.999), eps=0.00000001):
    position, gradient = as_double("theta", theta), as_double("grad", grad)
    mean, mean_square = as_double("exp_avg", exp_avg), as_double("exp_avg_sq", exp_avg_sq)
    require_equal_shapes("grad", position, gradient)
    require_equal_shapes("exp_avg", position, mean)
    require_equal_shapes("exp_avg_sq", position, mean_square)
    settings = HyperParameters(lr, eps, betas[0], betas[1])
    if step < 1:
        raise ValueError("The number of the step must be at least 1.")
    results = adam_in_double(position, gradient, mean, mean_square, step, settings)
    return tuple(result.to(theta.dtype) for result in results)


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=0.00000001) -> None:
        HyperParameters(lr, eps, betas[0], betas[1])
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                settings = HyperParameters(group["lr"], group["eps"], group["betas"][0], group["betas"][1])
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        self.update(parameter, settings)
        return loss

    def update(self, parameter: Tensor, settings: HyperParameters) -> None:
        state = self.state[parameter]
        if len(state) == 0:
            state["number_of_steps"] = 0
            state["mean"] = torch.zeros_like(parameter)
            state["mean_square"] = torch.zeros_like(parameter)
        state["number_of_steps"] += 1
        doubles = [x.to(torch.float64) for x in (parameter, parameter.grad, state["mean"], state["mean_square"])]
        position, mean, mean_square = adam_in_double(*doubles, state["number_of_steps"], settings)
        state["mean"], state["mean_square"] = mean.to(parameter.dtype), mean_square.to(parameter.dtype)
        parameter.copy_(position)
