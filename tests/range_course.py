"""A course of one assignment to shoot at: functions, an object with state, a device; quick to grade, and known by heart.

`HONEST` earns 20 of 20 points. An attack is the honest text with other code in it; `VALUES` names what each check is worth.
"""

from pathlib import Path

from autograder.course import Course
from autograder.grading.examine import Order, grade_all
from autograder.grading.intake import Submission
from autograder.grading.result import SubmissionResult
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import Deadlines

SLUG = "h1_range"
SEED = "0123456789abcdef"
# A word that stands in the reference and in the checks alone, and the course's secret: nobody's code may meet them.
REFERENCE_WORD = "word_of_the_reference_5b1c"
CHECKS_WORD = "word_of_the_checks_9e7f"
SECRET = "secret_of_the_course_3d42"
VALUES = {
    "scale/multiplies": 5.0,
    "scale/refuses_a_negative_factor": 3.0,
    "total/sums": 4.0,
    "Meter/adds_up": 4.0,
    "Centre/stays_on_its_device": 4.0,
}
# Short, for hangs cost real time; a busy machine still answers within them.
DEADLINES = Deadlines(cpu=0.7, wall=3.0, load_cpu=2.0, load_wall=4.0)

SCALE = """
def scale(x, factor):
    if factor < 0:
        raise ValueError("factor must be at least 0")
    return x * factor
"""
REST = """
def total(x):
    return float(x.sum())


class Meter:
    def __init__(self):
        self.sum = 0.0

    def add(self, x):
        self.sum = self.sum + x.sum()
        return self.sum


class Centre(torch.nn.Module):
    def forward(self, x):
        return x - x.mean()
"""
HONEST = f"import torch\n{SCALE}{REST}"

# Code that writes replies onto the worker's socket by itself.
SPEAKING = """
import os, struct, sys, time
import wire


def number():
    frame = sys._getframe()
    while "envelope" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["envelope"].number


def send(reply):
    wire.write_all(3, wire.pack(reply))


def answer(value):
    send(wire.Reply(number(), wire.Returned(value)))
    os._exit(0)


def raw(payload):
    wire.write_all(3, struct.pack("<Q", len(payload)) + payload)
    os._exit(0)


def array(shape, data=b"", dtype="float64", **more):
    answer(wire.Array(dtype, shape, data, **more))
"""

HANDOUT = """# H1 · The range

Four exercises.

```python setup module
import torch
```

```python exercise scale points=8
```

```python check scale
def test_scale():
    \"\"\"Twice one is two.\"\"\"
    assert scale(torch.ones(()), 2.0) == 2
```

```python exercise total points=4
```

```python check total
def test_total():
    \"\"\"One and one are two.\"\"\"
    assert total(torch.ones(2)) == 2
```

```python exercise Meter points=4
```

```python check Meter
def test_meter():
    \"\"\"It starts at what is added first.\"\"\"
    assert Meter().add(torch.ones(2)) == 2
```

```python exercise Centre points=4
```

```python check Centre
def test_Centre():
    \"\"\"The mean is gone.\"\"\"
    assert Centre()(torch.ones(2)).sum() == 0
```
"""
CHECKS = f'''"""Hidden checks of h1_range."""

import pytest

from autograder.checking import agree

{CHECKS_WORD} = "{CHECKS_WORD}"


@pytest.mark.exercise("scale", points=5, hint="Multiply.")
def test_multiplies(student, reference, rng):
    """The result is x times the factor."""
    x, factor = rng.normal(3, 4), rng.uniform(2.0, 3.0)
    agree(student, reference, lambda m: m.scale(x, factor))


@pytest.mark.exercise("scale", points=3)
def test_refuses_a_negative_factor(student, reference, rng):
    """A negative factor raises ValueError, whose message names it."""
    x = rng.normal(3)
    agree(student, reference, lambda m: m.scale(x, -1.0), names="factor")


@pytest.mark.exercise("total", points=4)
def test_sums(student, reference, rng):
    """The result is the sum of all elements, a float."""
    x = rng.normal(3, 4)
    agree(student, reference, lambda m: m.total(x))


@pytest.mark.exercise("Meter", points=4)
def test_adds_up(student, reference, rng):
    """The meter holds the sum of all that was added."""

    def experiment(m, first, second):
        meter = m.Meter()
        meter.add(first)
        return meter.add(second)

    first, second = rng.normal(3), rng.normal(3)
    agree(student, reference, lambda m: m.run(experiment, first, second))


@pytest.mark.exercise("Centre", points=4)
def test_stays_on_its_device(student, reference, rng):
    """The mean is subtracted on the device where x lives."""

    def experiment(m, device, x):
        return m.Centre()(x.to(device)).cpu()

    x = rng.normal(5)
    for device in student.devices:
        agree(student, reference, lambda m: m.run(experiment, x, device=device))
'''

MISTAKES = '''"""Named wrong variants of h1_range."""

from autograder.checking import mistake


@mistake("scale", caught_by="multiplies")
def forgets_to_scale(x, factor):
    """gives x back as it came"""
    if factor < 0:
        raise ValueError("factor")
    return x
'''


def write(root: Path) -> Course:
    """Writes the course beneath `root`: reference, handout, hidden checks, one mistake, the secret."""
    reference = f'"""The reference."""\n\nimport torch\n\n{REFERENCE_WORD} = "{REFERENCE_WORD}"\n{SCALE}{REST}'
    hidden = f"autograder/hidden/{SLUG}"
    texts = {
        f"solutions/{SLUG}.py": reference,
        "solutions/__init__.py": "",
        f"assignments/{SLUG}/handout.md": HANDOUT,
        f"{hidden}/test_{SLUG}.py": CHECKS,
        f"{hidden}/mistakes.py": MISTAKES,
        ".autograder/secret": SECRET,
    }
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Course(root)


def orders(folder: Path, texts: dict[str, str]) -> list[Order]:
    """An order for each text by its author's name, all under one seed; the texts are written beneath `folder`."""
    made = []
    for name, text in texts.items():
        path = folder / name / f"{SLUG}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        made.append(Order(Submission(name, SLUG, path, f"{name}/{SLUG}.py"), SEED))
    return made


def grade(
    course: Course, sandbox: Sandbox, folder: Path, texts: dict[str, str], deadlines: Deadlines = DEADLINES
) -> dict[str, SubmissionResult]:
    """The result of each text by its author's name, graded in this order in one sandbox."""
    results: list[SubmissionResult] = []
    grade_all(course.assignment(SLUG), sandbox, orders(folder, texts), results.append, deadlines)
    return {result.student: result for result in results}


def statuses(result: SubmissionResult) -> dict[str, str]:
    """The status of each check by its name."""
    return {check.name: check.status for check in result.checks}


def lost(result: SubmissionResult) -> set[str]:
    """The names of the checks that earned nothing; each of the others earned its full points."""
    names = {check.name for check in result.checks if check.score == 0}
    assert result.score == sum(VALUES[name] for name in VALUES if name not in names)
    return names
