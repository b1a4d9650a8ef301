"""The numbers of a picture: what came from a student's code, made fit to be drawn or refused, and how far it is from right."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autograder.checking.pictures import DIMENSIONS, Picture

VISIBLE = 0.02  # of a panel's extent: what an eye sees beside another line
_LARGEST = 2_000  # numbers in one panel
_PANELS = 3

Array = NDArray[np.float64]
Panels = dict[str, Array]


class NotDrawable(Exception):
    """What a picture's function returned cannot be drawn; the message says why, in words that hold no value."""


@dataclass(frozen=True)
class Pair:
    """One panel: what came from the student's code, and what is right."""

    title: str
    yours: Array
    right: Array

    @property
    def extent(self) -> float:
        """How far what is right reaches: the measure of every distance in this panel."""
        finite = self.right[np.isfinite(self.right)]
        if finite.size == 0:
            return 1.0
        reach = float(np.ptp(finite)) if self.right.ndim == 1 or self.right.shape[1] != 2 else _diagonal(self.right)
        return reach or float(np.abs(finite).max()) or 1.0

    @property
    def common(self) -> int:
        """How many values, points or rows both have."""
        return min(len(self.yours), len(self.right))

    def gaps(self) -> Array:
        """The distance of each value or point that both have; infinite where only one is finite."""
        yours, right = self.yours[: self.common], self.right[: self.common]
        same = (yours == right) | (np.isnan(yours) & np.isnan(right))
        with np.errstate(invalid="ignore", over="ignore"):
            gap = np.where(same, 0.0, np.abs(yours - right))
        gap = np.where(np.isnan(gap), np.inf, gap)
        return gap if gap.ndim == 1 else gap.max(axis=1)

    @property
    def difference(self) -> float:
        """The largest distance, as a share of the extent; infinite where the number of values differs."""
        if len(self.yours) != len(self.right):
            return math.inf
        return float(self.gaps().max(initial=0.0)) / self.extent


def _diagonal(points: Array) -> float:
    finite = points[np.isfinite(points).all(axis=1)]
    return float(np.linalg.norm(np.ptp(finite, axis=0))) if len(finite) else 0.0


def panels(picture: Picture, value: Any) -> Panels:
    """The panels of what a picture's function returned, by title.

    Raises:
        NotDrawable: it is no collection of numbers of the right dimension.
    """
    given = value if isinstance(value, dict) else {"": value}
    if not 0 < len(given) <= _PANELS:
        raise NotDrawable(f"a picture has 1 to {_PANELS} panels")
    return {str(title): _array(item, DIMENSIONS[picture.kind]) for title, item in given.items()}


def pairs(picture: Picture, yours: Panels, right: Panels) -> list[Pair]:
    """The student's panels beside the right ones.

    Raises:
        NotDrawable: they are not of the same shape; of a curve or a path, the number of points may be another.
    """
    if yours.keys() != right.keys():
        raise NotDrawable("it gave something of another kind")
    for title, one in yours.items():
        free = 0 if picture.kind in ("bars", "cells") else 1
        if one.shape[free:] != right[title].shape[free:]:
            raise NotDrawable(f"it gave the shape {one.shape} where {right[title].shape} was asked for")
    return [Pair(title, yours[title], right[title]) for title in right]


def _array(value: Any, dimensions: int) -> Array:
    if isinstance(value, list | tuple):
        value = _stacked(value)
    if isinstance(value, torch.Tensor):
        if value.is_complex() or value.layout != torch.strided or value.is_meta:
            raise NotDrawable("it gave something else than real numbers")
        value = value.detach().to("cpu", torch.float64).numpy()
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        raise NotDrawable("it gave something else than numbers")
    if value.ndim != dimensions or not 0 < value.size <= _LARGEST:
        raise NotDrawable(f"it gave the shape {value.shape}" if value.size else "it gave nothing")
    return value.astype(np.float64)


def _stacked(values: list[Any] | tuple[Any, ...]) -> Any:
    """A list of numbers or tensors of one shape as one array."""
    if len(values) > _LARGEST:
        raise NotDrawable(f"it gave {len(values)} values")
    if values and all(isinstance(one, torch.Tensor) for one in values):
        shapes = {tuple(one.shape) for one in values}
        if len(shapes) != 1:
            raise NotDrawable("it gave tensors of several shapes")
        return torch.stack([one.detach().to("cpu", torch.float64) for one in values])
    if all(isinstance(one, bool | int | float | np.number) or _is_scalar(one) for one in values):
        return np.array([_number(one) for one in values], dtype=np.float64)
    raise NotDrawable("it gave something else than numbers")


def _is_scalar(value: Any) -> bool:
    return isinstance(value, torch.Tensor | np.ndarray) and value.ndim == 0


def _number(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.nan
    except (TypeError, ValueError, RuntimeError):
        raise NotDrawable("it gave something else than real numbers") from None
