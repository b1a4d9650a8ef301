"""Who may import what, and what may be named where: the rules of docs/architecture.md."""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import Course

ROOT = Path(__file__).resolve().parents[1]
COURSE = Course(ROOT)
SLUGS = list(COURSE.assignments)
WORKER = ROOT / "autograder" / "worker"
ENGINE = sorted(
    path
    for path in (ROOT / "autograder").rglob("*.py")
    if not {"hidden", "student_kit"} & set(path.relative_to(ROOT).parts)
)
TRUSTED = [path for path in ENGINE if WORKER not in path.parents]


def imports(text: str) -> set[str]:
    """The modules that a text imports, `from a import b` as a.b."""
    return {name for node in ast.walk(ast.parse(text)) for name in _imported(node)}


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from ("." * node.level + f"{node.module or ''}.{alias.name}" for alias in node.names)


def packages(text: str) -> set[str]:
    """The top-level packages that a text imports."""
    return {name.split(".")[0] for name in imports(text)}


def sources(slug: str) -> dict[str, str]:
    """All code that students of an assignment are given, by where it stands."""
    folder = COURSE.assignment(slug).folder
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}
    notebook = json.loads((folder / f"{slug}.ipynb").read_text(encoding="utf-8"))
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return {**texts, **{f"cell {number}": text for number, text in enumerate(code)}}


def test_the_rules_are_tested_on_something() -> None:
    """There are assignments, and an engine, and a worker."""
    assert SLUGS
    assert len(TRUSTED) > 20
    assert len(list(WORKER.glob("*.py"))) > 5


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_engine_imports_no_solution_and_no_check(path: Path) -> None:
    """It is handed paths."""
    found = imports(path.read_text(encoding="utf-8"))
    assert not [name for name in found if name.split(".")[0] in ("solutions", "assignments", "tests")]
    assert not [name for name in found if "hidden" in name.split(".")]
    assert not [name for name in found if name.startswith(".")]


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_engine_names_no_assignment(path: Path) -> None:
    """The folder listing is the registry."""
    text = path.read_text(encoding="utf-8")
    assert not [slug for slug in SLUGS if slug in text]


@pytest.mark.parametrize("name", ["Makefile", "pyproject.toml", "nbgrader_config.py", ".ci/run"])
def test_no_list_of_assignments_is_kept_elsewhere(name: str) -> None:
    """A new assignment is files of its name, and no edit."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not [slug for slug in SLUGS if slug in text]


@pytest.mark.parametrize("path", sorted(WORKER.glob("*.py")), ids=lambda path: path.name)
def test_the_worker_imports_its_siblings_and_libraries_only(path: Path) -> None:
    """What runs beside student code holds nothing else of ours: stdlib, numpy, torch, msgspec, IPython's transformer."""
    libraries = {"numpy", "torch", "msgspec", "IPython"}
    siblings = {other.stem for other in WORKER.glob("*.py")} - {"__init__"}
    text = path.read_text(encoding="utf-8")
    assert packages(text) <= set(sys.stdlib_module_names) | libraries | siblings
    assert {name for name in imports(text) if name.startswith("IPython")} <= {
        "IPython.core.inputtransformer2.TransformerManager"
    }


@pytest.mark.parametrize("path", TRUSTED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_grader_shares_only_its_language_with_the_worker(path: Path) -> None:
    """Of the worker's modules the trusted side imports the wire alone: it never loads student code."""
    found = {name for name in imports(path.read_text(encoding="utf-8")) if name.startswith("autograder.worker")}
    assert all(f"{name}.".startswith("autograder.worker.wire.") for name in found)


@pytest.mark.parametrize("path", TRUSTED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_grader_unpickles_nothing(path: Path) -> None:
    """Data that could execute while it is read is not read."""
    text = path.read_text(encoding="utf-8")
    assert not packages(text) & {"pickle", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle"}
    called = {ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
    assert not called & {"torch.load", "marshal.loads", "marshal.load", "np.load", "numpy.load", "yaml.load"}


@pytest.mark.parametrize("slug", SLUGS)
def test_what_students_get_needs_nothing_of_ours(slug: str) -> None:
    """Python, numpy, torch, matplotlib (which brings cycler), pytest, Jupyter, and the modules that ship with the assignment."""
    libraries = {"numpy", "torch", "matplotlib", "cycler", "pytest", "IPython", "ipywidgets"}
    allowed = set(sys.stdlib_module_names) | libraries | {"unstuck", "unstuck_data"}
    for where, text in sources(slug).items():
        assert packages(text) <= allowed, where


@pytest.mark.parametrize("slug", SLUGS)
def test_the_reference_imports_nothing_of_ours(slug: str) -> None:
    """A solution is a module that a professor would show."""
    assert packages(COURSE.assignment(slug).reference) <= set(sys.stdlib_module_names) | {"numpy", "torch"}


@pytest.mark.parametrize("slug", SLUGS)
def test_checks_use_what_checks_are_written_with(slug: str) -> None:
    """Hidden checks and pictures import `autograder.checking` and never the solution: the reference is handed to them."""
    assignment = COURSE.assignment(slug)
    for path in (assignment.checks, assignment.hidden / "pictures.py"):
        found = imports(path.read_text(encoding="utf-8"))
        ours = {name for name in found if name.split(".")[0] in ("autograder", "solutions", "assignments")}
        assert all(name.startswith("autograder.checking.") for name in ours), path.name


@pytest.mark.parametrize("slug", SLUGS)
def test_styles_are_submissions(slug: str) -> None:
    """A style could have been handed in: it imports nothing of ours."""
    for path in sorted((COURSE.assignment(slug).hidden / "styles").glob("*.py")):
        found = packages(path.read_text(encoding="utf-8"))
        assert not found & {"autograder", "solutions", "assignments", "tests", "unstuck"}, path.name


def test_datasets_are_data() -> None:
    """No package of that name: it would shadow a well-known one."""
    assert not list((ROOT / "datasets").rglob("__init__.py"))
    assert not (ROOT / "datasets.py").exists()
    assert not [path for path in ENGINE if "datasets" in packages(path.read_text(encoding="utf-8"))]


def test_every_folder_of_an_assignment_has_its_counterparts() -> None:
    """Handout, solution, checks and catalogue go by one name; none is left of an assignment that is gone."""
    for slug in SLUGS:
        assignment = COURSE.assignment(slug)
        assert assignment.solution.is_file()
        assert assignment.checks.is_file()
        assert (assignment.hidden / "mistakes.py").is_file()
    names = {path.stem for path in (ROOT / "solutions").glob("*.py")} - {"__init__"}
    hidden = {path.name for path in (ROOT / "autograder" / "hidden").iterdir() if path.is_dir()} - {"__pycache__"}
    folders = {path.name for path in (ROOT / "assignments").iterdir() if path.is_dir()} - {"__pycache__"}
    assert names == hidden == folders == set(SLUGS)
