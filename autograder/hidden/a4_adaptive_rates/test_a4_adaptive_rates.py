"""Hidden checks of a4_adaptive_rates. Each docstring is the sentence that the student reads; the reference's docstrings promise it.

Experiments run beside the student's code: they name only torch, builtins and their arguments. One mistake is to cost one check,
so each check silences what others ask: eps is 0 or tiny where epsilon is not the question; a late step, where both corrections
of Adam are 1, where the bias is not the question; averages that no weights change (m = g, v = g²) where the weights are not.
Checks of values draw float32 and take any dtype; precision and dtype have checks of their own, in float64.
"""

import pytest
import torch

from autograder.checking import agree

# A call that must not be refused; whether its value is right is asked elsewhere.
ACCEPTED = {"same_dtype": False, "type_only": True}
ANY_DTYPE = {"same_dtype": False}
LATE = 100_000  # betas to this power are 0: nothing is left to correct
# In float32 it is 1, and 1 − βᵗ is 0: who corrects in float32 gets ∞ for the average, or NaN. Whatever is done in float64, right or
# wrong, moves a finite way. So the precision of the correction is asked without its value.
NEAR_ONE = 1 - 1e-8


def single(rng, *shape, std=1.0):
    """Normal numbers in float32."""
    return rng.normal(*shape, dtype=torch.float32, std=std)


def away(rng, *shape, dtype=torch.float32, low=0.5, high=2.0):
    """Numbers of either sign whose magnitude lies between low and high."""
    return (torch.sign(rng.normal(*shape)) * rng.uniform(low, high, *shape)).to(dtype)


def squares(rng, *shape, dtype=torch.float32, low=0.5, high=2.0):
    """Positive numbers, as a memory of squared gradients holds."""
    return rng.uniform(low, high, *shape, dtype=dtype)


def fresh(*tensors):
    """Copies for one call, so that a function which changes its inputs fails where that is asked, and only there."""
    return [tensor.clone() for tensor in tensors]


def leftovers(m, name, inputs, settings, required):
    """What a call leaves behind on its inputs (the first requires grad where `required`) and on the global generator."""
    inputs = [tensor.clone() for tensor in inputs]
    inputs[0].requires_grad_(required)
    generator = torch.get_rng_state()
    result = getattr(m, name)(*inputs, **settings)
    results = result if isinstance(result, (tuple, list)) else [result]
    return {
        "answers": all(isinstance(one, torch.Tensor) for one in results),  # doing nothing earns nothing
        "values": [tensor.detach() for tensor in inputs],
        "requires_grad": [tensor.requires_grad for tensor in inputs],
        "grad": [tensor.grad for tensor in inputs],
        "generator untouched": torch.equal(generator, torch.get_rng_state()),
    }


def dtypes(m, name, inputs, settings):
    """The dtypes that a call returns, as text: text has no rounding that would widen the check's tolerance."""
    result = getattr(m, name)(*inputs, **settings)
    return [str(one.dtype) for one in (result if isinstance(result, (tuple, list)) else [result])]


def by_default(m, name, inputs, given, defaults):
    """The move from 0 with defaults, relative to that with the same settings written out: right or wrong, it is 1."""
    moves = [getattr(m, name)(*[one.clone() for one in inputs], **given, **more)[0] for more in ({}, defaults)]
    return moves[0] / moves[1]


def everywhere(student, reference, rng, name, memories, settings):
    """Any shape, contiguous or not: float32 comes back as float32, float64 to full precision."""

    def inputs(*shape):
        return [away(rng, *shape, dtype=torch.float64) for _ in range(2)] + [
            squares(rng, *shape, dtype=torch.float64) for _ in range(memories)
        ]

    shapes = [inputs(), inputs(5), inputs(2, 3, 4), [tensor.T for tensor in inputs(4, 3)]]
    for one in shapes:
        agree(student, reference, lambda m, one=one: getattr(m, name)(*fresh(*one), **settings))
    for one in shapes[2:]:
        narrow = [tensor.float() for tensor in one]
        agree(student, reference, lambda m, narrow=narrow: m.run(dtypes, name, narrow, settings))


# root_mean_square: 1.5 points


@pytest.mark.exercise("root_mean_square", points=0.75, hint="Square, mean over the steps, root: in which order?")
def test_is_the_root_of_the_mean_square(student, reference, rng):
    """Each parameter's σ is the root of the mean of its squared gradients, large or small, zero gradients included."""
    grads = single(rng, 7, 5) * torch.tensor([1e-9, 1e-4, 1.0, 10.0, 1e3])
    grads[::3] = 0.0
    agree(student, reference, lambda m: m.root_mean_square(grads.clone()), elementwise=True, **ANY_DTYPE)
    # A constant gradient is no spread, but it is a magnitude.
    constant = single(rng, 3).expand(4, 3)
    agree(student, reference, lambda m: m.root_mean_square(constant.clone()), elementwise=True, **ANY_DTYPE)


@pytest.mark.exercise("root_mean_square", points=0.25, hint="The mean runs over the first dimension only: dim=0.")
def test_root_mean_square_works_for_every_shape_and_dtype(student, reference, rng):
    """(T, *) gives (*): scalars, vectors, any shape, one step too, contiguous or not; the dtype stays, float64 in full."""
    wide = [rng.normal(6), rng.normal(5, 2, 3), rng.normal(3, 4, 2).transpose(0, 2), rng.normal(1, 4)]
    for grads in wide:
        agree(student, reference, lambda m, grads=grads: m.root_mean_square(grads.clone()))
        agree(student, reference, lambda m, grads=grads: m.run(dtypes, "root_mean_square", [grads.float()], {}))


