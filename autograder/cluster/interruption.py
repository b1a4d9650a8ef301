"""Ctrl-C as a question that is answered when nothing is half done."""

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def interruption() -> Iterator[threading.Event]:
    """What the first Ctrl-C sets, so that no result is dropped half-way; the second one interrupts as ever."""
    asked = threading.Event()

    def note(*_: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
