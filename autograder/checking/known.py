"""Answers of the reference and of the mistakes, kept: students who share a seed are asked the same, and the answers with them."""

import types
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

_LIMIT = 12 * 2**20  # bytes of all outcomes that are kept: those of a seed, which a task shares, are about 2 MB
_PLAIN = 200  # bytes that anything but a tensor is taken to weigh


@dataclass
class Answers:
    """The outcomes of one trusted module in one check under one seed, in the order in which the check asks for them."""

    entries: list[tuple[types.CodeType, str | None, Any]] = field(default_factory=list)
    weight: int = _PLAIN  # bytes, roughly

    def add(self, code: types.CodeType, names: str | None, outcome: Any) -> None:
        """Adds the outcome of the next call."""
        self.entries.append((code, names, outcome))
        self.weight += _weight(outcome)


class Asked:
    """How far one run of a check has come in a module's answers.

    They hold while the check is the same course of calls for every student: until it learns something of the student outside
    `agree`, or goes on after a disagreement. From then on everything is computed.
    """

    def __init__(self, answers: Answers | None) -> None:
        self._answers = answers
        self._next = 0
        self._given: int | None = 0

    def learns(self, given: int | None) -> None:
        """Ends it where the student has given more answers (of which `None` means unknown) than the check's comparisons took."""
        if given is None or given != self._given:
            self.ends()

    def took(self, given: int | None) -> None:
        """The student's answers so far belong to comparisons."""
        self._given = given

    def ends(self) -> None:
        """Nothing is known from here on."""
        self._answers = None

    def outcome(self, call: Any, names: str | None, compute: Callable[[], Any]) -> Any:
        """The outcome of the next call, from what is known where it is."""
        code = getattr(call, "__code__", None)
        if self._answers is None or code is None:
            self.ends()
            return compute()
        entries = self._answers.entries
        self._next += 1
        if self._next <= len(entries):
            known_code, known_names, outcome = entries[self._next - 1]
            if known_code == code and known_names == names:
                return outcome
            self.ends()
            return compute()
        outcome = compute()
        self._answers.add(code, names, outcome)
        return outcome


class KnownAnswers:
    """What is kept, the longest unused forgotten first."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[str, str, int], tuple[Answers, int]] = OrderedDict()
        self._weight = 0

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, module: str, check: str, seed: int) -> Answers:
        """The answers of a module (the reference, or a mistake by name) in a check under a seed; none yet where it is new."""
        found, _ = self._kept.get((module, check, seed), (Answers(), 0))
        return found

    def keep(self, module: str, check: str, seed: int, answers: Answers) -> None:
        """Keeps what a run has added."""
        key = (module, check, seed)
        _, before = self._kept.pop(key, (answers, 0))  # to the end: it was used just now
        self._kept[key] = (answers, answers.weight)
        self._weight += answers.weight - before
        while self._weight > self._limit:
            _, (_, weight) = self._kept.popitem(last=False)
            self._weight -= weight


def _weight(value: Any) -> int:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return _PLAIN + int(value.nbytes)
    if isinstance(value, (list, tuple)):
        return _PLAIN + sum(map(_weight, value))
    if isinstance(value, dict):
        return _PLAIN + sum(map(_weight, value.values()))
    return _PLAIN
