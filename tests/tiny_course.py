"""A course of one small assignment in a temporary folder: two exercises, three hidden checks, whatever else a proof needs.

`step` moves downhill, `walk` repeats it. Only these files are written by hand here; the rest is built, as in any course.
"""

from dataclasses import dataclass
from pathlib import Path

from autograder import cli
from autograder.authoring.build import build

SLUG = "t1_tiny"

SOLUTION = '''"""A walk downhill."""

import torch
from torch import Tensor


def step(x: Tensor, slope: Tensor, rate: float) -> Tensor:
    """Returns the place after one step against the slope: x − rate · slope.

    Args:
        x: where the step begins, any shape.
        slope: the slope at x.
        rate: the length of a step, at least 0.

    Raises:
        ValueError: rate is negative.
    """
    if rate < 0:
        raise ValueError(f"rate must be at least 0, got {rate}")
    return x - rate * slope


def walk(start: Tensor, slopes: Tensor, rate: float) -> Tensor:
    """Returns every place of a walk along given slopes, start included.

    Args:
        start: the first place, any shape (*).
        slopes: the slope of each step, (T, *).
        rate: the length of a step.
    """
    places = [start]
    for slope in slopes:
        places.append(step(places[-1], slope, rate))
    return torch.stack(places)
'''

HANDOUT = """# T1 · A walk

A step goes against the slope. From 3, with slope 2 and rate 0.25, it leads to 2.5.
<!-- number: 2.5 = step(torch.tensor(3.0), torch.tensor(2.0), 0.25) -->

```python setup module
import torch
from torch import Tensor
```

```python setup
import unstuck
```

<details><summary>Hint: which way?</summary>

A slope points uphill.

</details>

```python exercise step points=14
```

```python check step
def test_one_step():
    \"\"\"One step goes against the slope.\"\"\"
    got = step(torch.tensor(3.0), torch.tensor(2.0), 0.25)
    unstuck.assert_close("step(3, 2, 0.25)", got, torch.tensor(2.5), "3 − 0.25 · 2")
```

<details><summary>Hint: how many places?</summary>

The start is one too.

</details>

```python exercise walk points=6
```

```python check walk
def test_stays():
    \"\"\"Without a slope, nothing moves.\"\"\"
    unstuck.assert_close("walk(1, [0], 1)", walk(torch.ones(()), torch.zeros(1), 1.0), torch.ones(2), "No slope.")
```

```markdown question why_downhill points=2
Why against the slope?
```
"""

MARKING = """# Marking scheme of T1

## why_downhill (2 points)

- 1 point: the slope points to where the height grows fastest
- 1 point: so the opposite way it falls fastest

Model answer: the height falls fastest in the opposite direction.
"""

CHECKS = '''"""Hidden checks of t1_tiny."""

import pytest

from autograder.checking import agree


@pytest.mark.exercise("step", points=12, hint="Which way is down?")
def test_moves_downhill(student, reference, rng):
    """x moves by −rate times the slope."""
    x, slope = rng.normal(3), rng.normal(3)
    agree(student, reference, lambda m: m.step(x, slope, rate=0.5))


@pytest.mark.exercise("step", points=2)
def test_refuses_a_negative_rate(student, reference, rng):
    """A negative rate raises ValueError, whose message names it."""
    x = rng.normal(3)
    agree(student, reference, lambda m: m.step(x, x, rate=-1.0), names="rate")


@pytest.mark.exercise("walk", points=6)
def test_visits_every_place(student, reference, rng):
    """The walk holds the start and every place after it."""
    start, slopes = rng.normal(2), rng.normal(4, 2)
    agree(student, reference, lambda m: m.walk(start, slopes, rate=0.5))
'''

_FIRST_STEPS = {"steps_twice_as_far": 2, "steps_uphill": -1, "stays": 0}
_MORE_STEPS = {f"steps_{number}_times_as_far": number for number in range(3, 17)}