@pytest.mark.exercise("root_mean_square", points=0.25, hint="Methods that end in `_` write into their tensor.")
def test_root_mean_square_leaves_its_input_alone(student, reference, rng):
    """grads does not change, its requires_grad flag included; no .grad is left; the global generator is untouched."""
    grads = rng.normal(5, 3)
    for required in (False, True):
        agree(student, reference, lambda m, r=required: m.run(leftovers, "root_mean_square", [grads], {}, r))


@pytest.mark.exercise("root_mean_square", points=0.25, hint="ValueError for a bad shape, TypeError for a type.")
def test_root_mean_square_refuses_bad_arguments(student, reference, rng):
    """0-dimensional grads, no step at all, a list and integers are refused, and the message names grads."""
    for grads in (rng.normal(), rng.normal(0, 3), torch.tensor([1, 2]), [1.0, 2.0]):
        agree(student, reference, lambda m, grads=grads: m.root_mean_square(grads), names="grads")


# adagrad_step: 2.5 points


@pytest.mark.exercise("adagrad_step", points=0.75, hint="θ moves by −η g, divided by the root of the new sum.")
def test_divides_by_the_root_of_the_sum(student, reference, rng):
    """θ moves by −η g/√s', each parameter with its own rate, where s' already holds this step's square."""
    theta, grad, sum_sq = single(rng, 3, 4), away(rng, 3, 4), squares(rng, 3, 4)
    agree(student, reference, lambda m: m.adagrad_step(*fresh(theta, grad, sum_sq), lr=0.3, eps=0.0)[0], **ANY_DTYPE)


@pytest.mark.exercise("adagrad_step", points=0.25, hint="What has to be known at the next step?")
def test_returns_the_sum_of_squares(student, reference, rng):
    """The second result is s' = s + g²: the sum of squares, this step's included, no mean and no root."""
    theta, grad, sum_sq = single(rng, 3, 4), away(rng, 3, 4), squares(rng, 3, 4)
    agree(student, reference, lambda m: m.adagrad_step(*fresh(theta, grad, sum_sq), lr=0.3, eps=0.0)[1], **ANY_DTYPE)


def walk(m, name, theta, memory, grads, settings):
    """Positions of a walk: what each step returns goes into the next, with its own settings."""
    path = []
    for grad, own in zip(grads, settings, strict=True):
        theta, memory = getattr(m, name)(theta.clone(), grad.clone(), memory.clone(), **own)
        path.append(theta.clone())
    return path


@pytest.mark.exercise("adagrad_step", points=0.5, hint="The first square counts as much as the last; η is this step's.")
def test_adagrad_never_forgets(student, reference, rng):
    """Over many steps from s = 0 every square counts in full, and each step takes its own lr; a zero gradient moves nothing."""
    theta, grads = single(rng, 5), away(rng, 7, 5) * torch.tensor([9.0, 0.1, 1.0, 0.0, 3.0, 0.01, 1.0])[:, None]
    settings = [{"lr": lr, "eps": 1e-12} for lr in (0.5, 0.05, 0.2, 0.9, 0.7, 0.1, 0.3)]
    args = ("adagrad_step", theta, torch.zeros(5), list(grads), settings)
    agree(student, reference, lambda m: m.run(walk, *args), **ANY_DTYPE)


@pytest.mark.exercise("adagrad_step", points=0.25, hint="Is ε added before the root is taken, or after?")
def test_adagrad_adds_eps_outside_the_root(student, reference, rng):
    """ε is added to √s', outside the root; where all gradients were 0, θ stays."""
    theta, grad, sum_sq = torch.zeros(6), away(rng, 6), squares(rng, 6)
    grad[0] = sum_sq[0] = 0.0
    agree(student, reference, lambda m: m.adagrad_step(*fresh(theta, grad, sum_sq), lr=0.3, eps=0.6)[0], **ANY_DTYPE)
    args = [torch.zeros(3, dtype=torch.float64), torch.logspace(-9, -11, 3, dtype=torch.float64)]
    args.append(torch.zeros(3, dtype=torch.float64))
    given, defaults = {"lr": 0.3}, {"eps": 1e-10}
    agree(
        student,
        reference,
        lambda m: m.run(by_default, "adagrad_step", args, given, defaults).float(),
        elementwise=True,
        **ANY_DTYPE,
    )


@pytest.mark.exercise(
    "adagrad_step", points=0.25, hint="`+=`, `-=` and methods that end in `_` write into their tensor."
)
def test_adagrad_step_leaves_its_inputs_alone(student, reference, rng):
    """No input changes, its requires_grad flag included; no .grad is left behind; the global generator is untouched."""
    inputs, settings = [rng.normal(3, 4), rng.normal(3, 4), squares(rng, 3, 4, dtype=torch.float64)], {"lr": 0.3}
    for required in (False, True):
        agree(student, reference, lambda m, r=required: m.run(leftovers, "adagrad_step", inputs, settings, r))


@pytest.mark.exercise("adagrad_step", points=0.25, hint="Which dtype has each tensor that you make?")
def test_adagrad_step_works_for_every_shape_and_dtype(student, reference, rng):
    """Any shape works, contiguous or not; results keep theta's dtype: float32, and float64 to full precision."""
    everywhere(student, reference, rng, "adagrad_step", 1, {"lr": 0.3, "eps": 0.0})


