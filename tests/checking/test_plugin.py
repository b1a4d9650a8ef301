"""Hidden checks are collected once, run for one submission after another, and refused where they say too little."""

import sys
import types
from pathlib import Path

import pytest

from autograder.checking.compare import Disagreement
from autograder.checking.plugin import Bench, Check, CheckError, Examination, Verdict, examine

CHECKS = '''
import pytest
from autograder.checking import agree

@pytest.mark.exercise("scale", points=1.5, hint="Once more.")
def test_doubles(student, reference, rng):
    """Twice
    as much."""
    x = rng.normal(3)
    agree(student, reference, lambda m: m.scale(x, 2.0))

@pytest.mark.exercise("scale", points=2)
def test_raises(student, reference):
    """Never passes."""
    raise KeyError("lost")
'''


def module(factor: float) -> types.SimpleNamespace:
    """A module that multiplies, and then some."""
    return types.SimpleNamespace(scale=lambda x, by: x * by * factor)


def collected(folder: Path, text: str) -> list[Check]:
    """The checks in a text."""
    found: list[Check] = []
    examine(written(folder, text), lambda examination: found.extend(examination.checks))
    return found


def written(folder: Path, text: str) -> Path:
    """A file of checks."""
    path = folder / "test_a9_none.py"
    path.write_text(text, encoding="utf-8")
    return path


def verdicts(folder: Path, text: str, *benches: Bench) -> list[list[Verdict]]:
    """What each bench gives in every check, in one examination."""
    found: list[list[Verdict]] = []

    def work(examination: Examination) -> None:
        found.extend([examination.run(check.name, bench) for check in examination.checks] for bench in benches)

    examine(written(folder, text), work)
    return found


def test_a_check_tells_its_exercise_points_sentence_and_hint(tmp_path: Path) -> None:
    """Its name is exercise/function; the sentence is the docstring on one line."""
    assert collected(tmp_path, CHECKS) == [
        Check("scale/doubles", "scale", 1.5, "Twice as much.", "Once more."),
        Check("scale/raises", "scale", 2.0, "Never passes.", None),
    ]


def test_checks_are_run_again_for_each_submission(tmp_path: Path) -> None:
    """One collection serves many benches, right and wrong, in any order."""
    right, wrong = Bench(module(1.0), module(1.0), 7, 1e-6), Bench(module(1.1), module(1.0), 7, 1e-6)
    first, second, third = verdicts(tmp_path, CHECKS, right, wrong, right)
    assert first[0].error is None
    assert third[0].error is None
    assert isinstance(second[0].error, Disagreement)
    assert second[0].discrepancy == pytest.approx(0.1)
    assert isinstance(first[1].error, KeyError)


def test_a_wide_tolerance_measures_without_failing(tmp_path: Path) -> None:
    """With an infinite tolerance the discrepancy is known and nothing fails."""
    [[verdict, _]] = verdicts(tmp_path, CHECKS, Bench(module(1.5), module(1.0), 7, float("inf")))
    assert verdict.error is None
    assert verdict.discrepancy == pytest.approx(0.5)
    assert verdict.comparisons == 1


