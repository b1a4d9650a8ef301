"""Copies are grouped whatever they look like; what different people wrote is not. Measured on the course's own right answers."""

import random
from functools import cache
from pathlib import Path

import disguises
import pytest

from autograder.course import Assignment, find_course
from autograder.report.own_code import handed_out, own_code
from autograder.report.similar import LEAST_OWN, fingerprints, groups, shared_lines
from autograder.report.tokens import Block, blocks

COURSE = find_course(Path(__file__))


@cache
def read(text: str) -> tuple[Block, ...]:
    """The blocks of a text; each is read once."""
    return tuple(blocks(text))


def grouped(assignment: Assignment, texts: dict[str, str], others: list[str] | None = None) -> set[frozenset[str]]:
    """The members of the groups among these texts."""
    documents = {name: list(read(text)) for name, text in texts.items()}
    given = list(read(handed_out(assignment)))
    return {frozenset(group.members) for group in groups(documents, given, [list(read(text)) for text in others or []])}


@pytest.mark.parametrize("slug", COURSE.assignments)
def test_different_people_are_not_grouped(slug: str):
    """The reference, six or seven styles and the sample class: all right or nearly so, none alike."""
    assignment = COURSE.assignments[slug]
    assert grouped(assignment, disguises.independent(assignment)) == set()


@pytest.mark.parametrize(
    ("slug", "disguise"),
    [(slug, "all") for slug in COURSE.assignments]
    + [("a3_momentum", name) for name in ("same", "commented", "reordered", "bare", "renamed")],
)
def test_copies_are_grouped_in_disguise(slug: str, disguise: str):
    """Each one's copy is grouped with its original, and with nobody else, all in one class."""
    assignment = COURSE.assignments[slug]
    originals = {name: text for name, text in disguises.independent(assignment).items() if _is_long(text, assignment)}
    change = {
        "same": lambda text: text,
        "commented": disguises.commented,
        "reordered": disguises.reordered,
        "bare": disguises.bare,
        "renamed": lambda text: disguises.renamed(text, assignment),
        "all": lambda text: disguises.commented(
            disguises.bare(disguises.reordered(disguises.renamed(text, assignment)))
        ),
    }[disguise]
    texts = originals | {f"copy of {name}": change(text) for name, text in originals.items()}
    assert grouped(assignment, texts) == {frozenset({f"copy of {name}", name}) for name in originals}


@pytest.mark.parametrize("slug", COURSE.assignments)
def test_a_notebook_is_grouped_with_the_module_it_was_copied_from(slug: str):
    """The same answers in the released notebook's cells and in a module, docstrings of the handout or not."""
    assignment = COURSE.assignments[slug]
    styles = {name: text for name, text in disguises.independent(assignment).items() if _is_long(text, assignment)}
    texts = dict(styles)
    for name, text in styles.items():
        own = own_code(assignment, {f"{slug}.ipynb": disguises.notebook(text, assignment)})
        texts[f"copy of {name}"] = own.text
        assert (own.left_out, own.altered) == ((), ())
    assert grouped(assignment, texts) == {frozenset({f"copy of {name}", name}) for name in styles}


def test_what_was_handed_out_is_nobodys():
    """Ten untouched skeletons are not alike: none holds anything of its own."""
    assignment = COURSE.assignments["a3_momentum"]
    skeleton = (assignment.folder / "a3_momentum.py").read_text(encoding="utf-8")
    assert grouped(assignment, {f"student {number}": skeleton for number in range(10)}) == set()


def test_short_answers_are_not_grouped():
    """Half a class whose first two functions are written the same way, as short functions are, is not a group."""
    assignment = COURSE.assignments["a3_momentum"]
    short = "def gd_step(theta, grad, lr):\n    return theta - lr * grad\n\n\n" + (
        "def momentum_step(theta, grad, movement, lr, momentum=0.9):\n"
        "    movement = momentum * movement - lr * grad\n    return theta + movement, movement\n"
    )
    assert len(fingerprints(blocks(short))) < LEAST_OWN
    rest = disguises.independent(assignment)
    assert grouped(assignment, {f"student {number}": short for number in range(len(rest))} | rest) == set()


def test_common_code_is_no_evidence():
    """Where 40 of 100 hold the same 30 lines, which are no longer rare, and differ in the rest, they are not grouped."""
    assignment = COURSE.assignments["a3_momentum"]
    common = "\n\n".join(assignment.reference.split("\n\n\n")[:3])
    draw = random.Random(1)
    texts = {}
    for number in range(100):
        own = [
            f"    x{n} = torch.{draw.choice('abcdefgh')}{draw.randrange(99)}(y, {draw.random():.2f}) ** {n}"
            for n in range(60)
        ]
        texts[f"student {number}"] = (common if number < 40 else "") + "\n\ndef mine(y):\n" + "\n".join(own)
    assert grouped(assignment, texts) == set()


def test_three_copies_are_one_group():
    """What is linked to the same one is one group; the closest two are told."""
    assignment = COURSE.assignments["a3_momentum"]
    text = assignment.reference
    texts = {"ada": text, "bob": disguises.renamed(text, assignment), "eve": disguises.bare(text)}
    documents = {name: list(read(one)) for name, one in texts.items()}
    (group,) = groups(documents, list(read(handed_out(assignment))))
    assert group.members == ("ada", "bob", "eve")
    assert 0.7 <= group.loosest <= group.closest.share <= 1.0


def test_shared_lines_are_those_of_the_copied_function():
    """One function of another's module is marked in both, line by line, wherever it stands."""
    copied = "def f(a, b):\n    c = torch.exp(a) * 2 + b ** 3\n    d = c.sum(0) / c.mean(1) - a.std()\n    return d @ c - b\n"
    first = "import torch\n\n\n" + copied
    second = "import torch\n\n\ndef g(x):\n    return x.log().var(dim=0)\n\n\n" + copied.replace("a", "w").replace(
        "pwr", "par"
    )
    assert shared_lines(blocks(first), blocks(first), []) == (frozenset({4, 5, 6, 7}), frozenset({4, 5, 6, 7}))
    mine, theirs = shared_lines(blocks(first), blocks(second.replace("w", "a")), [])
    assert (mine, theirs) == (frozenset({4, 5, 6, 7}), frozenset({8, 9, 10, 11}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0" * 50,
        "(" * 20_000,
        '"""' * 5_001,
        "def " * 3_000,
        "\ud800 = 1",
        "é\u202e\u0301" * 999,
        "1e" * 5_000,
        "x = '\\\n" * 99,
    ],
    ids=range(9),
)
def test_any_text_can_be_read(text: str):
    """What is not Python has symbols too, or none; nothing is raised, and comparing it with itself is harmless."""
    found = blocks(text)
    groups({"ada": found, "bob": found}, [])
    assert all(len(block.symbols) == len(block.lines) for block in found)


def _is_long(text: str, assignment: Assignment) -> bool:
    """Whether there is enough of one's own to be compared."""
    own = set(fingerprints(list(read(text))).tolist()) - set(fingerprints(list(read(handed_out(assignment)))).tolist())
    return len(own) >= 3 * LEAST_OWN
