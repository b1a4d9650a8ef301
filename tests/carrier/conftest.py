"""The small course and a grader that runs nothing, as fixtures."""

import json
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
from small_course import ASSIGNMENT, ROOT, Course, FakeGrader, released_notebook


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """nbgrader and SQLAlchemy warn about themselves; a warning of ours stays an error."""
    ours = [f"autograder.carrier.{path.stem}" for path in (ROOT / "autograder/carrier").glob("*.py")]
    for item in items:
        if Path(__file__).parent in item.path.parents:
            # The marker added last is asked first.
            for rule in ("ignore", *(f"error:::{module}" for module in ours)):
                item.add_marker(pytest.mark.filterwarnings(rule), append=True)


@pytest.fixture
def grader(monkeypatch: pytest.MonkeyPatch) -> FakeGrader:
    """A grader that runs nothing."""
    fake = FakeGrader()
    module = ModuleType("autograder.grading.api")
    module.grade_folder = fake.grade_folder  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return fake


@pytest.fixture(scope="session")
def generated_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small course after `nbgrader generate_assignment`."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    source = root / "assignments" / ASSIGNMENT
    source.mkdir(parents=True)
    (source / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(released_notebook()), encoding="utf-8")
    (source / f"{ASSIGNMENT}.py").write_text("# the skeleton\n", encoding="utf-8")
    (source / "handout.md").write_text("# not for students\n", encoding="utf-8")
    path = os.environ["PATH"]
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])  # nbgrader calls alembic
    try:
        Course(root).generate()
    finally:
        os.environ["PATH"] = path
    return root


@pytest.fixture
def course(generated_course: Path, tmp_path: Path) -> Course:
    """A copy of the small course, released and with nothing handed in."""
    root = tmp_path / "course"
    shutil.copytree(generated_course, root)
    return Course(root)
