"""Named wrong variants of a3_momentum: what students, forums and other codebases get wrong, and other conventions in use.

Read as text: each marked definition replaces the exercise of its mark in the reference, whose private functions are in
scope; the unmarked ones come along. Where two explain a failed check equally well, the first is named: a mistake that shows
in one check stands before those that show in many.
"""

import torch

from autograder.checking import mistake
from solutions.a3_momentum import MomentumSGD, _check_float_tensors, _check_rates, _check_same_shape


def check_descent(theta, grad, lr):
    _check_float_tensors(theta=theta, grad=grad)
    _check_same_shape(theta, grad=grad)
    _check_rates(lr)


def check_step(theta, grad, movement, lr, momentum):
    _check_float_tensors(theta=theta, grad=grad, movement=movement)
    _check_same_shape(theta, grad=grad, movement=movement)
    _check_rates(lr, momentum)


def check_unroll(grads, lr, momentum):
    _check_float_tensors(grads=grads)
    if grads.dim() == 0:
        raise ValueError("grads must have shape (T, *), got a 0-dimensional tensor")
    _check_rates(lr, momentum)


def weighted(grads, lr, momentum, weights):
    """Minus lr times the gradients, weighted with (T, T) weights that depend on their age: negative in the future."""
    check_unroll(grads, lr, momentum)
    step = torch.arange(len(grads), dtype=grads.dtype)
    return -lr * torch.tensordot(weights(step[:, None] - step), grads, dims=1)


def fading(momentum):
    """The right weights of `unroll_movement`, as `weighted` wants them."""
    return lambda age: (momentum ** age.clamp(min=0)).tril()


def check_walk(theta0, lr, momentum, steps):
    _check_float_tensors(theta0=theta0)
    _check_rates(lr, momentum)
    if steps < 0:
        raise ValueError(f"steps must be at least 0, got {steps}")


def walk(theta0, lr, momentum, steps, step):
    """The positions of a walk from rest; `step` gives position and movement from position and movement."""
    check_walk(theta0, lr, momentum, steps)
    theta, movement = theta0.detach(), torch.zeros_like(theta0)
    rows = [theta]
    for _ in range(steps):
        theta, movement = step(theta, movement)
        rows.append(theta)
    return torch.stack(rows)


def rule(grad_fn, lr, momentum):
    """The lecture's step, as `walk` wants it."""

    def step(theta, movement):
        movement = momentum * movement - lr * grad_fn(theta)
        return theta + movement, movement

    return step


def advance(state, momentum, grad):
    """PyTorch's buffer after one more gradient, kept in the state."""
    state["b"] = momentum * state["b"] + grad if "b" in state else grad.clone()
    return state["b"]


def loss_of(closure):
    if closure is None:
        return None
    with torch.enable_grad():
        return closure()


class Stepper(MomentumSGD):
    """The reference's loop; what is done to a parameter with and without gradient is left open."""

    @torch.no_grad()
    def step(self, closure=None):
        loss = loss_of(closure)
        for group in self.param_groups:
            for p in group["params"]:
                (self.skip if p.grad is None else self.update)(p, group, self.state[p])
        return loss

    def update(self, p, group, state):
        p -= group["lr"] * advance(state, group["momentum"], p.grad)

    def skip(self, p, group, state):
        pass


# gd_step


@mistake("gd_step", caught_by="moves_against_the_gradient")
def climbs(theta, grad, lr):
    """moves along the gradient, uphill, instead of against it"""
    check_descent(theta, grad, lr)
    return theta + lr * grad


@mistake("gd_step", caught_by="moves_against_the_gradient")
def forgets_the_learning_rate(theta, grad, lr):
    """subtracts the whole gradient, without the learning rate"""
    check_descent(theta, grad, lr)
    return theta - grad


@mistake("gd_step", caught_by="moves_against_the_gradient")
def normalises_the_gradient(theta, grad, lr):
    """divides the gradient by its length, so that every step is lr long"""
    check_descent(theta, grad, lr)
    return theta - lr * grad / grad.norm().clamp(min=1e-12)


@mistake("gd_step", caught_by="moves_against_the_gradient")
def returns_the_step_alone(theta, grad, lr):
    """returns the step −η g instead of the new theta"""
    check_descent(theta, grad, lr)
    return -lr * grad


@mistake("gd_step", caught_by="gd_step_leaves_its_inputs_alone")
def moves_theta_in_place(theta, grad, lr):
    """changes theta in place"""
    check_descent(theta, grad, lr)
    theta.data -= lr * grad
    return theta


@mistake("gd_step", caught_by="gd_step_leaves_its_inputs_alone")
def makes_inputs_require_grad(theta, grad, lr):
    """sets requires_grad on an input"""
    check_descent(theta, grad, lr)
    return theta - lr * grad.requires_grad_(True)


@mistake("gd_step", caught_by="gd_step_leaves_its_inputs_alone")
def draws_random_numbers(theta, grad, lr):
    """seeds the global random generator"""
    check_descent(theta, grad, lr)
    torch.manual_seed(42)
    return theta - lr * grad


@mistake("gd_step", caught_by="gd_step_works_for_every_shape_and_dtype")
def returns_single_precision(theta, grad, lr):
    """returns float32 whatever comes in"""
    check_descent(theta, grad, lr)
    return theta.float() - lr * grad.float()


@mistake("gd_step", caught_by="gd_step_works_for_every_shape_and_dtype")
def computes_in_single_precision(theta, grad, lr):
    """computes in float32 and converts back: float64 loses half of its digits"""
    check_descent(theta, grad, lr)
    return (theta.float() - lr * grad.float()).to(theta.dtype)


@mistake("gd_step", caught_by="gd_step_refuses_bad_values")
def accepts_a_negative_rate(theta, grad, lr):
    """accepts a negative lr"""
    _check_float_tensors(theta=theta, grad=grad)
    _check_same_shape(theta, grad=grad)
    return theta - lr * grad


@mistake("gd_step", caught_by="gd_step_refuses_bad_values")
def refuses_a_rate_of_zero(theta, grad, lr):
    """refuses lr = 0, which is allowed"""
    _check_float_tensors(theta=theta, grad=grad)
    _check_same_shape(theta, grad=grad)
    if lr <= 0:
        raise ValueError(f"lr must be positive, got {lr}")
    return theta - lr * grad


