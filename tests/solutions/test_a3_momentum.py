"""The reference of a3_momentum against oracles that share no code with it."""

import math
from fractions import Fraction

import pytest
import torch

from solutions import a3_momentum as a3


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def test_gd_step_is_sgd_without_momentum():
    """One gd_step moves as torch.optim.SGD does."""
    theta, grad = normal(3, 4), normal(3, 4, seed=1)
    p = theta.clone().requires_grad_()
    p.grad = grad.clone()
    torch.optim.SGD([p], lr=0.3).step()
    torch.testing.assert_close(a3.gd_step(theta, grad, lr=0.3), p.detach())


def test_momentum_step_walks_the_path_of_sgd_at_constant_lr():
    """Twelve momentum steps visit the points of torch.optim.SGD(momentum=0.8)."""
    grads = normal(12, 5)
    theta, movement = normal(5, seed=1), torch.zeros(5, dtype=torch.float64)
    p = theta.clone().requires_grad_()
    oracle = torch.optim.SGD([p], lr=0.05, momentum=0.8)
    for grad in grads:
        theta, movement = a3.momentum_step(theta, grad, movement, lr=0.05, momentum=0.8)
        p.grad = grad.clone()
        oracle.step()
        torch.testing.assert_close(theta, p.detach())


def test_momentum_step_and_class_part_when_lr_changes():
    """After lr is halved, the lecture's rule and PyTorch's rule differ."""
    grads, lrs = normal(2, 3), (0.2, 0.1)
    theta, movement = torch.zeros(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    p = theta.clone().requires_grad_()
    optimizer = a3.MomentumSGD([p], lr=lrs[0])
    for grad, lr in zip(grads, lrs, strict=True):
        theta, movement = a3.momentum_step(theta, grad, movement, lr=lr)
        optimizer.param_groups[0]["lr"] = lr
        p.grad = grad.clone()
        optimizer.step()
    # The lecture keeps 0.9 of the old movement, PyTorch rescales it: they differ by μ (lr₁ − lr₂) g₁.
    torch.testing.assert_close(p.detach() - theta, 0.9 * (0.2 - 0.1) * grads[0])


def test_unroll_movement_equals_exact_arithmetic():
    """The weighted sum is that of rational arithmetic, term by term."""
    grads = [Fraction(n, 8) for n in (3, 0, -7, 12, 5, 0, -1)]
    lr, momentum = Fraction(1, 4), Fraction(3, 8)
    expected = [-lr * sum(momentum ** (t - i) * grads[i] for i in range(t + 1)) for t in range(len(grads))]
    got = a3.unroll_movement(torch.tensor([float(g) for g in grads], dtype=torch.float64), float(lr), float(momentum))
    torch.testing.assert_close(got, torch.tensor([float(m) for m in expected], dtype=torch.float64))


@pytest.mark.parametrize("momentum", [0.0, 0.1, 0.9])
def test_unroll_movement_of_a_constant_gradient_is_a_geometric_series(momentum: float):
    """With gradient 1 the movement is −η(1 − λᵗ)/(1 − λ), after 200 steps too, in float32."""
    got = a3.unroll_movement(torch.ones(200, 2), lr=0.5, momentum=momentum)
    series = [-0.5 * (1 - momentum**t) / (1 - momentum) for t in range(1, 201)]
    torch.testing.assert_close(got, torch.tensor(series)[:, None].expand(200, 2))


def test_trajectory_on_a_quadratic_is_a_matrix_power():
    """On L = ½ h θ² the pair (θ, m) is multiplied by the same 2 × 2 matrix at each step."""
    h, lr, momentum = 3.0, 0.1, 0.7
    got = a3.trajectory(lambda theta: h * theta, torch.tensor(2.0, dtype=torch.float64), lr, momentum, steps=9)
    step = torch.tensor([[1 - lr * h, momentum], [-lr * h, momentum]], dtype=torch.float64)
    start = torch.tensor([2.0, 0.0], dtype=torch.float64)
    expected = torch.stack([(torch.linalg.matrix_power(step, t) @ start)[0] for t in range(10)])
    torch.testing.assert_close(got, expected)


def test_trajectory_without_momentum_decays_geometrically():
    """On L = ½ h θ² plain descent shrinks θ by (1 − ηh) a step."""
    got = a3.trajectory(lambda theta: 3 * theta, torch.tensor([2.0, -1.0]), lr=0.1, momentum=0.0, steps=5)
    expected = torch.stack([0.7**t * torch.tensor([2.0, -1.0]) for t in range(6)])
    torch.testing.assert_close(got, expected)


def parameters() -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(normal(*shape, seed=k)) for k, shape in enumerate([(3, 2), (4,), (), (3, 2)])]


def train(optimizer: torch.optim.Optimizer, params: list[torch.nn.Parameter], steps: range) -> None:
    """Steps with seeded gradients; lr changes, and the second parameter misses every third gradient."""
    for t in steps:
        for group in optimizer.param_groups:
            group["lr"] *= 0.9
        for k, p in enumerate(params):
            p.grad = None if k == 1 and t % 3 == 0 else normal(*p.shape, seed=100 * t + k)
        optimizer.step()


