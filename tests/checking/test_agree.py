"""`agree` holds two outcomes side by side: structure, kind, shape, dtype, values within the tolerance, or exceptions."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from autograder.checking.compare import Disagreement, Ledger, agree, agree_up_to_sign, keeping
from autograder.sandbox.zygote import SandboxError

TOLERANCE = 1e-3


def compared(got: Any, expected: Any, *, comparison: Callable[..., None] = agree, **rules: Any) -> Ledger:
    """The ledger after one comparison of two outcomes; an exception as outcome is raised, anything else returned."""

    def outcome(value: Any) -> Any:
        if isinstance(value, BaseException):
            raise value
        return value

    with keeping(Ledger(seed=0, tolerance=TOLERANCE)) as ledger:
        comparison(got, expected, outcome, **rules)
    return ledger


def refusal(got: Any, expected: Any, **rules: Any) -> str:
    """What a student reads where two outcomes disagree."""
    with pytest.raises(Disagreement) as caught:
        compared(got, expected, **rules)
    return caught.value.public


def test_values_within_the_tolerance_agree() -> None:
    """The error counts relative to the largest expected magnitude, and is written down."""
    expected = torch.tensor([100.0, 1e-4], dtype=torch.float64)
    ledger = compared(expected + torch.tensor([0.0, 0.05], dtype=torch.float64), expected)
    assert ledger.discrepancy == pytest.approx(0.05 / 100)
    assert ledger.comparisons == 1
    assert ledger.refusals == 0


def test_values_beyond_the_tolerance_disagree() -> None:
    """A student reads that the value is wrong, and no number."""
    assert refusal(torch.tensor([1.0, 2.01]), torch.tensor([1.0, 2.0])) == "the result has the wrong value"


def test_elementwise_errors_count_for_each_element() -> None:
    """A small element is judged by its own size; next to a zero, the error itself counts."""
    expected = torch.tensor([100.0, 1e-4])
    assert "wrong value" in refusal(expected + torch.tensor([0.0, 1e-6]), expected, elementwise=True)
    zero = torch.tensor([0.0, 5.0])
    assert compared(zero + torch.tensor([1e-4, 0.0]), zero, elementwise=True).discrepancy == pytest.approx(1e-4)


def test_where_zeros_are_expected_the_error_itself_counts() -> None:
    """Nothing is divided by zero."""
    assert compared(torch.full((2,), 1e-4), torch.zeros(2)).discrepancy == pytest.approx(1e-4)
    assert "wrong value" in refusal(torch.full((2,), 1e-2), torch.zeros(2))


def test_the_largest_discrepancy_of_a_check_is_kept() -> None:
    """A check compares several times; its ledger holds the worst."""
    with keeping(Ledger(seed=0, tolerance=TOLERANCE)) as ledger:
        for error in (1e-4, 5e-4, 0.0):
            agree(1.0 + error, 1.0, lambda value: value)
    assert ledger.discrepancy == pytest.approx(5e-4)
    assert ledger.comparisons == 3


@pytest.mark.parametrize(
    ("got", "expected", "said"),
    [
        (torch.zeros(2, 3), torch.zeros(3, 2), "the result has shape (2, 3); expected (3, 2)"),
        (torch.zeros(1), torch.zeros(()), "the result has shape (1,); expected ()"),
        (
            torch.zeros(2, dtype=torch.float64),
            torch.zeros(2),
            "the result has dtype torch.float64; expected torch.float32",
        ),
        (torch.zeros(2, dtype=torch.int64), torch.zeros(2), "the result has dtype torch.int64; expected torch.float32"),
        (0.0, torch.zeros(()), "the result is a float; expected a tensor"),
        (np.zeros(2), torch.zeros(2), "the result is a numpy array; expected a tensor"),
        (None, torch.zeros(2), "the result is None; expected a tensor"),
        ([torch.zeros(2)], torch.zeros(2), "the result is a list; expected a tensor"),
        (torch.zeros(2), (torch.zeros(2), torch.zeros(2)), "the result is a Tensor; expected a tuple of 2"),
        ((torch.zeros(2),), (torch.zeros(2), torch.zeros(2)), "the result has 1 items; expected 2"),
        ((torch.zeros(2), torch.ones(2)), (torch.zeros(2), torch.zeros(2)), "item 1 of the result has the wrong value"),
        ({"a": 1}, {"b": 1}, "the result does not have the expected entries"),
        ({"a": 2}, {"a": 1}, "'a' is another than expected"),
        (2, "saddle point", "the result is a int; expected a str"),
        ("Saddle point", "saddle point", "the result is another than expected"),
        (1, True, "the result is a int; expected a bool"),
        (1.0, 1, "the result is a float; expected a int"),
        (0, None, "the result is a int; expected None"),
        (torch.ones((), dtype=torch.bool), 1.0, "the result has dtype torch.bool; expected a float"),
        (True, 1.0, "the result is a bool; expected a float"),
        (torch.ones(1), 1.0, "the result is a Tensor; expected a float"),
        ("1.0", 1.0, "the result is a str; expected a float"),
    ],
)
def test_what_differs_is_said(got: Any, expected: Any, said: str) -> None:
    """Another kind, shape, dtype, length or name is told as such, and is infinitely far away."""
    assert refusal(got, expected) == said


@pytest.mark.parametrize(
    "got",
    [
        0.5,
        np.float64(0.5),
        np.float32(0.5),
        torch.tensor(0.5),
        torch.tensor(0.5, dtype=torch.float64),
        torch.tensor(0.5, requires_grad=True),
    ],
    ids=["float", "float64", "float32", "0-dim", "0-dim double", "with gradient"],
)
def test_a_float_comes_in_many_forms(got: Any) -> None:
    """Where a float is expected, a numpy scalar or a 0-dim tensor of that value will do."""
    assert compared(got, 0.5).discrepancy == 0.0
    assert "wrong value" in refusal(got, 0.6)


def test_a_whole_number_is_a_float_too() -> None:
    """`return 0` is a right answer where 0.0 is expected."""
    assert compared(0, 0.0).discrepancy == 0.0
    assert compared(np.int64(3), 3.0).discrepancy == 0.0
    assert compared(torch.tensor(3), 3.0).discrepancy == 0.0


def test_an_enormous_whole_number_is_a_wrong_float() -> None:
    """An integer that no float holds is a wrong answer, not an overflow in the grader."""
    assert "wrong value" in refusal(10**400, 1.0)


def test_lists_and_tuples_are_alike() -> None:
    """A list of the expected items is as good as a tuple of them."""
    compared([torch.zeros(2), torch.ones(2)], (torch.zeros(2), torch.ones(2)))
    compared((1, 2), [1, 2])


def test_numpy_integers_are_integers() -> None:
    """A count from numpy is a count."""
    assert compared(np.int64(3), 3).discrepancy == 0.0
    assert compared(np.bool_(True), True).discrepancy == 0.0


@pytest.mark.parametrize("irregular", [math.nan, math.inf, -math.inf])
def test_nan_equals_nan_and_inf_equals_inf(irregular: float) -> None:
    """What is not finite must be the very same; the rest is compared as ever."""
    expected = torch.tensor([1.0, irregular])
    assert compared(expected.clone(), expected).discrepancy == 0.0
    assert "wrong value" in refusal(torch.tensor([1.0, 1.0]), expected)
    assert "wrong value" in refusal(expected, torch.tensor([1.0, 1.0]))
    assert "wrong value" in refusal(torch.tensor([2.0, irregular]), expected)
    assert "wrong value" in refusal(-math.inf if irregular > 0 else math.inf, irregular)


def test_integers_are_exact() -> None:
    """No tolerance for integer tensors, in whatever width where the dtype is free."""
    assert "wrong value" in refusal(torch.tensor([10**6 + 1]), torch.tensor([10**6]))
    narrow = torch.tensor([7], dtype=torch.int32)
    assert compared(narrow, torch.tensor([7]), same_dtype=False).discrepancy == 0.0
    assert "wrong value" in refusal(torch.tensor([7.0]), torch.tensor([7]), same_dtype=False)


def test_empty_tensors_agree() -> None:
    """Nothing differs where there is nothing; the shape still counts."""
    assert compared(torch.zeros(0, 3), torch.zeros(0, 3)).discrepancy == 0.0
    assert "expected (0, 3)" in refusal(torch.zeros(3, 0), torch.zeros(0, 3))


def test_the_dtype_may_be_left_free() -> None:
    """With `same_dtype=False` the value counts, whatever its precision."""
    compared(torch.ones(2, dtype=torch.float64), torch.ones(2), same_dtype=False)


def test_types_alone_may_count() -> None:
    """With `type_only` shape and dtype must fit, values need not."""
    compared(torch.ones(2), torch.zeros(2), type_only=True)
    compared(5.0, 1.0, type_only=True)
    compared("a", "b", type_only=True)
    assert "expected (2,)" in refusal(torch.ones(3), torch.zeros(2), type_only=True)


def test_the_coarsest_dtype_is_written_down() -> None:
    """Rounding is judged by the machine epsilon of what was compared."""
    assert compared(torch.ones(2, dtype=torch.float64), torch.ones(2, dtype=torch.float64)).resolution < 1e-15
    mixed = (torch.ones(2, dtype=torch.float64), torch.ones(2))
    assert compared(mixed, mixed).resolution == torch.finfo(torch.float32).eps


def test_the_same_kind_of_exception_agrees() -> None:
    """Where the reference raises, the student must raise that built-in kind; subclasses will do."""
    ledger = compared(UnicodeError("whatever"), ValueError("rate"))
    assert ledger.refusals == 1
    assert "expected TypeError; it raised ValueError" in refusal(ValueError("rate"), TypeError("rate"))
    assert "expected ValueError; no exception was raised" in refusal(1.0, ValueError("rate"))
    assert "expected ValueError about `rate`; no exception" in refusal(1.0, ValueError("rate"), names="rate")
    assert refusal(ValueError("secret 0.123"), 1.0) == "it raised ValueError"


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("rate must be at least 0", True),
        ("`rate`", True),
        ("bad rates", False),
        ("the_rate is bad", False),
        ("", False),
    ],
)
def test_the_message_must_name_the_argument(message: str, named: bool) -> None:
    """With `names`, the argument stands in the message as a word of its own."""
    if named:
        compared(ValueError(message), ValueError("rate"), names="rate")
    else:
        said = refusal(ValueError(message), ValueError("rate"), names="rate")
        assert said == "the message of the ValueError does not name the argument `rate`"


def test_a_fault_of_the_sandbox_is_no_outcome() -> None:
    """The grader's own fault leaves the comparison as it is, on either side."""
    for pair in ((SandboxError("gone"), 1.0), (1.0, SandboxError("gone"))):
        with pytest.raises(SandboxError, match="gone"):
            compared(*pair)


