"""The starter repository for GitHub Classroom: what students get, and a workflow that runs the visible checks on every push."""

from importlib.metadata import version
from pathlib import Path

from autograder.course import Course, CourseError

_WORKFLOW = ".github/workflows/classroom.yml"
# What the visible checks and the figures import. Ranges, not pins: it must also install on students' machines.
_LIBRARIES = ("ipywidgets", "jupyterlab", "matplotlib", "numpy", "pytest", "torch")
_IGNORED = "__pycache__/\n.ipynb_checkpoints/\n.pytest_cache/\n"


def starter(course: Course, slug: str) -> dict[str, bytes]:
    """The files of the repository, by path.

    Raises:
        CourseError: the assignment has not been built.
    """
    assignment = course.assignment(slug)
    files = {
        path.relative_to(assignment.folder).as_posix(): path.read_bytes()
        for path in sorted(assignment.folder.rglob("*"))
        if path.is_file() and path.name != "handout.md" and not set(path.parts) & {"__pycache__", ".ipynb_checkpoints"}
    }
    missing = [name for name in (f"{slug}.ipynb", f"{slug}.py", f"test_{slug}.py") if name not in files]
    if missing:
        raise CourseError(
            f"{assignment.shown(assignment.folder)} has no {', '.join(missing)}; run `autograder build {slug}`."
        )
    libraries = "".join(f"{name}>={version(name).partition('+')[0]}\n" for name in _LIBRARIES)
    workflow = Path(__file__).with_name("templates").joinpath("classroom.yml").read_bytes()
    return {**files, "requirements.txt": libraries.encode(), ".gitignore": _IGNORED.encode(), _WORKFLOW: workflow}
