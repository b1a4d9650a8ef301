"""The catalogue of an assignment: named mistakes (read as text) and whole correct submissions in other styles."""

import ast
from dataclasses import dataclass
from pathlib import Path

from autograder.checking.plugin import CheckError


@dataclass(frozen=True)
class Mistake:
    """A wrong variant of one exercise: its name, what it does wrong, the check that catches it, its text."""

    name: str
    exercise: str
    description: str
    caught_by: str
    text: str

    @property
    def diagnosis(self) -> str:
        """What a student reads whose answers are this mistake's."""
        return f"{self.exercise}: {self.description}"

    @property
    def defines(self) -> set[str]:
        """The names that it binds in the module: the exercise's, and those of the functions that come along."""
        names: set[str] = set()
        for node in ast.parse(self.text).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif not isinstance(node, (ast.Import, ast.ImportFrom)):
                names |= {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
        return names

    def submission(self, reference: str) -> str:
        """A whole module that makes this mistake and no other: the reference, the variant defined after it."""
        return with_variant(reference, self.text)


def with_variant(reference: str, variant: str) -> str:
    """A whole module: the reference, and after it a variant of some of its definitions."""
    return f"{reference}\n\n{variant}\n"


def read_mistakes(path: Path) -> list[Mistake]:
    """The mistakes in a `mistakes.py`, in order; none where there is no such file."""
    if not path.is_file():
        return []
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise CheckError(f"{path}:{error.lineno}: is not valid Python ({error.msg}); correct it.") from None
    common: list[str] = []
    mistakes: list[Mistake] = []
    for node in tree.body:
        mark = _mark(node)
        if mark is not None and isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            mistakes.append(_mistake(path, node, mark, common))
        elif not _is_own_import(node):
            common.append(ast.unparse(node))
    return mistakes


def read_styles(folder: Path) -> dict[str, str]:
    """The text of each style by its name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}


def _mark(node: ast.stmt) -> ast.Call | None:
    if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return None
    calls = [item for item in node.decorator_list if isinstance(item, ast.Call)]
    return next((call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "mistake"), None)


def _is_own_import(node: ast.stmt) -> bool:
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_docstring or (
        isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("autograder", "solutions")
    )


def _string(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _mistake(path: Path, node: ast.FunctionDef | ast.ClassDef, mark: ast.Call, common: list[str]) -> Mistake:
    place = f"{path}:{node.lineno}: `{node.name}`"
    keywords = {keyword.arg: keyword.value for keyword in mark.keywords}
    exercise = _string(mark.args[0] if mark.args else None)
    caught_by = _string(keywords.get("caught_by"))
    description = " ".join((ast.get_docstring(node) or "").split())
    if not exercise or not caught_by:
        raise CheckError(
            f"{place} needs @mistake(exercise, caught_by=check); two strings that say what it replaces and what must catch it."
        )
    if not description:
        raise CheckError(f"{place} has no docstring; it is the diagnosis that the student reads.")
    name, node.name = node.name, exercise
    node.decorator_list = [item for item in node.decorator_list if item is not mark]
    body = "\n\n".join([*common, ast.unparse(node)])
    return Mistake(name, exercise, description.rstrip("."), f"{exercise}/{caught_by.split('/')[-1]}", body)
