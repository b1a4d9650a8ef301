"""A1 · Critical points and the Hessian: the assignment as a module.

Write your code here or in a1_critical_points.ipynb, not in both. The notebook tells the story and draws the figures;
`pytest` in this folder runs the visible checks.
"""

from collections.abc import Callable

import torch


def gradient(f: Callable[[torch.Tensor], torch.Tensor], theta: torch.Tensor) -> torch.Tensor:
    """Returns the gradient of f at theta, the vector of its first derivatives.

        g_i = ∂L/∂θ_i

    In the lecture's letters f is the loss L, theta is θ and the result is g. It is exact up to rounding: differentiated, not
    estimated from differences. Where f does not depend on a parameter, that entry is 0; a constant f has gradient 0.

    Works for float32 and float64, contiguous or not, requires_grad or not. Pure: theta is not modified, its requires_grad
    flag included; no .grad is left or changed on any tensor, not on theta and not on a tensor that f uses; the global
    random generator is neither drawn from nor seeded.

    Args:
        f: the loss: called with a vector of theta's shape and dtype, it returns a 0-dim tensor. Written in ordinary torch
            operations without branches on values. A constant f may return a new tensor that has no history; f may hold
            parameters of its own that require grad.
        theta: the point, a floating-point tensor (n,), n ≥ 1.

    Returns:
        g, of theta's shape (n,), dtype and device.

    Raises:
        ValueError: theta is not 1-dimensional; f returns more than one number. The message names the argument: theta or f.
        TypeError: theta is not a tensor, or a tensor of integers. The message names theta.
    """
    raise NotImplementedError("gradient is not written yet")


def hessian(f: Callable[[torch.Tensor], torch.Tensor], theta: torch.Tensor) -> torch.Tensor:
    """Returns the Hessian of f at theta, the matrix of its second derivatives.

        H_ij = ∂²L / (∂θ_i ∂θ_j)

    In the lecture's letters f is the loss L, theta is θ and the result is H. It is exact up to rounding: differentiated, not
    estimated from differences. Entries are 0 where the second derivative is: all of them for a constant or linear f, a row
    and a column for a parameter that f does not depend on.

    `torch.autograd.functional.hessian` and `torch.func.hessian` may be used.

    Works for float32 and float64, contiguous or not, requires_grad or not. Pure: theta is not modified, its requires_grad
    flag included; no .grad is left or changed on any tensor, not on theta and not on a tensor that f uses; the global
    random generator is neither drawn from nor seeded.

    Args:
        f: the loss: called with a vector of theta's shape and dtype, it returns a 0-dim tensor. Written in ordinary torch
            operations without branches on values. A constant f may return a new tensor that has no history; f may hold
            parameters of its own that require grad.
        theta: the point, a floating-point tensor (n,), n ≥ 1.

    Returns:
        H, (n, n), of theta's dtype and device.

    Raises:
        ValueError: theta is not 1-dimensional; f returns more than one number. The message names the argument: theta or f.
        TypeError: theta is not a tensor, or a tensor of integers. The message names theta.
    """
    raise NotImplementedError("hessian is not written yet")


def taylor_quadratic(
    f: Callable[[torch.Tensor], torch.Tensor], theta0: torch.Tensor, theta: torch.Tensor
) -> torch.Tensor:
    """Returns the second-order Taylor expansion of f around theta0, evaluated at theta.

        L(θ) ≈ L(θ0) + dᵀg + ½ dᵀH d        with d = θ − θ0

    In the lecture's letters f is the loss L, theta0 is θ' (written θ0 here) and theta is θ; g and H are gradient and Hessian
    at θ0. For an f that is a polynomial of degree 2 or less the expansion is f itself.

    Works for float32 and float64, contiguous or not, requires_grad or not. Pure: theta0 and theta are not modified, their
    requires_grad flags included; no .grad is left or changed on any tensor, not on a tensor that f uses either; the global
    random generator is neither drawn from nor seeded.

    Args:
        f: the loss: called with a vector of theta0's shape and dtype, it returns a 0-dim tensor. Written in ordinary torch
            operations without branches on values.
        theta0: the point of the expansion, a floating-point tensor (n,), n ≥ 1.
        theta: where the expansion is evaluated, of theta0's shape (n,) and dtype.

    Returns:
        The value of the quadratic at theta, a 0-dim tensor of theta0's dtype and device.

    Raises:
        ValueError: theta0 is not 1-dimensional; theta has another shape than theta0: the message names either of the two. f
            returns more than one number: it names f.
        TypeError: theta0 or theta is not a tensor, or a tensor of integers. The message names the argument.
    """
    raise NotImplementedError("taylor_quadratic is not written yet")


