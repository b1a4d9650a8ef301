"""Writes what the student receives, or says which of it is stale."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from autograder.authoring import AuthoringError
from autograder.authoring.handout import Handout
from autograder.authoring.notebook import notebook
from autograder.authoring.parse import parse
from autograder.authoring.skeleton import skeletons

_STUDENT_KIT = Path(__file__).parents[1] / "student_kit"


def build(course_root: Path, slugs: Iterable[str], check: bool = False) -> list[str]:
    """Returns the files, relative to the root, that were written; with `check`, that would have to be.

    Raises AuthoringError where a handout or its reference cannot be built.
    """
    stale = []
    for slug in slugs:
        for name, content in student_files(course_root, slug).items():
            path = course_root / "assignments" / slug / name
            if path.is_file() and path.read_bytes() == content:
                continue
            stale.append(path.relative_to(course_root).as_posix())
            if not check:
                path.write_bytes(content)
    return stale


def load_handout(course_root: Path, slug: str) -> Handout:
    """Returns the parsed handout of one assignment."""
    return parse(_read(course_root, f"assignments/{slug}/handout.md"), slug, f"assignments/{slug}/handout.md")


def student_files(course_root: Path, slug: str) -> dict[str, bytes]:
    """Returns the content of each generated file of one assignment, by file name: the same on every platform."""
    handout = load_handout(course_root, slug)
    solution = f"solutions/{slug}.py"
    made = skeletons(_read(course_root, solution), list(handout.exercises), handout.module_setup, solution)
    data = _data_files(course_root, handout)
    texts = {
        f"{slug}.ipynb": notebook(handout, made, ["unstuck.py", *data]),
        f"{slug}.py": _module(handout, made),
        f"test_{slug}.py": _tests(handout),
    }
    return {
        **{name: text.encode() for name, text in texts.items()},
        "unstuck.py": (_STUDENT_KIT / "unstuck.py").read_bytes(),
        **data,
    }


def _data_files(course_root: Path, handout: Handout) -> dict[str, bytes]:
    """The data sets that the handout names, each with what there is to know of it, and their loader."""
    if not handout.data:
        return {}
    folder = course_root / "datasets"
    known = sorted(path.stem for path in folder.glob("*.npz"))
    for name in handout.data:
        if name not in known:
            raise AuthoringError(
                f"assignments/{handout.slug}/handout.md: asks for the data set `{name}`, and datasets/{name}.npz is missing; "
                f"there are: {', '.join(known) or 'none'}"
            )
    files = [folder / f"{name}{suffix}" for name in handout.data for suffix in (".npz", ".toml")]
    return {path.name: path.read_bytes() for path in [*files, _STUDENT_KIT / "unstuck_data.py"]}


def _read(course_root: Path, name: str) -> str:
    """The text of a source file of the course."""
    try:
        return (course_root / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AuthoringError(f"{name}: is missing; an assignment is made from its handout and its solution") from None
    except UnicodeDecodeError as error:
        raise AuthoringError(f"{name}: is not UTF-8 ({error}); save it as UTF-8") from None


def _module(handout: Handout, made: dict[str, str]) -> str:
    """The assignment as a Python module, for students who prefer an editor."""
    docstring = (
        f'"""{handout.title}: the assignment as a module.\n\n'
        f"Write your code here or in {handout.slug}.ipynb, not in both. The notebook tells the story and draws the figures;\n"
        "`pytest` in this folder runs the visible checks.\n"
        '"""'
    )
    return "\n\n\n".join([f"{docstring}\n\n{handout.module_setup}".rstrip(), *made.values()]) + "\n"


def _tests(handout: Handout) -> str:
    """The visible checks as a pytest file that takes the student's functions from the module or the notebook."""
    slug = handout.slug
    names = list(handout.exercises)
    head = (
        f'"""{handout.title}: the visible checks. Type `pytest` in this folder.\n\n'
        f"They check {slug}.py once you have written in it, and {slug}.ipynb before.\n"
        "UNSTUCK_SUBMISSION=FILE names another.\n"
        "Edits here change nothing but what you see: the grade comes from other checks.\n"
        '"""'
    )
    tests = [check.source for check in handout.checks]
    setup = _used(handout.module_setup, "\n".join(tests))
    loading = [
        "submission = unstuck.load_submission(",
        f"    Path(__file__).with_name({_quoted(slug + '.py')}),",
        *("    " + line for line in _listed(names)),
        ")",
        *(f"{name} = submission[{_quoted(name)}]" for name in names),
    ]
    imports = f"from pathlib import Path\n\n{setup}"
    counting = [
        'pytest_plugins = ["unstuck"]  # failures as in the notebook, and how far you are',
        "POINTS = {",
        *(f"    {_quoted(name)}: {points:g}," for name, points in handout.exercises.items()),
        "}",
        "EXERCISE_OF = {",
        *(f"    {_quoted(test)}: {_quoted(check.exercise)}," for check in handout.checks for test in check.tests),
        "}",
    ]
    head = f"{head}\n\n{imports}\n\n" + "\n".join([*loading, "", *counting])
    return "\n\n\n".join([head, *tests]) + "\n"


def _used(setup: str, code: str) -> str:
    """The setup and `import unstuck`, without the imports that the code does not use."""
    used = {node.id for node in ast.walk(ast.parse(f"{setup}\n{code}")) if isinstance(node, ast.Name)}
    imports, rest = ["import unstuck"], []
    for statement in ast.parse(setup).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            statement.names = [name for name in statement.names if (name.asname or name.name).split(".")[0] in used]
            imports += [ast.unparse(statement)] if statement.names else []
        else:
            rest.append(ast.get_source_segment(setup, statement) or "")
    imports.sort(key=lambda line: (line.startswith("from"), line))
    return "\n".join([*imports, *rest])


def _quoted(text: str) -> str:
    """A string as the formatter writes it."""
    return f'"{text}"'


def _listed(names: list[str]) -> list[str]:
    """A list of strings, an item a line, as the formatter writes it."""
    return ["[", *(f"    {_quoted(name)}," for name in names), "],"]
