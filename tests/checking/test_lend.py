"""Code lent to a worker names torch, math, builtins and its own values, and nothing of the grader's."""

import marshal
import math
from typing import Any

import pytest
import torch

from autograder.sandbox.lend import is_lendable, lend
from autograder.sandbox.remote import encode

SECRET = torch.tensor([0.1, 0.2])


def names_a_global(m: Any) -> Any:
    """Reaches for something of its module."""
    return m.scale(SECRET, 2.0)


def calls_a_neighbour(m: Any) -> Any:
    """Reaches for another function of its module."""
    return names_a_global(m)


def hides_it_in_a_lambda(m: Any) -> Any:
    """Reaches for it one level deeper."""
    return (lambda: SECRET)()


def imports_of_ours(m: Any) -> Any:
    """Uses what every experiment may."""
    return torch.ones(2) * math.pi * len([1]) * m.factor


@pytest.mark.parametrize(
    ("function", "named"),
    [(names_a_global, "SECRET"), (calls_a_neighbour, "names_a_global"), (hides_it_in_a_lambda, "SECRET")],
)
def test_globals_of_the_check_are_refused_by_name(function: Any, named: str) -> None:
    """The author learns what the function names, and to pass it as an argument."""
    with pytest.raises(TypeError) as caught:
        lend(function, encode)
    assert f"{function.__name__} names {named}" in str(caught.value)
    assert "Pass the value as an argument" in str(caught.value)


def test_torch_math_and_builtins_may_be_named() -> None:
    """They are there on the other side."""
    assert lend(imports_of_ours, encode).name == "imports_of_ours"


def test_closures_and_defaults_travel() -> None:
    """Values that a function closes over, and functions among them, cross with it."""
    factor, inner = torch.ones(2), lambda x: x + 1

    def outer(m: Any, by: float = 2.0, *, shift: int = 3) -> Any:
        return inner(m.scale(factor, by) + shift)

    lent = lend(outer, encode)
    assert len(lent.closure) == 2
    assert lent.defaults == [2.0]
    assert lent.keywords == [("shift", 3)]


def test_a_closure_over_something_else_is_refused() -> None:
    """A file, a module or an object of the grader cannot cross."""
    thing = object()

    def reaches(m: Any) -> Any:
        return thing

    with pytest.raises(TypeError, match="object cannot cross to the worker"):
        lend(reaches, encode)
    assert not is_lendable(torch.sin)
    assert not is_lendable(thing)


def test_lent_code_tells_nothing_of_its_check() -> None:
    """Neither the file's path nor the docstring crosses, of the function or of those in it."""

    def experiment(m):
        """The hidden intention of this check."""

        def inner(x):
            """Another hidden intention."""
            return x

        return inner(m.scale(1.0))

    data = lend(experiment, encode).code
    assert b"hidden intention" not in data
    assert b"test_lend" not in data
    assert marshal.loads(data).co_filename == "<check>"


def test_the_same_function_is_lent_as_the_same_bytes() -> None:
    """A repeated check asks the very same, or its recording could not be replayed."""
    assert lend(imports_of_ours, encode).code == lend(imports_of_ours, encode).code
