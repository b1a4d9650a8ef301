"""A skeleton keeps what a caller sees and nothing of the solution."""

import ast
import textwrap
from pathlib import Path

import pytest

from autograder.authoring import AuthoringError
from autograder.authoring.build import load_handout, student_files
from autograder.authoring.skeleton import skeletons

ROOT = Path(__file__).parents[2]
SLUGS = sorted(path.parent.name for path in ROOT.glob("assignments/*/handout.md"))
WHERE = "solutions/a0_walk.py"

SOLUTION = '''
import torch
from torch import Tensor

SECRET = 42


def _secret_helper(x):
    return x * SECRET


@_traced
def walk(
    steps: Tensor,  # (N,)
    # secret: the trick is to double
    speed: float = 1.0,
) -> Tensor:
    # secret
    """Returns the way.

    η is `speed`; a backslash \\\\ stays.
    """
    secret = _secret_helper(steps)
    return secret * speed


class Walker(torch.nn.Module):
    """A walker."""

    secret = 1

    def __init__(self, speed: float = 1.0) -> None:
        # secret
        super().__init__()
        self.secret = speed

    @torch.no_grad()
    def go(self, steps):
        """Goes."""
        return self._secret(steps)

    @staticmethod
    def rest():
        """Rests."""; secret = 1

    def _secret(self, steps):
        """Secret."""
'''


def skeleton(name: str, source: str = SOLUTION) -> str:
    """The skeleton of one exercise."""
    return skeletons(source, [name], "import torch\nfrom torch import Tensor", WHERE)[name]


def test_a_function_keeps_signature_and_docstring() -> None:
    """A function's text stays up to the end of its docstring; then it raises by name."""
    assert skeleton("walk") == textwrap.dedent('''\
        def walk(
            steps: Tensor,  # (N,)
            speed: float = 1.0,
        ) -> Tensor:
            """Returns the way.

            η is `speed`; a backslash \\\\ stays.
            """
            raise NotImplementedError("walk is not written yet")''')


def test_a_class_keeps_its_public_methods() -> None:
    """A class keeps its docstring and its public methods, with the decorators that change how they are called."""
    assert skeleton("Walker") == textwrap.dedent('''\
        class Walker(torch.nn.Module):
            """A walker."""

            def __init__(self, speed: float = 1.0) -> None:
                raise NotImplementedError("Walker.__init__ is not written yet")

            def go(self, steps):
                """Goes."""
                raise NotImplementedError("Walker.go is not written yet")

            @staticmethod
            def rest():
                """Rests."""
                raise NotImplementedError("Walker.rest is not written yet")''')


@pytest.mark.parametrize("slug", SLUGS)
def test_no_line_of_a_body_reaches_the_student(slug: str) -> None:
    """No statement, helper or comment of the course's references stands in anything that the student receives."""
    source = (ROOT / "solutions" / f"{slug}.py").read_text(encoding="utf-8")
    exercises = load_handout(ROOT, slug).exercises
    secrets = {line.partition("#")[2].strip() for line in source.splitlines() if line.lstrip().startswith("#")}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            if node.name.startswith("_") and not node.name.endswith("__"):
                secrets.add(node.name)
            body = node.body[1:] if ast.get_docstring(node) else node.body
            statements = [inner for outer in body for inner in ast.walk(outer) if isinstance(inner, ast.stmt)]
            secrets |= {text for inner in statements if len(text := ast.unparse(inner).splitlines()[0]) > 20}
    assert exercises
    assert secrets
    # The docstring may show a formula, the figures a training loop; both are the author's own decision.
    shown = "\n".join(text.decode() for name, text in student_files(ROOT, slug).items() if name == f"{slug}.py")
    assert [secret for secret in sorted(secrets) if secret in shown] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_skeletons_hold_docstrings_and_raises_only(slug: str) -> None:
    """Below the setup, every statement of the student's module is a definition, a docstring or the raise."""
    tree = ast.parse(student_files(ROOT, slug)[f"{slug}.py"])
    definitions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert [node.name for node in definitions] == list(load_handout(ROOT, slug).exercises)
    functions = [node for outer in definitions for node in ast.walk(outer) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        body = function.body[1:] if ast.get_docstring(function) else function.body
        assert [type(statement) for statement in body] == [ast.Raise], function.name


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("run", SOLUTION, f"{WHERE}: defines no `run`, which the handout names as an exercise; add or rename it"),
        (
            "walk",
            "def walk(x):\n    return x",
            f"{WHERE}: `walk` has no docstring; add one, the skeleton is made from it",
        ),
        (
            "Walker",
            'class Walker:\n    """A walker."""\n    def go(self):\n        pass',
            f"{WHERE}: `Walker.go` has no docstring; add one, the skeleton is made from it",
        ),
        (
            "walk",
            'def walk(x=_SPEED):\n    """Walks."""',
            f"{WHERE}:1: the signature of `walk` uses `_SPEED`, which the handout's `setup module` block does not define; "
            "import it there or write the value out",
        ),
        ("walk", "def walk(:", f"{WHERE}:1: is not valid Python: invalid syntax"),
    ],
)
def test_a_reference_that_makes_no_skeleton_is_refused(name: str, source: str, message: str) -> None:
    """What the reference lacks is named with its remedy."""
    with pytest.raises(AuthoringError) as caught:
        skeleton(name, source)
    assert str(caught.value) == message
