"""Student code is turned into symbols in processes of their own, with little memory and little time: it is never parsed or run."""

import multiprocessing
import resource
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from autograder.machine import processors
from autograder.report.tokens import Block, blocks

_MEMORY = 4 * 2**30  # address space; the libraries alone reserve a part of it
_SECONDS = 10.0  # of CPU for a text; 200,000 characters of the worst kind found take two
_TEXTS_A_TASK = 16


class LexingError(Exception):
    """A process ended before its time."""


def lexed(texts: list[str], jobs: int | None = None) -> list[list[Block] | None]:
    """The blocks of each text; None of one that took too long or too much memory."""
    tasks = [texts[start : start + _TEXTS_A_TASK] for start in range(0, len(texts), _TEXTS_A_TASK)]
    workers = max(1, min(jobs or processors(), len(tasks)))
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(workers, context, initializer=_confine) as pool:
            return [one for done in pool.map(_lex_each, tasks) for one in done]
    except BrokenProcessPool:
        raise LexingError("a process that read code ended before its time") from None


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGVTALRM, _too_long)


def _too_long(*_: object) -> None:
    raise TimeoutError


def _lex_each(texts: list[str]) -> list[list[Block] | None]:
    return [_lex(text) for text in texts]


def _lex(text: str) -> list[Block] | None:
    signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
    try:
        return blocks(text)
    except (TimeoutError, MemoryError, RecursionError):
        return None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
