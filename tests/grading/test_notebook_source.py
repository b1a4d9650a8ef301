"""Of a notebook count the definitions of the exercises and what they need; nothing else in it is executed."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from autograder.worker.source import Source, read_module, read_notebook

ROOT = Path(__file__).resolve().parents[2]
STEP = "def step(x):\n    return x + 1"


def kept(*cells: str, exercises: tuple[str, ...] = ("step",)) -> list[str]:
    """The statements that the exercises need, by their first lines."""
    statements = read_notebook(list(cells), list(exercises)).statements
    return [ast.unparse(statement).splitlines()[0] for statement in statements]


def loaded(*cells: str, exercises: tuple[str, ...] = ("step",)) -> dict[str, Any]:
    """The names that are defined after the statements have been executed, as a worker does it."""
    names: dict[str, Any] = {"__name__": "submission"}
    for statement in read_notebook(list(cells), list(exercises)).statements:
        feature = names.get("annotations")
        exec(compile(ast.Module([statement], []), "submission", "exec", getattr(feature, "compiler_flag", 0)), names)
    return names


# What is executed


def test_definitions_and_what_they_need_count() -> None:
    """Imports, helpers and constants of any cell come along, in the notebook's order; the rest stays behind."""
    cells = [
        "import torch\nimport math as m\nimport matplotlib.pyplot as plt",
        "RATE = 0.5\nUNUSED = 7",
        "def step(x):\n    return helper(x) * RATE",
        "class Unused:\n    pass",
        "def helper(x):\n    return m.floor(x)",
    ]
    assert kept(*cells) == ["import math as m", "RATE = 0.5", "def step(x):", "def helper(x):"]
    assert loaded(*cells)["step"](5.5) == 2.5


def test_chains_of_needs_are_followed() -> None:
    """What a needed thing needs is needed: base classes, decorators, defaults, annotations, class attributes."""
    cells = [
        "import functools",
        "def cached(f):\n    return functools.wraps(f)(lambda x: f(x))",
        "START = 3\nEND = START + 1",
        "class Base:\n    last = END",
        "class Step(Base):\n    def __call__(self, x, first=START):\n        return x + first + self.last",
        "@cached\ndef step(x):\n    return Step()(x)",
    ]
    assert loaded(*cells)["step"](0) == 7


def test_figures_loops_and_prints_are_not_executed() -> None:
    """Statements that do something, and assignments that nobody needs, are left out, slow ones too."""
    cells = [
        STEP,
        "path = [step(x) for x in range(10**9)]",
        "for epoch in range(10**9):\n    step(epoch)",
        "while True:\n    pass",
        "print(step(1))",
        "plt.plot(path)",
        "assert step(1) == 3",
        "raise SystemExit",
        "with open('file') as file:\n    print(file)",
        "del step",
        "if True:\n    print('hello')",
    ]
    assert kept(*cells) == ["def step(x):"]


def test_a_variable_of_a_function_needs_nothing_of_the_notebook() -> None:
    """A training run whose result is called like an argument, a local name or a loop variable is not executed."""
    cells = [
        "def train():\n    while True:\n        pass",
        "losses = train()\nx = train()\nitem = train()\ninner = train()\nself = train()",
        "def step(x):\n    losses = [item for item in x]\n    def inner(self):\n        return losses\n    return inner(x)",
        "def train():\n    while True:\n        pass",
    ]
    assert kept(*cells) == ["def step(x):"]


def test_a_global_of_the_same_name_is_needed() -> None:
    """A name that a function reads from the module is needed, also where another function has a variable of that name."""
    cells = [
        "rate = 2",
        "def other(rate):\n    return rate",
        "def step(x):\n    def deeper():\n        return other(x) * rate\n    return deeper()",
    ]
    assert loaded(*cells)["step"](3) == 6


def test_helpers_may_bear_the_name_of_a_builtin() -> None:
    """The student's own `sum` counts, as it does in the notebook."""
    assert loaded("def sum(x):\n    return 42", "def step(x):\n    return sum(x)")["step"]([1]) == 42


def test_globals_that_functions_write_come_along() -> None:
    """A counter that a function changes exists."""
    assert loaded("count = 0", "def step(x):\n    global count\n    count += 1\n    return count")["step"](0) == 1


