"""docs/definitions.md has an entry for every exercise and for nothing else, and what it says of torch is true of torch."""

import math
import re
from collections.abc import Callable

import pytest
import torch
from pages import ROOT
from torch import Tensor, nn
from torch.optim import SGD, Adagrad, Adam, Optimizer, RAdam, RMSprop, lr_scheduler

from autograder.course import Course

PAGE = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
COURSE = Course(ROOT)
PARTS = ("Definition", "Source", "Elsewhere")


def sections(text: str, marks: str) -> dict[str, str]:
    """The text under each heading of one level, by the last code span of the heading."""
    _, *pieces = re.split(rf"^{marks} (.+)$", text, flags=re.MULTILINE)
    headings = [re.findall(r"`([^`]+)`", heading)[-1] for heading in pieces[::2]]
    assert len(headings) == len(set(headings))
    return dict(zip(headings, pieces[1::2], strict=True))


ENTRIES = {slug: sections(text, "###") for slug, text in sections(PAGE, "##").items()}


def test_every_assignment_of_the_lecture_has_its_section() -> None:
    """The sections are assignments of the course, in their order; what an author adds needs no edit here."""
    assert list(ENTRIES) == [slug for slug in COURSE.assignments if slug in ENTRIES]
    assert [slug for slug in COURSE.assignments if re.match(r"a[1-8]_", slug) and slug not in ENTRIES] == []


@pytest.mark.parametrize("slug", ENTRIES)
def test_every_exercise_has_its_entry_and_no_other(slug: str) -> None:
    """The entries of an assignment are the exercises of its handout."""
    assert sorted(ENTRIES[slug]) == sorted(COURSE.assignment(slug).points)


@pytest.mark.parametrize("slug", ENTRIES)
def test_every_entry_has_its_three_parts(slug: str) -> None:
    """Which definition, which source, who does otherwise: each in words."""
    for exercise, text in ENTRIES[slug].items():
        parts = re.findall(r"^- \*\*(\w+)\.\*\* \S", text, flags=re.MULTILINE)
        assert tuple(parts) == PARTS, exercise


@pytest.mark.parametrize("slug", ENTRIES)
def test_the_papers_are_those_of_the_reference(slug: str) -> None:
    """Each arXiv number that a docstring of the reference names stands in the assignment's section."""
    named = set(re.findall(r"arXiv (\d{4}\.\d{5})", " ".join(COURSE.assignment(slug).reference.split())))
    assert [number for number in named if number not in " ".join(ENTRIES[slug].values())] == []


def one_step(make: Callable[[list[nn.Parameter]], Optimizer], grad: float, start: float = 1.0) -> float:
    """Where a parameter lies after one step of an optimiser."""
    parameter = nn.Parameter(torch.tensor(start, dtype=torch.float64))
    parameter.grad = torch.tensor(grad, dtype=torch.float64)
    make([parameter]).step()
    return float(parameter.detach())


def rates(make: Callable[[Optimizer], lr_scheduler.LRScheduler], steps: int) -> list[float]:
    """The learning rates that a scheduler gives, the base being 1."""
    optimizer = SGD([nn.Parameter(torch.ones(()))], lr=1.0)
    scheduler, found = make(optimizer), []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def test_a_constant_loss_has_a_gradient_in_torch_func_and_none_in_autograd() -> None:
    """`torch.func.grad` gives 0, `torch.autograd.grad` an error."""
    theta = torch.ones(2)
    assert torch.equal(torch.func.grad(lambda t: torch.tensor(3.0))(theta), torch.zeros(2))
    with pytest.raises(RuntimeError, match="does not require grad"):
        torch.autograd.grad(torch.tensor(3.0), theta.requires_grad_())


@pytest.mark.parametrize(("drop_last", "expected"), [(False, 3), (True, 2)])
def test_a_data_loaders_length_is_the_number_of_batches(drop_last: bool, expected: int) -> None:
    """⌈7 / 3⌉ is 3; with drop_last ⌊7 / 3⌋ is 2."""
    assert len(torch.utils.data.DataLoader(range(7), batch_size=3, drop_last=drop_last)) == expected


