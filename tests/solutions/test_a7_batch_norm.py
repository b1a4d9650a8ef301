"""The reference of a7_batch_norm against oracles that share no code with it: torch.nn.BatchNorm1d, numpy, finite differences."""

import copy
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from solutions import a7_batch_norm as a7

SHAPES = [(3, 4), (2, 4), (5, 4, 3), (1, 4, 2)]
STATISTICS = ["running_mean", "running_var", "num_batches_tracked"]


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    """Normal numbers whose channels differ in scale and offset."""
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)
    across = (1, -1, 1)[: len(shape)] if len(shape) > 1 else (-1,)
    size = torch.arange(1, shape[min(1, len(shape) - 1)] + 1, dtype=dtype).view(across)
    return drawn * size + 2 * size


def twins(**options: object) -> tuple[a7.BatchNorm1d, nn.BatchNorm1d]:
    """Ours and PyTorch's, in float64, with the same weight and bias."""
    ours, oracle = a7.BatchNorm1d(4, dtype=torch.float64, **options), nn.BatchNorm1d(4, dtype=torch.float64, **options)
    with torch.no_grad():
        for bn in (ours, oracle):
            bn.weight.copy_(torch.tensor([0.5, -1.0, 2.0, 3.0]))
            bn.bias.copy_(torch.tensor([1.0, 2.0, -0.5, 0.0]))
    return ours, oracle


@pytest.mark.parametrize("shape", SHAPES)
def test_training_matches_torch(shape: tuple[int, ...]):
    """Four batches in train mode give PyTorch's outputs and leave PyTorch's state."""
    ours, oracle = twins(eps=0.1, momentum=0.3)
    for seed in range(4):
        x = normal(*shape, seed=seed)
        torch.testing.assert_close(ours(x), oracle(x))
    assert list(ours.state_dict()) == list(oracle.state_dict())
    for name, value in oracle.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value)


@pytest.mark.parametrize("shape", [*SHAPES, (1, 4)])
def test_eval_matches_torch(shape: tuple[int, ...]):
    """After training, eval mode gives PyTorch's outputs, for a batch of one too, and changes nothing."""
    ours, oracle = twins(eps=0.1, momentum=0.3)
    ours(normal(6, 4)), oracle(normal(6, 4))
    before = copy.deepcopy(ours.state_dict())
    x = normal(*shape, seed=1)
    torch.testing.assert_close(ours.eval()(x), oracle.eval()(x))
    assert all(torch.equal(before[name], value) for name, value in ours.state_dict().items())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", SHAPES[1:3])
