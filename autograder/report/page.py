"""The report as one HTML page: no script is needed to read it, nothing is fetched, all that students wrote is escaped."""

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.report import figures
from autograder.report.attention import KINDS
from autograder.report.comparison import GROUPS_SHOWN, shown_name
from autograder.report.gather import Report
from autograder.report.similar import ALIKE
from autograder.report.statistics import AssignmentNumbers, CheckNumbers, Mistake
from autograder.report.trouble import RULES

_HERE = Path(__file__).parent / "templates"
_JOINERS = "\u200c\u200d"  # of no shape of their own; names in several scripts need them
_COMMONEST = 8
FEW = 30  # results, below which a discrimination says little
LOW = 0.1  # discrimination


@dataclass(frozen=True)
class Section:
    """An assignment with its title and figures."""

    title: str
    numbers: AssignmentNumbers
    distribution: figures.Drawing | None
    exercises: figures.Drawing | None


def render(report: Report, made: datetime) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"who": shown_name, "percent": _percent, "number": _number}
    environment.globals["judgement"] = _judgement
    style, script = (Markup((_HERE / name).read_text(encoding="utf-8").strip()) for name in ("report.css", "report.js"))
    graded = [numbers for numbers in report.assignments if numbers.graded]
    return environment.get_template("report.html.jinja").render(
        report=report,
        made=made,
        style=Markup(f"<style>{style}</style>"),
        script=Markup(f"<script>{script}</script>"),
        policy=f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; base-uri 'none'; form-action 'none'",
        overview=figures.overview(graded) if graded else None,
        commonest=_commonest(graded),
        sections=[_section(report, numbers) for numbers in report.assignments],
        in_trouble=sorted(
            (one for one in report.students if one.reasons),
            key=lambda one: (one.mean is not None, one.mean or 0.0, one.name),
        ),
        kinds=KINDS,
        counts=Counter(remark.kind for remark in report.remarks),
        rules=RULES,
        alike=ALIKE,
        groups_shown=GROUPS_SHOWN,
        few=FEW,
        low=LOW,
    )


def _commonest(graded: list[AssignmentNumbers]) -> list[tuple[str, float, Mistake]]:
    """The named mistakes that the largest shares of a class made: assignment, share, mistake."""
    made = [
        (one.slug, len(mistake.students) / one.graded, mistake)
        for one in graded
        for mistake in one.mistakes
        if mistake.name
    ]
    return sorted(made, key=lambda row: -row[1])[:_COMMONEST]


def _section(report: Report, numbers: AssignmentNumbers) -> Section:
    title = report.titles[numbers.slug] or "(no name)"
    if not numbers.graded:
        return Section(title, numbers, None, None)
    exercises = figures.exercises(numbers.exercises) if numbers.exercises else None
    return Section(title, numbers, figures.distribution(numbers), exercises)


def _shown(value: Any) -> Any:
    """A value as it is printed: of text, no control characters and nothing that turns the direction of writing."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return "".join(letter if letter.isprintable() or letter in f"\n\t{_JOINERS}" else "�" for letter in value)
    return value


def _judgement(check: CheckNumbers) -> str:
    """What is remarkable in a check's discrimination, in words."""
    if check.discrimination is None:
        return "all pass" if check.passed == check.count else "all fail" if not check.passed else "no spread"
    if check.count < FEW:
        return ""
    return "negative" if check.discrimination < 0 else "low" if check.discrimination < LOW else ""


def _source(text: str) -> str:
    """A Content-Security-Policy source: the hash of what may stand in the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _percent(share: float | None) -> str:
    """A share in whole percent; of less than everything never 100, of more than nothing never 0."""
    if share is None:
        return "–"
    whole = round(100 * share)
    return f"{99 if whole == 100 and share < 1 else 1 if whole == 0 and share > 0 else whole} %"


def _number(value: float | None, digits: int = 2) -> str:
    """A number with a real minus sign, or a dash."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")
