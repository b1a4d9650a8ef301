"""From a submission's text to the statements that its exercises need.

A module counts whole. Of a notebook count the definitions of the exercises and, from any code cell, the imports,
definitions and assignments that they need, found by name; plots, training runs and magics are never executed.
"""

import ast
import builtins
import re
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager

_TIMING_MAGIC = re.compile(r"\A\s*%%(time|timeit|capture|prun)\b[^\n]*\n")
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
        try:
            text = transformer.transform_cell(_TIMING_MAGIC.sub("\n", cell))
        except Exception:
            text = cell
        _add(source, text, f" of code cell {number}", f"code cell {number}")
    source.statements = _needed(source.statements, exercises)
    return source


def _add(source: Source, text: str, name: str, title: str) -> None:
    start = len(source.lines)
    source.starts.append((start + 1, name))
    source.lines += text.splitlines() or [""]
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = f"line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else "somewhere"
        reason = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        source.notes.append(f"{title} cannot be read and was left out: {reason}, {place}")
        return
    for statement in tree.body:
        ast.increment_lineno(statement, start)
        source.statements.append(statement)


def _needed(statements: list[ast.stmt], exercises: list[str]) -> list[ast.stmt]:
    candidates = [(statement, _binds(statement), _uses(statement)) for statement in statements if _counts(statement)]
    local = {name for statement, bound, _ in candidates if isinstance(statement, _DEFINITIONS) for name in bound}
    needed = set(exercises)
    while True:
        kept = [item for item in candidates if _is_star(item[0]) or (item[1] | (_owners(item[0]) & local)) & needed]
        wider = needed.union(*(uses for _, _, uses in kept)) if kept else needed
        if wider == needed:
            return [statement for statement, _, _ in kept]
        needed = wider


def _counts(statement: ast.stmt) -> bool:
    """Whether a statement only imports, defines or assigns (also under `if`, `try`, `with`)."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case ast.Assign() | ast.AugAssign() | ast.Pass():
            return True
        case ast.AnnAssign():
            return statement.value is not None
        case ast.If():
            return all(map(_counts, statement.body + statement.orelse))
        case ast.Try():
            handlers = [inner for handler in statement.handlers for inner in handler.body]
            return all(map(_counts, statement.body + handlers + statement.orelse + statement.finalbody))
        case ast.With():
            return all(map(_counts, statement.body))
    return False


def _is_star(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and any(alias.name == "*" for alias in statement.names)


def _binds(statement: ast.stmt) -> set[str]:
    """The names that a statement binds in the module."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {statement.name}
        case ast.Import() | ast.ImportFrom():
            return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            return {
                node.id
                for target in targets
                for node in ast.walk(target)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
    inner = (child for child in ast.iter_child_nodes(statement) if isinstance(child, (ast.stmt, ast.ExceptHandler)))
    return set().union(*(_binds(child) for child in _flatten(inner)))


def _flatten(nodes: object) -> list[ast.stmt]:
    result: list[ast.stmt] = []
    for node in nodes:  # type: ignore[attr-defined]
        result += node.body if isinstance(node, ast.ExceptHandler) else [node]
    return result


def _owners(statement: ast.stmt) -> set[str]:
    """The names whose attribute a statement sets: `Model.forward = forward` completes `Model`."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {
        target.value.id
        for target in targets
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
    }


def _uses(statement: ast.stmt) -> set[str]:
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return {name for name in names if not hasattr(builtins, name)}