@pytest.mark.exercise("adagrad_step", points=0.25, hint="ValueError for a bad value or shape, TypeError for a type.")
def test_adagrad_step_refuses_bad_arguments(student, reference, rng):
    """lr < 0, eps < 0, other shapes and what holds no floats are refused by name; lr and eps may be 0, lr above 1."""
    theta, grad, sum_sq, counts = rng.normal(3, 4), away(rng, 3, 4), squares(rng, 3, 4), torch.ones(3, 4).long()
    theta, grad, sum_sq = theta.double(), grad.double(), sum_sq.double()
    agree(student, reference, lambda m: m.adagrad_step(theta, grad, sum_sq, lr=-0.1), names="lr")
    agree(student, reference, lambda m: m.adagrad_step(theta, grad, sum_sq, lr=0.1, eps=-1e-3), names="eps")
    agree(student, reference, lambda m: m.adagrad_step(theta, grad[:1], sum_sq, lr=0.1), names="grad")
    agree(student, reference, lambda m: m.adagrad_step(theta, grad, sum_sq[0], lr=0.1), names="sum_sq")
    agree(student, reference, lambda m: m.adagrad_step(counts, grad, sum_sq, lr=0.1), names="theta")
    agree(student, reference, lambda m: m.adagrad_step(theta, counts, sum_sq, lr=0.1), names="grad")
    agree(student, reference, lambda m: m.adagrad_step(theta, grad, 1.0, lr=0.1), names="sum_sq")
    for settings in ({"lr": 0.0, "eps": 0.0}, {"lr": 3.0}):
        agree(student, reference, lambda m, s=settings: m.adagrad_step(theta, grad, sum_sq, **s), **ACCEPTED)


# rmsprop_step: 5 points


@pytest.mark.exercise("rmsprop_step", points=1.5, hint="θ moves by −η g, divided by the root of the new average.")
def test_divides_by_the_root_of_the_average(student, reference, rng):
    """θ moves by −η g/√v', where v' = αv + (1 − α)g² already holds this step's square."""
    theta, grad, square_avg = single(rng, 3, 4), away(rng, 3, 4), squares(rng, 3, 4)
    for alpha in (0.7, 0.2):
        settings = {"lr": 0.3, "alpha": alpha, "eps": 0.0}
        agree(
            student,
            reference,
            lambda m, s=settings: m.rmsprop_step(*fresh(theta, grad, square_avg), **s)[0],
            **ANY_DTYPE,
        )


@pytest.mark.exercise("rmsprop_step", points=0.75, hint="What has to be known at the next step?")
def test_returns_the_average_of_squares(student, reference, rng):
    """The second result is v' = αv + (1 − α)g², no root taken; an average of 0 is like any other, without bias correction."""
    theta, grad, square_avg = single(rng, 3, 4), away(rng, 3, 4), squares(rng, 3, 4)
    settings = {"lr": 0.3, "alpha": 0.7, "eps": 0.0}
    for v in (square_avg, torch.zeros(3, 4)):
        agree(student, reference, lambda m, v=v: m.rmsprop_step(*fresh(theta, grad, v), **settings)[1], **ANY_DTYPE)

    def from_nothing(
        m, grad, settings
    ):  # the move from v = 0, relative to that from next to nothing: right or wrong, it is 1
        memories = [torch.zeros_like(grad), torch.full_like(grad, 1e-20)]
        moves = [m.rmsprop_step(torch.zeros_like(grad), grad.clone(), v, **settings)[0] for v in memories]
        return moves[0] / moves[1]

    agree(student, reference, lambda m: m.run(from_nothing, grad, {**settings, "eps": 0.01}), **ANY_DTYPE)


@pytest.mark.exercise("rmsprop_step", points=0.5, hint="With v = g², what is αv + (1 − α)g²?")
def test_first_step_of_the_lecture_is_lr_long(student, reference, rng):
    """Started from v = g², as the lecture does, every parameter moves by η, however large or small its gradient."""
    theta, grad = torch.zeros(7), away(rng, 7) * torch.logspace(-3, 3, 7)
    settings = {"lr": 0.3, "alpha": 0.8, "eps": 0.0}
    agree(student, reference, lambda m: m.rmsprop_step(*fresh(theta, grad, grad**2), **settings)[0], **ANY_DTYPE)


@pytest.mark.exercise("rmsprop_step", points=0.5, hint="Which average goes into the next step? And which η?")
def test_forgets_over_many_steps(student, reference, rng):
    """Over many steps old squares fade by α, each step takes its own lr, and a zero gradient moves nothing but fades v."""
    theta, grads = single(rng, 5), away(rng, 7, 5) * torch.tensor([9.0, 0.1, 1.0, 0.0, 3.0, 0.01, 1.0])[:, None]
    settings = [{"lr": lr, "alpha": 0.6, "eps": 1e-12} for lr in (0.5, 0.05, 0.2, 0.9, 0.7, 0.1, 0.3)]
    args = ("rmsprop_step", theta, grads[0] ** 2, list(grads), settings)
    agree(student, reference, lambda m: m.run(walk, *args), **ANY_DTYPE)


@pytest.mark.exercise("rmsprop_step", points=0.5, hint="Is ε added before the root is taken, or after?")
def test_rmsprop_adds_eps_outside_the_root(student, reference, rng):
    """ε is added to √v', outside the root; where all gradients were 0, θ stays."""
    theta, grad = torch.zeros(6), away(rng, 6)
    grad[0] = 0.0
    settings = {"lr": 0.3, "alpha": 0.8, "eps": 0.6}
    agree(student, reference, lambda m: m.rmsprop_step(*fresh(theta, grad, grad**2), **settings)[0], **ANY_DTYPE)


@pytest.mark.exercise("rmsprop_step", points=0.25, hint="The defaults stand in the signature; 0 is a value, not a gap.")
def test_alpha_is_0_99_and_eps_1e_8_unless_given(student, reference, rng):
    """alpha is 0.99 and eps 1e-8 where they are not given; with both 0 each parameter moves by η."""
    theta, grad, square_avg = torch.zeros(5), away(rng, 5), squares(rng, 5)
    tiny = [torch.zeros(3, dtype=torch.float64), torch.logspace(-7, -9, 3, dtype=torch.float64)]
    for args, defaults in (
        ([theta, grad, square_avg], {"alpha": 0.99}),
        ([*tiny, torch.zeros(3, dtype=torch.float64)], {"eps": 1e-8}),
    ):
        agree(
            student,
            reference,
            lambda m, a=args, d=defaults: m.run(by_default, "rmsprop_step", a, {"lr": 0.3}, d).float(),
            elementwise=True,
            **ANY_DTYPE,
        )
    zeros = {"lr": 0.3, "alpha": 0.0, "eps": 0.0}
    agree(student, reference, lambda m: m.rmsprop_step(*fresh(theta, grad, grad**2), **zeros)[0], **ANY_DTYPE)
    agree(student, reference, lambda m: m.rmsprop_step(*fresh(theta, grad, square_avg), **zeros)[0], **ANY_DTYPE)