@mistake("gd_step", caught_by="gd_step_refuses_bad_values")
def broadcasts_the_gradient(theta, grad, lr):
    """lets a gradient of another shape be broadcast"""
    _check_float_tensors(theta=theta, grad=grad)
    _check_rates(lr)
    return theta - lr * grad


@mistake("gd_step", caught_by="gd_step_refuses_bad_values")
def does_not_say_which_argument(theta, grad, lr):
    """refuses a bad value without naming the argument"""
    _check_float_tensors(theta=theta, grad=grad)
    if grad.shape != theta.shape or lr < 0:
        raise ValueError("invalid input")
    return theta - lr * grad


@mistake("gd_step", caught_by="gd_step_refuses_wrong_types")
def accepts_integers_and_lists(theta, grad, lr):
    """does not check that theta and grad are floating-point tensors"""
    _check_same_shape(theta, grad=torch.as_tensor(grad))
    _check_rates(lr)
    return theta - lr * torch.as_tensor(grad)


@mistake("gd_step", caught_by="gd_step_refuses_wrong_types")
def raises_value_error_for_types(theta, grad, lr):
    """raises ValueError where the type is wrong: that is a TypeError"""
    try:
        _check_float_tensors(theta=theta, grad=grad)
    except TypeError as error:
        raise ValueError(str(error)) from None
    _check_same_shape(theta, grad=grad)
    _check_rates(lr)
    return theta - lr * grad


@mistake("gd_step", caught_by="gd_step_leaves_its_inputs_alone")
def makes_theta_require_grad(theta, grad, lr):
    """sets requires_grad on theta"""
    check_descent(theta, grad, lr)
    return theta.requires_grad_(True).detach() - lr * grad


@mistake("gd_step", caught_by="gd_step_works_for_every_shape_and_dtype")
def rounds_the_rate(theta, grad, lr):
    """rounds lr to float32: float64 loses half of its digits"""
    check_descent(theta, grad, lr)
    return theta - torch.tensor(lr, dtype=torch.float32).item() * grad


@mistake("gd_step", caught_by="gd_step_refuses_bad_values")
def refuses_a_large_rate(theta, grad, lr):
    """refuses lr above 1, which is allowed"""
    check_descent(theta, grad, lr)
    if lr > 1:
        raise ValueError(f"lr must be at most 1, got {lr}")
    return theta - lr * grad


# momentum_step


@mistake("momentum_step", caught_by="momentum_is_0_9_unless_given_and_may_be_zero")
def has_no_momentum_by_default(theta, grad, movement, lr, momentum=0.0):
    """has another default than momentum 0.9"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def follows_the_old_movement(theta, grad, movement, lr, momentum=0.9):
    """moves theta by the previous movement instead of the new one"""
    check_step(theta, grad, movement, lr, momentum)
    return theta + movement, momentum * movement - lr * grad


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def keeps_the_movement_with_opposite_sign(theta, grad, movement, lr, momentum=0.9):
    """keeps the movement with the opposite sign: m' = λm + ηg, θ' = θ − m'"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement + lr * grad
    return theta - new, new


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def climbs_with_momentum(theta, grad, movement, lr, momentum=0.9):
    """adds the gradient to the movement, uphill, instead of subtracting it"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement + lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def subtracts_the_movement(theta, grad, movement, lr, momentum=0.9):
    """subtracts the new movement from theta: m' = λm − ηg already points downhill"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement - lr * grad
    return theta - new, new


@mistake("momentum_step", caught_by="carries_the_movement_through_changing_rates")
def takes_the_rule_of_pytorch(theta, grad, movement, lr, momentum=0.9):
    """follows PyTorch's rule, with lr outside the buffer: b' = λb + g, θ' = θ − ηb'"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement + grad
    return theta - lr * new, new


@mistake("momentum_step", caught_by="first_step_from_rest_is_gradient_descent")
def averages_the_gradient(theta, grad, movement, lr, momentum=0.9):
    """averages instead of summing: weights the gradient with 1 − λ (dampening)"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement - (1 - momentum) * lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def looks_ahead(theta, grad, movement, lr, momentum=0.9):
    """takes Nesterov's step: θ' = θ + λm' − ηg"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement - lr * grad
    return theta + momentum * new - lr * grad, new


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def keeps_the_complement(theta, grad, movement, lr, momentum=0.9):
    """keeps the share 1 − λ of the previous movement instead of λ"""
    check_step(theta, grad, movement, lr, momentum)
    new = (1 - momentum) * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def fades_the_gradient_too(theta, grad, movement, lr, momentum=0.9):
    """multiplies the new gradient by λ as well: m' = λ(m − ηg)"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * (movement - lr * grad)
    return theta + new, new


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def scales_the_movement_by_the_rate(theta, grad, movement, lr, momentum=0.9):
    """multiplies the movement by lr once more when theta moves"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement - lr * grad
    return theta + lr * new, new


@mistake("momentum_step", caught_by="carries_the_movement_through_changing_rates")
def never_fades(theta, grad, movement, lr, momentum=0.9):
    """adds up all gradients with weight one: λ is never used"""
    check_step(theta, grad, movement, lr, momentum)
    new = movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def remembers_only_the_last_gradient(theta, grad, movement, lr, momentum=0.9):
    """remembers only the last gradient: the previous movement is not used"""
    check_step(theta, grad, movement, lr, momentum)
    new = -lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def returns_the_old_movement(theta, grad, movement, lr, momentum=0.9):
    """returns the previous movement beside the new theta"""
    check_step(theta, grad, movement, lr, momentum)
    return theta + momentum * movement - lr * grad, movement.clone()


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def swaps_the_pair(theta, grad, movement, lr, momentum=0.9):
    """returns (m', θ') instead of (θ', m')"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement - lr * grad
    return new, theta + new


@mistake("momentum_step", caught_by="moves_by_the_new_movement")
def returns_theta_alone(theta, grad, movement, lr, momentum=0.9):
    """returns theta alone instead of the pair (θ', m')"""
    check_step(theta, grad, movement, lr, momentum)
    return theta + momentum * movement - lr * grad


@mistake("momentum_step", caught_by="rolls_on_where_the_gradient_is_zero")
def stops_where_the_gradient_is_zero(theta, grad, movement, lr, momentum=0.9):
    """stops where the gradient is zero, whatever the movement"""
    check_step(theta, grad, movement, lr, momentum)
    new = torch.where(grad == 0, torch.zeros_like(theta), momentum * movement - lr * grad)
    return theta + new, new


