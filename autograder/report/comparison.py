"""The code of a class compared: groups of hand-ins, excerpts side by side, cells that were altered, and what was left out."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from autograder.checking.catalogue import read_styles
from autograder.course import Assignment, Course
from autograder.grading.atomic import KeepError
from autograder.grading.result import SubmissionResult
from autograder.grading.store import hand_in
from autograder.report.lexing import LexingError, lexed
from autograder.report.own_code import OwnCode, handed_out, own_code
from autograder.report.similar import Group, groups, shared_lines
from autograder.report.tokens import Block

REFERENCE = "\0reference"  # takes part in the comparison, for solutions leak; no student has this name
GRADED = "graded"
_MOST, _SEVERAL = 0.5, 3  # of the class, at least so many: what they share is not theirs
GROUPS_SHOWN = 40  # an assignment, with their code
_LINES_SHOWN = 40
_WIDEST = 160  # characters of a line


Key = tuple[str, str]  # student, assignment


@dataclass(frozen=True)
class Line:
    """A line of code, and whether the other one has it too."""

    number: int
    text: str
    shared: bool


@dataclass(frozen=True)
class Likeness:
    """A group of an assignment, and an excerpt of the closest two where it is among the first."""

    assignment: str
    group: Group
    excerpts: tuple[tuple[str, tuple[Line, ...]], ...] = ()


@dataclass(frozen=True)
class Compared:
    """What came of comparing code: groups, what was left out and why, how many were compared, cells that were altered."""

    likenesses: tuple[Likeness, ...] = ()
    left_out: tuple[tuple[str, str, str], ...] = ()  # student, assignment, reason
    compared: int = 0
    altered: tuple[tuple[Key, tuple[str, ...]], ...] = ()
    rebuilt: tuple[str, ...] = ()  # assignments whose cells are not those that most students got
    done: bool = True

    @property
    def similar(self) -> dict[Key, str]:
        """What a submission in a group is like."""
        found = {}
        for one in self.likenesses:
            for name in one.group.members:
                others = [shown_name(other) for other in one.group.members if other != name]
                shown = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
                found[name, one.assignment] = f"like {shown}"
        return found


def shown_name(name: str) -> str:
    """A member of a group as the report names it."""
    return "the reference solution" if name == REFERENCE else name


def compare_all(course: Course, by_slug: dict[str, list[SubmissionResult]], say: Callable[[str], None]) -> Compared:
    """The comparisons of all assignments of the course, joined."""
    parts = []
    for slug, results in by_slug.items():
        if slug in course.assignments:
            say(f"comparing the code of {slug} ({len(results)} hand-ins)")
            parts.append(_compare(course, course.assignments[slug], results))
    return Compared(
        tuple(one for part in parts for one in part.likenesses),
        tuple(row for part in parts for row in part.left_out),
        sum(part.compared for part in parts),
        tuple(row for part in parts for row in part.altered),
        tuple(slug for part in parts for slug in part.rebuilt),
    )


def _compare(course: Course, assignment: Assignment, results: list[SubmissionResult]) -> Compared:
    own: dict[str, OwnCode] = {}
    left_out: list[tuple[str, str, str]] = []
    for one in results:
        try:
            files = hand_in(course, one)
        except KeepError as problem:
            left_out.append((one.student, assignment.slug, str(problem)))
            continue
        if files:
            own[one.student] = own_code(assignment, files)
        elif one.status == GRADED:
            left_out.append((one.student, assignment.slug, "the result does not say which files it is of"))
    left_out += [(name, assignment.slug, reason) for name, code in own.items() for reason in code.left_out]
    altered, rebuilt = _altered(assignment.slug, own)
    texts = {name: code.text for name, code in own.items() if code.text.strip()}
    others = [assignment.reference, *read_styles(assignment.hidden / "styles").values()]
    try:
        read = lexed([*texts.values(), handed_out(assignment), *others])
    except LexingError as problem:
        return Compared((), (*left_out, ("(all)", assignment.slug, f"not compared: {problem}")), 0, altered, rebuilt)
    found = dict(zip(texts, read, strict=False))
    left_out += [
        (name, assignment.slug, "takes too long to be read") for name, blocks in found.items() if blocks is None
    ]
    given, reference, *styles = (blocks or [] for blocks in read[len(texts) :])
    documents = {name: blocks for name, blocks in found.items() if blocks is not None}
    compared = len(documents)
    documents[REFERENCE], texts[REFERENCE] = reference, assignment.reference
    made = groups(documents, given, styles)
    likenesses = [
        Likeness(assignment.slug, group, _excerpts(group, texts, documents, given) if rank < GROUPS_SHOWN else ())
        for rank, group in enumerate(made)
    ]
    return Compared(tuple(likenesses), tuple(left_out), compared, altered, rebuilt)


def _altered(slug: str, own: dict[str, OwnCode]) -> tuple[tuple[tuple[Key, tuple[str, ...]], ...], tuple[str, ...]]:
    """Who altered which cells, and the assignment where the same is true of most: then it was no student who did it."""
    counts = Counter(text for code in own.values() for text in code.altered)
    common = {text for text, count in counts.items() if count > _MOST * len(own) and count >= _SEVERAL}
    rows = [((name, slug), tuple(text for text in code.altered if text not in common)) for name, code in own.items()]
    return tuple((key, texts) for key, texts in rows if texts), (slug,) if common else ()


def _excerpts(
    group: Group, texts: dict[str, str], documents: dict[str, list[Block]], given: list[Block]
) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """The closest two of a group side by side, from the first line that they share."""
    names = (group.closest.first, group.closest.second)
    shared = shared_lines(documents[names[0]], documents[names[1]], given)
    return tuple((name, _excerpt(texts[name], lines)) for name, lines in zip(names, shared, strict=True))


def _excerpt(text: str, shared: frozenset[int]) -> tuple[Line, ...]:
    lines = text.split("\n")
    first = max(0, min(shared, default=1) - 2)
    shown = lines[first : first + _LINES_SHOWN]
    return tuple(Line(number, line[:_WIDEST], number in shared) for number, line in enumerate(shown, first + 1))
