"""Hidden checks of a3_momentum. Each docstring is the sentence that the student reads; the reference's docstrings promise it.

Experiments run beside the student's code: they name only torch, builtins and their arguments. Checks of values draw float32
and take any dtype, because precision and dtype have checks of their own, and one mistake is to cost one check. There, where a
result must show full double precision, large numbers cancel: what single precision loses is as large as the result.
"""

import pytest
import torch

from autograder.checking import agree

# A call that must not be refused; whether its value is right is asked elsewhere.
ACCEPTED = {"same_dtype": False, "type_only": True}
ANY_DTYPE = {"same_dtype": False}


def single(rng, *shape, std=1.0):
    """Normal numbers in float32."""
    return rng.normal(*shape, dtype=torch.float32, std=std)


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


# gd_step: 2 points


@pytest.mark.exercise("gd_step", points=1, hint="η scales the gradient, and the loss falls against the gradient.")
def test_moves_against_the_gradient(student, reference, rng):
    """θ moves by −η times the gradient, however large or small that is."""
    for lr in (0.03, 0.7):
        theta, grad = single(rng, 3, 4), single(rng, 3, 4, std=5.0)
        agree(
            student,
            reference,
            lambda m, theta=theta, grad=grad, lr=lr: m.gd_step(*fresh(theta, grad), lr=lr),
            **ANY_DTYPE,
        )


@pytest.mark.exercise("gd_step", points=0.25, hint="`-=` and methods that end in `_` write into their tensor.")
def test_gd_step_leaves_its_inputs_alone(student, reference, rng):
    """No input changes, its requires_grad flag included; no .grad is left behind; the global generator is untouched."""
    inputs = [rng.normal(3, 4), rng.normal(3, 4)]
    settings = {"lr": 0.3}
    for required in (False, True):
        agree(
            student,
            reference,
            lambda m, required=required: m.run(leftovers, "gd_step", inputs, settings, required),
        )


@pytest.mark.exercise("gd_step", points=0.25, hint="Which dtype has each tensor that you make?")
def test_gd_step_works_for_every_shape_and_dtype(student, reference, rng):
    """Any shape works, contiguous or not, and the result keeps theta's dtype: float32, and float64 to full precision."""
    for shape in ((), (5,), (2, 3, 4)):
        theta, grad = single(rng, *shape), single(rng, *shape)
        agree(student, reference, lambda m, theta=theta, grad=grad: m.gd_step(*fresh(theta, grad), lr=0.3))
    sideways, grad = single(rng, 4, 3).T, single(rng, 3, 4)
    agree(student, reference, lambda m: m.gd_step(*fresh(sideways, grad), lr=0.3))
    far, small = rng.normal(3, 4, std=1e7), rng.normal(3, 4)
    back = far / 0.3 + small  # θ and ηg cancel but for the last term
    agree(student, reference, lambda m: m.gd_step(*fresh(far, back), lr=0.3))


@pytest.mark.exercise("gd_step", points=0.25, hint="Compare the shapes yourself: torch would stretch one of them.")
def test_gd_step_refuses_bad_values(student, reference, rng):
    """A negative lr and a grad of another shape raise ValueError, by the argument's name; lr may be 0, or above 1."""
    theta, grad = rng.normal(3, 4), rng.normal(3, 4)
    agree(student, reference, lambda m: m.gd_step(theta, grad, lr=-0.1), names="lr")
    agree(student, reference, lambda m: m.gd_step(theta, grad[0], lr=0.1), names="grad")
    for lr in (0.0, 3.0):
        agree(student, reference, lambda m, lr=lr: m.gd_step(theta, grad, lr=lr), **ACCEPTED)


@pytest.mark.exercise("gd_step", points=0.25, hint="isinstance(…, torch.Tensor), then .is_floating_point().")
def test_gd_step_refuses_wrong_types(student, reference, rng):
    """A list or an integer tensor raises TypeError, and the message names the argument."""
    theta, counts = rng.normal(3), torch.tensor([1, 2, 3])
    agree(student, reference, lambda m: m.gd_step(counts, theta, lr=0.1), names="theta")
    agree(student, reference, lambda m: m.gd_step(theta, counts, lr=0.1), names="grad")
    agree(student, reference, lambda m: m.gd_step(theta, [1.0, 2.0, 3.0], lr=0.1), names="grad")
    agree(student, reference, lambda m: m.gd_step(theta, theta, lr=0.1), **ACCEPTED)


