"""A submission on its way: what is to be graded, and what became of it so far."""

from dataclasses import dataclass

from autograder.course import Assignment
from autograder.grading.examine import Order
from autograder.grading.hand_ins import HandIn


@dataclass(frozen=True)
class Errand:
    """A submission to be graded, what is needed for it, and how many workers ended while they graded it."""

    assignment: Assignment
    order: Order
    needs_gpu: bool
    files: HandIn | None = None  # read when it is first handed out
    kills: int = 0


def claim_of(key: object) -> str:
    """The name of the claim that a worker makes when it begins the task of this key."""
    return f"unstuck-claim-{key}"