@mistake("momentum_step", caught_by="rolls_on_where_the_gradient_is_zero")
def skips_a_zero_gradient(theta, grad, movement, lr, momentum=0.9):
    """makes no step at all when the whole gradient is zero"""
    check_step(theta, grad, movement, lr, momentum)
    if not grad.any():
        return theta.clone(), movement.clone()
    new = momentum * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="momentum_is_0_9_unless_given_and_may_be_zero")
def takes_zero_for_not_given(theta, grad, movement, lr, momentum=0.9):
    """takes momentum 0 for "not given" and uses 0.9"""
    check_step(theta, grad, movement, lr, momentum)
    new = (momentum or 0.9) * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="momentum_is_0_9_unless_given_and_may_be_zero")
def refuses_momentum_zero(theta, grad, movement, lr, momentum=0.9):
    """refuses momentum 0, which is allowed"""
    check_step(theta, grad, movement, lr, momentum)
    if momentum == 0:
        raise ValueError("momentum must be positive")
    new = momentum * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="momentum_step_leaves_its_inputs_alone")
def updates_the_movement_in_place(theta, grad, movement, lr, momentum=0.9):
    """changes movement in place"""
    check_step(theta, grad, movement, lr, momentum)
    movement.mul_(momentum).sub_(lr * grad)
    return theta + movement, movement


@mistake("momentum_step", caught_by="momentum_step_leaves_its_inputs_alone")
def updates_theta_in_place(theta, grad, movement, lr, momentum=0.9):
    """changes theta in place"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement - lr * grad
    theta.data += new
    return theta, new


@mistake("momentum_step", caught_by="momentum_step_works_for_every_shape_and_dtype")
def steps_in_single_precision(theta, grad, movement, lr, momentum=0.9):
    """computes in float32 and converts back: float64 loses half of its digits"""
    check_step(theta, grad, movement, lr, momentum)
    new = (momentum * movement.float() - lr * grad.float()).to(theta.dtype)
    return theta + new, new


@mistake("momentum_step", caught_by="momentum_step_refuses_bad_values")
def does_not_check_the_momentum(theta, grad, movement, lr, momentum=0.9):
    """accepts a momentum outside [0, 1)"""
    check_step(theta, grad, movement, lr, 0.0)
    new = momentum * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="momentum_step_refuses_bad_values")
def accepts_momentum_one(theta, grad, movement, lr, momentum=0.9):
    """accepts momentum = 1, where nothing is ever forgotten"""
    check_step(theta, grad, movement, lr, 0.0 if momentum == 1 else momentum)
    new = momentum * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="momentum_step_refuses_bad_values")
def does_not_check_the_rate(theta, grad, movement, lr, momentum=0.9):
    """accepts a negative lr"""
    check_step(theta, grad, movement, abs(lr), momentum)
    new = momentum * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="momentum_step_refuses_bad_values")
def broadcasts_shapes(theta, grad, movement, lr, momentum=0.9):
    """lets a grad or a movement of another shape be broadcast"""
    _check_float_tensors(theta=theta, grad=grad, movement=movement)
    _check_rates(lr, momentum)
    new = momentum * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="momentum_step_refuses_wrong_types")
def accepts_any_movement(theta, grad, movement, lr, momentum=0.9):
    """does not check that movement is a floating-point tensor: takes a number or integers"""
    check_step(theta, grad, torch.zeros_like(theta), lr, momentum)
    new = momentum * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="momentum_is_0_9_unless_given_and_may_be_zero")
def has_a_larger_default(theta, grad, movement, lr, momentum=0.99):
    """has 0.99 as the default momentum instead of 0.9"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="momentum_is_0_9_unless_given_and_may_be_zero")
def has_a_smaller_default(theta, grad, movement, lr, momentum=0.5):
    """has 0.5 as the default momentum instead of 0.9"""
    check_step(theta, grad, movement, lr, momentum)
    new = momentum * movement - lr * grad
    return theta + new, new


@mistake("momentum_step", caught_by="momentum_step_leaves_its_inputs_alone")
def requires_grad_of_theta(theta, grad, movement, lr, momentum=0.9):
    """sets requires_grad on theta"""
    check_step(theta, grad, movement, lr, momentum)
    theta.requires_grad_(True)
    new = momentum * movement - lr * grad
    return theta.detach() + new, new


@mistake("momentum_step", caught_by="momentum_step_refuses_bad_values")
def refuses_to_step_far(theta, grad, movement, lr, momentum=0.9):
    """refuses lr above 1, which is allowed"""
    check_step(theta, grad, movement, lr, momentum)
    if lr > 1:
        raise ValueError(f"lr must be at most 1, got {lr}")
    new = momentum * movement - lr * grad
    return theta + new, new


# unroll_movement


@mistake("unroll_movement", caught_by="sums_all_past_gradients")
def fades_one_step_too_much(grads, lr, momentum):
    """is off by one in the powers: weights the newest gradient with λ instead of λ⁰"""
    return weighted(grads, lr, momentum, lambda age: (momentum ** (age.clamp(min=0) + 1)).tril())


@mistake("unroll_movement", caught_by="sums_all_past_gradients")
def weights_the_oldest_most(grads, lr, momentum):
    """reverses the powers: the oldest gradient has the largest weight"""
    return weighted(grads, lr, momentum, lambda age: (momentum ** age[:, :1].T).expand_as(age).tril())


@mistake("unroll_movement", caught_by="sums_all_past_gradients")
def leaves_out_the_newest_gradient(grads, lr, momentum):
    """leaves out the newest gradient: the rows are m_0, ..., m_{T−1}"""
    return weighted(grads, lr, momentum, lambda age: (momentum ** (age - 1).clamp(min=0)).tril(-1))


@mistake("unroll_movement", caught_by="one_gradient_fades_by_the_momentum")
def sees_the_future(grads, lr, momentum):
    """lets gradients of later steps count: weights λ^|t − i| for all i"""
    return weighted(grads, lr, momentum, lambda age: momentum ** age.abs())


@mistake("unroll_movement", caught_by="one_gradient_fades_by_the_momentum")
def looks_two_steps_back_only(grads, lr, momentum):
    """stops after the last two gradients: m_t = −η(g_t + λ g_{t−1})"""
    return weighted(grads, lr, momentum, lambda age: (momentum ** age.clamp(min=0)).tril().triu(-1))