def test_gradients_match_torch(shape: tuple[int, ...], training: bool):
    """Input, weight and bias receive PyTorch's gradients."""
    gradients = []
    for bn in twins(eps=0.1):
        x = normal(*shape).requires_grad_()
        (bn.train(training)(x) * normal(*shape, seed=2)).sum().backward()
        gradients.append((x.grad, bn.weight.grad, bn.bias.grad))
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("shape", [(4, 2), (2, 2, 3)])
def test_gradient_is_the_slope(shape: tuple[int, ...]):
    """First and second derivatives of the train mode output are those of finite differences."""
    bn = a7.BatchNorm1d(2, eps=0.1, dtype=torch.float64)

    def output(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return torch.func.functional_call(bn, {"weight": weight, "bias": bias}, (x,))

    inputs = [normal(*shape), normal(2, seed=1), normal(2, seed=2)]
    inputs = [tensor.requires_grad_() for tensor in inputs]
    assert torch.autograd.gradcheck(output, inputs)
    assert torch.autograd.gradgradcheck(output, inputs)


def test_statistics_equal_exact_arithmetic():
    """mean, biased and unbiased variance of one channel are those of rational arithmetic."""
    values = [Fraction(n, 4) for n in (1, -7, 22, 3, 9)]
    mean = sum(values) / 5
    squares = sum((value - mean) ** 2 for value in values)
    x = torch.tensor([[float(value)] for value in values], dtype=torch.float64)
    bn = a7.BatchNorm1d(1, eps=0.25, momentum=1.0, dtype=torch.float64)
    out = bn(x)
    assert bn.running_mean.item() == pytest.approx(float(mean))
    assert bn.running_var.item() == pytest.approx(float(squares / 4))
    expected = [float(value - mean) / float(squares / 5 + Fraction(1, 4)) ** 0.5 for value in values]
    assert out[:, 0].tolist() == pytest.approx(expected)
    fitted_mean, std = a7.fit_standardizer(x)
    assert (fitted_mean.item(), std.item()) == pytest.approx((float(mean), float(squares / 5) ** 0.5))


def test_float32_keeps_its_digits_at_a_large_offset():
    """In float32, mean 1000 and std 1 lose no more than the rounding of the input costs."""
    x = (normal(64, 4) % 1 + 1000).float()
    exact = x.double()
    expected = (exact - exact.mean(0)) / (exact.var(0, correction=0) + 1e-5).sqrt()
    torch.testing.assert_close(a7.BatchNorm1d(4)(x).double(), expected, rtol=0, atol=1e-3)
    torch.testing.assert_close(a7.fit_standardizer(x)[1].double(), exact.std(0, correction=0), rtol=1e-5, atol=0)


def test_buffers_are_updated_in_place_and_outside_autograd():
    """References taken before training follow it, and hold no graph."""
    bn = a7.BatchNorm1d(4)
    taken = {name: getattr(bn, name) for name in STATISTICS}
    storage = {name: tensor.data_ptr() for name, tensor in taken.items()}
    bn(normal(3, 4).float().requires_grad_())
    for name, tensor in taken.items():
        assert getattr(bn, name) is tensor
        assert tensor.data_ptr() == storage[name]
        assert not tensor.requires_grad
        assert tensor.grad_fn is None
    assert taken["num_batches_tracked"].item() == 1


@pytest.mark.parametrize("shape", [(1, 4), (1, 4, 1), (0, 4)])
def test_one_value_per_channel_is_refused_before_any_update(shape: tuple[int, ...]):
    """Train mode refuses fewer than two values per channel, and every buffer is as it was."""
    bn = a7.BatchNorm1d(4)
    before = copy.deepcopy(bn.state_dict())
    with pytest.raises(ValueError, match="x must hold more than one value"):
        bn(torch.ones(shape))
    assert all(torch.equal(before[name], value) for name, value in bn.state_dict().items())


def test_forward_leaves_its_input_alone():
    """A non-contiguous input gives what its copy gives and is not changed."""
    wide = normal(4, 3, 6, dtype=torch.float32)
    for x in (wide.transpose(1, 2)[..., ::2].transpose(1, 2)[:, :, :2], wide[:, :, 0], wide[:, :, 0].T.contiguous().T):
        given = x.clone()
        torch.testing.assert_close(a7.BatchNorm1d(x.shape[1])(x), a7.BatchNorm1d(x.shape[1])(given.contiguous()))
        assert torch.equal(x, given)


def test_state_starts_as_torch_starts():
    """Parameters and buffers have PyTorch's names, values and dtypes, and no random number is drawn."""
    for dtype in (torch.float32, torch.float64):
        torch.manual_seed(0)
        before = torch.get_rng_state()
        ours, oracle = a7.BatchNorm1d(3, dtype=dtype), nn.BatchNorm1d(3, dtype=dtype)
        assert torch.equal(before, torch.get_rng_state())
        for kind in ("named_parameters", "named_buffers"):
            got, expected = dict(getattr(ours, kind)()), dict(getattr(oracle, kind)())
            assert list(got) == list(expected)
            for name, value in expected.items():
                torch.testing.assert_close(got[name], value, rtol=0, atol=0)


def test_state_is_made_on_the_device():
    """device= puts every parameter and buffer there (the meta device stands for any other)."""
    bn = a7.BatchNorm1d(3, device="meta")
    assert {tensor.device.type for tensor in bn.state_dict().values()} == {"meta"}
    assert bn(torch.empty(4, 3, device="meta")).device.type == "meta"


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"num_features": 0}, "num_features"),
        ({"num_features": -1}, "num_features"),
        ({"eps": 0.0}, "eps"),
        ({"eps": -1e-5}, "eps"),
        ({"eps": float("nan")}, "eps"),
        ({"momentum": 0.0}, "momentum"),
        ({"momentum": 1.1}, "momentum"),
        ({"momentum": float("nan")}, "momentum"),
    ],
)
def test_impossible_settings_are_refused(options: dict[str, float], name: str):
    """num_features < 1, eps ≤ 0 and momentum outside (0, 1] are ValueErrors that name the argument."""
    with pytest.raises(ValueError, match=f"^{name} "):
        a7.BatchNorm1d(**{"num_features": 3, **options})


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("x", [torch.ones(3), torch.ones(2, 3, 4, 5), torch.ones(4, 1), torch.ones(4, 5, 3)])
def test_other_shapes_are_refused(x: Tensor, training: bool):
    """Another number of dimensions or channels is a ValueError that names x."""
    with pytest.raises(ValueError, match=r"^x must be"):
        a7.BatchNorm1d(3).train(training)(x)


