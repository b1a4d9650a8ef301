"""Reads a handout: Markdown with fences that stand for cells of the notebook."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.authoring import AuthoringError
from autograder.authoring.handout import Block, Check, Example, Exercise, Figure, Handout, Prose, Question, Setup

POINTS_OF_AN_ASSIGNMENT = 20.0

_FENCE = re.compile(r"^ {0,3}(?P<marks>`{3,}|~{3,})(?P<info>.*)$")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")  # becomes part of a cell id, which holds at most 64 characters
_DATA = re.compile(r"<!--\s*data:\s*(.+?)\s*-->")


def parse(text: str, slug: str, where: str) -> Handout:
    """Returns the handout that `text` spells out; `where` names the file in error messages."""
    blocks: list[Block] = []
    for piece in _pieces(text, where):
        if isinstance(piece, Prose):
            blocks.append(piece)
        else:
            blocks.append(_block(piece, where))
    handout = Handout(slug, _title(text, where), tuple(blocks), _data(text))
    _refuse_duplicates(handout, where)
    _refuse_unmatched(handout, where)
    _refuse_wrong_total(handout, where)
    return handout


@dataclass(frozen=True)
class _Fence:
    language: str
    words: tuple[str, ...]
    body: str
    line: int


def _pieces(text: str, where: str) -> Iterator[Prose | _Fence]:
    """The prose and the cells of a handout; fences that are no cells stay in the prose."""
    prose: list[str] = []
    prose_line = 1
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        if opening is None:
            prose.append(lines[at])
            at += 1
            continue
        end = _closing(lines, at, opening["marks"], where)
        words = tuple(opening["info"].split())
        if len(words) < 2 or (words[0] != "python" and words[:2] != ("markdown", "question")):
            prose += lines[at : end + 1]
        else:
            if "\n".join(prose).strip():
                yield Prose("\n".join(prose).strip("\n"), prose_line)
            yield _Fence(words[0], words[1:], "\n".join(lines[at + 1 : end]).strip("\n"), at + 1)
            prose, prose_line = [], end + 2
        at = end + 1
    if "\n".join(prose).strip():
        yield Prose("\n".join(prose).strip("\n"), prose_line)


def _closing(lines: list[str], at: int, marks: str, where: str) -> int:
    """The index of the line that closes the fence opened at index `at`."""
    for index in range(at + 1, len(lines)):
        closing = _FENCE.match(lines[index])
        if closing and closing["marks"].startswith(marks) and not closing["info"].strip():
            return index
    raise AuthoringError(f"{where}:{at + 1}: the fence opened here is never closed; end it with a line {marks}")


def _block(fence: _Fence, where: str) -> Block:
    """The block that a fence stands for."""
    word, *rest = fence.words
    at = f"{where}:{fence.line}"
    if word == "exercise":
        return _exercise(fence, at)
    if word == "question" and fence.language == "python":
        raise AuthoringError(f"{at}: a question is a text; write `markdown question`")
    if word not in ("check", "setup", "figure", "example", "question"):
        raise AuthoringError(
            f"{at}: unknown block `python {word}`; a cell is one of exercise, check, setup, figure, example"
        )
    if not fence.body.strip():
        raise AuthoringError(
            f"{at}: the {word} block is empty; write its {'text' if word == 'question' else 'code'} or remove it"
        )
    if word == "question":
        return Question(*_name_and_points(fence, at), fence.body, fence.line)
    if word == "example":
        return Example(fence.body, fence.line)
    tree = _parsed(fence, where)
    if word == "setup":
        if rest not in ([], ["module"]):
            raise AuthoringError(f"{at}: a setup block is `setup` or `setup module`, got `{' '.join(fence.words)}`")
        return Setup(fence.body, module=bool(rest), line=fence.line)
    name = _only_name(word, rest, at)
    if word == "figure":
        return Figure(name, fence.body, fence.line)
    _refuse_unreadable_tests(tree, name, fence.line, where)
    return Check(name, fence.body, fence.line)


def _exercise(fence: _Fence, at: str) -> Exercise:
    """The exercise that an empty fence announces."""
    name, points = _name_and_points(fence, at)
    if not name.isidentifier() or keyword.iskeyword(name):
        raise AuthoringError(f"{at}: exercise `{name}` is no Python name; call it as its function or class")
    if fence.body.strip():
        raise AuthoringError(
            f"{at}: the exercise block of `{name}` is not empty; remove its lines, the skeleton is made from the solution"
        )
    return Exercise(name, points, fence.line)


def _name_and_points(fence: _Fence, at: str) -> tuple[str, float]:
    """What stands behind the word of an exercise or a question: `NAME points=2`."""
    word, *rest = fence.words
    options = dict(item.split("=", 1) for item in rest if "=" in item)
    name = _only_name(word, [item for item in rest if "=" not in item], at)
    if "points" not in options:
        raise AuthoringError(f"{at}: {word} `{name}` has no points; write `{word} {name} points=2`")
    if unknown := sorted(options.keys() - {"points"}):
        raise AuthoringError(f"{at}: {word} `{name}` has no option `{unknown[0]}`; only points= is known")
    try:
        points = float(options["points"])
    except ValueError:
        points = -1.0
    if not 0 < points <= POINTS_OF_AN_ASSIGNMENT:
        raise AuthoringError(f"{at}: points of `{name}` must be a number above 0, got {options['points']!r}")
    return name, points


def _only_name(word: str, rest: list[str], at: str) -> str:
    """The one name that follows a block word."""
    if len(rest) != 1 or not _NAME.fullmatch(rest[0]):
        raise AuthoringError(f"{at}: a {word} block needs one name after the word, got `{' '.join(rest)}`")
    return rest[0]


def _parsed(fence: _Fence, where: str) -> ast.Module:
    """The syntax tree of a block's code."""
    try:
        return ast.parse(fence.body)
    except SyntaxError as error:
        line = fence.line + (error.lineno or 1)
        raise AuthoringError(f"{where}:{line}: the {fence.words[0]} block is not valid Python: {error.msg}") from None