# momentum_step: 6 points


def walk(m, theta, grads, lrs, momentum):
    """Positions and movements of a walk from rest, the learning rate of each step given."""
    movement = torch.zeros_like(theta)
    path = []
    for grad, lr in zip(grads, lrs, strict=True):
        theta, movement = m.momentum_step(theta.clone(), grad, movement.clone(), lr=lr, momentum=momentum)
        path.append((theta, movement))
    return path


@pytest.mark.exercise("momentum_step", points=2, hint="Which movement does θ follow: the old or the new one?")
def test_moves_by_the_new_movement(student, reference, rng):
    """The result is (θ', m'): m' = λm − ηg, and θ moves by m', the movement that already holds this gradient."""
    theta, grad, movement = (single(rng, 3, 4) for _ in range(3))
    agree(
        student, reference, lambda m: m.momentum_step(*fresh(theta, grad, movement), lr=0.3, momentum=0.7), **ANY_DTYPE
    )


@pytest.mark.exercise(
    "momentum_step", points=1, hint="η enters once: with the gradient of the step, into the movement."
)
def test_carries_the_movement_through_changing_rates(student, reference, rng):
    """Over many steps, lr changing, each gradient counts with the lr of its own step, and one that is zero adds nothing."""
    theta, grads = single(rng, 5), single(rng, 6, 5)
    grads[3] = 0.0
    lrs = [0.5, 0.05, 0.2, 0.7, 0.01, 0.3]
    agree(student, reference, lambda m: m.run(walk, theta, list(grads), lrs, 0.8), **ANY_DTYPE)


@pytest.mark.exercise("momentum_step", points=0.5, hint="What is m' when m is zero? No factor but η belongs to g.")
def test_first_step_from_rest_is_gradient_descent(student, reference, rng):
    """From rest (m = 0) the step is one of gradient descent, whatever the momentum."""
    theta, grad, rest = single(rng, 3, 4), single(rng, 3, 4), torch.zeros(3, 4)
    agree(student, reference, lambda m: m.momentum_step(*fresh(theta, grad, rest), 0.3, 0.6), **ANY_DTYPE)


@pytest.mark.exercise(
    "momentum_step", points=0.5, hint="The ball passes the point where the slope is zero: what drives it?"
)
def test_rolls_on_where_the_gradient_is_zero(student, reference, rng):
    """Where the gradient is zero, in some coordinates or in all, θ still moves by λm."""
    theta, movement, grad, none = single(rng, 6), single(rng, 6), single(rng, 6), torch.zeros(6)
    grad[::2] = 0.0
    agree(
        student, reference, lambda m: m.momentum_step(*fresh(theta, grad, movement), lr=0.3, momentum=0.7), **ANY_DTYPE
    )
    agree(
        student, reference, lambda m: m.momentum_step(*fresh(theta, none, movement), lr=0.3, momentum=0.7), **ANY_DTYPE
    )


@pytest.mark.exercise("momentum_step", points=0.5, hint="The default stands in the signature; 0 is a value, not a gap.")
def test_momentum_is_0_9_unless_given_and_may_be_zero(student, reference, rng):
    """Momentum is 0.9 where it is not given; 0 is allowed and forgets the past."""
    theta, grad, movement = (single(rng, 3, 4) for _ in range(3))
    agree(student, reference, lambda m: m.momentum_step(*fresh(theta, grad, movement), lr=0.3), **ANY_DTYPE)
    agree(
        student, reference, lambda m: m.momentum_step(*fresh(theta, grad, movement), lr=0.3, momentum=0.0), **ANY_DTYPE
    )


@pytest.mark.exercise(
    "momentum_step", points=0.5, hint="`*=`, `-=` and methods that end in `_` write into their tensor."
)
def test_momentum_step_leaves_its_inputs_alone(student, reference, rng):
    """No input changes, its requires_grad flag included; no .grad is left behind; the global generator is untouched."""
    inputs = [rng.normal(3, 4) for _ in range(3)]
    settings = {"lr": 0.3, "momentum": 0.7}
    for required in (False, True):
        agree(
            student,
            reference,
            lambda m, required=required: m.run(leftovers, "momentum_step", inputs, settings, required),
        )


