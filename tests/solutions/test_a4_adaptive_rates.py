"""The reference of a4_adaptive_rates against oracles that share no code with it."""

import copy
import math
from fractions import Fraction

import pytest
import torch

from solutions import a4_adaptive_rates as a4


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def scaled_grads(steps: int) -> torch.Tensor:
    """Gradients of five parameters over eight orders of magnitude, one of them zero at times, one always."""
    grads = normal(steps, 5, seed=7) * torch.tensor([1e-4, 1e-2, 1.0, 1e4, 0.0], dtype=torch.float64)
    grads[::3, 1] = 0.0
    return grads


def oracle_path(
    optimizer: type[torch.optim.Optimizer], theta: torch.Tensor, grads, lrs, **settings
) -> list[torch.Tensor]:
    """The positions that an optimiser of torch visits under given gradients and rates."""
    p = torch.nn.Parameter(theta.clone())
    oracle = optimizer([p], lr=lrs[0], **settings)
    path = []
    for grad, lr in zip(grads, lrs, strict=True):
        oracle.param_groups[0]["lr"] = lr
        p.grad = grad.clone()
        oracle.step()
        path.append(p.detach().clone())
    return path


LRS = [0.3, 0.1, 0.5, 0.02, 0.2, 0.7, 0.1, 0.4, 0.05]


def test_root_mean_square_equals_exact_arithmetic():
    """σ² is the mean of the squares, in fractions."""
    rows = [[Fraction(n, 8) for n in row] for row in ((3, 0, -7), (12, 0, 0), (-1, 0, 5))]
    exact = [sum(row[k] ** 2 for row in rows) / 3 for k in range(3)]
    got = a4.root_mean_square(torch.tensor([[float(n) for n in row] for row in rows], dtype=torch.float64))
    torch.testing.assert_close(got**2, torch.tensor([float(square) for square in exact], dtype=torch.float64))


def test_root_mean_square_is_that_of_numpy_for_any_shape():
    """Scalars, matrices, one step: as numpy computes it, in the input's dtype."""
    for shape in ((6,), (5, 2, 3), (1, 4)):
        grads = normal(*shape, dtype=torch.float32)
        expected = torch.as_tensor((grads.double().numpy() ** 2).mean(axis=0) ** 0.5).float()
        torch.testing.assert_close(a4.root_mean_square(grads), expected)


def test_adagrad_step_walks_the_path_of_torch():
    """Nine steps with changing rates visit the points of torch.optim.Adagrad."""
    theta, sum_sq, grads = normal(5), torch.zeros(5, dtype=torch.float64), scaled_grads(9)
    for grad, lr, expected in zip(grads, LRS, oracle_path(torch.optim.Adagrad, theta, grads, LRS), strict=True):
        theta, sum_sq = a4.adagrad_step(theta, grad, sum_sq, lr)
        torch.testing.assert_close(theta, expected)


def test_adagrad_at_a_growing_rate_is_the_lectures_rule():
    """At the rate η√t Adagrad divides by the root mean square of all gradients so far."""
    theta, sum_sq, grads = normal(4), torch.zeros(4, dtype=torch.float64), normal(6, 4, seed=1)
    lecture = theta.clone()
    for t, grad in enumerate(grads, 1):
        theta, sum_sq = a4.adagrad_step(theta, grad, sum_sq, lr=0.3 * math.sqrt(t), eps=0.0)
        lecture = lecture - 0.3 * grad / torch.linalg.vector_norm(grads[:t], dim=0) * math.sqrt(t)
        torch.testing.assert_close(theta, lecture)


def test_rmsprop_step_walks_the_path_of_torch():
    """From zeros, nine steps with changing rates visit the points of torch.optim.RMSprop, alpha and eps given or not."""
    for settings in ({}, {"alpha": 0.7, "eps": 0.2}):
        theta, square_avg, grads = normal(5), torch.zeros(5, dtype=torch.float64), scaled_grads(9)
        path = oracle_path(torch.optim.RMSprop, theta, grads, LRS, **settings)
        for grad, lr, expected in zip(grads, LRS, path, strict=True):
            theta, square_avg = a4.rmsprop_step(theta, grad, square_avg, lr, **settings)
            torch.testing.assert_close(theta, expected)