def test_both_sides_draw_the_same_random_numbers() -> None:
    """Torch's default generator is put back before each side, so that a random draw is the same."""
    with keeping(Ledger(seed=3, tolerance=TOLERANCE)) as ledger:
        agree(None, None, lambda _: torch.randn(4))
    assert ledger.discrepancy == 0.0


def test_the_sign_of_an_eigenvector_is_free() -> None:
    """`agree_up_to_sign` takes either sign, and nothing else."""
    vector = torch.tensor([0.6, -0.8])
    compared(-vector, vector, comparison=agree_up_to_sign)
    compared(vector, vector, comparison=agree_up_to_sign)
    assert "wrong value" in refusal(vector.abs(), vector, comparison=agree_up_to_sign)
    assert "expected a tensor" in refusal(None, vector, comparison=agree_up_to_sign)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (torch.tensor([1 + 5j]), torch.tensor([1])),
        (torch.tensor([1 + 0j]), torch.tensor([1])),
        (torch.tensor([257]), torch.tensor([1], dtype=torch.uint8)),
        (torch.tensor([5]), torch.tensor([True])),
        (torch.tensor([1.0]), torch.tensor([1])),
    ],
    ids=["complex", "complex without an imaginary part", "wraps round", "another truth", "float"],
)
def test_integers_are_not_met_by_what_becomes_them(got: torch.Tensor, expected: torch.Tensor) -> None:
    """Where the dtype is free, a value that is equal only once it has been cast is a wrong value."""
    assert "wrong value" in refusal(got, expected, same_dtype=False)


def test_integers_of_another_width_agree() -> None:
    """Where the dtype is free, 1 is 1 in any integer dtype."""
    for dtype in (torch.uint8, torch.int16, torch.bool):
        compared(torch.tensor([1, 0], dtype=dtype), torch.tensor([1, 0]), same_dtype=False)


def test_a_comparison_outside_a_check_is_refused() -> None:
    """Without a ledger there is no tolerance to judge by."""
    with pytest.raises(LookupError):
        agree(1.0, 1.0, lambda value: value)
