"""What a picture's function returned becomes numbers to be drawn, or is refused; then it is told in words."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from autograder.checking import picture
from autograder.checking.pictures import Picture
from autograder.feedback.numbers import NotDrawable, Pair, pairs, panels
from autograder.feedback.words import described


def made(kind: Any, **settings: Any) -> Picture:
    """A picture of this kind."""

    def numbers(m: Any) -> Any:
        """A picture."""

    return picture("step", kind=kind, shows=["x"], **settings)(numbers)


CURVE, PATH, BARS, CELLS = made("curve", xlabel="step"), made("path"), made("bars", names=["a", "b"]), made("cells")


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        (torch.tensor([1.0, 2.0]), [1.0, 2.0]),
        (torch.tensor([1, 2]), [1.0, 2.0]),
        (torch.tensor([1.0, 2.0], dtype=torch.bfloat16, requires_grad=True), [1.0, 2.0]),
        ([1, 2.5], [1.0, 2.5]),
        ([torch.tensor(1.0), 2], [1.0, 2.0]),
        ((np.float32(1.0), np.array(2.0)), [1.0, 2.0]),
        ([torch.tensor(1.0), torch.tensor(2.0)], [1.0, 2.0]),
        ([math.inf, math.nan], [math.inf, math.nan]),
        ([10**400, 1], [math.nan, 1.0]),
    ],
)
def test_numbers_of_every_kind_are_taken(value: object, numbers: list[float]) -> None:
    """Tensors of any dtype, lists of numbers, numpy's numbers, infinities; what no float can hold is no number."""
    np.testing.assert_equal(panels(CURVE, value)[""], np.array(numbers))


@pytest.mark.parametrize(
    "value",
    [
        None,
        "rubbish",
        torch.ones(2, 2),
        torch.ones(()),
        torch.ones(0),
        torch.ones(10**6),
        [0.0] * 10**5,
        torch.ones(3, dtype=torch.complex64),
        torch.ones(3, device="meta"),
        torch.eye(3).to_sparse(),
        ["a", "b"],
        [1.0, [2.0]],
        [torch.ones(1), torch.ones(2)],
        [torch.tensor(1j), 2],
        [],
        {},
        {str(number): [1.0] for number in range(9)},
        {"one": "text"},
        object(),
        np.array(["a"]),
    ],
    ids=lambda value: str(type(value).__name__),
)
def test_what_is_no_collection_of_numbers_is_refused(value: object) -> None:
    """Strings, other shapes, a million points, other layouts: each is refused in words, and nothing else happens."""
    with pytest.raises(NotDrawable):
        panels(CURVE, value)


def test_a_path_may_be_shorter_or_longer() -> None:
    """That the start was forgotten is what the picture is to show."""
    (pair,) = pairs(PATH, panels(PATH, torch.zeros(3, 2)), panels(PATH, torch.zeros(4, 2)))
    assert pair.difference == math.inf


@pytest.mark.parametrize(
    ("kind", "yours", "right"),
    [
        (PATH, torch.zeros(4, 3), torch.zeros(4, 2)),
        (BARS, torch.zeros(3), torch.zeros(2)),
        (CELLS, torch.zeros(2, 3), torch.zeros(3, 2)),
        (BARS, {"other": torch.zeros(2)}, {"one": torch.zeros(2)}),
    ],
)
def test_another_shape_is_not_drawn(kind: Picture, yours: object, right: object) -> None:
    """Bars and cells have their places; a path lies in the plane."""
    with pytest.raises(NotDrawable):
        pairs(kind, panels(kind, yours), panels(kind, right))


def pair(yours: list[Any], right: list[Any]) -> Pair:
    """One panel."""
    return Pair("", np.array(yours, dtype=np.float64), np.array(right, dtype=np.float64))


@pytest.mark.parametrize(
    ("yours", "right", "difference"),
    [
        ([1.0, 2.0, 5.0], [1.0, 2.0, 5.0], 0.0),
        ([1.0, 2.0, 7.0], [1.0, 2.0, 5.0], 0.5),
        ([0.0, 0.5], [0.0, 0.0], 0.5),
        ([3.0, 3.0], [4.0, 4.0], 0.25),
        ([math.nan, 1.0], [math.nan, 1.0], 0.0),
        ([math.inf, 1.0], [math.inf, 1.0], 0.0),
        ([math.nan, 1.0], [0.0, 1.0], math.inf),
        ([1e308, -1e308], [0.0, 0.5], math.inf),
    ],
)
def test_the_difference_is_a_share_of_what_is_right(yours: list[float], right: list[float], difference: float) -> None:
    """2 of a curve that reaches from 1 to 5 is a half; of a flat one its height counts; NaN is as NaN."""
    assert pair(yours, right).difference == pytest.approx(difference)


def test_a_path_is_measured_by_its_diagonal() -> None:
    """A deviation of 1 where the path crosses 3 by 4."""
    assert pair([[0, 0], [3, 5]], [[0, 0], [3, 4]]).difference == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("kind", "one", "words"),
    [
        (
            CURVE,
            pair([0, 1, 2, 9], [0, 1, 2, 3]),
            "Yours and the right one agree up to step 2 and part there. "
            "They are farthest apart at step 3: yours is 9, the right one 3.",
        ),
        (
            PATH,
            pair([[0, 0], [1, 2]], [[0, 0], [1, 0]]),
            "Yours and the right one begin together and part at once. "
            "They are farthest apart at point 1: yours is (1, 2), the right one (1, 0).",
        ),
        (
            BARS,
            pair([1, -0.5], [1, 0.5]),
            "They are farthest apart at b: yours is −0.5, the right one 0.5.",
        ),
        (
            CURVE,
            pair([0, math.nan], [0, 1]),
            "Yours and the right one begin together and part at once. "
            "They are farthest apart at step 1: yours is not a number, the right one 1.",
        ),
        (CURVE, pair([0, 1], [0, 1, 2]), "Yours has 2 values, the right one 3. As far as both go, they agree."),
        (CURVE, pair([0, 1], [0, 1]), "Yours and the right one agree."),
        (
            CELLS,
            pair([[math.inf, 0]], [[1, 0]]),
            "They are farthest apart in row 1: yours is (infinite, 0), the right one (1, 0).",
        ),
    ],
)
def test_a_picture_says_in_words_what_it_shows(kind: Picture, one: Pair, words: str) -> None:
    """Where both agree, where they part, where they are farthest apart: from the numbers themselves."""
    assert described(kind, [one]) == words


def test_words_on_several_panels_name_them() -> None:
    """Each sentence says of which panel it is."""
    drawn = [Pair("mean", np.zeros(2), np.zeros(2)), Pair("variance", np.zeros(2), np.ones(2))]
    assert described(CURVE, drawn).startswith("mean: yours and the right one agree. variance: yours is nowhere")
