"""A cluster that cannot be used, or is lost midway, is a clear error that loses nothing."""

import argparse
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import range_course
import tiny_course
from dask_processes import (
    RIGHT,
    ROOT,
    SLUG,
    DaskCluster,
    Grading,
    dask_cluster,
    finished,
    wait_until,
)
from distributed.client import ClosedClientError
from distributed.comm import CommClosedError

from autograder import cli
from autograder.cluster import ClusterError, connection, dispatch, place
from autograder.cluster.errand import Errand
from autograder.cluster.worker import kit, same_kit
from autograder.course import Course
from autograder.grading.examine import Order
from autograder.grading.intake import Submission

NO_SANDBOX = "from autograder.sandbox.sandbox import Sandbox; Sandbox.__init__.__kwdefaults__['layers'] = ('rlimits',)"


@pytest.fixture
def ada(grading: Grading) -> Grading:
    """One submission."""
    grading.hand_in("ada", RIGHT)
    return grading


@contextmanager
def one_more_worker(cluster: DaskCluster, *options: str, before: str = "") -> Iterator[str]:
    """The address of a worker that joins for a while, and is ended as a batch system ends it: nothing of it stays."""
    gone = cluster.log("scheduler").count("Remove worker")
    process = cluster.start_workers(1, "--no-nanny", *options, before=before)
    address = cluster.log("worker").rpartition("Start worker at:")[2].split()[0]
    try:
        yield address
    finally:
        process.terminate()
        process.wait()
        wait_until(lambda: cluster.log("scheduler").count("Remove worker") > gone, "the worker to be gone")
        wait_until(lambda: not cluster.scratch(), "its bench to be gone")


# Before anything is graded


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://127.0.0.1:{closed}", "no scheduler answers there"),
        ("127.0.0.1", "an address is tcp://HOST:PORT"),
        ("tcp://no.such.host.invalid:8786", "no scheduler answers there"),
        ("scheduler-file:{folder}/none.json", "none.json cannot be read (No such file or directory)"),
        ("scheduler-file:{folder}/garbage.json", "garbage.json cannot be read (it is none)"),
    ],
    ids=["port", "form", "host", "file", "garbage"],
)
def test_a_wrong_address_is_told_at_once(ada: Grading, tmp_path: Path, address: str, said: str) -> None:
    """Exit code 1, and how a scheduler is started."""
    (tmp_path / "garbage.json").write_text("[")
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))  # bound, but nobody listens
        given = address.format(closed=unheard.getsockname()[1], folder=tmp_path)
        code, error = ada.run("--cluster", given)
    assert code == 1
    assert said in error
    assert "dask scheduler" in error


