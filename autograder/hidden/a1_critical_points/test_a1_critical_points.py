"""Hidden checks of a1_critical_points. A docstring is the sentence that the student reads; the reference's docstrings promise it.

Losses and experiments run beside the student's code: they name only torch, builtins, their arguments and what they close over.
Checks of values draw float32 and take any dtype, because precision and dtype have checks of their own, and one mistake is to
cost one check. Degenerate spectra are in float64, and every eigenvalue keeps clear of the tolerance.
"""

import re

import pytest
import torch

from autograder.checking import agree, agree_up_to_sign

ANY_DTYPE = {"same_dtype": False}
# A call that must not be refused; whether its value is right is asked elsewhere.
ACCEPTED = {"same_dtype": False, "type_only": True}


def single(rng, *shape, std=1.0):
    """Normal numbers in float32."""
    return rng.normal(*shape, dtype=torch.float32, std=std)


def as_single(value):
    """A real tensor in float32, so that a wrong dtype costs the check of dtypes only."""
    return value.float() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


def waves(a, b, offset=40.0):
    """A loss all of whose derivatives matter, every pair of parameters mixed. Differences drown in the offset."""
    # As a tensor: forward-mode autograd (torch.func.jvp) makes float64 of a number that is added to a 0-dim float32 tensor.
    offset = torch.full((), offset, dtype=a.dtype)

    def f(theta):
        return offset + torch.log1p((a @ theta) ** 2) + (theta * b).sin().prod() + (theta**3 * b).sum() / 3

    return f


def plus(f, steep, bend):
    """f and a term that is steep or bent beyond what float32 can hold beside f's own derivatives."""

    def total(theta):
        return f(theta) + steep @ theta + theta @ bend @ theta / 2

    return total


def wave_inputs(rng, n, dtype=torch.float32):
    """Coefficients of `waves` and a point, away from 0."""
    a, b, theta = (rng.uniform(0.5, 1.5, n, dtype=dtype) for _ in range(3))
    return a, b, theta


def with_spectrum(spectrum, rng, dtype=torch.float64):
    """A dense symmetric matrix with these eigenvalues."""
    values = torch.tensor(spectrum, dtype=torch.float64)
    axes = torch.linalg.qr(rng.normal(len(values), len(values))).Q
    product = axes @ torch.diag(values) @ axes.T
    return ((product + product.T) / 2).to(dtype)


def small_beside_the_largest(rng, signs=(1, -1)):
    """Calls for which it matters what rtol is relative to: the largest |λ|, no entry of H and no norm of all λ."""
    alike = torch.ones(6, 6, dtype=torch.float64) + 0.3 * torch.eye(6, dtype=torch.float64)  # λ = 6.3 and 0.3
    many = with_spectrum([0.2] + [1.0] * 8, rng)
    # Here it matters that λ is computed in H's dtype: float32 makes ±1e-8 of 1e-13.
    fine = with_spectrum([1e-13, 1e-13, 1e-13, 1e-13, 0.5, 0.7, 1.0], rng)
    return [(sign * H, rtol) for H, rtol in ((alike, 0.1), (many, 0.1), (fine, 1e-11)) for sign in signs]


def bent_matrix():
    """A large Hessian that differs from a symmetric one by rounding: by 0.1, which is 5e-8 of its largest entry."""
    return torch.tensor([[-1e6, 0.1], [0.0, 2e6]], dtype=torch.float64)


def beside_trusted(m, experiment, args):
    """An experiment on a function that may build on other exercises: where the student's own are wrong, torch's answer.

    What is wrong with those is charged to them.
    """

    def refuse(f, theta):
        if not isinstance(theta, torch.Tensor) or not theta.is_floating_point():
            raise TypeError("theta must be a tensor of floats")
        if theta.dim() != 1:
            raise ValueError("theta must be a vector")
        if f(theta.detach()).dim() != 0:
            raise ValueError("f must return one number")

    def gradient(f, theta, *_, **__):
        refuse(f, theta)
        return torch.autograd.functional.jacobian(f, theta.detach())

    def hessian(f, theta, *_, **__):
        refuse(f, theta)
        return torch.autograd.functional.hessian(f, theta.detach())

    def classify_hessian(H, rtol=1e-6, *_, **__):
        values = torch.linalg.eigvalsh(H.detach())
        tol = rtol * values.abs().max()
        up, down = bool((values > tol).any()), bool((values < -tol).any())
        if up and down:
            return "saddle point"
        if bool((values.abs() <= tol).any()):
            return "degenerate"
        return "local minimum" if up else "local maximum"

    def same(mine, right):
        if isinstance(right, str):
            return mine == right
        fits = isinstance(mine, torch.Tensor) and mine.shape == right.shape and mine.dtype == right.dtype
        if not fits:
            return False
        rounding = 1000 * torch.finfo(right.dtype).eps
        return torch.allclose(mine, right, rtol=rounding, atol=rounding * float(right.abs().max()))

    def copied(value):
        return value.clone() if isinstance(value, torch.Tensor) else value

    def corrected(own, trusted):
        def helper(*args, **keywords):
            given = [*args, *keywords.values()]
            cells = [cell.cell_contents for item in given for cell in getattr(item, "__closure__", None) or ()]
            held = [(item, item.grad) for item in (*given, *cells) if isinstance(item, torch.Tensor) and item.is_leaf]
            args = [copied(item) for item in args]
            keywords = {key: copied(item) for key, item in keywords.items()}
            right = trusted(*args, **keywords)
            generator = torch.get_rng_state()
            try:
                mine = own(*args, **keywords)
            except Exception:
                return right
            finally:  # what the helper leaves behind is charged to it
                torch.set_rng_state(generator)
                for item, grad in held:
                    item.grad = grad
            return mine if same(mine, right) else right

        return helper

    trusted = {"gradient": gradient, "hessian": hessian, "classify_hessian": classify_hessian}
    own = {key: getattr(m, key) for key in trusted if hasattr(m, key)}
    for key in own:
        setattr(m, key, corrected(own[key], trusted[key]))
    try:
        return experiment(m, *args)
    finally:
        for key in own:
            setattr(m, key, own[key])


