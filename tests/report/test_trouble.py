"""Students in trouble, by the rules that the report states."""

import pytest
from results import result

from autograder.grading.result import SubmissionResult
from autograder.report.trouble import students

SLUGS = ["a1", "a2", "a3"]


def reasons(scores: dict[str, list[float | None]], roster: list[str] | None = None) -> dict[str, tuple[str, ...]]:
    """The reasons by student, from scores of 20 in a1, a2, a3; None is no hand-in."""
    results: dict[tuple[str, str], SubmissionResult] = {
        (name, slug): result(name, assignment=slug, score=score)
        for name, row in scores.items()
        for slug, score in zip(SLUGS, row, strict=True)
        if score is not None
    }
    return {one.name: one.reasons for one in students(SLUGS, results, roster)}


def test_low_is_below_half():
    """A mean of 9.9 of 20 is low, one of 10 is not."""
    assert reasons({"ada": [9.9, 9.9, 9.9], "bob": [10, 10, 10]}) == {"ada": ("low",), "bob": ()}


def test_missing_is_what_others_handed_in():
    """Who has no result of an assignment in the results is missing it."""
    assert reasons({"ada": [20, 20, 20], "bob": [20, None, 20]}) == {"ada": (), "bob": ("missing",)}


def test_falling_is_measured_against_the_class():
    """Where all fall alike nobody is falling; who falls from the class's mean to 15 of 20 below it is."""
    together = {"ada": [20.0, 20.0, 11.0], "bob": [20.0, 20.0, 11.0]}
    assert reasons(together) == {"ada": (), "bob": ()}
    alone = {name: [20.0, 20.0, 20.0] for name in ("bob", "eve", "kim")} | {"ada": [20.0, 20.0, 12.0]}
    assert reasons(alone)["ada"] == ("falling",)


def test_falling_needs_two_earlier():
    """One bad hand-in after one good one is no trend."""
    assert reasons({"ada": [20, 12, None], "bob": [20, 20, None]})["ada"] == ("missing",)


def test_a_roster_shows_who_handed_in_nothing():
    """A student of the roster without a result has no mean and misses everything."""
    found = students(SLUGS[:1], {("ada", "a1"): result("ada", assignment="a1", score=20.0)}, ["ada", "zoe"])
    assert [(one.name, one.mean, one.missing) for one in found] == [("ada", 1.0, ()), ("zoe", None, ("a1",))]


def test_unreadable_counts_nothing_and_an_error_does_not_count():
    """A hand-in that cannot be read is 0; one that the grader could not grade is left out of the mean."""
    results = {
        ("ada", "a1"): result("ada", assignment="a1", score=20.0),
        ("ada", "a2"): result("ada", assignment="a2", status="unreadable", max_score=0.0),
        ("ada", "a3"): result("ada", assignment="a3", status="error"),
    }
    (ada,) = students(SLUGS, results)
    assert ada.mean == pytest.approx(0.5)
    assert ada.shares == (1.0, 0.0, None)
