"""The one way to compare: evaluate a call on the student and on the reference, and hold the outcomes side by side.

The discrepancy of every comparison goes to the check's `Ledger`: tolerances are derived from it, between the largest spread
among correct styles and the smallest gap to a mistake.
"""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from autograder.checking import public
from autograder.checking.known import Asked
from autograder.sandbox.lend import LendError
from autograder.sandbox.remote import RemoteObject, answers_given
from autograder.sandbox.zygote import SandboxError

Call = Callable[[Any], Any]


class Disagreement(AssertionError):
    """The student's outcome is not the reference's. `public` holds no value of an input or of an answer.

    `of_value`: it is an answer of the right kind, and another one.
    """

    def __init__(self, public: str, *, of_value: bool = False) -> None:
        super().__init__(public)
        self.public = public
        self.of_value = of_value


@dataclass
class Ledger:
    """What one check measures: the seed of its random draws, its tolerance, the largest discrepancy met so far.

    `resolution` is the machine epsilon of the coarsest floating dtype that was compared; `refusals` counts the comparisons in
    which the reference raised; `asked` knows answers of the reference from earlier runs.
    """

    seed: int
    tolerance: float
    discrepancy: float = 0.0
    comparisons: int = 0
    resolution: float = 0.0
    refusals: int = 0
    asked: Asked = field(default_factory=lambda: Asked(None))


_ledger: ContextVar[Ledger] = ContextVar("ledger")


@contextmanager
def keeping(ledger: Ledger) -> Iterator[Ledger]:
    """Makes a ledger the one that comparisons write to."""
    token = _ledger.set(ledger)
    try:
        yield ledger
    finally:
        _ledger.reset(token)


@dataclass(frozen=True)
class Failure:
    """An outcome that is an exception: its first built-in kind, and whether its text names the argument asked for."""

    error: Exception
    kind: type[BaseException]
    named: bool


def agree(
    student: Any,
    reference: Any,
    call: Call,
    *,
    names: str | None = None,
    elementwise: bool = False,
    same_dtype: bool = True,
    type_only: bool = False,
) -> None:
    """Passes where `call(student)` and `call(reference)` have the same outcome; raises `Disagreement` elsewhere.

    Args:
        names: where the reference raises, the student's message must name this argument.
        elementwise: errors count relative to each expected element, not to the largest one.
        same_dtype: the dtype must be the expected one too.
        type_only: types, shapes and dtypes count, values do not.
    """
    got, expected = _outcomes(student, reference, call, names)
    _compare(got, expected, _Rules(elementwise, same_dtype, type_only), names)


def agree_up_to_sign(student: Any, reference: Any, call: Call, *, names: str | None = None) -> None:
    """As `agree`, for one tensor whose sign is free, such as an eigenvector."""
    got, expected = _outcomes(student, reference, call, names)
    comparable = all(isinstance(item, torch.Tensor) and item.is_floating_point() for item in (got, expected))
    if comparable and got.shape == expected.shape and float((got.double() * expected.double()).sum()) < 0:
        got = -got
    _compare(got, expected, _Rules(False, True, False), names)


@dataclass(frozen=True)
class _Rules:
    elementwise: bool
    same_dtype: bool
    type_only: bool


def _outcomes(student: Any, reference: Any, call: Call, names: str | None) -> tuple[Any, Any]:
    """The student's outcome and the reference's."""
    asked = _ledger.get().asked
    asked.learns(answers_given(student))
    got = _outcome(call, student, names)
    asked.took(answers_given(student))
    return got, asked.outcome(call, names, lambda: _without_traceback(_outcome(call, reference, names)))


def _without_traceback(outcome: Any) -> Any:
    """The outcome, which would otherwise keep every frame that its exception went through."""
    if isinstance(outcome, Failure):
        outcome.error.__traceback__ = outcome.error.__context__ = outcome.error.__cause__ = None
    return outcome


