"""The pytest plugin that runs hidden checks: pytest collects them once, then they are run for one submission after another."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from _pytest.runner import runtestprotocol

from autograder.checking.compare import Ledger, keeping
from autograder.checking.inputs import Inputs
from autograder.checking.known import Answers, Asked
from autograder.sandbox.lend import names_in

# What nobody reads here; the two for exceptions collect all garbage five times over, which takes longer than the checks.
_LEFT_OUT = ("unraisableexception", "threadexception", "terminal", "cacheprovider", "warnings", "logging", "capture")
_QUIET = [part for name in _LEFT_OUT for part in ("-p", f"no:{name}")]
_OWN_FIXTURES = {"student", "reference", "rng"}
_PLAIN = ["--assert=plain", "--import-mode=importlib", "--noconftest", "--strict-markers"]


class CheckError(Exception):
    """The hidden checks themselves are wrong; the message says where and what to do."""


@dataclass(frozen=True)
class Check:
    """One hidden check: its exercise and name, its points, the sentence that the student reads, and a hint."""

    name: str
    exercise: str
    points: float
    sentence: str
    hint: str | None


@dataclass(frozen=True)
class Bench:
    """What a check is given: two modules that behave alike, a seed for its inputs, a tolerance; what is known of the second."""

    student: Any
    reference: Any
    seed: int
    tolerance: float
    known: Answers | None = None


@dataclass(frozen=True)
class Verdict:
    """How a check ended: the exception that left it, or None; what it measured."""

    error: BaseException | None
    discrepancy: float
    comparisons: int
    resolution: float
    refusals: int


class Examination:
    """The collected checks of one assignment, and the pytest plugin that gives them their fixtures."""

    def __init__(self, work: "Callable[[Examination], None]") -> None:
        self._work = work
        self._items: dict[str, pytest.Function] = {}
        self._bench: Bench | None = None
        self._raised: BaseException | None = None
        self.checks: list[Check] = []
        self.fault: BaseException | None = None

    @property
    def on_devices(self) -> bool:
        """Whether any check asks which devices there are."""
        return any("devices" in names_in(item.obj.__code__) for item in self._items.values())

    @property
    def lasting(self) -> bool:
        """Whether its checks can be run after pytest has ended: they take no fixtures but ours."""
        return all(set(item.fixturenames) <= _OWN_FIXTURES for item in self._items.values())

    def run(self, name: str, bench: Bench) -> Verdict:
        """The verdict of the check of this name."""
        self._bench, self._raised = bench, None
        item = self._items[name]
        ledger = Ledger(bench.seed, bench.tolerance, asked=Asked(bench.known))
        with keeping(ledger):
            if set(item.fixturenames) <= _OWN_FIXTURES:
                self._call(item)
            else:
                item._initrequest()  # as plugins that repeat a test do
                runtestprotocol(item, log=False, nextitem=None)
        self._bench = None
        # A mistake that stands in the reference's place may have changed them.
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
        return Verdict(self._raised, ledger.discrepancy, ledger.comparisons, ledger.resolution, ledger.refusals)

    def _call(self, item: pytest.Function) -> None:
        """Runs a check that needs no other fixture than ours by a plain call: a diagnosis repeats checks by the hundred."""
        bench = self._given()
        given = {"student": bench.student, "reference": bench.reference, "rng": Inputs(bench.seed)}
        try:
            item.obj(**{name: given[name] for name in item.fixturenames})
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._raised = error

    @pytest.fixture
    def student(self) -> Any:
        """The submission."""
        return self._given().student

    @pytest.fixture
    def reference(self) -> Any:
        """The reference, or the mistake that is tried in its place."""
        return self._given().reference

    @pytest.fixture
    def rng(self) -> Inputs:
        """A source of inputs, seeded by student, assignment and check."""
        return Inputs(self._given().seed)

    def _given(self) -> Bench:
        if self._bench is None:
            raise CheckError("A hidden check was run outside an examination; use `autograder grade`.")
        return self._bench

    def pytest_configure(self, config: pytest.Config) -> None:
        """Registers the one marker of hidden checks."""
        config.addinivalue_line("markers", "exercise(name, points, hint): the exercise that a check belongs to")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keeps the reason where the checks cannot be collected."""
        if report.failed:
            self.fault = CheckError(f"{report.nodeid} could not be collected:\n{report.longrepr}")

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """An interruption while the checks are collected is one, and no fault of theirs."""
        self.fault = excinfo.value

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Reads what the checks say of themselves."""
        try:
            self.checks = [_check(item) for item in items]
        except CheckError as error:
            self.fault = error
            return
        functions = [item for item in items if isinstance(item, pytest.Function)]
        self._items = {check.name: item for check, item in zip(self.checks, functions, strict=True)}
        if len(self._items) < len(items):
            self.fault = CheckError(f"{items[0].path.name}: two checks have the same name; rename one.")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Keeps the exception itself, and spares pytest the formatting of a traceback that nobody reads."""
        if call.excinfo is not None and self._raised is None:
            self._raised = call.excinfo.value
        assert call.when != "collect"  # no report is made of it
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)

    def pytest_runtestloop(self) -> bool:
        """Hands the checks to the work, in place of pytest's own loop."""
        if self.fault is None and self.checks:
            try:
                self._work(self)
            except BaseException as error:
                self.fault = error
        return True


def _check(item: pytest.Item) -> Check:
    marker = item.get_closest_marker("exercise")
    place = f"{item.path.name}: {item.name}"
    if marker is None or not marker.args or "points" not in marker.kwargs:
        raise CheckError(
            f"{place} has no @pytest.mark.exercise(name, points=…); every check belongs to an exercise and is worth points."
        )
    sentence = " ".join((getattr(item, "obj", None).__doc__ or "").split())
    if not sentence:
        raise CheckError(f"{place} has no docstring; it is the sentence that the student reads.")
    name = f"{marker.args[0]}/{item.name.removeprefix('test_')}"
    return Check(name, marker.args[0], float(marker.kwargs["points"]), sentence, marker.kwargs.get("hint"))


def examine(checks: Path, work: Callable[[Examination], None]) -> None:
    """Collects the checks in a file and calls `work` with them; raises what `work` raised, or `CheckError`."""
    if not checks.is_file():
        raise CheckError(f"{checks} is missing; an assignment without hidden checks cannot be graded.")
    examination = Examination(work)
    arguments = [*_QUIET, *_PLAIN, "-c", os.devnull, f"--rootdir={checks.parent}", str(checks)]
    with _clean_surroundings(checks.stem):
        pytest.main(arguments, plugins=[examination])
    if examination.fault is not None:
        raise examination.fault
    if not examination.checks:
        raise CheckError(f"{checks} holds no check; nobody can be graded by nothing.")


@contextmanager
def _clean_surroundings(module: str) -> Iterator[None]:
    """Keeps the user's pytest settings and plugins out, byte code away from the checks, and every other module of their name."""
    # pytest takes a module of this name from `sys.modules`: another course's checks, or these before they were edited.
    other = sys.modules.pop(module, None)
    before = {name: os.environ.pop(name, None) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    before["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = written
        sys.modules.pop(module, None)
        if other is not None:
            sys.modules[module] = other
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
