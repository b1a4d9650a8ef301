"""What each check of a submission becomes: passed, failed with its reason, missing, timeout, crashed; never the grader's fault."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course

from autograder.checking.plugin import Examination, examine
from autograder.course import Course
from autograder.grading.examine import Examiner, Order, grade_all
from autograder.grading.intake import Submission, Work
from autograder.grading.result import CheckResult, SubmissionResult, from_json, to_json, without_times
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import Deadlines

SLUG = tiny_course.SLUG
RIGHT = tiny_course.SOLUTION
STEP = "    return x - rate * slope\n"
WALK = "    return torch.stack(places)\n"
SEED = "0123"
SHORT = Deadlines(cpu=0.4, wall=4.0, load_cpu=2.0, load_wall=5.0)

Results = Callable[..., SubmissionResult]


@pytest.fixture
def result(tiny: Course, sandbox: Sandbox) -> Results:
    """The result of a module's text, or of a notebook's cells."""

    def grade(*cells: str, notebook: bool = False) -> SubmissionResult:
        found: list[SubmissionResult] = []

        def work(examination: Examination) -> None:
            examiner = Examiner(tiny.assignment(SLUG), sandbox, examination, SHORT)
            found.append(examiner.grade_work(Work("handed_in", cells, notebook), SEED))

        examine(tiny.assignment(SLUG).checks, work)
        return found[0]

    return grade


def by_name(graded: SubmissionResult) -> dict[str, CheckResult]:
    """The checks by the name of their function."""
    return {check.name.split("/")[1]: check for check in graded.checks}


def statuses(graded: SubmissionResult) -> list[str]:
    """The status of each check in order: downhill, negative rate, walk."""
    return [check.status for check in graded.checks]


def test_right_work_gets_full_marks(result: Results) -> None:
    """Every check passed, no message, no hint."""
    graded = result(RIGHT)
    assert graded.score == 20.0
    assert statuses(graded) == ["passed"] * 3
    assert {(check.message, check.diagnosis, check.hint) for check in graded.checks} == {("", None, None)}


def test_a_wrong_value_is_told_with_sentence_and_hint(result: Results) -> None:
    """A failed check shows its sentence and hint, and neither its inputs nor the expected value."""
    failed = by_name(result(RIGHT.replace(STEP, "    return x * slope\n")))["moves_downhill"]
    assert (failed.status, failed.score, failed.diagnosis) == ("failed", 0.0, None)
    assert failed.message == "the result has the wrong value"
    assert failed.sentence == "x moves by −rate times the slope."
    assert failed.hint == "Which way is down?"


def test_one_mistake_is_charged_once(result: Results) -> None:
    """A walk that is right but for the student's own wrong step is credited, and says where the mistake is charged."""
    graded = result(RIGHT.replace(STEP, "    return x - 2 * rate * slope\n"))
    checks = by_name(graded)
    assert graded.score == 8.0
    assert checks["moves_downhill"].diagnosis == "step: goes 2 times as far as it should"
    walk = checks["visits_every_place"]
    assert (walk.status, walk.score, walk.diagnosis) == ("passed", 6.0, None)
    assert walk.message == (
        "Right, given your own mistake elsewhere, which is charged there (step: goes 2 times as far as it should)."
    )


def test_a_mistake_of_its_own_is_charged_too(result: Results) -> None:
    """A walk that is wrong by itself gets no credit for the wrong step."""
    text = RIGHT.replace(STEP, "    return x - 2 * rate * slope\n").replace(
        WALK, "    return torch.stack(places[1:])\n"
    )
    graded = result(text)
    assert graded.score == 2.0
    assert statuses(graded) == ["failed", "passed", "failed"]


def test_a_named_mistake_is_diagnosed_in_its_own_exercise(result: Results) -> None:
    """Each exercise has its own mistakes."""
    graded = result(RIGHT.replace(WALK, "    return torch.stack(places[1:])\n"))
    assert by_name(graded)["visits_every_place"].diagnosis == "walk: leaves the start out"
    assert graded.score == 14.0


def test_what_is_not_written_is_missing(result: Results) -> None:
    """NotImplementedError, a name that is not defined, and a half-written exercise that calls another that is missing."""
    raising = RIGHT.replace(STEP, "    raise NotImplementedError\n")
    assert statuses(result(raising)) == ["missing", "passed", "missing"]
    assert by_name(result(raising))["moves_downhill"].message == (
        "`step`: it is not written yet: it raises NotImplementedError."
    )
    absent = result("x = 1")
    assert statuses(absent) == ["missing"] * 3
    assert absent.checks[0].message == "`step`: it is not defined in what you handed in."


