"""Everything that the report shows, computed from results and from what was handed in."""

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.grading.result import SubmissionResult
from autograder.report import attention, trouble
from autograder.report.comparison import Compared, Key, compare_all
from autograder.report.statistics import AssignmentNumbers, assignment_numbers


@dataclass(frozen=True)
class Report:
    """A class in numbers."""

    name: str
    titles: dict[str, str]  # by assignment
    assignments: tuple[AssignmentNumbers, ...]
    students: tuple[trouble.Student, ...]
    remarks: tuple[attention.Remark, ...]
    compared: Compared
    results: dict[Key, SubmissionResult]
    warnings: tuple[str, ...]  # what stands in the way of a simple reading


def gather(
    course: Course,
    results: list[SubmissionResult],
    roster: list[str] | None = None,
    *,
    similar_code: bool = True,
    say: Callable[[str], None] = lambda text: None,
) -> Report:
    """The report on these results. `say` is told what is being done, which may take a minute in a large class."""
    latest = {(one.student, one.assignment): one for one in results}
    slugs = [slug for slug in course.assignments if any(slug == key[1] for key in latest)]
    slugs += sorted({key[1] for key in latest} - set(slugs))
    by_slug = {slug: [one for one in latest.values() if one.assignment == slug] for slug in slugs}
    numbers = tuple(assignment_numbers(slug, by_slug[slug]) for slug in slugs)
    compared = compare_all(course, by_slug, say) if similar_code else Compared(done=False)
    return Report(
        course.root.resolve().name,
        {slug: course.assignments[slug].handout.title if slug in course.assignments else slug for slug in slugs},
        numbers,
        tuple(trouble.students(slugs, latest, roster)),
        tuple(attention.remarks(list(latest.values()), dict(compared.altered), compared.similar)),
        compared,
        latest,
        (
            *_repeated(results),
            *_warnings(course, numbers),
            *map(_rebuilt, compared.rebuilt),
        ),
    )


def read_roster(path: Path) -> list[str]:
    """The students of a table with a column `id`, such as nbgrader's; `CourseError` where there is none."""
    remedy = "name a CSV file with a column `id`, one row a student"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if "id" not in (rows.fieldnames or ()):
                raise CourseError(f"{path}: has no column `id`; {remedy}.")
            return [name.strip() for row in rows if (name := row["id"] or "").strip()]
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error.strerror}); {remedy}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path}: is no table in UTF-8 ({error}); {remedy}.") from None


def _repeated(results: list[SubmissionResult]) -> list[str]:
    """Of several results of one student and assignment, the last counts."""
    counts = Counter((one.student, one.assignment) for one in results)
    more = [key for key, count in counts.items() if count > 1]
    if not more:
        return []
    shown = ", ".join(f"{student}/{slug}" for student, slug in more[:5])
    return [
        f"{len(more)} hand-ins have several results; the last of each is shown ({shown}{', …' if len(more) > 5 else ''})."
    ]


def _warnings(course: Course, numbers: tuple[AssignmentNumbers, ...]) -> list[str]:
    """Assignments of another course, and results of other checks than today's: mixed, or all of them."""
    strange = [one.slug or "(no name)" for one in numbers if one.slug not in course.assignments]
    found = [f"{slug} is no assignment of this course; its results are shown as they are." for slug in strange]
    past = []
    for one in numbers:
        current = course.assignments[one.slug].version if one.slug in course.assignments else ""
        old = [count for version, count in one.versions if version != current]
        if not old or one.slug not in course.assignments:
            continue
        if len(one.versions) == 1:
            past.append(one.slug)
        else:
            found.append(
                f"{one.slug}: {sum(old)} of {one.graded} were graded with other checks than today's ({len(old)} other "
                f"version{'s' if len(old) > 1 else ''}); checks are counted by name. Grade them again to compare like with like."
            )
    if past:
        found.append(f"The checks, or the reference, have changed since all of this was graded: {', '.join(past)}.")
    return found


def _rebuilt(slug: str) -> str:
    return (
        f"{slug}: most hand-ins hold locked cells that differ from those in this folder in the same way, so the notebook was "
        "built anew after the release. These differences are not shown as altered cells."
    )
