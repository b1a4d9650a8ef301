"""Named wrong variants of a4_adaptive_rates: what students, forums and other codebases get wrong, and other conventions in use.

Read as text: each marked definition replaces the exercise of its mark in the reference, whose private functions are in
scope; the unmarked ones come along. Where two explain a failed check equally well, the first is named: a mistake that shows
in one check stands before those that show in many.
"""

import torch

from autograder.checking import mistake
from solutions.a4_adaptive_rates import (
    Adam,
    _check_float_tensors,
    _check_not_negative,
    _check_same_shape,
    _check_shares,
)


def check_history(grads):
    _check_float_tensors(grads=grads)
    if grads.dim() == 0 or len(grads) == 0:
        raise ValueError("grads must hold one gradient or more")


def check_adagrad(theta, grad, sum_sq, lr, eps):
    _check_float_tensors(theta=theta, grad=grad, sum_sq=sum_sq)
    _check_same_shape(theta, grad=grad, sum_sq=sum_sq)
    _check_not_negative(lr=lr, eps=eps)


def check_rmsprop(theta, grad, square_avg, lr, alpha, eps):
    _check_float_tensors(theta=theta, grad=grad, square_avg=square_avg)
    _check_same_shape(theta, grad=grad, square_avg=square_avg)
    _check_not_negative(lr=lr, eps=eps)
    _check_shares("alpha", alpha)


def check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps):
    _check_float_tensors(theta=theta, grad=grad, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)
    _check_same_shape(theta, grad=grad, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)
    _check_not_negative(lr=lr, eps=eps)
    _check_shares("betas", *betas)
    if step < 1:
        raise ValueError(f"step must be at least 1, got {step}")


def rmsprop(theta, grad, square_avg, lr, alpha, eps):
    """The right step of RMSProp, without its checks."""
    new = alpha * square_avg + (1 - alpha) * grad**2
    return theta - lr * grad / (new.sqrt() + eps), new


def averages(grad, exp_avg, exp_avg_sq, betas):
    """The right averages of Adam."""
    return betas[0] * exp_avg + (1 - betas[0]) * grad, betas[1] * exp_avg_sq + (1 - betas[1]) * grad**2


def corrected(mean, mean_sq, step, betas):
    """The right corrections of Adam."""
    return mean / (1 - betas[0] ** step), mean_sq / (1 - betas[1] ** step)


def moved(theta, mean, mean_sq, lr, eps):
    """The right move of Adam, from corrected averages."""
    return theta - lr * mean / (mean_sq.sqrt() + eps)


def adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps):
    """The right step of Adam, without its checks."""
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    return moved(theta, *corrected(mean, mean_sq, step, betas), lr, eps), mean, mean_sq


def loss_of(closure):
    if closure is None:
        return None
    with torch.enable_grad():
        return closure()


class Stepper(Adam):
    """The reference's loop; what is done to a parameter with and without gradient is left open."""

    @torch.no_grad()
    def step(self, closure=None):
        loss = loss_of(closure)
        for group in self.param_groups:
            for p in group["params"]:
                (self.skip if p.grad is None else self.update)(p, group, self.state[p])
        return loss

    def update(self, p, group, state):
        p -= self.move(p, group, state, p.grad)

    def skip(self, p, group, state):
        pass

    def move(self, p, group, state, grad, lr=None, betas=None, eps=None, correct=corrected):
        """What is subtracted from p; the state is brought up to date."""
        lr = group["lr"] if lr is None else lr
        betas, eps = betas or group["betas"], group["eps"] if eps is None else eps
        state["t"] = state.get("t", 0) + 1
        old = state.get("m", torch.zeros_like(p)), state.get("v", torch.zeros_like(p))
        state["m"], state["v"] = averages(grad, *old, betas)
        mean, mean_sq = correct(state["m"], state["v"], state["t"], betas)
        return lr * mean / (mean_sq.sqrt() + eps)


# root_mean_square


@mistake("root_mean_square", caught_by="is_the_root_of_the_mean_square")
def means_the_magnitudes(grads):
    """takes the mean of |g| instead of the root of the mean of g²"""
    check_history(grads)
    return grads.abs().mean(dim=0)


@mistake("root_mean_square", caught_by="is_the_root_of_the_mean_square")
def takes_the_standard_deviation(grads):
    """takes the standard deviation: the mean gradient is subtracted before squaring"""
    check_history(grads)
    return grads.std(dim=0, correction=0)


@mistake("root_mean_square", caught_by="is_the_root_of_the_mean_square")
def takes_the_root_of_the_sum(grads):
    """takes the root of the sum, as Adagrad does, instead of the root of the mean"""
    check_history(grads)
    return grads.square().sum(dim=0).sqrt()


@mistake("root_mean_square", caught_by="is_the_root_of_the_mean_square")
def divides_outside_the_root(grads):
    """divides by T outside the root: √(Σ g²) / T"""
    check_history(grads)
    return grads.square().sum(dim=0).sqrt() / len(grads)


@mistake("root_mean_square", caught_by="is_the_root_of_the_mean_square")
def keeps_sigma_from_zero(grads):
    """adds a small number under the root, or holds σ above one: tiny gradients lose their size"""
    check_history(grads)
    return (grads.square().mean(dim=0) + 1e-12).sqrt()


@mistake("root_mean_square", caught_by="is_the_root_of_the_mean_square")
def keeps_sigma_from_zero_by_1e_8(grads):
    """adds 1e-8 under the root: σ has no ε, and tiny gradients lose their size"""
    check_history(grads)
    return (grads.square().mean(dim=0) + 1e-8).sqrt()


@mistake("root_mean_square", caught_by="is_the_root_of_the_mean_square")
def adds_eps_to_sigma(grads):
    """adds a small number to σ: σ has no ε, and tiny gradients lose their size"""
    check_history(grads)
    return grads.square().mean(dim=0).sqrt() + 1e-8


@mistake("root_mean_square", caught_by="is_the_root_of_the_mean_square")
def forgets_the_root_of_the_mean(grads):
    """forgets the root: returns the mean of the squares"""
    check_history(grads)
    return grads.square().mean(dim=0)


@mistake("root_mean_square", caught_by="is_the_root_of_the_mean_square")
def divides_by_one_step_too_many(grads):
    """divides by T + 1: the lecture's t + 1 is the number of gradients already"""
    check_history(grads)
    return (grads.square().sum(dim=0) / (len(grads) + 1)).sqrt()


