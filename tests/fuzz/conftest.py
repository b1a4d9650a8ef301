"""Stops an example that hangs; repeats each test for its share of the minutes; says how much was tried."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from fuzzing import LONGEST, MINUTES, SEED

_tried: Counter[str] = Counter()


def _is_fuzzed(item: pytest.Item) -> bool:
    return "fuzz" in item.path.parts and hasattr(getattr(item, "obj", None), "hypothesis")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Counts the examples of each test, and gives each a time after which it hangs."""
    for item in filter(_is_fuzzed, items):
        handle = item.obj.hypothesis  # type: ignore[attr-defined]
        handle.inner_test = _watched(item.name, handle.inner_test)


def _watched(name: str, example: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **keywords: Any) -> Any:
        _tried[name] += 1
        before = signal.signal(signal.SIGALRM, _hang)
        signal.alarm(LONGEST)
        try:
            return example(*args, **keywords)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)

    return run


def _hang(*_: object) -> None:
    raise TimeoutError(f"an example took more than {LONGEST} s")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Repeats a test, each time with another seed, until its share of the minutes is over."""
    if MINUTES and _is_fuzzed(pyfuncitem):
        share = 60 * MINUTES / sum(map(_is_fuzzed, pyfuncitem.session.items))
        end, seed = time.monotonic() + share, SEED
        arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
        while time.monotonic() < end:
            hypothesis.seed(seed)(pyfuncitem.obj)(**arguments)
            seed += 1
    return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much was tried, where it was by the clock."""
    if MINUTES and _tried:
        terminalreporter.write_line(f"fuzz: UNSTUCK_FUZZ_SEED={SEED}")
        for name, count in _tried.items():
            terminalreporter.write_line(f"fuzz: {count:9,} examples of {name}")