def test_unpacked_and_augmented_constants_come_along() -> None:
    """Tuples, stars, annotations and later changes of a constant."""
    cells = [
        "a, (b, *c) = 1, (2, 3, 4)",
        "d: int = 5\ne: int\nd += 1",
        "TABLE = {}\nTABLE['k'] = 7",
        "def step(x):\n    return (a, b, c, d, TABLE['k'])",
    ]
    assert loaded(*cells)["step"](0) == (1, 2, [3, 4], 6, 7)


# Magics


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline",
        "!ls -l",
        "!pip install torch",
        "files = !ls",
        "%timeit step(1)",
        "result = %timeit -o step(1)",
        "%%bash\nrm -rf /",
        "%%javascript\nalert(1)",
        "%%writefile out.py\ndef step(x): pass",
        "step?",
        "?step",
    ],
)
def test_magics_and_shell_commands_are_not_executed(cell: str) -> None:
    """They are read over, without a word: they belong to a notebook."""
    source = read_notebook([cell, STEP], ["step"])
    assert [ast.unparse(statement) for statement in source.statements] == [STEP]
    assert source.notes == []


@pytest.mark.parametrize("magic", ["%%time", "%%timeit -n 3", "%%capture output", "\n  %%time"])
def test_a_timed_cell_counts(magic: str) -> None:
    """Magics that only measure a cell do not hide its definitions."""
    assert kept(f"{magic}\n{STEP}") == ["def step(x):"]


def test_magics_beside_code_leave_the_code() -> None:
    """A definition below a magic in the same cell counts."""
    assert kept(f"%load_ext autoreload\n%autoreload 2\nimport torch\n{STEP}") == ["def step(x):"]


def test_prompts_copied_from_a_shell_are_read_over() -> None:
    """IPython accepts `>>>`, so it is accepted here."""
    assert kept(">>> def step(x):\n...     return x + 1") == ["def step(x):"]


# Cells that cannot be read


def test_a_syntax_error_costs_its_own_cell() -> None:
    """The other cells count, and the student is told which cell, which line and why."""
    source = read_notebook(["import torch", "x = 1\ndef broken(:\n    pass", STEP], ["step"])
    assert [ast.unparse(statement) for statement in source.statements] == [STEP]
    assert source.notes == ["code cell 2 cannot be read and was left out: invalid syntax, line 2"]


@pytest.mark.parametrize(
    "cell",
    ["x = (", "  def f():\n x", "x = 'open", "\x00", "def f():\nreturn", "x = " + "(" * 500 + ")" * 500, "$%&"],
    ids=["open", "indented", "string", "nul", "empty body", "deep", "nonsense"],
)
def test_every_kind_of_nonsense_is_told(cell: str) -> None:
    """Nothing in a cell can keep the others from being read."""
    source = read_notebook([cell, STEP], ["step"])
    assert [ast.unparse(statement) for statement in source.statements] == [STEP]
    assert len(source.notes) == 1
    assert source.notes[0].startswith("code cell 1 cannot be read and was left out: ")


def test_a_module_with_a_syntax_error_is_told() -> None:
    """A module is one text: nothing of it can be read."""
    source = read_module("def step(:\n")
    assert source.statements == []
    assert source.notes == ["the module cannot be read and was left out: invalid syntax, line 1"]


# How students write


def test_methods_may_come_in_later_cells() -> None:
    """`Class.method = f`, `setattr` and a decorator that is given the class complete it."""
    cells = [
        "class Step:\n    pass",
        "def forward(self, x):\n    return x + self.rate",
        "Step.forward = forward",
        "Step.rate = 1\nStep.rate += 2",
        "def backward(self, x):\n    return -x\nsetattr(Step, 'backward', backward)",
        "def add_to(owner):\n    return lambda f: setattr(owner, f.__name__, f)",
        "@add_to(Step)\ndef reset(self):\n    return 'reset'",
        "class Other:\n    pass\nOther.forward = forward",
        "import torch\ntorch.backends.cudnn.deterministic = True",
    ]
    step = loaded(*cells, exercises=("Step",))["Step"]()
    assert (step.forward(1), step.backward(1), step.reset()) == (4, -1, "reset")
    assert not any("Other" in line or "torch" in line for line in kept(*cells, exercises=("Step",)))


