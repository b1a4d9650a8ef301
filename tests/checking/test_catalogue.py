"""A catalogue of mistakes is read as text, never imported."""

from pathlib import Path

import pytest

from autograder.checking.catalogue import Mistake, read_mistakes, read_styles
from autograder.checking.plugin import CheckError

HEAD = '''"""Wrong variants."""

import math
from autograder.checking import mistake
from solutions.a9_none import helper

raise_if_imported = 1 / 1


def shared(x):
    return 2 * x
'''
VARIANT = '''

@mistake("scale", caught_by="multiplies")
def doubles(x, factor):
    """multiplies by two,
    whatever the factor."""
    return shared(x) * math.e
'''


def read(folder: Path, text: str) -> list[Mistake]:
    """The mistakes in a text."""
    path = folder / "mistakes.py"
    path.write_text(text, encoding="utf-8")
    return read_mistakes(path)


def test_a_mistake_has_a_name_an_exercise_a_check_and_a_diagnosis(tmp_path: Path) -> None:
    """The docstring, on one line and without its full stop, is what a student reads."""
    [one] = read(tmp_path, HEAD + VARIANT)
    assert (one.name, one.exercise, one.caught_by) == ("doubles", "scale", "scale/multiplies")
    assert one.diagnosis == "scale: multiplies by two, whatever the factor"


def test_a_mistake_replaces_its_exercise_in_the_reference(tmp_path: Path) -> None:
    """The text defines the exercise after the reference, with the catalogue's own imports and helpers, and nothing of the kit."""
    [one] = read(tmp_path, HEAD + VARIANT)
    names: dict[str, object] = {}
    exec(one.submission("def scale(x, factor):\n    return x * factor\n"), names)
    assert names["scale"](1.0, 7.0) == pytest.approx(2 * 2.718281828)  # type: ignore[operator]
    assert "autograder" not in one.text
    assert "solutions" not in one.text
    assert "mistake(" not in one.text


def test_a_class_may_inherit_from_the_reference_by_its_own_name(tmp_path: Path) -> None:
    """A class mistake changes one method of the reference class."""
    text = '@mistake("Meter", caught_by="adds")\nclass subtracts(Meter):\n    """subtracts"""\n    def add(self, x): return -x\n'
    [one] = read(tmp_path, text)
    names: dict[str, object] = {}
    exec(one.submission("class Meter:\n    kind = 'reference'\n    def add(self, x): return x\n"), names)
    meter = names["Meter"]()  # type: ignore[operator]
    assert meter.add(1) == -1
    assert meter.kind == "reference"


def test_other_decorators_stay(tmp_path: Path) -> None:
    """Only the mark is taken off."""
    [one] = read(tmp_path, "import torch\n" + VARIANT.replace("def doubles", "@torch.no_grad()\ndef doubles"))
    assert "@torch.no_grad()" in one.text


def test_nothing_in_a_catalogue_is_executed(tmp_path: Path) -> None:
    """Reading is parsing."""
    assert len(read(tmp_path, "raise SystemExit('imported')\n" + VARIANT)) == 1


def test_mistakes_keep_their_order(tmp_path: Path) -> None:
    """Where two give the same answers, the first is named."""
    names = ["zeta", "alpha", "mu"]
    text = "".join(VARIANT.replace("doubles", name) for name in names)
    assert [one.name for one in read(tmp_path, text)] == names


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('    """multiplies by two,\n    whatever the factor."""\n', "", "mistakes.py:4: `doubles` has no docstring"),
        ('"scale", ', "", "`doubles` needs @mistake(exercise, caught_by=check)"),
        (', caught_by="multiplies"', "", "`doubles` needs @mistake(exercise, caught_by=check)"),
        ('caught_by="multiplies"', "caught_by=CHECK", "`doubles` needs @mistake(exercise, caught_by=check)"),
        ("return shared", "return return", "is not valid Python"),
    ],
)
def test_a_bad_catalogue_is_refused_by_file_and_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    """What a mistake lacks is said where it stands."""
    with pytest.raises(CheckError) as caught:
        read(tmp_path, VARIANT.replace(old, new))
    assert said in str(caught.value)
    assert str(tmp_path / "mistakes.py") in str(caught.value)


def test_an_assignment_may_have_no_catalogue_yet(tmp_path: Path) -> None:
    """No file, no mistakes and no styles."""
    assert read_mistakes(tmp_path / "mistakes.py") == []
    assert read_styles(tmp_path / "styles") == {}


def test_styles_are_the_texts_of_their_files(tmp_path: Path) -> None:
    """Each style goes by its file's name, in the order of the names."""
    for name in ("b", "a"):
        (tmp_path / f"{name}.py").write_text(f"# {name}\n")
    assert read_styles(tmp_path) == {"a": "# a\n", "b": "# b\n"}
