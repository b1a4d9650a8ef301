"""Named wrong variants of a1_critical_points: what students, forums and other codebases get wrong, and other conventions in use.

Read as text: each marked definition replaces the exercise of its mark in the reference, whose private functions are in
scope; the unmarked ones come along. Where two explain a failed check equally well, the first is named: a mistake that shows
in one check stands before those that show in many.
"""

import torch

from autograder.checking import mistake
from solutions.a1_critical_points import (
    _check_float_tensor,
    _check_hessian,
    _check_scalar,
    _check_vector,
    _eigenvalues,
)


def slopes(f, theta):
    """The right gradient."""
    _check_vector("theta", theta)
    point = theta.detach().requires_grad_()
    value = f(point)
    _check_scalar(value)
    if not value.requires_grad:
        return torch.zeros_like(theta.detach())
    return torch.autograd.grad(value, point, materialize_grads=True)[0]


def bends(f, theta):
    """The right Hessian."""
    _check_vector("theta", theta)
    _check_scalar(f(theta.detach()))
    return torch.autograd.functional.hessian(f, theta.detach())


def with_history(f, point):
    """The gradient at a point that requires grad, to be differentiated again."""
    return torch.autograd.grad(f(point), point, create_graph=True)[0]


def rows_of(g, point):
    return torch.stack([torch.autograd.grad(one, point, retain_graph=True)[0] for one in g])


def differences(function, theta, step=1e-4):
    """Central differences of a function, a row for each parameter."""
    rows = []
    for i in range(len(theta)):
        ahead, behind = theta.detach().clone(), theta.detach().clone()
        ahead[i] += step
        behind[i] -= step
        rows.append((function(ahead) - function(behind)) / (2 * step))
    return torch.stack(rows)


def check_points(theta0, theta):
    _check_vector("theta0", theta0)
    _check_float_tensor("theta", theta)
    if theta.shape != theta0.shape:
        raise ValueError(f"theta must have shape {tuple(theta0.shape)}")


def expansion(f, theta0, theta):
    """The parts of the right expansion: L, d, g, H."""
    check_points(theta0, theta)
    at = theta0.detach()
    return f(at).detach(), theta.detach() - at, slopes(f, at), bends(f, at)


def named(values, tol):
    """The right kind for given eigenvalues and tolerance."""
    up, down = bool((values > tol).any()), bool((values < -tol).any())
    if up and down:
        return "saddle point"
    if (values.abs() <= tol).any():
        return "degenerate"
    return "local minimum" if up else "local maximum"


def spectrum(H):
    _check_hessian(H)
    return torch.linalg.eigvalsh(H.detach())


def kind(H, rtol=1e-6):
    values, tol = _eigenvalues(H, rtol)
    return named(values, tol)


def judged(f, theta, gtol, rtol, size):
    """The right classification, but for how the size of the gradient is measured."""
    if size(slopes(f, theta)) > gtol:
        return "not critical"
    return kind(bends(f, theta), rtol)


def way_down(H, rtol):
    """Eigenvalues and eigenvectors, after the right refusals."""
    values, tol = _eigenvalues(H, rtol)
    if not values[0] < -tol:
        raise ValueError("H must have a negative eigenvalue")
    return torch.linalg.eigh(H.detach())


def only_types(H):
    """Refuses wrong types only."""
    _check_float_tensor("H", H)


def lenient_values(H):
    """Eigenvalues of the lower triangle of whatever matrix comes."""
    _check_float_tensor("H", H)
    if H.dim() != 2 or H.shape[0] != H.shape[1] or not H.isfinite().all():
        raise ValueError("H must be a finite square matrix")
    return torch.linalg.eigvalsh(H.detach())


def demand_exact_symmetry(H):
    _check_hessian(H)
    if not torch.equal(H, H.T):
        raise ValueError("H must be symmetric")


def symmetric_in_absolute_terms(H):
    """Eigenvalues; symmetric is what torch.allclose takes for symmetric."""
    lenient_values(H)
    if not torch.allclose(H, H.T):
        raise ValueError("H must be symmetric")
    return torch.linalg.eigvalsh(H.detach())


# gradient


@mistake("gradient", caught_by="is_the_vector_of_first_derivatives")
def points_downhill(f, theta):
    """returns −g, the direction of descent, instead of g"""
    return -slopes(f, theta)


@mistake("gradient", caught_by="is_the_vector_of_first_derivatives")
def scales_to_unit_length(f, theta):
    """scales the gradient to length 1"""
    g = slopes(f, theta)
    return g / g.norm().clamp(min=1e-12)


@mistake("gradient", caught_by="is_the_vector_of_first_derivatives")
def estimates_the_gradient(f, theta):
    """estimates the derivatives from differences instead of differentiating"""
    slopes(f, theta)
    return differences(f, theta)


@mistake("gradient", caught_by="gradient_is_zero_where_f_is_flat")
def fails_for_a_constant(f, theta):
    """fails for a constant f: one whose result has no history, or only that of parameters of its own"""
    _check_vector("theta", theta)
    point = theta.detach().requires_grad_()
    value = f(point)
    _check_scalar(value)
    return torch.autograd.grad(value, point)[0] if value.requires_grad else torch.zeros_like(theta.detach())


@mistake("gradient", caught_by="gradient_is_zero_where_f_is_flat")
def no_gradient_for_a_constant(f, theta):
    """returns None for a constant f, whose gradient is 0"""
    g = slopes(f, theta)
    return g if g.any() else None


@mistake("gradient", caught_by="gradient_is_exact_in_every_dtype")
def gradient_in_double(f, theta):
    """returns float64 whatever comes in"""
    return slopes(f, theta).double()


@mistake("gradient", caught_by="gradient_is_exact_in_every_dtype")
def rounds_the_gradient(f, theta):
    """rounds to float32 on the way: float64 loses half of its digits"""
    return slopes(f, theta).float().to(theta.dtype)


@mistake("gradient", caught_by="gradient_leaves_no_trace")
def marks_theta(f, theta):
    """sets requires_grad on theta and leaves it so"""
    slopes(f, theta)
    theta.requires_grad_()
    return slopes(f, theta)


