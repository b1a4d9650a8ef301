"""A cluster of two workers for all tests that leave it whole, and the small course to grade on it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_course
from dask_processes import DaskCluster, Grading, dask_cluster

from autograder.course import Course


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Two workers, each with a nanny that starts it anew where it is killed.

    The scheduler gives a task up as soon as one worker was lost with it: what is tried again, the kit decides.
    """
    folder = tmp_path_factory.mktemp("dask")
    with dask_cluster(folder, workers=2, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as one:
        yield one


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small course, not to be changed."""
    return tiny_course.write(tmp_path_factory.mktemp("built"), few=True)


@pytest.fixture
def grading(built: Path, tmp_path: Path) -> Grading:
    """The small course with nothing recorded, and an empty inbox."""
    shutil.copytree(built, tmp_path / "course")
    (tmp_path / "inbox").mkdir()
    return Grading(Course(tmp_path / "course"), tmp_path / "inbox")