@pytest.mark.parametrize("x", [[[1.0, 2.0], [3.0, 4.0]], np.ones((2, 2)), torch.ones(2, 2, dtype=torch.int64)])
def test_other_types_are_refused(x: object):
    """What is no floating-point tensor is a TypeError that names the argument, everywhere."""
    ones = torch.ones(2)
    with pytest.raises(TypeError, match=r"^x must be"):
        a7.BatchNorm1d(2)(x)
    with pytest.raises(TypeError, match=r"^x must be"):
        a7.fit_standardizer(x)
    for position, name in enumerate(("x", "mean", "std")):
        arguments = [torch.ones(2, 2), ones, ones]
        arguments[position] = x
        with pytest.raises(TypeError, match=f"^{name} must be"):
            a7.standardize(*arguments)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_standardizer_matches_numpy(dtype: torch.dtype):
    """Mean, std and standardized values are numpy's, in the dtype of x, for a transposed x as well."""
    x = normal(4, 7, dtype=dtype).T
    before = x.clone()
    mean, std = a7.fit_standardizer(x)
    array = x.numpy()
    np.testing.assert_allclose(mean.numpy(), array.mean(0), rtol=1e-5)
    np.testing.assert_allclose(std.numpy(), array.std(0), rtol=1e-5)
    z = a7.standardize(x, mean, std)
    np.testing.assert_allclose(z.numpy(), (array - array.mean(0)) / array.std(0), atol=1e-4)
    assert {tensor.dtype for tensor in (mean, std, z)} == {dtype}
    assert torch.equal(x, before)


def test_other_data_are_standardized_by_the_fitted_statistics():
    """standardize measures test data by the training data's mean and std."""
    mean, std = a7.fit_standardizer(normal(50, 3))
    x = normal(5, 3, seed=1) + 10
    torch.testing.assert_close(a7.standardize(x, mean, std) * std + mean, x)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e6, 1e-30])
@pytest.mark.parametrize("n", [1, 3, 10, 48, 1000, 4096])
def test_constant_features_give_zero(n: int, value: float, dtype: torch.dtype):
    """A constant feature gives 0 in every row, however its mean was rounded; its neighbours stay as they were."""
    x = normal(n, 3, dtype=dtype)
    x[:, 1] = value
    z = a7.standardize(x, *a7.fit_standardizer(x))
    assert torch.equal(z[:, 1], torch.zeros(n, dtype=dtype))
    assert not z.isnan().any()
    if n > 1:
        torch.testing.assert_close(z[:, [0, 2]].std(0, correction=0), torch.ones(2, dtype=dtype))


def test_features_of_tiny_numbers_are_not_constant():
    """Scale does not matter: a feature of size 1e-12 is standardized like itself at size 1."""
    x = normal(9, 2) - 2
    fitted = [a7.standardize(size * x, *a7.fit_standardizer(size * x)) for size in (1.0, 1e-12)]
    torch.testing.assert_close(*fitted)


@pytest.mark.parametrize(
    ("shapes", "name"),
    [
        (((3,), (3,), (3,)), "x"),
        (((2, 3), (1,), (3,)), "mean"),
        (((2, 3), (1, 3), (3,)), "mean"),
        (((2, 3), (3,), (2,)), "std"),
        (((2, 3), (3,), ()), "std"),
    ],
)
def test_standardize_refuses_shapes_that_do_not_fit(shapes: tuple[tuple[int, ...], ...], name: str):
    """x must be 2-D, mean and std (D,); the ValueError names the argument."""
    with pytest.raises(ValueError, match=f"^{name} must"):
        a7.standardize(*(torch.ones(shape) for shape in shapes))


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (0, 3)])
def test_fit_standardizer_refuses_what_is_no_table(shape: tuple[int, ...]):
    """x must be 2-D with at least one row; the ValueError names it."""
    with pytest.raises(ValueError, match=r"^x must be"):
        a7.fit_standardizer(torch.ones(shape))