@mistake("gradient", caught_by="gradient_leaves_no_trace")
def leaves_grad_behind(f, theta):
    """calls backward, which leaves a .grad on every tensor that f uses"""
    slopes(f, theta)
    point = theta.detach().clone().requires_grad_()
    value = f(point)
    if not value.requires_grad:
        return torch.zeros_like(theta.detach())
    value.backward()
    return torch.zeros_like(theta.detach()) if point.grad is None else point.grad


@mistake("gradient", caught_by="gradient_leaves_no_trace")
def clears_grad_first(f, theta):
    """clears theta's .grad, which somebody else may need"""
    if isinstance(theta, torch.Tensor) and theta.is_leaf:
        theta.grad = None
    return slopes(f, theta)


@mistake("gradient", caught_by="gradient_leaves_no_trace")
def keeps_the_result_as_grad(f, theta):
    """leaves its result in theta's .grad"""
    g = slopes(f, theta)
    if theta.requires_grad:
        theta.grad = g.clone()
    return g


@mistake("gradient", caught_by="gradient_leaves_no_trace")
def unmarks_theta(f, theta):
    """clears theta's requires_grad flag when it is done"""
    g = slopes(f, theta)
    theta.requires_grad_(False)
    return g


@mistake("gradient", caught_by="gradient_refuses_bad_arguments")
def gradient_of_any_shape(f, theta):
    """accepts a theta that is no vector"""
    _check_float_tensor("theta", theta)
    return slopes(lambda flat: f(flat.reshape(theta.shape)), theta.reshape(-1)).reshape(theta.shape)


@mistake("gradient", caught_by="gradient_refuses_bad_arguments")
def gradient_of_the_sum(f, theta):
    """adds up the numbers of an f that returns several instead of refusing it"""
    return slopes(lambda theta: f(theta).sum(), theta)


@mistake("gradient", caught_by="gradient_refuses_bad_arguments")
def gradient_names_no_argument(f, theta):
    """refuses a bad argument without naming it"""
    try:
        return slopes(f, theta)
    except ValueError:
        raise ValueError("bad shape") from None
    except TypeError:
        raise TypeError("bad type") from None


# hessian


@mistake("hessian", caught_by="is_the_matrix_of_second_derivatives")
def outer_product_of_the_gradient(f, theta):
    """returns g gᵀ, products of first derivatives, instead of second derivatives"""
    bends(f, theta)
    g = slopes(f, theta)
    return torch.outer(g, g)


@mistake("hessian", caught_by="is_the_matrix_of_second_derivatives")
def squares_on_the_diagonal(f, theta):
    """leaves out the mixed derivatives: everything off the diagonal is 0"""
    return torch.diag(torch.diag(bends(f, theta)))


@mistake("hessian", caught_by="is_the_matrix_of_second_derivatives")
def sums_of_rows(f, theta):
    """differentiates the sum of the gradient: each row of H is added up to one number"""
    return bends(f, theta).sum(1)


@mistake("hessian", caught_by="is_the_matrix_of_second_derivatives")
def half_the_hessian(f, theta):
    """halves the second derivatives; the ½ belongs to the Taylor expansion"""
    return bends(f, theta) / 2


@mistake("hessian", caught_by="is_the_matrix_of_second_derivatives")
def one_triangle(f, theta):
    """fills one triangle only"""
    return bends(f, theta).triu()


@mistake("hessian", caught_by="is_the_matrix_of_second_derivatives")
def differences_of_gradients(f, theta):
    """estimates the second derivatives from differences of gradients"""
    bends(f, theta)
    return differences(lambda theta: slopes(f, theta), theta)


@mistake("hessian", caught_by="is_the_matrix_of_second_derivatives")
def hessian_as_rows(f, theta):
    """returns a list of rows instead of one tensor (n, n)"""
    return list(bends(f, theta))


@mistake("hessian", caught_by="hessian_is_zero_where_f_does_not_bend")
def fails_where_f_is_linear(f, theta):
    """fails for a linear or constant f, whose gradient depends on nothing, or only on parameters of f's own"""
    _check_vector("theta", theta)
    point = theta.detach().requires_grad_()
    _check_scalar(f(point))
    if not f(point).requires_grad:
        return torch.zeros(len(point), len(point), dtype=point.dtype)
    g = torch.autograd.grad(f(point), point, create_graph=True, materialize_grads=True)[0]
    return rows_of(g, point) if g.requires_grad else torch.zeros(len(point), len(point), dtype=point.dtype)


@mistake("hessian", caught_by="hessian_is_exact_in_every_dtype")
def hessian_in_double(f, theta):
    """returns float64 whatever comes in"""
    return bends(f, theta).double()


@mistake("hessian", caught_by="hessian_is_exact_in_every_dtype")
def hessian_in_the_default_dtype(f, theta):
    """collects H in a float32 tensor: float64 loses half of its digits"""
    return torch.zeros(len(theta), len(theta)).copy_(bends(f, theta))


@mistake("hessian", caught_by="hessian_is_exact_in_every_dtype")
def squeezes_the_hessian(f, theta):
    """squeezes the result: a single parameter has a Hessian of shape (), not (1, 1)"""
    return bends(f, theta).squeeze()


@mistake("hessian", caught_by="hessian_leaves_no_trace")
def marks_theta_for_hessian(f, theta):
    """sets requires_grad on theta and leaves it so"""
    bends(f, theta)
    theta.requires_grad_()
    return bends(f, theta)


@mistake("hessian", caught_by="hessian_leaves_no_trace")
def unmarks_theta_for_hessian(f, theta):
    """clears theta's requires_grad flag when it is done"""
    H = bends(f, theta)
    theta.requires_grad_(False)
    return H


@mistake("hessian", caught_by="hessian_leaves_no_trace")
def backward_for_hessian(f, theta):
    """calls backward, which leaves a .grad on every tensor that f uses"""
    H = bends(f, theta)
    value = f(theta.detach().clone().requires_grad_())
    if value.requires_grad:
        value.backward()
    return H


@mistake("hessian", caught_by="hessian_refuses_bad_arguments")
def hessian_of_the_sum(f, theta):
    """adds up the numbers of an f that returns several instead of refusing it"""
    return bends(lambda theta: f(theta).sum(), theta)


@mistake("hessian", caught_by="hessian_refuses_bad_arguments")
def leaves_refusals_to_torch(f, theta):
    """leaves it to torch to refuse: a RuntimeError where a ValueError that names the argument is due"""
    _check_float_tensor("theta", theta)
    return torch.autograd.functional.hessian(f, theta.detach())


