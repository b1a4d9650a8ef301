"""One run on a cluster: hands submissions out, takes results in, and sees to it that nothing is tried for ever."""

import contextlib
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any

from distributed import Client, Event, Future, KilledWorker
from distributed.client import ClosedClientError
from distributed.comm import CommClosedError

from autograder.cluster import ClusterError, worker
from autograder.cluster.bench import HandedIn
from autograder.cluster.connection import Workers, other_version, refuse_others, workers_of
from autograder.cluster.errand import Errand, claim_of
from autograder.cluster.interruption import interruption
from autograder.course import Assignment
from autograder.grading import hand_ins
from autograder.grading.examine import Order
from autograder.grading.hand_ins import HandIn
from autograder.grading.result import ERROR, SubmissionResult, from_json
from autograder.grading.tasks import ungraded
from autograder.sandbox.zygote import SandboxError

KILLS = 3  # workers that a submission may end
_LOSSES = 20  # tasks lost one after another with workers that had not begun them
_AHEAD = 4  # submissions handed out for each worker: none waits for this process, and few are under way
_WAIT_SECONDS = 0.5  # for a result, before it looks at the workers again
_LOOK_SECONDS = 2.0
_UNMANNED_SECONDS = 60.0  # how long there may be no worker: a nanny needs seconds to start another
_LAST_SECONDS = 90.0  # how long submissions under way are waited for after an interruption

GO_ON = "What was graded is recorded: the same command goes on from there."


Taken = Callable[[Order, HandIn, Assignment, SubmissionResult], None]


