"""The small course, built once; each test has a copy."""

import os
import shutil
import sys
from pathlib import Path

import pytest
import tiny_course
from school import write_template

from autograder.course import Course


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """nbgrader's way with SQLAlchemy is no fault of ours; all other warnings stay errors."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for rule in ("ignore::ResourceWarning", r"ignore:Object of type <\w+> not in session"):
                item.add_marker(pytest.mark.filterwarnings(rule), append=True)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course as it is built."""
    return tiny_course.write(tmp_path_factory.mktemp("tiny"), few=True)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook to be copied, since making one takes a second."""
    path = tmp_path_factory.mktemp("gradebook") / "template.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))  # for alembic
        write_template(path)
    return path


@pytest.fixture
def course(built: Path, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy that a test may write into; no settings of this machine's Jupyter."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    shutil.copy(template, tmp_path)
    return Course(Path(shutil.copytree(built, tmp_path / "course")))