# taylor_quadratic


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def forgets_the_half(f, theta0, theta):
    """forgets the ½ before dᵀHd"""
    L, d, g, H = expansion(f, theta0, theta)
    return L + d @ g + d @ H @ d


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def forgets_the_gradient(f, theta0, theta):
    """leaves out dᵀg, which is 0 at critical points only"""
    L, d, _, H = expansion(f, theta0, theta)
    return L + d @ H @ d / 2


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def forgets_the_start(f, theta0, theta):
    """leaves out L(θ0)"""
    _, d, g, H = expansion(f, theta0, theta)
    return d @ g + d @ H @ d / 2


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def stops_at_first_order(f, theta0, theta):
    """leaves out ½ dᵀHd"""
    L, d, g, _ = expansion(f, theta0, theta)
    return L + d @ g


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def turns_the_difference(f, theta0, theta):
    """takes d = θ0 − θ instead of θ − θ0"""
    L, d, g, H = expansion(f, theta0, theta)
    return L - d @ g + d @ H @ d / 2


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def does_not_subtract(f, theta0, theta):
    """puts θ itself where d = θ − θ0 belongs"""
    L, _, g, H = expansion(f, theta0, theta)
    d = theta.detach()
    return L + d @ g + d @ H @ d / 2


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def expands_around_theta(f, theta0, theta):
    """expands around θ and evaluates at θ0: the two points are mixed up"""
    check_points(theta0, theta)
    L, d, g, H = expansion(f, theta, theta0)
    return L + d @ g + d @ H @ d / 2


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def derives_at_theta(f, theta0, theta):
    """takes gradient and Hessian at θ instead of at θ0"""
    L, d, _, _ = expansion(f, theta0, theta)
    return L + d @ slopes(f, theta) + d @ bends(f, theta) @ d / 2


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def takes_everything_at_theta(f, theta0, theta):
    """takes L, g and H at θ instead of at θ0"""
    _, d, _, _ = expansion(f, theta0, theta)
    return f(theta.detach()) + d @ slopes(f, theta) + d @ bends(f, theta) @ d / 2


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def starts_from_theta(f, theta0, theta):
    """starts from L(θ) instead of L(θ0)"""
    _, d, g, H = expansion(f, theta0, theta)
    return f(theta.detach()) + d @ g + d @ H @ d / 2


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def bends_at_theta(f, theta0, theta):
    """takes the Hessian at θ instead of at θ0"""
    L, d, g, _ = expansion(f, theta0, theta)
    return L + d @ g + d @ bends(f, theta) @ d / 2


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def ignores_mixed_terms(f, theta0, theta):
    """uses the diagonal of H only, ½ Σ H_ii d_i²"""
    L, d, g, H = expansion(f, theta0, theta)
    return L + d @ g + (torch.diag(H) * d * d).sum() / 2


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def evaluates_f(f, theta0, theta):
    """returns L(θ) itself, not the quadratic"""
    expansion(f, theta0, theta)
    return f(theta.detach())


@mistake("taylor_quadratic", caught_by="is_the_second_order_expansion")
def expansion_as_a_number(f, theta0, theta):
    """returns a Python number instead of a 0-dim tensor"""
    L, d, g, H = expansion(f, theta0, theta)
    return (L + d @ g + d @ H @ d / 2).item()


@mistake("taylor_quadratic", caught_by="is_f_itself_up_to_degree_two")
def expands_no_constant(f, theta0, theta):
    """fails for a constant f, whose derivatives are 0"""
    L, d, g, H = expansion(f, theta0, theta)
    with_history(f, theta0.detach().requires_grad_())
    return L + d @ g + d @ H @ d / 2


@mistake("taylor_quadratic", caught_by="expansion_is_exact_in_every_dtype")
def expansion_in_double(f, theta0, theta):
    """returns float64 whatever comes in"""
    L, d, g, H = expansion(f, theta0, theta)
    return (L + d @ g + d @ H @ d / 2).double()


@mistake("taylor_quadratic", caught_by="expansion_is_exact_in_every_dtype")
def rounds_the_expansion(f, theta0, theta):
    """rounds to float32 on the way: float64 loses half of its digits"""
    L, d, g, H = expansion(f, theta0, theta)
    return (L + d @ g + d @ H @ d / 2).float().to(theta0.dtype)


@mistake("taylor_quadratic", caught_by="expansion_is_exact_in_every_dtype")
def rounds_the_difference(f, theta0, theta):
    """rounds θ − θ0 to float32: float64 loses half of its digits"""
    L, d, g, H = expansion(f, theta0, theta)
    d = d.float().to(theta0.dtype)
    return L + d @ g + d @ H @ d / 2


@mistake("taylor_quadratic", caught_by="expansion_leaves_no_trace")
def marks_the_point(f, theta0, theta):
    """sets requires_grad on theta0 and leaves it so"""
    L, d, g, H = expansion(f, theta0, theta)
    theta0.requires_grad_()
    return L + d @ g + d @ H @ d / 2


@mistake("taylor_quadratic", caught_by="expansion_leaves_no_trace")
def subtracts_in_place(f, theta0, theta):
    """computes d in place, so that theta changes"""
    L, _, g, H = expansion(f, theta0, theta)
    theta.data -= theta0.detach()
    d = theta.detach()
    return L + d @ g + d @ H @ d / 2


@mistake("taylor_quadratic", caught_by="expansion_refuses_bad_arguments")
def stretches_theta(f, theta0, theta):
    """lets a theta of another shape be broadcast"""
    _check_vector("theta0", theta0)
    _check_float_tensor("theta", theta)
    return expansion(f, theta0, theta.reshape(-1)[:1].expand(theta0.shape) if len(theta) == 1 else theta.reshape(-1))[0]


@mistake("taylor_quadratic", caught_by="expansion_refuses_bad_arguments")
def blames_theta(f, theta0, theta):
    """leaves it to gradient to refuse theta0, and so the message names another argument"""
    L = f(slopes(f, theta0) * 0 + theta0.detach()).detach()
    check_points(theta0, theta)
    d, g, H = theta.detach() - theta0.detach(), slopes(f, theta0), bends(f, theta0)
    return L + d @ g + d @ H @ d / 2


# classify_hessian


