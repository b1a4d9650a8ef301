"""Recorded results and the gradebook's marks, put together: one grade for each student and assignment, or why there is none."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.course import Course
from autograder.export.marks import HandIn, Mark, Marks
from autograder.export.part import Part
from autograder.grading.result import SubmissionResult

MISSING = "missing"


@dataclass(frozen=True)
class Grade:
    """The grade of one student in one assignment. Where `problem` says something, there is no score, which is not a 0."""

    student: str
    assignment: str
    status: str  # graded, unreadable, error, missing
    parts: tuple[Part, ...]
    problem: str | None = None
    penalty: float = 0.0
    hand_in: HandIn | None = None
    result: SubmissionResult | None = None

    @property
    def max_score(self) -> float:
        """All points that there are."""
        return math.fsum(part.points for part in self.parts)

    def subtotal(self, *, by_hand: bool) -> float | None:
        """The points of the exercises, or of the questions in words; None where one of them has no score."""
        return _total([part.score for part in self.parts if part.by_hand == by_hand])

    @property
    def raw_score(self) -> float | None:
        """The points before what being late costs."""
        return None if self.problem else _total([part.score for part in self.parts])

    @property
    def score(self) -> float | None:
        """The points that count."""
        return None if self.raw_score is None else max(0.0, self.raw_score - self.penalty)


def _total(scores: list[float | None]) -> float | None:
    known = [score for score in scores if score is not None]
    return math.fsum(known) if len(known) == len(scores) else None


def gather(
    course: Course,
    results: Iterable[SubmissionResult],
    marks: Marks,
    *,
    assignments: Iterable[str] = (),
    zero: Iterable[str] = (),
) -> list[Grade]:
    """The grades of every known student in every assignment of which there is anything, or in those that are asked for.

    A status in `zero` counts as 0 points; otherwise it is no score.
    """
    wanted = set(assignments)
    found: dict[tuple[str, str], list[SubmissionResult]] = {}
    for result in results:
        if not wanted or result.assignment in wanted:
            found.setdefault((result.student, result.assignment), []).append(result)
    for key in marks.hand_ins:
        if not wanted or key[1] in wanted:
            found.setdefault(key, [])
    students = sorted({student for student, _ in found} | set(marks.people))
    slugs = sorted({assignment for _, assignment in found} | wanted)
    makers = {slug: _Maker(course, slug, marks, frozenset(zero)) for slug in slugs}
    return [makers[slug].grade(student, found.get((student, slug))) for slug in slugs for student in students]


class _Maker:
    """Makes the grades of one assignment."""

    def __init__(self, course: Course, slug: str, marks: Marks, zero: frozenset[str]) -> None:
        self._slug = slug
        self._marks = marks
        self._zero = zero
        self._known = slug in course.assignments
        cells = marks.points.get(slug, {})
        by_hand = marks.by_hand.get(slug, frozenset())
        self._questions = {name: points for name, points in cells.items() if name in by_hand}
        self._exercises: Mapping[str, float] = (
            course.assignment(slug).points
            if self._known
            else {name: points for name, points in cells.items() if name not in by_hand}
        )

    def grade(self, student: str, results: list[SubmissionResult] | None) -> Grade:
        """The grade of one student; `results` is None where nothing was handed in."""
        hand_in = self._marks.hand_ins.get((student, self._slug))
        result = results[0] if results else None
        status = MISSING if results is None else result.status if result else "graded"
        exercises = [self._exercise(*one, status, result, hand_in) for one in self._points(result).items()]
        questions = [self._question(name, points, status, hand_in) for name, points in self._questions.items()]
        parts = (*exercises, *questions)
        problem = self._problem(status, results or [], hand_in, parts)
        penalty = hand_in.penalty if hand_in else 0.0
        return Grade(student, self._slug, status, parts, problem, penalty, hand_in, result)

    def _points(self, result: SubmissionResult | None) -> Mapping[str, float]:
        """Points by exercise, as they were when the result was made."""
        if result is None or not result.checks:
            return self._exercises
        points: dict[str, float] = {}
        for check in result.checks:
            points[check.exercise] = points.get(check.exercise, 0.0) + check.points
        return points

    def _exercise(
        self, name: str, points: float, status: str, result: SubmissionResult | None, hand_in: HandIn | None
    ) -> Part:
        mark = hand_in.marks.get(name) if hand_in else None
        score: float | None = None
        if mark and mark.manual is not None:
            score = mark.manual
        elif status in self._zero:
            score = 0.0
        elif result and result.status == "graded":
            score = result.exercise_score(name)
        elif result is None and mark:
            score = mark.auto
        return Part(name, _with_extra(score, mark), points, overruled=mark is not None and mark.manual is not None)

    def _question(self, name: str, points: float, status: str, hand_in: HandIn | None) -> Part:
        mark = hand_in.marks.get(name) if hand_in else None
        score = None if mark is None else mark.auto if mark.manual is None else mark.manual
        if score is None and status in self._zero:
            score = 0.0
        return Part(name, _with_extra(score, mark), points, by_hand=True)

    def _problem(
        self, status: str, results: list[SubmissionResult], hand_in: HandIn | None, parts: tuple[Part, ...]
    ) -> str | None:
        """Why there is no score; None where there is one, and where nothing was handed in."""
        if not self._known and not parts:
            return f"there is no assignment {self._slug!r}"
        if len(results) > 1:
            return f"there are {len(results)} results ({', '.join(one.path for one in results)}); export one of them"
        if status == MISSING:
            return None
        if status not in self._zero and any(part.score is None for part in parts if not part.by_hand):
            said = results[0].message if results else None
            return f"{status}: {said or 'some exercises have no score'}"
        if hand_in is None:
            return self._not_in_gradebook() if self._slug in self._marks.points else None
        result = results[0] if results else None
        waiting = [part.name for part in parts if part.score is None]
        if waiting:
            return f"waits for a mark: {', '.join(waiting)}"
        if result and result.status == "graded" and self._differs(result, hand_in):
            return f"the gradebook has another grade than the record; run `nbgrader autograde {self._slug} --force`"
        if abs(hand_in.penalty - hand_in.penalty_now) > 5e-3:
            return f"being late costs {hand_in.penalty_now:g} by now, not {hand_in.penalty:g}; run `autograder late`"
        return None

    def _not_in_gradebook(self) -> str:
        return f"the gradebook does not have this hand-in yet; run `nbgrader autograde {self._slug}`"

    def _differs(self, result: SubmissionResult, hand_in: HandIn) -> bool:
        """Whether the gradebook's automatic scores are those of another result, or were never written."""
        for name, points in self._points(result).items():
            mark = hand_in.marks.get(name)
            if mark is None or self._marks.points[self._slug].get(name) != points:
                return True
            if mark.manual is None and (mark.auto is None or abs(mark.auto - result.exercise_score(name)) > 1e-6):
                return True
        return False


def _with_extra(score: float | None, mark: Mark | None) -> float | None:
    return score if score is None or mark is None else score + mark.extra


def problems(grades: Iterable[Grade]) -> list[str]:
    """A line for each grade that has no score although something was handed in."""
    return [f"{one.student}, {one.assignment}: no score: {one.problem}" for one in grades if one.problem]