@mistake("unroll_movement", caught_by="one_gradient_fades_by_the_momentum")
def sums_without_fading(grads, lr, momentum):
    """sums all past gradients with weight one: λ is never used"""
    return weighted(grads, lr, momentum, lambda age: torch.ones_like(age).tril())


@mistake("unroll_movement", caught_by="sums_all_past_gradients")
def averages_the_past(grads, lr, momentum):
    """averages instead of summing: multiplies the weights by 1 − λ"""
    return weighted(grads, lr, momentum, lambda age: (1 - momentum) * (momentum ** age.clamp(min=0)).tril())


@mistake("unroll_movement", caught_by="sums_all_past_gradients")
def sums_uphill(grads, lr, momentum):
    """has the wrong sign: the movement points uphill"""
    return -weighted(grads, lr, momentum, fading(momentum))


@mistake("unroll_movement", caught_by="sums_all_past_gradients")
def unrolls_the_buffer(grads, lr, momentum):
    """unrolls PyTorch's buffer, without −lr, instead of the movement"""
    check_unroll(grads, lr, momentum)
    return -weighted(grads, 1.0, momentum, fading(momentum))


@mistake("unroll_movement", caught_by="sums_all_past_gradients")
def unrolls_positions(grads, lr, momentum):
    """adds the movements up: the rows are positions"""
    return weighted(grads, lr, momentum, fading(momentum)).cumsum(0)


@mistake("unroll_movement", caught_by="sums_all_past_gradients")
def returns_the_last_movement(grads, lr, momentum):
    """returns the last movement alone instead of all of them"""
    return weighted(grads, lr, momentum, fading(momentum))[-1]


@mistake("unroll_movement", caught_by="without_momentum_only_the_last_gradient_counts")
def takes_the_powers_by_logarithm(grads, lr, momentum):
    """computes λ^k as exp(k·log λ), which is NaN for λ = 0"""
    return weighted(
        grads, lr, momentum, lambda age: (age.clamp(min=0) * torch.full_like(age, momentum).log()).exp().tril()
    )


@mistake("unroll_movement", caught_by="stays_exact_over_a_long_history")
def divides_by_the_powers(grads, lr, momentum):
    """divides by λ^i and multiplies by λ^t, which overflows over a long history"""
    check_unroll(grads, lr, momentum)
    if momentum == 0:
        return -lr * grads
    powers = momentum ** torch.arange(len(grads), dtype=grads.dtype).view(-1, *[1] * (grads.dim() - 1))
    return -lr * powers * (grads / powers).cumsum(0)


@mistake("unroll_movement", caught_by="unroll_movement_works_for_every_shape")
def wants_a_matrix(grads, lr, momentum):
    """works only for gradients of shape (T, P), and fails for others"""
    check_unroll(grads, lr, momentum)
    if grads.dim() != 2:
        raise RuntimeError("expected a matrix")
    return weighted(grads, lr, momentum, fading(momentum))


@mistake("unroll_movement", caught_by="unroll_movement_works_for_every_shape")
def fails_after_one_step(grads, lr, momentum):
    """drops the first axis of a history of one step"""
    return weighted(grads, lr, momentum, fading(momentum)).squeeze(0)


@mistake("unroll_movement", caught_by="unroll_movement_keeps_the_dtype")
def makes_single_precision_weights(grads, lr, momentum):
    """makes the weights in float32: float64 loses half of its digits"""
    return weighted(grads, lr, momentum, lambda age: (momentum ** age.float().clamp(min=0)).tril().to(age.dtype))


@mistake("unroll_movement", caught_by="unroll_movement_keeps_the_dtype")
def unrolls_to_single_precision(grads, lr, momentum):
    """returns float32 whatever comes in"""
    check_unroll(grads, lr, momentum)
    return weighted(grads.float(), lr, momentum, fading(momentum))


@mistake("unroll_movement", caught_by="unroll_movement_leaves_its_input_alone")
def accumulates_in_grads(grads, lr, momentum):
    """changes grads in place"""
    check_unroll(grads, lr, momentum)
    rows = grads.detach()
    for t in range(1, len(rows)):
        rows[t] += momentum * rows[t - 1]
    return -lr * rows


@mistake("unroll_movement", caught_by="unroll_movement_refuses_bad_arguments")
def unrolls_at_any_rate(grads, lr, momentum):
    """accepts a negative lr, or a momentum outside [0, 1)"""
    check_unroll(grads, 0.0, 0.0)
    return lr * weighted(grads, 1.0, 0.0, fading(momentum))


@mistake("unroll_movement", caught_by="unroll_movement_refuses_bad_arguments")
def unrolls_a_list(grads, lr, momentum):
    """does not check that grads is a floating-point tensor of shape (T, *)"""
    _check_rates(lr, momentum)
    grads = torch.as_tensor(grads)
    if grads.dim() == 0 or not grads.is_floating_point():
        return -lr * grads
    return weighted(grads, lr, momentum, fading(momentum))


@mistake("unroll_movement", caught_by="stays_exact_over_a_long_history")
def divides_in_double_precision(grads, lr, momentum):
    """divides by λ^i and multiplies by λ^t in float64, which overflows too: only later"""
    check_unroll(grads, lr, momentum)
    if momentum == 0:
        return -lr * grads
    powers = momentum ** torch.arange(len(grads), dtype=torch.float64).view(-1, *[1] * (grads.dim() - 1))
    return (-lr * powers * (grads / powers).cumsum(0)).to(grads.dtype)


@mistake("unroll_movement", caught_by="stays_exact_over_a_long_history")
def forgets_after_200_steps(grads, lr, momentum):
    """drops the gradients that are 200 steps old or older"""
    return weighted(grads, lr, momentum, lambda age: (momentum ** age.clamp(min=0)).tril().triu(-199))


@mistake("unroll_movement", caught_by="unroll_movement_keeps_the_dtype")
def unrolls_with_a_rounded_rate(grads, lr, momentum):
    """rounds lr and momentum to float32: float64 loses half of its digits"""
    check_unroll(grads, lr, momentum)
    lr, momentum = torch.tensor([lr, momentum], dtype=torch.float32).tolist()
    return weighted(grads, lr, momentum, fading(momentum))