def test_rmsprop_step_from_the_first_square_is_the_lectures_rule():
    """Started from g₀², σ₀ is |g₀| and σ_t² = ασ_{t−1}² + (1 − α)g_t², in fractions."""
    grads, alpha = [Fraction(n, 4) for n in (3, -1, 0, 8)], Fraction(3, 4)
    squares = [grads[0] ** 2]
    for grad in grads[1:]:
        squares.append(alpha * squares[-1] + (1 - alpha) * grad**2)
    theta = torch.tensor(0.0, dtype=torch.float64)
    square_avg = torch.tensor(float(grads[0] ** 2), dtype=torch.float64)
    for grad, square in zip(grads, squares, strict=True):
        tensor = torch.tensor(float(grad), dtype=torch.float64)
        moved, square_avg = a4.rmsprop_step(theta, tensor, square_avg, lr=1.0, alpha=float(alpha), eps=0.0)
        assert square_avg.item() == pytest.approx(float(square))
        assert (theta - moved).item() == pytest.approx(float(grad) / math.sqrt(square))
        theta = moved


def test_adam_step_walks_the_path_of_torch():
    """Nine steps with changing rates visit the points of torch.optim.Adam, betas and eps given or not."""
    for settings in ({}, {"betas": (0.7, 0.95), "eps": 0.2}, {"betas": (0.0, 0.0)}):
        theta, grads = normal(5), scaled_grads(9)
        mean = mean_sq = torch.zeros(5, dtype=torch.float64)
        path = oracle_path(torch.optim.Adam, theta, grads, LRS, **settings)
        for t, (grad, lr, expected) in enumerate(zip(grads, LRS, path, strict=True), 1):
            theta, mean, mean_sq = a4.adam_step(theta, grad, mean, mean_sq, t, lr, **settings)
            torch.testing.assert_close(theta, expected)


def test_adam_step_keeps_the_averages_of_torch():
    """What adam_step returns is what torch.optim.Adam keeps in its state: exp_avg and exp_avg_sq, uncorrected."""
    p, grads = torch.nn.Parameter(normal(4)), normal(5, 4, seed=1)
    oracle = torch.optim.Adam([p])
    mean = mean_sq = torch.zeros(4, dtype=torch.float64)
    for t, grad in enumerate(grads, 1):
        p.grad = grad.clone()
        oracle.step()
        _, mean, mean_sq = a4.adam_step(torch.zeros(4, dtype=torch.float64), grad, mean, mean_sq, t)
        torch.testing.assert_close(mean, oracle.state[p]["exp_avg"])
        torch.testing.assert_close(mean_sq, oracle.state[p]["exp_avg_sq"])


def test_bias_correction_makes_a_constant_gradient_exact():
    """Under a constant gradient every corrected average is exact, so each step has length lr."""
    zero, grad = torch.zeros(3, dtype=torch.float64), torch.tensor([1e3, -1e-3, 2.0], dtype=torch.float64)
    theta, mean, mean_sq = zero, zero, zero
    for t in range(1, 8):
        moved, mean, mean_sq = a4.adam_step(theta, grad, mean, mean_sq, t, lr=0.1, eps=0.0)
        torch.testing.assert_close(moved - theta, -0.1 * grad.sign())
        theta = moved


def test_the_lectures_run_bursts():
    """On ½(0.001 w1² + w2²) from (−4, 1) with η = 0.3 the lecture's rule throws w2 out near t = 228, 623 and 1137."""
    w1, w2, sums, bursts, quiet = -4.0, 1.0, [0.0, 0.0], [], False
    for t in range(1400):
        g1, g2 = 0.001 * w1, w2
        sums = [sums[0] + g1**2, sums[1] + g2**2]
        w1 -= 0.3 * g1 / math.sqrt(sums[0] / (t + 1))
        w2 -= 0.3 * g2 / math.sqrt(sums[1] / (t + 1))
        if quiet and abs(w2) > 0.1:
            bursts.append(t)
        quiet = abs(w2) < 1e-3 or (quiet and abs(w2) <= 0.1)
    assert bursts == [228, 623, 1137]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 2)])
