"""A week of grading in miniature: ten runs over a growing class, after which every grade ever given is explained and made again."""

import shutil
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import runs
import tiny_course
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

from autograder import cli
from autograder.authoring.build import build
from autograder.course import Course
from autograder.grading import api, local, store
from autograder.grading.result import SubmissionResult
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.zygote import Zygote

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn about themselves

FIRST, SECOND = tiny_course.SLUG, "t2_tiny"
RIGHT = tiny_course.SOLUTION
TWICE = RIGHT.replace("x - rate * slope", "x - 2 * rate * slope")
HALF = RIGHT.replace("torch.stack(places)", "torch.stack(places[1:])")
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Given:
    """A grade that was given, and what the test itself knows of it: the module handed in and the checks of that time."""

    result: SubmissionResult
    module: str
    version: str


@dataclass
class Week:
    """The course, who has handed in what, and every grade ever given."""

    root: Path
    monkeypatch: pytest.MonkeyPatch
    modules: dict[tuple[str, str], str] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)

    @property
    def course(self) -> Course:
        """The course as it is now."""
        return Course(self.root)

    def hand_in(self, slug: str, **modules: str) -> None:
        """Students hand in the released notebook and a module of their own."""
        for student, module in modules.items():
            folder = self.root / "submitted" / student / slug
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.root / "assignments" / slug / f"{slug}.ipynb", folder)
            (folder / f"{slug}.py").write_text(module, encoding="utf-8")
            self.modules[student, slug] = module

    def edit(self, path: Path, old: str, new: str) -> None:
        """The instructor edits a file of the course."""
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def graded_anew(self, run: Callable[[], object]) -> list[tuple[str, str]]:
        """What a run grades, told by the records that are new after it; those of before are untouched."""
        before = runs.recorded(self.course)
        run()
        after = runs.recorded(self.course)
        assert {name: after[name] for name in before} == before
        fresh = [one.result for name, one in after.items() if name not in before]
        return sorted((result.student, result.assignment) for result in fresh)

    def grade(self) -> list[tuple[str, str]]:
        """`autograder grade submitted`; who was graded anew."""
        report = self.root / "results.json"
        command = [
            "--course",
            str(self.root),
            "grade",
            str(self.root / "submitted"),
            "--jobs",
            "1",
            "--json",
            str(report),
        ]
        anew = self.graded_anew(lambda: cli.main(command))
        versions = {slug: assignment.version for slug, assignment in self.course.assignments.items()}
        for result in store.read_json(report):
            key = result.student, result.assignment
            self.given.append(Given(result, self.modules[key], versions[result.assignment]))
        assert {(one.student, one.assignment) for one in store.recorded(self.course)} == self.modules.keys()
        return anew

    def nbgrader(self, slug: str, step: type, **options: object) -> None:
        """A step of nbgrader."""
        config = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        directory = CourseDirectory(config=config, assignment_id=slug, student_id="*")
        step(coursedir=directory, config=config, **options).start()

    def autograde(self, slug: str) -> dict[str, float]:
        """`nbgrader autograde --force` where no zygote can be started; the scores of the checks in the gradebook."""
        with self.monkeypatch.context() as patch:
            patch.setattr(Zygote, "__init__", None)
            assert self.graded_anew(lambda: self.nbgrader(slug, Autograde, force=True)) == []
        with Gradebook(f"sqlite:///{self.root}/gradebook.db") as gradebook:
            submissions = gradebook.assignment_submissions(slug)
            return {
                one.student.id: sum(grade.auto_score or 0.0 for notebook in one.notebooks for grade in notebook.grades)
                for one in submissions
            }