@mistake("unroll_movement", caught_by="unroll_movement_leaves_its_input_alone")
def requires_grad_of_grads(grads, lr, momentum):
    """sets requires_grad on grads"""
    check_unroll(grads, lr, momentum)
    return weighted(grads.requires_grad_(True).detach(), lr, momentum, fading(momentum))


@mistake("unroll_movement", caught_by="unroll_movement_refuses_bad_arguments")
def refuses_to_unroll_a_large_rate(grads, lr, momentum):
    """refuses lr above 1, which is allowed"""
    check_unroll(grads, lr, momentum)
    if lr > 1:
        raise ValueError(f"lr must be at most 1, got {lr}")
    return weighted(grads, lr, momentum, fading(momentum))


# trajectory


@mistake("trajectory", caught_by="rolls_across_a_plateau")
def halts_on_the_plateau(grad_fn, theta0, lr, momentum, steps):
    """stands still where the gradient is zero, whatever the movement"""

    def step(theta, movement):
        grad = grad_fn(theta)
        movement = torch.where(grad == 0, grad, momentum * movement - lr * grad)
        return theta + movement, movement

    return walk(theta0, lr, momentum, steps, step)


@mistake("trajectory", caught_by="visits_the_points_of_momentum_descent")
def forgets_the_movement(grad_fn, theta0, lr, momentum, steps):
    """starts every step from rest: the movement is lost between the steps"""
    return walk(theta0, lr, momentum, steps, lambda theta, movement: (theta - lr * grad_fn(theta), movement))


@mistake("trajectory", caught_by="visits_the_points_of_momentum_descent")
def keeps_the_first_gradient(grad_fn, theta0, lr, momentum, steps):
    """computes the gradient once, at theta0, instead of at every position"""

    def step(theta, movement):
        movement = momentum * movement - lr * grad_fn(theta0.detach())
        return theta + movement, movement

    return walk(theta0, lr, momentum, steps, step)


@mistake("trajectory", caught_by="visits_the_points_of_momentum_descent")
def starts_with_a_push(grad_fn, theta0, lr, momentum, steps):
    """does not start from rest: the movement begins as −η g(θ_0)"""
    check_walk(theta0, lr, momentum, steps)
    rows = [theta0.detach()]
    movement = -lr * grad_fn(rows[0])
    for _ in range(steps):
        movement = momentum * movement - lr * grad_fn(rows[-1])
        rows.append(rows[-1] + movement)
    return torch.stack(rows)


@mistake("trajectory", caught_by="visits_the_points_of_momentum_descent")
def takes_the_gradient_ahead(grad_fn, theta0, lr, momentum, steps):
    """takes the gradient at θ + λm, ahead of where it stands (Nesterov)"""

    def step(theta, movement):
        movement = momentum * movement - lr * grad_fn(theta + momentum * movement)
        return theta + movement, movement

    return walk(theta0, lr, momentum, steps, step)


@mistake("trajectory", caught_by="visits_the_points_of_momentum_descent")
def moves_before_the_update(grad_fn, theta0, lr, momentum, steps):
    """moves by the previous movement and updates it afterwards"""
    return walk(theta0, lr, momentum, steps, lambda theta, m: (theta + m, momentum * m - lr * grad_fn(theta)))


@mistake("trajectory", caught_by="trajectory_without_momentum_is_gradient_descent")
def walks_with_the_default_momentum(grad_fn, theta0, lr, momentum, steps):
    """does not hand its momentum on: walks with 0.9 always"""

    def step(theta, movement):
        movement = 0.9 * movement - lr * grad_fn(theta)
        return theta + movement, movement

    return walk(theta0, lr, momentum, steps, step)


@mistake("trajectory", caught_by="visits_the_points_of_momentum_descent")
def collects_one_tensor_many_times(grad_fn, theta0, lr, momentum, steps):
    """collects the same tensor at every step, so that all rows are the last position"""

    def step(theta, movement):
        movement = momentum * movement - lr * grad_fn(theta)
        return theta.add_(movement), movement

    check_walk(theta0, lr, momentum, steps)
    return walk(theta0.detach().clone(), lr, momentum, steps, step)


@mistake("trajectory", caught_by="visits_the_points_of_momentum_descent")
def collects_movements(grad_fn, theta0, lr, momentum, steps):
    """collects the movements instead of the positions"""
    check_walk(theta0, lr, momentum, steps)
    theta, movement = theta0.detach(), torch.zeros_like(theta0)
    rows = [movement]
    for _ in range(steps):
        movement = momentum * movement - lr * grad_fn(theta)
        theta = theta + movement
        rows.append(movement)
    return torch.stack(rows)


@mistake("trajectory", caught_by="begins_with_the_start")
def leaves_out_the_start(grad_fn, theta0, lr, momentum, steps):
    """leaves out row 0, the start"""
    return walk(theta0, lr, momentum, steps, rule(grad_fn, lr, momentum))[1:]


@mistake("trajectory", caught_by="begins_with_the_start")
def makes_one_step_too_few(grad_fn, theta0, lr, momentum, steps):
    """makes one step too few: steps rows in all"""
    return walk(theta0, lr, momentum, steps, rule(grad_fn, lr, momentum))[:-1]


@mistake("trajectory", caught_by="begins_with_the_start")
def refuses_no_steps(grad_fn, theta0, lr, momentum, steps):
    """refuses steps = 0, which gives the start alone"""
    if steps == 0:
        raise ValueError("steps must be positive")
    return walk(theta0, lr, momentum, steps, rule(grad_fn, lr, momentum))


@mistake("trajectory", caught_by="rolls_across_a_plateau")
def stops_on_the_plateau(grad_fn, theta0, lr, momentum, steps):
    """stops as soon as the gradient is zero"""
    check_walk(theta0, lr, momentum, steps)
    rows, movement = [theta0.detach()], torch.zeros_like(theta0)
    for _ in range(steps):
        grad = grad_fn(rows[-1])
        if not grad.any():
            break
        movement = momentum * movement - lr * grad
        rows.append(rows[-1] + movement)
    return torch.stack(rows)


@mistake("trajectory", caught_by="trajectory_works_for_every_shape_and_dtype")
def collects_in_the_default_dtype(grad_fn, theta0, lr, momentum, steps):
    """collects the rows in a tensor of the default dtype: float32 whatever comes in"""
    return walk(theta0, lr, momentum, steps, rule(grad_fn, lr, momentum)).float()


