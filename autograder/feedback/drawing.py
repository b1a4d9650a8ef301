"""Draws a picture's panels as an SVG that stands in a page: no script, no link, nothing told by colour alone."""

import hashlib
import io
import re
from functools import lru_cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure, SubFigure

from autograder.checking.pictures import Picture
from autograder.feedback.numbers import Array, Pair

YOURS, RIGHT = "#D55E00", "#0072B2"  # of Okabe and Ito's palette: told apart by colour-blind eyes, and in grey
_STYLE: Any = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "unstuck",
}
_WIDTH = 5.4  # inches; a page scales it
_BEYOND = 0.75  # how far beyond what is right the picture reaches, as a share of its extent
_KEPT = 512
_MANY_CELLS = 12  # columns, beyond which numbers no longer fit
_LINKED = re.compile(r'(?:href="#|url\(#)([^")]+)')

_Frozen = tuple[str, tuple[tuple[int, ...], tuple[float, ...]], tuple[tuple[int, ...], tuple[float, ...]]]


def svg(picture: Picture, drawn: list[Pair]) -> str:
    """The picture as the text of an `<svg>` element; equal pictures, as equal mistakes make them, are drawn once."""
    return _svg(picture, tuple((pair.title, _frozen(pair.yours), _frozen(pair.right)) for pair in drawn))


def _frozen(array: Array) -> tuple[tuple[int, ...], tuple[float, ...]]:
    return array.shape, tuple(float(f"{value:.6g}") for value in array.ravel())


@lru_cache(maxsize=_KEPT)
def _svg(picture: Picture, frozen: tuple[_Frozen, ...]) -> str:
    drawn = [
        Pair(title, *(np.array(values).reshape(shape) for shape, values in (yours, right)))
        for title, yours, right in frozen
    ]
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, sum(_height(picture, pair) for pair in drawn) + 0.3), facecolor="white")
        FigureCanvasSVG(figure)
        rows = figure.subfigures(len(drawn), 1, squeeze=False)[:, 0]
        for row, pair in zip(rows, drawn, strict=True):
            _PANEL[picture.kind](row, picture, pair)
            row.supxlabel(picture.xlabel, fontsize=10)
        if picture.kind != "cells":
            handles, labels = rows[0].axes[0].get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside upper left", ncols=4, fontsize=9)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return _embedded(text.getvalue())


def _height(picture: Picture, pair: Pair) -> float:
    """Inches."""
    if picture.kind == "cells":
        rows, columns = pair.right.shape
        return float(min(0.7 + 2.4 * rows / max(columns, 1), 3.2))
    return 3.2 if picture.kind in ("path", "dots") else 2.3


def _embedded(text: str) -> str:
    """The element alone, with ids only where something refers to them, and these of no other picture's."""
    text = text[text.index("<svg") :]
    mark = hashlib.sha256(text.encode()).hexdigest()[:10]
    linked = set(_LINKED.findall(text))
    text = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r' id="([^"]*)"', lambda found: f' id="{mark}-{found[1]}"' if found[1] in linked else "", text)
    text = _LINKED.sub(lambda found: found[0].replace(f"#{found[1]}", f"#{mark}-{found[1]}"), text)
    text = re.sub(
        r'<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true" focusable="false">', text, count=1
    )
    return text.replace("xlink:href", "href").strip()


def _window(pair: Pair, column: int | None = None) -> tuple[float, float]:
    """What an axis shows: all that is right, and of the student's what is not far beyond it."""
    yours, right = (array if column is None else array[:, column] for array in (pair.yours, pair.right))
    right = right[np.isfinite(right)]
    low, high = (right.min(), right.max()) if right.size else (0.0, 1.0)
    low_limit, high_limit = low - _BEYOND * pair.extent, high + _BEYOND * pair.extent
    near = yours[np.isfinite(yours)].clip(low_limit, high_limit)
    if near.size:
        low, high = min(low, near.min()), max(high, near.max())
    margin = 0.06 * ((high - low) or pair.extent)
    return float(low - margin), float(high + margin)


def _tamed(values: Array, window: tuple[float, float]) -> Array:
    """Values that a drawing library can take: what lies far outside of the window lies near outside."""
    low, high = window
    return np.clip(
        np.where(np.isfinite(values) | np.isinf(values), values, np.nan), low - (high - low), high + (high - low)
    )


