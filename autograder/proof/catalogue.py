"""The catalogue proves the checks: right answers get full marks, an empty one none, every mistake is caught and named.

Each problem is one line: the file, what is wrong with it, the remedy.
"""

import ast
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
    file = examiner.assignment.shown(examiner.assignment.checks)
    worth: dict[str, float] = {}
    for check in examiner.examination.checks:
        worth[check.exercise] = worth.get(check.exercise, 0.0) + check.points
    promised = examiner.assignment.points
    for exercise in {**promised, **worth}:
        if worth.get(exercise) != promised.get(exercise):
            yield (
                f"{file}: the checks of `{exercise}` are worth {worth.get(exercise, 0):g} points, the handout says "
                f"{promised.get(exercise, 0):g}; make them agree"
            )


def checks_problems(examiner: Examiner) -> Iterator[str]:
    """Checks that the reference does not pass or that compare nothing; refusals that are worth too much."""
    assignment = examiner.assignment
    file, refusals = assignment.shown(assignment.checks), 0.0
    verdicts = examiner.measure(Work(assignment.solution.name, (assignment.reference,), False), SEED)
    for check in examiner.examination.checks:
        verdict = verdicts[check.name]
        if verdict.error is not None:
            kind = type(verdict.error).__name__
            yield f"{file}: {check.name} fails on the reference ({kind}: {verdict.error}); correct it"
        elif not verdict.comparisons:
            yield f"{file}: {check.name} compares nothing; call `agree` in it"
        if verdict.refusals and verdict.refusals == verdict.comparisons:
            refusals += check.points
    if refusals > VALIDATION_LIMIT:
        yield (
            f"{file}: checks that only ask whether bad arguments are refused are worth {refusals:g} points together; give them at "
            f"most {VALIDATION_LIMIT:g}, and the rest to what the exercises compute"
        )


def loading_problems(examiner: Examiner) -> Iterator[str]:
    """A reference or mistakes that cannot even be loaded."""
    assignment = examiner.assignment
    for mistake in (None, *examiner.mistakes):
        file = assignment.solution if mistake is None else assignment.hidden / "mistakes.py"
        name = "" if mistake is None else f" `{mistake.name}`"
        try:
            examiner.reference(mistake)
        except Exception as error:
            yield f"{assignment.shown(file)}:{name} cannot be loaded ({type(error).__name__}: {error}); correct it"
            if mistake is None:
                return  # every mistake stands behind the reference's text


def right_answers_problems(examiner: Examiner) -> Iterator[str]:
    """Reference and styles that do not get full marks, a skeleton that gets any."""
    assignment = examiner.assignment
    styles = read_styles(assignment.hidden / "styles")
    folder = assignment.shown(assignment.hidden / "styles")
    if len(styles) < FEWEST_STYLES:
        yield f"{folder}: holds {len(styles)} styles; write {FEWEST_STYLES} correct modules in other styles"
    named = {f"{folder}/{name}.py": text for name, text in styles.items()}
    for name, text in {assignment.shown(assignment.solution): assignment.reference, **named}.items():
        result = examiner.grade_work(Work(name, (text,), False), SEED)
        if result.status != "graded" or result.score < result.max_score:
            score = f"{result.score:g} of {result.max_score:g}"
            yield f"{name}: gets {score}: {_losses(result)}; correct it, or the check: a right answer gets full marks"
    yield from _skeleton_problems(examiner)
    yield from _idle_problems(examiner)


def _skeleton_problems(examiner: Examiner) -> Iterator[str]:
    assignment = examiner.assignment
    for suffix in (".py", ".ipynb"):
        path = assignment.folder / f"{assignment.slug}{suffix}"
        cells = code_cells(path) if suffix == ".ipynb" else (path.read_text(encoding="utf-8"),)
        result = examiner.grade_work(Work(path.name, cells, suffix == ".ipynb"), SEED)
        if result.score > 0 or any(check.status != MISSING for check in result.checks):
            earned = [f"{check.name} ({check.status})" for check in result.checks if check.status != MISSING]
            names = ", ".join(earned[:5])
            yield (
                f"{assignment.shown(path)}: earns {result.score:g} points although it is empty: {names}; such a check must "
                "call the exercise, and find it missing"
            )


def _idle_problems(examiner: Examiner) -> Iterator[str]:
    """Checks that a module passes whose every function and method does nothing and returns None."""
    assignment = examiner.assignment
    path = assignment.folder / f"{assignment.slug}.py"
    tree = _Idle().visit(ast.parse(path.read_text(encoding="utf-8")))
    result = examiner.grade_work(Work("idle.py", (ast.unparse(ast.fix_missing_locations(tree)),), False), SEED)
    for check in result.checks:
        if check.score > 0:
            yield f"{assignment.shown(assignment.checks)}: {check.name} passes where nothing is done; let it ask for an answer too"


class _Idle(ast.NodeTransformer):
    """Turns every `raise` of a skeleton into `return None`."""

    def visit_Raise(self, node: ast.Raise) -> ast.Return:
        return ast.Return(ast.Constant(None))


def mistakes_problems(examiner: Examiner) -> Iterator[str]:
    """Mistakes that are not caught, not named, or charged twice; checks that catch none."""
    assignment, caught = examiner.assignment, set()
    file = assignment.shown(assignment.hidden / "mistakes.py")
    if len(examiner.mistakes) < FEWEST_MISTAKES:
        yield f"{file}: holds {len(examiner.mistakes)} mistakes; write at least {FEWEST_MISTAKES}"
    for name in _repeated([mistake.name for mistake in examiner.mistakes]):
        yield f"{file}: two mistakes are called `{name}`; rename one"
    for mistake in examiner.mistakes:
        work = Work(f"{mistake.name}.py", (mistake.submission(assignment.reference),), False)
        result = examiner.grade_work(work, SEED, examiner.touched(mistake))
        caught |= {check.name for check in result.checks if check.score < check.points}
        yield from (f"{file}: `{mistake.name}` {problem}" for problem in _mistake_problems(mistake, result))
    for check in examiner.examination.checks:
        if check.name not in caught:
            yield f"{file}: nothing in it is caught by {check.name}, which may be unable to fail; add a mistake or drop the check"


def _mistake_problems(mistake: Mistake, result: SubmissionResult) -> Iterator[str]:
    by_name = {check.name: check for check in result.checks}
    named = by_name.get(mistake.caught_by)
    if result.status != "graded":
        yield f"could not be graded: {result.message}"
    elif named is None:
        yield f"names the check {mistake.caught_by}, which does not exist; correct its caught_by"
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
        yield (
            f"is charged in another exercise too: {', '.join(elsewhere)}; let those checks pass with `{mistake.name}` in the "
            "reference's place, or narrow the mistake"
        )


def _losses(result: SubmissionResult) -> str:
    lost = [f"{check.name} ({check.status}: {check.message})" for check in result.checks if check.score < check.points]
    return "; ".join([*lost[:3], *result.notes]) or str(result.message)


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