def each(m, name, calls):
    """The answers to several calls, each on tensors of its own."""
    return [
        getattr(m, name)(*(item.clone() if isinstance(item, torch.Tensor) else item for item in call)) for call in calls
    ]


def beside(m, name, calls):
    """As `each`, every answer less what is known of it: the last item of a call."""
    return [getattr(m, name)(*call) - known for *call, known in calls]


def less(result, known):
    """A tensor less what is known of it; the shape must be that of the known part."""
    fits = isinstance(result, torch.Tensor) and result.shape == known.shape
    return result - known if fits else result


def either(call, name, other):
    """A call whose refusal may name `other` for `name`: where two arguments disagree, nobody says which is to blame."""

    def asked(m):
        try:
            return call(m)
        except ValueError as error:
            if other and re.search(rf"(?<!\w){other}(?!\w)", str(error)):
                raise ValueError(name) from None
            raise

    return asked


def agree_beside_trusted(student, reference, experiment, *args, instead="", **rules):
    """`agree` for an experiment on a function that may build on other exercises."""

    def plain(m, experiment, args):
        return experiment(m, *args)

    def call(m):
        return m.run(beside_trusted if m is student else plain, experiment, args)

    agree(student, reference, either(call, rules.get("names"), instead), **rules)


def agree_on_trusted(student, reference, name, *calls, **rules):
    """`agree` for calls of a function that may build on other exercises."""
    agree_beside_trusted(student, reference, each, name, calls, **rules)


def refuse_trusted(student, reference, name, *args, **rules):
    """The same for one call that is refused."""
    agree_on_trusted(student, reference, name, args, **rules)


def leftovers_of_loss(m, name, *cases):
    """What calls leave behind on their points (which require grad where `required`), on f's tensors, on the generator."""
    left = []
    for points, required in cases:
        points = [point.clone().requires_grad_(required) for point in points]
        for point in points if required else ():
            point.grad = torch.full_like(point, 3.0, requires_grad=False)  # somebody else's
        weight = torch.ones_like(points[0], requires_grad=True)

        def f(theta, weight=weight):
            return (weight * (theta - 0.5) ** 2).sum() + (theta**3).sum()

        torch.rand(())  # so that seeding shows, whatever was seeded before
        generator = torch.get_rng_state()
        result = getattr(m, name)(f, *points)
        left.append(
            {
                "answers": isinstance(result, (torch.Tensor, str)),  # doing nothing earns nothing
                "values": [point.detach() for point in points],
                "requires_grad": [point.requires_grad for point in points],
                "grad": [point.grad for point in points],
                "grad of f's tensor": weight.grad,
                "weight requires grad": weight.requires_grad,
                "generator untouched": torch.equal(generator, torch.get_rng_state()),
            }
        )
    return left


def leftovers_of_matrix(m, name, H):
    """What calls leave behind on a matrix, which requires grad or not, and on the global generator."""
    left = []
    for required in (False, True):
        mine = H.clone().requires_grad_(required)
        if required:
            mine.grad = torch.full_like(H, 3.0)  # somebody else's
        torch.rand(())  # so that seeding shows, whatever was seeded before
        generator = torch.get_rng_state()
        result = getattr(m, name)(mine)
        left.append(
            {
                "answers": result is not None,
                "values": mine.detach(),
                "requires_grad": mine.requires_grad,
                "grad": mine.grad,
                "generator untouched": torch.equal(generator, torch.get_rng_state()),
            }
        )
    return left


def of_flat_losses(m, name, theta, slopes):
    """The answers for losses that are constant or linear, with and without parameters of their own, or ignore part of theta."""
    weights = slopes.clone().requires_grad_()

    def constant(theta):
        return torch.full((), 2.5, dtype=theta.dtype)

    def constant_of_weights(theta):
        return weights.sum()

    def linear(theta):
        return slopes @ theta + 4

    def linear_in_weights(theta):
        return weights @ theta

    def apart(theta):
        return theta[0] ** 3 * slopes[0] + 40 * theta[0]  # steep, so that differences of gradients show

    losses = (constant, constant_of_weights, linear, linear_in_weights, apart)
    return [getattr(m, name)(f, theta.clone()) for f in losses]


def at_strided_point(m, name, f, theta):
    """A call at a point whose numbers do not lie side by side in memory."""
    return getattr(m, name)(f, torch.stack([theta, theta], dim=1)[:, 0])


def agree_on_each(student, reference, name, calls):
    """`agree` for several calls at once."""
    agree(student, reference, lambda m: m.run(each, name, calls))