def classify_hessian(H: torch.Tensor, rtol: float = 1e-6) -> str:
    """Returns what a critical point with the Hessian H is, by the signs of the eigenvalues λ of H.

        all λ > 0                                        "local minimum"
        all λ < 0                                        "local maximum"
        some λ > 0 and some λ < 0 (zeros do not matter)  "saddle point"
        no two signs, and a zero among them; or H = 0    "degenerate"

    An eigenvalue counts as zero where |λ| ≤ rtol · max|λ|: the tolerance is relative, so that H and c·H (c > 0) are of the
    same kind, however small or large c is. "degenerate" means that the second-derivative test does not decide: such a point
    may be any of the three.

    Works for float32 and float64, contiguous or not, requires_grad or not. Pure: H is not modified, its requires_grad flag
    included; no .grad is left or changed on it; the global random generator is neither drawn from nor seeded.

    Source: Goodfellow, Bengio and Courville, Deep Learning, section 4.3.1.

    Args:
        H: the Hessian, a floating-point tensor (n, n), n ≥ 1. It may differ from symmetric by rounding.
        rtol: the size up to which an eigenvalue counts as zero, relative to the largest |λ|; in [0, 1). Default 1e-6.
            In float64 it may be far smaller, 1e-11 say.

    Returns:
        "local minimum", "local maximum", "saddle point" or "degenerate".

    Raises:
        ValueError: H is not a square matrix; H holds a NaN or an infinity; an entry of |H − Hᵀ| is larger than
            1e-6 · max|H|. The message names H.
        TypeError: H is not a tensor, or a tensor of integers. The message names H.
    """
    raise NotImplementedError("classify_hessian is not written yet")


def classify_critical_point(
    f: Callable[[torch.Tensor], torch.Tensor], theta: torch.Tensor, gtol: float = 1e-6, rtol: float = 1e-6
) -> str:
    """Returns what theta is for f: not a critical point, or one of the four kinds of `classify_hessian`.

    theta counts as critical where no entry of the gradient is larger than gtol in size: ‖g‖∞ = max|g_i| ≤ gtol. This
    tolerance is absolute. Then the eigenvalues of the Hessian at theta decide, as in `classify_hessian`, with the relative
    tolerance rtol.

    Works for float32 and float64, contiguous or not, requires_grad or not. Pure: theta is not modified, its requires_grad
    flag included; no .grad is left or changed on any tensor, not on a tensor that f uses either; the global random
    generator is neither drawn from nor seeded.

    Args:
        f: the loss: called with a vector of theta's shape and dtype, it returns a 0-dim tensor. Written in ordinary torch
            operations without branches on values.
        theta: the point, a floating-point tensor (n,), n ≥ 1.
        gtol: the size up to which an entry of the gradient counts as zero, at least 0. Default 1e-6.
        rtol: the size up to which an eigenvalue counts as zero, relative to the largest |λ|; in [0, 1). Default 1e-6.
            In float64 it may be far smaller, 1e-11 say.

    Returns:
        "not critical", "local minimum", "local maximum", "saddle point" or "degenerate".

    Raises:
        ValueError: theta is not 1-dimensional; f returns more than one number. The message names the argument: theta or f.
        TypeError: theta is not a tensor, or a tensor of integers. The message names theta.
    """
    raise NotImplementedError("classify_critical_point is not written yet")


