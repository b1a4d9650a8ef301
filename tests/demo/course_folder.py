"""The demo's own course folder: the repository's course seen through links, with an exchange and students of its own."""

import csv
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.demo.students import Student

REPOSITORY = Path(__file__).resolve().parents[2]

_LINKED = ("assignments", "autograder", "solutions")
_MARK = ".made-by-make-demo"
_SECRET = "the sample class"  # the same inputs in every demo, so that the same scores are expected

_EXCHANGE = """\
# What an administrator sets for the whole machine. All the students are one account here: nobody can check the owners.
from pathlib import Path

c = get_config()
c.Exchange.root = str(Path(__file__).resolve().parent / "exchange")
c.Exchange.cache = str(Path(__file__).resolve().parent / "exchange" / ".cache")
c.ExchangeCollect.check_owner = False
"""
_COURSE = """\
# The repository's settings, for a course that lies here.
from pathlib import Path

c = get_config()
load_subconfig({settings!r})
load_subconfig("exchange_config.py")
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
"""
_STUDENT = """\
# What JupyterHub knows of a student: the account, the course, the exchange.
c = get_config()
load_subconfig("../../exchange_config.py")
c.CourseDirectory.course_id = "unstuck"
c.CourseDirectory.student_id = {student!r}
"""


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


def make_course_folder(root: Path, students: Iterable[Student]) -> None:
    """Make the folder anew, with nothing released and nothing handed in.

    Raises:
        DemoError: there is something in the folder that the demo did not make.
    """
    if root.exists():
        if any(root.iterdir()) and not (root / _MARK).exists():
            raise DemoError(f"{root} was not made by the demo, so it is not replaced; name another with --folder")
        shutil.rmtree(root)
    root.mkdir(parents=True)
    (root / _MARK).touch()
    for name in _LINKED:
        (root / name).symlink_to(os.path.relpath(REPOSITORY / name, root))
    settings = os.path.relpath(REPOSITORY / "nbgrader_config.py", root)
    (root / "exchange_config.py").write_text(_EXCHANGE, encoding="utf-8")
    (root / "nbgrader_config.py").write_text(_COURSE.format(settings=settings), encoding="utf-8")
    (root / "exchange").mkdir()
    (root / "exchange").chmod(0o777)  # every student writes into it
    (root / "log").mkdir()
    (root / ".jupyter").mkdir()  # in place of the settings of whoever runs the demo
    (root / ".autograder").mkdir()
    (root / ".autograder" / "secret").write_text(_SECRET, encoding="utf-8")
    for student in students:
        folder = student_folder(root, student.identifier)
        folder.mkdir(parents=True)
        text = _STUDENT.format(student=student.identifier)
        (folder / "nbgrader_config.py").write_text(text, encoding="utf-8")
    _write_list(root / "students.csv", students)


def student_folder(root: Path, student: str) -> Path:
    """The folder in which a student works."""
    return root / "students" / student


def _write_list(path: Path, students: Iterable[Student]) -> None:
    """Write the list of the class as `nbgrader db student import` reads it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "first_name", "last_name"])
        rows.writerows([student.identifier, student.first_name, student.last_name] for student in students)