def bad_matrices():
    """What is no Hessian: not square, not a matrix, not finite, not symmetric."""
    symmetric = torch.tensor([[2.0, 1.0], [1.0, -3.0]], dtype=torch.float64)
    bent = torch.tensor([[0.0, 1e-8], [0.0, 0.0]], dtype=torch.float64)
    slightly = torch.tensor([[1.0, 3.0], [3.0 + 4.5e-6, -2.0]], dtype=torch.float64)  # by 1.5e-6 of the largest entry
    hole, endless = symmetric.clone(), symmetric.clone()
    hole[0, 1] = hole[1, 0] = float("nan")
    endless[1, 1] = float("inf")
    return [
        torch.ones(2, 3),
        torch.ones(3),
        torch.ones(2, 3, 3),
        hole,
        endless,
        symmetric.triu(),
        symmetric * 1e-9 + bent,
        slightly,
    ]


def refuse_bad_matrices(student, reference, name):
    """The refusals that every function of H has in common; one call goes through."""
    for H in bad_matrices():
        agree(student, reference, lambda m, H=H: getattr(m, name)(H), names="H")
    for wrong in (torch.tensor([[-2, 1], [1, 3]]), [[-2.0, 1.0], [1.0, 3.0]]):
        agree(student, reference, lambda m, wrong=wrong: getattr(m, name)(wrong), names="H")


def agree_on_call(student, reference, name, *args, **rules):
    """`agree` for one call."""
    agree(student, reference, lambda m: getattr(m, name)(*args), **rules)


def refuse_bad_points(student, reference, name, agree_on=agree_on_call):
    """The refusals that every function of f and theta has in common."""

    def total(theta):
        return (theta**2).sum()

    def several(theta):
        return theta**2

    point = torch.tensor([0.5, -1.0, 2.0])
    for theta in (point[0], point.reshape(1, 3), torch.tensor([1, 2, 3]), [0.5, -1.0, 2.0]):
        agree_on(student, reference, name, total, theta, names="theta")
    agree_on(student, reference, name, several, point, names="f")


# gradient: 2 points


@pytest.mark.exercise(
    "gradient", points=1, hint="torch.autograd.grad gives first derivatives; at which point, of what?"
)
def test_is_the_vector_of_first_derivatives(student, reference, rng):
    """Entry i is the first derivative of f by parameter i, at theta."""
    a, b, theta = wave_inputs(rng, 4)
    f = waves(a, b)
    agree(student, reference, lambda m: m.gradient(f, theta.clone()), **ANY_DTYPE)


@pytest.mark.exercise("gradient", points=0.25, hint="What does autograd say of a result that has no history?")
def test_gradient_is_zero_where_f_is_flat(student, reference, rng):
    """A constant f has gradient 0, and so has f along a parameter that it does not use; a linear f has its slopes. f may hold
    parameters of its own."""
    theta, slopes = single(rng, 2), single(rng, 2)
    agree(student, reference, lambda m: m.run(of_flat_losses, "gradient", theta, slopes), **ANY_DTYPE)


@pytest.mark.exercise("gradient", points=0.25, hint="Is every number differentiated, and none estimated or converted?")
def test_gradient_is_exact_in_every_dtype(student, reference, rng):
    """The gradient has theta's dtype and is exact up to rounding: float32, and float64 to full precision; n = 1 works."""
    a, b, theta = wave_inputs(rng, 2)
    agree(student, reference, lambda m: m.gradient(waves(a, b), theta.clone()), type_only=True)
    for n in (2, 1):
        a, b, theta = wave_inputs(rng, n, torch.float64)
        steep = rng.normal(n, std=1e7)
        f = plus(waves(a, b), steep, torch.zeros(n, n, dtype=torch.float64))
        # What is left beside the steep slopes is what float32 cannot hold.
        agree(
            student,
            reference,
            lambda m, f=f, theta=theta, steep=steep: less(m.run(at_strided_point, "gradient", f, theta), steep),
        )


@pytest.mark.exercise(
    "gradient", points=0.25, hint="requires_grad_() marks the tensor that it is called on, .backward() many."
)
def test_gradient_leaves_no_trace(student, reference, rng):
    """theta does not change, its flag included; no .grad is left, on f's tensors neither; the generator is untouched."""
    point = [single(rng, 2)]
    agree(student, reference, lambda m: m.run(leftovers_of_loss, "gradient", (point, False), (point, True)))


@pytest.mark.exercise("gradient", points=0.25, hint="ValueError for a shape, TypeError for a type; name the argument.")
def test_gradient_refuses_bad_arguments(student, reference):
    """A theta that is no vector of floats and an f that returns several numbers are refused, by the argument's name."""
    refuse_bad_points(student, reference, "gradient")


# hessian: 4 points


@pytest.mark.exercise("hessian", points=1.5, hint="Row i: how does entry i of the gradient change with each parameter?")
def test_is_the_matrix_of_second_derivatives(student, reference, rng):
    """Entry (i, j) is the second derivative of f by parameters i and j, at theta."""
    a, b, theta = wave_inputs(rng, 4)
    f = waves(a, b)
    agree(student, reference, lambda m: m.hessian(f, theta.clone()), **ANY_DTYPE)


@pytest.mark.exercise("hessian", points=0.5, hint="H belongs to f and a point; whether f fits data plays no part.")
def test_hessian_of_a_chain_of_weights(student, reference, rng):
    """For the lecture's (1 − w1 w2)² and for (1 − w1 w2 w3)² H is right, at 0 and elsewhere."""

    def loss(theta):
        return (1 - theta.prod()) ** 2

    calls = [(loss, theta) for theta in (torch.zeros(2), torch.zeros(3), single(rng, 2))]
    agree(student, reference, lambda m: m.run(each, "hessian", calls), **ANY_DTYPE)


