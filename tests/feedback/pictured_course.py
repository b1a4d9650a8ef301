"""The tiny course with pictures: `walk` as a curve, `step` as bars."""

from pathlib import Path

import tiny_course

from autograder.course import Course

PICTURES = '''"""Pictures of t1_tiny."""

import torch

from autograder.checking import picture


@picture("walk", kind="curve", xlabel="step", ylabel="place", shows=["takes_each_step_from_the_start"])
def path(m):
    """A walk of five steps."""
    return m.walk(torch.zeros(()), torch.ones(5), 0.5)


@picture("step", kind="bars", names=["from 1", "from 2"], shows=["steps_uphill"])
def two_steps(m):
    """One step from two places."""
    return {"places": m.step(torch.tensor([1.0, 2.0]), torch.tensor([1.0, -1.0]), 0.25)}
'''

RIGHT = """
import torch

def step(x, slope, rate):
    if rate < 0:
        raise ValueError("rate")
    return x - rate * slope

def walk(start, slopes, rate):
    places = [start]
    for slope in slopes:
        places.append(step(places[-1], slope, rate))
    return torch.stack(places)
"""
# Every step from the start: the walk is wrong, the step is right.
FROM_THE_START = RIGHT.replace("step(places[-1], slope, rate)", "step(start, slope, rate)")


def write(root: Path) -> Course:
    """The course beneath `root`."""
    tiny_course.write(root, few=True)
    (root / "autograder" / "hidden" / tiny_course.SLUG / "pictures.py").write_text(PICTURES, encoding="utf-8")
    return Course(root)