def _outcome(call: Call, module: Any, names: str | None) -> Any:
    torch.default_generator.manual_seed(_ledger.get().seed)  # torch.manual_seed queues work for absent devices
    try:
        return call(module)
    except (SandboxError, LendError):  # the grader's fault or the author's, and no outcome
        raise
    except Exception as error:
        kind = next(base for base in type(error).__mro__ if base.__module__ == "builtins")
        return Failure(
            error, kind, names is not None and re.search(rf"(?<!\w){re.escape(names)}(?!\w)", str(error)) is not None
        )


def _compare(got: Any, expected: Any, rules: _Rules, names: str | None) -> None:
    ledger = _ledger.get()
    ledger.comparisons += 1
    ledger.refusals += isinstance(expected, Failure)
    try:
        if isinstance(got, Failure) or isinstance(expected, Failure):
            _compare_failures(ledger, got, expected, names)
        else:
            _Comparison(ledger, rules).values(got, expected, "the result")
    except Disagreement:
        ledger.asked.ends()
        raise


def _compare_failures(ledger: Ledger, got: Any, expected: Any, names: str | None) -> None:
    if isinstance(got, Failure) and isinstance(expected, Failure):
        if isinstance(got.error, expected.kind) and got.named == expected.named:
            return
        ledger.discrepancy = math.inf
        if isinstance(got.error, expected.kind):
            raise Disagreement(f"the message of the {expected.kind.__name__} does not name the argument `{names}`")
        raise Disagreement(f"expected {_refusal(expected, names)}; {describe(got.error)}") from got.error
    ledger.discrepancy = math.inf
    if isinstance(got, Failure):
        raise Disagreement(describe(got.error)) from got.error
    raise Disagreement(f"expected {_refusal(expected, names)}; no exception was raised")


def _refusal(expected: Failure, names: str | None) -> str:
    """The exception that was asked for, and the argument that it is about."""
    return expected.kind.__name__ + (f" about `{names}`" if names else "")


def describe(error: BaseException) -> str:
    """What a student may read of an exception: its built-in kind. Its text may hold a hidden input."""
    kind = next(base for base in type(error).__mro__ if base.__module__ == "builtins")
    return f"it raised {kind.__name__}"