@pytest.mark.exercise(
    "hessian", points=0.75, hint="Where nothing depends on theta any more, autograd raises or gives None."
)
def test_hessian_is_zero_where_f_does_not_bend(student, reference, rng):
    """A constant and a linear f have H = 0; a parameter that does not bend f has a row and a column of zeros. f may hold
    parameters of its own."""
    theta, slopes = single(rng, 2), single(rng, 2)
    agree(student, reference, lambda m: m.run(of_flat_losses, "hessian", theta, slopes), **ANY_DTYPE)


@pytest.mark.exercise("hessian", points=0.5, hint="Is every number differentiated, and none estimated or converted?")
def test_hessian_is_exact_in_every_dtype(student, reference, rng):
    """H has theta's dtype and is exact up to rounding: float32, and float64 to full precision; n = 1 gives (1, 1)."""
    a, b, theta = wave_inputs(rng, 2)
    agree(student, reference, lambda m: m.hessian(waves(a, b), theta.clone()), type_only=True)
    for n in (2, 1):
        a, b, theta = wave_inputs(rng, n, torch.float64)
        bend = rng.normal(n, n, std=1e9)
        f = plus(waves(a, b), torch.zeros(n, dtype=torch.float64), bend)
        known = (bend + bend.T) / 2  # what is left beside it is what float32 cannot hold
        agree(
            student,
            reference,
            lambda m, f=f, theta=theta, known=known: less(m.run(at_strided_point, "hessian", f, theta), known),
        )


@pytest.mark.exercise(
    "hessian", points=0.5, hint="requires_grad_() marks the tensor that it is called on, .backward() many."
)
def test_hessian_leaves_no_trace(student, reference, rng):
    """theta does not change, its flag included; no .grad is left, on f's tensors neither; the generator is untouched."""
    point = [single(rng, 2)]
    agree(student, reference, lambda m: m.run(leftovers_of_loss, "hessian", (point, False), (point, True)))


@pytest.mark.exercise("hessian", points=0.25, hint="ValueError for a shape, TypeError for a type; name the argument.")
def test_hessian_refuses_bad_arguments(student, reference):
    """A theta that is no vector of floats and an f that returns several numbers are refused, by the argument's name."""
    refuse_bad_points(student, reference, "hessian")


# taylor_quadratic: 2 points


@pytest.mark.exercise(
    "taylor_quadratic", points=0.75, hint="Everything but d is taken at θ0; the last term has a factor."
)
def test_is_the_second_order_expansion(student, reference, rng):
    """The value is L(θ0) + dᵀg + ½ dᵀHd with g and H at θ0 and d = θ − θ0, near θ0 and far from it."""
    a, b, theta0 = wave_inputs(rng, 3)
    calls = []
    for curved, far in ((b, 0.5), (-b, 3.0)):  # upwards and downwards
        theta = theta0 + far * rng.uniform(0.5, 1.0, 3, dtype=torch.float32)
        calls.append((waves(a, curved, offset=1.0), theta0, theta))
    agree_on_trusted(student, reference, "taylor_quadratic", *calls, **ANY_DTYPE)


@pytest.mark.exercise("taylor_quadratic", points=0.5, hint="Which terms are left where f has no third derivative?")
def test_is_f_itself_up_to_degree_two(student, reference, rng):
    """For a constant, a linear and a quadratic f the expansion is f itself; at θ = θ0 it is L(θ0)."""
    bend, slopes, theta0, theta = single(rng, 2, 2), single(rng, 2), single(rng, 2), single(rng, 2)

    def constant(theta):
        return torch.full((), 2.5, dtype=theta.dtype)

    def linear(theta):
        return slopes @ theta + 4

    def quadratic(theta):
        return theta @ bend @ theta + slopes @ theta + 4

    calls = [(f, theta0, theta) for f in (constant, linear, quadratic)]
    agree_on_trusted(student, reference, "taylor_quadratic", *calls, (quadratic, theta0, theta0), **ANY_DTYPE)


@pytest.mark.exercise("taylor_quadratic", points=0.25, hint="One number as a tensor: shape (), and the dtype of θ0.")
def test_expansion_is_exact_in_every_dtype(student, reference, rng):
    """The result is a 0-dim tensor of theta0's dtype: float32, and float64 to full precision; n = 1 works."""
    a, b, theta0 = wave_inputs(rng, 2)
    theta = theta0 + rng.uniform(0.5, 1.0, 2, dtype=torch.float32)
    agree_on_trusted(student, reference, "taylor_quadratic", (waves(a, b), theta0, theta), type_only=True)
    calls = []
    for n in (2, 1):
        a, b, theta0 = wave_inputs(rng, n, torch.float64)
        theta, steep, bend = theta0 + rng.uniform(0.5, 1.0, n), rng.normal(n, std=1e7), rng.normal(n, n, std=1e7)
        # What is left beside the steep and bent part, which is known, is what float32 cannot hold: of d, g, H or the sum.
        known = float(steep @ theta + theta @ bend @ theta / 2)
        calls.append((plus(waves(a, b, offset=1.0), steep, bend), theta0, theta, known))
    agree_beside_trusted(student, reference, beside, "taylor_quadratic", calls)


@pytest.mark.exercise("taylor_quadratic", points=0.25, hint="requires_grad_() marks the tensor that it is called on.")
def test_expansion_leaves_no_trace(student, reference, rng):
    """theta0 and theta do not change, flags included; no .grad is left anywhere; the global generator is untouched."""
    points = [single(rng, 2), single(rng, 2)]
    cases = (points, False), (points, True)
    agree_beside_trusted(student, reference, leftovers_of_loss, "taylor_quadratic", *cases)


