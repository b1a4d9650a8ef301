"""Grades attacks, honest neighbours between them, and judges each from the trusted side: by bytes, files, ports and results."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from corpus.attack import Attack, MustNot
from range_course import CHECKS_WORD, DEADLINES, HONEST, REFERENCE_WORD, SECRET, SEED, SLUG, statuses
from world import World

from autograder.grading.examine import Order, grade_all
from autograder.grading.intake import Submission
from autograder.grading.result import SubmissionResult, to_json
from autograder.sandbox.sandbox import Sandbox

EVERY = 8  # attacks to a neighbour
VALUES = "scale/multiplies"
_MARK = re.compile(rb"# attack (\d{4})")
_NAIVE = Path(__file__).with_name("naive.py")


@dataclass
class Volley:
    """What came of one run: by attack the result, every byte its workers sent, whether its folder changed; what was heard."""

    results: dict[str, SubmissionResult] = field(default_factory=dict)
    neighbours: list[SubmissionResult] = field(default_factory=list)
    replies: dict[str, bytes] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    heard: str = ""
    workers: dict[int, int | None] = field(default_factory=dict)  # their pids, and their parent's
    left: list[int] = field(default_factory=list)  # of these, the ones that their parent still has

    def happened(self, name: str, attack: Attack) -> bool:
        """Whether what must not happen did."""
        result = self.results[name]
        match attack.must_not:
            case MustNot.READ | MustNot.GRANTED:
                return attack.word.encode() in self.replies[name]
            case MustNot.CHANGED:
                return name in self.changed
            case MustNot.HEARD:
                return attack.word in self.heard
            case MustNot.SCORED:
                return statuses(result).get(VALUES) == "passed"
            case MustNot.LOST:
                others = {status for check, status in statuses(result).items() if check != VALUES}
                return result.status != "graded" or (others != {"passed"} and not attack.everywhere)
            case MustNot.TOLD:
                return attack.word in json.dumps(to_json(result), ensure_ascii=False)


class _Tap:
    """A worker's socket, whose bytes are kept under the number of the attack that was loaded into the worker."""

    def __init__(self, channel: socket.socket, kept: dict[int, bytearray], told: Callable[[], None]) -> None:
        self._channel, self._kept, self._number, self._told = channel, kept, -1, told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def send(self, data: bytes) -> int:
        if found := _MARK.search(data):
            self._number = int(found[1])
            self._told()
        return self._channel.send(data)

    def recv(self, size: int) -> bytes:
        data = self._channel.recv(size)
        kept = self._kept.setdefault(self._number, bytearray())
        kept += data[: max(0, (1 << 20) - len(kept))]
        return data


def fire(attacks: dict[str, Attack], sandbox: Sandbox, folder: Path, *, notebooks: bool = False) -> Volley:
    """Grades the attacks with honest neighbours between them, in a world of their own; as modules, or as notebooks of one cell."""
    volley = Volley()
    kept: dict[int, bytearray] = {}
    numbers = {name: number for number, name in enumerate(attacks)}
    with World(folder) as world, pytest.MonkeyPatch.context() as patch:
        fork = sandbox.zygote.fork

        def tapped(*args: Any, **more: Any) -> Any:
            worker = fork(*args, **more)
            worker.channel = _Tap(
                worker.channel, kept, lambda: volley.workers.update({worker.pid: _parent(worker.pid)})
            )
            return worker

        patch.setattr(sandbox.zygote, "fork", tapped)

        def done(result: SubmissionResult) -> None:
            if result.student in attacks:
                volley.results[result.student] = result
            else:
                volley.neighbours.append(result)

        texts = {name: attack.text(numbers[name], world.aim(numbers[name])) for name, attack in attacks.items()}
        orders = _orders(folder / "handed_in", texts, notebooks)
        grade_all(world.course.assignment(SLUG), sandbox, orders, done, DEADLINES)
        time.sleep(0.5)  # what was left behind shows itself
        volley.changed = {name for name, number in numbers.items() if world.changed(number)}
        volley.heard = world.heard()
    volley.left = [pid for pid, parent in volley.workers.items() if _parent(pid) == parent]
    volley.replies = {name: bytes(kept.get(number, b"")) for name, number in numbers.items()}
    return volley


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return None


def _orders(folder: Path, texts: dict[str, str], notebooks: bool) -> Iterable[Order]:
    for number, (name, text) in enumerate(texts.items()):
        if number % EVERY == 0:
            yield _order(folder / f"n{number}", f"neighbour before {name}", HONEST, notebooks)
        yield _order(folder / f"a{number}", name, text, notebooks)
    yield _order(folder / "last", "the last neighbour", HONEST, notebooks)


def _order(folder: Path, name: str, text: str, notebook: bool) -> Order:
    path = folder / f"{SLUG}{'.ipynb' if notebook else '.py'}"
    path.parent.mkdir(parents=True)
    cell = {"cell_type": "code", "metadata": {}, "source": text, "outputs": []}
    path.write_text(json.dumps({"cells": [cell]}) if notebook else text, encoding="utf-8")
    return Order(Submission(name, SLUG, path, path.name), SEED)


@dataclass(frozen=True)
class Naive:
    """What came of an attack where submission, checks and the next student's work share a process."""

    status: int
    passed: tuple[str, ...]
    output: str

    def happened(self, attack: Attack) -> bool:
        """Whether what must not happen did: a success that is none, a run that hangs or dies, a word in the output."""
        match attack.must_not:
            case MustNot.SCORED:
                return self.status == 0 or "multiplies" in self.passed
            case MustNot.LOST:
                return self.status < 0 or "neighbour" not in self.passed
            case _:
                return attack.word in self.output


def grade_naively(attacks: dict[str, Attack], folder: Path) -> dict[str, Naive]:
    """What comes of each attack in a grader of one process; of an honest submission too, as `honest`."""
    texts = {"honest": HONEST} | {name: attack.text(n, {}) for n, (name, attack) in enumerate(attacks.items())}
    words = f"{CHECKS_WORD} {REFERENCE_WORD} {SECRET}"
    done = subprocess.run(
        [sys.executable, "-P", str(_NAIVE)],
        input=json.dumps({"texts": texts, "words": words, "honest": HONEST}),
        cwd=folder, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["name"]: Naive(line["status"], tuple(line["passed"]), line["output"]) for line in lines}