@pytest.mark.exercise("momentum_step", points=0.5, hint="Which dtype has each tensor that you make?")
def test_momentum_step_works_for_every_shape_and_dtype(student, reference, rng):
    """Any shape works, contiguous or not, and results keep theta's dtype: float32, and float64 to full precision."""
    for shape in ((), (5,), (2, 3, 4)):
        inputs = [single(rng, *shape) for _ in range(3)]
        agree(student, reference, lambda m, inputs=inputs: m.momentum_step(*fresh(*inputs), lr=0.3, momentum=0.7))
    sideways = [single(rng, 4, 3).T for _ in range(3)]
    agree(student, reference, lambda m: m.momentum_step(*fresh(*sideways), lr=0.3, momentum=0.7))
    theta, fast = rng.normal(3, 4), rng.normal(3, 4, std=1e7)
    against = 0.7 / 0.3 * fast + rng.normal(3, 4)  # λm and ηg cancel but for the last term
    agree(student, reference, lambda m: m.momentum_step(*fresh(theta, against, fast), lr=0.3, momentum=0.7))


@pytest.mark.exercise("momentum_step", points=0.25, hint="0 ≤ λ < 1, and 0 ≤ η; compare the shapes yourself.")
def test_momentum_step_refuses_bad_values(student, reference, rng):
    """lr < 0 (0 and 3 are allowed), momentum < 0 or ≥ 1 and other shapes raise ValueError, by the argument's name."""
    theta, grad, movement = (rng.normal(3, 4) for _ in range(3))
    agree(student, reference, lambda m: m.momentum_step(theta, grad, movement, lr=-0.1, momentum=0.7), names="lr")
    for momentum in (-0.2, 1.0, 1.5):
        agree(
            student,
            reference,
            lambda m, momentum=momentum: m.momentum_step(theta, grad, movement, lr=0.1, momentum=momentum),
            names="momentum",
        )
    agree(student, reference, lambda m: m.momentum_step(theta, grad[:1], movement, lr=0.1), names="grad")
    agree(student, reference, lambda m: m.momentum_step(theta, grad, movement[0], lr=0.1), names="movement")
    for lr in (0.0, 3.0):
        agree(
            student, reference, lambda m, lr=lr: m.momentum_step(theta, grad, movement, lr=lr, momentum=0.0), **ACCEPTED
        )


@pytest.mark.exercise("momentum_step", points=0.25, hint="isinstance(…, torch.Tensor), then .is_floating_point().")
def test_momentum_step_refuses_wrong_types(student, reference, rng):
    """A number, a list or an integer tensor raises TypeError, and the message names the argument."""
    theta, counts = rng.normal(3), torch.tensor([1, 2, 3])
    agree(student, reference, lambda m: m.momentum_step(counts, theta, theta, lr=0.1), names="theta")
    agree(student, reference, lambda m: m.momentum_step(theta, [1.0, 2.0, 3.0], theta, lr=0.1), names="grad")
    agree(student, reference, lambda m: m.momentum_step(theta, theta, counts, lr=0.1), names="movement")
    agree(student, reference, lambda m: m.momentum_step(theta, theta, 0.0, lr=0.1), names="movement")
    agree(student, reference, lambda m: m.momentum_step(theta, theta, theta, lr=0.1), **ACCEPTED)


# unroll_movement: 4 points


@pytest.mark.exercise("unroll_movement", points=1.5, hint="In m_t, how old is g_i? That is the power of λ beside it.")
def test_sums_all_past_gradients(student, reference, rng):
    """Row t holds −η times the sum of all gradients up to that step, each weighted with λ to the power of its age."""
    grads = single(rng, 7, 3)
    grads[2] = 0.0
    agree(student, reference, lambda m: m.unroll_movement(grads.clone(), lr=0.3, momentum=0.8), **ANY_DTYPE)


@pytest.mark.exercise("unroll_movement", points=0.5, hint="Follow one gradient through the steps after it.")
def test_one_gradient_fades_by_the_momentum(student, reference, rng):
    """A single gradient adds nothing before its step, −η g at it, and the momentum-th part of that at each step after."""
    grads = torch.zeros(9, 2)
    grads[3] = rng.uniform(1.0, 2.0, 2, dtype=torch.float32)
    agree(
        student,
        reference,
        lambda m: m.unroll_movement(grads.clone(), lr=0.4, momentum=0.3),
        elementwise=True,
        **ANY_DTYPE,
    )