@pytest.fixture
def week(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Week:
    """A course of two assignments on Monday morning, released through nbgrader."""
    for name, value in runs.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    root = tiny_course.write(tmp_path / "course", few=True)
    for path in [path for path in root.rglob("*") if path.is_file()]:
        other = Path(str(path).replace(FIRST, SECOND))
        if other != path:
            other.parent.mkdir(parents=True, exist_ok=True)
            other.write_text(path.read_text(encoding="utf-8").replace(FIRST, SECOND), encoding="utf-8")
    build(root, [SECOND])
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    monkeypatch.setattr(local, "Sandbox", lambda root, unsafe, device: nullcontext(sandbox))
    monkeypatch.setattr(api, "_lasting_sandbox", lambda root: sandbox)
    week = Week(root, monkeypatch)
    for slug in (FIRST, SECOND):
        week.nbgrader(slug, GenerateAssignment)
    return week


def test_a_week_of_grading_is_explained_by_its_records(week: Week, tmp_path: Path) -> None:
    """Every run grades exactly what changed; every grade has its bytes, seed and checks, and comes out the same again."""
    course = week.course
    scores = {"ada": 20.0, "bo": 8.0, "cy": 14.0, "di": 20.0, "eve": 8.0}

    week.hand_in(FIRST, ada=RIGHT, bo=TWICE, cy=HALF)
    assert week.grade() == [("ada", FIRST), ("bo", FIRST), ("cy", FIRST)]

    week.hand_in(FIRST, bo=RIGHT, di=RIGHT, eve=TWICE)  # a second hand-in, and two more students
    assert week.grade() == [("bo", FIRST), ("di", FIRST), ("eve", FIRST)]

    assert week.autograde(FIRST) == scores | {"bo": 20.0}

    week.hand_in(FIRST, bo=TWICE)  # the first hand-in again, whose grade is known
    week.hand_in(SECOND, ada=TWICE, bo=RIGHT)
    (week.root / "submitted" / "ada" / FIRST / "timestamp.txt").write_text("2030-10-02 09:00:00 UTC")
    assert week.grade() == [("ada", SECOND), ("bo", SECOND)]

    week.hand_in(SECOND, **{f"s{number:02}": f"{RIGHT}\n# {number}\n" for number in range(40)})
    kill_a_run(week, tmp_path)

    left = 40 - sum(one.result.student.startswith("s") for one in runs.recorded(course).values())
    assert 0 < left < 40
    assert len(week.grade()) == left

    week.edit(course.assignment(FIRST).checks, "points=6", "points=5")
    week.edit(course.assignment(FIRST).checks, "points=12", "points=13")
    week.edit(course.assignment(FIRST).folder / "handout.md", "exercise step points=14", "exercise step points=15")
    week.edit(course.assignment(FIRST).folder / "handout.md", "exercise walk points=6", "exercise walk points=5")
    build(week.root, [FIRST])
    assert week.grade() == [(student, FIRST) for student in scores]

    week.edit(course.assignment(SECOND).solution, '"""A walk downhill."""', '"""A walk downhill, step by step."""')
    anew = week.grade()
    assert anew == sorted(key for key in week.modules if key[1] == SECOND)
    second = [one for one in store.recorded(course) if one.assignment == SECOND]
    assert {one.student: one.score for one in second if one.score < 20.0} == {"ada": 8.0}

    assert week.grade() == []

    week.nbgrader(FIRST, GenerateAssignment, force=True)
    assert week.autograde(FIRST) == {"ada": 20.0, "bo": 7.0, "cy": 15.0, "di": 20.0, "eve": 7.0}

    every_grade_is_explained(week)
    sample_is_made_again(week)


def kill_a_run(week: Week, tmp_path: Path) -> None:
    """A run in a process of its own that is killed once a few are recorded."""
    number = len(runs.recorded(week.course)) + 4
    run = runs.start(week.course, week.root / "submitted", "--jobs", "1", output=tmp_path / "said")
    while len(runs.recorded(week.course)) < number:
        assert run.poll() is None, (tmp_path / "said").read_text()
        time.sleep(0.02)
    run.kill()
    run.wait()


def every_grade_is_explained(week: Week) -> None:
    """The record holds the grade that was given; its bytes, its seed, its checks are those of that time."""
    recorded = runs.recorded(week.course)
    assert {given.result.record for given in week.given} == recorded.keys()
    for given in week.given:
        result = given.result
        assert recorded[result.record].result.score == result.score
        assert store.hand_in(week.course, result)[f"{result.assignment}.py"].decode() == given.module
        assert result.seed == week.course.seed(result.student, result.assignment)
        assert result.version == given.version
    versions = {(given.result.assignment, given.version) for given in week.given}
    assert len(versions) == 4


def sample_is_made_again(week: Week) -> None:
    """Every seventh grade of the week, those of older checks among them."""
    by_version = sorted({(one.result.assignment, one.version, one.result.record) for one in week.given})
    names = [record for _, _, record in by_version[::7]]
    results = [one.result for one in runs.recorded(week.course).values() if one.result.record in names]
    assert len({(one.assignment, one.version) for one in results}) > 2
    before = runs.recorded(week.course)
    assert cli.main(["--course", str(week.root), "grade", "--jobs", "1", "--replay", *names]) == 0
    assert runs.recorded(week.course) == before