@pytest.mark.exercise(
    "taylor_quadratic", points=0.25, hint="Compare the shapes yourself: torch would stretch one of them."
)
def test_expansion_refuses_bad_arguments(student, reference):
    """A point that is no vector of floats, points of two shapes, an f of several numbers: refused, by the argument's name."""

    def total(theta):
        return (theta**2).sum()

    def several(theta):
        return theta**2

    point = torch.tensor([0.5, -1.0, 2.0])
    for theta0, theta in (
        (point.reshape(1, 3), point.reshape(1, 3)),
        (point[0], point[0]),
        (point, point[:1]),
        (point, point.reshape(3, 1)),
    ):
        either = {"names": "theta0", "instead": "theta"}
        refuse_trusted(student, reference, "taylor_quadratic", total, theta0, theta, **either)
    refuse_trusted(student, reference, "taylor_quadratic", total, [0.5, -1.0, 2.0], point, names="theta0")
    refuse_trusted(student, reference, "taylor_quadratic", total, point, torch.tensor([1, 2, 3]), names="theta")
    refuse_trusted(student, reference, "taylor_quadratic", several, point, point, names="f")


# classify_hessian: 3 points


@pytest.mark.exercise(
    "classify_hessian", points=1, hint="Which signs occur among the eigenvalues: all of them, in any number?"
)
def test_signs_of_the_eigenvalues_decide(student, reference, rng):
    """All positive: local minimum. All negative: local maximum. Both signs: saddle point. For any n, dense or diagonal."""
    dense = (
        [0.5, 2.0, 9.0],
        [-0.5, -2.0, -9.0],
        [-0.5, 2.0, 9.0],
        [-9.0, -2.0, 0.5],
        [-3.0, -2.0, 1.0, 4.0],  # an even number of negative ones: the determinant is positive
        [-5.0, -4.0, -3.0, -2.0],
    )
    matrices = [with_spectrum(spectrum, rng, torch.float32) for spectrum in dense]
    matrices += [torch.tensor([[0.0, -2.0], [-2.0, 0.0]]), torch.diag(torch.tensor([3.0, 1.0]))]
    agree_on_each(student, reference, "classify_hessian", [(H,) for H in matrices])


@pytest.mark.exercise(
    "classify_hessian", points=0.75, hint="A zero is no sign. Rounding makes of it ±1e-17, hence the tolerance."
)
def test_zeros_make_one_sign_degenerate(student, reference, rng):
    """One sign and a zero: degenerate. Both signs and any zeros: saddle point. A zero that rounding bent is a zero."""
    spectra = ([0.0, 1.0, 3.0], [0.0, 0.0, 2.0], [-3.0, -1.0, 0.0], [-1.0, 0.0, 2.0], [-3.0, 0.0, 0.0, 0.0, 0.5])
    matrices = [with_spectrum(spectrum, rng) for spectrum in spectra]
    matrices += [torch.diag(torch.tensor(spectrum, dtype=torch.float64)) for spectrum in spectra]
    matrices += [torch.full((2, 2), 2.0, dtype=torch.float64)]  # the lecture's (1 − w1 w2)² at (1, 1)
    agree_on_each(student, reference, "classify_hessian", [(H,) for H in matrices])


@pytest.mark.exercise("classify_hessian", points=0.25, hint="max|λ| is 0 there: compare with ≤, and divide by nothing.")
def test_zero_matrix_is_degenerate(student, reference):
    """H = 0 is degenerate, for every n."""
    zeros = [(torch.zeros(n, n, dtype=torch.float64),) for n in (1, 3)]
    agree_on_each(student, reference, "classify_hessian", zeros)


@pytest.mark.exercise(
    "classify_hessian", points=0.5, hint="Small compared with what? The unit of the loss is arbitrary."
)
def test_kind_does_not_depend_on_the_scale(student, reference, rng):
    """H and c·H are of the same kind, for c very small and very large: zero is what is small beside the largest |λ|."""
    # A zero of 1e-8, because what rounding makes of 0 is anybody's guess on this scale.
    spectra = ([-1.0, 2.0, 4.0], [1.0, 2.0, 4.0], [-4.0, -2.0, -1.0], [1e-8, 1.0, 3.0], [-3.0, -1e-8, -1e-8])
    calls = [(with_spectrum(spectrum, rng) * scale,) for spectrum in spectra for scale in (1e-10, 1e13)]
    calls.append(
        (with_spectrum([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], rng) * 1e-50,)
    )  # its determinant is 0 in float64
    agree_on_each(student, reference, "classify_hessian", calls)


@pytest.mark.exercise(
    "classify_hessian", points=0.25, hint="tol = rtol · max|λ|: the largest by size, whatever its sign."
)
def test_rtol_says_what_counts_as_zero(student, reference, rng):
    """|λ| ≤ rtol · max|λ| counts as zero, the largest |λ| being that of a negative λ or a positive one; rtol is 1e-6."""
    spectra = ([0.2, 1.0, 3.0], [-0.2, 1.0, 3.0], [-3.0, -1.0, 0.2], [-3.0, -1.0, -0.2])
    calls = [(with_spectrum(spectrum, rng), rtol) for spectrum in spectra for rtol in (0.01, 0.2)]
    calls += [(with_spectrum([small, 1.0, 3.0], rng),) for small in (1e-8, 1e-4)]
    agree_on_each(student, reference, "classify_hessian", calls + small_beside_the_largest(rng))


