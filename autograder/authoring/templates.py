"""The files of a new assignment: a small one that builds, written to be replaced. SLUG and TITLE stand for its names."""

SOLUTION = '''"""TITLE: replace this module by the reference, one function or class for each exercise."""

import torch

__all__ = ["shrink"]


def shrink(weight: torch.Tensor, rate: float) -> torch.Tensor:
    """Returns the weights after one step of weight decay.

        θ' = (1 − r) θ

    Pure: weight is not modified.

    Args:
        weight: the weights θ, a floating-point tensor of any shape (*).
        rate: the share r of them that is taken away, in [0, 1].

    Returns:
        θ', of the shape and dtype of weight.

    Raises:
        ValueError: rate is below 0 or above 1. The message names rate.
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must be at least 0 and at most 1, got {rate}")
    return (1 - rate) * weight
'''

HANDOUT = '''# TITLE

Say here what the student cannot do yet, and why it matters. Everything below is an example to be replaced.

```python setup module
import torch
```

```python setup
import matplotlib.pyplot as plt
import unstuck

unstuck.use_course_style()
```

## 1 · Weight decay

Take a share $r$ of every weight away: $\\theta' = (1 - r)\\,\\theta$. With $r = 0.5$ a weight of 3 becomes 1.5.
<!-- number: 1.5 = shrink(torch.tensor(3.0), 0.5) -->

> **The definition used here.** The share is taken of the weight itself. Name the source, and who does otherwise.

<details><summary>Hint: what stays?</summary>

If a share is taken away, the rest stays.

</details>

```python exercise shrink points=20
```

```python check shrink
def test_half_of_it():
    """With rate 0.5, half of each weight stays."""
    got = shrink(torch.tensor([3.0, -1.0]), 0.5)
    unstuck.assert_close("shrink([3, -1], 0.5)", got, torch.tensor([1.5, -0.5]), "0.5 · 3 and 0.5 · (−1)")


def test_a_negative_rate_is_refused():
    """A rate below 0 would let the weights grow; it is refused by name."""
    unstuck.assert_raises("shrink([3], -0.1)", ValueError, lambda: shrink(torch.tensor([3.0]), -0.1), "rate")
```

**See it.** *Look for:* say what there is to see.

```python figure decay
weight, sizes = torch.tensor(3.0), []
for _ in range(20):
    sizes.append(float(weight))
    weight = shrink(weight, 0.1)
plt.plot(sizes, marker="o")
plt.xlabel("step")
plt.ylabel("weight")
plt.show()
```

```markdown question where_it_ends points=2
Where does a weight end that is shrunk again and again, and does it ever arrive there?
```
'''

CHECKS = '''"""Hidden checks of SLUG. Each docstring is the sentence that the student reads."""

import pytest

from autograder.checking import agree


@pytest.mark.exercise("shrink", points=18, hint="Which share stays?")
def test_takes_the_share_away(student, reference, rng):
    """Each weight loses the share r of itself."""
    weight, rate = rng.normal(3, 4), rng.uniform(0.1, 0.9)
    agree(student, reference, lambda m: m.shrink(weight, rate))


@pytest.mark.exercise("shrink", points=2, hint="Check rate before you compute.")
def test_refuses_a_share_that_is_none(student, reference, rng):
    """A rate below 0 or above 1 raises ValueError, and the message names rate."""
    weight = rng.normal(3)
    for rate in (-0.1, 1.1):
        agree(student, reference, lambda m, rate=rate: m.shrink(weight, rate), names="rate")
'''

MISTAKES = '''"""Named wrong variants of SLUG; each docstring is the diagnosis that the student reads."""

from autograder.checking import mistake


@mistake("shrink", caught_by="takes_the_share_away")
def keeps_the_share(weight, rate):
    """keeps the share r of each weight instead of taking it away"""
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must be at least 0 and at most 1, got {rate}")
    return rate * weight


@mistake("shrink", caught_by="refuses_a_share_that_is_none")
def takes_any_rate(weight, rate):
    """does not check that rate lies between 0 and 1"""
    return (1 - rate) * weight
'''

STYLE = '''"""Subtracts what is taken away: a correct submission in another hand."""


def shrink(weight, rate):
    if rate < 0 or rate > 1:
        raise ValueError("rate must lie between 0 and 1")
    return weight - weight * rate
'''

MARKING = """# TITLE: how the questions in words are marked

## where_it_ends (2 points)

- 1 point: it ends at zero, because each step multiplies it by the same number below 1
- 1 point: it never arrives: some share of it is always left (a rate of 1 aside)

**Model answer.** After t steps the weight is (1 − r)^t times what it was. That tends to 0 and is never 0 for r < 1.

**Common wrong answers.** "It becomes negative" (it would, if a fixed amount were subtracted).
"""

FORBIDDEN = """# The built-ins that are the exercise. An exercise that calls one scores 0 and says so by `name`.
#
# [[forbidden]]
# name = "torch.nn.functional.example"
# python = ["torch.nn.functional.example"]    # Python names, and all that lies beneath them
# operators = ["aten::example"]               # operators whose name begins like this, by whatever path
# exercises = ["shrink"]                      # left out: in every exercise
"""

FILES = {
    "solutions/SLUG.py": SOLUTION,
    "assignments/SLUG/handout.md": HANDOUT,
    "autograder/hidden/SLUG/test_SLUG.py": CHECKS,
    "autograder/hidden/SLUG/mistakes.py": MISTAKES,
    "autograder/hidden/SLUG/styles/subtracting.py": STYLE,
    "autograder/hidden/SLUG/marking.md": MARKING,
    "autograder/hidden/SLUG/forbidden.toml": FORBIDDEN,
}
