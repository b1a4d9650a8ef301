"""Makes the student's skeletons from the reference: signature and docstring stay, the body becomes a raise."""

from __future__ import annotations

import ast
import builtins

from autograder.authoring import AuthoringError

# These decide how a method is called, so they belong to the API; any other decorator is part of the solution.
_API_DECORATORS = {"staticmethod", "classmethod", "property"}

_Definition = ast.FunctionDef | ast.ClassDef


def skeletons(source: str, exercises: list[str], module_setup: str, where: str) -> dict[str, str]:
    """Returns the skeleton of each exercise by name, cut from the reference's `source`.

    `module_setup` is the head of the student's module: the signatures may name nothing that it lacks.
    """
    tree = _parsed(source, where)
    definitions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    known = _bound_names(ast.parse(module_setup)) | set(dir(builtins)) | set(exercises)
    made = {}
    for name in exercises:
        if name not in definitions:
            raise AuthoringError(
                f"{where}: defines no `{name}`, which the handout names as an exercise; add or rename it"
            )
        definition = definitions[name]
        _refuse_unknown_names(definition, known, where)
        made[name] = _skeleton(definition, source.splitlines(), where)
    return made


def _parsed(source: str, where: str) -> ast.Module:
    """The syntax tree of the reference."""
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise AuthoringError(f"{where}:{error.lineno}: is not valid Python: {error.msg}") from None


def _skeleton(definition: _Definition, lines: list[str], where: str) -> str:
    """Signature, docstring and raise of one function, or of a class and its public methods."""
    parts = [_head(definition, lines, definition.name, where)]
    if isinstance(definition, ast.FunctionDef):
        parts.append(f'    raise NotImplementedError("{definition.name} is not written yet")')
        return "\n".join(parts)
    for method in _public_methods(definition):
        qualified = f"{definition.name}.{method.name}"
        decorators = [f"    @{text}" for node in method.decorator_list if _is_api(text := ast.unparse(node))]
        head = _head(method, lines, qualified, where, needs_docstring=method.name != "__init__")
        parts += ["", *decorators, head, f'        raise NotImplementedError("{qualified} is not written yet")']
    return "\n".join(parts)


def _public_methods(definition: ast.ClassDef) -> list[ast.FunctionDef]:
    """The methods that a caller may use: no leading underscore, or a special name such as `__init__`."""
    methods = [node for node in definition.body if isinstance(node, ast.FunctionDef)]
    return [node for node in methods if not node.name.startswith("_") or node.name.endswith("__")]


def _is_api(decorator: str) -> bool:
    """Whether a decorator changes how its method is called."""
    return decorator in _API_DECORATORS or decorator.endswith((".setter", ".deleter"))


def _head(definition: _Definition, lines: list[str], qualified: str, where: str, needs_docstring: bool = True) -> str:
    """The reference's own text from `def` or `class` to the end of the docstring."""
    if ast.get_docstring(definition):
        docstring = definition.body[0]
        first, last = docstring.lineno - 1, (docstring.end_lineno or 0) - 1
        signature = _without_comments(lines[definition.lineno - 1 : first])
        end = lines[last].encode()[: docstring.end_col_offset].decode()  # columns count UTF-8 bytes
        return "\n".join([*signature, *lines[first:last], end])
    if needs_docstring:
        raise AuthoringError(f"{where}: `{qualified}` has no docstring; add one, the skeleton is made from it")
    # The body begins at its first statement, or at the decorators of that.
    body = min(node.lineno for node in (definition.body[0], *getattr(definition.body[0], "decorator_list", [])))
    return "\n".join(_without_comments(lines[definition.lineno - 1 : body - 1]))


def _without_comments(lines: list[str]) -> list[str]:
    """The lines of a signature; a comment on a line of its own may be about the solution."""
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _refuse_unknown_names(definition: _Definition, known: set[str], where: str) -> None:
    """A signature that names a private helper would neither run nor keep the helper private."""
    for node in _signature_nodes(definition):
        for name in ast.walk(node):
            if isinstance(name, ast.Name) and name.id not in known:
                raise AuthoringError(
                    f"{where}:{name.lineno}: the signature of `{definition.name}` uses `{name.id}`, which the handout's "
                    "`setup module` block does not define; import it there or write the value out"
                )


def _signature_nodes(definition: _Definition) -> list[ast.AST]:
    """The parts of a definition that stay in the skeleton and are evaluated."""
    if isinstance(definition, ast.FunctionDef):
        return [definition.args, *([definition.returns] if definition.returns else [])]
    nodes: list[ast.AST] = [*definition.bases, *definition.keywords]
    for method in _public_methods(definition):
        nodes += _signature_nodes(method)
    return nodes


def _bound_names(tree: ast.Module) -> set[str]:
    """The names that a module's top level binds."""
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.Import() | ast.ImportFrom():
                names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
            case ast.FunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Assign():
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names