@pytest.mark.exercise(
    "classify_hessian", points=0.125, hint="Rounding makes H a little asymmetric; a check with == sees that."
)
def test_kind_of_every_hessian_that_may_come(student, reference, rng):
    """n = 1, float32, a transposed H, one that requires grad or is bent by rounding: all are classified; H stays as it was."""
    bent, sideways = bent_matrix(), with_spectrum([1.0, 2.0, 5.0], rng, torch.float32).T
    matrices = (torch.tensor([[2.5]]), torch.tensor([[-2.5]]), bent, bent.T, bent / 1e12, sideways)
    agree_on_each(student, reference, "classify_hessian", [(H,) for H in matrices])
    agree(student, reference, lambda m: m.run(leftovers_of_matrix, "classify_hessian", bent))


@pytest.mark.exercise(
    "classify_hessian", points=0.125, hint="Square, finite, symmetric, floats; and name the argument."
)
def test_classify_hessian_refuses_what_is_no_hessian(student, reference):
    """An H that is not square, not finite, not symmetric or holds no floats is refused, and the message names H."""
    refuse_bad_matrices(student, reference, "classify_hessian")


# classify_critical_point: 2 points


def tilted(curvatures, slope, center):
    """A loss whose gradient at `center` is `slope` and whose Hessian there is diagonal."""

    def f(theta):
        d = theta - center
        return d @ slope + (d * d) @ (curvatures / 2 + d * d)

    return f


@pytest.mark.exercise("classify_critical_point", points=0.5, hint="‖g‖∞: the largest entry by size, not the length.")
def test_largest_entry_of_the_gradient_decides(student, reference, rng):
    """A point is critical where no entry of the gradient is larger than gtol in size, however many entries there are."""
    center, curvatures = rng.normal(3), rng.uniform(1.0, 3.0, 3)
    slopes = (
        [0.08] * 3,  # longer than 0.1, but no entry is larger
        [0.25, 0.0, 0.0],
        [-0.3, 0.01, 0.0],
        [0.3, -0.3, 0.0],
    )
    losses = [tilted(curvatures, torch.tensor(slope, dtype=torch.float64), center) for slope in slopes]
    agree_on_trusted(student, reference, "classify_critical_point", *((f, center, 0.1) for f in losses))


@pytest.mark.exercise(
    "classify_critical_point", points=0.75, hint="Gradient and Hessian of f at theta, then the signs."
)
def test_critical_points_of_every_kind(student, reference, rng):
    """Where the gradient is zero, the Hessian at that point decides: minimum, maximum, saddle point or degenerate."""
    calls = []
    for curvatures in ([1.0, 3.0], [-1.0, -3.0], [-1.0, 2.0, 0.0], [1.0, 0.0]):
        center = rng.normal(len(curvatures))
        f = tilted(torch.tensor(curvatures, dtype=torch.float64), torch.zeros_like(center), center)
        calls.append((f, center))

    def loss(theta):
        return (1 - theta.prod()) ** 2

    chain = [(loss, theta.double()) for theta in (torch.zeros(2), torch.tensor([2.0, 1.5]))]
    agree_on_trusted(student, reference, "classify_critical_point", *calls, *chain)


@pytest.mark.exercise(
    "classify_critical_point", points=0.25, hint="gtol is for the gradient, rtol for the eigenvalues."
)
def test_both_tolerances_count(student, reference, rng):
    """gtol is absolute, 1e-6 by default, and may be 0; rtol reaches the classification and is 1e-6 by default."""
    center, curvatures = rng.normal(2), torch.tensor([0.1, 2.0], dtype=torch.float64)
    flat = torch.ones(2, dtype=torch.float64)
    calls = [
        (tilted(size * curvatures, slope * flat, center), center)
        for size, slope in ((1.0, 1e-8), (1.0, 1e-4), (1e-4, 1e-8), (1e5, 1e-4))
    ]
    calls += [(tilted(curvatures, 0 * flat, center), center, 0.2, rtol) for rtol in (0.01, 0.3)]

    def loss(theta):
        return (1 - theta.prod()) ** 2

    exact = (loss, torch.zeros(2, dtype=torch.float64), 0.0)  # a gradient of 0 is not larger than 0
    agree_on_trusted(student, reference, "classify_critical_point", *calls, exact)


@pytest.mark.exercise(
    "classify_critical_point", points=0.25, hint="requires_grad_() marks the tensor that it is called on."
)
def test_classifying_leaves_no_trace(student, reference, rng):
    """theta does not change, its flag included; no .grad is left anywhere; the global generator is untouched."""
    bottom, elsewhere = [torch.full((2,), 1 / 3, dtype=torch.float64)], [single(rng, 2)]
    cases = (bottom, False), (bottom, True), (elsewhere, False)
    agree_beside_trusted(student, reference, leftovers_of_loss, "classify_critical_point", *cases)


@pytest.mark.exercise("classify_critical_point", points=0.25, hint="The functions that you call may refuse for you.")
def test_classify_critical_point_refuses_bad_arguments(student, reference):
    """A theta that is no vector of floats and an f that returns several numbers are refused, by the argument's name."""
    refuse_bad_points(student, reference, "classify_critical_point", refuse_trusted)


# minimum_ratio and negative_fraction: 1.5 points each. The same questions, with the other answer.


def share(student, reference, rng, name):
    spectra = ([-3.0, -2.0, 1.0, 4.0, 5.0], [-0.5, 1.0, 9.0, 10.0], [1.0, 2.0, 3.0], [-1.0, -2.0, -3.0])
    agree_on_each(student, reference, name, [(with_spectrum(spectrum, rng, torch.float32),) for spectrum in spectra])


