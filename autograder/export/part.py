"""The parts of a grade."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """An exercise or a question: its score, None where there is none, its points; overruled where a score by hand won."""

    name: str
    score: float | None
    points: float
    by_hand: bool = False
    overruled: bool = False