def test_parametrized_checks_and_other_fixtures_work(tmp_path: Path) -> None:
    """A check may use pytest's own means; each parameter is a check of its own."""
    text = CHECKS.replace(
        "def test_doubles(student, reference, rng):", "def test_doubles(student, reference, rng, by):"
    )
    text = text.replace("m.scale(x, 2.0)", "m.scale(x, by)").replace(
        '@pytest.mark.exercise("scale", points=1.5',
        '@pytest.mark.parametrize("by", [2.0, 3.0])\n@pytest.mark.exercise("scale", points=1.5',
    )
    assert [check.name for check in collected(tmp_path, text)] == [
        "scale/doubles[2.0]",
        "scale/doubles[3.0]",
        "scale/raises",
    ]
    [[first, second, _]] = verdicts(tmp_path, text, Bench(module(1.1), module(1.0), 7, 1e-6))
    assert isinstance(first.error, Disagreement)
    assert isinstance(second.error, Disagreement)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('    """Never passes."""\n', "", "test_a9_none.py: test_raises has no docstring"),
        ('@pytest.mark.exercise("scale", points=2)\n', "", "test_a9_none.py: test_raises has no @pytest.mark.exercise"),
        ("points=2)", "worth=2)", "test_a9_none.py: test_raises has no @pytest.mark.exercise"),
        (
            '@pytest.mark.exercise("scale", points=2)',
            '@pytest.mark.exercises("scale", points=2)',
            "'exercises' not found",
        ),
        ("import pytest\n", "import pytest\nimport no_such_module\n", "No module named 'no_such_module'"),
        ("import pytest\n", "import pytest (\n", "SyntaxError"),
    ],
    ids=["no sentence", "no mark", "no points", "misspelt mark", "import", "syntax"],
)
def test_bad_checks_are_refused_before_anything_is_graded(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Checks that say too little, or cannot be collected, stop the examination with a message."""
    started: list[Examination] = []
    with pytest.raises(CheckError) as caught:
        examine(written(tmp_path, CHECKS.replace(old, new)), started.append)
    assert said in str(caught.value)
    assert not started


def test_a_misspelt_fixture_is_a_fault_of_the_check(tmp_path: Path) -> None:
    """The check does not run; what is wrong with it is kept for the message."""
    text = CHECKS.replace("student, reference):", "student, refference):")
    [[_, verdict]] = verdicts(tmp_path, text, Bench(None, None, 7, 1e-6))
    assert "refference" in str(verdict.error)
    assert verdict.comparisons == 0


def test_two_checks_of_one_name_are_refused(tmp_path: Path) -> None:
    """A class may hold a function of the same name; its check would replace the other's."""
    lines = ["", "class TestAgain:", *("    " + line for line in CHECKS.splitlines()[11:])]
    with pytest.raises(CheckError, match="two checks have the same name; rename one"):
        collected(tmp_path, CHECKS + "\n".join(lines))


def test_a_file_without_checks_is_refused(tmp_path: Path) -> None:
    """Nobody is graded by nothing."""
    with pytest.raises(CheckError, match="holds no check"):
        collected(tmp_path, "import pytest\n")
    with pytest.raises(CheckError, match="is missing"):
        examine(tmp_path / "test_nothing.py", lambda examination: None)


def test_checks_are_read_anew_each_time(tmp_path: Path) -> None:
    """An edited file, or another course's file of the same name, is not taken for the one that was read before."""
    assert len(collected(tmp_path, CHECKS)) == 2
    assert len(collected(tmp_path, CHECKS.replace("def test_raises", "def raises"))) == 1
    (tmp_path / "other").mkdir()
    assert [check.points for check in collected(tmp_path / "other", CHECKS.replace("points=2", "points=9"))] == [1.5, 9]


def test_a_module_of_the_same_name_is_left_alone(tmp_path: Path) -> None:
    """What else goes by the name of the checks is neither used nor lost."""
    sys.modules["test_a9_none"] = other = types.ModuleType("test_a9_none")
    try:
        assert len(collected(tmp_path, CHECKS)) == 2
        assert sys.modules["test_a9_none"] is other
    finally:
        del sys.modules["test_a9_none"]


def test_the_users_own_pytest_settings_stay_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options from the environment and a conftest beside the checks change nothing, and no byte code is left."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing_matches")
    (tmp_path / "conftest.py").write_text("raise SystemExit('conftest was read')\n")
    assert len(collected(tmp_path, CHECKS)) == 2
    assert not (tmp_path / "__pycache__").exists()


def test_what_the_work_raises_comes_out(tmp_path: Path) -> None:
    """A fault in grading is not swallowed by pytest."""

    def work(examination: Examination) -> None:
        raise ZeroDivisionError("in grading")

    with pytest.raises(ZeroDivisionError, match="in grading"):
        examine(written(tmp_path, CHECKS), work)


def test_an_interruption_during_collection_is_one(tmp_path: Path) -> None:
    """It is not taken for a fault of the checks, which every submission would then be told."""
    with pytest.raises(KeyboardInterrupt):
        collected(tmp_path, f"raise KeyboardInterrupt\n{CHECKS}")
