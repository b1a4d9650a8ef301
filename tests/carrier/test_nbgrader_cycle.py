"""The whole way of an assignment through nbgrader's own commands, as an instructor and two students type them."""

import ast
import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from small_course import ROOT

from autograder.authoring.build import load_handout

SLUG = "a3_momentum"
QUESTIONS = [question.name for question in load_handout(ROOT, SLUG).questions]
WORDS = "Because the ball rolls on."


@dataclass(frozen=True)
class Cycle:
    """What is left after the last command."""

    root: Path
    said: dict[str, str]

    def grades(self, student: str) -> dict[str, float]:
        """The student's scores in the gradebook, by exercise; questions in words are left out."""
        with Gradebook(f"sqlite:///{self.root}/course/gradebook.db") as gradebook:
            submission = gradebook.find_submission_notebook(SLUG, SLUG, student)
            return {grade.name: grade.score for grade in submission.grades if grade.name in self.points()}

    def waiting(self, student: str) -> dict[str, bool]:
        """Whether each question in words waits for a person to mark it."""
        with Gradebook(f"sqlite:///{self.root}/course/gradebook.db") as gradebook:
            submission = gradebook.find_submission_notebook(SLUG, SLUG, student)
            return {grade.name: grade.needs_manual_grade for grade in submission.grades if grade.name in QUESTIONS}

    def points(self) -> dict[str, float]:
        """The points of each exercise in the gradebook."""
        with Gradebook(f"sqlite:///{self.root}/course/gradebook.db") as gradebook:
            cells = gradebook.find_notebook(SLUG, SLUG).grade_cells
            return {cell.name: cell.max_score for cell in cells if cell.name not in QUESTIONS}

    def page(self, student: str) -> str:
        """The feedback page that the student fetched."""
        (page,) = (self.root / student / SLUG / "feedback").rglob("*.html")
        return page.read_text(encoding="utf-8")