@mistake("root_mean_square", caught_by="is_the_root_of_the_mean_square")
def divides_by_one_step_too_few(grads):
    """divides by T − 1, as an unbiased variance does, instead of by T"""
    check_history(grads)
    return (grads.square().sum(dim=0) / max(1, len(grads) - 1)).sqrt()


@mistake("root_mean_square", caught_by="is_the_root_of_the_mean_square")
def means_over_everything(grads):
    """takes one mean over steps and parameters: every parameter must have a σ of its own"""
    check_history(grads)
    return grads.square().mean().sqrt().expand(grads.shape[1:])


@mistake("root_mean_square", caught_by="root_mean_square_works_for_every_shape_and_dtype")
def means_over_the_last_dimension(grads):
    """takes the mean over the last dimension instead of the first, unless the shape is (T, P)"""
    check_history(grads)
    return grads.square().mean(dim=0 if grads.dim() == 2 else -1).sqrt()


@mistake("root_mean_square", caught_by="root_mean_square_works_for_every_shape_and_dtype")
def squares_in_single_precision(grads):
    """computes in float32 and converts back: float64 loses half of its digits"""
    check_history(grads)
    return grads.float().square().mean(dim=0).sqrt().to(grads.dtype)


@mistake("root_mean_square", caught_by="root_mean_square_leaves_its_input_alone")
def squares_in_place(grads):
    """changes grads in place"""
    check_history(grads)
    return grads.detach().square_().mean(dim=0).sqrt()


@mistake("root_mean_square", caught_by="root_mean_square_refuses_bad_arguments")
def accepts_no_steps(grads):
    """accepts grads that are 0-dimensional or hold no step"""
    _check_float_tensors(grads=grads)
    return grads.abs() if grads.dim() == 0 else grads.square().mean(dim=0).sqrt()


@mistake("root_mean_square", caught_by="root_mean_square_refuses_bad_arguments")
def accepts_a_list(grads):
    """does not check that grads is a floating-point tensor"""
    grads = torch.as_tensor(grads)
    grads = grads if grads.is_floating_point() else grads.float()
    check_history(grads)
    return grads.square().mean(dim=0).sqrt()


# adagrad_step


@mistake("adagrad_step", caught_by="adagrad_adds_eps_outside_the_root")
def puts_eps_under_the_root_of_the_sum(theta, grad, sum_sq, lr, eps=1e-10):
    """adds ε under the root: √(s' + ε)"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq + grad**2
    return theta - lr * grad / (new + eps).sqrt(), new


@mistake("adagrad_step", caught_by="adagrad_adds_eps_outside_the_root")
def takes_eps_for_the_floor_of_adagrad(theta, grad, sum_sq, lr, eps=1e-10):
    """divides by the larger of √s' and ε instead of their sum"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq + grad**2
    return theta - lr * grad / new.sqrt().clamp(min=eps), new


@mistake("adagrad_step", caught_by="adagrad_adds_eps_outside_the_root")
def leaves_eps_out_of_adagrad(theta, grad, sum_sq, lr, eps=1e-10):
    """does not use ε: 0/0 where all gradients were 0"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq + grad**2
    return theta - lr * grad / new.sqrt(), new


@mistake("adagrad_step", caught_by="adagrad_adds_eps_outside_the_root")
def has_the_eps_of_rmsprop(theta, grad, sum_sq, lr, eps=1e-8):
    """has another default than ε = 1e-10"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq + grad**2
    return theta - lr * grad / (new.sqrt() + eps), new


@mistake("adagrad_step", caught_by="divides_by_the_root_of_the_sum")
def divides_by_the_old_sum(theta, grad, sum_sq, lr, eps=1e-10):
    """divides by the root of the sum from before this gradient"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    return theta - lr * grad / (sum_sq.sqrt() + eps), sum_sq + grad**2


@mistake("adagrad_step", caught_by="divides_by_the_root_of_the_sum")
def divides_by_the_sum_itself(theta, grad, sum_sq, lr, eps=1e-10):
    """divides by the sum of squares itself, without the root"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq + grad**2
    return theta - lr * grad / (new + eps), new


@mistake("adagrad_step", caught_by="divides_by_the_root_of_the_sum")
def divides_by_eta(theta, grad, sum_sq, lr, eps=1e-10):
    """divides σ by η, as the notes' slip has it, instead of η by σ"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq + grad**2
    return theta - (new.sqrt() + eps) / lr * grad if lr else theta, new


@mistake("adagrad_step", caught_by="divides_by_the_root_of_the_sum")
def climbs_with_adagrad(theta, grad, sum_sq, lr, eps=1e-10):
    """moves uphill, along the gradient"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq + grad**2
    return theta + lr * grad / (new.sqrt() + eps), new


@mistake("adagrad_step", caught_by="divides_by_the_root_of_the_sum")
def gives_all_one_rate(theta, grad, sum_sq, lr, eps=1e-10):
    """divides by one root for all parameters (the sum runs over the tensor): it must be element-wise"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq + grad**2
    return theta - lr * grad / (new.sum().sqrt() + eps), new


@mistake("adagrad_step", caught_by="returns_the_sum_of_squares")
def returns_the_root(theta, grad, sum_sq, lr, eps=1e-10):
    """returns the root √s' beside θ' instead of the sum s'"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq + grad**2
    return theta - lr * grad / (new.sqrt() + eps), new.sqrt()


@mistake("adagrad_step", caught_by="adagrad_never_forgets")
def averages_the_squares(theta, grad, sum_sq, lr, eps=1e-10):
    """keeps a fading average of the squares, as RMSProp does, instead of their sum"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    return rmsprop(theta, grad, sum_sq, lr, 0.9, eps)


@mistake("adagrad_step", caught_by="adagrad_never_forgets")
def sums_the_magnitudes(theta, grad, sum_sq, lr, eps=1e-10):
    """adds |g| to the sum instead of g²"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq + grad.abs()
    return theta - lr * grad / (new.sqrt() + eps), new


@mistake("adagrad_step", caught_by="adagrad_step_leaves_its_inputs_alone")
def adds_to_the_sum_in_place(theta, grad, sum_sq, lr, eps=1e-10):
    """changes sum_sq in place"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    sum_sq += grad**2
    return theta - lr * grad / (sum_sq.sqrt() + eps), sum_sq


@mistake("adagrad_step", caught_by="adagrad_step_leaves_its_inputs_alone")
def moves_theta_in_place(theta, grad, sum_sq, lr, eps=1e-10):
    """changes theta in place"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq + grad**2
    theta.data -= (lr * grad / (new.sqrt() + eps)).detach()
    return theta, new


