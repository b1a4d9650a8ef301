"""Workers are forked, killed and reaped without end, and nothing that one of them does stops the others."""

import os
import resource
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from range_course import HONEST, SLUG

from autograder.sandbox import zygote as zygotes
from autograder.sandbox.remote import Recording, StudentModule
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import SIMULATED, Deadlines, Session, Submitted
from autograder.sandbox.zygote import Needs, SandboxError, Zygote

TEXT = """
import os, sys, threading, time
import torch


def flood():
    sys.stdout.write("x" * 300_000)
    sys.stderr.write("x" * 300_000)
    os.write(2, b"x" * 300_000)
    return 1


def threads(count):
    for number in range(count):
        threading.Thread(target=spin if number % 2 else time.sleep, args=(60,)).start()
    return count


def spin(_):
    while True:
        pass
"""


def backward(m, device):
    """The gradient of x² at 1, on a device whose autograd has threads of its own."""
    x = torch.ones(2, device=device, requires_grad=True)  # noqa: F821  # the worker's torch
    (x * x).sum().backward()
    return x.grad.cpu()


WORKS = """
import time


def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
"""


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def open_session(zygote: Zygote) -> Session:
    """A session for `TEXT`."""
    return Session(zygote, Submitted(SLUG, (TEXT,), False, ("flood",), on_devices=True), Deadlines(cpu=5.0, wall=30.0))


def test_output_of_any_length_blocks_nobody(sandbox: Sandbox) -> None:
    """A megabyte on each output, several times over, and every worker still answers at once.

    Workers once shared the zygote's error pipe, which nobody read: when it was full, each of them hung at its next warning.
    """
    for _ in range(3):
        session = open_session(sandbox.zygote)
        assert StudentModule(session, Recording(), ()).flood() == 1  # one that hangs has no answer
        session.close()


def test_workers_with_threads_are_reaped_at_once(sandbox: Sandbox) -> None:
    """Killing a worker whose threads run, sleep or serve autograd does not wait for them; no descriptor stays behind."""
    before = len(os.listdir("/proc/self/fd"))
    for round_ in range(12):
        session = open_session(sandbox.zygote)
        student = StudentModule(session, Recording(), (SIMULATED,))
        if round_ % 2:
            student.run(backward, device=SIMULATED)
        else:
            student.threads(6)
        started = time.monotonic()
        session.close()
        assert time.monotonic() - started < 30.0  # they run for ever, or sleep for 60 s
    assert len(os.listdir("/proc/self/fd")) == before


def test_threads_of_the_grader_share_a_zygote(sandbox: Sandbox) -> None:
    """Four threads fork and reap at once and each gets its own worker."""
    found: list[int] = []

    def work() -> None:
        for _ in range(5):
            session = open_session(sandbox.zygote)
            found.append(StudentModule(session, Recording(), ()).flood())
            session.close()

    crew = [threading.Thread(target=work) for _ in range(4)]
    for one in crew:
        one.start()
    for one in crew:
        one.join(60)
    assert found == [1] * 20


def test_descriptors_beyond_1024_are_waited_for(sandbox: Sandbox) -> None:
    """A grader with many open files grades as any other; `select` would refuse them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 1200:
        pytest.skip("this machine allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        session = open_session(sandbox.zygote)
        assert StudentModule(session, Recording(), ()).flood() == 1
        session.close()
    finally:
        for one in held:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def own() -> Iterator[Zygote]:
    """A zygote of its own, to be harmed."""
    with Zygote() as one:
        one.fork().end()
        yield one


def test_a_zygote_that_died_is_a_fault_of_the_grader(own: Zygote) -> None:
    """Every later request raises SandboxError, which no check takes for an answer."""
    session = open_session(own)
    os.kill(own._process.pid, signal.SIGKILL)
    own._process.wait()
    for _ in range(2):
        with pytest.raises(SandboxError, match="zygote"):
            StudentModule(session, Recording(), ()).flood()


def test_a_zygote_that_stands_still_is_given_up(own: Zygote) -> None:
    """Where no answer comes within the limit, SandboxError; never a wait without end."""
    own._line._control.settimeout(0.5)
    os.kill(own._process.pid, signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(SandboxError, match="did not answer"):
        own.fork()
    assert time.monotonic() - started < 10.0


def test_a_worker_that_cannot_be_confined_is_no_worker(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a layer cannot be put on, SandboxError with the reason; the zygote goes on."""
    monkeypatch.setattr(zygotes, "readable_folders", lambda: ["/dev/null/nowhere"])
    with pytest.raises(SandboxError, match="could not be confined"):
        sandbox.zygote.fork()
    monkeypatch.undo()
    sandbox.zygote.fork().end()


def test_a_closed_zygote_refuses() -> None:
    """After `close` there is an error and no wait, and no process is left."""
    one = Zygote()
    one.close()
    with pytest.raises(SandboxError):
        one.fork()
    assert one._process.poll() is not None


@pytest.mark.parametrize("needs", [Needs(), Needs(forbidden=(("built-in", (), ()),))])
def test_what_workers_cost_is_known_after_the_end(needs: Needs) -> None:
    """Their CPU seconds are the grader's children's then, those of a prepared zygote's workers too."""
    before = _children_cpu()
    with Zygote() as one:
        session = Session(one, Submitted(SLUG, (WORKS,), False, ("work",), needs.forbidden))
        StudentModule(session, Recording(), ()).work(0.5)
        session.close()
        assert session.usage.cpu > 0.5
        started = one.cpu()
    assert _children_cpu() - before > started + 0.5


def test_workers_end_with_their_zygote(own: Zygote) -> None:
    """A grader that is killed leaves no process behind: the zygote goes when its socket closes, and its workers with it."""
    worker = own.fork()
    own._line._control.close()
    assert worker.channel.recv(1) == b""  # the other end is gone
    own._process.wait(10)
    worker.channel.close()
    os.close(worker._pidfd)


def test_few_zygotes_are_kept_ready(own: Zygote) -> None:
    """However many assignments a process grades, memory holds the last ones'; one that has a worker stays until it is reaped."""

    def children() -> int:
        return len(Path(f"/proc/{own._process.pid}/task/{own._process.pid}/children").read_text().split())

    wants = [Needs(forbidden=((f"built-in {number}", (), ()),)) for number in range(6)]
    first = own.fork(wants[0])
    for needs in wants[1:]:
        own.fork(needs).end()
    assert children() == zygotes._READY
    assert first.end().status == -signal.SIGKILL
    own.fork(wants[1]).end()  # not kept, and made again
    own.fork(wants[2]).end()
    assert children() == zygotes._READY


def test_an_honest_file_is_loaded_by_a_fresh_worker_each_time(sandbox: Sandbox) -> None:
    """Two sessions have two processes."""
    pids = []
    for _ in range(2):
        session = Session(sandbox.zygote, Submitted(SLUG, (f"import os\n{HONEST}",), False, ("scale",)))
        pids.append(StudentModule(session, Recording(), ()).run(lambda m: m.os.getpid()))
        session.close()
    assert pids[0] != pids[1]