def escape_direction(H: torch.Tensor, rtol: float = 1e-6) -> torch.Tensor:
    """Returns the direction in which the loss falls fastest at a critical point with the Hessian H.

        H u = λ_min u,    ‖u‖₂ = 1

    u is the eigenvector of the smallest eigenvalue: the most negative one, not the one nearest to zero. A short step along u
    changes the loss by ½ λ_min (step)² < 0, and so does one along −u: either sign may be returned. Where λ_min is a repeated
    eigenvalue, any unit eigenvector of it may be.

    Works for float32 and float64, contiguous or not, requires_grad or not. Pure: H is not modified, its requires_grad flag
    included; no .grad is left or changed on it; the global random generator is neither drawn from nor seeded.

    Args:
        H: the Hessian, a floating-point tensor (n, n), n ≥ 1. It may differ from symmetric by rounding.
        rtol: the size up to which an eigenvalue counts as zero, relative to the largest |λ|; in [0, 1). Default 1e-6.
            In float64 it may be far smaller, 1e-11 say.

    Returns:
        u, (n,), of H's dtype and device.

    Raises:
        ValueError: no eigenvalue is below −rtol · max|λ|, so that no direction leads down; H is not a square matrix; H holds
            a NaN or an infinity; an entry of |H − Hᵀ| is larger than 1e-6 · max|H|. The message names H.
        TypeError: H is not a tensor, or a tensor of integers. The message names H.
    """
    raise NotImplementedError("escape_direction is not written yet")


def minimum_ratio(H: torch.Tensor, rtol: float = 1e-6) -> float:
    """Returns the share of the eigenvalues of H that are positive: the lecture's minimum ratio.

        (number of λ > rtol · max|λ|) / n

    1 at a minimum that the second-derivative test can see, 0 at a maximum. All n eigenvalues are counted below the line,
    zeros too; no zero is counted above it. H = 0 has the ratio 0.

    Works for float32 and float64, contiguous or not, requires_grad or not. Pure: H is not modified, its requires_grad flag
    included; no .grad is left or changed on it; the global random generator is neither drawn from nor seeded.

    Args:
        H: the Hessian, a floating-point tensor (n, n), n ≥ 1. It may differ from symmetric by rounding.
        rtol: the size up to which an eigenvalue counts as zero, relative to the largest |λ|; in [0, 1). Default 1e-6.
            In float64 it may be far smaller, 1e-11 say.

    Returns:
        The share, in [0, 1].

    Raises:
        ValueError: H is not a square matrix; H holds a NaN or an infinity; an entry of |H − Hᵀ| is larger than
            1e-6 · max|H|. The message names H.
        TypeError: H is not a tensor, or a tensor of integers. The message names H.
    """
    raise NotImplementedError("minimum_ratio is not written yet")


def negative_fraction(H: torch.Tensor, rtol: float = 1e-6) -> float:
    """Returns the share of the eigenvalues of H that are negative: of the directions in which the loss falls.

        (number of λ < −rtol · max|λ|) / n

    0 at a minimum, 1 at a maximum that the second-derivative test can see. All n eigenvalues are counted below the line,
    zeros too; no zero is counted above it, so that this and the minimum ratio need not add up to 1. H = 0 has the share 0.

    Works for float32 and float64, contiguous or not, requires_grad or not. Pure: H is not modified, its requires_grad flag
    included; no .grad is left or changed on it; the global random generator is neither drawn from nor seeded.

    Args:
        H: the Hessian, a floating-point tensor (n, n), n ≥ 1. It may differ from symmetric by rounding.
        rtol: the size up to which an eigenvalue counts as zero, relative to the largest |λ|; in [0, 1). Default 1e-6.
            In float64 it may be far smaller, 1e-11 say.

    Returns:
        The share, in [0, 1].

    Raises:
        ValueError: H is not a square matrix; H holds a NaN or an infinity; an entry of |H − Hᵀ| is larger than
            1e-6 · max|H|. The message names H.
        TypeError: H is not a tensor, or a tensor of integers. The message names H.
    """
    raise NotImplementedError("negative_fraction is not written yet")