@mistake("classify_hessian", caught_by="signs_of_the_eigenvalues_decide")
def swaps_minimum_and_maximum(H, rtol=1e-6):
    """swaps minimum and maximum"""
    values, tol = _eigenvalues(H, rtol)
    return named(-values, tol)


@mistake("classify_hessian", caught_by="signs_of_the_eigenvalues_decide")
def reads_the_diagonal(H, rtol=1e-6):
    """reads the diagonal entries of H instead of its eigenvalues"""
    spectrum(H)
    values = torch.diag(H.detach())
    return named(values, rtol * values.abs().max())


@mistake("classify_hessian", caught_by="signs_of_the_eigenvalues_decide")
def determinant_test(H, rtol=1e-6):
    """applies the determinant test for two parameters to any number of them"""
    values, tol = _eigenvalues(H, rtol)
    if (values.abs() <= tol).any():
        return named(values, tol)
    if values.prod() < 0:
        return "saddle point"
    return "local minimum" if H[0, 0] > 0 else "local maximum"


@mistake("classify_hessian", caught_by="signs_of_the_eigenvalues_decide")
def sum_of_the_eigenvalues(H, rtol=1e-6):
    """lets the trace decide, the sum of the eigenvalues"""
    values, tol = _eigenvalues(H, rtol)
    total = values.sum()
    if total.abs() <= tol:
        return "degenerate"
    return "local minimum" if total > 0 else "local maximum"


@mistake("classify_hessian", caught_by="signs_of_the_eigenvalues_decide")
def singular_values(H, rtol=1e-6):
    """takes singular values for eigenvalues: they have no sign"""
    values, tol = _eigenvalues(H, rtol)
    return named(values.abs(), tol)


@mistake("classify_hessian", caught_by="signs_of_the_eigenvalues_decide")
def extreme_by_size(H, rtol=1e-6):
    """lets the eigenvalue that is largest in size decide alone"""
    values, tol = _eigenvalues(H, rtol)
    if (values.abs() <= tol).any():
        return named(values, tol)
    return named(values[values.abs().argmax()][None], tol)


@mistake("classify_hessian", caught_by="signs_of_the_eigenvalues_decide")
def other_labels(H, rtol=1e-6):
    """spells the labels otherwise than the docstring"""
    return kind(H, rtol).replace(" point", "").replace("local ", "")


@mistake("classify_hessian", caught_by="zero_matrix_is_degenerate")
def divides_by_the_largest(H, rtol=1e-6):
    """divides the eigenvalues by the largest, which is 0 where H = 0"""
    values = spectrum(H)
    shares = values / values.abs().max()
    if bool((shares > rtol).any()) and bool((shares < -rtol).any()):
        return "saddle point"
    if (shares.abs() <= rtol).any():
        return "degenerate"
    return "local minimum" if (shares > rtol).any() else "local maximum"


@mistake("classify_hessian", caught_by="zero_matrix_is_degenerate")
def counts_at_the_tolerance(H, rtol=1e-6):
    """counts λ = ±tol as positive and negative, so that H = 0 is a saddle point"""
    values, tol = _eigenvalues(H, rtol)
    return named(values, tol) if values.any() else "saddle point"


@mistake("classify_hessian", caught_by="zero_matrix_is_degenerate")
def needs_some_curvature(H, rtol=1e-6):
    """calls H = 0 a local minimum or maximum, or finds no name for it"""
    values, tol = _eigenvalues(H, rtol)
    return "local minimum" if not values.any() else named(values, tol)


@mistake("classify_hessian", caught_by="zeros_make_one_sign_degenerate")
def compares_with_exact_zero(H, rtol=1e-6):
    """compares eigenvalues with exactly 0, which rounding turns into ±1e-17"""
    return named(spectrum(H), torch.zeros(()))


@mistake("classify_hessian", caught_by="zeros_make_one_sign_degenerate")
def leading_minors(H, rtol=1e-6):
    """asks the leading minors, which tell definite matrices but not a saddle point from a degenerate one"""
    _, tol = _eigenvalues(H, rtol)
    if tol == 0:
        return "degenerate"
    A = H.detach().double() / tol * rtol
    minors = [torch.linalg.det(A[:k, :k]).item() for k in range(1, len(A) + 1)]
    if all(minor > 1e-9 for minor in minors):
        return "local minimum"
    if all((-1) ** k * minor > 1e-9 for k, minor in enumerate(minors, 1)):
        return "local maximum"
    return "degenerate" if abs(minors[-1]) <= 1e-9 else "saddle point"


@mistake("classify_hessian", caught_by="zeros_make_one_sign_degenerate")
def any_zero_is_degenerate(H, rtol=1e-6):
    """calls every H with a zero eigenvalue degenerate, where both signs occur too"""
    values, tol = _eigenvalues(H, rtol)
    return "degenerate" if (values.abs() <= tol).any() else named(values, tol)


@mistake("classify_hessian", caught_by="zeros_make_one_sign_degenerate")
def ignores_zeros(H, rtol=1e-6):
    """ignores zeros where all others have one sign: it calls a semi-definite H a minimum or a maximum"""
    values, tol = _eigenvalues(H, rtol)
    rest = values[values.abs() > tol]
    return named(rest, tol) if len(rest) else "degenerate"


@mistake("classify_hessian", caught_by="zeros_make_one_sign_degenerate")
def semidefinite_is_a_minimum(H, rtol=1e-6):
    """calls an H without negative eigenvalues a local minimum, zeros among them or not"""
    values, tol = _eigenvalues(H, rtol)
    return "local minimum" if (values >= -tol).all() and values.any() else named(values, tol)


@mistake("classify_hessian", caught_by="zeros_make_one_sign_degenerate")
def semidefinite_is_a_maximum(H, rtol=1e-6):
    """calls an H without positive eigenvalues a local maximum, zeros among them or not"""
    values, tol = _eigenvalues(H, rtol)
    return "local maximum" if (values <= tol).all() and values.any() else named(values, tol)


@mistake("classify_hessian", caught_by="zeros_make_one_sign_degenerate")
def semidefinite_is_a_saddle(H, rtol=1e-6):
    """calls everything a saddle point that is neither minimum nor maximum"""
    values, tol = _eigenvalues(H, rtol)
    found = named(values, tol)
    return "saddle point" if found == "degenerate" and values.any() else found


@mistake("classify_hessian", caught_by="kind_does_not_depend_on_the_scale")
def absolute_tolerance(H, rtol=1e-6):
    """takes rtol for an absolute tolerance"""
    return named(spectrum(H), rtol)


