"""What students get: nothing stale, docstrings that fit their signatures, no line of a solution, a check or a marking scheme."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from autograder.authoring.build import build, student_files
from autograder.course import Assignment

_ARGUMENT = re.compile(r"^\s{2,}(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: \([^)]*\))?:")
_SHORTEST_LEAK = 16  # characters: shorter lines (`return theta`) are common property


def stale_problems(assignment: Assignment) -> Iterator[str]:
    """Made files that are not what handout and reference make now, and strangers among them."""
    for line in build(assignment.root, [assignment.slug], check=True):
        yield f"{line}: is stale; run `autograder build` and commit what it writes"
    own = {"handout.md", "__pycache__", *student_files(assignment.root, assignment.slug)}
    for path in sorted(assignment.folder.iterdir()):
        if path.name not in own and path.suffix not in (".png", ".svg"):
            yield f"{assignment.shown(path)}: would be released to students and belongs to no assignment; move it out"


def docstring_problems(assignment: Assignment) -> Iterator[str]:
    """Docstrings whose `Args` are not the parameters, in the order of the signature's definition."""
    tree = ast.parse(assignment.reference, str(assignment.solution))
    definitions = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    for exercise in assignment.points:
        node = definitions.get(exercise)
        place = f"{assignment.shown(assignment.solution)}: `{exercise}`"
        if node is None:
            yield f"{place} is missing; the handout has an exercise of that name"
            continue
        documented, parameters = _documented(ast.get_docstring(node) or ""), _parameters(node)
        if not ast.get_docstring(node):
            yield f"{place} has no docstring; add one, the skeleton is made from it"
        elif not documented and parameters:
            yield f"{place} has no `Args:` section; say what each argument is"
        for name in sorted(documented - parameters):
            yield f"{place} documents `{name}`, which is no argument; correct the docstring or the signature"
        for name in sorted(parameters - documented) if documented else ():
            yield f"{place} does not document `{name}`; add it to `Args:`"


def _documented(docstring: str) -> set[str]:
    section = re.search(r"^Args:\n((?:[ \t]+.*\n?|\n)+)", docstring, re.MULTILINE)
    if section is None:
        return set()
    lines = section[1].splitlines()
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    heads = (_ARGUMENT.match("    " + line[indent:]) for line in lines if line[indent : indent + 1].strip())
    return {name.lstrip("*") for head in heads if head for name in head[1].split(", ")}


def _parameters(node: ast.FunctionDef | ast.ClassDef) -> set[str]:
    function: ast.FunctionDef | None = node if isinstance(node, ast.FunctionDef) else None
    if isinstance(node, ast.ClassDef):
        function = next(
            (item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"), None
        )
    if function is None:
        return set()
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {item.arg for item in every if item is not None} - {"self"}


def leak_problems(assignment: Assignment) -> Iterator[str]:
    """Lines of the reference's bodies, of a hidden check or of the marking scheme that stand in anything students get."""
    sources = [path for path in (assignment.solution, assignment.checks) if path.is_file()]
    secret = {line: assignment.shown(path) for path in sources for line in _body_lines(path)}
    secret |= dict.fromkeys(_scheme_lines(assignment.marking), assignment.shown(assignment.marking))
    for path in sorted(assignment.folder.iterdir()):
        if path.suffix not in (".md", ".py", ".ipynb"):
            continue
        released = _squeezed(path.read_text(encoding="utf-8").replace('\\"', '"'))
        for line, source in secret.items():
            if line in released:
                yield f"{assignment.shown(path)}: holds a line of {source} ({line!r}), which students would read; rewrite it there"


def _body_lines(path: Path) -> set[str]:
    """The lines of code that stand in a function's body, without white space, comments, docstrings and signatures."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, str(path))
    public: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            public.update(range(node.lineno, node.body[0].lineno))
            if ast.get_docstring(node) is not None:
                public.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    inside = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT):
            lines[token.start[0]] = lines.get(token.start[0], "") + _squeezed(token.string)
    return {line for number, line in lines.items() if number in inside - public and len(line) >= _SHORTEST_LEAK}


def _scheme_lines(path: Path) -> set[str]:
    """The lines of a marking scheme, its headings aside, as they are searched for."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {_squeezed(line) for line in lines if len(_squeezed(line)) >= _SHORTEST_LEAK and not line.startswith("#")}


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