def _curve(row: SubFigure, picture: Picture, pair: Pair) -> None:
    axes = row.subplots()
    window = _window(pair)
    for label, line in picture.beside.items():
        axes.plot(_x(picture, len(line)), _tamed(np.array(line), window), color="#555555", lw=1.2, ls=":", label=label)
    right, yours = (_tamed(array, window) for array in (pair.right, pair.yours))
    markers: Any = {"marker": "o", "ms": 4} if len(right) <= 30 else {}
    axes.plot(_x(picture, len(right)), right, color=RIGHT, lw=4, alpha=0.45, solid_capstyle="round", label="right")
    axes.plot(_x(picture, len(yours)), yours, color=YOURS, lw=1.6, ls="--", label="yours", **markers)
    axes.set(ylim=window, ylabel=picture.ylabel, title=pair.title)


def _x(picture: Picture, count: int) -> Array:
    """Where the values stand; beyond the given places, at equal distances."""
    given = np.array(picture.x if picture.x is not None else range(count), dtype=np.float64)
    if count <= len(given):
        return given[:count]
    step = given[-1] - given[-2] if len(given) > 1 else 1.0
    return np.concatenate([given, given[-1] + step * np.arange(1, count - len(given) + 1)])


def _path(row: SubFigure, picture: Picture, pair: Pair) -> None:
    axes = row.subplots()
    across, upward = _window(pair, 0), _window(pair, 1)
    if picture.height is not None:
        _contours(axes, picture, across, upward)
    line = picture.kind == "path"
    for points, color, width, style, label in (
        (pair.right, RIGHT, 3.5, "-", "right"),
        (pair.yours, YOURS, 1.5, "--", "yours"),
    ):
        x, y = _tamed(points[:, 0], across), _tamed(points[:, 1], upward)
        mark: Any = {"marker": "o" if label == "right" else "x", "ms": 5, "alpha": 0.55 if label == "right" else 1.0}
        axes.plot(x, y, color=color, lw=width if line else 0, ls=style if line else "none", label=label, **mark)
    if line:
        axes.annotate("start", pair.right[0], xytext=(5, 5), textcoords="offset points", fontsize=9)
    axes.set(xlim=across, ylim=upward, ylabel=picture.ylabel, title=pair.title)


def _contours(axes: Axes, picture: Picture, across: tuple[float, float], upward: tuple[float, float]) -> None:
    import torch

    assert picture.height is not None
    x, y = torch.linspace(*across, 80, dtype=torch.float64), torch.linspace(*upward, 60, dtype=torch.float64)
    heights = picture.height(x[None, :].expand(60, 80), y[:, None].expand(60, 80)).numpy()
    levels = np.unique(np.quantile(heights, np.linspace(0.02, 0.95, 9)))
    if len(levels) > 1:
        axes.contour(x.numpy(), y.numpy(), heights, levels=levels, colors="#aaaaaa", linewidths=0.7)
    axes.grid(False)


def _bars(row: SubFigure, picture: Picture, pair: Pair) -> None:
    axes = row.subplots()
    window = _window(pair)
    window = min(window[0], 0.0), max(window[1], 0.0)
    at = np.arange(len(pair.right))
    axes.bar(at - 0.2, _tamed(pair.right, window), 0.38, color=RIGHT, alpha=0.55, label="right")
    axes.bar(at + 0.2, _tamed(pair.yours, window), 0.38, color=YOURS, hatch="//", edgecolor="white", label="yours")
    axes.axhline(0, color="black", lw=0.8)
    axes.set_xticks(at, picture.names if len(picture.names) == len(at) else [str(one) for one in at])
    axes.grid(False, axis="x")
    axes.set(ylim=window, ylabel=picture.ylabel, title=pair.title)


def _cells(row: SubFigure, picture: Picture, pair: Pair) -> None:
    finite = pair.right[np.isfinite(pair.right)]
    largest = float(np.abs(finite).max()) if finite.size and np.abs(finite).max() > 0 else 1.0
    sides = row.subplots(1, 2, sharex=True, sharey=True)
    for axes, values, label in zip(sides, (pair.yours, pair.right), ("yours", "right"), strict=True):
        axes.imshow(
            np.clip(np.nan_to_num(values), -largest, largest),
            cmap="PuOr",
            vmin=-1.6 * largest,
            vmax=1.6 * largest,
            aspect="auto",
        )
        axes.set_title(f"{pair.title}: {label}" if pair.title else label)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(False)
        for (i, j), value in np.ndenumerate(values if values.shape[1] <= _MANY_CELLS else values[:0]):
            axes.text(j, i, f"{value:.3g}".replace("-", "−"), ha="center", va="center", fontsize=9)


_PANEL = {"curve": _curve, "path": _path, "dots": _path, "bars": _bars, "cells": _cells}