@mistake("classify_hessian", caught_by="kind_does_not_depend_on_the_scale")
def asks_for_a_determinant(H, rtol=1e-6):
    """takes H for degenerate where its determinant is exactly 0, as that of many small eigenvalues is in floats"""
    values, tol = _eigenvalues(H, rtol)
    found = named(values, tol)
    return "degenerate" if torch.linalg.det(H.detach().double()) == 0 and found != "saddle point" else found


@mistake("classify_hessian", caught_by="kind_does_not_depend_on_the_scale")
def tolerance_of_at_least_a_millionth(H, rtol=1e-6):
    """adds an absolute tolerance to the relative one"""
    values, tol = _eigenvalues(H, rtol)
    return named(values, tol + 1e-8)


@mistake("classify_hessian", caught_by="rtol_says_what_counts_as_zero")
def ignores_rtol(H, rtol=1e-6):
    """ignores rtol"""
    return kind(H, 1e-6)


@mistake("classify_hessian", caught_by="rtol_says_what_counts_as_zero")
def relative_to_the_largest_by_sign(H, rtol=1e-6):
    """measures the tolerance by the largest eigenvalue with its sign, not by the largest in size"""
    values = spectrum(H)
    return named(values, rtol * values.max().abs())


@mistake("classify_hessian", caught_by="rtol_says_what_counts_as_zero")
def relative_to_the_largest_entry(H, rtol=1e-6):
    """measures the tolerance by the largest entry of H, not by the largest eigenvalue"""
    return named(spectrum(H), rtol * H.detach().abs().max())


@mistake("classify_hessian", caught_by="rtol_says_what_counts_as_zero")
def relative_to_the_norm(H, rtol=1e-6):
    """measures the tolerance by the norm of all eigenvalues, not by the largest in size"""
    return named(spectrum(H), rtol * H.detach().norm())


@mistake("classify_hessian", caught_by="rtol_says_what_counts_as_zero")
def eigenvalues_in_single_precision(H, rtol=1e-6):
    """computes the eigenvalues in float32: float64 loses half of its digits"""
    _check_hessian(H)
    values = torch.linalg.eigvalsh(H.detach().float()).to(H.dtype)
    return named(values, rtol * values.abs().max())


@mistake("classify_hessian", caught_by="rtol_says_what_counts_as_zero")
def coarser_default(H, rtol=1e-3):
    """has another default than rtol = 1e-6"""
    return kind(H, rtol)


@mistake("classify_hessian", caught_by="kind_of_every_hessian_that_may_come")
def demands_exact_symmetry(H, rtol=1e-6):
    """refuses asymmetry that is rounding: it asks for exact symmetry, or for that of each pair (torch.allclose)"""
    demand_exact_symmetry(H)
    return kind(H, rtol)


@mistake("classify_hessian", caught_by="kind_of_every_hessian_that_may_come")
def symmetrises_in_place(H, rtol=1e-6):
    """makes H symmetric in place"""
    found = kind(H, rtol)
    H.data.copy_((H.detach() + H.detach().T) / 2)
    return found


@mistake("classify_hessian", caught_by="classify_hessian_refuses_what_is_no_hessian")
def allclose_to_its_transpose(H, rtol=1e-6):
    """tests symmetry with torch.allclose as it comes, whose tolerance is partly absolute"""
    values = symmetric_in_absolute_terms(H)
    return named(values, rtol * values.abs().max())


@mistake("classify_hessian", caught_by="classify_hessian_refuses_what_is_no_hessian")
def reads_one_triangle(H, rtol=1e-6):
    """does not check symmetry: eigvalsh reads one triangle only"""
    values = lenient_values(H)
    return named(values, rtol * values.abs().max())


@mistake("classify_hessian", caught_by="classify_hessian_refuses_what_is_no_hessian")
def lets_eigvalsh_refuse(H, rtol=1e-6):
    """leaves it to eigvalsh to refuse: its error is no ValueError"""
    only_types(H)
    values = torch.linalg.eigvalsh(H.detach())
    _check_hessian(H)
    return named(values, rtol * values.abs().max())


# classify_critical_point


@mistake("classify_critical_point", caught_by="largest_entry_of_the_gradient_decides")
def length_of_the_gradient(f, theta, gtol=1e-6, rtol=1e-6):
    """measures the gradient by its length ‖g‖₂ instead of its largest entry"""
    return judged(f, theta, gtol, rtol, torch.linalg.vector_norm)


@mistake("classify_critical_point", caught_by="largest_entry_of_the_gradient_decides")
def average_of_the_gradient(f, theta, gtol=1e-6, rtol=1e-6):
    """averages the sizes of the entries instead of taking the largest"""
    return judged(f, theta, gtol, rtol, lambda g: g.abs().mean())


@mistake("classify_critical_point", caught_by="largest_entry_of_the_gradient_decides")
def gradient_without_sizes(f, theta, gtol=1e-6, rtol=1e-6):
    """forgets the absolute value: a steep descent counts as flat"""
    return judged(f, theta, gtol, rtol, torch.max)


@mistake("classify_critical_point", caught_by="both_tolerances_count")
def demands_an_exact_zero(f, theta, gtol=1e-6, rtol=1e-6):
    """demands a gradient of exactly 0 unless gtol is given"""
    return judged(f, theta, 0.0 if gtol == 1e-6 else gtol, rtol, lambda g: g.abs().max())


@mistake("classify_critical_point", caught_by="both_tolerances_count")
def coarse_gtol(f, theta, gtol=1e-3, rtol=1e-6):
    """has another default than gtol = 1e-6"""
    return judged(f, theta, gtol, rtol, lambda g: g.abs().max())


@mistake("classify_critical_point", caught_by="both_tolerances_count")
def does_not_pass_rtol_on(f, theta, gtol=1e-6, rtol=1e-6):
    """does not pass rtol on to the classification"""
    return judged(f, theta, gtol, 1e-6, lambda g: g.abs().max())


@mistake("classify_critical_point", caught_by="both_tolerances_count")
def passes_gtol_on(f, theta, gtol=1e-6, rtol=1e-6):
    """hands gtol to the classification of the Hessian, where rtol belongs"""
    return judged(f, theta, gtol, gtol, lambda g: g.abs().max())