@pytest.mark.exercise("unroll_movement", points=0.5, hint="What is λ⁰ when λ is 0?")
def test_without_momentum_only_the_last_gradient_counts(student, reference, rng):
    """With momentum 0 each movement is −η times the gradient of its own step."""
    grads = single(rng, 5, 3)
    agree(student, reference, lambda m: m.unroll_movement(grads.clone(), lr=0.3, momentum=0.0), **ANY_DTYPE)


@pytest.mark.exercise("unroll_movement", points=0.5, hint="Weights λ^(t−i) are at most 1; what happens to 1/λ^i?")
def test_stays_exact_over_a_long_history(student, reference, rng):
    """Hundreds of steps give finite movements, right to the last, with a small momentum as with one near 1."""
    grads = single(rng, 240, 2)  # 1/0.04^240 overflows in float64 too
    for momentum in (0.04, 0.99):
        agree(
            student,
            reference,
            lambda m, momentum=momentum: m.unroll_movement(grads.clone(), lr=0.3, momentum=momentum),
            **ANY_DTYPE,
        )


@pytest.mark.exercise("unroll_movement", points=0.25, hint="The sum runs over the first axis only.")
def test_unroll_movement_works_for_every_shape(student, reference, rng):
    """The gradients may be scalars, vectors or of any shape, contiguous or not, and one step is enough."""
    for grads in (single(rng, 6), single(rng, 5, 2, 3), single(rng, 3, 4, 2).transpose(0, 2), single(rng, 1, 4)):
        agree(
            student,
            reference,
            lambda m, grads=grads: m.unroll_movement(grads.clone(), lr=0.3, momentum=0.7),
            **ANY_DTYPE,
        )


@pytest.mark.exercise("unroll_movement", points=0.25, hint="Which dtype have the weights?")
def test_unroll_movement_keeps_the_dtype(student, reference, rng):
    """float32 gives float32, and float64 gives float64 to full precision."""
    grads, old = single(rng, 6, 3), rng.normal(3, std=1e7)
    agree(student, reference, lambda m: m.unroll_movement(grads.clone(), lr=0.3, momentum=0.7))
    cancelling = torch.stack([old, rng.normal(3) - 0.7 * old])
    agree(student, reference, lambda m: m.unroll_movement(cancelling.clone(), lr=0.3, momentum=0.7)[-1])
    near = 0.3 * (old - rng.normal(3))
    agree(student, reference, lambda m: m.unroll_movement(cancelling.clone(), lr=0.3, momentum=0.7)[0] + near)


@pytest.mark.exercise("unroll_movement", points=0.25, hint="Does a row of grads hold a movement when you are done?")
def test_unroll_movement_leaves_its_input_alone(student, reference, rng):
    """grads does not change, its requires_grad flag included; no .grad is left; the global generator is untouched."""
    grads = rng.normal(5, 3)
    settings = {"lr": 0.3, "momentum": 0.7}
    for required in (False, True):
        agree(
            student,
            reference,
            lambda m, required=required: m.run(leftovers, "unroll_movement", [grads], settings, required),
        )


@pytest.mark.exercise("unroll_movement", points=0.25, hint="ValueError for a bad value or shape, TypeError for a type.")
def test_unroll_movement_refuses_bad_arguments(student, reference, rng):
    """lr < 0, momentum outside [0, 1), 0-dimensional or non-float grads are refused, and the message names the argument."""
    grads = rng.normal(5, 3)
    agree(student, reference, lambda m: m.unroll_movement(grads, lr=-0.1, momentum=0.7), names="lr")
    agree(student, reference, lambda m: m.unroll_movement(grads, lr=0.1, momentum=-0.2), names="momentum")
    agree(student, reference, lambda m: m.unroll_movement(grads, lr=0.1, momentum=1.0), names="momentum")
    agree(student, reference, lambda m: m.unroll_movement(grads[0, 0], lr=0.1, momentum=0.7), names="grads")
    agree(student, reference, lambda m: m.unroll_movement(torch.tensor([1, 2]), lr=0.1, momentum=0.7), names="grads")
    agree(student, reference, lambda m: m.unroll_movement([1.0, 2.0], lr=0.1, momentum=0.7), names="grads")
    for lr in (0.0, 3.0):
        agree(student, reference, lambda m, lr=lr: m.unroll_movement(grads, lr=lr, momentum=0.0), **ACCEPTED)


# trajectory: 3 points. The rows are counted in one check; the others look at the last ones.