def test_attributes_of_modules_are_left_alone() -> None:
    """A setting of a library is no definition, even where the library is needed."""
    cells = ["import torch", "torch.manual_seed = None\ntorch.x = 1", "def step(x):\n    return torch.add(x, 1)"]
    assert kept(*cells) == ["import torch", "def step(x):"]


def test_the_last_definition_wins() -> None:
    """Cells are in the notebook's order, so a later attempt replaces an earlier one."""
    assert loaded("def step(x):\n    return 1", "def step(x):\n    return 2")["step"](0) == 2


def test_an_exercise_may_be_assigned() -> None:
    """A lambda, a partial or an alias defines the exercise too."""
    assert (
        loaded("from functools import partial", "def go(x, by):\n    return x + by", "step = partial(go, by=3)")[
            "step"
        ](1)
        == 4
    )
    assert loaded("step = lambda x: x + 1")["step"](1) == 2


def test_star_imports_count() -> None:
    """Whatever they bring may be needed."""
    assert loaded("from math import *", "def step(x):\n    return floor(x)")["step"](2.5) == 2


def test_conditional_definitions_count() -> None:
    """`if` and `try` keep their definitions and lose what else they do."""
    cells = [
        "try:\n    import no_such_module as fast\n    print('fast')\nexcept ImportError:\n    print('slow')\n    fast = None",
        "if fast is None:\n    print('own')\n    def go(x):\n        return x + 1\nelse:\n    go = fast.go",
        "with open_nothing():\n    print('nothing')",
        "def step(x):\n    return go(x)",
    ]
    assert loaded(*cells)["step"](1) == 2


def test_a_main_guard_is_no_definition() -> None:
    """`if __name__ == "__main__"` with calls only is left out."""
    assert kept(STEP, "if __name__ == '__main__':\n    step(1)") == ["def step(x):"]


def test_future_imports_hold_for_later_cells() -> None:
    """Annotations that cannot be evaluated do no harm once they are postponed."""
    cells = ["from __future__ import annotations", "def step(x: Undefined) -> AlsoUndefined:\n    return x"]
    assert loaded(*cells)["step"](1) == 1


def test_one_failing_import_does_not_cost_its_neighbours() -> None:
    """`import unstuck, torch` is two imports."""
    cells = ["import unstuck, math", "def step(x):\n    return math.floor(x)"]
    assert kept(*cells) == ["import math", "def step(x):"]
    assert [ast.unparse(one) for one in read_module("import unstuck, math").statements] == [
        "import unstuck",
        "import math",
    ]


def test_nothing_is_needed_of_an_empty_notebook() -> None:
    """No cells, no code, only prose: no statements and no notes."""
    for cells in ([], [""], ["# just a comment"]):
        source = read_notebook(cells, ["step"])
        assert (source.statements, source.notes) == ([], [])


# Places


def test_places_are_named_as_their_author_sees_them() -> None:
    """A line is counted within its cell; a module has lines only."""
    source: Source = read_notebook(["import torch\n\n", "%%time\n\ndef step(x):\n    return x + nothing"], ["step"])
    statement = source.statements[-1]
    assert source.locate(statement.lineno) == "line 3 of code cell 2"
    assert source.line(statement.lineno + 1) == "return x + nothing"
    assert read_module("\n\nx = 1").locate(3) == "line 3"
    assert source.line(10**6) == ""


# The real thing


@pytest.mark.parametrize("slug", [path.parent.name for path in sorted(ROOT.glob("assignments/*/handout.md"))])
def test_figures_of_an_assignment_are_not_executed(slug: str) -> None:
    """Of the released notebook with the solution pasted in, imports and definitions of the exercises count, and no more."""
    cells = json.loads((ROOT / "assignments" / slug / f"{slug}.ipynb").read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    solution = (ROOT / "solutions" / f"{slug}.py").read_text(encoding="utf-8")
    exported = next(ast.literal_eval(node.value) for node in ast.parse(solution).body if isinstance(node, ast.Assign))
    source = read_notebook([*code, solution], exported)
    allowed = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    own = {ast.unparse(statement) for statement in ast.parse(solution).body}  # a constant of the solution's is needed
    assert all(isinstance(statement, allowed) or ast.unparse(statement) in own for statement in source.statements)
    defined = {
        statement.name for statement in source.statements if isinstance(statement, (ast.FunctionDef, ast.ClassDef))
    }
    assert set(exported) <= defined
    assert not any(name.startswith("test_") for name in defined)
    assert source.notes == []