@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
def test_the_skeleton_gets_nothing_and_all_is_missing(tiny: Course, sandbox: Sandbox, suffix: str) -> None:
    """Blank work is told from wrong work."""
    path = tiny.root / "assignments" / SLUG / f"{SLUG}{suffix}"
    found: list[SubmissionResult] = []
    orders = [Order(Submission("ada", SLUG, path, path.name), SEED)]
    grade_all(tiny.assignment(SLUG), sandbox, orders, found.append)
    assert found[0].score == 0.0
    assert statuses(found[0]) == ["missing"] * 3


def test_a_hang_costs_the_check_it_happened_in(result: Results) -> None:
    """The worker is replaced and the next check runs."""
    graded = result(RIGHT.replace("    if rate < 0:\n", "    while rate < 0:\n        pass\n    if rate < 0:\n"))
    assert statuses(graded) == ["passed", "timeout", "passed"]
    assert graded.score == 18.0
    assert "Look for an endless loop" in by_name(graded)["refuses_a_negative_rate"].message


def test_a_crash_costs_the_check_it_happened_in(result: Results) -> None:
    """So does a process that ends."""
    graded = result(
        "import os\n" + RIGHT.replace("    if rate < 0:\n", "    if rate < 0:\n        os._exit(0)\n    if rate < 0:\n")
    )
    assert statuses(graded) == ["passed", "crashed", "passed"]


def test_exiting_politely_is_an_exception(result: Results) -> None:
    """`sys.exit` in an exercise fails its check and leaves the worker alive."""
    graded = result("import sys\n" + RIGHT.replace(WALK, "    sys.exit(0)\n"))
    assert statuses(graded) == ["passed", "passed", "failed"]
    assert "SystemExit" in by_name(graded)["visits_every_place"].message


def test_an_exception_is_told_by_kind_and_line(result: Results) -> None:
    """Not by its text, which may hold a hidden input."""
    graded = result("import torch", RIGHT.replace(WALK, "    raise KeyError(f'secret {places}')\n"), notebook=True)
    message = by_name(graded)["visits_every_place"].message
    assert message == "it raised KeyError at line 34 of code cell 2: raise KeyError(f'secret {places}')"


def test_the_wrong_kind_of_result_is_told(result: Results) -> None:
    """A list where a tensor is asked for; another shape; another dtype."""
    kinds = {
        "places": "the result is a list; expected a tensor",
        "torch.stack(places)[None]": "the result has shape (1, 5, 2); expected (5, 2)",
        "torch.stack(places).float()": "the result has dtype torch.float32; expected torch.float64",
        "None": "the result is None; expected a tensor",
    }
    for expression, said in kinds.items():
        graded = result(RIGHT.replace(WALK, f"    return {expression}\n"))
        assert by_name(graded)["visits_every_place"].message == said


def test_a_hang_while_loading_is_told_as_such(result: Results) -> None:
    """A module that never ends to load times out once, not once a check."""
    graded = result(RIGHT + "\nwhile True:\n    pass\n")
    assert statuses(graded) == ["timeout"] * 3
    assert all("while your file was loaded" in check.message for check in graded.checks)
    assert graded.cpu_seconds < 2 * SHORT.load_cpu


def test_a_statement_that_fails_costs_itself(result: Results) -> None:
    """The other definitions of a module count; a note names the line."""
    graded = result(RIGHT + "\nfigure = undefined_function()\n\ndef later():\n    pass\n")
    assert graded.score == 20.0
    assert graded.notes == (
        "line 36 raised NameError when your file was loaded and was left out: name 'undefined_function' is not defined",
    )


def test_a_syntax_error_costs_its_own_cell(result: Results) -> None:
    """The other exercises of a notebook are graded, and the student is told."""
    step, walk = RIGHT.split("\n\n\ndef walk")
    graded = result(step, "def walk(start, slopes rate):\n    return start", "# the end", notebook=True)
    assert statuses(graded) == ["passed", "passed", "missing"]
    assert graded.notes[0].startswith("code cell 2 cannot be read and was left out: invalid syntax")
    assert result(step, "def walk" + walk, notebook=True).score == 20.0