def _nbgrader(root: Path, *orders: tuple[str, str, *tuple[str, ...]]) -> dict[str, str]:
    """Run nbgrader commands, each in the folder that it names first, and give what they said by the command's name."""
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "JUPYTER_CONFIG_DIR": str(root / "etc"),
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    rows = [
        {"folder": str(root / folder), "arguments": arguments, "environment": {"HOME": str(root / f"home-{folder}")}}
        for folder, *arguments in orders
    ]
    command = [sys.executable, str(Path(__file__).with_name("nbgrader_commands.py"))]
    done = subprocess.run(
        command, input=json.dumps(rows), env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    said = {}
    for order, (status, output) in zip(orders, json.loads(done.stdout), strict=True):
        assert status == 0, f"nbgrader {' '.join(order[1:])}:\n{output}"
        said[order[1]] = said.get(order[1], "") + output
    return said


def _solve(notebook: Path, only: str | None = None) -> None:
    """Write the reference's definitions into the skeleton cells, and an answer in words: all, or one exercise's alone."""
    module = (ROOT / "solutions" / f"{SLUG}.py").read_text(encoding="utf-8")
    definitions = [node for node in ast.parse(module).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    solved = {node.name: ast.get_source_segment(module, node) for node in definitions}
    # A reference may share private functions among its exercises.
    shared = "\n\n".join(str(source) for name, source in solved.items() if name.startswith("_"))
    submitted = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in submitted["cells"]:
        if cell["id"] in solved and only in (None, cell["id"]):
            cell["source"] = f"{shared}\n\n{solved[cell['id']]}"
        elif only is None and cell["id"] == f"answer-{QUESTIONS[0]}":
            cell["source"] = WORDS
    notebook.write_text(json.dumps(submitted), encoding="utf-8")


@pytest.fixture(scope="module")
def cycle(tmp_path_factory: pytest.TempPathFactory) -> Cycle:
    """A course as cloned, through every command. Ada solves all; bob the first exercise, and renames his notebook."""
    root = tmp_path_factory.mktemp("cycle")
    course = root / "course"
    course.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", course)
    unneeded = shutil.ignore_patterns("__pycache__")
    for folder in ("autograder", "solutions", f"assignments/{SLUG}"):
        shutil.copytree(ROOT / folder, course / folder, ignore=unneeded)
    # What an administrator sets for the machine; one account plays all the parts here.
    (root / "etc").mkdir()
    settings = (
        f"c = get_config()\nc.Exchange.root = {str(root / 'exchange')!r}\nc.ExchangeCollect.check_owner = False\n"
    )
    (root / "etc/nbgrader_config.py").write_text(settings, encoding="utf-8")

    for student in ("ada", "bob"):
        (root / student).mkdir()

    at_exchange = (SLUG, "--course=unstuck")
    said = _nbgrader(
        root,
        ("course", "generate_assignment", SLUG),
        ("course", "release_assignment", SLUG),
        ("ada", "fetch_assignment", *at_exchange),
        ("bob", "fetch_assignment", *at_exchange),
    )
    _solve(root / "ada" / SLUG / f"{SLUG}.ipynb")
    bobs = root / "bob" / SLUG / f"{SLUG}.ipynb"
    _solve(bobs, only="gd_step")
    bobs.rename(bobs.with_name(f"{SLUG} (1).ipynb"))
    said |= _nbgrader(
        root,
        ("ada", "submit", *at_exchange, "--student=ada"),
        ("bob", "submit", *at_exchange, "--student=bob"),
        ("course", "collect", SLUG),
        ("course", "autograde", SLUG),
        ("course", "generate_feedback", SLUG),
        ("course", "release_feedback", SLUG),
        ("course", "export"),
        ("ada", "fetch_feedback", *at_exchange, "--student=ada"),
        ("bob", "fetch_feedback", *at_exchange, "--student=bob"),
    )
    return Cycle(root, said)


def test_the_release_holds_what_students_need_and_no_more(cycle: Cycle) -> None:
    """Notebook, module, visible checks and the student's kit; not the handout's source, nothing hidden."""
    released = {path.name for path in (cycle.root / "course/release" / SLUG).iterdir()}
    assert released == {f"{SLUG}.ipynb", f"{SLUG}.py", f"test_{SLUG}.py", "unstuck.py"}


def test_the_reference_in_the_notebook_earns_every_point(cycle: Cycle) -> None:
    """Ada's grades are the points of each exercise, 20 in all."""
    assert cycle.grades("ada") == cycle.points()
    assert sum(cycle.grades("ada").values()) == 20.0


def test_an_answer_in_words_waits_for_a_person(cycle: Cycle) -> None:
    """What is answered waits to be marked, the words untouched; what is left as released has no points and waits for nobody."""
    assert cycle.waiting("ada") == {name: name == QUESTIONS[0] for name in QUESTIONS}
    assert cycle.waiting("bob") == dict.fromkeys(QUESTIONS, False)
    graded = cycle.root / "course" / "autograded" / "ada" / SLUG / f"{SLUG}.ipynb"
    cells = {
        cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in json.loads(graded.read_text())["cells"]
    }
    assert "".join(cells[QUESTIONS[0]]["source"]) == WORDS
    assert WORDS in cycle.page("ada")


def test_half_a_renamed_notebook_earns_what_is_done(cycle: Cycle) -> None:
    """Bob's first exercise has its points and the others none, though nbgrader would have passed over his file name."""
    assert cycle.grades("bob") == {
        name: (points if name == "gd_step" else 0.0) for name, points in cycle.points().items()
    }


def test_the_feedback_page_explains_each_check(cycle: Cycle) -> None:
    """Every exercise has its section with the score; what failed says so in words; the file name is remarked upon."""
    ada, bob = cycle.page("ada"), cycle.page("bob")
    for name, points in cycle.points().items():
        assert f"{name}: {points:g} of {points:g} point" in ada
        assert f'aria-label="Feedback on {name}"' in bob
    assert "Not passed" in bob
    assert "Not passed" not in ada
    assert f"handed in as {SLUG} (1).ipynb" in bob


def test_no_page_shows_a_traceback_or_a_path_of_the_grader(cycle: Cycle) -> None:
    """A student reads neither our stack nor where the course lies."""
    for student in ("ada", "bob"):
        assert "Traceback (most recent" not in cycle.page(student)
        assert str(cycle.root) not in cycle.page(student)


def test_the_export_has_both_students(cycle: Cycle) -> None:
    """nbgrader's table has the scores of the gradebook."""
    with (cycle.root / "course/grades.csv").open(encoding="utf-8") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {"ada": 20.0, "bob": cycle.points()["gd_step"]}


@pytest.mark.parametrize(
    "command", ["generate_assignment", "release_assignment", "autograde", "generate_feedback", "export"]
)
def test_no_command_warns_the_instructor_of_what_is_no_trouble(cycle: Cycle, command: str) -> None:
    """A warning on the instructor's screen is about the course, not about libraries; autograde skips bob's other file."""
    warnings = [line for line in cycle.said[command].splitlines() if "warn" in line.lower()]
    known = ("Skipping unknown notebook", "Creating exchange directory", "Permissions for exchange directory")
    assert [line for line in warnings if not any(words in line for words in known)] == []
