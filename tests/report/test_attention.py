"""Submissions for a person to look at, each with the reason."""

from results import check, result

from autograder.grading.intake import NOTHING_ELSE
from autograder.grading.result import SubmissionResult
from autograder.report.attention import KINDS, remarks


def seen(*results: SubmissionResult) -> list[tuple[str, str]]:
    """Kind and detail of all remarks on these results."""
    return [(one.kind, one.detail) for one in remarks(list(results), {}, {})]


def test_an_honest_hand_in_is_passed_over():
    """A wrong answer, a missing exercise and the ordinary note are nothing to look at."""
    ordinary = (f"t1_tiny.py was graded; {NOTHING_ELSE}",)
    assert seen(result("ada", check("step/one", "failed"), check("walk/two", "missing"), notes=ordinary)) == []


def test_crashes_and_timeouts_are_told_once_each():
    """Two crashed checks are one remark, which says how many, of which exercise, and the first message."""
    crashed = [check(f"step/{name}", "crashed", message="the process that ran it ended") for name in ("one", "two")]
    found = seen(result("ada", *crashed, check("walk/three", "timeout", message="it was still computing")))
    assert found == [
        ("crashed", "2 checks of step: the process that ran it ended"),
        ("timeout", "1 check of walk: it was still computing"),
    ]


def test_a_forbidden_built_in_is_named():
    """Each call and its exercise, once for all checks that were lost to it."""
    both = ("torch.cumsum", "torch.optim.SGD")
    lost = [check("step/one", "failed", forbidden=both), check("step/two", "failed", forbidden=both[1:])]
    found = [("forbidden built-in", "step uses torch.cumsum"), ("forbidden built-in", "step uses torch.optim.SGD")]
    assert seen(result("ada", *lost)) == found


def test_what_was_not_graded_comes_first():
    """The grader's own fault stands before an unreadable hand-in."""
    broken = result("bob", status="error", message="the grader failed")
    unread = result("ada", status="unreadable", message="t1_tiny.py is empty")
    assert seen(unread, broken) == [("grader's fault", "the grader failed"), ("unreadable", "t1_tiny.py is empty")]


def test_grading_without_the_sandbox_is_told():
    """A result of --unsafe says so."""
    assert seen(result("ada", check("step/one"), isolation="none")) == [("not confined", "")]


def test_what_costs_far_more_than_the_others_is_told():
    """Twelve seconds among tenths of a second."""
    cheap = [result(name, cpu_seconds=0.1) for name in ("bob", "eve", "kim")]
    assert seen(*cheap, result("ada", cpu_seconds=12.0)) == [("costly", "12.0 s of CPU; the median is 0.10 s")]
    assert seen(*cheap, result("ada", cpu_seconds=9.0)) == []


def test_notes_altered_cells_and_likeness_are_told():
    """They come with the hand-in that they are about."""
    one = result("ada", check("step/one"), notes=("code cell 3 cannot be read and was left out",))
    found = remarks([one], {("ada", "t1_tiny"): ("locked cell step is gone",)}, {("ada", "t1_tiny"): "like bob"})
    assert [(row.kind, row.detail) for row in found] == [
        ("altered cells", "locked cell step is gone"),
        ("similar code", "like bob"),
        ("note", "code cell 3 cannot be read and was left out"),
    ]
    assert {row.kind for row in found} <= set(KINDS)


def test_many_notes_are_cut_short():
    """Fifty notes are five and a count."""
    found = seen(result("ada", notes=tuple(f"note {number}" for number in range(50))))
    assert len(found) == 6
    assert found[-1] == ("note", "and 45 more")
