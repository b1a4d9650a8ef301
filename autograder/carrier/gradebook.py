"""nbgrader's settings and its gradebook, as nbgrader's own commands would find them in the course folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_core.paths import jupyter_config_path
from nbgrader.api import Grade, Gradebook, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.course import CourseError

SETTINGS = "nbgrader_config.py"
_SQLITE = "sqlite:///"


def nbgrader_settings(root: Path) -> Config:
    """What the machine's `nbgrader_config.py` files say, and then the course's."""
    config = Config()
    for folder in [*reversed(jupyter_config_path()), str(root)]:
        path = Path(folder) / SETTINGS
        if not path.is_file():
            continue
        try:
            config.merge(PyFileConfigLoader(SETTINGS, path=folder).load_config())
        except Exception as error:  # it is a program: anything may go wrong in it
            raise CourseError(f"{path} cannot be run ({type(error).__name__}: {error}); mend it.") from error
    return config


def database(root: Path, config: Config) -> str | None:
    """The URL of the course's gradebook; None where it is a file that is not there yet."""
    if "root" not in config.CourseDirectory:
        config.CourseDirectory.root = str(root)
    url: str = CourseDirectory(config=config).db_url
    path = file_of(url)
    return None if path is not None and not path.is_file() else url


def file_of(url: str) -> Path | None:
    """The file of a gradebook, where it is one."""
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


@contextmanager
def gradebook(root: Path, config: Config | None = None) -> Iterator[Gradebook | None]:
    """The course's gradebook, or None where there is none; none is made.

    Raises:
        CourseError: the database does not answer, or refuses.
    """
    url = database(root, nbgrader_settings(root) if config is None else config)
    if url is None:
        yield None
        return
    try:
        with Gradebook(url) as book:
            yield book
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise CourseError(
            f"The gradebook {url.rpartition('@')[2]} does not answer ({reason}); is another program using it? Try again."
        ) from error


def graded_by_machine(submission: SubmittedAssignment) -> Iterator[Grade]:
    """The grades of a hand-in that the grader gives; answers in words, and tasks, are graded by hand."""
    for notebook in submission.notebooks:
        by_hand = {comment.name for comment in notebook.comments}
        yield from (grade for grade in notebook.grades if grade.name not in by_hand)
