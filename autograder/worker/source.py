"""From a submission's text to the statements that its exercises need.

A module counts whole. Of a notebook count the definitions of the exercises and, from any code cell, the imports,
definitions and assignments that they need, found by name; plots, training runs and magics are never executed.
"""

import ast
import itertools
import re
import symtable
from dataclasses import dataclass, field
from functools import cached_property

from IPython.core.inputtransformer2 import TransformerManager

_TIMING_MAGIC = re.compile(r"\A\s*%%(time|timeit|capture|prun)\b[^\n]*\n")
_IMPORTS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass
class Source:
    """Statements in order, lines counted through all cells; what could not be read; where each cell begins."""

    statements: list[ast.stmt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    starts: list[tuple[int, str]] = field(default_factory=list)  # first line (from 1) and name of each cell

    def locate(self, line: int) -> str:
        """The place of a line as its author would name it: "line 3 of code cell 5"."""
        start, name = max((item for item in self.starts if item[0] <= line), default=(1, ""))
        return f"line {line - start + 1}{name}"

    def line(self, line: int) -> str:
        """The text of a line, stripped; empty where there is none."""
        return self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""


def read_module(text: str) -> Source:
    """The statements of a `.py` module."""
    source = Source()
    _add(source, text, "", "the module")
    return source


def read_notebook(cells: list[str], exercises: list[str]) -> Source:
    """The statements that the exercises need, from a notebook's code cells."""
    source = Source()
    transformer = TransformerManager()
    for number, cell in enumerate(cells, 1):
        _add(source, cell, f" of code cell {number}", f"code cell {number}", transformer)
    source.statements = _needed(source.statements, exercises)
    return source


def _without_magics(cell: str, transformer: TransformerManager) -> str:
    """The cell as Python, its lines counted as the author sees them; as it is where IPython cannot read it."""
    bare = _TIMING_MAGIC.sub(lambda magic: "\n" * magic[0].count("\n"), cell)
    blank = sum(1 for _ in itertools.takewhile(lambda line: not line.strip(), bare.splitlines()))
    try:
        return "\n" * blank + str(transformer.transform_cell(bare))  # IPython drops blank lines before the first
    except Exception:
        return cell


def _add(source: Source, text: str, name: str, title: str, transformer: TransformerManager | None = None) -> None:
    """Adds a text; where it is no Python as it stands, with a transformer, as that rewrites it.

    Most cells are Python, and looking for magics takes ten times as long as parsing.
    """
    start = len(source.lines)
    tree = _parsed(text, start)
    if isinstance(tree, Exception) and transformer is not None:
        text = _without_magics(text, transformer)
        tree = _parsed(text, start)
    source.starts.append((start + 1, name))
    source.lines += text.splitlines() or [""]
    if isinstance(tree, Exception):
        place = f"line {tree.lineno - start}" if isinstance(tree, SyntaxError) and tree.lineno else "somewhere"
        reason = tree.msg if isinstance(tree, SyntaxError) else type(tree).__name__
        source.notes.append(f"{title} cannot be read and was left out: {reason}, {place}")
        return
    for statement in tree.body:
        source.statements += _single_imports(statement) if isinstance(statement, ast.Import) else [statement]


def _parsed(text: str, start: int) -> ast.Module | Exception:
    """The statements of a text that stands after so many lines, or why it cannot be read."""
    try:
        return ast.parse("\n" * start + text)  # blank lines before it are the cheapest way to number its lines
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return error


def _single_imports(statement: ast.Import) -> list[ast.stmt]:
    """An import a statement, so that one that fails does not cost the others."""
    return [ast.copy_location(ast.Import([alias]), statement) for alias in statement.names]


def _needed(statements: list[ast.stmt], exercises: list[str]) -> list[ast.stmt]:
    pruned = [kept for kept in map(_pruned, statements) if kept is not None]
    bound = [(statement, _binds(statement)) for statement in pruned]
    local = set().union(*(names for statement, names in bound if not isinstance(statement, _IMPORTS)))
    candidates = [_Candidate(statement, names | (_completes(statement) & local)) for statement, names in bound]
    needed = set(exercises)
    while True:
        kept = [one for one in candidates if one.names & needed or _always_counts(one.statement)]
        wider = needed.union(*(one.uses for one in kept))
        if wider == needed:
            return [one.statement for one in kept]
        needed = wider


@dataclass
class _Candidate:
    """A statement and the names for whose sake it is kept."""

    statement: ast.stmt
    names: set[str]

    @cached_property
    def uses(self) -> set[str]:
        """The names that it needs itself. Found only for what is kept: figures and training runs are long."""
        return _uses(self.statement)


def _pruned(statement: ast.stmt) -> ast.stmt | None:
    """The statement, where it only imports, defines or assigns; of an `if`, `try` or `with`, the part that does."""
    match statement:
        case ast.If():
            blocks = [statement.body, statement.orelse]
        case ast.Try():
            blocks = [statement.body, *(handler.body for handler in statement.handlers)]
            blocks += [statement.orelse, statement.finalbody]
        case ast.With():
            blocks = [statement.body]
        case ast.AnnAssign():
            return statement if statement.value is not None else None
        case ast.Expr(value=ast.Call(func=ast.Name(id="setattr"))) | ast.Assign() | ast.AugAssign():
            return statement
        case _:
            return statement if isinstance(statement, (*_IMPORTS, *_DEFINITIONS)) else None
    counted = False
    for block in blocks:
        kept = [inner for inner in map(_pruned, block) if inner is not None]
        counted |= bool(kept)
        block[:] = kept or [ast.copy_location(ast.Pass(), statement)] * bool(block)
    return statement if counted else None


def _always_counts(statement: ast.stmt) -> bool:
    """Whether a statement concerns all others: `from … import *`, `from __future__ import …`."""
    return isinstance(statement, ast.ImportFrom) and (
        statement.module == "__future__" or any(alias.name == "*" for alias in statement.names)
    )


def _binds(statement: ast.stmt) -> set[str]:
    """The names that a statement binds in the module."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {statement.name}
        case ast.Import() | ast.ImportFrom():
            return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
            stored = (node for target in _targets(statement) for node in ast.walk(target) if isinstance(node, ast.Name))
            return {node.id for node in stored if isinstance(node.ctx, ast.Store)}
        case ast.If() | ast.Try() | ast.With():
            inner = (child for child in ast.walk(statement) if isinstance(child, ast.stmt) and child is not statement)
            return set().union(*map(_binds, inner))
    return set()


def _completes(statement: ast.stmt) -> set[str]:
    """The names whose object a statement changes: `Model.forward = f`, `TABLE[0] = 1`, `setattr(Model, …)`, `@add_to(Model)`."""
    match statement:
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
            changed = [
                target.value for target in _targets(statement) if isinstance(target, (ast.Attribute, ast.Subscript))
            ]
        case ast.Expr(value=ast.Call(args=[first, *_])):
            changed = [first]
        case ast.FunctionDef() | ast.ClassDef():
            marks = (mark for mark in statement.decorator_list if isinstance(mark, ast.Call))
            changed = [argument for mark in marks for argument in mark.args]
        case _:
            changed = []
    return {node.id for node in changed if isinstance(node, ast.Name)}


def _targets(statement: ast.Assign | ast.AugAssign | ast.AnnAssign) -> list[ast.expr]:
    return statement.targets if isinstance(statement, ast.Assign) else [statement.target]


def _uses(statement: ast.stmt) -> set[str]:
    """The names that a statement takes from the module: not the variables of its own functions, whatever else is called so."""
    try:
        scopes = [symtable.symtable(ast.unparse(statement), "submission", "exec")]
    except (SyntaxError, ValueError, RecursionError):  # it will fail when it is executed, and be told
        return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    used = {symbol.get_name() for symbol in scopes[0].get_symbols() if symbol.is_referenced()}
    for scope in scopes:
        scopes += scope.get_children()
        used |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return used
