"""The reference of a5_warmup against oracles that share no code with it: torch's schedulers, exact fractions, sampling."""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from solutions import a5_warmup as a5

# torch's schedulers advise to call optimizer.step() first; here no update is made.
pytestmark = pytest.mark.filterwarnings("ignore:.*lr_scheduler.step:UserWarning")


def optimizer(*rates: float) -> torch.optim.Optimizer:
    """SGD over one parameter per rate, a group each."""
    return torch.optim.SGD([{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in rates])


def driven(scheduler: lr_scheduler.LRScheduler, steps: int) -> list[float]:
    """The first group's rate before each of these updates, under one of torch's schedulers."""
    rates = []
    for _ in range(steps):
        rates.append(scheduler.optimizer.param_groups[0]["lr"])
        scheduler.step()
    return rates


@pytest.mark.parametrize("min_lr", [0.0, 0.05])
def test_cosine_decay_is_cosine_annealing_up_to_its_end(min_lr: float):
    """Up to T_max the rates are those of torch's CosineAnnealingLR; after it they stay, where torch's rise."""
    oracle = driven(lr_scheduler.CosineAnnealingLR(optimizer(0.7), T_max=23, eta_min=min_lr), 24)
    got = [a5.cosine_decay(step, 0.7, 23, min_lr) for step in range(24)]
    assert got == pytest.approx(oracle, rel=1e-9, abs=1e-12)
    assert [a5.cosine_decay(step, 0.7, 23, min_lr) for step in (23, 24, 46, 1000)] == [min_lr] * 4


def test_cosine_decay_is_symmetric_about_its_middle():
    """What the rate has lost by step k it has still to lose at total − k."""
    for step in range(12):
        there, back = a5.cosine_decay(step, 0.9, 11, 0.1), a5.cosine_decay(11 - step, 0.9, 11, 0.1)
        assert there + back == pytest.approx(0.9 + 0.1)


@pytest.mark.parametrize("warmup", [1, 2, 7, 400])
def test_linear_warmup_equals_exact_fractions(warmup: int):
    """Every rate is the exact fraction min(1, (step + 1)/W) of the base rate."""
    for step in {0, 1, warmup // 2, warmup - 2, warmup - 1, warmup, warmup + 1, 10 * warmup} - {-1}:
        exact = Fraction(3, 8) * min(Fraction(1), Fraction(step + 1, warmup))
        assert a5.linear_warmup(step, 0.375, warmup) == pytest.approx(float(exact), rel=1e-15)


def test_linear_warmup_is_linear_lr_of_torch():
    """From 1/W to 1 over W − 1 steps, torch's LinearLR gives the same rates."""
    oracle = driven(lr_scheduler.LinearLR(optimizer(0.3), start_factor=1 / 8, total_iters=7), 12)
    assert [a5.linear_warmup(step, 0.3, 8) for step in range(12)] == pytest.approx(oracle)


def test_no_warmup_gives_the_base_rate_at_once():
    """W = 0 and W = 1 give the base rate at every step."""
    assert [a5.linear_warmup(step, 0.3, warmup) for warmup in (0, 1) for step in (0, 1, 99)] == [0.3] * 6


def test_warmup_cosine_is_torchs_sequence():
    """The rates are those of SequentialLR(LinearLR, CosineAnnealingLR) with the subtraction done."""
    opt = optimizer(0.4)
    up = lr_scheduler.LinearLR(opt, start_factor=1 / 6, total_iters=5)
    down = lr_scheduler.CosineAnnealingLR(opt, T_max=14, eta_min=0.02)
    oracle = driven(lr_scheduler.SequentialLR(opt, [up, down], milestones=[6]), 21)
    got = [a5.warmup_cosine_lr(step, 0.4, 6, 20, 0.02) for step in range(21)]
    assert got == pytest.approx(oracle, rel=1e-9)


def test_warmup_cosine_at_the_joints():
    """Steps W − 1 and W have the base rate, total_steps and all later ones min_lr; W = 0 is the cosine alone."""
    assert [a5.warmup_cosine_lr(step, 0.5, 6, 20, 0.1) for step in (5, 6, 20, 21, 400)] == [0.5, 0.5, 0.1, 0.1, 0.1]
    assert a5.warmup_cosine_lr(0, 0.6, 6, 20, 0.3) == pytest.approx(0.1)  # below min_lr
    assert [a5.warmup_cosine_lr(s, 0.5, 0, 9) for s in range(11)] == [a5.cosine_decay(s, 0.5, 9) for s in range(11)]
    assert [a5.warmup_cosine_lr(step, 0.5, 4, 5, 0.1) for step in (4, 5)] == [0.5, 0.1]


def test_inverse_sqrt_is_the_papers_formula():
    """With peak (d·W)^−½ the rates are d^−½ · min(s^−½, s · W^−1½) of Vaswani et al."""
    width, warmup = 512, 4000
    for step in (0, 1, 10, 3998, 3999, 4000, 20_000, 10**6):
        update = step + 1
        paper = width**-0.5 * min(update**-0.5, update * warmup**-1.5)
        assert a5.inverse_sqrt_lr(step, (width * warmup) ** -0.5, warmup) == pytest.approx(paper, rel=1e-12)


def test_inverse_sqrt_peaks_once():
    """The largest rate is peak_lr, at step W − 1 alone."""
    rates = [a5.inverse_sqrt_lr(step, 0.3, 9) for step in range(40)]
    assert max(rates) == rates[8] == 0.3
    assert sorted(rates[:9]) == rates[:9]
    assert sorted(rates[8:], reverse=True) == rates[8:]


def exact_rectification(step: int, beta2: Fraction) -> tuple[Fraction, Fraction]:
    """ρ_t and r_t² in rational arithmetic, ρ_t from the weights of the average and not from the closed form."""
    weights = [beta2**age for age in range(step)]
    center = sum((age + 1) * weight for age, weight in enumerate(weights)) / sum(weights)
    rho, rho_inf = 2 * center - 1, 2 / (1 - beta2) - 1
    return rho, (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)


@pytest.mark.parametrize("beta2", ["0.9", "0.97", "0.999"])
def test_radam_rectification_equals_exact_arithmetic(beta2: str):
    """At the first steps and at later ones r_t is that of rational arithmetic, to twelve digits at least where ρ_t > 4."""
    for step in (1, 2, 3, 4, 5, 6, 7, 12, 60):
        rho, squared = exact_rectification(step, Fraction(float(beta2)))
        got = a5.radam_rectification(step, float(beta2))
        assert (got is None) == (rho <= 4)
        if got is not None:
            assert got == pytest.approx(math.sqrt(squared), rel=1e-9)


def test_radam_rectification_is_what_torch_radam_multiplies_with():
    """From step 6 on, torch's RAdam moves by lr · r_t · m̂/√v̂, which is ±lr · r_t under a constant gradient."""
    p = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    opt = torch.optim.RAdam([p], lr=1.0, eps=0.0)
    for step in range(1, 40):
        before = p.item()
        p.grad = torch.full_like(p, 2.0)
        opt.step()
        if step > 5:  # torch's threshold is 5; up to there it steps by m̂
            assert before - p.item() == pytest.approx(a5.radam_rectification(step), rel=1e-9)


def test_radam_rectification_levels_the_spread():
    """Over 20,000 runs with normal gradients, r_t times the standard deviation of 1/√v̂ is level from t = 40 to 400."""
    generator = torch.Generator().manual_seed(0)
    v, levelled = torch.zeros(20_000, dtype=torch.float64), []
    for t in range(1, 401):
        v = 0.999 * v + 0.001 * torch.randn(20_000, generator=generator, dtype=torch.float64) ** 2
        if t in (40, 120, 400):
            levelled.append(a5.radam_rectification(t) * (v / (1 - 0.999**t)).rsqrt().std().item())
    assert max(levelled) / min(levelled) < 1.05


def test_radam_rectification_at_its_edges():
    """None where no ρ_t exceeds the threshold, strictly; 1 where β₂ᵗ has vanished."""
    assert [a5.radam_rectification(step, beta2) for beta2 in (0.0, 0.5) for step in (1, 2, 10**6)] == [None] * 6
    assert a5.radam_rectification(9000, 0.75, threshold=7.0) is None  # ρ_∞ = 7 exactly
    assert a5.radam_rectification(9000, 0.75, threshold=6.999) == 1.0
    assert a5.radam_rectification(10**6) == 1.0
    assert [a5.radam_rectification(step) is None for step in range(1, 7)] == [True] * 4 + [False] * 2
    assert [a5.radam_rectification(step, threshold=5.0) is None for step in range(1, 7)] == [True] * 5 + [False]


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop])
def test_class_drives_every_group_from_its_own_base(kind: type[torch.optim.Optimizer]):
    """Before update k, each group of a real optimiser has the rate of warmup_cosine_lr(k) for its own base."""
    bases = (0.5, 0.02, 0.3)
    opt = kind([{"params": [torch.nn.Parameter(torch.zeros(2))], "lr": base} for base in bases], lr=9.0)
    scheduler = a5.WarmupCosine(opt, warmup_steps=4, total_steps=11, min_lr=0.01)
    for step in range(16):
        expected = [a5.warmup_cosine_lr(step, base, 4, 11, 0.01) for base in bases]
        assert [group["lr"] for group in opt.param_groups] == expected == scheduler.get_last_lr()
        opt.step()
        scheduler.step()