@mistake("trajectory", caught_by="trajectory_works_for_every_shape_and_dtype")
def rounds_the_rows(grad_fn, theta0, lr, momentum, steps):
    """collects the rows in float32 and converts them back: float64 loses half of its digits"""
    return walk(theta0, lr, momentum, steps, rule(grad_fn, lr, momentum)).float().to(theta0.dtype)


@mistake("trajectory", caught_by="trajectory_leaves_theta0_alone")
def moves_theta0_itself(grad_fn, theta0, lr, momentum, steps):
    """moves theta0 itself, in place"""
    check_walk(theta0, lr, momentum, steps)
    theta, movement = theta0.detach(), torch.zeros_like(theta0)
    rows = [theta.clone()]
    for _ in range(steps):
        movement = momentum * movement - lr * grad_fn(theta)
        theta += movement
        rows.append(theta.clone())
    return torch.stack(rows)


@mistake("trajectory", caught_by="trajectory_leaves_theta0_alone")
def clears_requires_grad(grad_fn, theta0, lr, momentum, steps):
    """switches requires_grad off on theta0"""
    check_walk(theta0, lr, momentum, steps)
    return walk(theta0.requires_grad_(False), lr, momentum, steps, rule(grad_fn, lr, momentum))


@mistake("trajectory", caught_by="trajectory_refuses_bad_arguments")
def takes_negative_steps_for_none(grad_fn, theta0, lr, momentum, steps):
    """accepts a negative number of steps"""
    return walk(theta0, lr, momentum, max(steps, 0), rule(grad_fn, lr, momentum))


@mistake("trajectory", caught_by="trajectory_works_for_every_shape_and_dtype")
def rounds_the_rates(grad_fn, theta0, lr, momentum, steps):
    """rounds lr and momentum to float32: float64 loses half of its digits"""
    check_walk(theta0, lr, momentum, steps)
    lr, momentum = torch.tensor([lr, momentum], dtype=torch.float32).tolist()
    return walk(theta0, lr, momentum, steps, rule(grad_fn, lr, momentum))


@mistake("trajectory", caught_by="trajectory_leaves_theta0_alone")
def requires_grad_of_theta0(grad_fn, theta0, lr, momentum, steps):
    """sets requires_grad on theta0"""
    check_walk(theta0, lr, momentum, steps)
    return walk(theta0.requires_grad_(True), lr, momentum, steps, rule(grad_fn, lr, momentum))


@mistake("trajectory", caught_by="trajectory_refuses_bad_arguments")
def refuses_to_walk_fast(grad_fn, theta0, lr, momentum, steps):
    """refuses lr above 1, which is allowed"""
    check_walk(theta0, lr, momentum, steps)
    if lr > 1:
        raise ValueError(f"lr must be at most 1, got {lr}")
    return walk(theta0, lr, momentum, steps, rule(grad_fn, lr, momentum))


# MomentumSGD


@mistake("MomentumSGD", caught_by="group_momentum_is_0_9_unless_given_and_may_be_zero")
class has_another_default(MomentumSGD):
    """has another default than momentum 0.9"""

    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr, momentum)


@mistake("MomentumSGD", caught_by="group_momentum_is_0_9_unless_given_and_may_be_zero")
class has_a_large_default(MomentumSGD):
    """has 0.99 as the default momentum instead of 0.9"""

    def __init__(self, params, lr, momentum=0.99):
        super().__init__(params, lr, momentum)


@mistake("MomentumSGD", caught_by="group_momentum_is_0_9_unless_given_and_may_be_zero")
class takes_a_group_at_zero_for_unset(Stepper):
    """takes a group's momentum 0 for "not given" and uses the momentum of the construction"""

    def update(self, p, group, state):
        p -= group["lr"] * advance(state, group["momentum"] or self.defaults["momentum"], p.grad)


@mistake("MomentumSGD", caught_by="follows_the_buffer")
class gives_new_memory(Stepper):
    """gives the parameter new memory (p.data = …) instead of changing it in place"""

    def update(self, p, group, state):
        p.data = p.data - group["lr"] * advance(state, group["momentum"], p.grad)


@mistake("MomentumSGD", caught_by="follows_the_buffer")
class climbs_by_the_buffer(Stepper):
    """adds lr·b, uphill, instead of subtracting it"""

    def update(self, p, group, state):
        p += group["lr"] * advance(state, group["momentum"], p.grad)


@mistake("MomentumSGD", caught_by="follows_the_buffer")
class takes_a_moving_average(Stepper):
    """keeps an average of the gradients, b = μb + (1 − μ)g from zero, instead of their sum"""

    def update(self, p, group, state):
        p -= group["lr"] * advance(state, group["momentum"], (1 - group["momentum"]) * p.grad)


@mistake("MomentumSGD", caught_by="follows_the_buffer")
class dampens(Stepper):
    """dampens every gradient after the first: b = μb + (1 − μ)g, from b = g"""

    def update(self, p, group, state):
        share = 1 - group["momentum"] if "b" in state else 1
        p -= group["lr"] * advance(state, group["momentum"], share * p.grad)


@mistake("MomentumSGD", caught_by="follows_the_buffer")
class steps_as_nesterov(Stepper):
    """takes Nesterov's step: p − lr·(g + μb)"""

    def update(self, p, group, state):
        p -= group["lr"] * (p.grad + group["momentum"] * advance(state, group["momentum"], p.grad))


@mistake("MomentumSGD", caught_by="follows_the_buffer")
class only_fills_the_buffer_first(Stepper):
    """makes no move at the first step: it only fills the buffer"""

    def update(self, p, group, state):
        moves = "b" in state
        p -= moves * group["lr"] * advance(state, group["momentum"], p.grad)


@mistake("MomentumSGD", caught_by="follows_the_buffer")
class moves_by_the_old_buffer(Stepper):
    """moves by the buffer from before this gradient"""

    def update(self, p, group, state):
        p -= group["lr"] * state.get("b", p.grad)
        advance(state, group["momentum"], p.grad)


@mistake("MomentumSGD", caught_by="follows_the_buffer")
class adds_weight_decay(Stepper):
    """adds weight decay to the gradient"""

    def update(self, p, group, state):
        p -= group["lr"] * advance(state, group["momentum"], p.grad + 0.01 * p)


