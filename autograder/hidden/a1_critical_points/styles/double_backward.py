"""Row by row: each entry of the gradient is differentiated once more. Quadratic forms as sums of products."""

import torch
from torch.autograd import grad


def check_point(name, theta):
    if not torch.is_tensor(theta):
        raise TypeError(f"{name} is no tensor")
    if not theta.dtype.is_floating_point:
        raise TypeError(f"{name} holds integers")
    if len(theta.shape) != 1:
        raise ValueError(f"{name} has {len(theta.shape)} dimensions")


def check_matrix(H):
    if not torch.is_tensor(H):
        raise TypeError("H is no tensor")
    if not H.dtype.is_floating_point:
        raise TypeError("H holds integers")
    if len(H.shape) != 2:
        raise ValueError("H is no matrix")
    rows, columns = H.shape
    if rows != columns:
        raise ValueError("H is not square")
    if torch.isnan(H).any() or torch.isinf(H).any():
        raise ValueError("H is not finite")
    largest = H.abs().max()
    if largest > 0 and ((H - H.t()).abs() / largest).max() > 1e-6:
        raise ValueError("H is not symmetric")


def first_derivatives(f, point):
    """The gradient, with its history; zeros without history where there is none."""
    loss = f(point)
    if loss.shape != ():
        raise ValueError("f gives more than one number")
    if loss.grad_fn is None:
        return torch.zeros_like(point.detach())
    (g,) = grad(loss, point, create_graph=True, allow_unused=True)
    return torch.zeros_like(point.detach()) if g is None else g


def gradient(f, theta):
    check_point("theta", theta)
    return first_derivatives(f, theta.detach().clone().requires_grad_(True)).detach()


def hessian(f, theta):
    check_point("theta", theta)
    point = theta.detach().clone().requires_grad_(True)
    g = first_derivatives(f, point)
    H = torch.zeros(len(point), len(point), dtype=theta.dtype, device=theta.device)
    for i in range(len(point)):
        if not g[i].requires_grad:
            continue
        (row,) = grad(g[i], point, retain_graph=True, allow_unused=True)
        if row is not None:
            H[i] = row
    return H


def taylor_quadratic(f, theta0, theta):
    check_point("theta0", theta0)
    if not torch.is_tensor(theta) or not theta.dtype.is_floating_point:
        raise TypeError("theta is no tensor of floats")
    if theta.shape != theta0.shape:
        raise ValueError("theta is longer or shorter than theta0")
    with torch.no_grad():
        d = theta - theta0
        value = f(theta0).clone()
    g = gradient(f, theta0)
    H = hessian(f, theta0)
    for i in range(len(d)):
        value = value + d[i] * g[i]
        for j in range(len(d)):
            value = value + 0.5 * d[i] * H[i, j] * d[j]
    return value.detach()


def count(H, rtol):
    """How many eigenvalues are negative, zero, positive."""
    check_matrix(H)
    eigenvalues = torch.linalg.eigvalsh(H.detach(), UPLO="U")
    tol = rtol * max(-eigenvalues[0], eigenvalues[-1])
    negative = zero = positive = 0
    for eigenvalue in eigenvalues:
        if eigenvalue > tol:
            positive += 1
        elif eigenvalue < -tol:
            negative += 1
        else:
            zero += 1
    return negative, zero, positive


def classify_hessian(H, rtol=1e-6):
    negative, zero, positive = count(H, rtol)
    if negative and positive:
        return "saddle point"
    elif zero:
        return "degenerate"
    elif positive:
        return "local minimum"
    else:
        return "local maximum"


def classify_critical_point(f, theta, gtol=1e-6, rtol=1e-6):
    for slope in gradient(f, theta):
        if abs(slope) > gtol:
            return "not critical"
    return classify_hessian(hessian(f, theta), rtol)


def minimum_ratio(H, rtol=1e-6):
    return count(H, rtol)[2] / len(H)


def negative_fraction(H, rtol=1e-6):
    return count(H, rtol)[0] / len(H)


def escape_direction(H, rtol=1e-6):
    if count(H, rtol)[0] == 0:
        raise ValueError("H curves down nowhere")
    _, eigenvectors = torch.linalg.eigh(H.detach(), UPLO="U")
    u = eigenvectors.t()[0]
    return -u / torch.sqrt((u * u).sum())
