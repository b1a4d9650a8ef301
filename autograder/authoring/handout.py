"""What a handout is made of. `autograder.authoring.parse` reads one."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Prose:
    """Markdown between two cells."""

    text: str
    line: int


@dataclass(frozen=True)
class Example:
    """Code that the student reads but does not run."""

    source: str
    line: int


@dataclass(frozen=True)
class Setup:
    """Imports and helpers; with `module` they also head the student's `<slug>.py`."""

    source: str
    module: bool
    line: int


@dataclass(frozen=True)
class Exercise:
    """The place of one function or class that the student writes."""

    name: str
    points: float
    line: int


@dataclass(frozen=True)
class Check:
    """The visible checks of one exercise: `def test_…():` functions."""

    exercise: str
    source: str
    line: int

    @property
    def tests(self) -> tuple[str, ...]:
        """The names of the test functions, in order."""
        names = (node.name for node in ast.parse(self.source).body if isinstance(node, ast.FunctionDef))
        return tuple(name for name in names if name.startswith("test_"))


@dataclass(frozen=True)
class Figure:
    """A cell that draws with the student's functions."""

    name: str
    source: str
    line: int


@dataclass(frozen=True)
class Question:
    """A question that is answered in words and marked by hand; its points stand beside those of the exercises."""

    name: str
    points: float
    text: str
    line: int


Block = Prose | Example | Setup | Exercise | Check | Figure | Question


@dataclass(frozen=True)
class Handout:
    """One assignment as its author wrote it."""

    slug: str
    title: str
    blocks: tuple[Block, ...]
    data: tuple[str, ...] = ()  # the data sets that ship with it

    @property
    def exercises(self) -> dict[str, float]:
        """The points of each exercise by name, in the handout's order."""
        return {block.name: block.points for block in self.blocks if isinstance(block, Exercise)}

    @property
    def checks(self) -> tuple[Check, ...]:
        """The visible checks, in the handout's order."""
        return tuple(block for block in self.blocks if isinstance(block, Check))

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions that are marked by hand, in the handout's order."""
        return tuple(block for block in self.blocks if isinstance(block, Question))

    @property
    def module_setup(self) -> str:
        """The imports and helpers that head the student's module."""
        return "\n\n".join(block.source for block in self.blocks if isinstance(block, Setup) and block.module)