@mistake("MomentumSGD", caught_by="follows_the_buffer")
class ignores_the_past(Stepper):
    """is plain gradient descent: the buffer is not used"""

    def update(self, p, group, state):
        p -= group["lr"] * p.grad


@mistake("MomentumSGD", caught_by="follows_the_buffer")
class rebinds_the_name(Stepper):
    """binds the name p to a new tensor instead of changing the parameter: nothing moves"""

    def update(self, p, group, state):
        p = p - group["lr"] * advance(state, group["momentum"], p.grad)


@mistake("MomentumSGD", caught_by="reads_lr_from_its_group_at_each_step")
class keeps_lr_in_the_buffer(Stepper):
    """multiplies lr into the buffer, as the lecture's rule does: a changed lr does not rescale the past"""

    def update(self, p, group, state):
        p -= advance(state, group["momentum"], group["lr"] * p.grad)


@mistake("MomentumSGD", caught_by="reads_lr_from_its_group_at_each_step")
class remembers_lr_from_construction(Stepper):
    """uses the lr of its construction: a change in the param group has no effect"""

    def __init__(self, params, lr, momentum=0.9):
        super().__init__(params, lr, momentum)
        self.lr = lr

    def update(self, p, group, state):
        p -= self.lr * advance(state, group["momentum"], p.grad)


@mistake("MomentumSGD", caught_by="keeps_a_buffer_for_each_parameter")
class takes_the_rates_of_the_first_group(Stepper):
    """uses lr and momentum of the first param group for all groups"""

    def update(self, p, group, state):
        super().update(p, self.param_groups[0], state)


@mistake("MomentumSGD", caught_by="keeps_a_buffer_for_each_parameter")
class takes_the_lr_of_the_first_group(Stepper):
    """uses the lr of the first param group for all groups"""

    def update(self, p, group, state):
        p -= self.param_groups[0]["lr"] * advance(state, group["momentum"], p.grad)


@mistake("MomentumSGD", caught_by="keeps_a_buffer_for_each_parameter")
class takes_the_momentum_of_the_first_group(Stepper):
    """uses the momentum of the first param group for all groups"""

    def update(self, p, group, state):
        p -= group["lr"] * advance(state, self.param_groups[0]["momentum"], p.grad)


@mistake("MomentumSGD", caught_by="keeps_a_buffer_for_each_parameter")
class remembers_momentum_from_the_first_step(Stepper):
    """uses the momentum that a group had at its first step: a later change in the group has no effect"""

    def update(self, p, group, state):
        p -= group["lr"] * advance(state, group.setdefault("first", group["momentum"]), p.grad)


@mistake("MomentumSGD", caught_by="keeps_a_buffer_for_each_parameter")
class remembers_momentum_from_construction(Stepper):
    """uses the momentum of its construction for all param groups"""

    def __init__(self, params, lr, momentum=0.9):
        super().__init__(params, lr, momentum)
        self.momentum = momentum

    def update(self, p, group, state):
        p -= group["lr"] * advance(state, self.momentum, p.grad)


@mistake("MomentumSGD", caught_by="keeps_a_buffer_for_each_parameter")
class trains_the_first_group_only(Stepper):
    """trains the parameters of the first param group only"""

    def update(self, p, group, state):
        if group is self.param_groups[0]:
            super().update(p, group, state)


@mistake("MomentumSGD", caught_by="keeps_a_buffer_for_each_parameter")
class misses_groups_added_later(Stepper):
    """misses param groups that are added after construction"""

    def __init__(self, params, lr, momentum=0.9):
        super().__init__(params, lr, momentum)
        self.known = len(self.param_groups)

    def update(self, p, group, state):
        if any(group is one for one in self.param_groups[: self.known]):
            super().update(p, group, state)


@mistake("MomentumSGD", caught_by="keeps_a_buffer_for_each_parameter")
class shares_one_buffer(Stepper):
    """keeps one buffer for all parameters"""

    def update(self, p, group, state):
        super().update(p, group, self.state[self.param_groups[0]["params"][0]])


@mistake("MomentumSGD", caught_by="keeps_a_buffer_for_each_parameter")
class keeps_a_buffer_for_each_shape(Stepper):
    """keeps one buffer for each shape: parameters of equal shape share it"""

    def update(self, p, group, state):
        owner = next(q for one in self.param_groups for q in one["params"] if q.shape == p.shape)
        super().update(p, group, self.state[owner])


@mistake("MomentumSGD", caught_by="keeps_a_buffer_for_each_parameter")
class counts_buffers_within_the_group(Stepper):
    """numbers the buffers within each param group: the groups share them"""

    def update(self, p, group, state):
        number = next(i for i, q in enumerate(group["params"]) if q is p)
        owner = next(one["params"][number] for one in self.param_groups if len(one["params"]) > number)
        super().update(p, group, self.state[owner])


@mistake("MomentumSGD", caught_by="skips_parameters_without_gradient")
class takes_none_for_zero(Stepper):
    """takes a grad of None for zero: the buffer fades and the parameter moves"""

    def skip(self, p, group, state):
        p -= group["lr"] * advance(state, group["momentum"], torch.zeros_like(p))


@mistake("MomentumSGD", caught_by="skips_parameters_without_gradient")
class coasts_without_gradient(Stepper):
    """lets a parameter whose grad is None coast on its old buffer"""

    def skip(self, p, group, state):
        p -= group["lr"] * state.get("b", torch.zeros_like(p))


@mistake("MomentumSGD", caught_by="skips_parameters_without_gradient")
class restarts_after_none(Stepper):
    """forgets the buffer of a parameter whose grad was None"""

    def skip(self, p, group, state):
        state.clear()


@mistake("MomentumSGD", caught_by="skips_parameters_without_gradient")
class ends_the_step_at_none(Stepper):
    """ends the whole step at the first parameter whose grad is None"""

    def update(self, p, group, state):
        params = [q for one in self.param_groups for q in one["params"]]
        if all(q.grad is not None for q in params[: next(i for i, q in enumerate(params) if q is p)]):
            super().update(p, group, state)


@mistake("MomentumSGD", caught_by="skips_parameters_without_gradient")
class fails_without_gradient(Stepper):
    """raises an error where a grad is None"""

    def skip(self, p, group, state):
        p -= group["lr"] * p.grad


