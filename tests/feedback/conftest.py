"""A course with pictures, and a sandbox for its students."""

from collections.abc import Iterator

import pictured_course
import pytest

from autograder.course import Course
from autograder.feedback.gallery import Gallery


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course of `pictured_course`; not to be spoilt."""
    return pictured_course.write(tmp_path_factory.mktemp("pictured"))


@pytest.fixture(scope="module")
def gallery(course: Course) -> Iterator[Gallery]:
    """Its gallery."""
    with Gallery(course) as one:
        yield one
