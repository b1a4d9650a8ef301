"""A submission that keeps the grader waiting in every call loses its patience in the end, and only its own."""

import re
import time

import pytest

from autograder.sandbox.remote import Recording, StudentModule
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import Crashed, Deadlines, Submitted, TimedOut

SLEEPER = "import time\n\ndef waits():\n    time.sleep(60)\n\ndef answers():\n    return 1\n"


def test_waiting_is_bounded_for_all_calls_together(sandbox: Sandbox) -> None:
    """Once a submission has cost its time in silence, further calls are not run, and are told as timeouts."""
    deadlines = Deadlines(wall=0.3, lost=0.5)
    session = sandbox.session(Submitted("sleeper", (SLEEPER,), False, ("waits",)), deadlines)
    student = StudentModule(session, Recording(), ())
    try:
        for _ in range(2):
            with pytest.raises(TimedOut, match="did not answer"):
                student.waits()
        started = time.monotonic()
        with pytest.raises(TimedOut, match="it was not run"):
            student.answers()
        assert time.monotonic() - started < 0.3
    finally:
        session.close()


def test_one_hang_does_not_use_up_the_time_of_the_others(sandbox: Sandbox) -> None:
    """After a single hang the next call is answered by a new worker."""
    session = sandbox.session(Submitted("sleeper", (SLEEPER,), False, ("waits",)), Deadlines(wall=0.3, lost=0.5))
    student = StudentModule(session, Recording(), ())
    try:
        with pytest.raises(TimedOut):
            student.waits()
        assert student.answers() == 1
    finally:
        session.close()


def test_a_worker_that_never_begins_a_check_costs_time_too(sandbox: Sandbox) -> None:
    """A file that hangs whenever a check is begun is waited for no longer than any other."""
    spoilt = "import sys, time\nsys.modules['serve'].Worker._begin = lambda self, seed: time.sleep(60)\n" + SLEEPER
    session = sandbox.session(Submitted("sleeper", (spoilt,), False, ("waits",)), Deadlines(wall=0.3, lost=0.5))
    student = StudentModule(session, Recording(), ())
    try:
        with pytest.raises(Crashed):  # asked twice, in two workers
            student.answers()
        with pytest.raises(TimedOut, match="it was not run"):
            student.answers()
    finally:
        session.close()


LOOPER = (
    "def loops():\n    while True:\n        pass\n\ndef answers():\n    return sum(i * i for i in range(10 ** 5))\n"
)


def test_who_has_run_out_of_time_gets_less_of_it(sandbox: Sandbox) -> None:
    """After one endless loop the next call has a quarter of the CPU time, then a sixteenth, which is still plenty."""
    session = sandbox.session(Submitted("looper", (LOOPER,), False, ("loops",)), Deadlines(cpu=1.6))
    student = StudentModule(session, Recording(), ())
    try:
        for seconds in ("1.6", "0.4", "0.1", "0.1"):
            with pytest.raises(TimedOut, match=rf"still computing after {re.escape(seconds)} s"):
                student.loops()
        assert student.answers() == sum(i * i for i in range(10**5))
    finally:
        session.close()
