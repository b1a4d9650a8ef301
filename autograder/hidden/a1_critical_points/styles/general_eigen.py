"""The general eigenvalue routine, which knows nothing of symmetry; columns of H as Hessian-vector products."""

import torch
from torch import Tensor


def require(condition: bool, error: type[Exception], text: str) -> None:
    if not condition:
        raise error(text)


def require_vector(name: str, vector: Tensor) -> None:
    require(isinstance(vector, Tensor), TypeError, f"a tensor is needed for {name}")
    require(vector.is_floating_point(), TypeError, f"floats are needed for {name}")
    require(vector.dim() == 1, ValueError, f"one dimension is needed for {name}")


def require_symmetric(H: Tensor) -> None:
    require(isinstance(H, Tensor), TypeError, "a tensor is needed for H")
    require(H.is_floating_point(), TypeError, "floats are needed for H")
    require(H.dim() == 2 and H.size(0) == H.size(1), ValueError, "a square matrix is needed for H")
    require(bool(H.isfinite().all()), ValueError, "finite numbers are needed for H")
    bound = 1e-6 * H.abs().amax()
    require(bool(((H - H.transpose(0, 1)).abs() <= bound).all()), ValueError, "symmetry is needed for H")


def require_scalar(f, theta: Tensor) -> None:
    require(f(theta.detach().clone()).dim() == 0, ValueError, "one number is needed from f")


def gradient(f, theta: Tensor) -> Tensor:
    require_vector("theta", theta)
    require_scalar(f, theta)
    _, g = torch.autograd.functional.vjp(f, theta.detach().clone())
    return g


def hessian(f, theta: Tensor) -> Tensor:
    require_vector("theta", theta)
    require_scalar(f, theta)
    point = theta.detach().clone()
    units = torch.eye(point.numel(), dtype=point.dtype, device=point.device)
    columns = [torch.autograd.functional.vhp(f, point, unit)[1] for unit in units]
    return torch.stack(columns, dim=1)


def taylor_quadratic(f, theta0: Tensor, theta: Tensor) -> Tensor:
    require_vector("theta0", theta0)
    require(isinstance(theta, Tensor) and theta.is_floating_point(), TypeError, "a float tensor is needed for theta")
    require(theta.shape == theta0.shape, ValueError, "theta must be as long as the other point")
    start, d = theta0.detach().clone(), (theta - theta0).detach()
    require_scalar(f, start)
    value, slope = torch.autograd.functional.jvp(f, start, d)
    _, bend = torch.autograd.functional.vhp(f, start, d)
    return (value + slope + 0.5 * (bend * d).sum()).detach()


def signs(H: Tensor, rtol: float) -> list[int]:
    require_symmetric(H)
    values = torch.linalg.eigvals(H.detach().double()).real.tolist()
    tol = rtol * max(abs(value) for value in values)
    return [0 if abs(value) <= tol else 1 if value > 0 else -1 for value in values]


def classify_hessian(H: Tensor, rtol: float = 1e-6) -> str:
    found = signs(H, rtol)
    match (1 in found, -1 in found, 0 in found):
        case (True, True, _):
            return "saddle point"
        case (True, False, False):
            return "local minimum"
        case (False, True, False):
            return "local maximum"
        case _:
            return "degenerate"


def classify_critical_point(f, theta: Tensor, gtol: float = 1e-6, rtol: float = 1e-6) -> str:
    g = gradient(f, theta)
    if bool((g.abs() <= gtol).all()):
        return classify_hessian(hessian(f, theta), rtol)
    return "not critical"


def minimum_ratio(H: Tensor, rtol: float = 1e-6) -> float:
    found = signs(H, rtol)
    return found.count(1) / len(found)


def negative_fraction(H: Tensor, rtol: float = 1e-6) -> float:
    found = signs(H, rtol)
    return found.count(-1) / len(found)


def escape_direction(H: Tensor, rtol: float = 1e-6) -> Tensor:
    require(-1 in signs(H, rtol), ValueError, "a negative eigenvalue is needed in H")
    values, vectors = torch.linalg.eig(H.detach().double())
    u = vectors.real[:, values.real.argmin()]
    return (u / u.norm()).to(H.dtype)
