"""`autograder grade --cluster`: the results of a local run, recorded as they come, whatever happens to workers."""

import os
import signal
import time

import pytest
from dask_processes import ENDLESS, RIGHT, SLUG, TWICE, DaskCluster, Grading, finished, interrupt, wait_until

CLASS = 8


@pytest.fixture
def class_of_eight(grading: Grading) -> Grading:
    """Right and wrong work in turn."""
    for number in range(CLASS):
        grading.hand_in(f"student{number:02}", TWICE if number % 2 else RIGHT)
    return grading


def test_a_cluster_gives_the_results_of_a_local_run(cluster: DaskCluster, grading: Grading) -> None:
    """Byte for byte, times apart: right, wrong, unreadable, unwritten, crashing work, a link, a pipe, a folder of two files.

    Nothing is left on the workers, and a second run grades nothing again.
    """
    grading.hand_in("ada", RIGHT)
    grading.hand_in("bo", TWICE)
    grading.hand_in("chen", '{"cells": [', ".ipynb")
    grading.hand_in("dee", "")
    grading.hand_in("eve", f"{RIGHT}\nimport os\nos._exit(1)\n")
    (grading.inbox / f"fay_{SLUG}.py").symlink_to("/etc/passwd")
    os.mkfifo(grading.inbox / f"gus_{SLUG}.ipynb")
    (grading.inbox / "hal").mkdir()
    (grading.inbox / "hal" / f"{SLUG}.py").write_text(TWICE)
    (grading.inbox / "hal" / f"{SLUG}.ipynb").write_text("{")
    code, said = grading.run("--cluster", cluster.address, "--device", "cpu")
    assert (code, said) == (1, "")
    there, recorded = grading.results(), grading.records()
    wait_until(lambda: not cluster.scratch() and not cluster.zygotes(), "benches to be gone")

    assert grading.run("--cluster", f"scheduler-file:{cluster.file}", "--device", "cpu") == (1, "")
    assert grading.results() == there
    assert grading.records() == recorded

    assert grading.run("--jobs", "1", "--device", "cpu", "--fresh") == (1, "")
    here = grading.results()
    assert list(there) == list(here) == ["ada", "bo", "chen", "dee", "eve", "fay", "gus", "hal"]
    assert there == here
    assert {one["isolation"] for one in there.values()} == {"landlock+seccomp+rlimits"}
    assert sorted(grading.records()) == sorted(recorded)


def test_a_submission_that_ends_three_workers_is_reported_and_the_others_are_graded(
    cluster: DaskCluster, class_of_eight: Grading
) -> None:
    """Whatever worker holds it is killed midway, as the kernel does where memory runs out: three times, and never a fourth time.

    Each is replaced, no process of its sandbox lives on, and what else it was given is graded by another one.
    """
    grading = class_of_eight
    grading.hand_in("poison", ENDLESS)
    known, confined, kills = cluster.registered(), [], 0
    run = grading.start("--cluster", cluster.address)
    while run.poll() is None:
        holder = cluster.holder_of_slow_work()
        if holder is not None:
            confined += holder.children(recursive=True)
            holder.kill()
            holder.wait()
            kills += 1
        time.sleep(0.05)
    code, said = finished(run)
    assert (code, said, kills) == (1, "", 3)
    assert len(confined) >= 6  # a zygote and a worker each time
    wait_until(lambda: not any(process.is_running() for process in confined), "the sandboxes to end")
    wait_until(lambda: cluster.registered() >= known + 3, "the nannies to replace the workers")
    results = grading.results()
    poison = results.pop("poison")
    assert (poison["status"], poison["record"], poison["checks"]) == ("error", "", [])
    assert poison["message"].startswith("3 workers of the cluster ended while they graded this submission")
    assert [one["score"] for one in results.values()] == [20.0, 8.0] * (CLASS // 2)
    assert len(grading.records()) == CLASS


def test_an_interruption_keeps_what_has_begun(cluster: DaskCluster, class_of_eight: Grading) -> None:
    """Ctrl-C: exit code 130, what had begun is recorded, nothing else begins, and the next run grades the rest only."""
    grading = class_of_eight
    for number in range(CLASS, 24):
        grading.hand_in(f"student{number:02}", RIGHT)
    run = grading.start("--cluster", cluster.address)
    wait_until(lambda: len(grading.records()) >= 2, "the first records")
    interrupt(run)
    code, said = finished(run)
    assert code == 130
    assert "recorded" in said
    kept = grading.records()
    assert 2 <= len(kept) < 24
    wait_until(lambda: not cluster.scratch() and not cluster.zygotes(), "benches to be gone")
    assert grading.records() == kept
    assert grading.run("--jobs", "1") == (0, "")
    after = grading.records()
    assert len(after) == 24
    assert {name: after[name] for name in kept} == kept


def test_a_killed_client_leaves_nothing_on_the_workers(cluster: DaskCluster, class_of_eight: Grading) -> None:
    """SIGKILL of the command: checks, solution and sandbox are gone from the workers soon after."""
    run = class_of_eight.start("--cluster", cluster.address)
    wait_until(cluster.zygotes, "a bench")
    assert cluster.scratch()
    run.send_signal(signal.SIGKILL)
    finished(run)
    wait_until(lambda: not cluster.scratch() and not cluster.zygotes(), "benches to be gone")
