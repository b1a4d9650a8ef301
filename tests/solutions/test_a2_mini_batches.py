"""The reference of a2_mini_batches against oracles that share no code with it."""

import math
from fractions import Fraction
from itertools import combinations

import pytest
import torch
from torch.utils.data import BatchSampler, SequentialSampler

from solutions import a2_mini_batches as a2


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


SIZES = [(1, 1), (1, 5), (5, 5), (10, 3), (12, 4), (13, 4), (7, 8)]


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize(("n", "batch_size"), SIZES)
def test_batches_are_cut_as_torch_cuts_them(n: int, batch_size: int, drop_last: bool):
    """In order, the batches are those of torch's BatchSampler, and num_batches counts them."""
    expected = list(BatchSampler(SequentialSampler(range(n)), batch_size, drop_last))
    batches = a2.minibatch_indices(n, batch_size, shuffle=False, drop_last=drop_last)
    assert [batch.tolist() for batch in batches] == expected
    assert a2.num_batches(n, batch_size, drop_last) == len(expected)
    assert {batch.dtype for batch in batches} <= {torch.int64}


@pytest.mark.parametrize(("n", "batch_size"), SIZES)
def test_a_shuffled_epoch_holds_every_example_once(n: int, batch_size: int):
    """Shuffled, sizes stay as they are and every index occurs once."""
    batches = a2.minibatch_indices(n, batch_size, generator=seeded(0))
    ordered = a2.minibatch_indices(n, batch_size, shuffle=False)
    assert [len(batch) for batch in batches] == [len(batch) for batch in ordered]
    assert sorted(torch.cat(batches).tolist()) == list(range(n))