class Dispatch:
    """The state of one run; `taken` is handed each result as it comes."""

    def __init__(self, client: Client, unsafe: bool, device: str, errands: list[Errand], taken: Taken) -> None:
        self._client = client
        self._settings = unsafe, device
        self._taken = taken
        # Those that need a GPU wait by themselves, so that neither kind keeps workers from the other.
        self._waiting: dict[bool, deque[Errand]] = {gpu: deque() for gpu in (True, False)}
        for errand in errands:
            self._wait(errand)
        self._flying: dict[object, tuple[Errand, Future]] = {}
        self._landed: SimpleQueue[Future] = SimpleQueue()
        self._shared: dict[str, Future] = {}  # the bench, and the checks of each version
        self._name = f"unstuck-{secrets.token_hex(6)}"
        self._count = 0  # of tasks, for their names
        self._losses = 0
        self._workers = Workers(frozenset(), frozenset())
        self._looked, self._manned = 0.0, time.monotonic()

    def run(self) -> None:
        """Returns when every submission has its result.

        Raises:
            ClusterError: the scheduler or the workers are gone, or a worker is unfit.
            SandboxError: the sandbox does not hold on a worker.
        """
        try:
            with interruption() as interrupted:
                while (any(self._waiting.values()) or self._flying) and not interrupted.is_set():
                    self._look()
                    for needs_gpu, waiting in self._waiting.items():
                        while waiting and self._wants_more(needs_gpu):
                            self._hand_out(waiting.popleft())
                    self._take_in()
                if interrupted.is_set():
                    self._finish_begun()
                    raise KeyboardInterrupt
        except (CommClosedError, ClosedClientError, CancelledError) as error:  # the client itself may not know it yet
            raise self._lost(error) from None
        except OSError as error:
            if self._client.status == "running":
                raise
            raise self._lost(error) from None
        finally:
            with contextlib.suppress(OSError, ClosedClientError):  # of a scheduler that is gone
                self._client.cancel([future for _, future in self._flying.values()])

    def _look(self) -> None:
        """Looks at the workers now and then: those who came are asked for their version; somebody has to be there."""
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        if self._client.status != "running":
            raise self._lost("the connection broke")
        workers = workers_of(self._client)
        refuse_others(self._client, workers.all - self._workers.all)
        self._workers, self._looked = workers, now
        on_gpu = bool(self._waiting[True]) or any(errand.needs_gpu for errand, _ in self._flying.values())
        if workers.gpu if on_gpu else workers.all:
            self._manned = now
        elif now - self._manned > _UNMANNED_SECONDS:
            kind = "no worker with a GPU" if on_gpu else "no worker"
            raise ClusterError(
                f"The cluster has had {kind} for {_UNMANNED_SECONDS:g} s: they ended, or lost the scheduler; their logs say why. "
                f"Start others. {GO_ON}"
            )

    def _wait(self, errand: Errand) -> None:
        self._waiting[errand.needs_gpu].append(errand)

    def _wants_more(self, needs_gpu: bool) -> bool:
        """Whether the workers of one kind have less ahead of them than they should."""
        able = self._workers.gpu if needs_gpu else self._workers.all
        return sum(errand.needs_gpu == needs_gpu for errand, _ in self._flying.values()) < _AHEAD * len(able)

    def _hand_out(self, errand: Errand) -> None:
        files = errand.files or hand_ins.read(errand.order.submission)
        errand = replace(errand, files=files)
        key = self._name, self._count  # Dask sees by the first part that these are alike, and spreads them evenly
        self._count += 1
        future = self._client.submit(
            worker.grade,
            self._bench(),
            self._checks(errand.assignment),
            HandedIn(errand.order.submission, errand.order.seed, files),
            worker.kit(),
            claim_of(key),
            key=key,
            resources={worker.GPU: 1} if errand.needs_gpu else None,
            pure=False,
        )
        self._flying[key] = errand, future
        future.add_done_callback(self._landed.put)

    def _bench(self) -> Future:
        return self._share("bench", f"{self._name}-bench", worker.bench, *self._settings)

    def _checks(self, assignment: Assignment) -> Future:
        """The checks on the cluster: sent once, and by Dask to each worker once; runs of the same version share them."""
        version = assignment.version
        if version not in self._shared:
            sources = assignment.read_sources()
            return self._share(version, f"unstuck-checks-{version}", worker.checks, assignment.slug, version, sources)
        return self._shared[version]

    def _share(self, name: str, key: str, make: Callable[..., object], *args: object) -> Future:
        if name not in self._shared:
            self._shared[name] = self._client.submit(make, *args, key=f"{key}-{self._losses}", pure=False)
        return self._shared[name]

    def _take_in(self) -> None:
        """Takes in what has landed; waits for it, but not for long."""
        landed: list[Future] = []
        with contextlib.suppress(Empty):
            landed.append(self._landed.get(timeout=_WAIT_SECONDS))
            while True:
                landed.append(self._landed.get_nowait())
        landed = [future for future in landed if future.key in self._flying]  # not what was cancelled
        for future in landed:
            if future.status not in ("finished", "error"):
                raise self._lost(f"a task is {future.status}")
        finished = [future for future in landed if future.status == "finished"]
        replies = {reply["claim"]: reply for reply in map(json.loads, self._client.gather(finished, errors="skip"))}
        for future in landed:
            reply = replies.get(claim_of(future.key))
            if reply is not None:
                self._claim(future).clear()
                self._take(self._landed_errand(future), reply)
            elif future.status == "error":
                self._failed(future, future.exception())
            else:  # its worker ended before the reply could be fetched, and it is made again
                future.add_done_callback(self._landed.put)

    def _claim(self, future: Future) -> Event:
        return Event(claim_of(future.key), client=self._client)

    def _landed_errand(self, future: Future) -> Errand:
        return self._flying.pop(future.key)[0]

    def _take(self, errand: Errand, reply: dict[str, Any]) -> None:
        if "other" in reply:
            raise ClusterError(other_version(reply["worker"], reply["other"]))
        if "fault" in reply:
            raise SandboxError(f"On the worker {reply['worker']}: {reply['fault']} {GO_ON}")
        if "begun" in reply:
            self._killed(errand)
            return
        self._losses = 0
        self._done(errand, from_json(reply["result"]))

    def _failed(self, future: Future, error: BaseException | None) -> None:
        """A task without an answer. Dask gives up a task whose worker was lost too often, begun or not."""
        if not isinstance(error, KilledWorker):
            raise ClusterError(f"The cluster could not grade ({type(error).__name__}: {error}). {GO_ON}")
        errand = self._landed_errand(future)
        if self._claim(future).is_set():
            self._claim(future).clear()
            self._killed(errand)
            return
        self._losses += 1
        if self._losses > _LOSSES:
            raise ClusterError(
                f"The cluster lost {self._losses} workers before they began to grade; their logs say why. {GO_ON}"
            )
        self._shared = {name: shared for name, shared in self._shared.items() if shared.status != "error"}
        self._wait(errand)

    def _killed(self, errand: Errand) -> None:
        """A worker ended while it graded this submission: it is tried again, but not for ever."""
        errand = replace(errand, kills=errand.kills + 1)
        if errand.kills < KILLS:
            self._wait(errand)
            return
        message = (
            f"{KILLS} workers of the cluster ended while they graded this submission, so it was not tried again, and no grade was "
            "recorded. Grade it by itself on a machine where nothing else runs (without --cluster, with --jobs 1), and look at "
            "memory and at the kernel's log meanwhile."
        )
        self._done(errand, ungraded(errand.order, ERROR, message))

    def _done(self, errand: Errand, result: SubmissionResult) -> None:
        assert errand.files is not None  # it was handed out
        self._taken(errand.order, errand.files, errand.assignment, result)

    def _finish_begun(self) -> None:
        """After an interruption: what no worker has been given is cancelled, the rest is taken in as it lands."""
        given = {key for keys in self._client.processing().values() for key in keys}
        left = [self._flying.pop(key)[1] for key in set(self._flying) - given]
        self._client.cancel(left)
        until = time.monotonic() + _LAST_SECONDS
        while self._flying and time.monotonic() < until:
            self._take_in()

    def _lost(self, reason: object) -> ClusterError:
        return ClusterError(f"The connection to the cluster's scheduler was lost ({reason}). {GO_ON}")