@mistake("adagrad_step", caught_by="adagrad_step_works_for_every_shape_and_dtype")
def steps_adagrad_in_single_precision(theta, grad, sum_sq, lr, eps=1e-10):
    """computes in float32 and converts back: float64 loses half of its digits"""
    check_adagrad(theta, grad, sum_sq, lr, eps)
    new = sum_sq.float() + grad.float() ** 2
    return (theta - lr * grad / (new.sqrt() + eps)).to(theta.dtype), new.to(theta.dtype)


@mistake("adagrad_step", caught_by="adagrad_step_refuses_bad_arguments")
def checks_no_value_in_adagrad(theta, grad, sum_sq, lr, eps=1e-10):
    """accepts a negative lr or a negative eps"""
    check_adagrad(theta, grad, sum_sq, abs(lr), abs(eps))
    new = sum_sq + grad**2
    return theta - lr * grad / (new.sqrt() + eps), new


@mistake("adagrad_step", caught_by="adagrad_step_refuses_bad_arguments")
def broadcasts_in_adagrad(theta, grad, sum_sq, lr, eps=1e-10):
    """lets grad or sum_sq of another shape be broadcast"""
    _check_float_tensors(theta=theta, grad=grad, sum_sq=sum_sq)
    _check_not_negative(lr=lr, eps=eps)
    new = sum_sq + grad**2
    return theta - lr * grad / (new.sqrt() + eps), new


@mistake("adagrad_step", caught_by="adagrad_step_refuses_bad_arguments")
def checks_no_type_in_adagrad(theta, grad, sum_sq, lr, eps=1e-10):
    """does not check that its tensors are floating-point tensors"""
    _check_same_shape(theta, grad=grad, sum_sq=torch.as_tensor(sum_sq).expand(theta.shape))
    _check_not_negative(lr=lr, eps=eps)
    new = sum_sq + grad**2
    return theta - lr * grad / (new.sqrt() + eps), new


# rmsprop_step


