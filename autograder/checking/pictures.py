"""What pictures are declared with: a function that asks a module for numbers on fixed inputs, and how these are drawn."""

import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.checking.plugin import CheckError

Kind = Literal["curve", "path", "dots", "bars", "cells"]
DIMENSIONS: dict[Kind, int] = {"curve": 1, "bars": 1, "path": 2, "dots": 2, "cells": 2}

Height = Callable[[Any, Any], Any]


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture: whose exercise, which mistakes it shows, how it is drawn, and the function that gives its numbers."""

    name: str
    exercise: str
    caption: str
    ask: Callable[[Any], Any]
    kind: Kind
    shows: tuple[str, ...]
    x: tuple[float, ...] | None
    names: tuple[str, ...]
    xlabel: str
    ylabel: str
    height: Height | None
    beside: dict[str, tuple[float, ...]]


def picture(
    exercise: str,
    *,
    kind: Kind,
    shows: Sequence[str],
    x: Sequence[float] | None = None,
    names: Sequence[str] = (),
    xlabel: str = "",
    ylabel: str = "",
    height: Height | None = None,
    beside: dict[str, Sequence[float]] | None = None,
) -> Callable[[Callable[[Any], Any]], Picture]:
    """Makes a picture of a function: of the module that it is given it asks numbers, on inputs that anyone may see.

    Args:
        exercise: the exercise whose failure the picture explains.
        kind: `curve` (y over x), `path` and `dots` (points in the plane, with and without a line), `bars`, `cells` (a matrix
            with its numbers). A function that returns a dict draws one panel for each entry.
        shows: the mistakes that this picture makes visible; `autograder validate` looks whether it does.
        x: where the values of a curve stand; 0, 1, 2, … by default.
        names: what stands below each bar.
        height: of a path or of dots: the loss over the plane, whose contours are drawn below.
        beside: of a curve: other lines that help to read it, by what they are called.
    """

    def made(ask: Callable[[Any], Any]) -> Picture:
        return Picture(
            ask.__name__,
            exercise,
            " ".join((ask.__doc__ or "").split()),
            ask,
            kind,
            tuple(shows),
            None if x is None else tuple(map(float, x)),
            tuple(names),
            xlabel,
            ylabel,
            height,
            {label: tuple(map(float, line)) for label, line in (beside or {}).items()},
        )

    return made


def read_pictures(path: Path) -> list[Picture]:
    """The pictures that a `pictures.py` declares, in its order; none where there is no such file."""
    if not path.is_file():
        return []
    module = types.ModuleType(f"pictures_of_{path.parent.name}")
    try:
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), vars(module))
    except Exception as error:
        raise CheckError(f"{path}: cannot be loaded ({type(error).__name__}: {error}); correct it.") from error
    found = [value for value in vars(module).values() if isinstance(value, Picture)]
    for one in found:
        if not one.caption:
            raise CheckError(f"{path}: `{one.name}` has no docstring; it is the caption that the student reads.")
        if one.kind not in DIMENSIONS:
            raise CheckError(f"{path}: `{one.name}` is of kind {one.kind!r}; draw one of {', '.join(DIMENSIONS)}.")
    return found