def share_with_zeros(student, reference, rng, name):
    # Zeros of ±1e-9, because of 0 rounding makes what it likes; and exact ones.
    spectra = ([-3.0, -1e-9, 1e-9, 2.0, 5.0], [1e-9, -1e-9, 2.0], [-2.0, 1e-9, -1e-9])
    exact = [torch.zeros(2, 2), torch.diag(torch.tensor([-5.0, -4.0, 0.0, 0.0, 1.0]))]
    matrices = [*(with_spectrum(spectrum, rng) for spectrum in spectra), *exact]
    agree_on_each(student, reference, name, [(H,) for H in matrices])


def share_beyond_tolerance(student, reference, rng, name):
    spectra = ([-0.2, 0.2, 1.0, 3.0], [-3.0, -1.0, -0.2, 0.2])
    calls = [(with_spectrum(spectrum, rng), rtol) for spectrum in spectra for rtol in (0.01, 0.2)]
    fine = with_spectrum([-1.0, -1e-4, -1e-8, 1e-8, 1e-4, 2.0], rng)
    close = small_beside_the_largest(rng, signs=(1,) if name == "minimum_ratio" else (-1,))
    agree_on_each(student, reference, name, [*calls, (fine * 1e-10,), (fine * 1e13,), *close])


def share_of_any_hessian(student, reference, name):
    bent = bent_matrix()
    matrices = (torch.tensor([[2.5]]), torch.tensor([[-2.5]]), bent, bent.T, bent / 1e12)
    agree_on_each(student, reference, name, [(H,) for H in matrices])
    agree(student, reference, lambda m: m.run(leftovers_of_matrix, name, bent))


@pytest.mark.exercise(
    "minimum_ratio", points=0.75, hint="Count the positive eigenvalues, then divide by how many there are."
)
def test_minimum_ratio_is_the_share_of_positive_eigenvalues(student, reference, rng):
    """The ratio is the number of positive eigenvalues over n."""
    share(student, reference, rng, "minimum_ratio")


@pytest.mark.exercise("minimum_ratio", points=0.375, hint="A zero is one of the n, and it is not positive.")
def test_minimum_ratio_counts_zeros_below_the_line_only(student, reference, rng):
    """Zeros are among the n, and none of them is positive; H = 0 has the ratio 0."""
    share_with_zeros(student, reference, rng, "minimum_ratio")


@pytest.mark.exercise("minimum_ratio", points=0.125, hint="tol = rtol · max|λ|, and λ > tol is positive.")
def test_minimum_ratio_has_a_relative_tolerance(student, reference, rng):
    """Positive is λ > rtol · max|λ|, so that the ratio does not depend on the scale of H; rtol is 1e-6 by default."""
    share_beyond_tolerance(student, reference, rng, "minimum_ratio")


@pytest.mark.exercise("minimum_ratio", points=0.125, hint="n may be 1; H may require grad and be bent by rounding.")
def test_minimum_ratio_of_every_hessian_that_may_come(student, reference):
    """n = 1, a transposed H, one that requires grad or is bent by rounding: all have a ratio; H stays as it was."""
    share_of_any_hessian(student, reference, "minimum_ratio")


@pytest.mark.exercise("minimum_ratio", points=0.125, hint="Square, finite, symmetric, floats; and name the argument.")
def test_minimum_ratio_refuses_what_is_no_hessian(student, reference):
    """An H that is not square, not finite, not symmetric or holds no floats is refused, and the message names H."""
    refuse_bad_matrices(student, reference, "minimum_ratio")


@pytest.mark.exercise(
    "negative_fraction", points=0.75, hint="Count the negative eigenvalues, then divide by how many there are."
)
def test_negative_fraction_is_the_share_of_negative_eigenvalues(student, reference, rng):
    """The fraction is the number of negative eigenvalues over n."""
    share(student, reference, rng, "negative_fraction")


@pytest.mark.exercise("negative_fraction", points=0.375, hint="What is not positive need not be negative.")
def test_negative_fraction_counts_zeros_below_the_line_only(student, reference, rng):
    """Zeros are among the n, and none of them is negative; H = 0 has the fraction 0."""
    share_with_zeros(student, reference, rng, "negative_fraction")


@pytest.mark.exercise("negative_fraction", points=0.125, hint="tol = rtol · max|λ|, and λ < −tol is negative.")
def test_negative_fraction_has_a_relative_tolerance(student, reference, rng):
    """Negative is λ < −rtol · max|λ|, so that the fraction does not depend on the scale of H; rtol is 1e-6 by default."""
    share_beyond_tolerance(student, reference, rng, "negative_fraction")


@pytest.mark.exercise("negative_fraction", points=0.125, hint="n may be 1; H may require grad and be bent by rounding.")
def test_negative_fraction_of_every_hessian_that_may_come(student, reference):
    """n = 1, a transposed H, one that requires grad or is bent by rounding: all have a fraction; H stays as it was."""
    share_of_any_hessian(student, reference, "negative_fraction")


@pytest.mark.exercise(
    "negative_fraction", points=0.125, hint="Square, finite, symmetric, floats; and name the argument."
)
def test_negative_fraction_refuses_what_is_no_hessian(student, reference):
    """An H that is not square, not finite, not symmetric or holds no floats is refused, and the message names H."""
    refuse_bad_matrices(student, reference, "negative_fraction")


# escape_direction: 4 points