@mistake("classify_critical_point", caught_by="both_tolerances_count")
def gradient_beside_the_hessian(f, theta, gtol=1e-6, rtol=1e-6):
    """measures the gradient beside the Hessian where that is large; gtol is absolute"""
    size = bends(f, theta).abs().max().clamp(min=1.0)
    return judged(f, theta, gtol, rtol, lambda g: g.abs().max() / size)


@mistake("classify_critical_point", caught_by="both_tolerances_count")
def at_gtol_is_not_critical(f, theta, gtol=1e-6, rtol=1e-6):
    """takes ‖g‖∞ = gtol for too large: with gtol = 0 no point is critical"""
    found = judged(f, theta, gtol, rtol, lambda g: g.abs().max())
    return "not critical" if slopes(f, theta).abs().max() >= gtol else found


@mistake("classify_critical_point", caught_by="critical_points_of_every_kind")
def does_not_ask_the_gradient(f, theta, gtol=1e-6, rtol=1e-6):
    """classifies every point by its Hessian, critical or not"""
    return judged(f, theta, gtol, rtol, lambda g: gtol)


@mistake("classify_critical_point", caught_by="critical_points_of_every_kind")
def classifies_at_zero(f, theta, gtol=1e-6, rtol=1e-6):
    """takes the Hessian at 0 instead of at theta"""
    found = judged(f, theta, gtol, rtol, lambda g: g.abs().max())
    return found if found == "not critical" else kind(bends(f, torch.zeros_like(theta)), rtol)


@mistake("classify_critical_point", caught_by="largest_entry_of_the_gradient_decides")
def refuses_slopes(f, theta, gtol=1e-6, rtol=1e-6):
    """raises an error where the point is not critical instead of saying so"""
    found = judged(f, theta, gtol, rtol, lambda g: g.abs().max())
    if found == "not critical":
        raise ValueError("theta is not critical")
    return found


@mistake("classify_critical_point", caught_by="largest_entry_of_the_gradient_decides")
def other_words(f, theta, gtol=1e-6, rtol=1e-6):
    """says "not a critical point" where the label is "not critical" """
    found = judged(f, theta, gtol, rtol, lambda g: g.abs().max())
    return "not a critical point" if found == "not critical" else found


@mistake("classify_critical_point", caught_by="classifying_leaves_no_trace")
def marks_theta_when_classifying(f, theta, gtol=1e-6, rtol=1e-6):
    """sets requires_grad on theta and leaves it so"""
    found = judged(f, theta, gtol, rtol, lambda g: g.abs().max())
    theta.requires_grad_()
    return found


@mistake("classify_critical_point", caught_by="classify_critical_point_refuses_bad_arguments")
def classifies_any_shape(f, theta, gtol=1e-6, rtol=1e-6):
    """accepts a theta that is no vector"""
    _check_float_tensor("theta", theta)
    flat = theta.reshape(-1)
    return judged(lambda flat: f(flat.reshape(theta.shape)), flat, gtol, rtol, lambda g: g.abs().max())


# minimum_ratio


@mistake("minimum_ratio", caught_by="minimum_ratio_is_the_share_of_positive_eigenvalues")
def counts_only(H, rtol=1e-6):
    """returns the number of positive eigenvalues, not their share"""
    values, tol = _eigenvalues(H, rtol)
    return float((values > tol).sum())


