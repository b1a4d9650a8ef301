"""Numbers on a class, against tables small enough to compute by hand and against numpy's own correlation."""

import numpy as np
import pytest
from results import check, result

from autograder.report.statistics import assignment_numbers, discrimination


def test_discrimination_is_the_correlation_with_the_rest():
    """Two of four pass, with rests 3 and 5 against 1 and 3: the means are 2 apart, σ is √2, so r = 2 / √2 · 1/2 = √2 / 2."""
    assert discrimination(np.array([1.0, 1, 0, 0]), np.array([3.0, 5, 1, 3])) == pytest.approx(2**0.5 / 2)


@pytest.mark.parametrize("seed", range(5))
def test_discrimination_is_pearsons_r(seed: int):
    """The formula for a check that is passed or not is Pearson's correlation coefficient."""
    draw = np.random.default_rng(seed)
    passed, rest = draw.integers(0, 2, 50).astype(float), draw.normal(size=50)
    assert discrimination(passed, rest) == pytest.approx(np.corrcoef(passed, rest)[0, 1])


@pytest.mark.parametrize(
    ("passed", "rest"), [([1.0, 1.0], [1.0, 2.0]), ([0.0, 0.0], [1.0, 2.0]), ([0.0, 1.0], [2.5, 2.5]), ([1.0], [3.0])]
)
def test_discrimination_is_undefined_without_spread(passed: list[float], rest: list[float]):
    """Where all pass, all fail, or the rest is the same, there is no correlation."""
    assert discrimination(np.array(passed), np.array(rest)) is None


def test_a_check_is_not_correlated_with_itself():
    """The check's own points are taken out of the score: a check worth far more than the other still has its correlation, −1."""
    found = assignment_numbers(
        "t1_tiny",
        [
            result("ada", check("step/one", points=19.0), check("walk/two", "failed")),
            result("bob", check("step/one", "failed", points=19.0), check("walk/two")),
        ],
    )
    assert [one.discrimination for one in found.checks] == pytest.approx([-1.0, -1.0])


def test_rates_count_graded_hand_ins_only():
    """A hand-in that cannot be read and a fault of the grader have no part in pass rates and scores, and are counted apart."""
    found = assignment_numbers(
        "t1_tiny",
        [
            result("ada", check("step/one")),
            result("bob", check("step/one", "timeout")),
            result("eve", status="unreadable"),
            result("kim", status="error"),
        ],
    )
    assert (found.graded, found.unreadable, found.errors, found.scores) == (2, 1, 1, (1.0, 0.0))
    assert (found.checks[0].count, found.checks[0].passed, found.checks[0].statuses) == (2, 1, (("timeout", 1),))


def test_exercises_are_done_whole_in_part_or_not():
    """Two checks of one exercise: both, one, none passed; the mean share is one half."""
    outcomes = (("ada", "passed", "passed"), ("bob", "failed", "failed"), ("eve", "passed", "failed"))
    results = [
        result(name, check("step/one", first, points=3.0), check("step/two", second, points=1.0))
        for name, first, second in outcomes
    ]
    (found,) = assignment_numbers("t1_tiny", results).exercises
    assert (found.full, found.part, found.none, found.points) == (1, 1, 1, 4.0)
    assert found.mean == pytest.approx((1 + 0 + 0.75) / 3)


def test_mistakes_count_people():
    """A mistake that costs one student two checks counts once; the commonest comes first, answers without a name last."""
    named = {"diagnosis": "step: walks uphill"}
    found = assignment_numbers(
        "t1_tiny",
        [
            result("ada", check("step/one", "failed", **named), check("step/two", "failed", **named)),
            result("bob", check("step/one", "failed"), check("step/two", "failed", diagnosis="step: stays")),
            result("eve", check("step/one", "failed"), check("step/two", "failed", diagnosis="step: stays")),
        ],
    ).mistakes
    assert [(one.name, one.students) for one in found] == [
        ("step: stays", ("bob", "eve")),
        ("step: walks uphill", ("ada",)),
        (None, ("bob", "eve")),
    ]


def test_a_forbidden_built_in_is_no_mistake_of_the_catalogue():
    """What is lost to a forbidden call, a timeout or a missing exercise is no wrong answer."""
    uses = ("torch.optim.SGD",)
    checks = (check("step/one", "failed", forbidden=uses), check("step/two", "timeout"), check("walk/three", "missing"))
    assert assignment_numbers("t1_tiny", [result("ada", *checks)]).mistakes == ()


def test_cost_names_the_slowest():
    """Total, median and the slowest of three."""
    costs = [result(name, cpu_seconds=seconds) for name, seconds in (("ada", 0.2), ("bob", 3.0), ("eve", 0.4))]
    cost = assignment_numbers("t1_tiny", costs).cost
    assert cost is not None
    assert (cost.total, cost.median, cost.slowest) == pytest.approx((3.6, 0.4, 3.0))
    assert cost.slowest_student == "bob"


def test_nothing_graded_has_no_numbers():
    """With unreadable hand-ins alone there is nothing to average."""
    found = assignment_numbers("t1_tiny", [result("ada", status="unreadable", max_score=0.0)])
    assert (found.graded, found.scores, found.checks, found.exercises, found.cost) == (0, (), (), (), None)
