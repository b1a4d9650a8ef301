"""torch.func all the way: jvp, hessian, and eigenvalues counted as sets of signs."""

import torch


def _point(name, theta):
    if not isinstance(theta, torch.Tensor) or not theta.is_floating_point():
        raise TypeError(f"{name} should be a floating point tensor")
    if theta.ndim != 1:
        raise ValueError(f"{name} should be one vector")
    return theta.detach()


def _scalar(f):
    def wrapped(theta):
        loss = f(theta)
        if loss.ndim:
            raise ValueError("f should return a scalar")
        return loss

    return wrapped


def _spectrum(H, rtol):
    if not isinstance(H, torch.Tensor) or not H.is_floating_point():
        raise TypeError("H should be a floating point tensor")
    H = H.detach()
    if H.ndim != 2 or H.shape[0] != H.shape[1]:
        raise ValueError("H should be square")
    if not torch.isfinite(H).all():
        raise ValueError("H should be finite")
    if torch.any(torch.abs(H - H.mT) > 1e-6 * torch.max(torch.abs(H))):
        raise ValueError("H should be symmetric")
    values, vectors = torch.linalg.eigh((H + H.mT) / 2)
    return torch.where(values.abs() <= rtol * values.abs().max(), 0.0, values), vectors


def gradient(f, theta):
    theta = _point("theta", theta)
    axes = torch.eye(len(theta), dtype=theta.dtype, device=theta.device)
    return torch.stack([torch.func.jvp(_scalar(f), (theta,), (axis,))[1] for axis in axes])


def hessian(f, theta):
    return torch.func.hessian(_scalar(f))(_point("theta", theta))


def taylor_quadratic(f, theta0, theta):
    start = _point("theta0", theta0)
    end = _point("theta", theta) if isinstance(theta, torch.Tensor) and theta.ndim == 1 else None
    if end is None:
        if not isinstance(theta, torch.Tensor):
            raise TypeError("theta should be a tensor")
        raise ValueError("theta should be one vector")
    if end.shape != start.shape:
        raise ValueError("theta should have as many entries as theta0")
    d = end - start
    along = _scalar(lambda t: f(start + t * d))
    slope = torch.func.grad(along)
    zero = torch.zeros((), dtype=start.dtype, device=start.device)
    return along(zero) + slope(zero) + torch.func.grad(slope)(zero) / 2


def classify_hessian(H, rtol=1e-6):
    values, _ = _spectrum(H, rtol)
    signs = set(values.sign().int().tolist())
    if {1, -1} <= signs:
        return "saddle point"
    return {(1,): "local minimum", (-1,): "local maximum"}.get(tuple(signs), "degenerate")


def classify_critical_point(f, theta, gtol=1e-6, rtol=1e-6):
    if torch.linalg.vector_norm(gradient(f, theta), ord=float("inf")) > gtol:
        return "not critical"
    return classify_hessian(hessian(f, theta), rtol=rtol)


def minimum_ratio(H, rtol=1e-6):
    values, _ = _spectrum(H, rtol)
    return (values > 0).float().mean()


def negative_fraction(H, rtol=1e-6):
    values, _ = _spectrum(H, rtol)
    return (values < 0).float().mean()


def escape_direction(H, rtol=1e-6):
    values, vectors = _spectrum(H, rtol)
    lowest = values.argmin()
    if values[lowest] >= 0:
        raise ValueError("H has no direction of descent")
    return vectors[:, lowest]
