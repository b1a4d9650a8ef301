"""Derivatives by torch, linear algebra by NumPy in double precision."""

import numpy as np
import torch
from torch.autograd.functional import hessian as torch_hessian
from torch.autograd.functional import jacobian


def _valid_point(theta, name="theta"):
    if not isinstance(theta, torch.Tensor):
        raise TypeError(f"{name}: expected a tensor")
    if theta.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"{name}: expected float32 or float64")
    if theta.dim() != 1:
        raise ValueError(f"{name}: expected one dimension")


def _valid_loss(f, theta):
    with torch.no_grad():
        if f(theta.clone()).numel() != 1:
            raise ValueError("f: expected one number")


def _to_numpy(H):
    if not isinstance(H, torch.Tensor):
        raise TypeError("H: expected a tensor")
    if H.dtype not in (torch.float32, torch.float64):
        raise TypeError("H: expected float32 or float64")
    array = H.detach().cpu().numpy().astype(np.float64)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError("H: expected a square matrix")
    if not np.isfinite(array).all():
        raise ValueError("H: expected finite numbers")
    if np.abs(array - array.T).max() > 1e-6 * np.abs(array).max():
        raise ValueError("H: expected a symmetric matrix")
    return array


def gradient(f, theta):
    _valid_point(theta)
    _valid_loss(f, theta.detach())
    return jacobian(f, theta.detach())


def hessian(f, theta):
    _valid_point(theta)
    _valid_loss(f, theta.detach())
    return torch_hessian(f, theta.detach(), vectorize=True)


def taylor_quadratic(f, theta0, theta):
    _valid_point(theta0, "theta0")
    if isinstance(theta, torch.Tensor) and theta.shape != theta0.shape:
        raise ValueError("theta: expected the shape of theta0")
    _valid_point(theta, "theta")
    d = (theta - theta0).detach().numpy()
    g, H = gradient(f, theta0).numpy(), hessian(f, theta0).numpy()
    value = f(theta0.detach()).detach().numpy() + np.dot(d, g) + np.einsum("i,ij,j->", d, H, d) / 2
    return torch.tensor(value, dtype=theta0.dtype, device=theta0.device)


def _signs(H, rtol):
    values = np.linalg.eigvalsh(_to_numpy(H))
    tol = rtol * np.max(np.abs(values))
    return np.where(np.abs(values) <= tol, 0, np.sign(values))


def classify_hessian(H, rtol=1e-6):
    signs = _signs(H, rtol)
    if signs.min() == -1 and signs.max() == 1:
        return "saddle point"
    if 0 in signs:
        return "degenerate"
    return "local minimum" if signs[0] == 1 else "local maximum"


def classify_critical_point(f, theta, gtol=1e-6, rtol=1e-6):
    g = gradient(f, theta).numpy()
    return "not critical" if np.linalg.norm(g, np.inf) > gtol else classify_hessian(hessian(f, theta), rtol)


def minimum_ratio(H, rtol=1e-6):
    return np.mean(_signs(H, rtol) == 1)


def negative_fraction(H, rtol=1e-6):
    return np.mean(_signs(H, rtol) == -1)


def escape_direction(H, rtol=1e-6):
    if -1 not in _signs(H, rtol):
        raise ValueError("H: expected a negative eigenvalue")
    _, vectors = np.linalg.eigh(_to_numpy(H))
    return torch.from_numpy(vectors[:, 0].copy()).to(device=H.device, dtype=H.dtype)