@pytest.mark.exercise(
    "rmsprop_step", points=0.25, hint="`*=`, `-=` and methods that end in `_` write into their tensor."
)
def test_rmsprop_step_leaves_its_inputs_alone(student, reference, rng):
    """No input changes, its requires_grad flag included; no .grad is left behind; the global generator is untouched."""
    inputs = [rng.normal(3, 4), rng.normal(3, 4), squares(rng, 3, 4, dtype=torch.float64)]
    settings = {"lr": 0.3, "alpha": 0.7}
    for required in (False, True):
        agree(student, reference, lambda m, r=required: m.run(leftovers, "rmsprop_step", inputs, settings, r))


@pytest.mark.exercise("rmsprop_step", points=0.25, hint="Which dtype has each tensor that you make?")
def test_rmsprop_step_works_for_every_shape_and_dtype(student, reference, rng):
    """Any shape works, contiguous or not; results keep theta's dtype: float32, and float64 to full precision."""
    everywhere(student, reference, rng, "rmsprop_step", 1, {"lr": 0.3, "alpha": 0.7, "eps": 0.0})


@pytest.mark.exercise("rmsprop_step", points=0.25, hint="0 ≤ α < 1, 0 ≤ η, 0 ≤ ε; compare the shapes yourself.")
def test_rmsprop_step_refuses_bad_values(student, reference, rng):
    """lr < 0, eps < 0, alpha outside [0, 1) and other shapes raise ValueError by name; lr, alpha and eps may be 0."""
    theta, grad, v = rng.normal(3, 4), away(rng, 3, 4, dtype=torch.float64), squares(rng, 3, 4, dtype=torch.float64)
    agree(student, reference, lambda m: m.rmsprop_step(theta, grad, v, lr=-0.1), names="lr")
    agree(student, reference, lambda m: m.rmsprop_step(theta, grad, v, lr=0.1, eps=-1e-3), names="eps")
    for alpha in (-0.2, 1.0, 1.5):
        agree(student, reference, lambda m, a=alpha: m.rmsprop_step(theta, grad, v, lr=0.1, alpha=a), names="alpha")
    agree(student, reference, lambda m: m.rmsprop_step(theta, grad[:1], v, lr=0.1), names="grad")
    agree(student, reference, lambda m: m.rmsprop_step(theta, grad, v[0], lr=0.1), names="square_avg")
    for settings in ({"lr": 0.0, "alpha": 0.0, "eps": 0.0}, {"lr": 3.0}):
        agree(student, reference, lambda m, s=settings: m.rmsprop_step(theta, grad, v, **s), **ACCEPTED)


@pytest.mark.exercise("rmsprop_step", points=0.25, hint="isinstance(…, torch.Tensor), then .is_floating_point().")
def test_rmsprop_step_refuses_wrong_types(student, reference, rng):
    """A number, a list or an integer tensor raises TypeError, and the message names the argument."""
    theta, counts = rng.normal(3), torch.tensor([1, 2, 3])
    agree(student, reference, lambda m: m.rmsprop_step(counts, theta, theta**2, lr=0.1), names="theta")
    agree(student, reference, lambda m: m.rmsprop_step(theta, [1.0, 2.0, 3.0], theta**2, lr=0.1), names="grad")
    agree(student, reference, lambda m: m.rmsprop_step(theta, theta, counts, lr=0.1), names="square_avg")
    agree(student, reference, lambda m: m.rmsprop_step(theta, theta, 1.0, lr=0.1), names="square_avg")
    agree(student, reference, lambda m: m.rmsprop_step(theta, theta, theta**2, lr=0.1), **ACCEPTED)


# adam_step: 7 points


@pytest.mark.exercise("adam_step", points=1.5, hint="Late in training θ moves by −η m'/√v', with the new m' and v'.")
def test_moves_by_mean_over_root_mean_square(student, reference, rng):
    """After many steps, where nothing is left to correct, θ moves by −η m'/√v', with both new averages, g and g² in them."""
    inputs = [single(rng, 3, 4), away(rng, 3, 4), away(rng, 3, 4), squares(rng, 3, 4)]
    for betas in ((0.7, 0.9), (0.8, 0.3)):
        settings = {"step": LATE, "lr": 0.3, "betas": betas, "eps": 0.0}
        agree(student, reference, lambda m, s=settings: m.adam_step(*fresh(*inputs), **s)[0], **ANY_DTYPE)


@pytest.mark.exercise("adam_step", points=1.5, hint="Each average is divided by one minus its own β to the power of t.")
def test_corrects_the_bias_of_both_averages(student, reference, rng):
    """m' is divided by 1 − β₁ᵗ and v' by 1 − β₂ᵗ, t counted from 1; after 1500 steps there still is something to correct."""
    theta, grad = torch.zeros(3, 4), away(rng, 3, 4)
    # With m = g and v = g² the averages stay as they are: only the correction is asked.
    for step, beta2 in ((2, 0.95), (5, 0.95), (1500, 0.999)):
        settings = {"step": step, "lr": 0.3, "betas": (0.7, beta2), "eps": 0.0}
        agree(
            student,
            reference,
            lambda m, s=settings: m.adam_step(*fresh(theta, grad, grad, grad**2), **s)[0],
            **ANY_DTYPE,
        )


