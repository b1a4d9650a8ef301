"""How submissions are shared out."""

from pathlib import Path

from autograder.grading.examine import Order
from autograder.grading.intake import Submission
from autograder.grading.tasks import tasks_of


def order(number: int, seed: str) -> Order:
    """The order of one student's hand-in."""
    return Order(Submission(f"student{number}", "a1", Path("a1.py"), "a1.py"), seed)


def test_those_of_a_task_share_a_seed() -> None:
    """What is known under a seed need not be computed by each process."""
    orders = [order(number, f"seed{number % 3}") for number in range(9)]
    tasks = tasks_of({("a1", "1"): orders, ("a2", "1"): orders[:2]})
    assert [(task.slug, {one.seed for one in task.orders}, len(task.orders)) for task in tasks] == [
        ("a1", {"seed0"}, 3),
        ("a1", {"seed1"}, 3),
        ("a1", {"seed2"}, 3),
        ("a2", {"seed0"}, 1),
        ("a2", {"seed1"}, 1),
    ]


def test_a_class_with_one_seed_is_shared_out_all_the_same() -> None:
    """As under `--seed`: no task is so large that the others wait for it, and none of the orders is lost."""
    orders = [order(number, "5eed") for number in range(1000)]
    tasks = tasks_of({("a1", "1"): orders})
    assert len(tasks) == 16
    assert [one for task in tasks for one in task.orders] == orders
