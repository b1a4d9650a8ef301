"""Groups of submissions whose code is nearly the same. A hint for a person, never a score.

Fingerprints are those of copydetect (winnowing with a window of one: every k-gram, so that nothing depends on chance), taken of the
symbols of `tokens` block by block. Its comparison of all pairs would take ten minutes of CPU for 1,000 students and seven
assignments, so pairs are counted by an inverted index instead; what was handed out is taken away here, because its own removal
(0.5.0) also takes what a file holds twice.

A fingerprint weighs ln(N / n), where n of N submissions hold it: what many write by themselves counts little. The reference and the
catalogue's styles are counted among the N. Two submissions are linked where

- what they share weighs at least LEAST_SHARED, and each holds at least LEAST_OWN fingerprints: short answers have few ways to be
  written, and their likeness says nothing;
- what they share is at least ALIKE of what the one with less holds.

docs/instructors.md has the figures that these numbers were chosen by.
"""

import io
import itertools
from dataclasses import dataclass

import copydetect
import numpy as np
import numpy.typing as npt

from autograder.report.tokens import Block

K = 10  # symbols of a fingerprint
ALIKE = 0.7
LEAST_OWN = 60  # fingerprints: about fifteen lines
LEAST_SHARED = 200.0
_SMALL_CLASS = 20  # a fingerprint of two among three is no rarity

Hashes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """Two submissions that are linked, and the share of the smaller one that both hold."""

    first: str
    second: str
    share: float


@dataclass(frozen=True)
class Group:
    """Submissions that are linked, directly or by others; the closest link, and the share of the loosest."""

    members: tuple[str, ...]
    closest: Pair
    loosest: float


def groups(
    documents: dict[str, list[Block]], handed_out: list[Block], others: list[list[Block]] | None = None
) -> list[Group]:
    """The groups among documents by name, the largest first. `others` count for rarity only."""
    given = fingerprints(handed_out)
    names = list(documents)
    prints = [np.setdiff1d(fingerprints(blocks), given) for blocks in [*documents.values(), *(others or [])]]
    return _components(names, _linked(prints, len(names)))


def fingerprints(blocks: list[Block]) -> Hashes:
    """The fingerprints of all blocks, each once."""
    found = [np.fromiter(_fingerprint(block).hashes, np.int64) for block in blocks if len(block.symbols) >= K]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def shared_lines(
    first: list[Block], second: list[Block], handed_out: list[Block]
) -> tuple[frozenset[int], frozenset[int]]:
    """The numbers of the lines of each that hold a fingerprint which both hold and which was not handed out."""
    shared = np.setdiff1d(np.intersect1d(fingerprints(first), fingerprints(second)), fingerprints(handed_out))
    wanted = set(shared.tolist())
    return _lines_with(first, wanted), _lines_with(second, wanted)


def _fingerprint(block: Block) -> copydetect.CodeFingerprint:
    return copydetect.CodeFingerprint("", K, 1, filter=False, fp=io.StringIO(block.symbols))


def _lines_with(blocks: list[Block], wanted: set[int]) -> frozenset[int]:
    lines: set[int] = set()
    for block in blocks:
        if len(block.symbols) >= K:
            places = _fingerprint(block).hash_idx
            for start in itertools.chain.from_iterable(places[one] for one in places.keys() & wanted):
                lines.update(block.lines[start : start + K])
    return frozenset(lines)


def _linked(prints: list[Hashes], count: int) -> list[tuple[int, int, float]]:
    """The links among the first `count` of these sets, by an inverted index."""
    if count < 2:
        return []
    every, numbers = np.unique(np.concatenate(prints), return_inverse=True)
    frequency = np.bincount(numbers, minlength=len(every))
    weight = np.log(np.maximum(max(len(prints), _SMALL_CLASS) / np.maximum(frequency, 1), 1.0))
    own = np.split(numbers, np.cumsum([len(one) for one in prints])[:-1])[:count]
    mass = np.array([weight[one].sum() for one in own])
    holders, starts = _inverted(own, len(every))
    links = []
    for i, mine in enumerate(own):
        if len(mine) < LEAST_OWN or mass[i] < LEAST_SHARED:
            continue
        telling = mine[weight[mine] > 0]
        with_it = np.concatenate([holders[starts[one] : starts[one + 1]] for one in telling])
        repeats = starts[telling + 1] - starts[telling]
        shared = np.bincount(with_it, np.repeat(weight[telling], repeats), minlength=count)
        share = shared / np.maximum(np.minimum(mass, mass[i]), 1e-9)
        for j in np.flatnonzero((shared >= LEAST_SHARED) & (share >= ALIKE)):
            if j > i and len(own[j]) >= LEAST_OWN:
                links.append((i, int(j), min(1.0, round(float(share[j]), 6))))
    return links


def _inverted(own: list[npt.NDArray[np.intp]], size: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Who holds each fingerprint: all holders, and where those of each begin."""
    numbers = np.concatenate(own)
    holder = np.repeat(np.arange(len(own)), [len(one) for one in own])
    counts = np.bincount(numbers, minlength=size)
    return holder[np.argsort(numbers, kind="stable")], np.concatenate([[0], np.cumsum(counts)])


def _components(names: list[str], links: list[tuple[int, int, float]]) -> list[Group]:
    """What is linked, directly or not."""
    leader = list(range(len(names)))

    def find(one: int) -> int:
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for first, second, _ in links:
        leader[find(first)] = find(second)
    found: dict[int, list[tuple[int, int, float]]] = {}
    for link in links:
        found.setdefault(find(link[0]), []).append(link)
    made = []
    for linked in found.values():
        members = sorted({names[one] for first, second, _ in linked for one in (first, second)})
        first, second, share = min(linked, key=lambda link: (-link[2], names[link[0]], names[link[1]]))
        made.append(Group(tuple(members), Pair(names[first], names[second], share), min(link[2] for link in linked)))
    return sorted(made, key=lambda group: (-len(group.members), -group.closest.share, group.members))