class _Comparison:
    """Walks two values together."""

    def __init__(self, ledger: Ledger, rules: _Rules) -> None:
        self._ledger, self._rules = ledger, rules

    def values(self, got: Any, expected: Any, what: str) -> None:
        if isinstance(expected, torch.Tensor):
            self._tensors(got, expected, what)
        elif isinstance(expected, (tuple, list)):
            self._sequences(got, expected, what)
        elif isinstance(expected, dict):
            self._mappings(got, expected, what)
        elif isinstance(expected, (float, np.floating)):
            self._floats(got, float(expected), what)
        elif isinstance(expected, (bool, np.bool_, int, np.integer, str)) or expected is None:
            self._exact(got, expected, what)
        elif not isinstance(got, RemoteObject):
            self._refuse(f"{what} is {public.kind(got)}; expected an object of type {type(expected).__name__}")

    def _tensors(self, got: Any, expected: torch.Tensor, what: str) -> None:
        if not isinstance(got, torch.Tensor):
            self._refuse(f"{what} is {public.kind(got)}; expected a tensor")
        if got.shape != expected.shape:
            self._refuse(f"{what} has {public.shape(got)}; expected {tuple(expected.shape)}", of_value=True)
        if self._rules.same_dtype and got.dtype != expected.dtype:
            self._refuse(f"{what} has dtype {got.dtype}; expected {expected.dtype}", of_value=True)
        if expected.is_floating_point() or expected.is_complex():
            self._ledger.resolution = max(self._ledger.resolution, torch.finfo(expected.dtype).eps)
        if not self._rules.type_only:
            self._measure(_discrepancy(got.detach(), expected.detach(), self._rules.elementwise), what)

    def _floats(self, got: Any, expected: float, what: str) -> None:
        scalar = isinstance(got, (float, int, np.integer, np.floating)) and not isinstance(got, bool)
        zero_dimensional = isinstance(got, torch.Tensor) and got.dim() == 0
        if zero_dimensional and (got.dtype == torch.bool or got.is_complex()):
            self._refuse(f"{what} has dtype {got.dtype}; expected a float")
        if not scalar and not zero_dimensional:
            self._refuse(f"{what} is {public.kind(got)}; expected a float")
        self._ledger.resolution = max(self._ledger.resolution, torch.finfo(torch.float64).eps)
        if not self._rules.type_only:
            got = got.detach() if isinstance(got, torch.Tensor) else got
            number = math.inf if isinstance(got, int) and abs(got) > 2**1023 else float(got)
            pair = torch.tensor(number, dtype=torch.float64), torch.tensor(expected, dtype=torch.float64)
            self._measure(_discrepancy(*pair, elementwise=False), what)

    def _sequences(self, got: Any, expected: tuple[Any, ...] | list[Any], what: str) -> None:
        kind = type(expected).__name__
        if not isinstance(got, (tuple, list)):
            self._refuse(f"{what} is {public.kind(got)}; expected a {kind} of {len(expected)}")
        if len(got) != len(expected):
            self._refuse(f"{what} has {min(len(got), 1000)} items; expected {len(expected)}")
        for number, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
            # Deeper than a plain tuple lies the grader's own experiment, whose order tells a student nothing.
            self.values(mine, theirs, f"item {number} of the result" if what == "the result" else "part of the result")

    def _mappings(self, got: Any, expected: dict[Any, Any], what: str) -> None:
        if not isinstance(got, dict) or set(got) != set(expected):
            self._refuse(f"{what} does not have the expected entries")
        for key, theirs in expected.items():
            if key == "violations" and not theirs and got[key]:
                self._refuse(public.violations(got[key]))
            self.values(got[key], theirs, f"{key!r}")

    def _exact(self, got: Any, expected: Any, what: str) -> None:
        if isinstance(got, (np.bool_, np.integer)):
            got = got.item()
        if isinstance(expected, (np.bool_, np.integer)):
            expected = expected.item()
        if type(got) is not type(expected):
            self._refuse(f"{what} is {public.kind(got)}; expected {public.kind(expected)}")
        if not self._rules.type_only and got != expected:
            self._refuse(f"{what} is another than expected", of_value=True)

    def _measure(self, discrepancy: float, what: str) -> None:
        self._ledger.discrepancy = max(self._ledger.discrepancy, discrepancy)
        if discrepancy > self._ledger.tolerance:
            raise Disagreement(f"{what} has the wrong value", of_value=True)

    def _refuse(self, sentence: str, *, of_value: bool = False) -> None:
        self._ledger.discrepancy = math.inf
        raise Disagreement(sentence, of_value=of_value)


def _discrepancy(got: torch.Tensor, expected: torch.Tensor, elementwise: bool) -> float:
    """The largest error relative to the largest expected magnitude (or to each); infinite where NaN, inf or integers differ."""
    if not (expected.is_floating_point() or expected.is_complex()):
        whole = not (got.is_floating_point() or got.is_complex())
        return 0.0 if whole and torch.equal(got.to(torch.int64), expected.to(torch.int64)) else math.inf
    wide = torch.complex128 if expected.is_complex() or got.is_complex() else torch.float64
    mine, theirs = _numbers(got, wide), _numbers(expected, wide)
    with np.errstate(all="ignore"):  # what overflows is infinite, and an infinite error
        if not np.isfinite(theirs).all():
            regular = np.isfinite(theirs)
            same_irregular = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
            if not same_irregular[~regular].all():
                return math.inf
            mine, theirs = mine[regular], theirs[regular]
        if not np.isfinite(mine).all():
            return math.inf
        if theirs.size == 0:
            return 0.0
        error, size = np.abs(mine - theirs), np.abs(theirs)
        if elementwise:
            return float(np.where(size > 0, error / np.maximum(size, 1e-300), error).max())
        scale = float(size.max())
        return float(error.max()) / scale if scale > 0 else float(error.max())


def _numbers(tensor: torch.Tensor, dtype: torch.dtype) -> Any:
    """The elements in one row, as numpy has them: on small arrays it is several times faster."""
    return tensor.to(dtype).resolve_conj().resolve_neg().numpy().ravel()