@mistake("rmsprop_step", caught_by="rmsprop_adds_eps_outside_the_root")
def puts_eps_under_the_root_of_the_average(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """adds ε under the root: √(v' + ε)"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    _, new = rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return theta - lr * grad / (new + eps).sqrt(), new


@mistake("rmsprop_step", caught_by="rmsprop_adds_eps_outside_the_root")
def takes_eps_for_a_floor(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """divides by the larger of √v' and ε instead of their sum"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    _, new = rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return theta - lr * grad / new.sqrt().clamp(min=eps), new


@mistake("rmsprop_step", caught_by="rmsprop_adds_eps_outside_the_root")
def leaves_eps_out_of_rmsprop(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """does not use ε: 0/0 where all gradients were 0"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return rmsprop(theta, grad, square_avg, lr, alpha, 0.0)


@mistake("rmsprop_step", caught_by="alpha_is_0_99_and_eps_1e_8_unless_given")
def has_hintons_alpha(theta, grad, square_avg, lr, alpha=0.9, eps=1e-8):
    """has another default than alpha 0.99, such as the 0.9 of Hinton's slides and of Keras"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return rmsprop(theta, grad, square_avg, lr, alpha, eps)


@mistake("rmsprop_step", caught_by="alpha_is_0_99_and_eps_1e_8_unless_given")
def has_the_eps_of_keras(theta, grad, square_avg, lr, alpha=0.99, eps=1e-7):
    """has another default than ε = 1e-8, such as Keras' 1e-7"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return rmsprop(theta, grad, square_avg, lr, alpha, eps)


@mistake("rmsprop_step", caught_by="alpha_is_0_99_and_eps_1e_8_unless_given")
def takes_alpha_zero_for_not_given(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """takes alpha 0 for "not given" and uses 0.99"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return rmsprop(theta, grad, square_avg, lr, alpha or 0.99, eps)


@mistake("rmsprop_step", caught_by="divides_by_the_root_of_the_average")
def divides_by_the_old_average(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """divides by the root of the average from before this gradient"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    _, new = rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return theta - lr * grad / (square_avg.sqrt() + eps), new


@mistake("rmsprop_step", caught_by="returns_the_average_of_squares")
def swaps_alpha_and_its_complement(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """weights the old average with 1 − α and the new square with α: α is the share that is kept"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return rmsprop(theta, grad, square_avg, lr, 1 - alpha, eps)


@mistake("rmsprop_step", caught_by="returns_the_average_of_squares")
def starts_an_empty_average_from_the_square(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """takes v' = g² where the average is still 0, instead of αv + (1 − α)g²"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return rmsprop(theta, grad, torch.where(square_avg == 0, grad**2, square_avg), lr, alpha, eps)


@mistake("rmsprop_step", caught_by="returns_the_average_of_squares")
def corrects_the_first_bias(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """corrects the bias where the average is still 0, as Adam does: RMSProp corrects none"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    _, new = rmsprop(theta, grad, square_avg, lr, alpha, eps)
    unbiased = torch.where(square_avg == 0, new / (1 - alpha), new)
    return theta - lr * grad / (unbiased.sqrt() + eps), new


@mistake("rmsprop_step", caught_by="returns_the_average_of_squares")
def returns_sigma(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """returns σ = √v' beside θ' instead of v'"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    theta, new = rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return theta, new.sqrt()


@mistake("rmsprop_step", caught_by="forgets_over_many_steps")
def never_lets_the_average_fall(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """lets the average rise only, as AMSGrad does"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    new = torch.maximum(square_avg, rmsprop(theta, grad, square_avg, lr, alpha, eps)[1])
    return theta - lr * grad / (new.sqrt() + eps), new


@mistake("rmsprop_step", caught_by="first_step_of_the_lecture_is_lr_long")
def forgets_the_weight_of_the_square(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """adds g² in full, without the weight 1 − α: v' = αv + g²"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    new = alpha * square_avg + grad**2
    return theta - lr * grad / (new.sqrt() + eps), new


@mistake("rmsprop_step", caught_by="divides_by_the_root_of_the_average")
def averages_the_roots(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """averages the roots instead of the squares: σ' = ασ + (1 − α)|g|"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    sigma = alpha * square_avg.sqrt() + (1 - alpha) * grad.abs()
    return theta - lr * grad / (sigma + eps), sigma**2


@mistake("rmsprop_step", caught_by="divides_by_the_root_of_the_average")
def multiplies_by_sigma(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """multiplies by σ instead of dividing by it"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    _, new = rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return theta - lr * grad * (new.sqrt() + eps), new


@mistake("rmsprop_step", caught_by="divides_by_the_root_of_the_average")
def gives_all_one_sigma(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """divides by one σ for all parameters (the mean over the tensor): it must be element-wise"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    _, new = rmsprop(theta, grad, square_avg, lr, alpha, eps)
    return theta - lr * grad / (new.mean().sqrt() + eps), new


@mistake("rmsprop_step", caught_by="forgets_over_many_steps")
def sums_the_squares(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """sums the squares, as Adagrad does: alpha is not used"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    new = square_avg + grad**2
    return theta - lr * grad / (new.sqrt() + eps), new


@mistake("rmsprop_step", caught_by="rmsprop_step_leaves_its_inputs_alone")
def averages_in_place(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """changes square_avg in place"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    square_avg.mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
    return theta - lr * grad / (square_avg.sqrt() + eps), square_avg


@mistake("rmsprop_step", caught_by="rmsprop_step_leaves_its_inputs_alone")
def requires_grad_of_theta(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """sets requires_grad on theta"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    theta.requires_grad_(True)
    return rmsprop(theta.detach(), grad, square_avg, lr, alpha, eps)


@mistake("rmsprop_step", caught_by="rmsprop_step_works_for_every_shape_and_dtype")
def averages_in_single_precision(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """computes the average in float32: float64 loses half of its digits"""
    check_rmsprop(theta, grad, square_avg, lr, alpha, eps)
    _, new = rmsprop(theta, grad.float(), square_avg.float(), lr, alpha, eps)
    return theta - lr * grad / (new.sqrt() + eps).to(theta.dtype), new.to(theta.dtype)


@mistake("rmsprop_step", caught_by="rmsprop_step_refuses_bad_values")
def does_not_check_alpha(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """accepts an alpha outside [0, 1)"""
    check_rmsprop(theta, grad, square_avg, lr, 0.5, eps)
    return rmsprop(theta, grad, square_avg, lr, alpha, eps)


@mistake("rmsprop_step", caught_by="rmsprop_step_refuses_bad_values")
def accepts_alpha_one(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """accepts alpha = 1, where no square is ever taken in"""
    check_rmsprop(theta, grad, square_avg, lr, 0.5 if alpha == 1 else alpha, eps)
    return rmsprop(theta, grad, square_avg, lr, alpha, eps)


@mistake("rmsprop_step", caught_by="rmsprop_step_refuses_bad_values")
def checks_neither_lr_nor_eps(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """accepts a negative lr or a negative eps"""
    check_rmsprop(theta, grad, square_avg, abs(lr), alpha, abs(eps))
    return rmsprop(theta, grad, square_avg, lr, alpha, eps)


@mistake("rmsprop_step", caught_by="rmsprop_step_refuses_bad_values")
def broadcasts_in_rmsprop(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """lets grad or square_avg of another shape be broadcast"""
    check_rmsprop(theta, theta, theta, lr, alpha, eps)
    _check_float_tensors(grad=grad, square_avg=square_avg)
    return rmsprop(theta, grad, square_avg, lr, alpha, eps)


@mistake("rmsprop_step", caught_by="rmsprop_step_refuses_wrong_types")
def takes_any_average(theta, grad, square_avg, lr, alpha=0.99, eps=1e-8):
    """does not check that square_avg is a floating-point tensor: takes a number or integers"""
    check_rmsprop(theta, grad, theta, lr, alpha, eps)
    if torch.is_tensor(square_avg):
        _check_same_shape(theta, square_avg=square_avg)
    return rmsprop(theta, grad, square_avg, lr, alpha, eps)


# adam_step


@mistake("adam_step", caught_by="adam_adds_eps_outside_the_root_after_the_correction")
def puts_eps_under_the_root(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """adds ε under the root: √(v̂ + ε)"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    m_hat, v_hat = corrected(mean, mean_sq, step, betas)
    return theta - lr * m_hat / (v_hat + eps).sqrt(), mean, mean_sq


@mistake("adam_step", caught_by="adam_adds_eps_outside_the_root_after_the_correction")
def adds_eps_before_the_correction(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """adds ε before the bias correction, as TensorFlow does (the paper's ε̂): √v' + ε, corrected by the rate"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    rate = lr * (1 - betas[1] ** step) ** 0.5 / (1 - betas[0] ** step)
    return theta - rate * mean / (mean_sq.sqrt() + eps), mean, mean_sq


@mistake("adam_step", caught_by="adam_adds_eps_outside_the_root_after_the_correction")
def takes_eps_for_the_floor_of_adam(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """divides by the larger of √v̂ and ε instead of their sum"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    m_hat, v_hat = corrected(mean, mean_sq, step, betas)
    return theta - lr * m_hat / v_hat.sqrt().clamp(min=eps), mean, mean_sq


@mistake("adam_step", caught_by="adam_adds_eps_outside_the_root_after_the_correction")
def leaves_eps_out_of_adam(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """does not use ε: 0/0 where all gradients were 0"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, 0.0)


@mistake("adam_step", caught_by="settings_are_those_of_the_paper_unless_given")
def has_another_default_rate(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-2, betas=(0.9, 0.999), eps=1e-8):
    """has another default than lr = 1e-3"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)


@mistake("adam_step", caught_by="settings_are_those_of_the_paper_unless_given")
def has_other_default_betas(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.99), eps=1e-8):
    """has other defaults than betas = (0.9, 0.999)"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)


@mistake("adam_step", caught_by="settings_are_those_of_the_paper_unless_given")
def has_another_default_eps(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-7):
    """has another default than ε = 1e-8, such as Keras' 1e-7"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)


@mistake("adam_step", caught_by="settings_are_those_of_the_paper_unless_given")
def takes_zero_betas_for_not_given(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """takes a beta of 0 for "not given" and uses the default"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, (betas[0] or 0.9, betas[1] or 0.999), eps)


@mistake("adam_step", caught_by="returns_the_uncorrected_averages")
def returns_the_corrected_averages(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """returns the corrected m̂ and v̂: the next step needs m' and v', uncorrected"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    theta, mean, mean_sq = adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return theta, *corrected(mean, mean_sq, step, betas)


@mistake("adam_step", caught_by="returns_the_uncorrected_averages")
def returns_the_averages_in_reverse(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """returns (θ', v', m') instead of (θ', m', v')"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    theta, mean, mean_sq = adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return theta, mean_sq, mean


@mistake("adam_step", caught_by="corrects_the_bias_of_both_averages")
def does_not_correct_the_bias(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """does not correct the bias: that is RMSProp plus momentum, and Adam is more"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    return moved(theta, mean, mean_sq, lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="corrects_the_bias_of_both_averages")
def corrects_the_mean_only(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """corrects the bias of m' only"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    return moved(theta, corrected(mean, mean_sq, step, betas)[0], mean_sq, lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="corrects_the_bias_of_both_averages")
def corrects_the_squares_only(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """corrects the bias of v' only"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    return moved(theta, mean, corrected(mean, mean_sq, step, betas)[1], lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="corrects_the_bias_of_both_averages")
def counts_steps_from_zero(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """takes step for a count from 0 and corrects with βᵗ⁺¹"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, step + 1, lr, betas, eps)


@mistake("adam_step", caught_by="corrects_the_bias_of_both_averages")
def corrects_one_step_behind(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """corrects with βᵗ⁻¹, the power of the step before"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, max(step - 1, 1), lr, betas, eps)


@mistake("adam_step", caught_by="corrects_the_bias_of_both_averages")
def stops_correcting(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """stops to correct after some steps, although 1 − β₂ᵗ is still far from 1"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    hats = corrected(mean, mean_sq, step, betas) if step <= 1000 else (mean, mean_sq)
    return moved(theta, *hats, lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="corrects_the_bias_of_both_averages")
def corrects_without_the_power(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """corrects with 1 − β at every step, without the power of t"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    return moved(theta, *corrected(mean, mean_sq, 1, betas), lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="corrects_the_bias_of_both_averages")
def corrects_both_with_the_first_beta(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """corrects both averages with β₁"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    return moved(theta, *corrected(mean, mean_sq, step, (betas[0], betas[0])), lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="corrects_the_bias_of_both_averages")
def corrects_after_the_root(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """corrects after the root: √v' / (1 − β₂ᵗ) instead of √(v' / (1 − β₂ᵗ))"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    m_hat, sigma = corrected(mean, mean_sq.sqrt(), step, betas)
    return theta - lr * m_hat / (sigma + eps), mean, mean_sq


@mistake("adam_step", caught_by="first_step_is_lr_long")
def starts_from_the_gradient(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """starts the averages from g and g² at step 1, and corrects them nevertheless"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    if step == 1:
        exp_avg, exp_avg_sq = grad, grad**2
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)


@mistake("adam_step", caught_by="adam_walks_through_changing_rates")
def skips_zero_gradients(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """makes no step where the gradient is zero, as SparseAdam does: m must fade there and θ move"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    before = theta, exp_avg, exp_avg_sq
    after = adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return tuple(torch.where(grad == 0, old, new) for old, new in zip(before, after, strict=True))


@mistake("adam_step", caught_by="moves_by_mean_over_root_mean_square")
def moves_by_the_gradient(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """moves by the gradient instead of its average: RMSProp without momentum"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    return moved(theta, grad, corrected(mean, mean_sq, step, betas)[1], lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="moves_by_mean_over_root_mean_square")
def moves_by_the_old_averages(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """moves by the averages from before this gradient"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return (
        moved(theta, *corrected(exp_avg, exp_avg_sq, step, betas), lr, eps),
        *averages(grad, exp_avg, exp_avg_sq, betas),
    )


@mistake("adam_step", caught_by="moves_by_mean_over_root_mean_square")
def clips_the_gradient(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """shortens the gradient to length 1 first (gradient clipping)"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return adam(theta, grad / grad.norm().clamp(min=1), exp_avg, exp_avg_sq, step, lr, betas, eps)


@mistake("adam_step", caught_by="moves_by_mean_over_root_mean_square")
def looks_ahead(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """moves by β₁m' + (1 − β₁)g, as NAdam (with Nesterov's momentum) does"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    ahead = betas[0] * mean + (1 - betas[0]) * grad
    return moved(theta, *corrected(ahead, mean_sq, step, betas), lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="moves_by_mean_over_root_mean_square")
def never_lets_the_squares_fall(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """lets the average of squares rise only, as AMSGrad does"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    return moved(theta, *corrected(mean, torch.maximum(mean_sq, exp_avg_sq), step, betas), lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="moves_by_mean_over_root_mean_square")
def forgets_the_root(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """divides by v̂ itself, without the root"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    m_hat, v_hat = corrected(mean, mean_sq, step, betas)
    return theta - lr * m_hat / (v_hat + eps), mean, mean_sq


@mistake("adam_step", caught_by="moves_by_mean_over_root_mean_square")
def climbs_with_adam(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """moves uphill, along the gradient"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, step, -lr, betas, eps)


@mistake("adam_step", caught_by="returns_the_uncorrected_averages")
def swaps_the_betas(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """uses β₂ for the gradients and β₁ for their squares"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas[::-1], eps)


@mistake("adam_step", caught_by="returns_the_uncorrected_averages")
def keeps_the_complements(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """weights the old averages with 1 − β and the new gradient with β"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, (1 - betas[0], 1 - betas[1]))
    return moved(theta, *corrected(mean, mean_sq, step, betas), lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="returns_the_uncorrected_averages")
def sums_the_gradients(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """adds g in full to m, as the momentum of A3 does, without the weight 1 − β₁"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = betas[0] * exp_avg + grad, averages(grad, exp_avg, exp_avg_sq, betas)[1]
    return moved(theta, *corrected(mean, mean_sq, step, betas), lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="returns_the_uncorrected_averages")
def squares_the_average(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """takes the square of the averaged gradient m' into v' instead of g²"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, _ = averages(grad, exp_avg, exp_avg_sq, betas)
    mean_sq = averages(mean, exp_avg, exp_avg_sq, betas)[1]
    return moved(theta, *corrected(mean, mean_sq, step, betas), lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="returns_the_uncorrected_averages")
def squares_the_surprise(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """takes (g − m')² into v', as AdaBelief does, instead of g²"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, _ = averages(grad, exp_avg, exp_avg_sq, betas)
    mean_sq = averages(grad - mean, exp_avg, exp_avg_sq, betas)[1]
    return moved(theta, *corrected(mean, mean_sq, step, betas), lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="adam_step_leaves_its_inputs_alone")
def updates_the_averages_in_place(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """changes exp_avg or exp_avg_sq in place"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    exp_avg.mul_(betas[0]).add_(grad, alpha=1 - betas[0])
    exp_avg_sq.mul_(betas[1]).addcmul_(grad, grad, value=1 - betas[1])
    return moved(theta, *corrected(exp_avg, exp_avg_sq, step, betas), lr, eps), exp_avg, exp_avg_sq


@mistake("adam_step", caught_by="adam_step_leaves_its_inputs_alone")
def updates_the_mean_in_place(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """changes exp_avg in place"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    _, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    exp_avg.mul_(betas[0]).add_(grad, alpha=1 - betas[0])
    return moved(theta, *corrected(exp_avg, mean_sq, step, betas), lr, eps), exp_avg, mean_sq


@mistake("adam_step", caught_by="adam_step_leaves_its_inputs_alone")
def updates_theta_in_place(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """changes theta in place"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    new, mean, mean_sq = adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    theta.data.copy_(new.detach())
    return theta, mean, mean_sq


@mistake("adam_step", caught_by="adam_step_works_for_every_shape_and_dtype")
def steps_in_single_precision(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """computes in float32 and converts back: float64 loses half of its digits"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    narrow = [one.float() for one in (theta, grad, exp_avg, exp_avg_sq)]
    return tuple(one.to(theta.dtype) for one in adam(*narrow, step, lr, betas, eps))


@mistake("adam_step", caught_by="adam_step_works_for_every_shape_and_dtype")
def rounds_the_betas(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """rounds the betas to float32: float64 loses half of its digits"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    betas = torch.tensor(betas, dtype=torch.float32).tolist()
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)


@mistake("adam_step", caught_by="adam_step_works_for_every_shape_and_dtype")
def corrects_in_single_precision(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """computes 1 − βᵗ in float32, as a tensor: float64 loses most of its digits"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)
    mean, mean_sq = averages(grad, exp_avg, exp_avg_sq, betas)
    first, second = (1 - torch.tensor(beta, dtype=torch.float32) ** step for beta in betas)
    return moved(theta, mean / first, mean_sq / second, lr, eps), mean, mean_sq


@mistake("adam_step", caught_by="adam_step_refuses_bad_values")
def accepts_step_zero(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """accepts a step below 1: the first update has number 1"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, max(step, 1), lr, betas, eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, max(step, 1), lr, betas, eps)


@mistake("adam_step", caught_by="adam_step_refuses_bad_values")
def checks_the_first_beta_only(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """does not check both betas: accepts one outside [0, 1)"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, lr, (betas[0], 0.5), eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, (betas[0], betas[1] if 0 <= betas[1] < 1 else 0.5), eps)


@mistake("adam_step", caught_by="adam_step_refuses_bad_values")
def checks_no_rate(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """accepts a negative lr or a negative eps"""
    check_adam(theta, grad, exp_avg, exp_avg_sq, step, abs(lr), betas, abs(eps))
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)


@mistake("adam_step", caught_by="adam_step_refuses_bad_values")
def broadcasts_shapes(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """lets grad, exp_avg or exp_avg_sq of another shape be broadcast"""
    check_adam(theta, theta, theta, theta, step, lr, betas, eps)
    _check_float_tensors(grad=grad, exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)


@mistake("adam_step", caught_by="adam_step_refuses_wrong_types")
def takes_any_averages(theta, grad, exp_avg, exp_avg_sq, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """does not check that the averages are floating-point tensors: takes numbers or integers"""
    given = [one if torch.is_tensor(one) else theta for one in (exp_avg, exp_avg_sq)]
    check_adam(theta, grad, *[one.to(theta.dtype) for one in given], step, lr, betas, eps)
    return adam(theta, grad, exp_avg, exp_avg_sq, step, lr, betas, eps)


# Adam


@mistake("Adam", caught_by="group_settings_are_those_of_the_paper_unless_given")
class has_another_rate_by_default(Adam):
    """has another default than lr = 1e-3"""

    def __init__(self, params, lr=1e-2, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr, betas, eps)


@mistake("Adam", caught_by="group_settings_are_those_of_the_paper_unless_given")
class has_other_betas_by_default(Adam):
    """has other defaults than betas = (0.9, 0.999)"""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.99), eps=1e-8):
        super().__init__(params, lr, betas, eps)


@mistake("Adam", caught_by="group_settings_are_those_of_the_paper_unless_given")
class has_another_eps_by_default(Adam):
    """has another default than eps = 1e-8"""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-7):
        super().__init__(params, lr, betas, eps)


@mistake("Adam", caught_by="group_settings_are_those_of_the_paper_unless_given")
class takes_zeros_for_unset(Stepper):
    """takes betas of 0 for "not given" and uses the defaults"""

    def update(self, p, group, state):
        betas = group["betas"][0] or 0.9, group["betas"][1] or 0.999
        p -= self.move(p, group, state, p.grad, betas=betas)


@mistake("Adam", caught_by="follows_the_corrected_averages")
class gives_new_memory(Stepper):
    """gives the parameter new memory (p.data = …) instead of changing it in place"""

    def update(self, p, group, state):
        p.data = p.data - self.move(p, group, state, p.grad)


@mistake("Adam", caught_by="follows_the_corrected_averages")
class rebinds_the_name(Stepper):
    """binds the name p to a new tensor instead of changing the parameter: nothing moves"""

    def update(self, p, group, state):
        p = p - self.move(p, group, state, p.grad)


@mistake("Adam", caught_by="follows_the_corrected_averages")
class corrects_no_bias(Stepper):
    """does not correct the bias of the averages"""

    def update(self, p, group, state):
        p -= self.move(p, group, state, p.grad, correct=lambda mean, mean_sq, t, betas: (mean, mean_sq))


@mistake("Adam", caught_by="follows_the_corrected_averages")
class puts_eps_under_the_root_of_v(Stepper):
    """adds ε under the root: √(v̂ + ε)"""

    def update(self, p, group, state):
        self.move(p, group, state, p.grad)
        mean, mean_sq = corrected(state["m"], state["v"], state["t"], group["betas"])
        p -= group["lr"] * mean / (mean_sq + group["eps"]).sqrt()


@mistake("Adam", caught_by="follows_the_corrected_averages")
class adds_eps_before_correcting(Stepper):
    """adds ε before the bias correction (the paper's ε̂): √v' + ε, corrected by the rate"""

    def update(self, p, group, state):
        self.move(p, group, state, p.grad)
        share = (1 - group["betas"][1] ** state["t"]) ** 0.5
        mean, _ = corrected(state["m"], state["v"], state["t"], group["betas"])
        p -= group["lr"] * share * mean / (state["v"].sqrt() + group["eps"])


@mistake("Adam", caught_by="follows_the_corrected_averages")
class skips_zero_gradients_altogether(Stepper):
    """takes a gradient of zeros for none: no step is made and nothing fades"""

    def update(self, p, group, state):
        if p.grad.any():
            super().update(p, group, state)


@mistake("Adam", caught_by="follows_the_corrected_averages")
class counts_after_the_update(Stepper):
    """counts the step after the update: the second step is corrected like the first"""

    def update(self, p, group, state):
        correct = lambda mean, mean_sq, t, betas: corrected(mean, mean_sq, max(t - 1, 1), betas)  # noqa: E731
        p -= self.move(p, group, state, p.grad, correct=correct)


@mistake("Adam", caught_by="follows_the_corrected_averages")
class starts_from_the_first_gradient(Stepper):
    """starts the average from the first gradient instead of from zero, and corrects it nevertheless"""

    def update(self, p, group, state):
        state.setdefault("m", p.grad.clone())
        super().update(p, group, state)


@mistake("Adam", caught_by="follows_the_corrected_averages")
class adds_weight_decay(Stepper):
    """adds weight decay to the gradient"""

    def update(self, p, group, state):
        p -= self.move(p, group, state, p.grad + 0.1 * p)


@mistake("Adam", caught_by="follows_the_corrected_averages")
class keeps_the_corrected_averages(Stepper):
    """keeps the corrected averages and builds the next step on them"""

    def update(self, p, group, state):
        p -= self.move(p, group, state, p.grad)
        state["m"], state["v"] = corrected(state["m"], state["v"], state["t"], group["betas"])


@mistake("Adam", caught_by="follows_the_corrected_averages")
class decays_like_adamw(Stepper):
    """shrinks the parameter by weight decay too, as AdamW does by default"""

    def update(self, p, group, state):
        p *= 1 - 0.01 * group["lr"]
        super().update(p, group, state)


@mistake("Adam", caught_by="reads_its_settings_from_the_group_at_each_step")
class takes_its_defaults(Stepper):
    """uses lr, betas and eps of its construction (self.defaults) for all groups and all steps"""

    def update(self, p, group, state):
        p -= self.move(p, group, state, p.grad, *(self.defaults[name] for name in ("lr", "betas", "eps")))


@mistake("Adam", caught_by="reads_its_settings_from_the_group_at_each_step")
class remembers_lr(Stepper):
    """uses the lr of the first step: a changed group["lr"] has no effect"""

    def update(self, p, group, state):
        p -= self.move(p, group, state, p.grad, lr=group.setdefault("first", group["lr"]))


@mistake("Adam", caught_by="reads_its_settings_from_the_group_at_each_step")
class remembers_betas(Stepper):
    """uses the betas of the first step: changed group["betas"] have no effect"""

    def update(self, p, group, state):
        p -= self.move(p, group, state, p.grad, betas=group.setdefault("first", group["betas"]))


@mistake("Adam", caught_by="reads_its_settings_from_the_group_at_each_step")
class remembers_eps(Stepper):
    """uses the eps of the first step: a changed group["eps"] has no effect"""

    def update(self, p, group, state):
        p -= self.move(p, group, state, p.grad, eps=group.setdefault("first", group["eps"]))


@mistake("Adam", caught_by="reads_its_settings_from_the_group_at_each_step")
class multiplies_up_the_betas(Stepper):
    """keeps a running product of the betas for the correction: after a change it is not βᵗ of the new betas"""

    def update(self, p, group, state):
        def correct(mean, mean_sq, t, betas):
            state["b1"], state["b2"] = (state.get(k, 1.0) * beta for k, beta in zip(("b1", "b2"), betas, strict=True))
            return mean / (1 - state["b1"]), mean_sq / (1 - state["b2"])

        p -= self.move(p, group, state, p.grad, correct=correct)


@mistake("Adam", caught_by="keeps_a_state_for_each_parameter")
class takes_the_settings_of_the_first_group(Stepper):
    """uses the settings of the first param group for all groups"""

    def update(self, p, group, state):
        super().update(p, self.param_groups[0], state)


@mistake("Adam", caught_by="keeps_a_state_for_each_parameter")
class takes_lr_from_the_first_group(Stepper):
    """uses the lr of the first param group for all groups"""

    def update(self, p, group, state):
        p -= self.move(p, group, state, p.grad, lr=self.param_groups[0]["lr"])


@mistake("Adam", caught_by="keeps_a_state_for_each_parameter")
class misses_groups_added_later(Stepper):
    """misses param groups that are added after construction"""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr, betas, eps)
        self.known = len(self.param_groups)

    def update(self, p, group, state):
        if any(group is one for one in self.param_groups[: self.known]):
            super().update(p, group, state)


@mistake("Adam", caught_by="keeps_a_state_for_each_parameter")
class keeps_a_state_for_each_shape(Stepper):
    """keeps one pair of averages for each shape: parameters of equal shape share it"""

    def update(self, p, group, state):
        owner = next(q for one in self.param_groups for q in one["params"] if q.shape == p.shape)
        super().update(p, group, self.state[owner])


@mistake("Adam", caught_by="keeps_a_state_for_each_parameter")
class keeps_its_state_on_the_parameter(Stepper):
    """shares its state with every other Adam over the same parameter: a second one does not start afresh"""

    def update(self, p, group, state):
        state.update(getattr(p, "adam", {}))
        super().update(p, group, state)
        p.adam = dict(state)


@mistake("Adam", caught_by="keeps_a_state_for_each_parameter")
class counts_every_parameter(Stepper):
    """counts one step for each parameter, in one counter for all: t grows too fast"""

    def update(self, p, group, state):
        first = self.state[self.param_groups[0]["params"][0]]
        first["all"] = first.get("all", 0) + 1
        state["t"] = first["all"] - 1
        super().update(p, group, state)


@mistake("Adam", caught_by="counts_the_steps_of_each_parameter")
class counts_for_all(Stepper):
    """counts the steps of the optimiser, not of each parameter: who gets its first gradient late is corrected too little"""

    def step(self, closure=None):
        first = self.param_groups[0]
        first["count"] = first.get("count", 0) + 1
        return super().step(closure)

    def update(self, p, group, state):
        state["t"] = self.param_groups[0]["count"] - 1
        super().update(p, group, state)


@mistake("Adam", caught_by="counts_the_steps_of_each_parameter")
class counts_missing_gradients(Stepper):
    """counts a step of a parameter that has begun where its grad is None"""

    def skip(self, p, group, state):
        if state:
            state["t"] += 1


@mistake("Adam", caught_by="skips_parameters_without_gradient")
class takes_none_for_zero(Stepper):
    """takes a grad of None for zero: the averages fade and the parameter moves"""

    def skip(self, p, group, state):
        p -= self.move(p, group, state, torch.zeros_like(p))


@mistake("Adam", caught_by="skips_parameters_without_gradient")
class restarts_after_none(Stepper):
    """forgets the averages of a parameter whose grad was None"""

    def skip(self, p, group, state):
        state.clear()


@mistake("Adam", caught_by="skips_parameters_without_gradient")
class ends_the_step_at_none(Stepper):
    """ends the whole step at the first parameter whose grad is None"""

    def update(self, p, group, state):
        params = [q for one in self.param_groups for q in one["params"]]
        if all(q.grad is not None for q in params[: next(i for i, q in enumerate(params) if q is p)]):
            super().update(p, group, state)


@mistake("Adam", caught_by="leaves_grad_alone")
class clears_grad(Stepper):
    """clears .grad after the step"""

    def update(self, p, group, state):
        super().update(p, group, state)
        p.grad.zero_()


@mistake("Adam", caught_by="leaves_grad_alone")
class drops_grad(Stepper):
    """sets .grad to None after the step"""

    def update(self, p, group, state):
        super().update(p, group, state)
        p.grad = None


@mistake("Adam", caught_by="leaves_grad_alone")
class squares_grad(Stepper):
    """squares .grad in place"""

    def update(self, p, group, state):
        super().update(p, group, state)
        p.grad.square_()


@mistake("Adam", caught_by="leaves_grad_alone")
class keeps_grad_as_the_average(Stepper):
    """makes .grad itself the average, without a copy, where β₁ is 0"""

    def update(self, p, group, state):
        super().update(p, group, state)
        if group["betas"][0] == 0:
            state["m"] = p.grad


@mistake("Adam", caught_by="resumes_from_its_state_dict")
class keeps_its_memory_outside_the_state(Stepper):
    """keeps outside self.state something that a resumed training needs: state_dict does not save it"""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr, betas, eps)
        self.own = {}

    def update(self, p, group, state):
        super().update(p, group, self.own.setdefault(p, {}))


@mistake("Adam", caught_by="resumes_from_its_state_dict")
class keeps_its_count_outside_the_state(Stepper):
    """keeps the step counts outside self.state: after loading, the correction starts anew"""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr, betas, eps)
        self.counts = {}

    def update(self, p, group, state):
        state["t"] = self.counts.get(p, 0)
        super().update(p, group, state)
        self.counts[p] = state.pop("t")


@mistake("Adam", caught_by="resumes_from_its_state_dict")
class loses_the_loaded_settings(Adam):
    """keeps the settings of its construction when a state_dict is loaded"""

    def load_state_dict(self, state_dict):
        kept = [{name: group[name] for name in ("lr", "betas", "eps")} for group in self.param_groups]
        super().load_state_dict(state_dict)
        for group, own in zip(self.param_groups, kept, strict=True):
            group.update(own)


@mistake("Adam", caught_by="step_takes_a_closure")
class ignores_the_closure(Adam):
    """does not call the closure"""

    def step(self, closure=None):
        return super().step()


@mistake("Adam", caught_by="step_takes_a_closure")
class does_not_return_the_loss(Adam):
    """does not return the closure's loss"""

    def step(self, closure=None):
        super().step(closure)


@mistake("Adam", caught_by="step_takes_a_closure")
class calls_the_closure_after_the_update(Adam):
    """calls the closure after the update instead of before it"""

    def step(self, closure=None):
        super().step()
        return loss_of(closure)


@mistake("Adam", caught_by="step_takes_a_closure")
class calls_the_closure_without_gradients(Adam):
    """calls the closure under no_grad, so that its backward fails"""

    @torch.no_grad()
    def step(self, closure=None):
        loss = None if closure is None else closure()
        super().step()
        return loss


@mistake("Adam", caught_by="trains_every_shape_and_dtype")
class keeps_single_precision_averages(Stepper):
    """keeps the averages in float32: float64 loses half of its digits"""

    def update(self, p, group, state):
        p -= self.move(p.float(), group, state, p.grad.float())


@mistake("Adam", caught_by="trains_every_shape_and_dtype")
class corrects_in_float32(Stepper):
    """computes 1 − βᵗ in float32, as a tensor: float64 loses most of its digits"""

    def update(self, p, group, state):
        def correct(mean, mean_sq, t, betas):
            first, second = (1 - beta ** torch.tensor(float(t), dtype=torch.float32) for beta in betas)
            return mean / first, mean_sq / second

        p -= self.move(p, group, state, p.grad, correct=correct)


@mistake("Adam", caught_by="refuses_bad_settings")
class accepts_any_setting(Adam):
    """accepts a negative lr or a negative eps"""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, abs(lr), betas, abs(eps))


@mistake("Adam", caught_by="refuses_bad_settings")
class accepts_any_betas(Adam):
    """accepts betas outside [0, 1)"""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr, tuple(beta if 0 <= beta < 1 else 0.5 for beta in betas), eps)


@mistake("Adam", caught_by="refuses_bad_settings")
class names_no_setting(Adam):
    """refuses a bad setting without naming it"""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        try:
            super().__init__(params, lr, betas, eps)
        except ValueError:
            raise ValueError("invalid hyper-parameter") from None
