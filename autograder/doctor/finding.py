"""What was found of one thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing: `state` is ok, missing or problem; `do` is the remedy where it is not ok.

    With `stops`, nothing can be graded before it is mended.
    """

    part: str
    name: str
    state: str
    said: str
    do: str = ""
    stops: bool = False


def ok(part: str, name: str, said: str) -> Finding:
    """A thing that is as it should be."""
    return Finding(part, name, "ok", said)


def missing(part: str, name: str, said: str, do: str, *, stops: bool = False) -> Finding:
    """A thing that is not there."""
    return Finding(part, name, "missing", said, do, stops)


def problem(part: str, name: str, said: str, do: str, *, stops: bool = False) -> Finding:
    """A thing that is there and not as it should be."""
    return Finding(part, name, "problem", said, do, stops)