_MISTAKES_HEAD = '''"""Named wrong variants of t1_tiny."""

from autograder.checking import mistake
from solutions.t1_tiny import step


@mistake("step", caught_by="refuses_a_negative_rate")
def accepts_a_negative_rate(x, slope, rate):
    """walks uphill where the rate is negative"""
    return x - rate * slope


@mistake("walk", caught_by="visits_every_place")
def forgets_the_start(start, slopes, rate):
    """leaves the start out"""
    places = [start]
    for slope in slopes:
        places.append(step(places[-1], slope, rate))
    return torch.stack(places[1:])


@mistake("walk", caught_by="visits_every_place")
def takes_each_step_from_the_start(start, slopes, rate):
    """takes each step from the start"""
    return torch.stack([start, *(step(start, slope, rate) for slope in slopes)])
'''

_STEP_MISTAKE = '''

@mistake("step", caught_by="moves_downhill")
def {name}(x, slope, rate):
    """goes {factor} times as far as it should"""
    if rate < 0:
        raise ValueError("rate must be at least 0")
    return x - {factor} * rate * slope
'''

_STYLE = '''"""Another hand: {name}."""

import torch


def step(x, slope, rate):
    if rate < 0:
        raise ValueError("rate")
    return {step}


def walk(start, slopes, rate):
    return {walk}
'''
_RECURSIVE = "torch.stack([start, *(start - rate * slopes[: n + 1].sum(0) for n in range(len(slopes)))])"
_CUMULATIVE = "torch.cat([start[None], start - rate * slopes.cumsum(0)])"
STYLES = {
    "sums": ("x - rate * slope", _RECURSIVE),
    "cumulative": ("x + (-rate) * slope", _CUMULATIVE),
    "subtracts": ("torch.sub(x, slope, alpha=rate)", _CUMULATIVE),
    "adds": ("torch.add(x, -slope, alpha=rate)", _RECURSIVE),
    "multiplies": ("x - slope.mul(rate)", _CUMULATIVE),
}


@dataclass(frozen=True)
class TinyCourse:
    """A copy of the small course that a test may spoil."""

    root: Path

    @property
    def handout(self) -> Path:
        """What students read."""
        return self.root / "assignments" / SLUG / "handout.md"

    @property
    def solution(self) -> Path:
        """The reference."""
        return self.root / "solutions" / f"{SLUG}.py"

    @property
    def hidden(self) -> Path:
        """The folder of checks and catalogue."""
        return self.root / "autograder" / "hidden" / SLUG

    @property
    def checks(self) -> Path:
        """The hidden checks."""
        return self.hidden / f"test_{SLUG}.py"

    @property
    def marking(self) -> Path:
        """How the question is marked."""
        return self.hidden / "marking.md"

    @property
    def mistakes(self) -> Path:
        """The catalogue."""
        return self.hidden / "mistakes.py"

    def edit(self, path: Path, old: str, new: str) -> None:
        """Replaces the one occurrence of a text in a file."""
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {path}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def build(self) -> None:
        """Makes the students' files anew, so that a spoilt source is not refused for a stale file."""
        assert cli.main(["--course", str(self.root), "build"]) == 0


def mistakes(*, few: bool = False) -> str:
    """The text of a catalogue: enough mistakes for a proof, or the first few of them."""
    factors = _FIRST_STEPS if few else {**_FIRST_STEPS, **_MORE_STEPS}
    return _MISTAKES_HEAD + "".join(_STEP_MISTAKE.format(name=name, factor=factor) for name, factor in factors.items())


def write(root: Path, *, few: bool = False) -> Path:
    """Writes the course beneath `root` and builds it; returns `root`."""
    hidden = root / "autograder" / "hidden" / SLUG
    texts = {
        root / "solutions" / f"{SLUG}.py": SOLUTION,
        root / "assignments" / SLUG / "handout.md": HANDOUT,
        hidden / f"test_{SLUG}.py": CHECKS,
        hidden / "mistakes.py": mistakes(few=few),
        hidden / "marking.md": MARKING,
    }
    for name, (step, walk) in STYLES.items():
        texts[hidden / "styles" / f"{name}.py"] = _STYLE.format(name=name, step=step, walk=walk)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    build(root, [SLUG])
    return root
