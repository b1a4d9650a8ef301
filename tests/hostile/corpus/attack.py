"""An attack: what it does, what must not happen, what stops it, and where it succeeds once that is taken away."""

import textwrap
from dataclasses import dataclass
from enum import Enum

from range_course import HONEST, SCALE, SPEAKING


class MustNot(Enum):
    """What must not happen; judged from what the trusted side sees."""

    READ = "a planted word is read"
    GRANTED = "the kernel grants it"
    CHANGED = "a file is made or changed"
    HEARD = "another process hears of it"
    SCORED = "a wrong value passes"
    LOST = "another check or another's work is lost or kept waiting"
    TOLD = "a hidden input stands in the result"


class Without(Enum):
    """What is taken away in the control in which an attack succeeds."""

    CONFINEMENT = "without confinement"
    ONE_PROCESS = "in one process with the checks"
    WORDING = "as far as the worker's reply"
    UNPICKLED = "where replies are unpickled"


@dataclass(frozen=True)
class Attack:
    """A submission that is honest but for `scale`, which runs `does`, and for what stands `beside` the exercises.

    Attacks that look for something run `does` as a function that returns what it found, in the place of the answer; the others
    run it and then answer honestly. `word` is what the trusted side looks for. `status` is what becomes of the check of the values:
    one of several, where a busy machine decides.
    """

    does: str
    must_not: MustNot
    stopped_by: str
    without: Without | None = Without.CONFINEMENT
    word: str = "granted"
    status: str = "failed"
    beside: str = ""
    speaks: bool = False  # writes to the worker's socket itself
    everywhere: bool = False  # every check ends so, not only that of the values
    spoils: bool = False  # its own other checks may fail too
    slow: bool = False  # ends at a deadline
    harmful: bool = False  # and not to be tried without confinement: it would harm the machine

    @property
    def ends(self) -> set[str]:
        """What may become of the check of the values."""
        return set(self.status.split("|"))

    def text(self, number: int, values: dict[str, str]) -> str:
        """The submission; its first line says which attack it is."""
        looks = self.must_not in (MustNot.READ, MustNot.GRANTED, MustNot.CHANGED, MustNot.HEARD) and not self.speaks
        body = _LOOTING if looks else _ACTING
        body = body.replace("    DOES", textwrap.indent(self.does, "    "))
        beside, body = (_filled(part, values) for part in (self.beside, body))
        head = f"{mark(number)}\n{_IMPORTS}{SPEAKING if self.speaks else ''}\n{beside}\n"
        return HONEST.replace(SCALE, head + body)


def mark(number: int) -> str:
    """The line by which the trusted side knows whose worker it talks to."""
    return f"# attack {number:04}"


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


_IMPORTS = """
import builtins, ctypes, gc, glob, math, mmap, os, re, resource, signal, socket, sqlite3, struct, subprocess, sys, threading
import time, types, warnings, zlib
import torch

def call(number, *arguments):
    result = ctypes.CDLL(None, use_errno=True).syscall(number, *(ctypes.c_long(a) if type(a) is int else a for a in arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result
"""
_LOOTING = """
def loot(x):
    DOES


def scale(x, factor):
    if factor < 0:
        raise ValueError("factor")
    return loot(x)
"""
_ACTING = """
def scale(x, factor):
    if factor < 0:
        raise ValueError("factor")
    DOES
    return x * factor
"""