@pytest.mark.exercise("adam_step", points=1, hint="The correction serves this step only: what does the next one need?")
def test_returns_the_uncorrected_averages(student, reference, rng):
    """The second and third result are m' = β₁m + (1 − β₁)g and v' = β₂v + (1 − β₂)g², uncorrected, at any step."""
    inputs = [single(rng, 3, 4), away(rng, 3, 4), away(rng, 3, 4), squares(rng, 3, 4)]
    settings = {"step": 3, "lr": 0.3, "betas": (0.7, 0.9), "eps": 0.0}
    agree(student, reference, lambda m: m.adam_step(*fresh(*inputs), **settings)[1:], **ANY_DTYPE)


@pytest.mark.exercise("adam_step", points=0.5, hint="At t = 1 from zeros, what are m̂ and √v̂?")
def test_first_step_is_lr_long(student, reference, rng):
    """At step 1, from zeros, every parameter moves by η, however large or small its gradient."""
    grad, zeros = away(rng, 7) * torch.logspace(-3, 3, 7), torch.zeros(7)
    settings = {"step": 1, "lr": 0.3, "betas": (0.8, 0.95), "eps": 0.0}
    agree(student, reference, lambda m: m.adam_step(*fresh(zeros, grad, zeros, zeros), **settings)[0], **ANY_DTYPE)


def walk_adam(m, theta, grads, lrs, betas, start):
    """Positions of a walk from zero averages whose steps are counted from `start`."""
    mean, mean_sq = torch.zeros_like(theta), torch.zeros_like(theta)
    path = []
    for t, (grad, lr) in enumerate(zip(grads, lrs, strict=True), start):
        given = [one.clone() for one in (theta, grad, mean, mean_sq)]
        theta, mean, mean_sq = m.adam_step(*given, step=t, lr=lr, betas=betas, eps=1e-12)
        path.append(theta.clone())
    return path


@pytest.mark.exercise("adam_step", points=0.5, hint="A zero gradient is a step like any other; η is this step's.")
def test_adam_walks_through_changing_rates(student, reference, rng):
    """Over many steps, lr changing, gradients large, small and 0, each step builds on the averages that the last returned."""
    theta, grads = single(rng, 5), away(rng, 7, 5) * torch.tensor([9.0, 0.1, 1.0, 0.0, 3.0, 0.01, 1.0])[:, None]
    args = (theta, list(grads), (0.5, 0.05, 0.2, 0.9, 0.7, 0.1, 0.3), (0.7, 0.9), LATE)
    agree(student, reference, lambda m: m.run(walk_adam, *args), **ANY_DTYPE)


@pytest.mark.exercise("adam_step", points=0.75, hint="Order: correct v', take the root, then add ε.")
def test_adam_adds_eps_outside_the_root_after_the_correction(student, reference, rng):
    """ε is added to √v̂: outside the root, after the bias correction; where all gradients were 0, θ stays."""
    theta, grad = torch.zeros(6), away(rng, 6)
    grad[0] = 0.0
    for step in (LATE, 2):
        settings = {"step": step, "lr": 0.3, "betas": (0.7, 0.9), "eps": 0.6}
        agree(
            student,
            reference,
            lambda m, s=settings: m.adam_step(*fresh(theta, grad, grad, grad**2), **s)[0],
            **ANY_DTYPE,
        )


@pytest.mark.exercise("adam_step", points=0.25, hint="The defaults stand in the signature; 0 is a value, not a gap.")
def test_settings_are_those_of_the_paper_unless_given(student, reference, rng):
    """lr is 1e-3, betas are (0.9, 0.999), eps is 1e-8 where not given; with betas (0, 0) and eps 0 all parameters move by η."""
    zeros, grad, mean, mean_sq = torch.zeros(5), away(rng, 5), away(rng, 5), squares(rng, 5)
    none = torch.zeros(3, dtype=torch.float64)
    tiny = torch.logspace(-7, -9, 3, dtype=torch.float64)
    for args, defaults in (
        ([zeros, grad, mean, mean_sq], {"lr": 1e-3}),
        ([zeros, grad, mean, mean_sq], {"betas": (0.9, 0.999)}),
        ([none, tiny, none, none], {"eps": 1e-8}),
    ):
        agree(
            student,
            reference,
            lambda m, a=args, d=defaults: m.run(by_default, "adam_step", a, {"step": 3}, d).float(),
            elementwise=True,
            **ANY_DTYPE,
        )
    bare = {"step": 3, "lr": 0.3, "betas": (0.0, 0.0), "eps": 0.0}
    agree(student, reference, lambda m: m.adam_step(*fresh(zeros, grad, mean, mean_sq), **bare)[0], **ANY_DTYPE)


@pytest.mark.exercise("adam_step", points=0.25, hint="`*=`, `-=` and methods that end in `_` write into their tensor.")
def test_adam_step_leaves_its_inputs_alone(student, reference, rng):
    """No input changes, its requires_grad flag included; no .grad is left behind; the global generator is untouched."""
    inputs = [rng.normal(3, 4) for _ in range(3)] + [squares(rng, 3, 4, dtype=torch.float64)]
    settings = {"step": 2, "lr": 0.3}
    for required in (False, True):
        agree(student, reference, lambda m, r=required: m.run(leftovers, "adam_step", inputs, settings, r))


@pytest.mark.exercise("adam_step", points=0.25, hint="Which dtype has each tensor that you make, of the betas too?")
def test_adam_step_works_for_every_shape_and_dtype(student, reference, rng):
    """Any shape works, contiguous or not; the dtype stays theta's: float32, and float64 in full, the corrections included."""
    settings = {"step": LATE, "lr": 0.3, "betas": (0.7, 0.9), "eps": 0.0}
    everywhere(student, reference, rng, "adam_step", 2, settings)

    def moves(m, grad, settings):
        move = m.adam_step(torch.zeros_like(grad), grad, grad.clone(), grad**2, **settings)[0]
        return bool((torch.isfinite(move) & (move != 0)).all())

    near_one = {"step": 2, "lr": 0.3, "betas": (NEAR_ONE, NEAR_ONE), "eps": 0.0}
    agree(student, reference, lambda m: m.run(moves, away(rng, 4, dtype=torch.float64), near_one))


