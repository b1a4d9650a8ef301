"""The picture as an SVG: well formed, of no other picture's ids, nothing to load, whatever the numbers are."""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from autograder.checking.pictures import Kind, Picture
from autograder.feedback.drawing import svg
from autograder.feedback.numbers import Pair

FLAT = (2, 3)


def drawn(kind: Kind, yours: list[object], right: list[object], **settings: object) -> str:
    """The SVG of one panel."""
    known = {"x": None, "names": (), "xlabel": "step", "ylabel": "θ", "height": None, "beside": {}}
    picture = Picture("one", "step", "A picture.", lambda m: None, kind, (), **{**known, **settings})  # type: ignore[arg-type]
    return svg(picture, [Pair("", np.array(yours, dtype=np.float64), np.array(right, dtype=np.float64))])


WILD = [0.0, math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324]


@pytest.mark.parametrize(
    ("kind", "yours", "right"),
    [
        ("curve", WILD, [0.0, 1, 2, 3, 4, 5, 6]),
        ("curve", [0.0, 1.0], [0.0, math.nan, math.inf, -math.inf, 2.0]),
        ("curve", [1.0], [1.0, 2.0, 3.0]),
        ("curve", [1.0, 2.0, 3.0], [1.0]),
        ("path", [[one, 1.0] for one in WILD], [[0.0, 0.0], [1.0, 1.0]]),
        ("dots", [[one, one] for one in WILD], [[0.0, 0.0]]),
        ("bars", WILD, [0.0] * 7),
        ("cells", [WILD], [[0.0] * 7]),
        ("cells", [[1.0] * 40] * 30, [[1.0] * 40] * 30),
        ("curve", [0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_any_numbers_can_be_drawn(kind: Kind, yours: list[object], right: list[object]) -> None:
    """Infinities, NaN, the largest and the smallest float, one point, no extent: an SVG comes of it, without a warning."""
    root = ElementTree.fromstring(drawn(kind, yours, right))
    assert root.tag.endswith("svg")
    assert root.attrib["viewBox"]


def test_a_picture_loads_nothing_and_runs_nothing() -> None:
    """No script, no style sheet of its own, no address but the names of the formats."""
    text = drawn("path", [[0, 0], [1, 2]], [[0, 0], [1, 1]], height=lambda x, y: x**2 + y**2)
    assert not re.search(r"<script|<style|<metadata|@import|href=\"(?!#)", text)
    assert set(re.findall(r"https?://[^\"]+", text)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_no_two_pictures_share_an_id() -> None:
    """On one page each refers to its own parts; what nothing refers to has no id."""
    texts = [drawn("curve", [0, value], [0, 1]) for value in (2, 3)]
    found = [re.findall(r' id="([^"]+)"', text) for text in texts]
    assert found[0]
    assert not set(found[0]) & set(found[1])
    for text, ids in zip(texts, found, strict=True):
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', text)) == set(ids)


def test_equal_numbers_give_equal_pictures() -> None:
    """No date, no random id: a page that is made again is the same."""
    assert drawn("curve", [0, 2], [0, 1]) == drawn("curve", [0, 2], [0, 1])


def test_what_is_yours_is_told_in_words_and_by_its_line() -> None:
    """The legend says which is which, and one line is dashed: colour is not alone."""
    text = drawn("curve", [0, 2], [0, 1])
    assert ">yours<" in text
    assert ">right<" in text
    assert "stroke-dasharray" in text
