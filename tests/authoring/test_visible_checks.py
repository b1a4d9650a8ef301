"""The released folder, copied away from the course, checks a student's work with nothing but `pytest`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring.build import load_handout, student_files

ROOT = Path(__file__).parents[2]
SLUGS = sorted(path.parent.name for path in ROOT.glob("assignments/*/handout.md"))

# As in a student's environment, where no course is installed.
WITHOUT_COURSE = (
    "import sys; sys.modules.update(autograder=None, solutions=None); import pytest; sys.exit(pytest.main())"
)


@pytest.fixture(params=SLUGS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of what students receive."""
    copy = tmp_path / request.param
    copy.mkdir()
    for name, content in student_files(ROOT, request.param).items():
        (copy / name).write_bytes(content)
    return copy


def visible_checks(folder: Path) -> str:
    """What `pytest` says in the folder."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTEST_ADDOPTS": "-q -p no:cacheprovider --tb=line"}
    environment.pop("UNSTUCK_SUBMISSION", None)
    command = [sys.executable, "-c", WITHOUT_COURSE]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout


def count(folder: Path) -> int:
    """The number of visible checks of the folder's assignment."""
    return sum(len(check.tests) for check in load_handout(ROOT, folder.name).checks)


def reference(folder: Path) -> str:
    """The reference solution of the folder's assignment."""
    return (ROOT / "solutions" / f"{folder.name}.py").read_text(encoding="utf-8")


def test_the_skeleton_fails_every_check(folder: Path) -> None:
    """Nothing passes before it is written, and each failure says that it is not written."""
    said = visible_checks(folder)
    assert f"\n{count(folder)} failed in " in said, said
    assert said.count("is not written yet") >= count(folder)


def test_the_reference_passes_as_module(folder: Path) -> None:
    """The reference in the module passes every check without a warning."""
    (folder / f"{folder.name}.py").write_text(reference(folder), encoding="utf-8")
    said = visible_checks(folder)
    assert f"\n{count(folder)} passed in " in said, said


def test_the_reference_passes_as_notebook(folder: Path) -> None:
    """The reference in the notebook passes every check without a warning."""
    path = folder / f"{folder.name}.ipynb"
    document = json.loads(path.read_text(encoding="utf-8"))
    names = list(load_handout(ROOT, folder.name).exercises)
    for cell in document["cells"]:
        if cell["id"] in names:
            cell["source"] = reference(folder).splitlines(keepends=True) if cell["id"] == names[0] else []
    path.write_text(json.dumps(document), encoding="utf-8")
    said = visible_checks(folder)
    assert f"\n{count(folder)} passed in " in said, said