def test_class_moves_the_parameters_by_its_rates():
    """Under a constant gradient of 1, SGD has walked the sum of the rates; the scheduler itself moves nothing."""
    p = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
    opt = torch.optim.SGD([p], lr=0.6)
    scheduler = a5.WarmupCosine(opt, 3, 10)
    for _ in range(10):
        p.grad = torch.ones_like(p)
        opt.step()
        before = p.item()
        scheduler.step()
        assert p.item() == before
    assert -p.item() == pytest.approx(sum(a5.warmup_cosine_lr(step, 0.6, 3, 10) for step in range(10)))


def test_class_keeps_its_own_count():
    """Two schedules over two optimisers, stepped in turn and unevenly, do not disturb each other."""
    first, second = optimizer(0.4), optimizer(0.8)
    one, two = a5.WarmupCosine(first, 2, 9), a5.WarmupCosine(second, 5, 7, 0.1)
    for scheduler in (one, one, two, one):
        scheduler.step()
    assert one.get_last_lr() == [a5.warmup_cosine_lr(3, 0.4, 2, 9)]
    assert two.get_last_lr() == [a5.warmup_cosine_lr(1, 0.8, 5, 7, 0.1)]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: a5.cosine_decay(-1, 0.1, 9), "step"),
        (lambda: a5.cosine_decay(0, -0.1, 9), "base_lr"),
        (lambda: a5.cosine_decay(0, 0.1, 9, -0.1), "min_lr"),
        (lambda: a5.cosine_decay(0, 0.1, 0), "total_steps"),
        (lambda: a5.cosine_decay(5, math.nan, 9), "base_lr"),
        (lambda: a5.linear_warmup(-1, 0.1, 0), "step"),
        (lambda: a5.linear_warmup(0, -0.1, 3), "base_lr"),
        (lambda: a5.linear_warmup(0, 0.1, -1), "warmup_steps"),
        (lambda: a5.warmup_cosine_lr(-1, 0.1, 3, 9), "step"),
        (lambda: a5.warmup_cosine_lr(0, -0.1, 3, 9), "base_lr"),
        (lambda: a5.warmup_cosine_lr(0, 0.1, -1, 9), "warmup_steps"),
        (lambda: a5.warmup_cosine_lr(0, 0.1, 3, 3), "total_steps"),
        (lambda: a5.warmup_cosine_lr(0, 0.1, 3, 9, -0.1), "min_lr"),
        (lambda: a5.inverse_sqrt_lr(-1, 0.1, 3), "step"),
        (lambda: a5.inverse_sqrt_lr(0, -0.1, 3), "peak_lr"),
        (lambda: a5.inverse_sqrt_lr(0, 0.1, 0), "warmup_steps"),
        (lambda: a5.radam_rectification(0), "step"),
        (lambda: a5.radam_rectification(1, 1.0), "beta2"),
        (lambda: a5.radam_rectification(1, -0.1), "beta2"),
        (lambda: a5.radam_rectification(1, 0.9, 3.9), "threshold"),
        (lambda: a5.WarmupCosine(optimizer(0.1), -1, 9), "warmup_steps"),
        (lambda: a5.WarmupCosine(optimizer(0.1), 9, 9), "total_steps"),
        (lambda: a5.WarmupCosine(optimizer(0.1), 3, 9, -0.1), "min_lr"),
    ],
)
def test_bad_values_are_refused_by_name(call, name):
    """A bad value raises ValueError, and the message begins with the argument's name."""
    with pytest.raises(ValueError, match=f"^{name} must "):
        call()


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (a5.cosine_decay, {"step": 2, "base_lr": 0.1, "total_steps": 9, "min_lr": 0.01}),
        (a5.linear_warmup, {"step": 2, "base_lr": 0.1, "warmup_steps": 4}),
        (a5.warmup_cosine_lr, {"step": 2, "base_lr": 0.1, "warmup_steps": 4, "total_steps": 9, "min_lr": 0.01}),
        (a5.inverse_sqrt_lr, {"step": 2, "peak_lr": 0.1, "warmup_steps": 4}),
        (a5.radam_rectification, {"step": 30, "beta2": 0.9, "threshold": 4.0}),
        (partial(a5.WarmupCosine, optimizer(0.1)), {"warmup_steps": 4, "total_steps": 9, "min_lr": 0.01}),
    ],
)
def test_what_is_no_number_is_refused_by_name(function, arguments):
    """A string or None raises TypeError, whichever argument it stands for; a number of numpy or torch is one."""
    for name, value in arguments.items():
        for other in (str(value), None, [value]):
            with pytest.raises(TypeError, match=f"^{name} must be a number"):
                function(**{**arguments, name: other})
        function(**{**arguments, name: np.float64(value)})
        function(**{**arguments, name: torch.tensor(value, dtype=torch.float64)})


def test_class_drives_the_groups_that_load_state_dict_brings():
    """After optimizer.load_state_dict, which replaces the groups, the next step reaches the new ones."""
    driven = optimizer(0.4)
    scheduler = a5.WarmupCosine(driven, 4, 10)
    driven.load_state_dict(driven.state_dict())
    scheduler.step()
    assert driven.param_groups[0]["lr"] == scheduler.get_last_lr()[0] == a5.warmup_cosine_lr(1, 0.4, 4, 10)