def test_all_six_orders_of_three_examples_are_equally_likely():
    """Over 6000 epochs each order of three examples comes about 1000 times (standard deviation 29)."""
    generator, counts = seeded(0), {}
    for _ in range(6000):
        order = tuple(torch.cat(a2.minibatch_indices(3, 2, generator=generator)).tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert all(abs(count - 1000) < 150 for count in counts.values())


def test_the_generator_moves_on_and_repeats_when_seeded_again():
    """Epochs differ; the same seed gives the same two epochs; the default generator is not touched."""
    generator, state = seeded(5), torch.get_rng_state()
    epochs = [torch.cat(a2.minibatch_indices(30, 7, generator=generator)) for _ in range(2)]
    generator.manual_seed(5)
    again = [torch.cat(a2.minibatch_indices(30, 7, generator=generator)) for _ in range(2)]
    assert not torch.equal(*epochs)
    assert all(map(torch.equal, epochs, again))
    assert torch.equal(state, torch.get_rng_state())


def test_the_default_generator_serves_where_none_is_given():
    """After the same manual_seed the same batches come; without shuffle nothing is drawn."""
    with torch.random.fork_rng():
        torch.manual_seed(9)
        first = torch.cat(a2.minibatch_indices(30, 7))
        torch.manual_seed(9)
        assert torch.equal(first, torch.cat(a2.minibatch_indices(30, 7)))
        state = torch.get_rng_state()
        a2.minibatch_indices(30, 7, shuffle=False)
        assert torch.equal(state, torch.get_rng_state())


def test_dropped_examples_change_with_the_epoch():
    """With drop_last every example is used in some epoch."""
    generator, seen = seeded(0), set()
    for _ in range(40):
        seen |= set(torch.cat(a2.minibatch_indices(11, 4, drop_last=True, generator=generator)).tolist())
    assert seen == set(range(11))


def test_epoch_mean_equals_exact_arithmetic():
    """The weighted mean is that of rational arithmetic, rounded once or twice."""
    means, sizes = [Fraction(n, 16) for n in (3, -7, 12, 0, 5)], [7, 300, 1, 12, 5]
    exact = sum(size * mean for size, mean in zip(sizes, means, strict=True)) / sum(sizes)
    got = a2.epoch_mean(torch.tensor([float(mean) for mean in means], dtype=torch.float64), torch.tensor(sizes))
    assert math.isclose(float(got), float(exact), rel_tol=1e-14)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_epoch_mean_is_the_mean_over_all_examples(dtype: torch.dtype):
    """Means over batches, put together, give the mean over all rows; a square (K, K) is no exception."""
    rows, sizes = normal(10, 3, dtype=dtype), [5, 4, 1]
    means = torch.stack([part.mean(0) for part in rows.split(sizes)])
    got = a2.epoch_mean(means, torch.tensor(sizes))
    torch.testing.assert_close(got, rows.mean(0))
    assert got.dtype == dtype


def every_batch(grads: torch.Tensor, batch_size: int) -> torch.Tensor:
    """The noise by its definition: the mean over all batches."""
    batches = torch.tensor(list(combinations(range(len(grads)), batch_size)))
    return (grads[batches].mean(1) - grads.mean(0)).square().sum(1).mean()


@pytest.mark.parametrize("batch_size", range(1, 8))
def test_gradient_noise_is_the_mean_over_all_batches(batch_size: int):
    """The formula gives what enumeration gives, for every batch size up to N."""
    grads = normal(7, 4) + 3.0
    torch.testing.assert_close(a2.gradient_noise(grads, batch_size), every_batch(grads, batch_size))


def test_gradient_noise_in_float32_ignores_a_common_gradient():
    """A vector 10⁵ times as large as the differences changes nothing that float32 can hold."""
    steps = torch.stack([torch.arange(8.0), -torch.arange(8.0) * 2], dim=1)
    far = steps + torch.tensor([100003.0, -200003.0])
    torch.testing.assert_close(a2.gradient_noise(far, 3), a2.gradient_noise(steps, 3))


def test_gradient_noise_of_one_example_is_zero():
    """N = 1 gives 0, of the input's dtype."""
    got = a2.gradient_noise(normal(1, 4), 1)
    assert got.shape == ()
    assert got.dtype == torch.float64
    assert got == 0


def test_gradient_noise_of_sampled_epochs():
    """The mean over many epochs cut by minibatch_indices comes to the formula (standard error below 2 %)."""
    grads, generator, errors = normal(12, 5), seeded(1), []
    for _ in range(2000):
        for batch in a2.minibatch_indices(12, 4, generator=generator):
            errors.append((grads[batch].mean(0) - grads.mean(0)).square().sum())
    torch.testing.assert_close(torch.stack(errors).mean(), a2.gradient_noise(grads, 4), rtol=0.05, atol=0.0)


@pytest.mark.parametrize("eigenvalues", [[4.0, 1.0, 0.0], [2.0, -7.0, 0.5], [-1.0, -3.0, -9.0]])
def test_top_curvature_of_a_quadratic_is_its_largest_eigenvalue(eigenvalues: list[float]):
    """By sign, whatever the directions are."""
    basis = torch.linalg.qr(normal(3, 3))[0]
    h = basis * torch.tensor(eigenvalues, dtype=torch.float64) @ basis.T
    got = a2.top_curvature(lambda theta: theta @ h @ theta / 2 + theta.sum(), normal(3, seed=1))
    assert math.isclose(got, max(eigenvalues), rel_tol=1e-12)


def test_top_curvature_agrees_with_finite_differences():
    """On a function that is no quadratic, in float64."""
    theta, step = normal(3, seed=2), 1e-4

    def f(point: torch.Tensor) -> torch.Tensor:
        return (point[0] * point[1]).sin() + point[2].exp() * point[0] ** 2 + point[1] ** 4

    eye = step * torch.eye(3, dtype=torch.float64)
    rows = [[f(theta + a + b) - f(theta + a - b) - f(theta - a + b) + f(theta - a - b) for b in eye] for a in eye]
    h = torch.stack([torch.stack(row) for row in rows]) / (4 * step**2)
    assert math.isclose(a2.top_curvature(f, theta), float(torch.linalg.eigvalsh(h)[-1]), rel_tol=1e-5)


def test_top_curvature_without_second_derivatives_is_zero():
    """A linear and a constant function."""
    slope = normal(3).requires_grad_()
    assert a2.top_curvature(lambda theta: slope @ theta, normal(3)) == 0
    assert a2.top_curvature(lambda theta: torch.tensor(2.0), normal(3)) == 0
    assert slope.grad is None


BAD = [
    (ValueError, "n", lambda: a2.num_batches(0, 4)),
    (ValueError, "batch_size", lambda: a2.num_batches(4, 0)),
    (TypeError, "batch_size", lambda: a2.num_batches(4, 2.0)),
    (ValueError, "n", lambda: a2.minibatch_indices(0, 4)),
    (ValueError, "batch_size", lambda: a2.minibatch_indices(4, -1)),
    (TypeError, "n", lambda: a2.minibatch_indices(4.5, 1)),
    (ValueError, "batch_sizes", lambda: a2.epoch_mean(torch.ones(3), torch.tensor([1, 2]))),
    (ValueError, "batch_sizes", lambda: a2.epoch_mean(torch.ones(2), torch.tensor([1, 0]))),
    (ValueError, "batch_means", lambda: a2.epoch_mean(torch.ones(0), torch.ones(0).long())),
    (ValueError, "batch_means", lambda: a2.epoch_mean(torch.tensor(1.0), torch.tensor(1))),
    (TypeError, "batch_means", lambda: a2.epoch_mean(torch.tensor([1, 2]), torch.tensor([1, 2]))),
    (TypeError, "batch_sizes", lambda: a2.epoch_mean(torch.ones(2), [1, 2])),
    (ValueError, "batch_size", lambda: a2.gradient_noise(torch.ones(3, 2), 4)),
    (ValueError, "batch_size", lambda: a2.gradient_noise(torch.ones(3, 2), 0)),
    (ValueError, "per_example_grads", lambda: a2.gradient_noise(torch.ones(3), 1)),
    (ValueError, "per_example_grads", lambda: a2.gradient_noise(torch.ones(0, 3), 1)),
    (TypeError, "per_example_grads", lambda: a2.gradient_noise(torch.ones(3, 2).long(), 1)),
    (ValueError, "theta", lambda: a2.top_curvature(torch.sum, torch.ones(2, 2))),
    (ValueError, "f", lambda: a2.top_curvature(torch.square, torch.ones(2))),
    (TypeError, "theta", lambda: a2.top_curvature(torch.sum, [1.0])),
]


@pytest.mark.parametrize(("error", "name", "call"), BAD)
def test_a_bad_argument_is_refused_by_name(error, name, call):
    """The right kind of error, and a message that begins with the argument's name."""
    with pytest.raises(error, match=rf"^{name} "):
        call()