@pytest.mark.exercise("adam_step", points=0.25, hint="1 ≤ t, 0 ≤ β < 1, 0 ≤ η, 0 ≤ ε; compare the shapes yourself.")
def test_adam_step_refuses_bad_values(student, reference, rng):
    """step < 1, lr < 0, eps < 0, betas outside [0, 1) and other shapes raise ValueError, by name; 0 is allowed but for step."""
    theta, grad, mean = rng.normal(3, 4), away(rng, 3, 4, dtype=torch.float64), rng.normal(3, 4)
    mean_sq = squares(rng, 3, 4, dtype=torch.float64)
    for step in (0, -1):
        agree(student, reference, lambda m, t=step: m.adam_step(theta, grad, mean, mean_sq, step=t), names="step")
    for betas in ((1.0, 0.9), (0.9, 1.0), (-0.1, 0.9), (0.9, -0.1), (0.9, 1.5)):
        agree(student, reference, lambda m, b=betas: m.adam_step(theta, grad, mean, mean_sq, 2, betas=b), names="betas")
    agree(student, reference, lambda m: m.adam_step(theta, grad, mean, mean_sq, 2, lr=-0.1), names="lr")
    agree(student, reference, lambda m: m.adam_step(theta, grad, mean, mean_sq, 2, eps=-1e-3), names="eps")
    agree(student, reference, lambda m: m.adam_step(theta, grad[:1], mean, mean_sq, 2), names="grad")
    agree(student, reference, lambda m: m.adam_step(theta, grad, mean[:1], mean_sq, 2), names="exp_avg")
    agree(student, reference, lambda m: m.adam_step(theta, grad, mean, mean_sq[0], 2), names="exp_avg_sq")
    for settings in ({"step": 1, "lr": 0.0, "betas": (0.0, 0.0), "eps": 0.0}, {"step": 1, "lr": 3.0}):
        agree(student, reference, lambda m, s=settings: m.adam_step(theta, grad, mean, mean_sq, **s), **ACCEPTED)


@pytest.mark.exercise("adam_step", points=0.25, hint="isinstance(…, torch.Tensor), then .is_floating_point().")
def test_adam_step_refuses_wrong_types(student, reference, rng):
    """A number, a list or an integer tensor raises TypeError, and the message names the argument."""
    theta, counts = rng.normal(3), torch.tensor([1, 2, 3])
    agree(student, reference, lambda m: m.adam_step(counts, theta, theta, theta**2, 2), names="theta")
    agree(student, reference, lambda m: m.adam_step(theta, [1.0, 2.0, 3.0], theta, theta**2, 2), names="grad")
    agree(student, reference, lambda m: m.adam_step(theta, theta, counts, theta**2, 2), names="exp_avg")
    agree(student, reference, lambda m: m.adam_step(theta, theta, 0.0, theta**2, 2), names="exp_avg")
    agree(student, reference, lambda m: m.adam_step(theta, theta, theta, counts, 2), names="exp_avg_sq")
    agree(student, reference, lambda m: m.adam_step(theta, theta, theta, theta**2, 2), **ACCEPTED)


# Adam: 4 points


def train(m, start, grads, settings, changes=None):
    """The parameter after each step, the gradients given; changes are written into the param group, step by step."""
    p = torch.nn.Parameter(start.clone())
    optimizer = m.Adam([p], **settings)
    path = []
    for number, grad in enumerate(grads):
        optimizer.param_groups[0].update((changes or {}).get(number, {}))
        p.grad = grad.clone()
        optimizer.step()
        path.append(p.detach().clone())
    return path


@pytest.mark.exercise("Adam", points=0.5, hint="Both averages start at zero, and t is 1 at the first step.")
def test_follows_the_corrected_averages(student, reference, rng):
    """p moves as torch.optim.Adam moves it, from the first step on and in place: p stays the parameter that it was."""
    start, grads = single(rng, 3, 4), away(rng, 12, 3, 4) * torch.logspace(1, -2, 12)[:, None, None]
    grads[3] = 0.0
    settings = {"lr": 0.3, "betas": (0.7, 0.9), "eps": 1e-2}
    agree(student, reference, lambda m: m.run(train, start, list(grads), settings), **ANY_DTYPE)

    def seen_from_outside(m, start, grad):
        p = torch.nn.Parameter(start.clone())
        same_memory = p.detach()
        optimizer = m.Adam([p], lr=0.3)
        p.grad = grad.clone()
        optimizer.step()
        return same_memory

    agree(student, reference, lambda m: m.run(seen_from_outside, start, grads[0]), **ANY_DTYPE)


@pytest.mark.exercise("Adam", points=0.5, hint="group['lr'], group['betas'], group['eps'], read inside step().")
def test_reads_its_settings_from_the_group_at_each_step(student, reference, rng):
    """A changed lr, betas or eps in the param group rules the next step, in the bias correction too."""
    start, grads = single(rng, 5), list(away(rng, 6, 5))
    settings = {"lr": 0.9, "betas": (0.5, 0.8), "eps": 0.1}
    for changes in (
        {1: {"lr": 0.1}, 3: {"lr": 0.4}},
        {2: {"betas": (0.8, 0.8)}, 4: {"betas": (0.3, 0.95)}},
        {2: {"eps": 2.0}, 4: {"eps": 1e-3}},
    ):
        agree(student, reference, lambda m, c=changes: m.run(train, start, grads, settings, c), **ANY_DTYPE)


