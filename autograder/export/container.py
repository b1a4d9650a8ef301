"""What runs in Gradescope's container: grades /autograder/submission and writes /autograder/results/results.json.

`python -m autograder.export.container FOLDER`, where FOLDER is /autograder. Where the grader itself fails, no results are
written: Gradescope then tells student and instructor that the autograder failed, and nobody gets a 0. What is printed is for
the instructor.
"""

import json
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.export.gradescope import document
from autograder.grading import atomic
from autograder.grading.api import Settings, grade_submissions
from autograder.grading.intake import Submission
from autograder.grading.late import Rule
from autograder.grading.result import ERROR, SubmissionResult
from autograder.sandbox.zygote import SandboxError

SETTINGS = "settings.json"
_NOBODY = "student"
_UNSAFE = """No confinement is to be had in this container, so nothing was graded. Ask Gradescope for a container with another
kernel, or make the archive again with --unsafe after reading what that means in docs/systems.md."""


@dataclass(frozen=True)
class Sent:
    """Who sent it, and how many seconds after the due date."""

    student: str
    seconds_late: float


def main(folder: Path) -> int:
    """Grades the submission; 0 where results were written."""
    source, results = folder / "source", folder / "results" / "results.json"
    results.unlink(missing_ok=True)
    try:
        settings = json.loads((source / SETTINGS).read_text(encoding="utf-8"))
        sent = read_metadata(folder / "submission_metadata.json")
        result = _grade(Course(source / "course"), folder / "submission", sent.student, settings)
        if result.status == ERROR:
            raise SandboxError(result.message)
        penalty = Rule(**settings["late"]).penalty(result.score, sent.seconds_late)
        text = json.dumps(document(result, penalty=penalty, said=_said(sent, result)), ensure_ascii=False)
        atomic.write(results, [text.encode(errors="replace")])
    except (CourseError, SandboxError, atomic.KeepError, OSError, ValueError, KeyError, TypeError) as error:
        print(f"The grader failed ({type(error).__name__}): {error}")
        if "could not be confined" in str(error):
            print(_UNSAFE)
        return 1
    print(f"{sent.student}: {result.score:g} of {result.max_score:g} points; {result.isolation}; seed {result.seed}")
    return 0


def read_metadata(path: Path) -> Sent:
    """What Gradescope says of a submission; where it says nothing, nobody in particular, in time."""
    try:
        about: Any = json.loads(path.read_text(encoding="utf-8"))
        addresses = sorted(str(user.get("email") or user["id"]) for user in about["users"])
        return Sent("+".join(addresses) or _NOBODY, _late(about["created_at"], about["assignment"].get("due_date")))
    except FileNotFoundError:
        return Sent(_NOBODY, 0.0)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path.name} is not as Gradescope writes it ({type(error).__name__}: {error})") from None


def _late(created: str, due: str | None) -> float:
    if due is None:
        return 0.0
    return max(0.0, (datetime.fromisoformat(created) - datetime.fromisoformat(due)).total_seconds())


def _grade(course: Course, folder: Path, student: str, settings: dict[str, Any]) -> SubmissionResult:
    slug = course.assignment(settings["assignment"]).slug
    results: list[SubmissionResult] = []
    one = Submission(student, slug, _hand_in(folder, slug), "submission")
    grade_submissions(course, [one], Settings(unsafe=settings["unsafe"], fresh=True), results.append)
    return results[0]


def _hand_in(folder: Path, slug: str) -> Path:
    """The folder that holds the work: what was sent, or the one folder in it that holds files of the expected names."""
    names = (f"{slug}.ipynb", f"{slug}.py")
    if any((folder / name).is_file() for name in names):
        return folder
    within = {path.parent for path in folder.rglob("*") if path.name in names and path.is_file()}
    inside = {path for path in within if not any(part.is_symlink() for part in [path, *path.parents])}
    return inside.pop() if len(inside) == 1 else folder


def _said(sent: Sent, result: SubmissionResult) -> tuple[str, ...]:
    lines = []
    if sent.seconds_late:
        hours, minutes = divmod(max(1, round(sent.seconds_late / 60)), 60)
        lines.append(f"Handed in {hours} h {minutes} min after the due date.")
    if result.status == "graded":
        lines.append(f"{result.score:g} of {result.max_score:g} points.")
    return tuple(lines)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]).resolve()))
