"""Small, with one helper each for f and H: the Hessian is the Jacobian of the gradient; the largest |λ| is the matrix 2-norm."""

import torch


def _floats(**named):
    for name, value in named.items():
        if not (isinstance(value, torch.Tensor) and value.is_floating_point()):
            raise TypeError(f"`{name}` must be a float tensor")


def _derivatives(f, theta):
    _floats(theta=theta)
    if theta.dim() != 1:
        raise ValueError("`theta` must be 1-D")

    def df(x):
        y = f(x)
        if y.dim():
            raise ValueError("`f` must return a scalar")
        return y

    return torch.func.jacrev(df), torch.func.jacrev(torch.func.jacrev(df)), theta.detach()


def _checked(H):
    _floats(H=H)
    if H.dim() != 2 or len(H) != len(H.T):
        raise ValueError("`H` must be (n, n)")
    scale = H.detach().abs().max()
    if not scale < float("inf"):
        raise ValueError("`H` must be finite")
    if not torch.allclose(H.detach(), H.detach().T, rtol=0.0, atol=1e-6 * float(scale)):
        raise ValueError("`H` must equal its transpose")
    return H.detach()


def gradient(f, theta):
    first, _, at = _derivatives(f, theta)
    return first(at)


def hessian(f, theta):
    _, second, at = _derivatives(f, theta)
    return second(at)


def taylor_quadratic(f, theta0, theta):
    _floats(theta0=theta0, theta=theta)
    if theta0.dim() != 1:
        raise ValueError("`theta0` must be 1-D")
    if theta.shape != theta0.shape:
        raise ValueError("`theta` must match theta0 in shape")
    first, second, at = _derivatives(f, theta0)
    step = theta.detach() - at
    half = 0.5 * torch.mv(second(at), step)
    return f(at) + torch.dot(first(at) + half, step)


def classify_hessian(H, rtol=1e-6):
    H = _checked(H)
    up, down = minimum_ratio(H, rtol), negative_fraction(H, rtol)
    if up * down > 0:
        return "saddle point"
    if up + down < 1:
        return "degenerate"
    return "local minimum" if up == 1 else "local maximum"


def classify_critical_point(f, theta, gtol=1e-6, rtol=1e-6):
    if gradient(f, theta).norm(p=torch.inf) > gtol:
        return "not critical"
    return classify_hessian(hessian(f, theta), rtol)


def minimum_ratio(H, rtol=1e-6):
    H = _checked(H)
    return float((torch.linalg.eigvalsh(H) > rtol * torch.linalg.matrix_norm(H, 2)).float().mean())


def negative_fraction(H, rtol=1e-6):
    return minimum_ratio(-_checked(H), rtol)


def escape_direction(H, rtol=1e-6):
    H = _checked(H)
    if negative_fraction(H, rtol) == 0:
        raise ValueError("`H` has no negative eigenvalue")
    # Flip the spectrum: the lowest eigenvector of H is the leading one of shift − H.
    shift = torch.linalg.matrix_norm(H, 2)
    return torch.linalg.svd(shift * torch.eye(len(H), dtype=H.dtype, device=H.device) - H).U[:, 0]