def test_without_dask_the_extra_is_named(ada: Grading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1 and the command that installs it."""
    monkeypatch.delitem(sys.modules, "autograder.cluster.place")
    monkeypatch.setitem(sys.modules, "dask", None)
    code, said = ada.run("--cluster", "tcp://127.0.0.1:1")
    assert code == 1
    assert "pip install --editable '.[cluster]'" in said


@pytest.mark.parametrize("other", [["--jobs", "2"], ["--replay", f"ada/{SLUG}"]], ids=["jobs", "replay"])
def test_what_means_this_machine_does_not_go_with_a_cluster(
    grading: Grading, capsys: pytest.CaptureFixture[str], other: list[str]
) -> None:
    """Wrong usage, exit code 2."""
    paths = [] if "--replay" in other else [str(grading.inbox)]
    command = ["--course", str(grading.course.root), "grade", *paths, "--cluster", "tcp://127.0.0.1:1", *other]
    assert cli.main(command) == 2
    assert "leave --jobs and --replay out" in capsys.readouterr().err


def test_a_scheduler_without_workers_is_told(ada: Grading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1 after some seconds, and the command that starts workers."""
    monkeypatch.setattr(place, "_PATIENCE_SECONDS", 0.5)
    with dask_cluster(tmp_path / "dask") as bare:
        code, said = ada.run("--cluster", bare.address)
    assert code == 1
    assert f"the scheduler has no workers. Start some with `dask worker {bare.address} --nthreads 1`" in said


def test_a_server_that_is_no_dask_scheduler_is_told(ada: Grading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something listens there and says nothing: exit code 1 after some seconds."""
    monkeypatch.setattr(connection, "_ANSWER_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        code, said = ada.run("--cluster", address)
    assert code == 1
    assert said.startswith(
        f"autograder: --cluster {address}: what answers there is no Dask scheduler that speaks to us"
    )


def test_a_worker_of_another_version_is_refused(cluster: DaskCluster, ada: Grading, tmp_path: Path) -> None:
    """Both versions are named, and the remedy; nothing is graded."""
    leave_out = shutil.ignore_patterns("hidden", "__pycache__")
    shutil.copytree(ROOT / "autograder", tmp_path / "changed" / "autograder", ignore=leave_out)
    with (tmp_path / "changed" / "autograder" / "grading" / "result.py").open("a") as file:
        file.write("# another version\n")
    changed = {"PYTHONPATH": str(tmp_path / "changed"), "PYTHONSAFEPATH": "1"}
    code, said = finished(ada.start("--cluster", cluster.address, **changed))
    assert code == 1
    assert f"has another version. There: {kit()}. Here: " in said
    assert "then restart the workers" in said
    assert ada.records() == {}


def test_a_worker_without_the_kit_is_refused(cluster: DaskCluster, ada: Grading) -> None:
    """Its address is named, and what to install; no task ever reaches it."""
    with one_more_worker(cluster, before="import sys; sys.modules['autograder'] = None") as address:
        code, said = ada.run("--cluster", cluster.address)
    assert code == 1
    assert f"The worker {address} cannot load this kit" in said
    assert "Install the kit" in said


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("abc Python 3.11.7 torch 2.13.0+cpu", "abc Python 3.11.7 torch 2.13.0+cu126", True),
        ("abc Python 3.11.7 torch 2.13.0", "abc Python 3.11.7 torch 2.12.0", False),
        ("abc Python 3.11.7 torch 2.13.0", "abc Python 3.12.1 torch 2.13.0", False),
        ("abc Python 3.11.7 torch 2.13.0", "abd Python 3.11.7 torch 2.13.0", False),
    ],
    ids=["build", "torch", "python", "engine"],
)
def test_versions_are_compared_but_for_the_build_of_torch(ours: str, theirs: str, same: bool) -> None:
    """Workers with a GPU have torch built for it."""
    assert same_kit(ours, theirs) is same


def test_a_worker_whose_sandbox_does_not_hold_grades_nothing(cluster: DaskCluster, grading: Grading) -> None:
    """The self-test runs on each worker and fails closed: exit code 1, the worker is named."""
    for number in range(8):
        grading.hand_in(f"student{number}", RIGHT)
    with one_more_worker(cluster, before=NO_SANDBOX) as address:
        code, said = grading.run("--cluster", cluster.address)
    assert code == 1
    assert f"On the worker {address}: The sandbox does not hold here" in said
    assert "the same command goes on from there" in said


# Devices


def test_cuda_without_a_gpu_worker_is_refused(cluster: DaskCluster, ada: Grading) -> None:
    """`--device cuda`: exit code 1, and how workers offer a GPU."""
    code, said = ada.run("--cluster", cluster.address, "--device", "cuda")
    assert code == 1
    assert '--nthreads 1 --resources "GPU=1"' in said


def test_checks_on_devices_go_to_workers_with_a_gpu(cluster: DaskCluster, tmp_path: Path) -> None:
    """Not one of eight submissions is graded by the two workers that declare none; the one that does lacks CUDA, and says so."""
    course = range_course.write(tmp_path / "range")
    texts = {f"student{number}": range_course.SCALE + range_course.REST for number in range(8)}
    for order in range_course.orders(tmp_path / "inbox", texts):
        assert order.submission.path.is_file()
    grading = Grading(course, tmp_path / "inbox")
    with one_more_worker(cluster, "--resources", "GPU=1") as address:
        code, said = grading.run("--cluster", cluster.address)
    assert code == 1
    assert f"On the worker {address}: --device cuda: torch sees no CUDA device here" in said
    assert not (course.state / "records").exists()


@pytest.mark.parametrize(
    ("resources", "device", "expected"),
    [
        ({}, "auto", ("simulated",)),
        ({"GPU": 1.0}, "auto", ("simulated", "cuda")),
        ({"GPU": 1.0}, "cuda", ("simulated", "cuda")),
        ({"GPU": 1.0}, "cpu", ("simulated",)),
    ],
)
def test_results_name_the_devices_that_the_workers_offer(resources, device, expected) -> None:
    """CUDA where a worker declares a GPU and it is not refused."""
    client = SimpleNamespace(scheduler_info=lambda n_workers: {"workers": {"tcp://a:1": {"resources": resources}}})
    assert place.Cluster(client, "tcp://s:1", device, unsafe=False).devices == expected


# Midway


def test_a_scheduler_that_is_gone_midway_loses_nothing_that_was_recorded(grading: Grading, tmp_path: Path) -> None:
    """Exit code 1, and the same command goes on from there."""
    for number in range(12):
        grading.hand_in(f"student{number:02}", RIGHT)
    with dask_cluster(tmp_path / "dask", workers=1) as frail:
        run = grading.start("--cluster", frail.address)
        wait_until(lambda: len(grading.records()) >= 2, "the first records")
        frail.scheduler.kill()
        code, said = finished(run)
    kept = grading.records()
    assert code == 1
    assert "autograder: The connection to the cluster's scheduler was lost" in said
    assert "the same command goes on from there" in said
    assert 2 <= len(kept) < 12


class Stub:
    """A client of a scheduler that has no workers, or loses each before it begins."""

    status = "running"

    def __init__(self, *workers: str) -> None:
        self._workers = workers

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        return {"workers": {address: {} for address in self._workers}}

    def run(self, function: Callable[[], str], workers: list[str], on_error: str) -> dict[str, str]:
        return {address: function() for address in workers}

    def submit(self, function: object, *arguments: object, key: str, **options: object) -> SimpleNamespace:
        died = dispatch.KilledWorker(key, SimpleNamespace(address="tcp://a:1"), 0)
        return SimpleNamespace(
            key=key,
            status="error",
            exception=lambda: died,
            add_done_callback=lambda call: call(SimpleNamespace(key=key, status="error", exception=lambda: died)),
        )

    def gather(self, futures: list[object], errors: str) -> list[object]:
        return []

    def cancel(self, futures: list[object]) -> None:
        """Nothing is under way."""


def dispatched(course: Course, client: Stub, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said at the end of a run that cannot succeed."""
    monkeypatch.setattr(dispatch, "_UNMANNED_SECONDS", 0.0)
    monkeypatch.setattr(dispatch, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(dispatch, "_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(dispatch, "Event", lambda name, client: argparse.Namespace(is_set=lambda: False))
    order = Order(Submission("ada", tiny_course.SLUG, course.root / "none.py", "none.py"), "5eed")
    errand = Errand(course.assignment(tiny_course.SLUG), order, needs_gpu=False)
    with pytest.raises(ClusterError) as error:
        dispatch.Dispatch(client, False, "cpu", [errand], lambda *_: None).run()
    return str(error.value)


def test_a_cluster_that_loses_all_its_workers_is_told(grading: Grading, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a minute without one, the run ends instead of waiting for ever."""
    assert "The cluster has had no worker for 0 s" in dispatched(grading.course, Stub(), monkeypatch)


def test_workers_that_die_before_they_begin_are_no_submissions_fault(
    grading: Grading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No submission is blamed; after twenty of them the run ends."""
    said = dispatched(grading.course, Stub("tcp://a:1"), monkeypatch)
    assert "lost 21 workers before they began to grade" in said


def test_a_connection_that_broke_is_told_where_nothing_is_under_way(
    grading: Grading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's own word is enough."""
    client = Stub("tcp://a:1")
    client.status = "connecting"
    assert "the connection broke" in dispatched(grading.course, client, monkeypatch)


@pytest.mark.parametrize(
    "said", [CommClosedError("reset by peer"), ClosedClientError("closed"), CancelledError("gone")]
)
def test_a_connection_that_breaks_before_the_client_knows_is_told(
    grading: Grading, monkeypatch: pytest.MonkeyPatch, said: Exception
) -> None:
    """A request that finds the scheduler gone may be quicker than the client, whose status is still `running`."""

    def gone(n_workers: int) -> dict[str, Any]:
        raise said

    client = Stub()
    monkeypatch.setattr(client, "scheduler_info", gone)
    assert f"scheduler was lost ({said})" in dispatched(grading.course, client, monkeypatch)


def test_a_worker_that_leaves_while_it_is_asked_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot grade, so it does not matter."""
    client = SimpleNamespace(run=lambda function, workers, on_error: {"tcp://a:1": OSError("gone")})
    connection.refuse_others(client, {"tcp://a:1"})