@pytest.mark.exercise(
    "trajectory", points=1, hint="At each step: the gradient where you stand, the new movement, the move."
)
def test_visits_the_points_of_momentum_descent(student, reference, rng):
    """On a quadratic the rows are the points that momentum descent visits from rest, step by step."""
    curvature, start = rng.uniform(0.5, 3.0, 3, dtype=torch.float32), single(rng, 3)
    agree(
        student,
        reference,
        lambda m: m.trajectory(lambda theta: curvature * theta, start.clone(), 0.2, 0.7, 8)[-8:],
        **ANY_DTYPE,
    )


@pytest.mark.exercise("trajectory", points=0.5, hint="steps moves visit steps + 1 points.")
def test_begins_with_the_start(student, reference, rng):
    """There are steps + 1 rows, row 0 is theta0, and with steps 0 it is the only one."""
    start = single(rng, 4)
    agree(
        student, reference, lambda m: m.trajectory(lambda theta: theta - 5.0, start.clone(), 0.2, 0.5, 1), **ANY_DTYPE
    )
    agree(
        student, reference, lambda m: m.trajectory(lambda theta: theta - 5.0, start.clone(), 0.2, 0.5, 0), **ANY_DTYPE
    )


@pytest.mark.exercise(
    "trajectory", points=0.5, hint="A zero gradient does not end the walk: the movement is still there."
)
def test_rolls_across_a_plateau(student, reference, rng):
    """Where the loss is flat the ball rolls on, and the walk has as many steps as were asked for."""
    start = rng.uniform(1.2, 1.4, 3, dtype=torch.float32)

    def slope(theta):
        return torch.where(theta.abs() < 1.0, torch.zeros_like(theta), theta)

    agree(student, reference, lambda m: m.trajectory(slope, start.clone(), 0.3, 0.8, 9)[-9:], **ANY_DTYPE)


@pytest.mark.exercise("trajectory", points=0.25, hint="Momentum 0 is allowed.")
def test_trajectory_without_momentum_is_gradient_descent(student, reference, rng):
    """With momentum 0 the walk is that of gradient descent."""
    start = single(rng, 4)
    agree(
        student,
        reference,
        lambda m: m.trajectory(lambda theta: 2.0 * theta, start.clone(), 0.1, 0.0, 5)[-5:],
        **ANY_DTYPE,
    )


@pytest.mark.exercise("trajectory", points=0.25, hint="Which dtype has the tensor that collects the rows?")
def test_trajectory_works_for_every_shape_and_dtype(student, reference, rng):
    """theta0 may have any shape, contiguous or not, and the rows keep its dtype: float32, and float64 to full precision."""
    for start in (single(rng), single(rng, 2, 3), single(rng, 3, 2).T):
        agree(
            student,
            reference,
            lambda m, start=start: m.trajectory(lambda theta: theta.sin(), start.clone(), 0.2, 0.7, 4)[-4:],
        )
    start, steep = rng.normal(3), rng.normal(3, std=1e8)
    way, movement, ways = 0.0, 0.0, []
    for _ in range(4):  # on a constant slope: without the way down, theta0 is what is left of the rows
        movement = 0.7 * movement - 0.2
        way += movement
        ways.append(way * steep)

    def rows_and_rest(m):
        rows = m.trajectory(lambda theta: steep.clone(), start.clone(), 0.2, 0.7, 4)[-4:]
        return rows, rows - torch.stack(ways)

    agree(student, reference, rows_and_rest)


@pytest.mark.exercise("trajectory", points=0.25, hint="Is the tensor that you move still theta0 itself?")
def test_trajectory_leaves_theta0_alone(student, reference, rng):
    """theta0 does not change, its requires_grad flag included; no .grad is left; the global generator is untouched."""

    def experiment(m, start, required):
        start = start.clone().requires_grad_(required)
        generator = torch.get_rng_state()
        answers = isinstance(m.trajectory(lambda theta: theta - 5.0, start, 0.2, 0.5, 3), torch.Tensor)
        untouched = torch.equal(generator, torch.get_rng_state())
        return start.detach(), start.requires_grad, start.grad, untouched, answers

    start = rng.normal(4)
    for required in (False, True):
        agree(student, reference, lambda m, required=required: m.run(experiment, start, required))