def groups(params: list[torch.nn.Parameter]) -> list[dict[str, object]]:
    return [{"params": params[:2], "lr": 0.3}, {"params": params[2:], "momentum": 0.4}]


def test_class_matches_torch_sgd():
    """Two groups, four parameters, missing gradients and a falling lr: every parameter as torch.optim.SGD leaves it."""
    ours, theirs = parameters(), parameters()
    train(a3.MomentumSGD(groups(ours), lr=0.1), ours, range(10))
    train(torch.optim.SGD(groups(theirs), lr=0.1, momentum=0.9), theirs, range(10))
    for p, q in zip(ours, theirs, strict=True):
        torch.testing.assert_close(p.detach(), q.detach())


def test_class_resumes_from_its_state_dict():
    """Training interrupted by a state_dict round trip ends where uninterrupted training ends."""
    whole, first = parameters(), parameters()
    optimizer = a3.MomentumSGD(groups(whole), lr=0.1)
    train(optimizer, whole, range(8))
    interrupted = a3.MomentumSGD(groups(first), lr=0.1)
    train(interrupted, first, range(4))
    second = [torch.nn.Parameter(p.detach().clone()) for p in first]
    resumed = a3.MomentumSGD(groups(second), lr=7.0, momentum=0.0)
    resumed.load_state_dict(interrupted.state_dict())
    train(resumed, second, range(4, 8))
    for p, q in zip(whole, second, strict=True):
        torch.testing.assert_close(p.detach(), q.detach())


def test_class_takes_a_closure():
    """step(closure) returns the loss before the update, and the update uses its gradient."""
    p = torch.nn.Parameter(torch.tensor(3.0, dtype=torch.float64))
    optimizer = a3.MomentumSGD([p], lr=0.25)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = p**2
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 9.0
    assert p.item() == 3.0 - 0.25 * 6.0
    assert optimizer.step() is None


def test_class_keeps_grad_and_its_buffer_apart():
    """A .grad that is overwritten in place neither changes the buffer nor is changed."""
    p = torch.nn.Parameter(torch.zeros(2))
    p.grad = torch.tensor([1.0, 2.0])
    optimizer = a3.MomentumSGD([p], lr=1.0, momentum=0.5)
    optimizer.step()
    p.grad.zero_()
    optimizer.step()
    assert p.tolist() == [-1.5, -3.0]
    assert p.grad.tolist() == [0.0, 0.0]


THETA = torch.ones(2, 3)
COUNTS = torch.ones(2, 3, dtype=torch.int64)


@pytest.mark.parametrize(
    ("call", "error", "name"),
    [
        (lambda: a3.gd_step(THETA, THETA, lr=-0.1), ValueError, "lr"),
        (lambda: a3.gd_step(THETA, THETA, lr=math.nan), ValueError, "lr"),
        (lambda: a3.gd_step(THETA, THETA[0], lr=0.1), ValueError, "grad"),
        (lambda: a3.gd_step(COUNTS, THETA, lr=0.1), TypeError, "theta"),
        (lambda: a3.gd_step(THETA, [1.0], lr=0.1), TypeError, "grad"),
        (lambda: a3.momentum_step(THETA, THETA, THETA, lr=-0.1), ValueError, "lr"),
        (lambda: a3.momentum_step(THETA, THETA, THETA, 0.1, momentum=1.0), ValueError, "momentum"),
        (lambda: a3.momentum_step(THETA, THETA, THETA, 0.1, momentum=-0.1), ValueError, "momentum"),
        (lambda: a3.momentum_step(THETA, THETA[:1], THETA, 0.1), ValueError, "grad"),
        (lambda: a3.momentum_step(THETA, THETA, THETA[:1], 0.1), ValueError, "movement"),
        (lambda: a3.momentum_step(THETA, THETA, COUNTS, 0.1), TypeError, "movement"),
        (lambda: a3.unroll_movement(THETA.sum(), 0.1, 0.9), ValueError, "grads"),
        (lambda: a3.unroll_movement(THETA, -0.1, 0.9), ValueError, "lr"),
        (lambda: a3.unroll_movement(THETA, 0.1, 1.0), ValueError, "momentum"),
        (lambda: a3.unroll_movement([1.0], 0.1, 0.9), TypeError, "grads"),
        (lambda: a3.trajectory(torch.neg, THETA, -0.1, 0.9, 3), ValueError, "lr"),
        (lambda: a3.trajectory(torch.neg, THETA, 0.1, 1.0, 3), ValueError, "momentum"),
        (lambda: a3.trajectory(torch.neg, THETA, 0.1, 0.9, -1), ValueError, "steps"),
        (lambda: a3.trajectory(torch.neg, COUNTS, 0.1, 0.9, 3), TypeError, "theta0"),
        (lambda: a3.MomentumSGD([THETA], lr=-0.1), ValueError, "lr"),
        (lambda: a3.MomentumSGD([THETA], lr=0.1, momentum=1.0), ValueError, "momentum"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, error, name):
    """A bad value raises ValueError, a wrong type TypeError, and the message begins with the argument's name."""
    with pytest.raises(error, match=f"^{name} must "):
        call()
