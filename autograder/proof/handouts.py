"""What a handout says beside its code: numbers that are true, a hint for every exercise, a scheme for every question."""

import ast
import inspect
import math
import re
from collections.abc import Iterator
from types import CodeType

import torch

from autograder.authoring.handout import Exercise, Figure, Handout, Prose, Setup
from autograder.course import Assignment

_NUMBER = re.compile(r"<!--\s*number:\s*(?P<stated>.+?)\s*=\s*(?P<expression>.+?)\s*-->", re.DOTALL)
_HINT = re.compile(r"<details>\s*<summary>Hint: [^<]+</summary>\s*\n\s*\n(?P<text>.+?)\n\s*\n</details>", re.DOTALL)
_SCHEME = re.compile(r"^## (\S+) \(([\d.]+) points?\)$", re.MULTILINE)
_PART = re.compile(r"^- (?P<points>[\d.]+) points?: \S", re.MULTILINE)


def hint_problems(assignment: Assignment) -> Iterator[str]:
    """Exercises before which no hint stands that unfolds on request."""
    place, read = f"{assignment.shown(assignment.folder)}/handout.md", ""
    for block in assignment.handout.blocks:
        if isinstance(block, Prose):
            read += block.text + "\n"
        elif isinstance(block, Exercise):
            if not _HINT.search(read):
                yield (
                    f"{place}:{block.line}: exercise `{block.name}` has no hint; write one "
                    "above it: <details><summary>Hint: …</summary>, a blank line, the hint, a blank line, </details>"
                )
            read = ""


def marking_problems(assignment: Assignment) -> Iterator[str]:
    """Questions without a marking scheme, schemes without a question, parts that do not add up to the points."""
    file = assignment.shown(assignment.marking)
    text = assignment.marking.read_text(encoding="utf-8") if assignment.marking.is_file() else ""
    _, *pieces = _SCHEME.split(text)  # name, points, scheme; name, points, scheme; …
    schemes = {name: (float(points), scheme) for name, points, scheme in zip(*[iter(pieces)] * 3, strict=True)}
    asked = {question.name: question.points for question in assignment.handout.questions}
    for name, points in asked.items():
        if name not in schemes:
            yield f"{file}: has no scheme for the question `{name}`; add `## {name} ({points:g} points)` and what earns them"
            continue
        worth, scheme = schemes[name]
        if worth != points:
            yield f"{file}: `{name}` is worth {worth:g} points, the handout says {points:g}; make them agree"
        parts = math.fsum(float(part["points"]) for part in _PART.finditer(scheme))
        if not math.isclose(parts, worth):
            yield (
                f"{file}: the parts of `{name}` add up to {parts:g} of {worth:g} points; write each as `- 1 point: what earns it`"
            )
    for name in schemes.keys() - asked.keys():
        yield f"{file}: has a scheme for `{name}`, which the handout does not ask; remove or rename it"


def number_problems(assignment: Assignment) -> Iterator[str]:
    """Numbers stated in the handout that the reference does not give."""
    path = assignment.folder / "handout.md"
    text = path.read_text(encoding="utf-8")
    visible = _NUMBER.sub("", text)
    names: dict[str, object] = {"torch": torch, "math": math}
    try:
        exec(compile(assignment.reference, str(assignment.solution), "exec"), names)
        exec(_definitions(assignment.handout), names)
    except Exception as error:
        yield f"{assignment.shown(assignment.solution)}: cannot be imported ({type(error).__name__}: {error}); correct it"
        return
    for found in _NUMBER.finditer(text):
        place = f"{assignment.shown(path)}:{text.count(chr(10), 0, found.start()) + 1}: {found['stated']}"
        stated = [item.strip() for item in found["stated"].split(",")]
        try:
            value = eval(inspect.cleandoc(found["expression"]), names)
            given = [float(item) for item in (value if isinstance(value, (list, tuple)) else [value])]
        except Exception as error:
            yield f"{place}: the expression beside it fails ({type(error).__name__}: {error}); correct it"
            continue
        if len(given) != len(stated) or not all(map(_states, stated, given)):
            yield f"{place} is stated, but the reference gives {', '.join(f'{item:.6g}' for item in given)}; correct the text"
        for item in stated:
            if not re.search(rf"(?<![\d.]){re.escape(item)}(?![\d])", visible):
                yield f"{place}: the number {item} does not stand in the text; move the comment to it or drop it"


def _definitions(handout: Handout) -> CodeType:
    """The functions of the handout's own code, which its numbers may use, and the constants these name."""
    blocks = [block for block in handout.blocks if isinstance(block, Setup | Figure)]
    statements = [statement for block in blocks for statement in ast.parse(block.source).body]
    kept = [item for item in statements if isinstance(item, ast.FunctionDef) or _is_constant(item)]
    return compile(ast.Module(kept, []), f"assignments/{handout.slug}/handout.md", "exec")


def _is_constant(statement: ast.stmt) -> bool:
    try:
        return isinstance(statement, ast.Assign) and ast.literal_eval(statement.value) is not None
    except ValueError:
        return False


def _states(stated: str, value: float) -> bool:
    """Whether a decimal as printed is this value, rounded where the printing ends."""
    mantissa, _, exponent = stated.lower().partition("e")
    digits = len(mantissa.partition(".")[2])
    try:
        return abs(float(stated) - value) <= 0.5000001 * 10.0 ** (int(exponent or 0) - digits)
    except ValueError:
        return False  # no number at all
