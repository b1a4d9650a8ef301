"""One sandbox for all tests that only need one; a course to shoot at."""

from collections.abc import Iterator

import pytest
import range_course

from autograder.course import Course
from autograder.sandbox.sandbox import Sandbox


@pytest.fixture(scope="session")
def firing_range(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course of `range_course`, in a folder of its own."""
    return range_course.write(tmp_path_factory.mktemp("range"))


@pytest.fixture(scope="session")
def sandbox(firing_range: Course) -> Iterator[Sandbox]:
    """A sandbox that confines."""
    with Sandbox(firing_range.root, device="cpu") as one:
        yield one


@pytest.fixture(scope="session")
def unconfined(firing_range: Course) -> Iterator[Sandbox]:
    """A sandbox that does not: where an attack must succeed, or it proves nothing."""
    with Sandbox(firing_range.root, device="cpu", unsafe=True) as one:
        yield one
