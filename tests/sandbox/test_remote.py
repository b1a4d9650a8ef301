"""An exception of the student's is an image here: of its built-in kind, never of another meaning."""

import builtins

import pytest

from autograder.sandbox.remote import _as_exception
from autograder.sandbox.session import Missing, StudentError
from autograder.worker.wire import Raised

ORDINARY = sorted(
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not issubclass(kind, (NotImplementedError, StopIteration, StopAsyncIteration))
)


@pytest.mark.parametrize("name", ORDINARY)
def test_the_image_of_a_built_in_exception_is_of_a_kind_that_it_is_of(name: str) -> None:
    """It is a StudentError and, where a text is enough to make one, of that kind; else of the next base that it names."""
    kind = getattr(builtins, name)
    bases = [base.__name__ for base in kind.__mro__]
    image = _as_exception(Raised(name, bases, "factor"))
    assert isinstance(image, StudentError)
    shared = {base for base in type(image).__mro__ if base.__module__ == "builtins"}
    assert shared <= set(kind.__mro__)
    if issubclass(kind, ValueError):
        assert isinstance(image, ValueError)
    assert "factor" in str(image)


@pytest.mark.parametrize(
    "name",
    [
        "SystemExit",
        "KeyboardInterrupt",
        "GeneratorExit",
        "BaseException",
        "StopIteration",
        "StopAsyncIteration",
        "print",
        "int",
        "object",
        "__import__",
        "__debug__",
        "Skipped",
        "Exit",
        "Disagreement",
        "SandboxError",
        "",
        "é" * 9999,
    ],
)
def test_no_name_makes_it_more_than_an_exception(name: str) -> None:
    """What ends loops, programs or tests here is not made from a name that the worker sent."""
    image = _as_exception(Raised(name, [name], ""))
    assert type(image) is StudentError
    assert type(image).__mro__[1] is Exception


def test_a_million_bases_are_looked_at_as_a_few() -> None:
    """The host's time does not grow with what the worker sends."""
    image = _as_exception(Raised("x" * 10**6, ["UnicodeDecodeError"] * 10**6, "y" * 10**6))
    assert type(image) is StudentError
    assert len(str(image)) == 2000
    assert len(image.raised.kind) == 100


def test_what_is_not_written_is_missing() -> None:
    """NotImplementedError and an absent name are no answers."""
    assert isinstance(_as_exception(Raised("NotImplementedError", ["NotImplementedError"], "")), Missing)
    absent = Raised("AttributeError", ["AttributeError"], "module 'h1_range' has no attribute 'scale'")
    assert isinstance(_as_exception(absent), Missing)
