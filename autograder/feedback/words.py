"""What a picture shows, in words made from its numbers: for those who do not see it, and beside it for those who do."""

import numpy as np

from autograder.checking.pictures import Picture
from autograder.feedback.numbers import VISIBLE, Array, Pair

_THINGS = {"curve": "value", "bars": "bar", "path": "point", "dots": "point", "cells": "row"}


def described(picture: Picture, drawn: list[Pair]) -> str:
    """One sentence or two on each panel."""
    return " ".join(_panel(picture, pair) for pair in drawn)


def _panel(picture: Picture, pair: Pair) -> str:
    about = f"{pair.title}: " if pair.title else ""
    sentences = [*_number_of(picture, pair), *_distance(picture, pair)]
    text = " ".join(sentences)
    return f"{about}{text[0].lower() if about else text[0]}{text[1:]}"


def _number_of(picture: Picture, pair: Pair) -> list[str]:
    """That the number of values differs, where it does."""
    if len(pair.yours) == len(pair.right):
        return []
    thing = _THINGS[picture.kind]
    return [f"Yours has {_count(len(pair.yours), thing)}, the right one {len(pair.right)}."]


def _distance(picture: Picture, pair: Pair) -> list[str]:
    gaps = pair.gaps()
    apart = np.flatnonzero(gaps > VISIBLE * pair.extent)
    if not apart.size:
        return [
            "Yours and the right one agree." if len(pair.yours) == len(pair.right) else "As far as both go, they agree."
        ]
    worst = int(np.argmax(gaps))
    first = int(apart[0])
    told = []
    if picture.kind in ("curve", "path") and first == 1:
        told.append("Yours and the right one begin together and part at once.")
    elif picture.kind in ("curve", "path") and first > 1:
        told.append(f"Yours and the right one agree up to {_where(picture, first - 1)} and part there.")
    elif apart.size == len(gaps) > 1:
        told.append("Yours is nowhere the right one.")
    told.append(f"They are farthest apart {_at(picture, worst)}: {_values(pair, worst)}.")
    return told


def _where(picture: Picture, index: int) -> str:
    if picture.kind == "curve" and picture.x is not None and index < len(picture.x):
        return f"{picture.xlabel or 'x'} {_figure(picture.x[index])}"
    if picture.kind == "curve" and picture.xlabel:
        return f"{picture.xlabel} {index}"
    if picture.kind == "bars" and index < len(picture.names):
        return picture.names[index]
    return f"{_THINGS[picture.kind]} {index if picture.kind in ('path', 'curve') else index + 1}"


def _at(picture: Picture, index: int) -> str:
    return f"{'in' if picture.kind == 'cells' else 'at'} {_where(picture, index)}"


def _values(pair: Pair, index: int) -> str:
    return f"yours is {_shown(pair.yours[index])}, the right one {_shown(pair.right[index])}"


def _shown(value: Array | float) -> str:
    array = np.atleast_1d(value)
    if array.size == 1:
        return _figure(float(array[0]))
    return f"({', '.join(_figure(float(one)) for one in array)})"


def _figure(value: float) -> str:
    if np.isnan(value):
        return "not a number"
    if np.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    return f"{value:.3g}".replace("-", "−")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
