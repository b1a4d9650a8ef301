"""Code disguised as copies are: other names, comments, order, layout, a notebook. And the texts to begin with."""

import ast
import builtins
import json
import re
from pathlib import Path

from autograder.checking.catalogue import read_styles
from autograder.course import Assignment

REPOSITORY = Path(__file__).resolve().parents[2]


def independent(assignment: Assignment) -> dict[str, str]:
    """What different people wrote: the reference, the styles, the sample class. Not what has syntax errors, nor the unfinished."""
    found = {"reference": assignment.reference, **read_styles(assignment.hidden / "styles")}
    for path in sorted((REPOSITORY / "tests" / "sample_class").glob(f"*/{assignment.slug}.*py")):
        found[path.parent.name] = re.sub(r"^# %%.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: text for name, text in found.items() if _is_python(text)}


def commented(text: str) -> str:
    """Comments added, those that were there taken away where that is easy."""
    lines = [line if "'" in line or '"' in line else line.split("  #")[0] for line in text.splitlines()]
    return "\n".join(
        f"# my own work, line {number}\n{line}" if line.startswith("def ") else line
        for number, line in enumerate(lines)
    )


def reordered(text: str) -> str:
    """Functions and classes in the opposite order."""
    body = ast.parse(text).body
    defined = [node for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    others = [node for node in body if node not in defined]
    return "\n\n\n".join(ast.get_source_segment(text, node) or "" for node in [*others, *reversed(defined)])


def bare(text: str) -> str:
    """Without docstrings and comments, laid out anew."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def renamed(text: str, assignment: Assignment) -> str:
    """Other names for all that a student may name: helpers, variables; not exercises, their parameters, or what is imported."""
    tree = ast.parse(text)
    kept = {*assignment.points, *dir(builtins), "self"}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            kept |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.keyword) and node.arg:
            kept.add(node.arg)
        if isinstance(node, ast.ClassDef):
            kept |= {node.name} | {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
        if isinstance(node, ast.FunctionDef) and node.name in assignment.points:
            kept |= {argument.arg for argument in [*node.args.args, *node.args.kwonlyargs]}
    return ast.unparse(_Renamer(kept).visit(tree))


def notebook(text: str, assignment: Assignment) -> bytes:
    """The released notebook with each exercise in its cell, and the rest in a cell of its own."""
    document = json.loads((assignment.folder / f"{assignment.slug}.ipynb").read_text(encoding="utf-8"))
    rest = []
    for node in ast.parse(text).body:
        source = ast.get_source_segment(text, node) or ""
        name = getattr(node, "name", None)
        cell = next(
            (
                one
                for one in document["cells"]
                if f"def {name}(" in "".join(one["source"]) or f"class {name}(" in "".join(one["source"])
            ),
            None,
        )
        if cell is not None and name in assignment.points:
            cell["source"] = source
        else:
            rest.append(source)
    own = {
        "cell_type": "code",
        "id": "own",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": "\n".join(rest),
    }
    document["cells"].insert(1, own)
    return json.dumps(document).encode()


class _Renamer(ast.NodeTransformer):
    def __init__(self, kept: set[str]) -> None:
        self._kept = kept
        self._names: dict[str, str] = {}

    def _new(self, name: str) -> str:
        return name if name in self._kept else self._names.setdefault(name, f"q{len(self._names)}_thing")

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._new(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self._new(node.arg)
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = self._new(node.name)
        self.generic_visit(node)
        return node


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
