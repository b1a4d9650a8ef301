"""The reference of a1_critical_points against oracles that share no code with it."""

import itertools
import math
from fractions import Fraction

import pytest
import torch

from solutions import a1_critical_points as a1

FUNCTIONS_OF_H = (a1.classify_hessian, a1.minimum_ratio, a1.negative_fraction, a1.escape_direction)


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def wavy(theta: torch.Tensor) -> torch.Tensor:
    """A loss whose derivatives of every order depend on every parameter."""
    weights = torch.arange(1, len(theta) + 1, dtype=theta.dtype)
    return torch.log1p((weights @ theta) ** 2) + theta.sin().prod() + (weights * theta**3).sum()


def rotated(spectrum: list[float], seed: int = 0) -> torch.Tensor:
    """A symmetric matrix with these eigenvalues and random eigenvectors."""
    axes = torch.linalg.qr(normal(len(spectrum), len(spectrum), seed=seed)).Q
    return axes @ torch.diag(torch.tensor(spectrum, dtype=torch.float64)) @ axes.T


def difference(function, theta: torch.Tensor, step: float) -> torch.Tensor:
    """Central differences of a function by each parameter."""
    units = step * torch.eye(len(theta), dtype=theta.dtype)
    return torch.stack([(function(theta + unit) - function(theta - unit)) / (2 * step) for unit in units])