def test_sgd_keeps_the_rate_outside_its_buffer_and_dampens_from_the_second_step_on() -> None:
    """b starts as the first g whatever the dampening; lr multiplies b, not g."""
    parameter = nn.Parameter(torch.tensor(0.0))
    optimizer = SGD([parameter], lr=0.1, momentum=0.5, dampening=0.25)
    found = []
    for lr in (0.1, 0.2):
        optimizer.param_groups[0]["lr"] = lr
        parameter.grad = torch.tensor(4.0)
        optimizer.step()
        found.append(float(parameter.detach()))
    assert found == pytest.approx([-0.1 * 4, -0.1 * 4 - 0.2 * (0.5 * 4 + 0.75 * 4)])


@pytest.mark.parametrize(
    ("make", "divisor"),
    [
        (lambda params: Adagrad(params, lr=1.0, eps=1e-10), lambda g: g + 1e-10),
        (lambda params: Adagrad(params, lr=1.0), lambda g: g + 1e-10),
        (lambda params: RMSprop(params, lr=1.0), lambda g: math.sqrt(0.01) * g + 1e-8),
        (lambda params: Adam(params, lr=1.0), lambda g: g + 1e-8),
    ],
    ids=["Adagrad", "Adagrad's default", "RMSprop", "Adam"],
)
def test_epsilon_stands_outside_the_root(
    make: Callable[[list[nn.Parameter]], Optimizer], divisor: Callable[[float], float]
) -> None:
    """From zeros, with a gradient as small as ε: in Adam it is added after the bias correction."""
    grad = 3e-9
    assert 1.0 - one_step(make, grad) == pytest.approx(grad / divisor(grad), rel=1e-6)


def test_radam_waits_one_step_longer_than_the_paper() -> None:
    """With β₂ = 0.999, ρ_t exceeds 4 at step 5 and 5 at step 6: from there torch's step is no plain momentum any more."""

    def rho(t: int) -> float:
        return 1999 - 2 * t * 0.999**t / (1 - 0.999**t)

    assert min(t for t in range(1, 20) if rho(t) > 4) == 5
    assert min(t for t in range(1, 20) if rho(t) > 5) == 6
    parameter = nn.Parameter(torch.tensor(0.0, dtype=torch.float64))
    optimizer, moves = RAdam([parameter], lr=1.0), []
    for _ in range(6):
        before = float(parameter.detach())
        parameter.grad = torch.tensor(5.0, dtype=torch.float64)
        optimizer.step()
        moves.append(before - float(parameter.detach()))
    assert moves[:5] == pytest.approx([5.0] * 5)  # the corrected mean of equal gradients: not divided by σ
    assert moves[5] < 1


def test_torchs_schedules_are_what_the_page_says() -> None:
    """CosineAnnealingLR rises again after T_max; LinearLR starts at a third."""
    cosine = rates(lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, T_max=4), 9)
    assert cosine == pytest.approx([(1 + math.cos(math.pi * step / 4)) / 2 for step in range(9)])
    assert cosine[8] == pytest.approx(1.0)
    assert rates(lr_scheduler.LinearLR, 1)[0] == pytest.approx(1 / 3)


def test_torchs_losses_are_what_the_page_says() -> None:
    """one_hot is int64 and guesses C; cross_entropy ignores −100; mse_loss averages over the classes too."""
    guessed = nn.functional.one_hot(torch.tensor([0, 2]))
    assert (guessed.dtype, guessed.shape) == (torch.int64, (2, 3))
    logits, labels = torch.randn(4, 3, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 2, -100, 1])
    kept = labels >= 0
    ignoring = nn.functional.cross_entropy(logits, labels)
    torch.testing.assert_close(ignoring, nn.functional.cross_entropy(logits[kept], labels[kept]))
    got, wanted = logits[kept].softmax(1), nn.functional.one_hot(labels[kept], 3).float()
    summed: Tensor = (got - wanted).square().sum(1).mean()
    torch.testing.assert_close(nn.functional.mse_loss(got, wanted), summed / 3)


def test_batch_norm_is_biased_in_its_output_and_unbiased_in_its_memory() -> None:
    """Its output has the biased variance, its running variance the unbiased one, weighed with momentum for the new value."""
    x = torch.tensor([[1.0], [2.0], [6.0]])
    layer = nn.BatchNorm1d(1)
    torch.testing.assert_close(layer(x).detach(), (x - 3) / (x.var(correction=0) + 1e-5).sqrt())
    torch.testing.assert_close(layer.running_var, 0.9 + 0.1 * x.var(0))
    torch.testing.assert_close(layer.running_mean, 0.1 * x.mean(0))
