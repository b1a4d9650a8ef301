"""The catalogue proves the checks: right answers get full marks, an empty one none, every mistake is caught and named."""

from collections.abc import Iterator

from autograder.checking.catalogue import Mistake, read_styles
from autograder.grading.examine import Examiner
from autograder.grading.intake import Work
from autograder.grading.notebook import code_cells
from autograder.grading.result import MISSING, SubmissionResult

FEWEST_MISTAKES, FEWEST_STYLES = 20, 5
VALIDATION_LIMIT = 2.0  # points of an assignment that error handling may be worth
SEED = "0" * 32


def points_problems(examiner: Examiner) -> Iterator[str]:
    """Exercises whose checks are not worth what the handout says."""
    slug = examiner.assignment.slug
    worth: dict[str, float] = {}
    for check in examiner.examination.checks:
        worth[check.exercise] = worth.get(check.exercise, 0.0) + check.points
    promised = examiner.assignment.points
    for exercise in {**promised, **worth}:
        if worth.get(exercise) != promised.get(exercise):
            yield (
                f"{slug}: the checks of `{exercise}` are worth {worth.get(exercise, 0):g} points, the handout says "
                f"{promised.get(exercise, 0):g}; make them agree"
            )


def right_answers_problems(examiner: Examiner) -> Iterator[str]:
    """Reference and styles that do not get full marks, a skeleton that gets any."""
    assignment = examiner.assignment
    styles = read_styles(assignment.hidden / "styles")
    if len(styles) < FEWEST_STYLES:
        yield f"{assignment.slug}: {len(styles)} styles; styles/ needs {FEWEST_STYLES} correct modules by other hands"
    for name, text in {"the reference": assignment.reference, **styles}.items():
        result = examiner.grade_work(Work(f"{name}.py", (text,), False), SEED)
        if result.status != "graded" or result.score < result.max_score:
            score = f"{result.score:g} of {result.max_score:g}"
            yield f"{assignment.slug}: {name} gets {score}: {_losses(result)}; a right answer must get full marks"
    yield from _skeleton_problems(examiner)


def _skeleton_problems(examiner: Examiner) -> Iterator[str]:
    assignment = examiner.assignment
    for suffix in (".py", ".ipynb"):
        path = assignment.folder / f"{assignment.slug}{suffix}"
        cells = code_cells(path) if suffix == ".ipynb" else (path.read_text(encoding="utf-8"),)
        result = examiner.grade_work(Work(path.name, cells, suffix == ".ipynb"), SEED)
        if result.score > 0 or any(check.status != MISSING for check in result.checks):
            earned = [f"{check.name} ({check.status})" for check in result.checks if check.status != MISSING]
            names = ", ".join(earned[:5])
            yield f"{assignment.slug}: the empty {path.name} gets {result.score:g} points: {names}; it must get none"


def mistakes_problems(examiner: Examiner) -> Iterator[str]:
    """Mistakes that are not caught, not named, or charged twice; checks that catch none."""
    slug, caught = examiner.assignment.slug, set()
    if len(examiner.mistakes) < FEWEST_MISTAKES:
        yield f"{slug}: {len(examiner.mistakes)} mistakes; at least {FEWEST_MISTAKES} are needed in mistakes.py"
    for name in _repeated([mistake.name for mistake in examiner.mistakes]):
        yield f"{slug}: two mistakes are called `{name}`; rename one"
    for mistake in examiner.mistakes:
        result = examiner.grade_work(
            Work(f"{mistake.name}.py", (mistake.submission(examiner.assignment.reference),), False), SEED
        )
        caught |= {check.name for check in result.checks if check.score < check.points}
        yield from (f"{slug}: mistake `{mistake.name}` {problem}" for problem in _mistake_problems(mistake, result))
    for check in examiner.examination.checks:
        if check.name not in caught:
            yield f"{slug}: check {check.name} catches no mistake, so it may be unable to fail; add one or drop it"


def _mistake_problems(mistake: Mistake, result: SubmissionResult) -> Iterator[str]:
    by_name = {check.name: check for check in result.checks}
    named = by_name.get(mistake.caught_by)
    if result.status != "graded":
        yield f"could not be graded: {result.message}"
    elif named is None:
        yield f"names the check {mistake.caught_by}, which does not exist"
    elif named.score == named.points:
        lost = [check.name for check in result.checks if check.score < check.points]
        yield (
            f"passes the check {mistake.caught_by} that it says must catch it (it is caught by {', '.join(lost) or 'none'}); "
            "sharpen the check, or it is no mistake"
        )
    elif named.diagnosis != mistake.diagnosis:
        yield (
            f"is diagnosed as {named.diagnosis!r}, not by its own name ({named.message!r}); "
            "make their answers differ or merge the two"
        )
    elsewhere = [
        check.name for check in result.checks if check.score < check.points and check.exercise != mistake.exercise
    ]
    if elsewhere:
        yield f"is charged in another exercise too: {', '.join(elsewhere)}"


def _losses(result: SubmissionResult) -> str:
    lost = [f"{check.name} ({check.status}: {check.message})" for check in result.checks if check.score < check.points]
    return "; ".join([*lost[:3], *result.notes]) or str(result.message)


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
