"""The reference of a6_softmax_cross_entropy against oracles that share no code with it: torch's own, fractions, differences."""

import decimal
import json
import math
import subprocess
import sys
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from solutions import a6_softmax_cross_entropy as a6

ROOT = Path(__file__).parents[2]
DTYPES = [torch.float32, torch.float64]
LOSSES = {"cross_entropy": F.cross_entropy, "softmax_mse": lambda x, y: brier(x, y)}


def normal(*shape: int, seed: int = 0, std: float = 1.0, dtype: torch.dtype = torch.float64) -> Tensor:
    return (std * torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)).to(dtype)


def labels(n: int, classes: int, seed: int = 0) -> Tensor:
    return torch.randint(0, classes, (n,), generator=torch.Generator().manual_seed(seed))


def brier(logits: Tensor, target: Tensor) -> Tensor:
    """The squared error as torch's own functions give it."""
    return F.mse_loss(logits.softmax(1), F.one_hot(target, logits.shape[1]).to(logits.dtype)) * logits.shape[1]


def extreme(dtype: torch.dtype) -> Tensor:
    """Rows at very different levels, and a row that spans ±10⁴."""
    rows = [[1e4, 9999.5, 9998], [-1e4, -9999.5, -9998], [0.5, 0, -2], [-1e4, 1e4, 0]]
    return torch.tensor(rows, dtype=dtype)


@pytest.mark.parametrize("n", [1, 2, 9])
def test_one_hot_matches_torch(n: int):
    """The marks are those of torch.nn.functional.one_hot, as floats."""
    y = labels(n, 4, seed=n)
    torch.testing.assert_close(a6.one_hot(y, 6), F.one_hot(y, 6).float())


def test_one_hot_follows_the_default_dtype():
    """Without a dtype the result has the default one at the time of the call."""
    y, usual = labels(3, 4), torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float64)
        assert a6.one_hot(y, 4).dtype == torch.float64
    finally:
        torch.set_default_dtype(usual)
    assert a6.one_hot(y, 4).dtype == usual
    assert a6.one_hot(y, 4, torch.int8).dtype == torch.int8


def test_one_hot_vectors_are_equally_far_apart():
    """Any two classes are √2 apart."""
    rows = a6.one_hot(torch.arange(5), 5, torch.float64)
    expected = math.sqrt(2) * (1 - torch.eye(5, dtype=torch.float64))
    torch.testing.assert_close(torch.cdist(rows, rows), expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("shape", "dim"), [((5,), 0), ((4, 3), 1), ((4, 3), 0), ((3, 3), 0), ((2, 3, 4), 1), ((2, 3, 4), -2)]
)
def test_softmax_and_its_logarithm_match_torch(shape: tuple[int, ...], dim: int, dtype: torch.dtype):
    """Along every dimension, in both dtypes, contiguous or not."""
    x = normal(*shape, std=5.0, dtype=dtype)
    for logits in (x, x.transpose(0, -1).contiguous().transpose(0, -1)):
        torch.testing.assert_close(a6.softmax(logits, dim), F.softmax(logits, dim))
        torch.testing.assert_close(a6.log_softmax(logits, dim), F.log_softmax(logits, dim))


def test_softmax_equals_exact_arithmetic():
    """Of the logarithms of 1, 2, 5, it is 1/8, 2/8, 5/8."""
    logits = torch.tensor([1.0, 2.0, 5.0], dtype=torch.float64).log()
    assert a6.softmax(logits).tolist() == pytest.approx([float(Fraction(n, 8)) for n in (1, 2, 5)])