@pytest.mark.exercise("trajectory", points=0.25, hint="ValueError for a bad value, TypeError for a type.")
def test_trajectory_refuses_bad_arguments(student, reference, rng):
    """lr < 0, momentum outside [0, 1), steps < 0 or a theta0 that holds no floats are refused, by the argument's name."""
    start, counts = rng.normal(3), torch.tensor([1, 2, 3])
    agree(student, reference, lambda m: m.trajectory(lambda theta: 2.0 * theta, start, -0.1, 0.7, 3), names="lr")
    agree(student, reference, lambda m: m.trajectory(lambda theta: 2.0 * theta, start, 0.1, -0.2, 3), names="momentum")
    agree(student, reference, lambda m: m.trajectory(lambda theta: 2.0 * theta, start, 0.1, 1.0, 3), names="momentum")
    agree(student, reference, lambda m: m.trajectory(lambda theta: 2.0 * theta, start, 0.1, 0.7, -1), names="steps")
    agree(student, reference, lambda m: m.trajectory(lambda theta: 2.0 * theta, counts, 0.1, 0.7, 3), names="theta0")
    agree(
        student, reference, lambda m: m.trajectory(lambda theta: 2.0 * theta, [1.0, 2.0], 0.1, 0.7, 3), names="theta0"
    )
    for lr in (0.0, 3.0):
        agree(
            student,
            reference,
            lambda m, lr=lr: m.trajectory(lambda theta: 2.0 * theta, start, lr, 0.0, 3)[-1],
            **ACCEPTED,
        )


# MomentumSGD: 5 points


def train(m, start, grads, settings, lrs=None, own=None):
    """The parameter after each step, the gradients given; lrs are set step by step, own rates in the param group."""
    p = torch.nn.Parameter(start.clone())
    optimizer = m.MomentumSGD([{"params": [p], **(own or {})}], **settings)
    path = []
    for step, grad in enumerate(grads):
        if lrs is not None:
            optimizer.param_groups[0]["lr"] = lrs[step]
        p.grad = grad.clone()
        optimizer.step()
        path.append(p.detach().clone())
    return path


@pytest.mark.exercise(
    "MomentumSGD", points=1, hint="The buffer b starts as the first gradient itself; p moves by −lr·b."
)
def test_follows_the_buffer(student, reference, rng):
    """At each step b ← μb + g, with b ← g at the first, and p ← p − lr·b, in place: p stays the parameter that it was."""
    start, grads = single(rng, 3, 4), single(rng, 24, 3, 4)
    grads[3] = 0.0
    agree(student, reference, lambda m: m.run(train, start, list(grads), {"lr": 0.3, "momentum": 0.7}))

    def seen_from_outside(m, start, grad):
        p = torch.nn.Parameter(start.clone())
        same_memory = p.detach()
        optimizer = m.MomentumSGD([p], lr=0.3, momentum=0.7)
        p.grad = grad.clone()
        optimizer.step()
        return same_memory

    agree(student, reference, lambda m: m.run(seen_from_outside, start, grads[0]))


@pytest.mark.exercise(
    "MomentumSGD", points=0.5, hint="group['lr'], read inside step(); b itself knows no learning rate."
)
def test_reads_lr_from_its_group_at_each_step(student, reference, rng):
    """A learning rate that is changed in the param group rules the next step, for the whole buffer."""
    start, grads, lrs = single(rng, 5), single(rng, 5, 5), [0.5, 0.05, 0.2, 0.01, 0.3]
    agree(student, reference, lambda m: m.run(train, start, list(grads), {"lr": 0.9, "momentum": 0.7}, lrs))


@pytest.mark.exercise("MomentumSGD", points=0.5, hint="One buffer for each parameter: self.state[p].")
def test_keeps_a_buffer_for_each_parameter(student, reference, rng):
    """All parameters train, each by its group's own rates of the moment, in a group that is added later too."""

    def experiment(m, starts, grads):
        ps = [torch.nn.Parameter(start.clone()) for start in starts]
        groups = [{"params": ps[:2], "lr": 0.3}, {"params": ps[2:5], "momentum": 0.5}]
        optimizer = m.MomentumSGD(groups, lr=0.1, momentum=0.8)
        optimizer.add_param_group({"params": ps[5:], "lr": 0.2})
        for number, step in enumerate(grads):
            if number == 2:
                optimizer.param_groups[1]["momentum"] = 0.2
            for p, grad in zip(ps, step, strict=True):
                p.grad = grad.clone()
            optimizer.step()
        return [p.detach() for p in ps]

    shapes = ((3, 2), (4,), (3, 2), (4,), (3, 2), (3, 2))
    starts, grads = [single(rng, *s) for s in shapes], [[single(rng, *s) for s in shapes] for _ in range(4)]
    agree(student, reference, lambda m: m.run(experiment, starts, grads))