@mistake("minimum_ratio", caught_by="minimum_ratio_is_the_share_of_positive_eigenvalues")
def divides_down(H, rtol=1e-6):
    """divides and rounds down: 0 unless all eigenvalues are positive"""
    values, tol = _eigenvalues(H, rtol)
    return float(int((values > tol).sum()) // len(values))


@mistake("minimum_ratio", caught_by="minimum_ratio_is_the_share_of_positive_eigenvalues")
def counts_the_negative_ones(H, rtol=1e-6):
    """counts the negative eigenvalues instead of the positive ones"""
    values, tol = _eigenvalues(H, rtol)
    return (values < -tol).double().mean().item()


@mistake("minimum_ratio", caught_by="minimum_ratio_is_the_share_of_positive_eigenvalues")
def counts_the_diagonal(H, rtol=1e-6):
    """counts positive diagonal entries instead of eigenvalues"""
    _, tol = _eigenvalues(H, rtol)
    return (torch.diag(H.detach()) > tol).double().mean().item()


@mistake("minimum_ratio", caught_by="minimum_ratio_is_the_share_of_positive_eigenvalues")
def divides_by_entries(H, rtol=1e-6):
    """divides by the number of entries of H instead of n"""
    values, tol = _eigenvalues(H, rtol)
    return float((values > tol).sum()) / H.numel()


@mistake("minimum_ratio", caught_by="minimum_ratio_counts_zeros_below_the_line_only")
def counts_zeros_as_positive(H, rtol=1e-6):
    """counts zeros as positive"""
    values, tol = _eigenvalues(H, rtol)
    return (values >= -tol).double().mean().item()


@mistake("minimum_ratio", caught_by="minimum_ratio_counts_zeros_below_the_line_only")
def ratio_at_the_tolerance(H, rtol=1e-6):
    """counts λ = tol as positive, so that H = 0 has the ratio 1"""
    values, tol = _eigenvalues(H, rtol)
    return (values >= tol).double().mean().item()


@mistake("minimum_ratio", caught_by="minimum_ratio_counts_zeros_below_the_line_only")
def leaves_zeros_out(H, rtol=1e-6):
    """leaves the zeros out of the n that it divides by"""
    values, tol = _eigenvalues(H, rtol)
    return float((values > tol).sum()) / max(int((values.abs() > tol).sum()), 1)


@mistake("minimum_ratio", caught_by="minimum_ratio_counts_zeros_below_the_line_only")
def above_exact_zero(H, rtol=1e-6):
    """counts every eigenvalue above exactly 0, the zeros that rounding lifted too"""
    return (spectrum(H) > 0).double().mean().item()


@mistake("minimum_ratio", caught_by="minimum_ratio_has_a_relative_tolerance")
def ratio_with_absolute_tolerance(H, rtol=1e-6):
    """takes rtol for an absolute tolerance"""
    return (spectrum(H) > rtol).double().mean().item()


@mistake("minimum_ratio", caught_by="minimum_ratio_has_a_relative_tolerance")
def ratio_ignores_rtol(H, rtol=1e-6):
    """ignores rtol"""
    values, tol = _eigenvalues(H, 1e-6)
    return (values > tol).double().mean().item()


@mistake("minimum_ratio", caught_by="minimum_ratio_has_a_relative_tolerance")
def ratio_beside_the_largest_entry(H, rtol=1e-6):
    """measures the tolerance by the largest entry of H, not by the largest eigenvalue"""
    return (spectrum(H) > rtol * H.detach().abs().max()).double().mean().item()


@mistake("minimum_ratio", caught_by="minimum_ratio_of_every_hessian_that_may_come")
def ratio_of_exactly_symmetric(H, rtol=1e-6):
    """demands exact symmetry, which rounding breaks"""
    demand_exact_symmetry(H)
    values, tol = _eigenvalues(H, rtol)
    return (values > tol).double().mean().item()


@mistake("minimum_ratio", caught_by="minimum_ratio_refuses_what_is_no_hessian")
def ratio_of_one_triangle(H, rtol=1e-6):
    """does not check symmetry: eigvalsh reads one triangle only"""
    values = lenient_values(H)
    return (values > rtol * values.abs().max()).double().mean().item()


# negative_fraction


@mistake("negative_fraction", caught_by="negative_fraction_is_the_share_of_negative_eigenvalues")
def number_of_negative_ones(H, rtol=1e-6):
    """returns the number of negative eigenvalues, the index of the saddle, not their share"""
    values, tol = _eigenvalues(H, rtol)
    return float((values < -tol).sum())


@mistake("negative_fraction", caught_by="negative_fraction_is_the_share_of_negative_eigenvalues")
def counts_the_positive_ones(H, rtol=1e-6):
    """counts the positive eigenvalues instead of the negative ones"""
    values, tol = _eigenvalues(H, rtol)
    return (values > tol).double().mean().item()


@mistake("negative_fraction", caught_by="negative_fraction_is_the_share_of_negative_eigenvalues")
def negative_diagonal(H, rtol=1e-6):
    """counts negative diagonal entries instead of eigenvalues"""
    _, tol = _eigenvalues(H, rtol)
    return (torch.diag(H.detach()) < -tol).double().mean().item()


@mistake("negative_fraction", caught_by="negative_fraction_counts_zeros_below_the_line_only")
def what_is_not_positive(H, rtol=1e-6):
    """returns 1 − minimum ratio, which counts zeros as negative"""
    values, tol = _eigenvalues(H, rtol)
    return (values <= tol).double().mean().item()


@mistake("negative_fraction", caught_by="negative_fraction_counts_zeros_below_the_line_only")
def fraction_without_zeros(H, rtol=1e-6):
    """leaves the zeros out of the n that it divides by"""
    values, tol = _eigenvalues(H, rtol)
    return float((values < -tol).sum()) / max(int((values.abs() > tol).sum()), 1)


@mistake("negative_fraction", caught_by="negative_fraction_counts_zeros_below_the_line_only")
def below_exact_zero(H, rtol=1e-6):
    """counts every eigenvalue below exactly 0, the zeros that rounding pushed down too"""
    return (spectrum(H) < 0).double().mean().item()


@mistake("negative_fraction", caught_by="negative_fraction_has_a_relative_tolerance")
def fraction_with_absolute_tolerance(H, rtol=1e-6):
    """takes rtol for an absolute tolerance"""
    return (spectrum(H) < -rtol).double().mean().item()


@mistake("negative_fraction", caught_by="negative_fraction_has_a_relative_tolerance")
def fraction_ignores_rtol(H, rtol=1e-6):
    """ignores rtol"""
    values, tol = _eigenvalues(H, 1e-6)
    return (values < -tol).double().mean().item()


@mistake("negative_fraction", caught_by="negative_fraction_has_a_relative_tolerance")
def fraction_beside_the_smallest(H, rtol=1e-6):
    """measures the tolerance by the smallest eigenvalue, not by the largest in size"""
    values = spectrum(H)
    return (values < -rtol * values[0].abs()).double().mean().item()


@mistake("negative_fraction", caught_by="negative_fraction_of_every_hessian_that_may_come")
def marks_the_matrix(H, rtol=1e-6):
    """sets requires_grad on H and leaves it so"""
    values, tol = _eigenvalues(H, rtol)
    H.requires_grad_()
    return (values < -tol).double().mean().item()


@mistake("negative_fraction", caught_by="negative_fraction_refuses_what_is_no_hessian")
def fraction_of_integers(H, rtol=1e-6):
    """accepts a list or integers for H"""
    values, tol = _eigenvalues(torch.as_tensor(H) * 1.0, rtol)
    return (values < -tol).double().mean().item()


# escape_direction


@mistake("escape_direction", caught_by="is_the_unit_eigenvector_of_the_smallest_eigenvalue")
def row_of_the_eigenvectors(H, rtol=1e-6):
    """takes a row of the matrix of eigenvectors; they are its columns"""
    _, vectors = way_down(H, rtol)
    return vectors[0]


@mistake("escape_direction", caught_by="is_the_unit_eigenvector_of_the_smallest_eigenvalue")
def climbs(H, rtol=1e-6):
    """takes the eigenvector of the largest eigenvalue: the steepest way up"""
    _, vectors = way_down(H, rtol)
    return vectors[:, -1]


@mistake("escape_direction", caught_by="is_the_unit_eigenvector_of_the_smallest_eigenvalue")
def scales_by_the_eigenvalue(H, rtol=1e-6):
    """returns λ u, which is not of length 1"""
    values, vectors = way_down(H, rtol)
    return values[0] * vectors[:, 0]


@mistake("escape_direction", caught_by="is_the_unit_eigenvector_of_the_smallest_eigenvalue")
def largest_entry_is_one(H, rtol=1e-6):
    """scales the largest entry to 1 instead of the length"""
    _, vectors = way_down(H, rtol)
    return vectors[:, 0] / vectors[:, 0].abs().max()


@mistake("escape_direction", caught_by="is_the_unit_eigenvector_of_the_smallest_eigenvalue")
def along_an_axis(H, rtol=1e-6):
    """moves along a single parameter, that of the smallest diagonal entry"""
    way_down(H, rtol)
    return torch.eye(len(H), dtype=H.dtype)[torch.diag(H.detach()).argmin()]


@mistake("escape_direction", caught_by="is_the_unit_eigenvector_of_the_smallest_eigenvalue")
def direction_as_a_column(H, rtol=1e-6):
    """returns a matrix (n, 1) instead of a vector (n,)"""
    _, vectors = way_down(H, rtol)
    return vectors[:, :1]


@mistake("escape_direction", caught_by="follows_the_most_negative_eigenvalue")
def nearest_to_zero_from_below(H, rtol=1e-6):
    """takes the negative eigenvalue nearest to 0 instead of the most negative one"""
    values, vectors = way_down(H, rtol)
    tol = rtol * values.abs().max()
    return vectors[:, int((values < -tol).sum()) - 1]


@mistake("escape_direction", caught_by="is_the_unit_eigenvector_of_the_smallest_eigenvalue")
def largest_in_size(H, rtol=1e-6):
    """takes the eigenvalue that is largest in size, whatever its sign"""
    values, vectors = way_down(H, rtol)
    return vectors[:, values.abs().argmax()]


@mistake("escape_direction", caught_by="follows_the_most_negative_eigenvalue")
def iterates_a_while(H, rtol=1e-6):
    """approaches the eigenvector by power iteration and stops too early: the next eigenvalue is near"""
    way_down(H, rtol)
    shifted = H.detach().abs().sum(1).max() * torch.eye(len(H), dtype=H.dtype) - H.detach()
    direction = torch.linspace(1, 2, len(H), dtype=H.dtype)
    for _ in range(200):
        direction = shifted @ direction
        direction = direction / direction.norm()
    return direction


@mistake("escape_direction", caught_by="follows_the_most_negative_eigenvalue")
def smallest_in_size(H, rtol=1e-6):
    """takes the eigenvalue that is smallest in size, whatever its sign"""
    values, vectors = way_down(H, rtol)
    return vectors[:, values.abs().argmin()]


@mistake("escape_direction", caught_by="escapes_from_maxima_and_past_zeros")
def escapes_from_saddles_only(H, rtol=1e-6):
    """refuses maxima: it asks for a saddle point, where one negative eigenvalue is enough"""
    values, vectors = way_down(H, rtol)
    if values[-1] <= rtol * values.abs().max():
        raise ValueError("H must be that of a saddle point")
    return vectors[:, 0]


@mistake("escape_direction", caught_by="escapes_from_maxima_and_past_zeros")
def stops_at_zeros(H, rtol=1e-6):
    """refuses an H with a zero eigenvalue, where a negative one is enough"""
    values, vectors = way_down(H, rtol)
    if (values.abs() <= rtol * values.abs().max()).any():
        raise ValueError("H must not be degenerate")
    return vectors[:, 0]


@mistake("escape_direction", caught_by="refuses_where_nothing_leads_down")
def always_finds_a_way(H, rtol=1e-6):
    """returns an eigenvector where no eigenvalue is negative: that way leads up"""
    _check_hessian(H)
    return torch.linalg.eigh(H.detach()).eigenvectors[:, 0]


@mistake("escape_direction", caught_by="refuses_where_nothing_leads_down")
def stays_put(H, rtol=1e-6):
    """returns zeros or None where no direction leads down instead of refusing"""
    values, tol = _eigenvalues(H, rtol)
    return None if values[0] >= -tol else torch.linalg.eigh(H.detach()).eigenvectors[:, 0]


@mistake("escape_direction", caught_by="refuses_where_nothing_leads_down")
def takes_rounding_for_a_way(H, rtol=1e-6):
    """takes every eigenvalue below exactly 0 for negative, a zero bent by rounding too"""
    values = spectrum(H)
    if values[0] >= 0:
        raise ValueError("H must have a negative eigenvalue")
    return torch.linalg.eigh(H.detach()).eigenvectors[:, 0]


@mistake("escape_direction", caught_by="way_down_does_not_depend_on_the_scale")
def way_by_absolute_tolerance(H, rtol=1e-6):
    """takes rtol for an absolute tolerance"""
    if not spectrum(H)[0] < -rtol:
        raise ValueError("H must have a negative eigenvalue")
    return torch.linalg.eigh(H.detach()).eigenvectors[:, 0]


@mistake("escape_direction", caught_by="refuses_where_nothing_leads_down")
def way_ignores_rtol(H, rtol=1e-6):
    """ignores rtol"""
    return way_down(H, 1e-6).eigenvectors[:, 0]


@mistake("escape_direction", caught_by="direction_is_exact_in_every_dtype")
def direction_in_double(H, rtol=1e-6):
    """returns float64 whatever comes in"""
    return way_down(H, rtol).eigenvectors[:, 0].double()


@mistake("escape_direction", caught_by="direction_is_exact_in_every_dtype")
def direction_in_single(H, rtol=1e-6):
    """rounds to float32 on the way: float64 loses half of its digits"""
    return way_down(H, rtol).eigenvectors[:, 0].float().to(H.dtype)


@mistake("escape_direction", caught_by="direction_leaves_no_trace")
def marks_the_hessian(H, rtol=1e-6):
    """sets requires_grad on H and leaves it so"""
    u = way_down(H, rtol).eigenvectors[:, 0]
    H.requires_grad_()
    return u


@mistake("escape_direction", caught_by="direction_leaves_no_trace")
def divides_in_place(H, rtol=1e-6):
    """divides H by its largest entry in place"""
    u = way_down(H, rtol).eigenvectors[:, 0]
    H.data /= H.detach().abs().max()
    return u


@mistake("escape_direction", caught_by="direction_leaves_no_trace")
def starts_at_random(H, rtol=1e-6):
    """seeds the global random generator or draws from it"""
    torch.manual_seed(0)
    torch.randn(())
    return way_down(H, rtol).eigenvectors[:, 0]


@mistake("escape_direction", caught_by="direction_leaves_no_trace")
def way_by_exact_symmetry(H, rtol=1e-6):
    """demands exact symmetry, which rounding breaks"""
    demand_exact_symmetry(H)
    return way_down(H, rtol).eigenvectors[:, 0]


@mistake("escape_direction", caught_by="escape_direction_refuses_what_is_no_hessian")
def way_through_one_triangle(H, rtol=1e-6):
    """does not check symmetry: eigh reads one triangle only"""
    values = lenient_values(H)
    if not values[0] < -rtol * values.abs().max():
        raise ValueError("H must have a negative eigenvalue")
    return torch.linalg.eigh(H.detach()).eigenvectors[:, 0]
