"""`autograder validate` accepts a sound course and refuses each way to spoil one, naming the file and the remedy."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course
from tiny_course import TinyCourse

from autograder import cli
from autograder.proof import catalogue

Refusals = Callable[[TinyCourse], list[str]]
CHECKS = "autograder/hidden/t1_tiny/test_t1_tiny.py"
MISTAKES = "autograder/hidden/t1_tiny/mistakes.py"
MARGINS = "autograder/hidden/t1_tiny/margins.json"
STYLES = "autograder/hidden/t1_tiny/styles"
HANDOUT = "assignments/t1_tiny/handout.md"
NOTEBOOK = "assignments/t1_tiny/t1_tiny.ipynb"
SOLUTION = "solutions/t1_tiny.py"
WALK = "agree(student, reference, lambda m: m.walk(start, slopes, rate=0.5))"


def test_a_sound_course_is_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A course with twenty mistakes and five styles is proved, its margins printed; exit code 0."""
    root = tiny_course.write(tmp_path)
    assert cli.main(["--course", str(root), "validate", "--derive"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "step/moves_downhill" in shown.out
    assert "steps_twice_as_far" in shown.out
    assert "t1_tiny: proved" in shown.out


def test_a_proved_course_stays_proved(course: TinyCourse, capsys: pytest.CaptureFixture[str]) -> None:
    """The copy that the other tests spoil is itself accepted: what they see is their own doing."""
    assert cli.main(["--course", str(course.root), "validate"]) == 0
    assert capsys.readouterr().err == ""


def test_an_unknown_assignment_is_wrong_usage(course: TinyCourse, capsys: pytest.CaptureFixture[str]) -> None:
    """A slug without a handout ends with exit code 2, and the known slugs."""
    assert cli.main(["--course", str(course.root), "validate", "t2_none"]) == 2
    assert "known: t1_tiny" in capsys.readouterr().err


# The checks


def test_a_vacuous_check_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A check that asks the reference in the student's place cannot fail: the empty skeleton passes it."""
    course.edit(course.checks, WALK, WALK.replace("student", "reference"))
    [notebook] = [line for line in refusals(course) if line.startswith(NOTEBOOK)]
    assert "walk/visits_every_place (passed)" in notebook
    assert "must call the exercise" in notebook


def test_a_check_that_any_answer_passes_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A check that looks at the shape alone lets a mistake pass that it should catch, and says to sharpen it."""
    course.edit(course.checks, WALK, WALK.replace("=0.5)", "=0.5)[:4].shape"))
    lines = refusals(course)
    assert any("`forgets_the_start` passes the check walk/visits_every_place" in line for line in lines)
    assert all("sharpen the check" in line for line in lines if "passes the check" in line)
    [unable] = [line for line in lines if "nothing in it is caught by walk/visits_every_place" in line]
    assert unable.startswith(MISTAKES)
    assert "add a mistake or drop the check" in unable


def test_a_check_that_compares_nothing_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A check without `agree` proves nothing, whatever it calls."""
    course.edit(course.checks, WALK, "student.walk(start, slopes, rate=0.5)")
    assert refusals(course) == [f"{CHECKS}: walk/visits_every_place compares nothing; call `agree` in it"]


def test_a_check_that_raises_on_the_reference_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A check that stumbles over the right answer is refused before anything else is measured with it."""
    course.edit(course.checks, WALK, f"{WALK}\n    assert reference.walk(start, slopes, rate=0.5) is None")
    [line] = refusals(course)
    assert line.startswith(f"{CHECKS}: walk/visits_every_place fails on the reference (AssertionError")
    assert "correct it" in line


def test_points_that_do_not_add_up_are_refused(course: TinyCourse, refusals: Refusals) -> None:
    """The checks of an exercise are worth what its block in the handout says."""
    course.edit(course.checks, '"walk", points=6', '"walk", points=5')
    [line] = [line for line in refusals(course) if line.startswith(CHECKS)]
    assert "the checks of `walk` are worth 5 points, the handout says 6; make them agree" in line


def test_an_exercise_without_hidden_checks_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """An exercise that no hidden check belongs to is worth nothing, and that is said."""
    course.edit(course.checks, '@pytest.mark.exercise("walk", points=6)', '@pytest.mark.exercise("step", points=6)')
    lines = refusals(course)
    assert any("the checks of `walk` are worth 0 points, the handout says 6" in line for line in lines)
    assert any("the checks of `step` are worth 20 points, the handout says 14" in line for line in lines)


def test_refusals_worth_too_much_are_refused(course: TinyCourse, refusals: Refusals) -> None:
    """Checks that only ask whether bad arguments are refused are worth at most 2 points of an assignment."""
    course.edit(course.checks, "points=12", "points=11")
    course.edit(course.checks, '@pytest.mark.exercise("step", points=2)', '@pytest.mark.exercise("step", points=3)')
    [line] = refusals(course)
    assert line.startswith(CHECKS)
    assert "are worth 3 points together; give them at most 2" in line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('    """The walk holds the start and every place after it."""\n', "", "has no docstring"),
        ('@pytest.mark.exercise("walk", points=6)\n', "", "has no @pytest.mark.exercise"),
        ("import pytest\n", "import pytest\nimport no_such_module\n", "could not be collected"),
    ],
    ids=["no docstring", "no mark", "broken import"],
)
def test_checks_that_cannot_be_collected_are_refused(
    course: TinyCourse, refusals: Refusals, old: str, new: str, said: str
) -> None:
    """A check without a sentence or points, or a file that cannot be imported, is refused by the file's name."""
    course.edit(course.checks, old, new)
    [line] = refusals(course)
    assert course.checks.name in line
    assert said in line


def test_missing_checks_are_refused(course: TinyCourse, refusals: Refusals) -> None:
    """An assignment without hidden checks cannot be graded."""
    course.checks.unlink()
    [line] = refusals(course)
    assert f"{CHECKS} is missing" in line


# The catalogue


def test_a_mistake_that_is_no_mistake_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A variant that gives the right answers is caught nowhere."""
    course.edit(course.mistakes, "return x - 2 * rate * slope", "return x - rate * slope")
    [line] = [line for line in refusals(course) if "steps_twice_as_far" in line and line.startswith(MISTAKES)]
    assert "`steps_twice_as_far` passes the check step/moves_downhill" in line
    assert "it is caught by none" in line
    assert "sharpen the check, or it is no mistake" in line


def test_a_mistake_diagnosed_as_another_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """Two mistakes with the same answers cannot be told apart: the second would be named wrongly."""
    course.edit(course.mistakes, "return x - 0 * rate * slope", "return x - 2 * rate * slope")
    [line] = refusals(course)
    assert line.startswith(f"{MISTAKES}: `stays` is diagnosed as 'step: goes 2 times as far as it should'")
    assert "make their answers differ or merge the two" in line


def test_a_mistake_charged_in_another_exercise_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """One mistake is charged once; a check with numbers of its own, which no mistake in the reference changes, charges it again."""
    first = "(student.walk(start, slopes, rate=0.5)[1] - (start - 0.5 * slopes[0])).abs().max() < 1e-9"
    course.edit(course.checks, WALK, f"assert {first}\n    {WALK}")
    [line] = [line for line in refusals(course) if "steps_twice_as_far" in line and line.startswith(MISTAKES)]
    assert "`steps_twice_as_far` is charged in another exercise too: walk/visits_every_place" in line
    assert "let those checks pass with `steps_twice_as_far` in the reference's place" in line


def test_a_mistake_that_names_no_check_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """`caught_by` is the name of a check."""
    text = course.mistakes.read_text(encoding="utf-8")
    course.mistakes.write_text(text.replace('caught_by="visits_every_place"', 'caught_by="visits_rome"', 1))
    [line] = refusals(course)
    assert line.startswith(f"{MISTAKES}: `forgets_the_start` names the check walk/visits_rome, which does not exist")
    assert "correct its caught_by" in line


def test_two_mistakes_of_one_name_are_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A name stands for one mistake."""
    course.edit(course.mistakes, "def stays(", "def steps_uphill(")
    assert f"{MISTAKES}: two mistakes are called `steps_uphill`; rename one" in refusals(course)


def test_a_mistake_that_cannot_be_loaded_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A mistake whose text fails by itself says nothing about the checks."""
    course.edit(course.mistakes, "def stays(x, slope, rate):", "def stays(x, slope, rate=undefined_rate):")
    [line] = refusals(course)
    assert line.startswith(f"{MISTAKES}: `stays` cannot be loaded (NameError: name 'undefined_rate' is not defined)")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('    """leaves the start out"""\n', "", "`forgets_the_start` has no docstring"),
        ('@mistake("step", caught_by="refuses_a_negative_rate")', '@mistake("step", caught_by=why)', "needs @mistake("),
        ("from autograder.checking import mistake", "from autograder.checking import", "is not valid Python"),
    ],
    ids=["no docstring", "no caught_by", "no Python"],
)
def test_a_catalogue_that_cannot_be_read_is_refused(
    course: TinyCourse, refusals: Refusals, old: str, new: str, said: str
) -> None:
    """A mistake without diagnosis or check, or text that is no Python, is refused by file and line."""
    course.edit(course.mistakes, old, new)
    [line] = refusals(course)
    assert "mistakes.py:" in line
    assert said in line


def test_a_style_that_fails_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A right answer gets full marks; the line names the style and what it lost."""
    course.edit(course.hidden / "styles" / "subtracts.py", "alpha=rate", "alpha=rate * 1.5")
    lines = refusals(course)
    [line] = [line for line in lines if line.startswith(f"{STYLES}/subtracts.py")]
    assert "gets 8 of 20: step/moves_downhill (failed: the result has the wrong value)" in line
    assert "correct it, or the check" in line


def test_too_few_mistakes_are_refused(course: TinyCourse, refusals: Refusals, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of six mistakes is too small: twenty are needed."""
    monkeypatch.setattr(catalogue, "FEWEST_MISTAKES", 20)
    assert refusals(course) == [f"{MISTAKES}: holds 6 mistakes; write at least 20"]


def test_too_few_styles_are_refused(course: TinyCourse, refusals: Refusals) -> None:
    """Four styles are too few: five are needed."""
    (course.hidden / "styles" / "adds.py").unlink()
    assert refusals(course) == [f"{STYLES}: holds 4 styles; write 5 correct modules in other styles"]


def test_a_skeleton_that_earns_points_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A check that asks for any error is passed by code that is not there."""
    course.edit(course.checks, "import pytest\n", "import pytest\nimport torch\n")
    course.edit(
        course.checks,
        'agree(student, reference, lambda m: m.step(x, x, rate=-1.0), names="rate")',
        "agree(student, reference, lambda m: m.run(lambda m: m.__name__ * 0))",
    )
    lines = refusals(course)
    [module] = [line for line in lines if line.startswith("assignments/t1_tiny/t1_tiny.py")]
    assert "earns 2 points although it is empty: step/refuses_a_negative_rate (passed)" in module


# The tolerances


def _tolerance(course: TinyCourse, check: str, value: float | None) -> None:
    path = course.hidden / "margins.json"
    margins = json.loads(path.read_text(encoding="utf-8"))
    if value is None:
        del margins[check]
    else:
        margins[check] = {"spread": 0.0, "gap": None, "tolerance": value}
    path.write_text(json.dumps(margins), encoding="utf-8")


@pytest.mark.parametrize(
    ("tolerance", "said"),
    [
        (0.3, "the mistake `steps_twice_as_far` differs by only"),
        (1e-15, "right answers differ by"),
        (None, "has no tolerance"),
    ],
    ids=["too wide", "too tight", "missing"],
)
def test_a_tolerance_must_stand_between_right_and_wrong(
    course: TinyCourse, refusals: Refusals, tolerance: float | None, said: str
) -> None:
    """A tolerance near a mistake, near the rounding of right answers, or none at all is refused."""
    _tolerance(course, "step/moves_downhill", tolerance)
    [line] = refusals(course)
    assert line.startswith(f"{MARGINS}: step/moves_downhill")
    assert said in line
    assert "run `autograder validate --derive`" in line


def test_a_tolerance_of_no_check_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """What is left of a renamed check is stale."""
    _tolerance(course, "step/of_old", 1e-6)
    assert refusals(course) == [f"{MARGINS}: has step/of_old, which is no check; run `autograder validate --derive`"]


def test_damaged_margins_are_refused(course: TinyCourse, refusals: Refusals) -> None:
    """Margins that are not JSON are to be measured again."""
    (course.hidden / "margins.json").write_text('{"step/moves', encoding="utf-8")
    [line] = refusals(course)
    assert line.startswith(f"{MARGINS}: is not JSON")
    assert "run `autograder validate --derive`" in line


# What students read


@pytest.mark.usefixtures("unexamined")
def test_a_stale_notebook_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A made file that is not what handout and reference make now."""
    course.edit(course.handout, "A step goes against the slope.", "A step goes downhill.")
    assert refusals(course) == [f"{NOTEBOOK}: is stale; run `autograder build` and commit what it writes"]


@pytest.mark.usefixtures("unexamined")
def test_a_stray_file_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """Whatever lies in the folder is released to students."""
    (course.handout.parent / "answers.txt").write_text("x - rate * slope\n", encoding="utf-8")
    [line] = refusals(course)
    assert line.startswith("assignments/t1_tiny/answers.txt: would be released to students")
    assert "move it out" in line


@pytest.mark.usefixtures("unexamined")
def test_a_documented_argument_that_is_gone_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """The docstring documents what the signature has."""
    course.edit(
        course.solution,
        "        rate: the length of a step.\n",
        "        rate: the length of a step.\n        steps: how many.\n",
    )
    course.build()
    [line] = refusals(course)
    assert line.startswith(f"{SOLUTION}: `walk` documents `steps`, which is no argument")
    assert "correct the docstring or the signature" in line


@pytest.mark.usefixtures("unexamined")
def test_an_undocumented_argument_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """The signature has what the docstring documents."""
    course.edit(course.solution, "        slopes: the slope of each step, (T, *).\n", "")
    course.build()
    assert refusals(course) == [f"{SOLUTION}: `walk` does not document `slopes`; add it to `Args:`"]


@pytest.mark.usefixtures("unexamined")
def test_a_docstring_without_arguments_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A function with arguments says what they are."""
    course.edit(course.solution, "    Args:\n        start:", "    Places:\n        start:")
    course.build()
    assert refusals(course) == [f"{SOLUTION}: `walk` has no `Args:` section; say what each argument is"]


@pytest.mark.usefixtures("unexamined")
def test_a_leaked_solution_line_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A line of the reference's body in the handout is named, in the handout and in what is made of it."""
    course.edit(
        course.handout, "# T1 · A walk\n", "# T1 · A walk\n\nHint: `places.append( step(places[-1], slope, rate))`.\n"
    )
    course.build()
    lines = refusals(course)
    assert [line.partition(": ")[0] for line in lines] == [HANDOUT, NOTEBOOK]
    assert all(f"holds a line of {SOLUTION}" in line and "rewrite it there" in line for line in lines)


@pytest.mark.usefixtures("unexamined")
def test_a_leaked_check_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A line of a hidden check in a visible one is named, quotes and all."""
    leaked = 'x, why = torch.zeros(3), "the hidden inputs"'
    course.edit(course.checks, "import pytest\n", "import pytest\nimport torch\n")
    course.edit(
        course.checks,
        "    x, slope = rng.normal(3), rng.normal(3)\n",
        f"    {leaked}\n    x, slope = rng.normal(3), rng.normal(3)\n",
    )
    course.edit(course.handout, "    got = step(torch", f"    {leaked}\n    got = step(torch")
    course.build()
    lines = refusals(course)
    assert {line.partition(": ")[0] for line in lines} == {HANDOUT, NOTEBOOK, "assignments/t1_tiny/test_t1_tiny.py"}
    assert all(f"holds a line of {CHECKS}" in line for line in lines)


@pytest.mark.usefixtures("unexamined")
@pytest.mark.parametrize(
    ("comment", "said"),
    [
        (
            "2.6 = step(torch.tensor(3.0), torch.tensor(2.0), 0.25)",
            "2.6 is stated, but the reference gives 2.5; correct the text",
        ),
        (
            "two = step(torch.tensor(3.0), torch.tensor(2.0), 0.25)",
            "two is stated, but the reference gives 2.5; correct the text",
        ),
        ("2.5 = stride(3.0)", "2.5: the expression beside it fails (NameError"),
        ("2.50 = step(torch.tensor(3.0), torch.tensor(2.0), 0.25)", "the number 2.50 does not stand in the text"),
    ],
    ids=["false", "no number", "no expression", "not in the text"],
)
def test_a_stated_number_must_be_true(course: TinyCourse, refusals: Refusals, comment: str, said: str) -> None:
    """Numbers in the handout are recomputed by the reference; a false one is refused by file and line."""
    course.edit(course.handout, "2.5 = step(torch.tensor(3.0), torch.tensor(2.0), 0.25)", comment)
    course.build()
    lines = refusals(course)
    assert all(line.startswith(f"{HANDOUT}:4: ") for line in lines)
    assert any(said in line for line in lines)


def test_a_reference_that_cannot_be_imported_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """Where the reference fails by itself, that is what the author reads, not what follows from it."""
    course.edit(course.solution, "import torch\n", "import torch\nimport no_such_module\n")
    said = ["cannot be imported", "cannot be loaded"]
    problem = "(ModuleNotFoundError: No module named 'no_such_module'); correct it"
    assert refusals(course) == [f"{SOLUTION}: {verb} {problem}" for verb in said]


@pytest.mark.usefixtures("unexamined")
def test_a_reference_that_is_no_python_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A reference with a syntax error is refused by file and line."""
    course.edit(course.solution, "return torch.stack(places)", "return torch.stack(places")
    [line] = refusals(course)
    assert line.startswith(f"{SOLUTION}:")
    assert "is not valid Python" in line


@pytest.mark.usefixtures("unexamined")
def test_a_missing_reference_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """An assignment is made from its handout and its reference."""
    course.solution.unlink()
    [line] = refusals(course)
    assert line.startswith(f"{SOLUTION}: is missing")


@pytest.mark.usefixtures("unexamined")
def test_exercise_points_that_do_not_reach_twenty_are_refused(course: TinyCourse, refusals: Refusals) -> None:
    """The exercises of an assignment are worth 20 points together."""
    course.edit(course.handout, "exercise walk points=6", "exercise walk points=5")
    [line] = refusals(course)
    assert line.startswith(f"{HANDOUT}:1: the exercises' points add up to 19, an assignment has 20")


# Hints and questions


def test_an_exercise_without_a_hint_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """Each exercise has a hint of its own above it; the one of the exercise before does not count."""
    course.edit(
        course.handout,
        "<details><summary>Hint: how many places?</summary>\n\nThe start is one too.\n\n</details>\n",
        "",
    )
    course.build()
    [line] = refusals(course)
    assert line.startswith(HANDOUT)
    assert "exercise `walk` has no hint; write one above it" in line


def test_an_empty_hint_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """A hint that says nothing is none."""
    course.edit(course.handout, "The start is one too.\n", "")
    course.build()
    assert any("exercise `walk` has no hint" in line for line in refusals(course))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## why_downhill (2 points)", "## why_uphill (2 points)", "has no scheme for the question `why_downhill`"),
        ("## why_downhill (2 points)", "## why_uphill (2 points)", "has a scheme for `why_uphill`"),
        ("(2 points)", "(3 points)", "`why_downhill` is worth 3 points, the handout says 2; make them agree"),
        ("- 1 point: so", "- 2 points: so", "the parts of `why_downhill` add up to 3 of 2 points"),
        ("- 1 point: so the", "So the", "the parts of `why_downhill` add up to 1 of 2 points"),
    ],
)
def test_a_marking_scheme_that_does_not_fit_is_refused(
    course: TinyCourse, refusals: Refusals, old: str, new: str, said: str
) -> None:
    """Question and scheme have one name and one number of points, which the scheme's parts add up to."""
    course.edit(course.marking, old, new)
    assert any(line.startswith("autograder/hidden/t1_tiny/marking.md: ") and said in line for line in refusals(course))


def test_a_line_of_the_marking_scheme_in_the_handout_is_refused(course: TinyCourse, refusals: Refusals) -> None:
    """What earns the points of a question is not for students."""
    course.edit(
        course.handout, "A slope points uphill.", "Model answer: the height falls fastest in the opposite direction."
    )
    course.build()
    lines = refusals(course)
    assert any("holds a line of autograder/hidden/t1_tiny/marking.md" in line for line in lines)


def test_a_number_may_use_the_functions_of_the_handouts_figures(course: TinyCourse, refusals: Refusals) -> None:
    """A number that a figure's function gives is recomputed with that function; a wrong one is refused."""
    figure = (
        "```python figure twice\nFACTOR = 2\n\n\ndef twice(x):\n    return FACTOR * x\n```\n\n```python exercise step"
    )
    course.edit(course.handout, "```python exercise step", figure)
    course.edit(course.handout, "it leads to 2.5.", "it leads to 2.5; twice, to 6. <!-- number: 6 = twice(3) -->")
    course.build()
    assert cli.main(["--course", str(course.root), "validate"]) == 0
    course.edit(course.handout, "6 = twice(3)", "6 = twice(4)")
    [line] = refusals(course)
    assert "6 is stated, but the reference gives 8; correct the text" in line
