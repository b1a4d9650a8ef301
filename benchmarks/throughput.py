"""Seconds and CPU seconds a submission: this grader, nbgrader as it ships, one pytest process each; on the same submissions.

    .venv/bin/python benchmarks/throughput.py [--assignment SLUG] [--submissions N]

(a) this grader, cold (no record), in one process and, as it ships, in one process a core; (b) `nbgrader autograde` with
nbgrader's own configuration: it starts a kernel for each notebook and executes it, the same checks standing in its
graded cells; (c) one `pytest` process a submission with the same checks. In (b) and (c) student code runs beside the
checks with the instructor's rights; in (a) it is confined. The time of start-up that is paid once a run is told apart:
(a) and (b) are measured with few submissions and with many, and the difference counts.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from course_copy import course_of
from in_process import load, score

from autograder.checking.catalogue import read_mistakes, read_styles
from autograder.course import Assignment, Course, find_course
from autograder.grading.api import Settings, grade_submissions
from autograder.grading.intake import Submission
from autograder.grading.result import SubmissionResult

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds, this process and its children."""

    wall: float
    cpu: float

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.wall - other.wall, self.cpu - other.cpu)

    def __truediv__(self, count: int) -> "Cost":
        return Cost(self.wall / count, self.cpu / count)


def cost_of(work: Callable[[], object]) -> Cost:
    """What calling `work` costs."""
    before, started = _cpu(), time.perf_counter()
    work()
    return Cost(time.perf_counter() - started, _cpu() - before)


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def class_of(assignment: Assignment, count: int) -> dict[str, str]:
    """Modules by student: right answers in several styles and single mistakes, in turn."""
    right = [assignment.reference, *read_styles(assignment.hidden / "styles").values()]
    wrong = [mistake.submission(assignment.reference) for mistake in read_mistakes(assignment.hidden / "mistakes.py")]
    step = max(1, len(wrong) // max(1, count))
    mixed = [text for pair in zip(right * count, wrong[::step] * count, strict=False) for text in pair]
    return {f"student{number:03d}": text for number, text in enumerate(mixed[:count])}


def written(assignment: Assignment, texts: dict[str, str], folder: Path) -> list[Submission]:
    """The submissions of a class, in files."""
    made = []
    for student, text in texts.items():
        path = folder / student / f"{assignment.slug}.py"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        made.append(Submission(student, assignment.slug, path, str(path)))
    return made


def ours(course: Course, assignment: Assignment, texts: dict[str, str], folder: Path, jobs: int = 1) -> Cost:
    """The cost of this grader, from files to results, start-up included."""
    submissions = written(assignment, texts, folder)
    results: list[SubmissionResult] = []
    cost = cost_of(lambda: grade_submissions(course, submissions, Settings(jobs, fresh=True), results.append))
    assert all(result.status == "graded" for result in results), [result.message for result in results]
    return cost


def nbgrader_alone(assignment: Assignment, texts: dict[str, str], folder: Path) -> Cost:
    """The cost of `nbgrader autograde` with its own configuration, start-up included."""
    slug = assignment.slug
    for part in ("source", "submitted"):
        (folder / part).mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'bench'\n")
    (folder / "source" / slug).mkdir()
    nbformat.write(_notebook(assignment, ""), folder / "source" / slug / f"{slug}.ipynb")
    _nbgrader(folder, "generate_assignment", slug)
    for student, text in texts.items():
        (folder / "submitted" / student / slug).mkdir(parents=True)
        nbformat.write(_notebook(assignment, text), folder / "submitted" / student / slug / f"{slug}.ipynb")
    return cost_of(lambda: _nbgrader(folder, "autograde", slug))


def _notebook(assignment: Assignment, text: str) -> nbformat.NotebookNode:
    """A notebook with one cell of answers and one graded cell an exercise, each running that exercise's checks."""
    loading = (
        f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
        "from pathlib import Path\nfrom in_process import load, score\nimport types\n"
        f"checks = load(Path({str(assignment.checks)!r}), 'checks')\n"
        f"reference = load(Path({str(assignment.solution)!r}), 'reference')\n"
        "student = types.SimpleNamespace(**globals())"
    )
    cells = [nbformat.v4.new_code_cell(text), nbformat.v4.new_code_cell(loading)]
    for exercise, points in assignment.points.items():
        cell = nbformat.v4.new_code_cell(f"score(checks, reference, student, {exercise!r})")
        cell.metadata["nbgrader"] = {
            "grade": True, "solution": False, "locked": True, "task": False, "points": points,
            "grade_id": exercise, "cell_type": "code", "schema_version": 3,
        }  # fmt: skip
        cells.append(cell)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)


