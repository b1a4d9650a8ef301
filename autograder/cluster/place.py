"""The cluster as a place where tasks are graded, beside this process and the processes of this machine."""

import contextlib
import time
from collections.abc import Iterator

import dask
from distributed import Client

from autograder.checking.plugin import CheckError, Examination, examine
from autograder.cluster import ClusterError
from autograder.cluster.connection import Workers, connected, workers_of
from autograder.cluster.dispatch import Dispatch
from autograder.cluster.errand import Errand
from autograder.course import Assignment, Course
from autograder.grading import versions
from autograder.grading.records import Records
from autograder.grading.tasks import Done, Task
from autograder.sandbox.session import CUDA, SIMULATED

_PATIENCE_SECONDS = 10.0  # for the first worker
_LARGE = "64 MiB"  # a hand-in may have 20 MB; Dask warns of tasks that large


class Cluster:
    """The workers of a scheduler that the user has started."""

    def __init__(self, client: Client, address: str, device: str, unsafe: bool) -> None:
        self._client = client
        self._device, self._unsafe = device, unsafe
        self._workers = _first_workers(client, address)
        if device == "cuda" and not self._workers.gpu:
            raise ClusterError(
                f"--device cuda: no worker of {address} has a GPU to give; start those that have one with "
                f'`dask worker {address} --nthreads 1 --resources "GPU=1"`, or use --device auto or cpu.'
            )

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that device checks run on: CUDA too, where workers offer it and it is not refused."""
        return (SIMULATED, CUDA) if self._workers.gpu and self._device != "cpu" else (SIMULATED,)

    def run(self, course: Course, tasks: list[Task], records: Records, done: Done) -> None:
        """Grades the tasks, each submission by itself; results are recorded here, as they come."""
        errands = [errand for task in tasks for errand in self._errands(course, task)]
        device = self._device if CUDA in self.devices else "cpu"

        with dask.config.set({"distributed.admin.large-graph-warning-threshold": _LARGE}):
            Dispatch(
                self._client,
                self._unsafe,
                device,
                errands,
                lambda order, files, assignment, result: done(records.keep(assignment, order, files, result)),
            ).run()

    def _errands(self, course: Course, task: Task) -> list[Errand]:
        assignment = versions.frozen(course, task.slug, task.version)
        needs_gpu = CUDA in self.devices and _on_devices(assignment)
        return [Errand(assignment, order, needs_gpu) for order in task.orders]


@contextlib.contextmanager
def cluster(address: str, *, device: str = "auto", unsafe: bool = False) -> Iterator[Cluster]:
    """The cluster at an address (tcp://HOST:PORT, tls://HOST:PORT, scheduler-file:PATH).

    Raises:
        ClusterError: nobody answers, there are no workers, or none with the GPU that was asked for.
    """
    with connected(address) as client:
        yield Cluster(client, address, device, unsafe)


def _first_workers(client: Client, address: str) -> Workers:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not (workers := workers_of(client)).all:
        if time.monotonic() > until:
            raise ClusterError(
                f"--cluster {address}: the scheduler has no workers. Start some with `dask worker {address} --nthreads 1`, or "
                "wait until your batch system has started them, then run this again."
            )
        time.sleep(0.2)
    return workers


def _on_devices(assignment: Assignment) -> bool:
    """Whether any check of an assignment runs on devices."""
    found: list[bool] = []

    def look(examination: Examination) -> None:
        found.append(examination.on_devices)

    with contextlib.suppress(CheckError):  # where it is graded, every result will say so
        examine(assignment.checks, look)
    return any(found)
