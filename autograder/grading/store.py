"""What has been graded, for those who report, export and explain it: results, and the bytes that they are of."""

import json
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.grading import hand_ins, records
from autograder.grading.atomic import KeepError
from autograder.grading.result import SubmissionResult, from_json

JSON_VERSION = 1


def recorded(course: Course, files: list[Path] | None = None) -> list[SubmissionResult]:
    """The results in files that `autograder grade --json` wrote; with none, the latest recorded of each student and assignment.

    Sorted by assignment, student and path.

    Raises:
        CourseError: a file is no such file, or nothing has been recorded.
        KeepError: a record is damaged.
    """
    results = [one for file in files for one in read_json(file)] if files else _latest(course)
    return sorted(results, key=lambda one: (one.assignment, one.student, one.path))


def hand_in(course: Course, result: SubmissionResult) -> dict[str, bytes]:
    """The bytes of the files that were graded, by name; what could not be read or was not looked into is not among them.

    Raises:
        KeepError: the bytes are gone or damaged.
    """
    return hand_ins.kept(course, result.files, f"{result.student}, {result.assignment}")


def read_json(file: Path) -> list[SubmissionResult]:
    """The results in a file that `autograder grade --json` wrote; `CourseError` where it is none."""
    remedy = "name a file that `autograder grade --json FILE` wrote"
    try:
        document: Any = json.loads(file.read_bytes())
        if document["version"] != JSON_VERSION:
            raise CourseError(
                f"{file}: is of version {document['version']!r}, this kit reads {JSON_VERSION}; {remedy}."
            )
        return [from_json(one) for one in document["submissions"]]
    except OSError as error:
        raise CourseError(f"{file}: cannot be read ({error.strerror}); {remedy}.") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CourseError(f"{file}: holds no results ({type(error).__name__}: {error}); {remedy}.") from None


def _latest(course: Course) -> list[SubmissionResult]:
    found, damaged = [], []
    for one in records.all_latest(course):
        if isinstance(one, SubmissionResult):
            found.append(one)
        else:
            damaged.append(str(one))
    if damaged:
        more = f", and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        raise KeepError(
            f"A recorded grade is damaged ({damaged[0]}){more}; run `autograder grade` again on these hand-ins."
        )
    if not found:
        raise CourseError(
            f"Nothing has been graded in {course.root}; run `autograder grade` first, or name a --json file."
        )
    return found
