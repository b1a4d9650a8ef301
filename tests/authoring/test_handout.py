"""A handout is read block by block, and what is wrong in it is named with its line and its remedy."""

import pytest

from autograder.authoring import AuthoringError
from autograder.authoring.handout import Check, Example, Exercise, Figure, Prose, Question, Setup
from autograder.authoring.parse import parse

WHERE = "assignments/a0_walk/handout.md"

GOOD = """\
# A0 · A walk

Read this.

```python setup module
import torch
```

```python example
walk(3)
```

```text
```python no cell, but text
```

```python exercise walk points=12.5
```

```python check walk
def test_walks():
    \"\"\"It walks.\"\"\"
    walk(3)
```

```python figure path
draw(walk(3))
```

```python exercise rest points=7.5
```

```python check rest
def test_rests():
    \"\"\"It rests.\"\"\"
    rest()
```

```markdown question why points=2
Why does it rest?
```

The end.
"""


def changed(old: str, new: str) -> str:
    """The good handout with one place changed."""
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_blocks_come_in_the_order_of_the_text() -> None:
    """Prose, example, setup, exercise, check and figure are told apart, and their order is the author's."""
    handout = parse(GOOD, "a0_walk", WHERE)
    kinds = [Prose, Setup, Example, Prose, Exercise, Check, Figure, Exercise, Check, Question, Prose]
    assert [type(block) for block in handout.blocks] == kinds
    assert handout.title == "A0 · A walk"


def test_exercises_keep_their_points() -> None:
    """The exercises are named in order with the points of their blocks."""
    assert list(parse(GOOD, "a0_walk", WHERE).exercises.items()) == [("walk", 12.5), ("rest", 7.5)]


def test_questions_are_worth_points_beside_those_of_the_exercises() -> None:
    """A question has a text and points of its own; the exercises' points add up to 20 without it."""
    [question] = parse(GOOD, "a0_walk", WHERE).questions
    assert (question.name, question.points, question.text) == ("why", 2.0, "Why does it rest?")


def test_data_sets_are_named_in_a_comment() -> None:
    """The data sets that ship with a handout are those of its `data` comment, in order; without one, none."""
    assert parse(GOOD, "a0_walk", WHERE).data == ()
    text = changed("Read this.", "Read this. <!-- data: digits, fashion_mnist -->")
    assert parse(text, "a0_walk", WHERE).data == ("digits", "fashion_mnist")


def test_lines_point_into_the_file() -> None:
    """A block knows the line of its fence."""
    check = parse(GOOD, "a0_walk", WHERE).checks[0]
    assert GOOD.splitlines()[check.line - 1] == "```python check walk"


def test_a_fence_within_a_fence_is_text() -> None:
    """A fence that stands inside a longer or other fence opens no block."""
    text = changed("Read this.", "````text\n```python exercise x\n```\n````\n\n~~~\n```python oops\n~~~")
    assert list(parse(text, "a0_walk", WHERE).exercises) == ["walk", "rest"]


@pytest.mark.parametrize(
    ("text", "line", "complaint", "remedy"),
    [
        (changed("# A0 · A walk", "A walk"), "A walk", "begins with its title", "on the first line"),
        (
            changed(" points=7.5", ""),
            "```python exercise rest",
            "exercise `rest` has no points",
            "write `exercise rest points=2`",
        ),
        (changed("points=7.5", "points=many"), "```python exercise rest", "got 'many'", "a number above 0"),
        (changed("points=7.5", "points=nan"), "```python exercise rest", "got 'nan'", "a number above 0"),
        (changed("points=7.5", "points=7.5 late=1"), "```python exercise rest", "no option `late`", "only points="),
        (changed("points=7.5", "points=8"), "# A0 · A walk", "add up to 20.5", "correct the points="),
        (
            changed("exercise rest", "exercise re-st"),
            "```python exercise re-st",
            "is no Python name",
            "as its function or class",
        ),
        (changed("exercise rest", "exercise"), "```python exercise points", "needs one name", "after the word"),
        (
            changed("points=7.5\n", "points=7.5\nrest = 1\n"),
            "```python exercise rest",
            "`rest` is not empty",
            "remove its lines",
        ),
        (
            changed("exercise rest", "exercize rest"),
            "```python exercize",
            "unknown block `python exercize`",
            "exercise, check, setup",
        ),
        (changed("check rest", "check nap"), "```python check nap", "no exercise of that name", "correct the name"),
        (changed("check rest", "check walk"), "```python check walk", "a second check of `walk`", "join or rename"),
        (
            changed("def test_rests", "def test_walks"),
            "```python check rest",
            "a second test `test_walks`",
            "join or rename",
        ),
        (
            changed("```python check rest", "```python"),
            "```python exercise rest",
            "no visible check",
            "add a block `check rest`",
        ),
        (
            changed("def test_rests():", "def rests():"),
            "```python check rest",
            "holds no test",
            "write `def test_…():`",
        ),
        (changed('    """It rests."""\n', ""), "def test_rests", "`test_rests` has no docstring", "add the fact"),
        (changed("def test_rests():", "def test_rests(x):"), "def test_rests(x)", "takes arguments", "has none"),
        (changed("    rest()\n", "    rest()\n\nnap()\n"), "nap()", "functions only", "move this line"),
        (changed("    rest()\n", "    rest(\n"), "    rest(", "the check block is not valid Python", "never closed"),
        (
            changed("draw(walk(3))\n", ""),
            "```python figure path",
            "the figure block is empty",
            "write its code or remove it",
        ),
        (
            changed("```markdown question", "```python question"),
            "```python question",
            "is a text",
            "`markdown question`",
        ),
        (
            changed("why points=2", "why"),
            "```markdown question",
            "question `why` has no points",
            "`question why points=2`",
        ),
        (
            changed("Why does it rest?\n", ""),
            "```markdown question",
            "the question block is empty",
            "write its text or remove it",
        ),
        (changed("setup module", "setup modul"), "```python setup modul", "`setup modul`", "`setup` or `setup module`"),
        (GOOD + "\n```python figure late\ndraw()\n", "```python figure late", "never closed", "end it with a line ```"),
    ],
)
def test_errors_name_line_complaint_and_remedy(text: str, line: str, complaint: str, remedy: str) -> None:
    """A handout that cannot be built is refused with file, line, what is wrong and what to do."""
    with pytest.raises(AuthoringError) as caught:
        parse(text, "a0_walk", WHERE)
    where, number, message = str(caught.value).split(":", 2)
    assert where == WHERE
    assert text.splitlines()[int(number) - 1].startswith(line), number
    assert complaint in message, message
    assert remedy in message, message


def test_a_second_exercise_of_a_name_is_refused() -> None:
    """Two exercises of one name would share a cell id."""
    text = changed("```python figure path", "```python exercise walk points=1\n```\n\n```python figure path")
    with pytest.raises(AuthoringError, match="a second exercise `walk`, the first stands at line"):
        parse(text, "a0_walk", WHERE)
