"""A class that was never graded: results as the grader writes them, made from the course's own checks and catalogue, and code to go
with them. `sample_page` is the report on it."""

import ast
import hashlib
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.checking.catalogue import Mistake, read_mistakes, read_styles
from autograder.course import Assignment, Course
from autograder.grading import hand_ins
from autograder.grading.result import CheckResult, SubmissionResult
from autograder.report.gather import gather
from autograder.report.page import render

REPOSITORY = Path(__file__).resolve().parents[2]
MADE = datetime(2030, 1, 31, 12, 0)
GIVEN = [
    "ada",
    "bao",
    "chi",
    "dai",
    "eli",
    "fay",
    "gil",
    "hal",
    "ida",
    "jon",
    "kai",
    "lea",
    "mia",
    "noa",
    "oda",
    "pia",
    "quy",
    "rui",
    "sam",
    "tea",
]
FAMILY = [
    "abara",
    "berg",
    "costa",
    "diaz",
    "endo",
    "fuchs",
    "gupta",
    "haas",
    "ito",
    "jung",
    "kaya",
    "lind",
    "mori",
    "novak",
    "okoye",
    "park",
]


@dataclass(frozen=True)
class Asked:
    """A hidden check: name, exercise, points, sentence."""

    name: str
    exercise: str
    points: float
    sentence: str


def course_at(root: Path) -> Course:
    """The repository's course seen through links, with a state of its own."""
    root.mkdir(parents=True, exist_ok=True)
    for name in ("assignments", "autograder", "solutions"):
        (root / name).symlink_to(REPOSITORY / name)
    return Course(root)


def sample_page(root: Path, students: int = 40) -> Path:
    """The report on a class of all assignments, in a new folder `root`; the page's path."""
    course = course_at(root / "unstuck")
    report = gather(course, made_class(course, students))
    page = root / "report.html"
    page.write_text(render(report, MADE), encoding="utf-8")
    return page


def made_class(course: Course, students: int, seed: int = 0) -> list[SubmissionResult]:
    """Results of every assignment, with everything in them that a report can show; the code lies in the course's store."""
    draw = random.Random(seed)
    names = [
        f"{GIVEN[n % 20]}_{FAMILY[n // 20 % 16]}".lower() + (f"_{n // 320}" if n >= 320 else "")
        for n in range(students)
    ]
    skill = {name: draw.gauss(0.9, 1.1) for name in names}
    results = []
    for slug, assignment in course.assignments.items():
        asked, mistakes, variants = list(checks_of(assignment)), _mistakes(assignment), _variants(assignment)
        hardness = {check.name: draw.gauss(-0.6, 0.7) for check in asked}
        kept = ""
        for number, name in enumerate(names):
            if draw.random() < 0.03:
                continue
            text = _text(draw, assignment, variants)
            if number % 19 == 3:
                text = _renamed(kept)  # a copy of the neighbour's
            kept = text
            files = _keep(course, slug, text)
            results.append(_result(draw, course, assignment, name, skill[name], asked, hardness, mistakes, files))
    return results


def checks_of(assignment: Assignment) -> Iterator[Asked]:
    """The hidden checks, read as text."""
    for node in ast.parse(assignment.checks.read_text(encoding="utf-8")).body:
        marks = [one for one in getattr(node, "decorator_list", ()) if isinstance(one, ast.Call)]
        for mark in marks:
            if isinstance(node, ast.FunctionDef) and ast.unparse(mark.func) == "pytest.mark.exercise":
                exercise = ast.literal_eval(mark.args[0])
                points = next(ast.literal_eval(one.value) for one in mark.keywords if one.arg == "points")
                sentence = " ".join((ast.get_docstring(node) or "").split())
                yield Asked(f"{exercise}/{node.name.removeprefix('test_')}", exercise, float(points), sentence)


def _mistakes(assignment: Assignment) -> dict[str, list[Mistake]]:
    found: dict[str, list[Mistake]] = {}
    for mistake in read_mistakes(assignment.hidden / "mistakes.py"):
        found.setdefault(mistake.exercise, []).append(mistake)
    return found


