"""What a Dask worker is asked to do. It is a trusted process: student code runs in workers that its sandbox confines.

Nothing here may import torch while it is loaded: Dask reads messages where it also answers the scheduler.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from distributed import Event, get_worker

from autograder.cluster.bench import Bench, Checks, HandedIn
from autograder.grading.result import to_json
from autograder.grading.versions import engine

GPU = "GPU"  # the Dask resource of workers that have one


@lru_cache(maxsize=1)
def kit() -> str:
    """The engine as results name it, and a digest of what only a cluster needs: both ends must speak of the same."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return f"{engine()} cluster {digest.hexdigest()[:8]}"


def same_kit(ours: str, theirs: str) -> bool:
    """Whether two versions may work together; torch is built differently for CPUs and for GPUs."""
    return _without_builds(ours) == _without_builds(theirs)


def _without_builds(versions: str) -> list[str]:
    return [word.split("+")[0] for word in versions.split()]


def checks(slug: str, version: str, sources: dict[str, bytes]) -> Checks:
    """The trusted files of an assignment. Dask keeps them where they are needed, and hands them from worker to worker."""
    return Checks(slug, version, sources)


def bench(unsafe: bool, device: str) -> Bench:
    """The place where a worker grades."""
    return Bench(unsafe, device)


def grade(place: Bench, needed: Checks, handed_in: HandedIn, of_kit: str, claim: str) -> str:
    """The result of a submission as JSON, under `result`; or under `fault` or `other` why the worker cannot grade.

    Or `begun`, where the same claim was made before: Dask runs a task again when its worker is lost, and it is for
    whoever asked to decide whether this submission is tried again.
    """
    worker = get_worker()
    said: dict[str, object] = {"claim": claim, "worker": worker.address}
    if not same_kit(of_kit, kit()):
        return json.dumps({**said, "other": kit()})
    with place.turn:
        claimed = Event(claim)
        if claimed.is_set():
            return json.dumps({**said, "begun": True})
        claimed.set()
        has_gpu = bool(worker.state.total_resources.get(GPU))
        try:
            result = place.grade(needed, handed_in, worker.local_directory, has_gpu)
        except Exception as error:
            return json.dumps({**said, "fault": str(error) or repr(error)})
    return json.dumps({**said, "result": to_json(result)})
