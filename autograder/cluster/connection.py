"""The way to the scheduler that the user has started, and what its workers are."""

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from distributed import Client, Security
from distributed.client import ClosedClientError
from distributed.comm import connect

from autograder.cluster import ClusterError
from autograder.cluster.worker import GPU, kit, same_kit

_SCHEDULER_FILE = "scheduler-file:"
_ANSWER_SECONDS = 10.0
_SAME = (
    "Install the same checkout, Python, torch and numpy on both (requirements.txt pins them), then restart the workers."
)


@dataclass(frozen=True)
class Workers:
    """The workers of a cluster at one moment: their addresses, and which of them have a GPU to give."""

    all: frozenset[str]
    gpu: frozenset[str]


@contextlib.contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler at an address, or named by `scheduler-file:PATH`.

    Raises:
        ClusterError: no scheduler answers there.
    """
    address = _from_file(Path(address.removeprefix(_SCHEDULER_FILE))) if _is_file(address) else address
    _knock(address)
    try:
        asyncio.run(_greet(address))
        client = Client(address, timeout=_ANSWER_SECONDS, set_as_default=False, name="autograder")
    except Exception as error:  # whatever the transport says
        raise ClusterError(
            f"--cluster {address}: what answers there is no Dask scheduler that speaks to us ({error or type(error).__name__}). "
            "With tls:// both ends need certificates (docs/cluster.md); tcp:// will not do where the scheduler wants TLS."
        ) from None
    try:
        yield client
    finally:
        with contextlib.suppress(OSError, ClosedClientError):  # of a scheduler that is gone
            client.close(timeout=3)


def workers_of(client: Client) -> Workers:
    """The workers that the scheduler knows now."""
    found: dict[str, Any] = client.scheduler_info(n_workers=-1).get("workers", {})
    gpu = {address for address, worker in found.items() if worker.get("resources", {}).get(GPU)}
    return Workers(frozenset(found), frozenset(gpu))


def refuse_others(client: Client, addresses: Iterable[str]) -> None:
    """Refuses workers that have no kit, or another one: their grades would not be those of this machine.

    Raises:
        ClusterError: naming the first of them, and both versions.
    """
    addresses = sorted(addresses)
    answers: dict[str, object] = client.run(kit, workers=addresses, on_error="return") if addresses else {}
    refused = {
        address: answer for address, answer in answers.items() if not same_kit(kit(), str(answer)) and not _left(answer)
    }
    for address, answer in refused.items():
        more = f" So have {len(refused) - 1} more." if len(refused) > 1 else ""
        if isinstance(answer, BaseException):
            raise ClusterError(
                f"The worker {address} cannot load this kit ({answer}).{more} Install the kit in the environment that the "
                "worker runs in, then restart it."
            )
        raise ClusterError(other_version(address, str(answer)) + more)


def other_version(address: str, theirs: str) -> str:
    """What to say of a worker of another version."""
    return f"The worker {address} has another version. There: {theirs}. Here: {kit()}. {_SAME}"


def _left(answer: object) -> bool:
    """Whether a worker went away while it was asked."""
    return isinstance(answer, OSError)


def _is_file(address: str) -> bool:
    return address.startswith(_SCHEDULER_FILE)


def _from_file(path: Path) -> str:
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["address"])
    except OSError as error:
        reason = error.strerror
    except (ValueError, KeyError, TypeError):
        reason = "it is none"
    raise ClusterError(
        f"--cluster: the scheduler file {path} cannot be read ({reason}). "
        f"`dask scheduler --scheduler-file {path}` writes it; it must lie where this machine sees it too."
    )


async def _greet(address: str) -> None:
    """Exchanges greetings with a Dask scheduler; a client would wait for ever for a server that says nothing."""
    how = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, timeout=_ANSWER_SECONDS, **how), _ANSWER_SECONDS)
    await comm.close()


def _knock(address: str) -> None:
    """Finds out quickly whether anybody listens: Dask itself tries for a long time."""
    try:
        parts = urlsplit(address)
        if not parts.scheme or parts.hostname is None or parts.port is None:
            raise ValueError("an address is tcp://HOST:PORT, tls://HOST:PORT or scheduler-file:PATH")
        socket.create_connection((parts.hostname, parts.port), _ANSWER_SECONDS).close()
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"--cluster {address}: no scheduler answers there ({error}). Start one with `dask scheduler`, and workers with "
            f"`dask worker {address} --nthreads 1`; docs/cluster.md says how."
        ) from None