def _variants(assignment: Assignment) -> dict[str, list[str]]:
    """Each exercise's code in each style."""
    found: dict[str, list[str]] = {name: [] for name in assignment.points}
    for text in (assignment.reference, *read_styles(assignment.hidden / "styles").values()):
        for node in ast.parse(text).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in found:
                found[node.name].append(ast.get_source_segment(text, node) or "")
    return found


def _text(draw: random.Random, assignment: Assignment, variants: dict[str, list[str]]) -> str:
    """A module of exercises each in some style, with a line here and there that nobody else has."""
    parts = ["import math\n\nimport torch\n"]
    for name, texts in variants.items():
        lines = draw.choice(texts).splitlines()
        for _ in range(len(lines) // 6):
            place = draw.randrange(1, len(lines) + 1)
            lines.insert(
                place,
                f"    {name.lower()}_{draw.randrange(99)} = torch.tensor([{draw.random():.3f}]).{draw.choice('abcdef')}_()",
            )
        parts.append("\n".join(lines))
    return "\n\n\n".join(parts) + "\n"


def _renamed(text: str) -> str:
    return text.replace("torch.tensor", "torch .tensor").replace("lr", "rate").replace("theta", "th")


def _keep(course: Course, slug: str, text: str) -> tuple[tuple[str, str], ...]:
    name, data = f"{slug}.py", text.encode()
    files = ((name, hashlib.sha256(data).hexdigest()),)
    hand_ins.keep(course, hand_ins.HandIn(False, files, {name: data}))
    return files


def _result(
    draw: random.Random, course: Course, assignment: Assignment, name: str, skill: float, asked: list[Asked],
    hardness: dict[str, float], mistakes: dict[str, list[Mistake]], files: tuple[tuple[str, str], ...],
) -> SubmissionResult:  # fmt: skip
    blank = {
        "student": name, "assignment": assignment.slug, "path": f"submitted/{name}/{assignment.slug}", "max_score": 20.0,
        "seed": "0" * 32, "isolation": "landlock+seccomp+rlimits", "version": assignment.version, "files": files,
    }  # fmt: skip
    fate = draw.random()
    if fate < 0.01:
        return SubmissionResult(
            **blank, score=0.0, status="unreadable", message=f"{assignment.slug}.ipynb stops in the middle"
        )
    checks = tuple(_check(draw, one, skill, hardness, mistakes, fate) for one in asked)
    return SubmissionResult(
        **blank,
        score=sum(check.score for check in checks),
        status="graded",
        checks=checks,
        notes=("code cell 8 cannot be read and was left out: '[' was never closed, line 4",)
        if 0.05 < fate < 0.07
        else (),
        cpu_seconds=round(draw.lognormvariate(-1.8, 0.4) + (11 if 0.015 < fate < 0.02 else 0), 3),
    )


def _check(
    draw: random.Random,
    one: Asked,
    skill: float,
    hardness: dict[str, float],
    mistakes: dict[str, list[Mistake]],
    fate: float,
) -> CheckResult:
    right = draw.random() < 1 / (1 + math.exp(-2 * (skill - hardness[one.name])))
    score, status, message, diagnosis, forbidden = one.points, "passed", "", None, ()
    if not right:
        score, status = 0.0, "failed"
        found = [mistake for mistake in mistakes.get(one.exercise, []) if mistake.caught_by == one.name]
        diagnosis = found[int(len(found) * draw.random() ** 2)].diagnosis if found and draw.random() < 0.8 else None
        if 0.01 < fate < 0.03:
            status, message, diagnosis = "timeout", "it was still computing after 4 s. Look for an endless loop.", None
        elif 0.03 < fate < 0.04:
            status, message, diagnosis = (
                "crashed",
                "the process that ran it ended (out of memory, or told to exit)",
                None,
            )
        elif 0.04 < fate < 0.05:
            message = "uses torch.optim.SGD, which is the exercise itself; write it with basic operations"
            diagnosis, forbidden = None, ("torch.optim.SGD",)
        elif skill < -0.8:
            status, diagnosis = "missing", None
    return CheckResult(
        one.name, one.exercise, one.points, score, status, message, diagnosis, 0.004, one.sentence, None, forbidden
    )