def test_log_softmax_equals_fifty_digits():
    """Decimal arithmetic with 50 digits gives the same logarithms for logits of ±10⁴."""
    rows = extreme(torch.float64)
    with decimal.localcontext() as context:
        context.prec = 50
        for row, got in zip(rows.tolist(), a6.log_softmax(rows).tolist(), strict=True):
            exact = [decimal.Decimal(value) for value in row]
            total = sum((value - max(exact)).exp() for value in exact).ln() + max(exact)
            assert got == pytest.approx([float(value - total) for value in exact], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
def test_large_logits_match_torch_and_stay_finite(dtype: torch.dtype):
    """Values and gradients at ±10⁴ are torch's own."""
    y = torch.tensor([0, 2, 1, 0])
    torch.testing.assert_close(a6.softmax(extreme(dtype)), F.softmax(extreme(dtype), 1))
    torch.testing.assert_close(a6.log_softmax(extreme(dtype)), F.log_softmax(extreme(dtype), 1))
    for name, oracle in LOSSES.items():
        found = []
        for loss in (getattr(a6, name), oracle):
            x = extreme(dtype).requires_grad_()
            value = loss(x, y)
            value.backward()
            found.append((value, x.grad))
        torch.testing.assert_close(*found)
        torch.testing.assert_close(getattr(a6, f"{name}_grad")(extreme(dtype), y), found[1][1])


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("name", LOSSES)
def test_dtype_is_that_of_the_logits(name: str, n: int):
    """Whatever the default dtype is, losses and gradients have the dtype of the logits."""
    usual = torch.get_default_dtype()
    try:
        for default in DTYPES:
            torch.set_default_dtype(default)
            for dtype in DTYPES:
                x, y = normal(n, 4, dtype=dtype), labels(n, 4)
                assert getattr(a6, name)(x, y).dtype == getattr(a6, f"{name}_grad")(x, y).dtype == dtype
    finally:
        torch.set_default_dtype(usual)


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_match_torch(name: str, n: int):
    """Value, gradient by autograd and closed form are torch's own."""
    x, y = normal(n, 4, std=3.0).requires_grad_(), labels(n, 4)
    expected = LOSSES[name](x, y)
    torch.testing.assert_close(getattr(a6, name)(x, y), expected)
    (gradient,) = torch.autograd.grad(expected, x)
    torch.testing.assert_close(torch.autograd.grad(getattr(a6, name)(x, y), x)[0], gradient)
    closed = getattr(a6, f"{name}_grad")
    for got in (closed(x, y), closed(x.detach(), y)):
        assert not got.requires_grad
        torch.testing.assert_close(got, gradient)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_gradients_are_the_slopes(name: str):
    """First and second derivatives are those of finite differences, where logits tie for the largest too."""
    tied = torch.tensor([[1.0, 1.0, -2.0], [0.0, 3.0, 3.0]], dtype=torch.float64)
    for x in (normal(2, 3), tied):
        for dim in (0, 1):
            assert torch.autograd.gradcheck(lambda x, dim=dim: getattr(a6, name)(x, dim), x.clone().requires_grad_())
            assert torch.autograd.gradgradcheck(
                lambda x, dim=dim: getattr(a6, name)(x, dim), x.clone().requires_grad_()
            )


@pytest.mark.parametrize("name", LOSSES)
def test_loss_gradients_are_the_slopes(name: str):
    """The losses' derivatives are those of finite differences, by autograd and in closed form."""
    x, y = normal(3, 4), labels(3, 4)
    assert torch.autograd.gradcheck(lambda x: getattr(a6, name)(x, y), x.clone().requires_grad_())
    quotients = np.empty((3, 4))
    for index in np.ndindex(3, 4):
        h = torch.zeros_like(x)
        h[index] = 1e-6
        quotients[index] = (getattr(a6, name)(x + h, y) - getattr(a6, name)(x - h, y)) / 2e-6
    torch.testing.assert_close(getattr(a6, f"{name}_grad")(x, y), torch.from_numpy(quotients), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("name", LOSSES)
def test_closed_forms_need_no_autograd(name: str, mode: type):
    """They give the same under no_grad and inference_mode, and are alike for inputs that require grad."""
    x, y = normal(3, 4), labels(3, 4)
    gradient = getattr(a6, f"{name}_grad")
    with mode():
        inside = gradient(x, y)
    torch.testing.assert_close(inside.clone(), gradient(x.requires_grad_(), y))
    assert x.grad is None


def test_the_lecture_numbers():
    """(3, 1, −3) becomes (0.88, 0.12, 0.002); the gradients at (−10, 10, −1000) are 1.41 and 1.2e-8 long."""
    torch.testing.assert_close(
        a6.softmax(torch.tensor([3.0, 1.0, -3.0])), torch.tensor([0.88, 0.12, 0.002]), rtol=0, atol=2e-3
    )
    far, first = torch.tensor([[-10.0, 10.0, -1000.0]], dtype=torch.float64), torch.tensor([0])
    assert a6.cross_entropy_grad(far, first).norm().item() == pytest.approx(math.sqrt(2))
    p = 1 / (1 + math.exp(20))
    assert a6.softmax_mse_grad(far, first).norm().item() == pytest.approx(4 * math.sqrt(2) * p * (1 - p) ** 2)


@pytest.mark.parametrize("dtype", DTYPES)
def test_landscape_is_the_loss_at_each_point(dtype: torch.dtype):
    """Rows are y1, columns y2, the third logit is −1000 unless given, the label 0."""
    y1, y2 = normal(3, dtype=dtype), normal(4, seed=1, dtype=dtype)
    for y3, given in ((-1000.0, []), (0.0, [0.0])):
        got = a6.loss_landscape(a6.cross_entropy, y1, y2, *given)
        points = torch.tensor([[[a, b, y3] for b in y2.tolist()] for a in y1.tolist()], dtype=dtype)
        torch.testing.assert_close(got, -F.log_softmax(points, 2)[:, :, 0])


FUNCTIONS = [
    ("one_hot", (labels(5, 3), 4)),
    ("softmax", (normal(3, 4),)),
    ("log_softmax", (normal(3, 4),)),
    *((name, (normal(5, 3), labels(5, 3))) for name in (*LOSSES, *(f"{name}_grad" for name in LOSSES))),
    ("loss_landscape", (a6.cross_entropy, normal(3), normal(4))),
]


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize(("name", "arguments"), FUNCTIONS)
def test_functions_are_pure(name: str, arguments: tuple[object, ...], required: bool):
    """Inputs, their flags and the global generator are as before; no .grad is left."""
    tensors = [item for item in arguments if isinstance(item, Tensor)]
    given = [item.clone() for item in tensors]
    for item in given:
        item.requires_grad_(required and item.is_floating_point())
    flags, state, rest = [item.requires_grad for item in given], torch.get_rng_state(), iter(given)
    getattr(a6, name)(*(next(rest) if isinstance(item, Tensor) else item for item in arguments))
    assert all(torch.equal(before, after.detach()) for before, after in zip(tensors, given, strict=True))
    assert [item.requires_grad for item in given] == flags
    assert all(item.grad is None for item in given)
    assert torch.equal(state, torch.get_rng_state())


BATCHES = [
    (normal(3, 4).tolist(), labels(3, 4), TypeError, "logits"),
    (normal(3, 4).long(), labels(3, 4), TypeError, "logits"),
    (normal(3, 4), [0, 1, 2], TypeError, "labels"),
    (normal(3, 4), labels(3, 4).double(), TypeError, "labels"),
    (normal(3, 4), torch.tensor([True, False, True]), TypeError, "labels"),
    (normal(4), labels(1, 4), ValueError, "logits"),
    (normal(1, 3, 4), labels(1, 3), ValueError, "logits"),
    (normal(0, 4), labels(0, 4), ValueError, "logits"),
    (normal(3, 4), labels(2, 4), ValueError, "labels"),
    (normal(2, 4), labels(3, 4), ValueError, "labels"),
    (normal(3, 4), labels(3, 4)[:, None], ValueError, "labels"),
    (normal(3, 4), labels(1, 4), ValueError, "labels"),
    (normal(4), labels(1, 4)[0], ValueError, "logits"),
    *((normal(2, 4), torch.tensor([0, wrong]), ValueError, "labels") for wrong in (-1, -100, 4)),
]


@pytest.mark.parametrize("name", [*LOSSES, *(f"{name}_grad" for name in LOSSES)])
@pytest.mark.parametrize(("logits", "given", "error", "argument"), BATCHES)
def test_what_is_no_batch_is_refused(name: str, logits: object, given: object, error: type[Exception], argument: str):
    """Types, shapes and labels outside [0, C) are refused by the argument's name."""
    with pytest.raises(error, match=rf"^{argument} must"):
        getattr(a6, name)(logits, given)


@pytest.mark.parametrize("wrong", [[0, 1], torch.tensor([0.0, 1.0])])
def test_one_hot_refuses_wrong_types(wrong: object):
    """Labels that are no integer tensor are a TypeError that names them."""
    with pytest.raises(TypeError, match=r"^labels must"):
        a6.one_hot(wrong, 3)


@pytest.mark.parametrize("wrong", [-1, -100, 3])
def test_one_hot_refuses_what_is_no_class(wrong: int):
    """A label outside [0, num_classes) is a ValueError that names labels."""
    with pytest.raises(ValueError, match=r"^labels must"):
        a6.one_hot(torch.tensor([0, wrong]), 3)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("wrong", [[1.0, 2.0], torch.tensor([1, 2])])
def test_softmax_refuses_wrong_types(name: str, wrong: object):
    """Lists and integer tensors are a TypeError that names logits."""
    with pytest.raises(TypeError, match=r"^logits must"):
        getattr(a6, name)(wrong)


FORBIDDEN = tomllib.loads((ROOT / "autograder/hidden/a6_softmax_cross_entropy/forbidden.toml").read_text())["forbidden"]
CATEGORICAL = "torch.distributions.Categorical(logits=X).log_prob(Y)"
SHORTCUTS = {
    "softmax": [
        "torch.softmax(X, 1)",
        "X.softmax(1)",
        "F.softmax(X, 1)",
        "F.softmin(X, 1)",
        "F.gumbel_softmax(X, dim=1)",
        "torch.nn.Softmax(1)(X)",
        "torch.nn.Softmax2d()(X[:, None, None])",
        "torch.special.softmax(X, 1)",
        "torch._softmax(X, 1, False)",
        "torch._safe_softmax(X, 1)",
        "torch.ops.aten._softmax(X, 1, False)",
        "torch.sparse.softmax(X.to_sparse(), 1)",
        "torch.masked.softmax(X, 1)",
        "torch._refs.softmax(X, 1)",
        "torch._refs.special.softmax(X, 1)",
        "torch._decomp.decompositions._softmax(X, 1, False)",
        "torch._softmax_backward_data(X, X, 1, X.dtype)",
        "F.scaled_dot_product_attention(X, X, X)",
        "torch.distributions.Categorical(logits=X).probs",
    ],
    "log_softmax": [
        "torch.log_softmax(X, 1)",
        "X.log_softmax(1)",
        "F.log_softmax(X, 1)",
        "torch.nn.LogSoftmax(1)(X)",
        "torch.special.log_softmax(X, 1)",
        "torch.ops.aten._log_softmax(X, 1, False)",
        "torch._refs.log_softmax(X, 1)",
        "torch.masked.log_softmax(X, 1)",
    ],
    "cross_entropy": [
        "F.cross_entropy(X, Y)",
        "torch.nn.CrossEntropyLoss()(X, Y)",
        "F.cross_entropy(X, X.exp())",
    ],
    "nll_loss": [
        "F.nll_loss(X, Y)",
        "torch.nn.NLLLoss()(X, Y)",
        "torch._C._nn.nll_loss_nd(X, Y)",
        "F.nll_loss(X[:, :, None, None], Y[:, None, None])",
        "torch._refs.nn.functional.nll_loss(X, Y)",
    ],
    "logsumexp": [
        "torch.logsumexp(X, 1)",
        "X.logsumexp(1)",
        "torch.special.logsumexp(X, 1)",
        "torch.ops.aten.logsumexp(X, [1])",
        "torch._refs.logsumexp(X, 1)",
        "torch.masked.logsumexp(X, 1)",
        CATEGORICAL,
    ],
    "logcumsumexp": ["torch.logcumsumexp(X, 1)", "X.logcumsumexp(1)"],
}
ALLOWED = [
    "F.one_hot(Y, 4)",
    "F.mse_loss(X, X)",
    "torch.logaddexp(X, X)",
    "X.exp().sum(1).log()",
    "X.sigmoid()",
    "X.gather(1, Y[:, None])",
    "a6.one_hot(Y, 4)",
    "a6.softmax(X)",
    "a6.log_softmax(X)",
    "a6.cross_entropy(X, Y)",
    "a6.cross_entropy_grad(X, Y)",
    "a6.softmax_mse(X, Y)",
    "a6.softmax_mse_grad(X, Y)",
    "a6.loss_landscape(a6.cross_entropy, X[0], X[1])",
]
EITHER = ["torch._C._nn.cross_entropy_loss(X, Y)"]  # falls apart, or not, depending on the mode; some name is reported
MODES = ["enable_grad", "inference_mode"]

WATCHED = """
import json, sys
import torch
import torch.nn.functional as F
from autograder.worker.forbidden import report_to, watch
from solutions import a6_softmax_cross_entropy as a6

X, Y, found, reported = torch.randn(3, 4, dtype=torch.float64), torch.tensor([0, 3, 1]), {}, []
forbidden, modes, calls = json.loads(sys.stdin.read())
report_to(reported.append)
watch([(row["name"], row.get("python", []), row.get("operators", [])) for row in forbidden])
for mode in modes:
    for call in calls:
        reported.clear()
        with getattr(torch, mode)():
            eval(call)
        found[f"{mode} {call}"] = list(reported)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def reported() -> dict[str, list[str]]:
    """What a worker's watch reports of each call; in a process of its own, because a watch lasts as long as its process."""
    calls = [*(call for group in SHORTCUTS.values() for call in group), *ALLOWED, *EITHER]
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WATCHED],
        input=json.dumps([FORBIDDEN, MODES, calls]),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("name", "call"), [(name, call) for name, calls in SHORTCUTS.items() for call in calls])
