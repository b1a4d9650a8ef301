"""Figures as inline SVG: drawn by matplotlib, free of styles and links so that a strict policy allows them, told in words too."""

import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autograder.report.statistics import AssignmentNumbers, ExerciseNumbers

FULL, PART, NONE = "#0072B2", "#8CC9EE", "#E69F00"  # of Okabe and Ito's palette, told apart in grey too
_INK, _FAINT = "#101418", "#8a9096"  # _INK becomes the page's own colour of text
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_ALLOWED = (
    "fill",
    "stroke",
    "opacity",
    "text-anchor",
    "font-size",
    "font-weight",
)  # properties that are attributes as well
_STYLE: Any = {
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "none",
    "text.color": _INK,
    "xtick.color": _FAINT,
    "xtick.labelcolor": _INK,
    "ytick.color": _FAINT,
    "ytick.labelcolor": _INK,
}


@dataclass(frozen=True)
class Drawing:
    """A figure: its title, a line beneath it, and the SVG element, whose label says in words what is to be seen."""

    title: str
    caption: str
    svg: Markup


@mpl.rc_context(_STYLE)
def overview(rows: Sequence[AssignmentNumbers]) -> Drawing:
    """The spread of scores of each assignment, as boxes."""
    shares = [100 * np.array(row.scores) / (row.max_score or 1.0) for row in rows]
    title = "Scores by assignment"
    words = "; ".join(
        f"{row.slug}: half of the scores from {np.quantile(one, 0.25):.0f} to {np.quantile(one, 0.75):.0f} %, "
        f"median {np.median(one):.0f} %"
        for row, one in zip(rows, shares, strict=True)
    )
    figure, axes = _canvas(5.6, 0.5 + 0.34 * len(rows))
    drawn = axes.boxplot(
        shares[::-1],
        orientation="horizontal",
        tick_labels=[_plain(row.slug) for row in rows][::-1],
        patch_artist=True,
        widths=0.55,
        whis=(5, 95),
        flierprops={"marker": "o", "markersize": 2.5, "markerfacecolor": _FAINT, "markeredgewidth": 0, "alpha": 0.6},
        medianprops={"color": _INK, "linewidth": 1.6},
        whiskerprops={"color": _FAINT},
        capprops={"color": _FAINT},
    )
    for box in drawn["boxes"]:
        box.set(facecolor=PART, edgecolor=FULL)
    _thin_out(drawn["fliers"])
    axes.set(xlim=(-2, 102), xlabel="percent of the points")
    return _drawing(
        figure, title, f"{words}.", "Boxes hold the middle half; whiskers reach from the 5th to the 95th percentile."
    )


@mpl.rc_context(_STYLE)
def distribution(numbers: AssignmentNumbers) -> Drawing:
    """How many have which score, a bar for each point."""
    top = max(1, int(np.ceil(numbers.max_score)))
    counts = np.bincount(np.clip(np.floor(numbers.scores), 0, top).astype(int), minlength=top + 1)
    lowest, highest = min(numbers.scores), max(numbers.scores)
    words = (
        f"{_count(numbers.graded, 'score')} from {round(lowest, 2):g} to {round(highest, 2):g} of {numbers.max_score:g} points, "
        f"mean {numbers.mean:.1f}, median {round(numbers.median, 2):g}; {_count(numbers.full, 'student')} with full marks."
    )
    figure, axes = _canvas(4.6, 2.3)
    axes.bar(range(top + 1), counts, width=0.84, color=FULL)
    axes.axvline(numbers.median, color=_INK, lw=1, ls="--")
    left = numbers.median > top / 2
    axes.annotate(
        f"median {round(numbers.median, 2):g}",
        (numbers.median, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if left else 4, -2),
        textcoords="offset points",
        ha="right" if left else "left",
        va="top",
    )
    axes.set(xlabel="points", ylabel="students", xlim=(-0.7, top + 0.7), ylim=(0, max(counts) * 1.18))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    return _drawing(figure, "Distribution of scores", words, words)