def _nbgrader(folder: Path, *command: str) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"nbgrader {command[0]} failed:\n{done.stderr[-3000:]}")


def pytest_each(assignment: Assignment, texts: dict[str, str], folder: Path) -> Cost:
    """The cost of one pytest process for each submission."""
    test = (
        f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
        "from pathlib import Path\nimport pytest\nfrom in_process import load, score\n"
        f"checks = load(Path({str(assignment.checks)!r}), 'checks')\n"
        f"reference = load(Path({str(assignment.solution)!r}), 'reference')\n"
        "student = load(Path('answer.py'), 'answer')\n"
        f"@pytest.mark.parametrize('exercise', {list(assignment.points)!r})\n"
        "def test_exercise(exercise):\n    score(checks, reference, student, exercise)\n"
    )

    def all_of_them() -> None:
        for student, text in texts.items():
            place = folder / student
            place.mkdir(parents=True)
            (place / "answer.py").write_text(text, encoding="utf-8")
            (place / "test_answer.py").write_text(test, encoding="utf-8")
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-c",
                os.devnull,
                f"--rootdir={place}",
            ]
            done = subprocess.run([*command, "test_answer.py"], cwd=place, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"pytest failed:\n{done.stdout[-3000:]}")

    return cost_of(all_of_them)


def checks_alone(assignment: Assignment, texts: dict[str, str], folder: Path) -> Cost:
    """The compute of the checks themselves: student's and reference's answers in one process, nothing started."""
    checks, reference = load(assignment.checks, "checks"), load(assignment.solution, "reference")
    modules = []
    for student, text in texts.items():
        path = folder / f"{student}.py"
        path.write_text(text, encoding="utf-8")
        modules.append(load(path, student))
    score(checks, reference, modules[0])  # torch's first calls import modules
    return cost_of(lambda: [score(checks, reference, module) for module in modules])


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", default="a3_momentum")
    parser.add_argument("--submissions", type=int, default=8)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    course = find_course(HERE)
    assignment = course.assignment(options.assignment)
    texts = class_of(assignment, options.submissions + 1)
    first, count = dict([next(iter(texts.items()))]), options.submissions
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        course = course_of([assignment], root / "course")
        (root / "alone").mkdir()
        alone = checks_alone(assignment, texts, root / "alone") / (count + 1)
        first_of_mine = ours(course, assignment, first, root / "a1")
        mine = (ours(course, assignment, texts, root / "a") - first_of_mine) / count
        cores = os.cpu_count() or 1
        few, many = class_of(assignment, 8 * cores), class_of(assignment, 24 * cores)
        started = ours(course, assignment, few, root / "a2", cores)
        everywhere = (ours(course, assignment, many, root / "a3", cores) - started) / (len(many) - len(few))
        first_of_shipped = nbgrader_alone(assignment, first, root / "b1")
        shipped = (nbgrader_alone(assignment, texts, root / "b") - first_of_shipped) / count
        separate = pytest_each(assignment, texts, root / "c") / (count + 1)
    rows = {
        "(a) this grader": mine,
        "(a) on all cores": everywhere,
        "(b) nbgrader as it ships": shipped,
        "(c) one pytest each": separate,
        "the checks' own compute": alone,
        "(a) start and first": first_of_mine,
        "(b) start and first": first_of_shipped,
    }
    print(
        f"{assignment.slug}, {count} submissions, {os.cpu_count()} cores; seconds a submission (of (a) and (b) without start-up)"
    )
    for name, cost in rows.items():
        print(f"{name:26} wall {cost.wall:7.3f}   CPU {cost.cpu:7.3f}   wall/(a) {cost.wall / mine.wall:6.1f}")
    print(f"CPU of (a) beyond the checks' own compute: {mine.cpu - alone.cpu:.3f} s a submission")
    if options.json is not None:
        options.json.write_text(json.dumps({name: vars(cost) for name, cost in rows.items()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