@mistake("MomentumSGD", caught_by="never_changes_grad")
class clears_grad(Stepper):
    """clears .grad after the step"""

    def update(self, p, group, state):
        super().update(p, group, state)
        p.grad.zero_()


@mistake("MomentumSGD", caught_by="never_changes_grad")
class drops_grad(Stepper):
    """clears .grad after the step: it is None then, as zero_grad() leaves it"""

    def update(self, p, group, state):
        super().update(p, group, state)
        p.grad = None


@mistake("MomentumSGD", caught_by="never_changes_grad")
class accumulates_in_grad(Stepper):
    """adds the buffer to .grad in place"""

    def update(self, p, group, state):
        if "b" in state:
            p.grad.add_(state["b"], alpha=group["momentum"])
        state["b"] = p.grad.clone()
        p -= group["lr"] * state["b"]


@mistake("MomentumSGD", caught_by="never_changes_grad")
class scales_grad(Stepper):
    """multiplies .grad by lr in place"""

    def update(self, p, group, state):
        super().update(p, group, state)
        p.grad *= group["lr"]


@mistake("MomentumSGD", caught_by="keeps_its_own_copy_of_the_gradient")
class keeps_grad_as_the_buffer(Stepper):
    """makes the first .grad itself the buffer, without a copy"""

    def update(self, p, group, state):
        state["b"] = group["momentum"] * state["b"] + p.grad if "b" in state else p.grad
        p -= group["lr"] * state["b"]


@mistake("MomentumSGD", caught_by="keeps_its_own_copy_of_the_gradient")
class keeps_grad_while_momentum_is_zero(Stepper):
    """makes .grad itself the buffer, without a copy, while momentum is 0"""

    def update(self, p, group, state):
        if group["momentum"] == 0:
            state["b"] = p.grad
            p -= group["lr"] * p.grad
        else:
            super().update(p, group, state)


@mistake("MomentumSGD", caught_by="resumes_from_its_state_dict")
class keeps_buffers_outside_the_state(Stepper):
    """keeps outside self.state something that a resumed training needs: state_dict does not save it"""

    def __init__(self, params, lr, momentum=0.9):
        super().__init__(params, lr, momentum)
        self.own = {}

    def update(self, p, group, state):
        super().update(p, group, self.own.setdefault(p, {}))


@mistake("MomentumSGD", caught_by="resumes_from_its_state_dict")
class loses_the_loaded_rates(MomentumSGD):
    """keeps lr and momentum of its construction when a state_dict is loaded"""

    def load_state_dict(self, state_dict):
        rates = [(group["lr"], group["momentum"]) for group in self.param_groups]
        super().load_state_dict(state_dict)
        for group, (lr, momentum) in zip(self.param_groups, rates, strict=True):
            group["lr"], group["momentum"] = lr, momentum


@mistake("MomentumSGD", caught_by="resumes_from_its_state_dict")
class saves_the_first_group_only(MomentumSGD):
    """saves the buffers of the first param group only in its state_dict"""

    def state_dict(self):
        saved = super().state_dict()
        kept = saved["param_groups"][0]["params"]
        return saved | {"state": {key: value for key, value in saved["state"].items() if key in kept}}


@mistake("MomentumSGD", caught_by="step_takes_a_closure")
class ignores_the_closure(MomentumSGD):
    """does not call the closure"""

    def step(self, closure=None):
        return super().step()


@mistake("MomentumSGD", caught_by="step_takes_a_closure")
class does_not_return_the_loss(MomentumSGD):
    """does not return the closure's loss"""

    def step(self, closure=None):
        super().step(closure)


@mistake("MomentumSGD", caught_by="step_takes_a_closure")
class calls_the_closure_after_the_update(MomentumSGD):
    """calls the closure after the update instead of before it"""

    def step(self, closure=None):
        super().step()
        return loss_of(closure)


@mistake("MomentumSGD", caught_by="step_takes_a_closure")
class calls_the_closure_without_gradients(MomentumSGD):
    """calls the closure under no_grad, so that its backward fails"""

    @torch.no_grad()
    def step(self, closure=None):
        loss = None if closure is None else closure()
        super().step()
        return loss


@mistake("MomentumSGD", caught_by="trains_every_shape_and_dtype")
class keeps_single_precision_buffers(Stepper):
    """keeps the buffers in float32: float64 loses half of its digits"""

    def update(self, p, group, state):
        p -= group["lr"] * advance(state, group["momentum"], p.grad.float())


@mistake("MomentumSGD", caught_by="refuses_a_negative_lr")
class accepts_any_lr(MomentumSGD):
    """accepts a negative lr"""

    def __init__(self, params, lr, momentum=0.9):
        super().__init__(params, abs(lr), momentum)


@mistake("MomentumSGD", caught_by="refuses_a_negative_lr")
class refuses_lr_zero(MomentumSGD):
    """refuses lr = 0, which is allowed"""

    def __init__(self, params, lr, momentum=0.9):
        if lr == 0:
            raise ValueError("lr must be positive")
        super().__init__(params, lr, momentum)


@mistake("MomentumSGD", caught_by="refuses_a_negative_lr")
class refuses_a_lr_above_one(MomentumSGD):
    """refuses lr above 1, which is allowed"""

    def __init__(self, params, lr, momentum=0.9):
        if lr > 1:
            raise ValueError("lr must be at most 1")
        super().__init__(params, lr, momentum)


@mistake("MomentumSGD", caught_by="refuses_a_momentum_outside_0_to_1")
class accepts_any_momentum(MomentumSGD):
    """accepts a momentum outside [0, 1)"""

    def __init__(self, params, lr, momentum=0.9):
        super().__init__(params, lr, momentum if 0 <= momentum < 1 else 0.9)


@mistake("MomentumSGD", caught_by="refuses_a_momentum_outside_0_to_1")
class allows_momentum_one(MomentumSGD):
    """accepts momentum = 1, where nothing is ever forgotten"""

    def __init__(self, params, lr, momentum=0.9):
        super().__init__(params, lr, 0.9 if momentum == 1 else momentum)


@mistake("MomentumSGD", caught_by="refuses_a_momentum_outside_0_to_1")
class names_no_argument(MomentumSGD):
    """refuses a bad momentum without naming it"""

    def __init__(self, params, lr, momentum=0.9):
        if not 0 <= momentum < 1:
            raise ValueError("invalid hyper-parameter")
        super().__init__(params, lr, momentum)