@pytest.mark.exercise("Adam", points=0.5, hint="Averages and count for each parameter: self.state[p].")
def test_keeps_a_state_for_each_parameter(student, reference, rng):
    """All parameters train, groups added later too, with averages and settings of their own; a second Adam starts afresh."""

    def experiment(m, starts, grads):
        ps = [torch.nn.Parameter(start.clone()) for start in starts]
        groups = [
            {"params": ps[:2], "lr": 0.3},
            {"params": ps[2:4], "betas": (0.3, 0.6)},
            {"params": ps[4:5], "eps": 0.7},
        ]
        optimizer = m.Adam(groups, lr=0.1, betas=(0.6, 0.9), eps=1e-3)
        optimizer.add_param_group({"params": ps[5:], "lr": 0.2})
        for step in grads:
            for p, grad in zip(ps, step, strict=True):
                p.grad = grad.clone()
            optimizer.step()
        ps[0].grad = grads[0][0].clone()
        m.Adam(ps[:1], lr=0.3, betas=(0.6, 0.9), eps=1e-3).step()
        return [p.detach() for p in ps]

    shapes = ((3, 2), (4,), (3, 2), (4,), (3, 2), (3, 2))
    starts, grads = [single(rng, *s) for s in shapes], [[away(rng, *s) for s in shapes] for _ in range(4)]
    agree(student, reference, lambda m: m.run(experiment, starts, grads), **ANY_DTYPE)


def train_with_gaps(m, starts, grads, missing, betas):
    """The parameters after each step; in step k the parameters in missing[k] have no gradient."""
    ps = [torch.nn.Parameter(start.clone()) for start in starts]
    optimizer = m.Adam(ps, lr=0.3, betas=betas, eps=1e-12)
    path = []
    for step, absent in zip(grads, missing, strict=True):
        for k, p in enumerate(ps):
            p.grad = None if k in absent else step[k].clone()
        optimizer.step()
        path.append([p.detach().clone() for p in ps])
    return path


@pytest.mark.exercise("Adam", points=0.25, hint="None is not zero: a zero gradient would let m fade and p move.")
def test_skips_parameters_without_gradient(student, reference, rng):
    """A parameter whose grad is None stays, and its averages too; those behind it train on."""
    # Averages that have long been constant hide what the count is: who counts wrong loses the next check, not this one.
    starts, steps = [single(rng, 4) for _ in range(3)], [[away(rng, 4) for _ in range(3)] for _ in range(5)]
    grads = [[one.clone() for one in steps[0]] for _ in range(7)] + steps
    missing = [()] * 7 + [(1,), (), (0, 2), (0,), ()]
    args = (starts, grads, missing, (0.1, 0.1))
    agree(student, reference, lambda m: m.run(train_with_gaps, *args)[7:], **ANY_DTYPE)


@pytest.mark.exercise("Adam", points=0.5, hint="Whose first step is it? Keep the count beside the averages.")
def test_counts_the_steps_of_each_parameter(student, reference, rng):
    """t counts a parameter's own steps: one that gets its first gradient late is corrected as at a first step."""
    starts, grads = [single(rng, 4) for _ in range(3)], [[away(rng, 4) for _ in range(3)] for _ in range(6)]
    missing = [(1,), (1,), (0, 1), (0,), (2,), ()]
    agree(student, reference, lambda m: m.run(train_with_gaps, starts, grads, missing, (0.8, 0.97)), **ANY_DTYPE)


def overwrite_grad(m, start, grads, betas):
    """Steps whose gradients are all written into one .grad tensor: path, and .grad after each step."""
    p = torch.nn.Parameter(start.clone())
    optimizer = m.Adam([p], lr=0.3, betas=betas, eps=1e-12)
    path, left = [], []
    for number, grad in enumerate(grads):
        if p.grad is None:
            p.grad = torch.zeros_like(p)
        p.grad.copy_(grad)
        optimizer.param_groups[0]["betas"] = betas if number == 0 else (0.6, 0.9)
        optimizer.step()
        path.append(p.detach().clone())
        left.append(p.grad if p.grad is None else p.grad.clone())
    return {"path": path, "left": left, "moved": not torch.equal(p, start)}


@pytest.mark.exercise(
    "Adam", points=0.25, hint="Which lines of step() write into p.grad, or keep it under another name?"
)
def test_leaves_grad_alone(student, reference, rng):
    """After a step .grad holds what it held before, and a .grad that is overwritten in place spoils no average."""
    start, grads = rng.normal(4), [away(rng, 4, dtype=torch.float64) for _ in range(4)]

    def left(m):
        seen = m.run(overwrite_grad, start, grads, (0.6, 0.9))
        return seen["left"], seen["moved"]  # a step that does nothing earns nothing

    agree(student, reference, left)
    # With β₁ = 0 at the first step the average equals the gradient: it must not be the gradient's own tensor.
    single_grads = [grad.float() for grad in grads]
    agree(
        student,
        reference,
        lambda m: m.run(overwrite_grad, start.float(), single_grads, (0.0, 0.0))["path"],
        **ANY_DTYPE,
    )