@mpl.rc_context(_STYLE)
def exercises(rows: Sequence[ExerciseNumbers]) -> Drawing:
    """The share of students with all, a part and none of the points of each exercise."""
    parts = (("all points", FULL, "full", ""), ("a part", PART, "part", ""), ("none", NONE, "none", "////"))
    words = "; ".join(
        f"{row.name}: all points {row.full}, a part {row.part}, none {row.none}, mean {row.mean:.0%}" for row in rows
    )
    figure, axes = _canvas(4.6, 0.75 + 0.3 * len(rows))
    places = np.arange(len(rows))[::-1]
    left = np.zeros(len(rows))
    totals = np.array([row.full + row.part + row.none for row in rows])
    for label, color, field, hatch in parts:
        width = 100 * np.array([getattr(row, field) for row in rows]) / totals
        bars = axes.barh(
            places, width, left=left, height=0.68, color=color, label=label, hatch=hatch, edgecolor="#ffffff"
        )
        texts = [f"{share:.0f}" if share >= 8 else "" for share in width]
        if not hatch:
            axes.bar_label(
                bars, texts, label_type="center", color="#ffffff" if color == FULL else "#101419", fontsize=8
            )
        left += width
    axes.set_xlim(0, 100)
    axes.set_yticks(places, [_plain(row.name) for row in rows])
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside upper center", ncols=3, frameon=False, handlelength=1.2, columnspacing=1.5)
    return _drawing(figure, "Points by exercise", f"{words}.", "Percent of the students.")


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height))
    FigureCanvasSVG(figure)
    return figure, figure.subplots()


def _drawing(figure: Figure, title: str, words: str, caption: str) -> Drawing:
    text = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": title + words}):
        figure.savefig(
            text, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    return Drawing(title, caption, _element(text.getvalue(), title, words))


def _element(text: str, title: str, words: str) -> Markup:
    """The `<svg>` alone: styles as attributes, ids only where something refers to them, title and description first."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(text)  # ours: matplotlib wrote it
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}style", f"{{{_SVG}}}metadata"):
                parent.remove(child)
    linked = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    mark = f"f{zlib.crc32((title + words).encode(errors='replace')):08x}-"  # ids are of one page, figures are many
    for element in root.iter():
        _plain_attributes(element, linked, mark)
    view = root.get("viewBox", "")
    root.attrib.clear()
    root.attrib |= {"viewBox": view, "role": "img", "aria-label": f"{title}. {words}", "class": "figure"}
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _plain_attributes(element: ElementTree.Element, linked: set[str], mark: str) -> None:
    style = element.attrib.pop("style", "")
    for name, _, value in (part.strip().partition(":") for part in style.split(";")):
        if name == "font":
            element.set("font-size", value.split("px")[0].strip().split()[-1] + "px")
        elif name.startswith(_ALLOWED):
            element.set(name, "currentColor" if value.strip() == _INK else value.strip())
    identity = element.attrib.pop("id", "")
    if identity in linked:
        element.set("id", f"{mark}{identity}")
    link = element.attrib.pop(f"{{{_XLINK}}}href", None)
    if link is not None:
        element.set("href", f"#{mark}{link.removeprefix('#')}")
    clip = element.get("clip-path")
    if clip is not None:
        element.set("clip-path", clip.replace("url(#", f"url(#{mark}"))
    for name in ("fill", "stroke"):
        paint = element.get(name, "")
        if paint.startswith("url(#"):
            element.set(name, paint.replace("url(#", f"url(#{mark}"))


def _thin_out(fliers: list[Any], most: int = 60) -> None:
    """Leaves some of the dots beyond the whiskers: 1,000 of them are no more telling, and make a large file."""
    for dots in fliers:
        x, y = dots.get_data()
        if len(x) > most:
            chosen = np.unique(np.linspace(0, len(x) - 1, most).astype(int))
            order = np.argsort(x)[chosen]
            dots.set_data(np.asarray(x)[order], np.asarray(y)[order])


def _plain(text: str) -> str:
    """A label as matplotlib prints it: `$` would begin a formula."""
    return text.replace("$", r"\$")[:40]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
