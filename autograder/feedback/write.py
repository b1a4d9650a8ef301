"""Writes the pages of a class."""

from dataclasses import dataclass
from pathlib import Path

from autograder.carrier.gradebook import gradebook
from autograder.course import Course, CourseError
from autograder.feedback.gallery import Gallery, Shown
from autograder.feedback.marks import marks_of
from autograder.feedback.page import file_name, html
from autograder.grading import atomic
from autograder.grading.atomic import KeepError
from autograder.grading.result import SubmissionResult
from autograder.grading.store import hand_in, recorded


@dataclass(frozen=True)
class Wanted:
    """Which results, which assignments and students (all where none is named), and with what."""

    files: tuple[Path, ...]
    assignments: tuple[str, ...]
    students: tuple[str, ...]
    pictures: bool
    unsafe: bool


def write_pages(course: Course, wanted: Wanted, folder: Path) -> tuple[int, list[str]]:
    """How many pages were written, and a line for each that is not, or not whole.

    Raises:
        CourseError: there is no result of that kind, or the gradebook does not answer.
        KeepError: a page cannot be written.
        SandboxError: no picture can be drawn here.
    """
    results = _chosen(recorded(course, list(wanted.files) or None), wanted)
    written, problems = 0, []
    with Gallery(course, unsafe=wanted.unsafe) as gallery, gradebook(course.root) as book:
        for result in results:
            if result.assignment not in course.assignments:
                problems.append(f"{result.student}: there is no assignment {result.assignment!r}; no page was written")
                continue
            assignment = course.assignment(result.assignment)
            pictures: dict[str, Shown] = {}
            if wanted.pictures:
                try:
                    pictures = pictures_of(course, gallery, result)
                except KeepError as error:
                    problems.append(f"{error} The page has no pictures.")
            questions = [question.name for question in assignment.handout.questions]
            marks = marks_of(book, result.student, result.assignment, questions)
            page = html(assignment, result, pictures, marks)
            atomic.write(folder / file_name(result), [page.encode()])
            written += 1
    return written, problems


def pictures_of(course: Course, gallery: Gallery, result: SubmissionResult) -> dict[str, Shown]:
    """The pictures of the exercises in which something went wrong; where nothing can be drawn, the bytes are not even read."""
    failed = {check.exercise for check in result.checks if check.status == "failed"}
    if result.status != "graded" or not gallery.has_any(result.assignment, failed):
        return {}
    return gallery.of(result.assignment, failed, hand_in(course, result))


def _chosen(results: list[SubmissionResult], wanted: Wanted) -> list[SubmissionResult]:
    chosen = [
        one
        for one in results
        if (not wanted.assignments or one.assignment in wanted.assignments)
        and (not wanted.students or one.student in wanted.students)
    ]
    if not chosen:
        known = ", ".join(sorted({one.student for one in results})[:10])
        raise CourseError(f"No result fits; there are results of: {known or 'nobody'}.")
    return chosen