def _refuse_unreadable_tests(tree: ast.Module, exercise: str, line: int, where: str) -> None:
    """Each test is a function without arguments whose docstring is the sentence that the student reads."""
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    if not tests:
        raise AuthoringError(f"{where}:{line}: the check of `{exercise}` holds no test; write `def test_…():`")
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            raise AuthoringError(
                f"{where}:{line + node.lineno}: a check block holds functions only; move this line into one"
            )
    for test in tests:
        if ast.unparse(test.args):
            raise AuthoringError(
                f"{where}:{line + test.lineno}: `{test.name}` takes arguments; a visible check has none"
            )
        if not ast.get_docstring(test):
            raise AuthoringError(
                f"{where}:{line + test.lineno}: `{test.name}` has no docstring; add the fact that the student reads"
            )


def _title(text: str, where: str) -> str:
    """The text of the first line, a heading of the first level."""
    first, _, _ = text.lstrip("\n").partition("\n")
    if not first.startswith("# ") or not first[2:].strip():
        raise AuthoringError(f"{where}:1: a handout begins with its title; write `# A3 · Momentum` on the first line")
    return first[2:].strip()


def _data(text: str) -> tuple[str, ...]:
    """The data sets that a comment such as `<!-- data: digits, fashion_mnist -->` asks for."""
    return tuple(name.strip() for found in _DATA.finditer(text) for name in found[1].split(","))


def _refuse_duplicates(handout: Handout, where: str) -> None:
    """Names make cell ids and test names, so each may occur once."""
    seen: dict[str, int] = {}
    for block in handout.blocks:
        names: list[str] = []
        match block:
            case Exercise() | Figure() | Question():
                names = [f"{type(block).__name__.lower()} `{block.name}`"]
            case Check():
                names = [f"check of `{block.exercise}`", *(f"test `{test}`" for test in block.tests)]
            case Setup():
                names = ["`setup module`" if block.module else "`setup`"]
        for name in names:
            if name in seen:
                raise AuthoringError(
                    f"{where}:{block.line}: a second {name}, the first stands at line {seen[name]}; join or rename them"
                )
            seen[name] = block.line


def _refuse_unmatched(handout: Handout, where: str) -> None:
    """Every exercise has a visible check, and every check an exercise above it."""
    known: set[str] = set()
    for block in handout.blocks:
        if isinstance(block, Exercise):
            known.add(block.name)
        elif isinstance(block, Check) and block.exercise not in known:
            raise AuthoringError(
                f"{where}:{block.line}: check of `{block.exercise}`, but no exercise of that name stands above it; "
                "correct the name or move the check below its exercise"
            )
    checked = {check.exercise for check in handout.checks}
    for block in handout.blocks:
        if isinstance(block, Exercise) and block.name not in checked:
            raise AuthoringError(
                f"{where}:{block.line}: exercise `{block.name}` has no visible check; add a block `check {block.name}`"
            )


def _refuse_wrong_total(handout: Handout, where: str) -> None:
    """The points of the exercises add up to those of an assignment."""
    total = sum(handout.exercises.values())
    if abs(total - POINTS_OF_AN_ASSIGNMENT) > 1e-9:
        raise AuthoringError(
            f"{where}:1: the exercises' points add up to {total:g}, an assignment has {POINTS_OF_AN_ASSIGNMENT:g}; "
            "correct the points= of its exercise blocks"
        )
