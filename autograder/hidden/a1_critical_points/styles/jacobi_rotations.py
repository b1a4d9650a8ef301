"""No library for eigenvalues: Jacobi rotations in plain Python; backward with `inputs=`, so that it reaches one tensor only."""

import math

import torch


class Spectrum:
    """Eigenvalues and eigenvectors of a symmetric matrix, ascending."""

    def __init__(self, H, rtol):
        self.check(H)
        a = H.detach().double().tolist()
        n = len(a)
        v = [[float(i == j) for j in range(n)] for i in range(n)]
        size = max(abs(x) for row in a for x in row)
        for _ in range(60):
            for p in range(n):
                for q in range(p + 1, n):
                    if abs(a[p][q]) > 1e-18 * size:
                        self.rotate(a, v, p, q)
        order = sorted(range(n), key=lambda i: a[i][i])
        self.values = [a[i][i] for i in order]
        self.vectors = [[v[k][i] for k in range(n)] for i in order]
        self.tol = rtol * max(map(abs, self.values))
        self.up = sum(value > self.tol for value in self.values)
        self.down = sum(value < -self.tol for value in self.values)

    @staticmethod
    def check(H):
        if not isinstance(H, torch.Tensor):
            raise TypeError("H should be a tensor, it is " + str(type(H)))
        if not torch.is_floating_point(H):
            raise TypeError("H should hold floats, not " + str(H.dtype))
        if H.ndim != 2 or H.shape[0] != H.shape[1]:
            raise ValueError("H should be n by n")
        rows = H.detach().tolist()
        if any(not math.isfinite(x) for row in rows for x in row):
            raise ValueError("H should hold finite numbers")
        size = max(abs(x) for row in rows for x in row)
        if any(abs(rows[i][j] - rows[j][i]) > 1e-6 * size for i in range(len(rows)) for j in range(i)):
            raise ValueError("H should be symmetric")

    @staticmethod
    def rotate(a, v, p, q):
        angle = 0.5 * math.atan2(2 * a[p][q], a[q][q] - a[p][p])
        c, s = math.cos(angle), math.sin(angle)
        for row in (*a, *v):
            row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
        a[p], a[q] = (
            [c * x - s * y for x, y in zip(a[p], a[q], strict=True)],
            [s * x + c * y for x, y in zip(a[p], a[q], strict=True)],
        )


def check_theta(theta, name="theta"):
    if not isinstance(theta, torch.Tensor):
        raise TypeError(name + " should be a tensor")
    if not torch.is_floating_point(theta):
        raise TypeError(name + " should hold floats")
    if theta.ndim != 1:
        raise ValueError(name + " should have one dimension")


def evaluate(f, theta):
    loss = f(theta)
    if loss.ndim != 0:
        raise ValueError("f should return one number, not " + str(tuple(loss.shape)))
    return loss


def gradient(f, theta):
    check_theta(theta)
    leaf = torch.tensor(theta.tolist(), dtype=theta.dtype, device=theta.device, requires_grad=True)
    loss = evaluate(f, leaf) + 0 * leaf.sum()
    loss.backward(inputs=[leaf])
    return leaf.grad


def hessian(f, theta):
    check_theta(theta)
    leaf = torch.tensor(theta.tolist(), dtype=theta.dtype, device=theta.device, requires_grad=True)
    tie = 0 * (leaf * leaf).sum()
    loss = evaluate(f, leaf) + tie
    (slopes,) = torch.autograd.grad(loss, leaf, create_graph=True)
    rows = []
    for slope in slopes:
        leaf.grad = None
        slope.backward(retain_graph=True, inputs=[leaf])
        rows.append(leaf.grad.clone())
    return torch.stack(rows)


def taylor_quadratic(f, theta0, theta):
    check_theta(theta0, "theta0")
    if not isinstance(theta, torch.Tensor) or not torch.is_floating_point(theta):
        raise TypeError("theta should be a tensor of floats")
    if theta.shape != theta0.shape:
        raise ValueError("theta should have the same shape as theta0")
    with torch.no_grad():
        d = (theta - theta0)[:, None]
        g = gradient_with_grad(f, theta0)[:, None]
        H = hessian_with_grad(f, theta0)
        return evaluate(f, theta0) + (d.T @ (g + H @ d * 0.5)).squeeze()


@torch.enable_grad()
def gradient_with_grad(f, theta):
    return gradient(f, theta)


@torch.enable_grad()
def hessian_with_grad(f, theta):
    return hessian(f, theta)


def classify_hessian(H, rtol=1e-6):
    found = Spectrum(H, rtol)
    if found.up > 0 and found.down > 0:
        return "saddle point"
    if found.up == len(found.values):
        return "local minimum"
    if found.down == len(found.values):
        return "local maximum"
    return "degenerate"


def classify_critical_point(f, theta, gtol=1e-6, rtol=1e-6):
    if max(map(abs, gradient(f, theta).tolist())) > gtol:
        return "not critical"
    return classify_hessian(hessian(f, theta), rtol)


def minimum_ratio(H, rtol=1e-6):
    found = Spectrum(H, rtol)
    return found.up / len(found.values)


def negative_fraction(H, rtol=1e-6):
    found = Spectrum(H, rtol)
    return found.down / len(found.values)


def escape_direction(H, rtol=1e-6):
    found = Spectrum(H, rtol)
    if found.down == 0:
        raise ValueError("H has no eigenvalue that is negative")
    return torch.tensor(found.vectors[0], dtype=H.dtype, device=H.device)
