"""Grading on a Dask cluster that the user has started: submissions go to its workers, results come back and are recorded here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.grading.tasks import Place


class ClusterError(Exception):
    """The cluster cannot be used, or was lost; what has been recorded stays, and the message says what to do."""


@contextmanager
def place_at(address: str, *, device: str = "auto", unsafe: bool = False) -> "Iterator[Place]":
    """The cluster at an address (tcp://HOST:PORT, tls://HOST:PORT, scheduler-file:PATH) as a place where tasks are graded.

    Raises:
        ClusterError: Dask is not installed, nobody answers, there are no workers, or none with the GPU that was asked for.
    """
    try:
        from autograder.cluster.place import cluster
    except ModuleNotFoundError as missing:
        if missing.name not in ("dask", "distributed"):
            raise
        raise ClusterError(
            f"--cluster needs Dask, and there is no {missing.name} in this environment. In the kit's folder: "
            "pip install --editable '.[cluster]'"
        ) from None
    with cluster(address, device=device, unsafe=unsafe) as place:
        yield place
