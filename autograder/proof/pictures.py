"""The pictures of feedback: they run on every right answer, which they show as right, and make their mistakes visible."""

from collections.abc import Iterator

from autograder.checking.catalogue import read_styles
from autograder.checking.pictures import Picture, read_pictures
from autograder.checking.plugin import CheckError
from autograder.checking.reference import ReferenceModule
from autograder.feedback.numbers import VISIBLE, NotDrawable, Panels, pairs, panels
from autograder.grading.examine import Examiner
from autograder.sandbox.sandbox import Sandbox

_RIGHT = VISIBLE / 10  # the most that a right answer may differ


def picture_problems(examiner: Examiner, sandbox: Sandbox) -> Iterator[str]:
    """Pictures that fail on a right answer, show it as wrong, show no mistake, or belong to no exercise."""
    assignment = examiner.assignment
    file = assignment.shown(assignment.hidden / "pictures.py")
    try:
        pictures = read_pictures(assignment.hidden / "pictures.py")
    except CheckError as error:
        yield str(error)
        return
    styles = {
        f"the style `{name}`": ReferenceModule(assignment.slug, text, sandbox)
        for name, text in read_styles(assignment.hidden / "styles").items()
    }
    for picture in pictures:
        place = f"{file}: the picture `{picture.name}`"
        if picture.exercise not in assignment.points:
            yield f"{place} is of `{picture.exercise}`, which is no exercise; correct the name"
            continue
        yield from (f"{place} {problem}" for problem in _problems(picture, examiner, styles))


def _problems(picture: Picture, examiner: Examiner, styles: dict[str, ReferenceModule]) -> Iterator[str]:
    try:
        right = panels(picture, picture.ask(examiner.reference()))
    except Exception as error:
        yield f"fails on the reference ({type(error).__name__}: {error}); correct it"
        return
    for name, style in styles.items():
        try:
            difference = _difference(picture, style, right)
        except Exception as error:
            yield f"fails on {name} ({type(error).__name__}: {error}); let it take every right answer"
            continue
        if difference > _RIGHT:
            yield f"shows {name} as wrong, by {difference:.2g} of its extent; choose other inputs"
    if not picture.shows:
        yield "shows no mistake; name one or more in `shows`, or drop it"
    known = {mistake.name: mistake for mistake in examiner.mistakes if mistake.exercise == picture.exercise}
    for name in picture.shows:
        if name not in known:
            yield f"is to show `{name}`, which is no mistake of `{picture.exercise}`; correct the name"
        elif not is_seen(picture, examiner.reference(known[name]), right):
            yield f"does not show the mistake `{name}`; choose other inputs, or take the name out of `shows`"


def is_seen(picture: Picture, module: ReferenceModule, right: Panels) -> bool:
    """Whether a wrong answer can be drawn and looks different from the right one."""
    try:
        return _difference(picture, module, right) > VISIBLE
    except Exception:
        return False


def _difference(picture: Picture, module: ReferenceModule, right: Panels) -> float:
    """The largest difference in any panel, as a share of its extent."""
    drawn = pairs(picture, panels(picture, picture.ask(module)), right)
    if not drawn:
        raise NotDrawable("it has no panel")
    return max(pair.difference for pair in drawn)