def test_the_better_of_two_files_counts(tiny: Course, sandbox: Sandbox, inbox: Path) -> None:
    """Work in notebook and module: both are graded, and a note says that the better one counts."""
    import json

    folder = inbox / "ada" / SLUG
    folder.mkdir(parents=True)
    (folder / f"{SLUG}.py").write_text(RIGHT)
    wrong = RIGHT.replace(STEP, "    return x\n")
    (folder / f"{SLUG}.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "source": wrong}]}))
    found: list[SubmissionResult] = []
    grade_all(tiny.assignment(SLUG), sandbox, [Order(Submission("ada", SLUG, folder, "ada"), SEED)], found.append)
    assert found[0].score == 20.0
    assert found[0].notes == ("both files hold work: both were graded and the better one counts",)


def test_a_fault_in_grading_one_submission_is_an_error_of_that_one(
    tiny: Course, sandbox: Sandbox, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception in the grader becomes `error` with its message, and the next submission is graded."""
    for name in ("ada", "bo"):
        (inbox / f"{name}.py").write_text(RIGHT)
    original = Examiner._grade_work

    def fragile(self, blank, work):
        if blank.student == "ada":
            raise ZeroDivisionError("in the grader")
        return original(self, blank, work)

    monkeypatch.setattr(Examiner, "_grade_work", fragile)
    found: list[SubmissionResult] = []
    orders = [Order(Submission(name, SLUG, inbox / f"{name}.py", name), SEED) for name in ("ada", "bo")]
    grade_all(tiny.assignment(SLUG), sandbox, orders, found.append)
    assert [(one.status, one.score) for one in found] == [("error", 0.0), ("graded", 20.0)]
    assert found[0].message == "the grader failed: ZeroDivisionError: in the grader"


def test_a_skipped_check_is_an_error(course: Course, sandbox: Sandbox) -> None:
    """A hidden check passes or fails; what skips itself has not been graded."""
    checks = course.assignment(SLUG).checks
    text = checks.read_text(encoding="utf-8")
    checks.write_text(text.replace("    start, slopes =", "    pytest.skip('not today')\n    start, slopes ="))
    found: list[SubmissionResult] = []

    def work(examination: Examination) -> None:
        examiner = Examiner(course.assignment(SLUG), sandbox, examination)
        found.append(examiner.grade_work(Work("a.py", (RIGHT,), False), SEED))

    examine(checks, work)
    assert statuses(found[0]) == ["passed", "passed", "error"]
    assert found[0].message == "walk/visits_every_place was skipped; a hidden check must pass or fail"


def test_results_survive_as_plain_data(result: Results) -> None:
    """What is recorded is what was graded."""
    graded = result(RIGHT.replace(STEP, "    return x\n"))
    assert from_json(to_json(graded)) == graded
    assert {check.seconds for check in without_times(graded).checks} == {0.0}
    assert graded.exercise_score("walk") == sum(check.score for check in graded.exercise("walk"))


def test_texts_that_a_class_has_in_common_are_in_memory_once(result: Results) -> None:
    """Thousands of recorded results, read for a report, each have the same sentences, hints and names."""
    text = json.dumps(to_json(result(RIGHT.replace(STEP, "    return x\n"))))
    one, other = (from_json(json.loads(text)).checks[0] for _ in range(2))
    assert one.status == "failed"
    texts = ("name", "exercise", "status", "message", "sentence", "hint", "diagnosis")
    assert all(getattr(one, name) is getattr(other, name) for name in texts)


def test_a_mistake_without_a_name_is_charged_once_too(result: Results) -> None:
    """`walk` that calls a wrong `step` is right given that step; a walk that is wrong by itself is not."""
    graded = result(RIGHT.replace(STEP, "    return x - 1.37 * rate * slope\n"))
    downhill, _, walk = graded.checks
    assert (downhill.status, downhill.diagnosis) == ("failed", None)
    assert (walk.status, walk.score) == ("passed", 6.0)
    assert walk.message == "Right, given your own mistake elsewhere, which is charged there (`step` is not right yet)."
    both = result(
        RIGHT.replace(STEP, "    return x - 1.37 * rate * slope\n").replace(
            WALK, "    return torch.stack(places) * 1.5\n"
        )
    )
    assert statuses(both) == ["failed", "passed", "failed"]


def test_a_helper_that_never_answers_credits_nothing(result: Results) -> None:
    """Where the student's `step` hangs, `walk` hangs with it, and no more time is spent on the question whose fault it is."""
    graded = result(RIGHT.replace(STEP, "    while True: pass\n"))
    assert statuses(graded) == ["timeout", "passed", "timeout"]
    assert graded.score == 2.0
