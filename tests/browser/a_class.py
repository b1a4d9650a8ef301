"""Some students of the sample class, who fetch, work and hand in; each also answers one question in words."""

import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # as `python -m tests.demo` has it

from nbgrader.converters import GenerateAssignment  # noqa: E402
from nbgrader.coursedir import CourseDirectory  # noqa: E402
from traitlets.config.loader import PyFileConfigLoader  # noqa: E402

from tests.demo.carrying import fetch, submit  # noqa: E402
from tests.demo.course_folder import make_course_folder, student_folder  # noqa: E402
from tests.demo.homework import do_homework  # noqa: E402
from tests.demo.students import Student, sample_class  # noqa: E402

SLUG = "a3_momentum"
QUESTION = "why_shorter_steps_are_caught"
ANSWER = (
    "What is left of the last movement, $\\lambda m$, carries it on. $\\href{javascript:window.hacked=1}{m}$ "
    "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
)
# All right; two named mistakes; forged outputs and a script; a file that stops in the middle.
STUDENTS = ("amara_okafor", "diego_herrera", "noah_williams", "quentin_dubois")


def students() -> list[Student]:
    """The students of this class, as they are in the sample class."""
    return [student for student in sample_class() if student.identifier in STUDENTS]


def make_course(root: Path) -> None:
    """A course folder with an exchange, where nothing has been released."""
    make_course_folder(root, students())


def generate(root: Path) -> Path:
    """The folder that students get, as `nbgrader generate_assignment` makes it."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    GenerateAssignment(coursedir=CourseDirectory(config=config, assignment_id=SLUG), config=config).start()
    return root / "release" / SLUG


def hand_in(root: Path) -> None:
    """Everybody fetches the assignment, works, and submits."""
    for student in students():
        fetch(root, student.identifier, SLUG)
        folder = student_folder(root, student.identifier) / SLUG
        work = next(one for one in student.hand_ins if one.assignment == SLUG)
        answer(folder / f"{SLUG}.ipynb")
        do_homework(work, folder)
        submit(root, student.identifier, SLUG)


def put_into_submitted(root: Path, names: tuple[str, ...]) -> Path:
    """The hand-ins of these students of the sample class, as nbgrader's tree `submitted/`, without nbgrader."""
    make_course_folder(root, [student for student in sample_class() if student.identifier in names])
    for student in sample_class():
        for work in student.hand_ins:
            if student.identifier in names and work.assignment == SLUG:
                folder = root / "submitted" / student.identifier / SLUG
                shutil.copytree(
                    ROOT / "assignments" / SLUG, folder, ignore=shutil.ignore_patterns("__pycache__", "*.md")
                )
                do_homework(work, folder)
    return root / "submitted"


def answer(path: Path) -> None:
    """Write the answer into its cell."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    [cell] = [one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id") == QUESTION]
    cell["source"] = ANSWER
    path.write_text(json.dumps(notebook), encoding="utf-8")