def test_results_keep_shape_and_dtype_and_leave_inputs_alone(dtype, shape):
    """Results have theta's shape and dtype; inputs, one of which requires grad, stay as they were; no .grad, no random draw."""
    inputs = [normal(*shape, seed=k, dtype=dtype) for k in range(3)] + [normal(*shape, seed=4, dtype=dtype).square()]
    theta, grad, mean, square = inputs
    theta.requires_grad_()
    before, generator = [one.detach().clone() for one in inputs], torch.get_rng_state()
    results = [
        *a4.adagrad_step(theta, grad, square, 0.1),
        *a4.rmsprop_step(theta, grad, square, 0.1),
        *a4.adam_step(theta, grad, mean, square, 2),
        a4.root_mean_square(torch.stack([grad, mean])),
    ]
    assert {(one.shape, one.dtype) for one in results} == {(torch.Size(shape), dtype)}
    assert all(torch.equal(one, other) for one, other in zip(inputs, before, strict=True))
    assert [one.requires_grad for one in inputs] == [True, False, False, False]
    assert all(one.grad is None for one in inputs)
    assert torch.equal(generator, torch.get_rng_state())


def parameters() -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(normal(*shape, seed=k)) for k, shape in enumerate([(3, 2), (4,), (), (3, 2)])]


def train(optimizer: torch.optim.Optimizer, params: list[torch.nn.Parameter], steps: range) -> None:
    """Steps with seeded gradients; all settings change, and the second parameter misses every third gradient, the first too."""
    for t in steps:
        for group in optimizer.param_groups:
            group["lr"] *= 0.9
            group["eps"] *= 1.5
            group["betas"] = (group["betas"][0] * 0.97, group["betas"][1])
        for k, p in enumerate(params):
            p.grad = None if k == 1 and t % 3 == 0 else normal(*p.shape, seed=100 * t + k)
        optimizer.step()


def groups(params: list[torch.nn.Parameter]) -> list[dict[str, object]]:
    return [{"params": params[:2], "lr": 0.3, "eps": 0.1}, {"params": params[2:], "betas": (0.4, 0.8)}]


def test_class_matches_torch_adam():
    """Two groups, four parameters, missing gradients and changing settings: every parameter as torch.optim.Adam leaves it."""
    ours, theirs = parameters(), parameters()
    train(a4.Adam(groups(ours), lr=0.1), ours, range(10))
    train(torch.optim.Adam(groups(theirs), lr=0.1), theirs, range(10))
    for p, q in zip(ours, theirs, strict=True):
        torch.testing.assert_close(p.detach(), q.detach())


def test_class_has_the_defaults_of_torch():
    """With nothing given, lr, betas and eps are those of torch.optim.Adam."""
    ours, theirs = a4.Adam(parameters()).param_groups[0], torch.optim.Adam(parameters()).param_groups[0]
    assert all(ours[name] == theirs[name] for name in ("lr", "betas", "eps"))


@pytest.mark.parametrize("fresh", [True, False])
def test_class_resumes_from_its_state_dict(fresh):
    """Training interrupted by a state_dict, loaded into a fresh Adam or back into the same, ends where whole training ends."""
    whole, params = parameters(), parameters()
    optimizer = a4.Adam(groups(whole), lr=0.1)
    train(optimizer, whole, range(8))
    interrupted = a4.Adam(groups(params), lr=0.1)
    train(interrupted, params, range(4))
    saved, places = copy.deepcopy(interrupted.state_dict()), [p.detach().clone() for p in params]
    if fresh:
        params = [torch.nn.Parameter(place) for place in places]
        interrupted = a4.Adam([{"params": params[:2]}, {"params": params[2:]}], lr=7.0, betas=(0.0, 0.0), eps=1.0)
    else:
        train(interrupted, params, range(20, 23))
        for p, place in zip(params, places, strict=True):
            p.data.copy_(place)
    interrupted.load_state_dict(saved)
    train(interrupted, params, range(4, 8))
    for p, q in zip(whole, params, strict=True):
        torch.testing.assert_close(p.detach(), q.detach())


def test_class_takes_a_closure():
    """step(closure) returns the loss before the update, and the update uses its gradient."""
    p = torch.nn.Parameter(torch.tensor(3.0, dtype=torch.float64))
    optimizer = a4.Adam([p], lr=0.25, eps=0.0)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = p**2
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 9.0
    assert p.item() == pytest.approx(2.75)
    assert optimizer.step() is None


