"""Formulas as MathML: what the handouts write is understood; what is no formula stays text."""

import re
from pathlib import Path

import pytest

from autograder.feedback.mathml import formula, markdown

HANDOUTS = sorted((Path(__file__).resolve().parents[2] / "assignments").glob("*/handout.md"))


@pytest.mark.parametrize("handout", HANDOUTS, ids=lambda path: path.parent.name)
def test_every_formula_of_the_handouts_is_understood(handout: Path) -> None:
    """None is left as TeX, whole or in part."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", handout.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = re.findall(r"\$\$(.+?)\$\$|\$([^$]+)\$", prose, flags=re.DOTALL)
    for block, inline in found:
        made = formula(block or inline, block=bool(block))
        assert made.startswith("<math"), block or inline
        assert "\\" not in made, block or inline


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{",
        "}{",
        r"\text{<script>f()</script>}",
        r"\text{<b>x</b>}",
        r"\text{a < b}",
        r"\href{javascript:f()}{x}",
        r"\class{a}{x}",
        "x" * 2_000,
        "{" * 900,
        "\x00",
        "\ud800",
    ],
)
def test_what_is_no_formula_or_would_act_stays_text(tex: str) -> None:
    """Half a formula, HTML, links, a flood: shown as it was written, escaped; or as MathML and nothing else."""
    made = formula(tex)
    assert not re.search(r"<(?!/?(?:code|math|m[a-z]+)\b)", made)
    assert "javascript" not in re.sub(r"<code>.*</code>|>[^<]*<", "", made, flags=re.DOTALL)


def test_markdown_holds_its_formulas() -> None:
    """In a line, on their own, and not within code."""
    made = markdown("Take $a_1 < b$:\n\n$$\\frac{a}{b}$$\n\nand `$x$`.")
    assert "<msub><mi>a</mi><mn>1</mn></msub><mo>&lt;</mo><mi>b</mi>" in made
    assert '<math display="block" tabindex="0">' in made
    assert "<code>$x$</code>" in made
