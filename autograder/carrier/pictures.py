"""Pictures in nbgrader's feedback: drawn when a page is made, and not on the path of a grade."""

import atexit
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List, Unicode

from autograder.carrier.reader import MARKER
from autograder.feedback.section import figure

if TYPE_CHECKING:
    from autograder.feedback.gallery import Gallery


class AddPictures(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """The first step of `generate_feedback`: below the feedback on an exercise that failed, what the student's code does there.

    Which bytes were graded stands in the autograded notebook, written by `GradeSubmission`. A picture that cannot be had
    costs nothing else.
    """

    display_data_priority = List(Unicode()).tag(config=True)  # nbconvert sets it for every step of a page

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with the pictures."""
        marked = list(_marked(nb))
        if not marked:
            return nb, resources
        where = resources["nbgrader"]
        root = Path(self.parent.parent.coursedir.root)
        exercises = {mark["picture"] for _, mark in marked}
        try:
            pictures = _pictures(root, where["student"], where["assignment"], exercises, marked[0][1]["of"])
        except Exception as error:  # feedback without a picture is feedback all the same
            self.log.warning("%s, %s: no pictures (%s)", where["student"], where["assignment"], error)
            return nb, resources
        for cell, mark in marked:
            if (picture := pictures.get(mark["picture"])) is not None:
                data = {"text/html": figure(picture), "text/plain": f"{picture.caption} {picture.words}"}
                cell.outputs.insert(1, new_output("display_data", data=data))
        return nb, resources


def _marked(nb: NotebookNode) -> Iterator[tuple[NotebookNode, dict[str, Any]]]:
    """The graded cells whose exercise failed, each with what was written down when it was graded."""
    for cell in nb.cells:
        for output in cell.get("outputs", [])[:1]:
            mark = output.get("metadata", {}).get(MARKER)
            if mark is not None:
                yield cell, mark


def _pictures(root: Path, student: str, assignment: str, exercises: set[str], files: list[list[str]]) -> dict[str, Any]:
    from autograder.grading import hand_ins  # loads torch

    gallery = _lasting_gallery(root)
    if not gallery.has_any(assignment, exercises):
        return {}
    kept = hand_ins.kept(gallery.course, [(name, digest) for name, digest in files], f"{student}, {assignment}")
    return dict(gallery.of(assignment, exercises, kept))


@lru_cache(maxsize=1)
def _lasting_gallery(root: Path) -> "Gallery":
    """A gallery kept until the process ends: nbgrader asks once a student."""
    from autograder.course import Course
    from autograder.feedback.gallery import Gallery

    gallery = Gallery(Course(root))
    atexit.register(gallery.close)
    return gallery