def agree_on_direction(student, reference, H, *settings):
    agree_up_to_sign(student, reference, lambda m: as_single(m.escape_direction(H.clone(), *settings)))


@pytest.mark.exercise(
    "escape_direction", points=1.25, hint="H u = λ u, with the smallest λ; columns or rows? And how long?"
)
def test_is_the_unit_eigenvector_of_the_smallest_eigenvalue(student, reference, rng):
    """At a saddle point the result is the eigenvector of the negative eigenvalue, of length 1; its sign is free."""
    for spectrum in ([-1.0, 2.0, 3.5, 5.0], [-4.0, 1.0, 2.0], [-2.0, 2.0]):
        agree_on_direction(student, reference, with_spectrum(spectrum, rng, torch.float32))
    for off_diagonal in (-2.0, 2.0):
        agree_on_direction(student, reference, torch.tensor([[0.0, off_diagonal], [off_diagonal, 0.0]]))


@pytest.mark.exercise("escape_direction", points=0.5, hint="Smallest by sign: −3 is below −1, and 0 is above both.")
def test_follows_the_most_negative_eigenvalue(student, reference, rng):
    """Of several negative eigenvalues the most negative one counts, however large the positive ones are or near the next one is."""
    for spectrum in ([-3.0, -1.0, 2.0, 7.0], [-5.0, -3.0, -1.0, 0.5, 6.0]):
        agree_on_direction(student, reference, with_spectrum(spectrum, rng, torch.float32))
    agree_on_direction(student, reference, with_spectrum([-3.0, -2.99, 2.0, 7.0], rng))


@pytest.mark.exercise("escape_direction", points=0.5, hint="What must hold for a way down: a saddle point, or less?")
def test_escapes_from_maxima_and_past_zeros(student, reference, rng):
    """One negative eigenvalue is enough: at a maximum, and beside zeros, there is a way down too."""
    for spectrum in ([-4.0, -2.0, -1.0], [-2.0, 0.0, 0.0, 1.0], [-2.0, -1.0, 0.0, 0.0]):
        agree_on_direction(student, reference, with_spectrum(spectrum, rng))


@pytest.mark.exercise(
    "escape_direction", points=0.5, hint="Refuse where λ_min ≥ −tol: −1e-17 is rounding, no way down."
)
def test_refuses_where_nothing_leads_down(student, reference, rng):
    """Without an eigenvalue below −rtol · max|λ| ValueError is raised, and the message names H; rounding makes none."""
    spectra = ([1.0, 2.0, 5.0], [0.0, 1.0, 2.0], [-1e-9, 1.0, 2.0], [0.0, 0.0])
    calls = [(with_spectrum(spectrum, rng),) for spectrum in spectra]
    calls += [(with_spectrum([0.0, 1.0, 3.0], rng) * 1e13,), (with_spectrum([-1.0, 0.5, 4.0], rng), 0.5)]
    for asked in calls:
        agree(student, reference, lambda m, asked=asked: m.escape_direction(*asked), names="H")
    agree(student, reference, lambda m: m.escape_direction(with_spectrum([-1.0, 1.0, 2.0], rng)), **ACCEPTED)


@pytest.mark.exercise("escape_direction", points=0.5, hint="tol = rtol · max|λ|; the unit of the loss is arbitrary.")
def test_way_down_does_not_depend_on_the_scale(student, reference, rng):
    """Whether an eigenvalue is negative is judged beside the largest |λ|: c·H has the direction of H, c large or small."""
    H = with_spectrum([-1.0, 0.5, 4.0], rng)
    for scale in (1e-10, 1e10):
        agree_on_direction(student, reference, H * scale)
    agree_on_direction(student, reference, with_spectrum([-1e-4, 1.0, 2.0], rng), 1e-6)
    agree_on_direction(student, reference, with_spectrum([-1e-9, 0.5, 1.0], rng), 1e-11)
    agree_on_direction(student, reference, H, 0.05)


@pytest.mark.exercise(
    "escape_direction", points=0.25, hint="Which shape and dtype has the result? n = 1 has one direction."
)
def test_direction_is_exact_in_every_dtype(student, reference, rng):
    """The result is (n,), of H's dtype: float32, and float64 to full precision; n = 1 and a transposed H work."""
    agree_up_to_sign(student, reference, lambda m: m.escape_direction(torch.tensor([[-2.5]])))
    H = with_spectrum([-3.0, 1.0, 4.0], rng)
    axes = torch.linalg.eigh(H).eigenvectors.T
    axes[1:] *= 1e7  # how far the result leans to the other axes: what float32 leaves of the angle

    def leaning(m):
        u = m.escape_direction(H.T)
        return axes @ u if u.dtype == H.dtype and u.shape == (3,) else u

    agree_up_to_sign(student, reference, leaning)


@pytest.mark.exercise("escape_direction", points=0.25, hint="Does H require grad afterwards, or hold other numbers?")
def test_direction_leaves_no_trace(student, reference):
    """H does not change, its flag included; no .grad is left; a little asymmetry is accepted; the generator is untouched."""
    bent = bent_matrix()
    agree(student, reference, lambda m: m.run(leftovers_of_matrix, "escape_direction", bent))


@pytest.mark.exercise("escape_direction", points=0.25, hint="Square, finite, symmetric, floats; and name the argument.")
def test_escape_direction_refuses_what_is_no_hessian(student, reference):
    """An H that is not square, not finite, not symmetric or holds no floats is refused, and the message names H."""
    refuse_bad_matrices(student, reference, "escape_direction")
