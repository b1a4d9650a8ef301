"""The corpus behind the wall: nothing read, nothing faked, nothing lost, every neighbour graded."""

import json

import pytest
from corpus import ATTACKS
from corpus.exhausting import GPU
from firing import VALUES, Volley, fire
from range_course import CHECKS_WORD, REFERENCE_WORD, SECRET, statuses
from world import WORDS

from autograder.grading.result import to_json
from autograder.sandbox.sandbox import Sandbox

PLANTED = (CHECKS_WORD, REFERENCE_WORD, SECRET, *WORDS.values())


@pytest.mark.parametrize("name", ATTACKS)
def test_what_must_not_happen_does_not(walled: Volley, name: str) -> None:
    """Judged by replies, files, ports and the result; the check that was attacked ends as the corpus says, and the others pass."""
    attack, result = ATTACKS[name], walled.results[name]
    assert not walled.happened(name, attack), f"{name}: {attack.must_not.value}"
    assert result.status == "graded"
    ended = statuses(result)
    assert ended[VALUES] in attack.ends
    others = {status for check, status in ended.items() if check != VALUES}
    assert attack.spoils or others == ({attack.status} if attack.everywhere else {"passed"})


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.beside and not attack.slow])
def test_nor_does_it_from_a_notebook(as_notebooks: Volley, name: str) -> None:
    """What counts of a notebook is another choice of statements; what must not happen is the same."""
    assert not as_notebooks.happened(name, ATTACKS[name])
    assert as_notebooks.results[name].status == "graded"


def test_no_planted_word_leaves(walled: Volley, as_notebooks: Volley) -> None:
    """Whoever it was planted for, no reply of any worker and no result holds one."""
    for volley in (walled, as_notebooks):
        said = b"".join(volley.replies.values()).decode(errors="replace")
        shown = json.dumps([to_json(result) for result in volley.results.values()])
        assert [word for word in PLANTED if word in said + shown] == []


def test_nobody_else_hears_or_loses_anything(walled: Volley, as_notebooks: Volley) -> None:
    """Ports and the process beside hear nothing, every honest neighbour has 20 points, and no worker is left."""
    for volley in (walled, as_notebooks):
        assert volley.heard == ""
        assert {result.score for result in volley.neighbours} == {20.0}
        assert len(volley.neighbours) > len(volley.results) / 8
        assert len(volley.workers) >= len(volley.results)
        assert None not in volley.workers.values()
        assert volley.left == []


def test_every_result_says_what_confined_it(walled: Volley) -> None:
    """The isolation stands in each result, hostile or not."""
    assert {result.isolation for result in walled.results.values()} == {"landlock+seccomp+rlimits"}


def test_the_corpus_is_large_and_each_entry_is_its_own() -> None:
    """At least a hundred attacks, no two of which do the same."""
    assert len(ATTACKS) >= 100
    assert len({(attack.does, attack.beside, attack.status) for attack in ATTACKS.values()}) == len(ATTACKS)


def test_the_judge_can_tell(walled: Volley) -> None:
    """What the workers said was seen: the text of an exception, which no result holds, stands in the replies."""
    assert b"factor LEAKED" in walled.replies["tells by the text of an exception"]


@pytest.mark.parametrize("name", GPU)
def test_the_gpu_is_closed_to_workers_of_other_devices(
    sandbox: Sandbox, unconfined: Sandbox, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """The files of the driver are granted to workers that run device checks on CUDA and to nobody else."""
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("torch sees no GPU here")
    assert fire(GPU, unconfined, tmp_path_factory.mktemp("gpu") / "opened").happened(name, GPU[name])
    assert not fire(GPU, sandbox, tmp_path_factory.mktemp("gpu") / "walled").happened(name, GPU[name])