def test_shortcuts_are_noticed(reported: dict[str, list[str]], name: str, call: str, mode: str):
    """Each built-in is reported by its name, by whatever path it is called."""
    assert any(text.endswith(f".{name}") for text in reported[f"{mode} {call}"])


@pytest.mark.parametrize("mode", MODES)
def test_a_loss_below_the_python_functions_is_noticed(reported: dict[str, list[str]], mode: str):
    """The operator of cross-entropy is reported by its own name or by those of its parts."""
    assert all(reported[f"{mode} {call}"] for call in EITHER)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("call", ALLOWED)
def test_what_is_allowed_is_not_reported(reported: dict[str, list[str]], call: str, mode: str):
    """The reference, and built-ins that are no exercise, report nothing."""
    assert reported[f"{mode} {call}"] == []


@pytest.mark.parametrize("mode", MODES)
def test_a_distribution_is_its_logsumexp(reported: dict[str, list[str]], mode: str):
    """The log-probability of a distribution over classes is forbidden exactly where logsumexp is."""
    assert set(reported[f"{mode} {CATEGORICAL}"]) == {"torch.logsumexp"}


def test_logsumexp_is_forbidden_in_two_exercises_only():
    """In the losses it is a tool; inside softmax and its logarithm it is the exercise."""
    restricted = {row["name"]: row["exercises"] for row in FORBIDDEN if "exercises" in row}
    assert restricted == {f"torch.{name}": ["softmax", "log_softmax"] for name in ("logsumexp", "logcumsumexp")}