@pytest.mark.parametrize("n", [1, 2, 5])
def test_gradient_is_the_limit_of_differences(n: int):
    """Central differences in float64 come within 1e-8 of the gradient."""
    theta = normal(n)
    torch.testing.assert_close(a1.gradient(wavy, theta), difference(wavy, theta, 1e-5), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_hessian_is_the_limit_of_differences(n: int):
    """Second differences of the loss in float64 come within 1e-5 of the Hessian."""
    theta = normal(n)
    twice = difference(lambda point: difference(wavy, point, 1e-4), theta, 1e-4)
    torch.testing.assert_close(a1.hessian(wavy, theta), twice, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_derivatives_match_torch_func(dtype: torch.dtype):
    """Gradient and Hessian are those of torch.func, in the dtype of theta."""
    theta = normal(4, dtype=dtype)
    torch.testing.assert_close(a1.gradient(wavy, theta), torch.func.grad(wavy)(theta))
    torch.testing.assert_close(a1.hessian(wavy, theta), torch.func.jacrev(torch.func.jacrev(wavy))(theta))


@pytest.mark.parametrize("f", [lambda w: torch.tensor(3.0), lambda w: 0 * w.sum(), lambda w: 2 * w[0] - w[2] + 1])
def test_flat_and_straight_losses_have_no_bend(f):
    """A constant has neither slope nor bend, a linear loss no bend."""
    theta = normal(3, dtype=torch.float32)
    assert torch.equal(a1.hessian(f, theta), torch.zeros(3, 3))
    expected = torch.tensor([2.0, 0.0, -1.0]) if f(torch.ones(3)) == 2 else torch.zeros(3)
    assert torch.equal(a1.gradient(f, theta), expected)


def test_taylor_equals_exact_arithmetic():
    """Of p³q around (2, −1) the terms up to second order are those of rational arithmetic."""
    p, q, dp, dq = Fraction(2), Fraction(-1), Fraction(1, 4), Fraction(3, 8)
    slope = 3 * p**2 * q * dp + p**3 * dq
    bend = (6 * p * q * dp * dp + 2 * 3 * p**2 * dp * dq) / 2
    start = torch.tensor([2.0, -1.0], dtype=torch.float64)
    end = torch.tensor([float(p + dp), float(q + dq)], dtype=torch.float64)
    got = a1.taylor_quadratic(lambda w: w[0] ** 3 * w[1], start, end)
    assert got.item() == float(p**3 * q + slope + bend)


def test_taylor_misses_a_term_of_third_order():
    """Halving the distance divides the error of the expansion by eight."""
    start, direction = normal(3), normal(3, seed=1)
    errors = [
        abs(a1.taylor_quadratic(wavy, start, start + h * direction) - wavy(start + h * direction)) for h in (2e-3, 1e-3)
    ]
    assert errors[0] / errors[1] == pytest.approx(8, rel=0.05)


@pytest.mark.parametrize("signs", list(itertools.product((-1, 0, 1), repeat=3)))
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_every_pattern_of_signs(signs: tuple[int, ...], scale: float):
    """All 27 patterns of three signs are named and counted as the table says, at every scale."""
    sizes = (1.0, 2.5, 4.0)
    H = scale * rotated([sign * size for sign, size in zip(signs, sizes, strict=True)], seed=7)
    up, down, flat = (signs.count(sign) for sign in (1, -1, 0))
    kind = "saddle point" if up and down else "degenerate" if flat else "local minimum" if up else "local maximum"
    assert a1.classify_hessian(H) == kind
    assert a1.minimum_ratio(H) == pytest.approx(up / 3)
    assert a1.negative_fraction(H) == pytest.approx(down / 3)
    if not down:
        with pytest.raises(ValueError, match=r"\bH\b"):
            a1.escape_direction(H)
        return
    u = a1.escape_direction(H)
    lowest = min(sign * size for sign, size in zip(signs, sizes, strict=True))
    torch.testing.assert_close(H @ u, scale * lowest * u, rtol=1e-9, atol=1e-9 * scale)
    assert u.norm().item() == pytest.approx(1)


def test_escape_direction_beats_every_other_direction():
    """No unit vector on a fine circle has a smaller vᵀHv."""
    H = torch.tensor([[1.0, 3.0], [3.0, -2.0]], dtype=torch.float64)
    u = a1.escape_direction(H)
    circle = torch.tensor([[math.cos(a / 1000), math.sin(a / 1000)] for a in range(3142)], dtype=torch.float64)
    assert u @ H @ u <= torch.einsum("ki,ij,kj->k", circle, H, circle).min() + 1e-12


def test_lecture_example_in_depth():
    """(1 − w1 w2)² is a saddle point at 0 with λ = ±2, and degenerate there with a third weight and in its valley."""

    def loss(w: torch.Tensor) -> torch.Tensor:
        return (1 - w.prod()) ** 2

    zero = torch.zeros(2, dtype=torch.float64)
    assert torch.equal(a1.hessian(loss, zero), torch.tensor([[0.0, -2.0], [-2.0, 0.0]], dtype=torch.float64))
    assert a1.classify_critical_point(loss, zero) == "saddle point"
    assert a1.classify_critical_point(loss, torch.zeros(3)) == "degenerate"
    assert a1.classify_critical_point(loss, torch.ones(2, dtype=torch.float64)) == "degenerate"
    assert a1.classify_critical_point(loss, torch.tensor([0.5, 0.5])) == "not critical"


@pytest.mark.parametrize(("slope", "kind"), [([1e-3] * 4, "local minimum"), ([2e-3, 0, 0, 0], "not critical")])
def test_largest_entry_of_the_gradient_decides(slope: list[float], kind: str):
    """Four entries below gtol are critical although their length is above it."""
    tilt = torch.tensor(slope, dtype=torch.float64)
    zero = torch.zeros(4, dtype=torch.float64)
    assert a1.classify_critical_point(lambda w: tilt @ w + w @ w, zero, gtol=1.5e-3) == kind


def test_both_tolerances_are_inclusive():
    """An eigenvalue of exactly tol counts as zero, a gradient of exactly gtol as none."""
    H = torch.diag(torch.tensor([0.25, 1.0], dtype=torch.float64))
    assert a1.classify_hessian(H, rtol=0.25) == "degenerate"
    assert a1.minimum_ratio(H, rtol=0.25) == 0.5
    assert a1.classify_critical_point(lambda w: 0.5 * w[0] + w[0] ** 2, torch.zeros(1), gtol=0.5) == "local minimum"


def bad_matrices() -> list[torch.Tensor]:
    fine = torch.tensor([[1.0, 2.0], [2.0, -3.0]])
    return [fine[0], fine[:1], fine[None], fine.triu(), fine * math.nan, fine * math.inf, 1e-9 * fine.tril()]


@pytest.mark.parametrize("function", FUNCTIONS_OF_H)
def test_what_is_no_hessian_is_refused(function):
    """Shapes, asymmetry, NaN, infinity and integers are refused by name; asymmetry by rounding is not."""
    for H in bad_matrices():
        with pytest.raises(ValueError, match=r"\bH\b"):
            function(H)
    for wrong in (torch.tensor([[1, 2], [2, -3]]), [[1.0]]):
        with pytest.raises(TypeError, match=r"\bH\b"):
            function(wrong)
    function(rotated([1.0, -2.0, 3.0]) + 1e-8 * normal(3, 3))


@pytest.mark.parametrize("function", [a1.gradient, a1.hessian, a1.classify_critical_point])
def test_bad_points_and_losses_are_refused(function):
    """A theta that is no vector of floats and an f that returns several numbers are refused by name."""
    for theta, error in (
        (torch.zeros(()), ValueError),
        (torch.zeros(2, 2), ValueError),
        (torch.tensor([1]), TypeError),
    ):
        with pytest.raises(error, match=r"\btheta\b"):
            function(lambda w: w.sum(), theta)
    with pytest.raises(ValueError, match=r"\bf\b"):
        function(lambda w: w**2, torch.ones(2))


def test_taylor_refuses_bad_points_by_name():
    """Each of the two points is refused under its own name, and nothing is broadcast."""
    for theta0, theta, name in (
        (torch.zeros(2, 2), torch.zeros(2, 2), "theta0"),
        (torch.zeros(2), torch.zeros(1), "theta"),
    ):
        with pytest.raises(ValueError, match=rf"\b{name}\b"):
            a1.taylor_quadratic(lambda w: w.sum(), theta0, theta)
    with pytest.raises(TypeError, match=r"\btheta\b"):
        a1.taylor_quadratic(lambda w: w.sum(), torch.zeros(2), [0.0, 0.0])


@pytest.mark.parametrize("required", [False, True])
def test_nothing_is_left_behind(required: bool):
    """theta, a tensor that the loss uses, and the global generator are as they were."""
    theta, weight = normal(3).requires_grad_(required), normal(3, seed=1).requires_grad_()
    before, state = theta.detach().clone(), torch.get_rng_state()

    def loss(w: torch.Tensor) -> torch.Tensor:
        return (weight * w**3).sum()

    a1.gradient(loss, theta)
    a1.hessian(loss, theta)
    a1.taylor_quadratic(loss, theta, theta)
    a1.classify_critical_point(loss, theta)
    assert torch.equal(theta, before)
    assert theta.requires_grad == required
    assert theta.grad is None
    assert weight.grad is None
    assert torch.equal(torch.get_rng_state(), state)
