"""The whole way of an assignment with the gradebook on PostgreSQL, which the test starts itself; the commands are the same."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import postgres
import pytest
import tiny_course
from nbgrader.api import Gradebook

from autograder.carrier.complete import complete_tree

ROOT = Path(__file__).resolve().parents[2]
SLUG = tiny_course.SLUG
EXCHANGE = (SLUG, "--course=unstuck")
STUDENTS = ("ada", "bob", "eve")
RIGHT = tiny_course.SOLUTION.partition('"""\n')[2]

pytestmark = [
    pytest.mark.skipif(bool(postgres.missing()), reason=postgres.missing() or "PostgreSQL is there"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]


@dataclass
class Term:
    """The course and its gradebook, with what each command said."""

    root: Path
    url: str
    shop: subprocess.Popen[str]
    said: dict[str, str] = field(default_factory=dict)

    @property
    def course(self) -> Path:
        """The course folder."""
        return self.root / "course"

    def run(self, folder: str, *words: str) -> None:
        """Runs a command of nbgrader's or ours in a folder, as a person types it."""
        assert self.shop.stdin is not None
        assert self.shop.stdout is not None
        home = {"HOME": str(self.root / f"home-{folder}")}
        request = {"folder": str(self.root / folder), "arguments": words, "environment": home}
        self.shop.stdin.write(json.dumps(request) + "\n")
        self.shop.stdin.flush()
        code, said = json.loads(self.shop.stdout.readline())
        self.said[" ".join(words[:2])] = said
        assert code == 0, f"{' '.join(words)}:\n{said}"

    def grades(self, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
        """Automatic score, manual score, and whether it waits for a person, by graded cell."""
        with Gradebook(self.url) as gradebook:
            notebook = gradebook.find_submission_notebook(SLUG, SLUG, student)
            return {one.name: (one.auto_score, one.manual_score, one.needs_manual_grade) for one in notebook.grades}

    def exported(self, name: str) -> dict[str, dict[str, str]]:
        """An exported table by student."""
        with (self.course / name).open(encoding="utf-8") as file:
            return {row.get("student_id") or row["student"]: row for row in csv.DictReader(file)}


def prepare(root: Path, url: str) -> None:
    """A checkout with the small course in it, and the gradebook's place in its settings."""
    course = root / "course"
    shutil.copytree(ROOT / "autograder", course / "autograder", ignore=shutil.ignore_patterns("__pycache__", "hidden"))
    tiny_course.write(course, few=True)
    settings = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (course / "nbgrader_config.py").write_text(f"{settings}\nc.CourseDirectory.db_url = {url!r}\n", encoding="utf-8")
    for name in ("etc", *STUDENTS):
        (root / name).mkdir()
    exchange = (
        f"c = get_config()\nc.Exchange.root = {str(root / 'exchange')!r}\nc.ExchangeCollect.check_owner = False\n"
    )
    (root / "etc/nbgrader_config.py").write_text(exchange, encoding="utf-8")


def work(folder: Path, solution: str, answer: str | None = None) -> None:
    """A student's work: the module, and an answer in words in the notebook."""
    (folder / f"{SLUG}.py").write_text(solution, encoding="utf-8")
    if answer is not None:
        path = folder / f"{SLUG}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        [cell] = [
            cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == "why_downhill"
        ]
        cell["source"] = answer
        path.write_text(json.dumps(notebook), encoding="utf-8")


def environment(root: Path) -> dict[str, str]:
    """What every command finds."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "JUPYTER_CONFIG_DIR": str(root / "etc"),
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@contextmanager
def opened(root: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has loaded nbgrader and the kit, and forks for each command."""
    command = [sys.executable, str(ROOT / "tests" / "docs" / "forked.py")]
    with subprocess.Popen(
        command, env=environment(root), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Term]:
    """Ada is right and answers; bob walks uphill; eve's module comes by mail and holds only `step`."""
    root = tmp_path_factory.mktemp("term")
    with postgres.server(safe=False) as url, opened(root) as shop:
        prepare(root, url)
        one = Term(root, url, shop)
        one.run("course", "nbgrader", "generate_assignment", SLUG)
        one.run("course", "nbgrader", "release_assignment", SLUG)
        for student in ("ada", "bob"):
            one.run(student, "nbgrader", "fetch_assignment", *EXCHANGE)
        work(root / "ada" / SLUG, RIGHT, "The slope points to where it grows fastest.")
        work(root / "bob" / SLUG, RIGHT.replace("x - rate", "x + rate"))
        for student in ("ada", "bob"):
            one.run(student, "nbgrader", "submit", *EXCHANGE, f"--student={student}")
        one.run("course", "nbgrader", "collect", SLUG)
        by_mail = root / "course/submitted/eve" / SLUG
        by_mail.mkdir(parents=True)
        work(by_mail, RIGHT.partition("def walk")[0])
        complete_tree(one.course, SLUG)
        one.run("course", "autograder", "grade", "submitted", "--jobs", "1", "--json", "results.json")
        one.run("course", "nbgrader", "autograde", SLUG)
        with Gradebook(url) as gradebook:
            mark = gradebook.find_grade("why_downhill", SLUG, SLUG, "ada")
            mark.manual_score, mark.needs_manual_grade = 1.5, False
            gradebook.db.commit()
        one.run("course", "nbgrader", "autograde", SLUG, "--force")
        one.run("course", "nbgrader", "generate_feedback", SLUG)
        one.run("course", "nbgrader", "release_feedback", SLUG)
        one.run("course", "nbgrader", "export")
        one.run("course", "autograder", "export", "--format", "csv", "--output", "ours.csv")
        one.run("ada", "nbgrader", "fetch_feedback", *EXCHANGE, "--student=ada")
        yield one


def test_the_gradebook_is_on_the_server_and_nowhere_else(term: Term) -> None:
    """No file of SQLite beside it; the server has the class."""
    assert not list(term.course.rglob("*.db"))
    with Gradebook(term.url) as gradebook:
        assert {student.id for student in gradebook.students} == set(STUDENTS)


def test_the_scores_are_those_of_the_grader(term: Term) -> None:
    """Cell by cell what `autograder grade` gave, as its JSON has it."""
    results = json.loads((term.course / "results.json").read_text(encoding="utf-8"))["submissions"]
    assert [one["student"] for one in results] == list(STUDENTS)
    for one in results:
        scores: dict[str, float] = {}
        for check in one["checks"]:
            scores[check["exercise"]] = scores.get(check["exercise"], 0.0) + check["score"]
        recorded = {name: grade[0] for name, grade in term.grades(one["student"]).items() if name in scores}
        assert recorded == scores
    ada, bob, eve = (one["score"] for one in results)
    assert bob < eve < ada == 20.0


def test_a_mark_survives_a_second_autograde(term: Term) -> None:
    """The manual score is there, and asks for another look, as on SQLite."""
    assert term.grades("ada")["why_downhill"] == (None, 1.5, True)


def test_the_exports_read_the_server(term: Term) -> None:
    """Ada's 20 points and her mark, in nbgrader's table and in ours; who handed in by mail is there."""
    for name in ("grades.csv", "ours.csv"):
        rows = term.exported(name)
        assert set(rows) == set(STUDENTS)
        assert float(rows["ada"]["score"]) == 21.5


def test_feedback_arrives(term: Term) -> None:
    """Ada fetches her page with her score; eve's, who has no receipt, lies in the course folder."""
    [page] = (term.root / "ada" / SLUG / "feedback").rglob("*.html")
    assert "21.5" in page.read_text(encoding="utf-8")
    assert (term.course / f"feedback/eve/{SLUG}/{SLUG}.html").is_file()
    assert "eve" in term.said["nbgrader release_feedback"]


def test_two_commands_side_by_side_record_what_one_does(term: Term) -> None:
    """Each with its part of the class, at the same time: the rows are those that there were."""
    before = {student: term.grades(student) for student in STUDENTS}
    command = [sys.executable, "-m", "nbgrader", "autograde", SLUG, "--force"]
    surroundings = environment(term.root) | {"HOME": str(term.root / "home-course")}
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    both = [
        subprocess.Popen([*command, "--student", pattern], cwd=term.course, env=surroundings, **pipe)
        for pattern in ("[ab]*", "[!ab]*")
    ]
    for process in both:
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
    assert {student: term.grades(student) for student in STUDENTS} == before


def test_no_command_says_a_word_of_trouble(term: Term) -> None:
    """No traceback, and no error of the database."""
    for command, said in term.said.items():
        assert "Traceback" not in said, command
        assert "psycopg2" not in said, command
