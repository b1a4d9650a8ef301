"""The control: an attack is one only if it succeeds once what stops it is taken away."""

import subprocess
import sys

import pytest
from corpus import ATTACKS
from corpus.attack import Without
from firing import Naive, Volley

_OPENED = {name: attack for name, attack in ATTACKS.items() if not attack.slow and not attack.harmful}


def succeeding(without: Without) -> list[str]:
    """The attacks that succeed in this control."""
    return [name for name, attack in ATTACKS.items() if attack.without is without]


@pytest.mark.parametrize("name", succeeding(Without.CONFINEMENT))
def test_without_confinement_it_succeeds(opened: Volley, name: str) -> None:
    """The same text, the same judge, a worker with no layer: what must not happen does."""
    assert opened.happened(name, ATTACKS[name])


@pytest.mark.parametrize("name", [name for name in _OPENED if ATTACKS[name].without is not Without.CONFINEMENT])
def test_confinement_is_not_what_stops_it(opened: Volley, name: str) -> None:
    """With no layer it fails all the same: what stops it is what its entry names."""
    assert not opened.happened(name, ATTACKS[name])


@pytest.mark.parametrize("name", succeeding(Without.ONE_PROCESS))
def test_in_one_process_with_the_checks_it_succeeds(naive: dict[str, Naive], name: str) -> None:
    """Where the submission is imported beside the checks, it passes for right, takes what it wants, or ends the run."""
    assert naive[name].happened(ATTACKS[name])


def test_honest_work_passes_in_one_process(naive: dict[str, Naive]) -> None:
    """The grader of one process grades: what fails there fails for a reason."""
    assert (naive["honest"].status, set(naive["honest"].passed)) == (0, {"multiplies", "neighbour"})


@pytest.mark.parametrize("name", succeeding(Without.WORDING))
def test_the_worker_did_say_it(walled: Volley, name: str) -> None:
    """What must not be told stands in the bytes that the grader received."""
    assert ATTACKS[name].word.encode() in walled.replies[name]


@pytest.mark.parametrize("name", succeeding(Without.UNPICKLED))
def test_a_host_that_unpickles_would_have_run_it(walled: Volley, name: str) -> None:
    """The bytes that the worker sent, unpickled by another process, make the file."""
    sent = walled.replies[name]
    payload = sent[sent.rindex(b"\x80\x04\x95") :]
    made = payload[payload.index(b"/") : payload.index(b"unpickled") + len("unpickled")].decode()
    subprocess.run(
        [sys.executable, "-c", "import pickle, sys; pickle.load(sys.stdin.buffer)"], input=payload, check=True
    )
    assert subprocess.run(["test", "-d", made], check=False).returncode == 0


def test_neighbours_of_the_control_are_honest(opened: Volley) -> None:
    """Without confinement too a neighbour that was not meant to be harmed has its points."""
    assert {result.score for result in opened.neighbours} == {20.0}
    assert {result.isolation for result in opened.neighbours} == {"none"}
