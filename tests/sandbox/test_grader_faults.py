"""A fault of the grader shows as `error`: no points are lost to it, and none are given."""

import os
import signal
from pathlib import Path

import pytest
import range_course
import torch
from range_course import HONEST, VALUES, grade, statuses

from autograder.checking.reference import ReferenceModule
from autograder.course import Course
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import Session, TimedOut
from autograder.sandbox.zygote import SandboxError
from autograder.worker import wire


def test_a_zygote_that_dies_in_between_is_an_error_and_no_zero(firing_range: Course, tmp_path: Path) -> None:
    """What was graded before keeps its points; what comes after is `error`, with the reason."""
    with Sandbox(firing_range.root, device="cpu") as own:
        before = grade(firing_range, own, tmp_path / "before", {"ada": HONEST})["ada"]
        os.kill(own.zygote._process.pid, signal.SIGKILL)
        own.zygote._process.wait()
        after = grade(firing_range, own, tmp_path / "after", {"bob": HONEST})["bob"]
    assert (before.status, before.score) == ("graded", 20.0)
    assert after.status == "error"
    assert set(statuses(after).values()) == {"error"}
    assert "zygote" in (after.message or "")


def test_a_reference_without_an_answer_is_an_error_of_that_check(
    firing_range: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the machine is too slow for the reference itself, no student loses the points; the next one may have them."""
    request = Session.request
    failing = [True]

    def slow(session: Session, asked: wire.Request) -> wire.Reply:
        if failing and not session._submitted.exercises:  # the reference's session asks for no exercise by name
            failing.pop()
            raise TimedOut("it did not answer")
        return request(session, asked)

    monkeypatch.setattr(Session, "request", slow)
    with Sandbox(firing_range.root, device="cpu") as own:  # one that knows none of the reference's answers yet
        results = grade(firing_range, own, tmp_path, {"ada": HONEST, "bob": HONEST})
    assert statuses(results["ada"]) == dict.fromkeys(VALUES, "passed") | {"Centre/stays_on_its_device": "error"}
    assert results["ada"].status == "error"
    assert (results["bob"].status, results["bob"].score) == ("graded", 20.0)


@pytest.mark.parametrize("fault", [ValueError, OSError, MemoryError, SandboxError])
def test_a_fault_of_the_host_during_a_request_is_an_error(
    firing_range: Course, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    """An exception on this side of the wall is no exception of the student's, of whatever kind it is."""

    def fails(*_: object) -> None:
        raise fault("the host's own")

    monkeypatch.setattr(Session, "request", fails)
    result = grade(firing_range, sandbox, tmp_path, {"ada": HONEST})["ada"]
    assert result.status == "error"
    assert "passed" not in [status for name, status in statuses(result).items() if name != "Centre/stays_on_its_device"]
    assert "failed" not in statuses(result).values()


def test_a_check_that_fails_on_the_reference_is_an_error(
    firing_range: Course, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that stumbles over the reference's own answers is wrong itself."""
    root = tmp_path / "course"
    course = range_course.write(root)
    checks = course.assignment(range_course.SLUG).checks
    checks.write_text(checks.read_text().replace("    x = rng.normal(3, 4)\n", "    x = rng.normal(3, 4) + [1, 2]\n"))
    result = grade(course, sandbox, tmp_path, {"ada": HONEST})["ada"]
    assert statuses(result) == dict.fromkeys(VALUES, "passed") | {"total/sums": "error"}
    assert result.status == "error"


def test_the_reference_is_not_asked_twice_for_the_same(
    firing_range: Course, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answers on a device are kept: a diagnosis asks for them again."""
    reference = ReferenceModule(range_course.SLUG, HONEST, sandbox)

    def experiment(m: object, device: str) -> str:
        return device

    answers = [reference.run(experiment, device="simulated")]
    monkeypatch.setattr(sandbox, "session_of_ours", None)
    answers += [reference.run(experiment, device="simulated")]
    assert answers == [{"value": "simulated", "violations": []}] * 2


def test_each_of_our_modules_answers_for_itself_in_the_one_worker(firing_range: Course, sandbox: Sandbox) -> None:
    """The reference and a mistake take turns on the device, and neither gives the other's answer."""
    double = HONEST.replace("return x * factor", "return x * factor * 2")
    modules = [ReferenceModule(range_course.SLUG, text, sandbox) for text in (HONEST, double)]
    x = torch.ones(())
    for factor in (2.0, 3.0):
        values = [
            module.run(lambda m, device, x, factor: m.scale(x, factor).item(), x, factor, device="simulated")["value"]
            for module in modules
        ]
        assert values == [factor, 2 * factor]