def test_class_keeps_grad_and_its_averages_apart():
    """A .grad that is overwritten in place neither changes the averages nor is changed."""
    ours, theirs = (torch.nn.Parameter(torch.zeros(2)) for _ in range(2))
    for p, optimizer in (
        (ours, a4.Adam([ours], betas=(0.0, 0.5))),
        (theirs, torch.optim.Adam([theirs], betas=(0.0, 0.5))),
    ):
        p.grad = torch.tensor([1.0, 2.0])
        optimizer.step()
        assert p.grad.tolist() == [1.0, 2.0]
        p.grad.copy_(torch.tensor([3.0, -1.0]))
        optimizer.param_groups[0]["betas"] = (0.5, 0.5)
        optimizer.step()
        assert p.grad.tolist() == [3.0, -1.0]
    torch.testing.assert_close(ours.detach(), theirs.detach())


THETA = torch.ones(2, 3)
COUNTS = torch.ones(2, 3, dtype=torch.int64)


@pytest.mark.parametrize(
    ("call", "error", "name"),
    [
        (lambda: a4.root_mean_square(THETA.sum()), ValueError, "grads"),
        (lambda: a4.root_mean_square(THETA[:0]), ValueError, "grads"),
        (lambda: a4.root_mean_square(COUNTS), TypeError, "grads"),
        (lambda: a4.root_mean_square([1.0]), TypeError, "grads"),
        (lambda: a4.adagrad_step(THETA, THETA, THETA, -0.1), ValueError, "lr"),
        (lambda: a4.adagrad_step(THETA, THETA, THETA, math.nan), ValueError, "lr"),
        (lambda: a4.adagrad_step(THETA, THETA, THETA, 0.1, eps=-1.0), ValueError, "eps"),
        (lambda: a4.adagrad_step(THETA, THETA[0], THETA, 0.1), ValueError, "grad"),
        (lambda: a4.adagrad_step(THETA, THETA, THETA[:1], 0.1), ValueError, "sum_sq"),
        (lambda: a4.adagrad_step(COUNTS, THETA, THETA, 0.1), TypeError, "theta"),
        (lambda: a4.rmsprop_step(THETA, THETA, THETA, -0.1), ValueError, "lr"),
        (lambda: a4.rmsprop_step(THETA, THETA, THETA, 0.1, alpha=1.0), ValueError, "alpha"),
        (lambda: a4.rmsprop_step(THETA, THETA, THETA, 0.1, alpha=-0.1), ValueError, "alpha"),
        (lambda: a4.rmsprop_step(THETA, THETA, THETA, 0.1, eps=-1.0), ValueError, "eps"),
        (lambda: a4.rmsprop_step(THETA, THETA, THETA[0], 0.1), ValueError, "square_avg"),
        (lambda: a4.rmsprop_step(THETA, THETA, 1.0, 0.1), TypeError, "square_avg"),
        (lambda: a4.adam_step(THETA, THETA, THETA, THETA, 0), ValueError, "step"),
        (lambda: a4.adam_step(THETA, THETA, THETA, THETA, 1, lr=-0.1), ValueError, "lr"),
        (lambda: a4.adam_step(THETA, THETA, THETA, THETA, 1, eps=-1.0), ValueError, "eps"),
        (lambda: a4.adam_step(THETA, THETA, THETA, THETA, 1, betas=(1.0, 0.9)), ValueError, "betas"),
        (lambda: a4.adam_step(THETA, THETA, THETA, THETA, 1, betas=(0.9, -0.1)), ValueError, "betas"),
        (lambda: a4.adam_step(THETA, THETA[0], THETA, THETA, 1), ValueError, "grad"),
        (lambda: a4.adam_step(THETA, THETA, THETA[0], THETA, 1), ValueError, "exp_avg"),
        (lambda: a4.adam_step(THETA, THETA, THETA, THETA[0], 1), ValueError, "exp_avg_sq"),
        (lambda: a4.adam_step(THETA, THETA, THETA, COUNTS, 1), TypeError, "exp_avg_sq"),
        (lambda: a4.Adam([THETA], lr=-0.1), ValueError, "lr"),
        (lambda: a4.Adam([THETA], betas=(0.9, 1.0)), ValueError, "betas"),
        (lambda: a4.Adam([THETA], eps=-1.0), ValueError, "eps"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, error, name):
    """A bad value raises ValueError, a wrong type TypeError, and the message begins with the argument's name."""
    with pytest.raises(error, match=f"^{name} must "):
        call()
