"""Answers of the reference are computed once for all students of a seed, and never where the check has gone its own way."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from autograder.checking.compare import Disagreement, Ledger, agree, keeping
from autograder.checking.known import Answers, Asked, KnownAnswers
from autograder.sandbox.remote import Recording, StudentModule
from autograder.worker import wire

Check = Callable[[Any, Any], None]


class Answering:
    """A session whose worker answers every call with the same number."""

    def __init__(self, number: float) -> None:
        self._number = number

    def request(self, request: wire.Request) -> wire.Reply:
        return wire.Reply(0, wire.Returned(self._number))


class Counting:
    """A reference that counts how often it is asked."""

    def __init__(self, number: float) -> None:
        self.calls = 0
        self._number = number

    def double(self, x: float) -> float:
        self.calls += 1
        return self._number


def student(number: float) -> StudentModule:
    """A submission that answers with this number."""
    return StudentModule(Answering(number), Recording(), ())  # type: ignore[arg-type]


def run(check: Check, submission: Any, reference: Any, answers: Answers | None) -> None:
    """Runs a check as the plugin does."""
    with keeping(Ledger(seed=0, tolerance=1e-6, asked=Asked(answers))):
        check(submission, reference)


def one_call(submission: Any, reference: Any) -> None:
    """A check of one comparison."""
    agree(submission, reference, lambda m: m.double(2.0))


def test_the_reference_answers_once_for_all_students_of_a_seed() -> None:
    """Three students, one computation; right and wrong are told apart all the same."""
    reference, answers = Counting(4.0), Answers()
    run(one_call, student(4.0), reference, answers)
    run(one_call, student(4.0), reference, answers)
    with pytest.raises(Disagreement, match="wrong value"):
        run(one_call, student(5.0), reference, answers)
    assert reference.calls == 1


def test_without_what_is_known_everything_is_computed() -> None:
    """A ledger of its own knows nothing."""
    reference = Counting(4.0)
    for _ in range(2):
        run(one_call, student(4.0), reference, None)
    assert reference.calls == 2


def test_a_check_that_learns_something_of_the_student_is_computed() -> None:
    """What a check asks after it has looked at an answer outside `agree` may depend on that answer."""
    reference, answers = Counting(4.0), Answers()

    def looks(submission: Any, reference: Any) -> None:
        seen = submission.double(1.0)
        agree(submission, reference, lambda m: m.double(seen))

    for _ in range(2):
        run(looks, student(4.0), reference, answers)
    assert reference.calls == 2
    assert answers.entries == []


def test_a_check_that_goes_on_after_a_disagreement_is_computed() -> None:
    """Two students of whom one takes the second way: neither way's answers pass for the other's."""
    answers = Answers()
    reference = SimpleNamespace(first=lambda: 1.0, second=lambda: 2.0)

    def either(submission: Any, reference: Any) -> None:
        try:
            agree(submission, reference, lambda m: m.first())
        except Disagreement:
            agree(submission, reference, lambda m: m.second())

    run(either, student(2.0), reference, answers)
    run(either, student(1.0), reference, answers)
    run(either, student(2.0), reference, answers)
    with pytest.raises(Disagreement):
        run(either, student(3.0), reference, answers)
    assert len(answers.entries) == 1


def test_another_course_of_calls_is_computed() -> None:
    """The answer at a place is used for the same code there and for no other."""
    reference, answers = Counting(4.0), Answers()
    run(one_call, student(4.0), reference, answers)
    run(lambda mine, ours: agree(mine, ours, lambda m: m.double(3.0) * 2), student(4.0), reference, answers)
    assert reference.calls == 2


def test_a_module_in_the_students_place_is_no_student() -> None:
    """When mistakes are measured against the reference nothing is taken from, or put to, what is known."""
    reference, answers = Counting(4.0), Answers()
    run(one_call, Counting(4.0), reference, answers)
    assert answers.entries == []


def test_what_is_longest_unused_is_forgotten_first() -> None:
    """Tensors count with their bytes; the limit holds."""
    kept = KnownAnswers(limit=3_000)

    def answers(size: int) -> Answers:
        found = Answers()
        found.add((lambda: None).__code__, None, torch.zeros(size, dtype=torch.float64))
        return found

    for name in ("a", "b"):
        kept.keep("", name, 1, answers(100))
    kept.keep("", "a", 1, kept.of("", "a", 1))  # used again
    kept.keep("", "c", 1, answers(100))
    assert [bool(kept.of("", name, 1).entries) for name in "abc"] == [True, False, True]


def test_what_knows_nothing_weighs_too() -> None:
    """However many checks end before their first comparison, they are forgotten in their turn."""
    kept = KnownAnswers(limit=3_000)
    for number in range(100):
        kept.keep("", f"check{number}", 1, Answers())
    assert len(kept) < 20