@pytest.mark.exercise("MomentumSGD", points=0.5, hint="None is not zero: a zero gradient would let b fade and p move.")
def test_skips_parameters_without_gradient(student, reference, rng):
    """A parameter whose grad is None stays, and its buffer too; the next gradient finds the buffer as it was."""

    def experiment(m, starts, grads):
        ps = [torch.nn.Parameter(start.clone()) for start in starts]
        optimizer = m.MomentumSGD(ps, lr=0.3, momentum=0.6)
        missing = [(1,), (), (0, 2), (0,), ()]
        path = []
        for step, absent in zip(grads, missing, strict=True):
            for k, p in enumerate(ps):
                p.grad = None if k in absent else step[k].clone()
            optimizer.step()
            path.append([p.detach().clone() for p in ps])
        return path

    starts, grads = [single(rng, 4) for _ in range(3)], [[single(rng, 4) for _ in range(3)] for _ in range(5)]
    agree(student, reference, lambda m: m.run(experiment, starts, grads))


def overwrite_grad(m, start, grads, momenta):
    """Steps, a momentum each, whose gradients are all written into one .grad tensor: path, and .grad after each step."""
    p = torch.nn.Parameter(start.clone())
    optimizer = m.MomentumSGD([p], lr=0.3, momentum=0.6)
    path, left = [], []
    for grad, momentum in zip(grads, momenta, strict=True):
        optimizer.param_groups[0]["momentum"] = momentum
        if p.grad is None:
            p.grad = torch.zeros_like(p)
        p.grad.copy_(grad)
        optimizer.step()
        path.append(p.detach().clone())
        left.append(p.grad if p.grad is None else p.grad.clone())
    return {"path": path, "left": left, "moved": not torch.equal(p, start)}


@pytest.mark.exercise("MomentumSGD", points=0.25, hint="Which lines of step() write into p.grad?")
def test_never_changes_grad(student, reference, rng):
    """After a step .grad holds what it held before."""
    start, grads = rng.normal(4), list(rng.normal(3, 4))

    def left(m):
        seen = m.run(overwrite_grad, start, grads, [0.6] * 3)
        return seen["left"], seen["moved"]  # a step that does nothing earns nothing

    agree(student, reference, left)


@pytest.mark.exercise(
    "MomentumSGD", points=0.25, hint="b = p.grad is a second name for the same memory; clone() is a copy."
)
def test_keeps_its_own_copy_of_the_gradient(student, reference, rng):
    """A gradient that is written into the same .grad tensor, as zero_grad(set_to_none=False) does, spoils no buffer."""
    start, grads = single(rng, 4), list(single(rng, 4, 4))
    agree(student, reference, lambda m: m.run(overwrite_grad, start, grads, [0.6] * 4)["path"])
    # The first gradient is zero: who keeps no buffer while momentum is 0 gets the same path.
    rest = [torch.zeros(4), *grads]
    agree(student, reference, lambda m: m.run(overwrite_grad, start, rest, [0.0, 0.9, 0.9, 0.9, 0.9])["path"])


@pytest.mark.exercise(
    "MomentumSGD", points=0.5, hint="state_dict() saves what is in self.state and self.param_groups, no more."
)
def test_resumes_from_its_state_dict(student, reference, rng):
    """A fresh MomentumSGD that loads the state_dict goes on as if there had been no break: buffers, lr and momentum."""

    def experiment(m, starts, grads):
        ps = [torch.nn.Parameter(start.clone()) for start in starts]
        optimizer = m.MomentumSGD([{"params": ps[:1], "lr": 0.3}, {"params": ps[1:]}], lr=0.1, momentum=0.8)
        path = []
        for step, row in enumerate(grads):
            if step == 2:
                saved = optimizer.state_dict()
                ps = [torch.nn.Parameter(p.detach().clone()) for p in ps]
                optimizer = m.MomentumSGD([{"params": ps[:1]}, {"params": ps[1:]}], lr=0.9, momentum=0.1)
                optimizer.load_state_dict(saved)
            for p, grad in zip(ps, row, strict=True):
                p.grad = grad.clone()
            optimizer.step()
            path.append([p.detach().clone() for p in ps])
        return path

    shapes = ((3, 2), (4,), (3, 2))
    starts, grads = [single(rng, *s) for s in shapes], [[single(rng, *s) for s in shapes] for _ in range(4)]
    agree(student, reference, lambda m: m.run(experiment, starts, grads))