@pytest.mark.exercise(
    "Adam", points=0.5, hint="state_dict() saves what is in self.state and self.param_groups, no more."
)
def test_resumes_from_its_state_dict(student, reference, rng):
    """A fresh Adam that loads the state_dict goes on as if there had been no break: averages, counts and settings."""

    def experiment(m, starts, grads, fresh):
        ps = [torch.nn.Parameter(start.clone()) for start in starts]
        groups = [{"params": ps[:1], "lr": 0.3, "eps": 0.2}, {"params": ps[1:], "betas": (0.5, 0.97)}]
        optimizer = m.Adam(groups, lr=0.1, betas=(0.8, 0.95), eps=1e-12)
        path = []
        for number, row in enumerate(grads):
            if number == 2:
                saved = optimizer.state_dict()
                if fresh:
                    ps = [torch.nn.Parameter(p.detach().clone()) for p in ps]
                    optimizer = m.Adam([{"params": ps[:1]}, {"params": ps[1:]}], lr=0.9, betas=(0.1, 0.2), eps=1.0)
                optimizer.load_state_dict(saved)
            for k, (p, grad) in enumerate(zip(ps, row, strict=True)):
                p.grad = None if k == 2 and number == 0 else grad.clone()
            optimizer.step()
            path.append([p.detach().clone() for p in ps])
        return path[2:]

    shapes = ((3, 2), (4,), (3, 2))
    starts, grads = [single(rng, *s) for s in shapes], [[away(rng, *s) for s in shapes] for _ in range(4)]
    for anew in (True, False):
        agree(student, reference, lambda m, f=anew: m.run(experiment, starts, grads, f), **ANY_DTYPE)


@pytest.mark.exercise(
    "Adam", points=0.25, hint="step runs without gradients; the closure needs them: torch.enable_grad()."
)
def test_step_takes_a_closure(student, reference, rng):
    """step(closure) calls it once, before the update, and returns its loss; step() returns None; zero_grad() clears."""

    def experiment(m, start, target):
        p = torch.nn.Parameter(start.clone())
        optimizer = m.Adam([p], lr=0.1, betas=(0.6, 0.9), eps=1e-12)
        losses, calls = [], []

        def closure():
            optimizer.zero_grad()
            loss = ((p - target) ** 2).sum()
            loss.backward()
            calls.append(1)
            return loss

        for _ in range(3):
            loss = optimizer.step(closure)
            losses.append(None if loss is None else loss.item())
        return {"losses": losses, "calls": len(calls), "p": p.detach().clone(), "without": optimizer.step()}

    start, target = single(rng, 4), single(rng, 4)
    agree(student, reference, lambda m: m.run(experiment, start, target), **ANY_DTYPE)


@pytest.mark.exercise("Adam", points=0.25, hint="The defaults stand in the signature; 0 is a value, not a gap.")
def test_group_settings_are_those_of_the_paper_unless_given(student, reference, rng):
    """Groups have lr 1e-3, betas (0.9, 0.999), eps 1e-8 unless given; all may be 0: betas (0, 0) with eps 0 move p by lr."""

    def groups(m, settings):
        group = m.Adam([torch.nn.Parameter(torch.zeros(2))], **settings).param_groups[0]
        return [float(group["lr"]), [float(beta) for beta in group["betas"]], float(group["eps"])]

    for settings in ({}, {"lr": 0.5}, {"betas": (0.5, 0.7)}, {"eps": 0.25}):
        agree(student, reference, lambda m, s=settings: m.run(groups, s), elementwise=True)
    start, grads = single(rng, 4), list(away(rng, 3, 4))
    for settings in ({"lr": 0.3, "betas": (0.0, 0.0), "eps": 0.0}, {"lr": 0.0}):
        agree(student, reference, lambda m, s=settings: m.run(train, start, grads, s), **ANY_DTYPE)


@pytest.mark.exercise("Adam", points=0.25, hint="Which dtype have the averages? And 1 − βᵗ, if t is a tensor?")
def test_trains_every_shape_and_dtype(student, reference, rng):
    """Any shape trains, contiguous or not; parameters keep their dtype: float32, and float64 in full, corrections included."""

    def experiment(m, starts, grads):
        # With β = 0 and ε = 0 a step is lr·g/|g|: a walk that no other question touches, but for the last step.
        ps = [torch.nn.Parameter(start.clone(memory_format=torch.preserve_format)) for start in starts]
        optimizer = m.Adam(ps, lr=0.3, betas=(0.0, 0.0), eps=0.0)
        for p, grad in zip(ps, grads, strict=True):
            p.grad = grad.clone(memory_format=torch.preserve_format)
        optimizer.step()
        return [p.detach().double() for p in ps], [str(p.dtype) for p in ps]

    wide = [rng.normal(), rng.normal(2, 3, 4), rng.normal(4, 3).T]
    slopes = [away(rng, *start.shape, dtype=torch.float64) for start in wide]
    agree(student, reference, lambda m: m.run(experiment, wide, slopes))
    narrow = [one.float() for one in wide], [one.float() for one in slopes]
    agree(student, reference, lambda m: m.run(experiment, *narrow)[1])

    def moves(m, grad, beta):
        p = torch.nn.Parameter(torch.zeros_like(grad))
        optimizer = m.Adam([p], lr=0.3, betas=(beta, beta), eps=0.0)
        p.grad = grad.clone()
        optimizer.step()
        return bool((torch.isfinite(p) & (p != 0)).all())

    agree(student, reference, lambda m: m.run(moves, slopes[2], NEAR_ONE))


@pytest.mark.exercise("Adam", points=0.25, hint="Check before super().__init__, and name the argument: lr, betas, eps.")
def test_refuses_bad_settings(student, reference):
    """A negative lr or eps, or betas outside [0, 1), raise ValueError on construction, by name; 0 is allowed, lr above 1 too."""

    def construct(m, settings):
        m.Adam([torch.nn.Parameter(torch.zeros(2))], **settings)
        return "accepted"

    for name, value in (
        ("lr", -0.1),
        ("eps", -1e-9),
        ("betas", (1.0, 0.9)),
        ("betas", (0.9, 1.0)),
        ("betas", (-0.1, 0.9)),
        ("betas", (0.9, -0.1)),
    ):
        agree(student, reference, lambda m, n=name, v=value: m.run(construct, {n: v}), names=name)
    for settings in ({"lr": 0.0, "betas": (0.0, 0.0), "eps": 0.0}, {"lr": 3.0}):
        agree(student, reference, lambda m, s=settings: m.run(construct, s))
