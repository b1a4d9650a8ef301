"""A session asks, waits as long as it may, replaces workers, and counts nothing as an answer that is none."""

import time
from collections.abc import Iterator

import pytest
import torch
from range_course import SLUG, SPEAKING

from autograder.sandbox import session as sessions
from autograder.sandbox.remote import Recording, StudentModule
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import SIMULATED, Crashed, Deadlines, Interrupted, Missing, Session, Submitted, TimedOut
from autograder.sandbox.zygote import SandboxError

TEXT = f"""{SPEAKING}
import random, torch

calls = 0


def count():
    global calls
    calls += 1
    return calls


def hang():
    while True:
        pass


def leave():
    os._exit(3)


def drip():
    os.write(3, struct.pack("<Q", 10**6))
    while True:
        os.write(3, b".")
        time.sleep(0.01)


def large(size):
    return torch.zeros(size, dtype=torch.uint8)


def draws():
    import numpy
    return random.random(), float(numpy.random.rand()), float(torch.rand(()))


def spoil():
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)


def settings():
    return str(torch.get_default_dtype()), torch.is_grad_enabled()


def read_only():
    return wire.read_exactly(3, 10**9)
"""


@pytest.fixture
def make(sandbox: Sandbox) -> Iterator[object]:
    """Makes sessions for a text, with half a second of CPU and one second and a half in all for each request."""
    made = []

    def one(text: str = TEXT, deadlines: Deadlines = Deadlines(0.5, 1.5, 1.0, 2.0)) -> tuple[Session, StudentModule]:  # noqa: B008
        made.append(Session(sandbox.zygote, Submitted(SLUG, (text,), False, ("count",)), deadlines))
        return made[-1], StudentModule(made[-1], Recording(), (SIMULATED,))

    yield one
    for session in made:
        session.close()


@pytest.mark.parametrize(
    ("name", "kind"), [("hang", TimedOut), ("leave", Crashed), ("drip", TimedOut), ("read_only", TimedOut)]
)
def test_a_request_without_an_answer_ends_in_time_and_the_next_is_answered(make, name, kind) -> None:
    """The deadline is one for the whole answer, however it trickles in; a new worker serves the next request."""
    session, student = make()
    assert student.count() == 1
    started = time.monotonic()
    with pytest.raises(kind):
        getattr(student, name)()
    assert time.monotonic() - started < 5.0
    assert student.count() == 1  # a new worker: it has counted nothing yet
    assert session.usage.workers == 2


def test_no_check_can_take_an_interruption_for_an_exception() -> None:
    """Interruptions are no `Exception`: neither `except Exception` in a check nor `agree` sees them."""
    assert not issubclass(Interrupted, Exception)
    assert {kind.status for kind in (Interrupted, TimedOut, Crashed)} == {"crashed", "timeout"}


def test_a_request_larger_than_the_wall_lets_through_is_the_graders_own_fault(make, monkeypatch) -> None:
    """What the host itself cannot send is an ordinary error of the host's, and never blamed on the worker."""
    _, student = make()
    monkeypatch.setattr(sessions.wire, "MAX_FRAME", 10_000)
    with pytest.raises(sessions.wire.WireError):
        student.large(torch.zeros(10_000))


def test_answers_are_kept_up_to_a_limit(make, monkeypatch) -> None:
    """All answers to one submission lie in memory until it is graded; beyond the limit they are refused."""
    monkeypatch.setattr(sessions, "_KEPT", 10_000_000)
    _, student = make()
    for _ in range(3):
        assert student.large(3_000_000).numel() == 3_000_000
    with pytest.raises(Crashed, match="together"):
        student.large(3_000_000)


def test_an_answer_of_any_allowed_size_arrives(make) -> None:
    """Sixty megabytes cross, and more than the limit is an exception of the student's that says so."""
    _, student = make(deadlines=Deadlines(5.0, 10.0))
    assert student.large(60_000_000).numel() == 60_000_000
    with pytest.raises(ValueError, match="at most"):
        student.large(70_000_000)


def test_each_check_begins_from_the_same_state(make) -> None:
    """Seeds, default dtype and gradient mode are put back; the same seed draws the same numbers, in a new worker too."""
    session, student = make()
    session.start_check(5)
    first = student.draws()
    student.spoil()
    session.start_check(5)
    assert student.settings() == ("torch.float32", True)
    assert student.draws() == first
    with pytest.raises(Crashed):
        student.leave()
    assert student.draws() == first
    session.start_check(6)
    assert student.draws() != first


def test_a_worker_that_died_between_checks_costs_nothing(make) -> None:
    """The next check begins with a new worker, as if nothing had been."""
    session, student = make(TEXT + "\nimport threading\ndef late():\n    threading.Timer(0.2, leave).start()\n")
    student.late()
    time.sleep(0.6)
    session.start_check(1)
    assert student.count() == 1


def test_a_file_that_cannot_be_loaded_is_tried_once(make) -> None:
    """The second request is answered by what is known, and each time by a fresh exception."""
    session, student = make("while True: pass")
    for _ in range(3):
        with pytest.raises(TimedOut, match="while your file was loaded") as caught:
            student.count()
        assert str(caught.value).count("while your file was loaded") == 1
    assert session.usage.workers == 1


def test_a_check_on_a_device_must_ask_which_there_are(make) -> None:
    """Workers have the simulated device where the checks name `student.devices`; elsewhere its use is the author's fault."""
    _, student = make()
    with pytest.raises(SandboxError, match="asks nowhere for"):
        student.run(lambda m, device: m.count(), device=SIMULATED)


def test_one_worker_serves_checks_with_and_without_the_simulated_device(sandbox: Sandbox) -> None:
    """The device is there while a check runs on it, and nowhere else."""
    session = Session(sandbox.zygote, Submitted(SLUG, (TEXT,), False, ("count",), on_devices=True))
    student = StudentModule(session, Recording(), (SIMULATED,))
    on_it = student.run(lambda m, device: torch.ones(2, device=device).device.type, device=SIMULATED)
    assert on_it == {"value": "simulated", "violations": []}
    with pytest.raises(Missing, match="NotImplementedError"):  # torch's own answer for a device without kernels
        student.run(lambda m: torch.ones(2, device="simulated"))
    assert student.run(lambda m: (torch.ones(2) * 3).tolist()) == [3.0, 3.0]
    assert session.usage.workers == 1
    session.close()


def test_notes_hold_no_address(make) -> None:
    """Addresses differ from run to run; what a student reads does not."""
    session, student = make(f"{TEXT}\nraise KeyError(object())\n")
    student.count()
    assert len(session.notes) == 1
    assert "object at 0x…>" in session.notes[0]


def test_notes_are_few_and_short(make) -> None:
    """A thousand failing lines are a list of fifty, each of at most 500 characters."""
    session, student = make(TEXT + "\nraise KeyError('x' * 10_000)" * 1000)
    student.count()
    assert len(session.notes) == 50
    assert max(map(len, session.notes)) <= 500


def test_a_fault_of_the_host_is_not_an_exception_of_the_students(make, monkeypatch) -> None:
    """Whatever goes wrong on this side of the wall while a request is out is SandboxError."""
    session, student = make()
    student.count()
    monkeypatch.setattr(session, "_exchange", lambda *_: 1 / 0)
    with pytest.raises(sessions.SandboxError, match="ZeroDivisionError"):
        student.count()