@pytest.mark.exercise(
    "MomentumSGD", points=0.25, hint="step runs without gradients; the closure needs them: torch.enable_grad()."
)
def test_step_takes_a_closure(student, reference, rng):
    """step(closure) calls it once, before the update, and returns its loss; step() returns None; zero_grad() clears."""

    def experiment(m, start, target):
        p = torch.nn.Parameter(start.clone())
        optimizer = m.MomentumSGD([p], lr=0.1, momentum=0.6)
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
    agree(student, reference, lambda m: m.run(experiment, start, target))


@pytest.mark.exercise("MomentumSGD", points=0.25, hint="The default stands in the signature; 0 is a value, not a gap.")
def test_group_momentum_is_0_9_unless_given_and_may_be_zero(student, reference, rng):
    """Momentum is 0.9 where it is not given; with 0 it is plain gradient descent; with lr 0 nothing moves."""
    start, grads = single(rng, 4), list(single(rng, 4, 4))
    for settings in ({"lr": 0.3}, {"lr": 0.3, "momentum": 0.0}, {"lr": 0.0, "momentum": 0.5}):
        agree(student, reference, lambda m, settings=settings: m.run(train, start, grads, settings))
    own = {"momentum": 0.0}
    agree(student, reference, lambda m: m.run(train, start, grads, {"lr": 0.3}, None, own))


@pytest.mark.exercise("MomentumSGD", points=0.5, hint="Which dtype has the buffer?")
def test_trains_every_shape_and_dtype(student, reference, rng):
    """Parameters of any shape train, contiguous or not, in float32, and in float64 to full precision."""
    settings = {"lr": 0.3, "momentum": 0.7}
    for start in (single(rng), single(rng, 2, 3, 4), single(rng, 4, 3).T):
        grads = [single(rng, *start.shape) for _ in range(3)]
        agree(student, reference, lambda m, start=start, grads=grads: m.run(train, start, grads, settings))

    def second_move(m, grads):
        p = torch.nn.Parameter(torch.zeros_like(grads[0]))
        optimizer = m.MomentumSGD([p], lr=0.3, momentum=0.5)
        for grad in grads:
            before = p.detach().clone()
            p.grad = grad.clone()
            optimizer.step()
        return p.detach() - before

    steep = 2.0**24 * torch.tensor([1.0, -2.0, 3.0, 5.0], dtype=torch.float64)
    grads = [steep + rng.uniform(0.2, 0.8, 4), -0.5 * steep]  # what is left when μb and g cancel, float32 cannot hold
    agree(student, reference, lambda m: m.run(second_move, grads))


def construct(m, settings):
    """Makes an optimiser: all that can go wrong is a refusal."""
    m.MomentumSGD([torch.nn.Parameter(torch.zeros(2))], **settings)
    return "accepted"


@pytest.mark.exercise("MomentumSGD", points=0.25, hint="Check before super().__init__, and name the argument: lr.")
def test_refuses_a_negative_lr(student, reference):
    """A negative lr raises ValueError on construction, and the message names lr; 0 is allowed, and so is a lr above 1."""
    for lr in (-0.1, -1e-9):
        agree(student, reference, lambda m, lr=lr: m.run(construct, {"lr": lr}), names="lr")
    for lr in (0.0, 3.0):
        agree(student, reference, lambda m, lr=lr: m.run(construct, {"lr": lr}))


@pytest.mark.exercise("MomentumSGD", points=0.25, hint="0 ≤ μ < 1: with μ = 1 nothing is ever forgotten.")
def test_refuses_a_momentum_outside_0_to_1(student, reference):
    """A momentum below 0, of 1 or above raises ValueError on construction, and the message names momentum; 0 is allowed."""
    for momentum in (-0.1, 1.0, 1.5):
        settings = {"lr": 0.1, "momentum": momentum}
        agree(student, reference, lambda m, settings=settings: m.run(construct, settings), names="momentum")
    agree(student, reference, lambda m: m.run(construct, {"lr": 0.1, "momentum": 0.0}))
