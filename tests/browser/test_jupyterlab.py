"""The released notebook in JupyterLab, as a student works in it."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from a_class import SLUG, generate, make_course
from chromium import Visit
from lab_server import serving
from pictured import shoot
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn about themselves

WORK = {
    "gd_step": """\
def gd_step(theta, grad, lr):
    if grad.shape != theta.shape:
        raise ValueError("grad has another shape than theta")
    return theta - lr * grad
""",
    "momentum_step": """\
def momentum_step(theta, grad, movement, lr, momentum=0.9):
    if not 0 <= momentum < 1:
        raise ValueError("momentum must be in [0, 1)")
    movement = momentum * movement - lr * grad
    return theta + movement, movement
""",
}


@dataclass
class Notebook:
    """The notebook in its tab."""

    visit: Visit

    @property
    def page(self) -> Page:
        """JupyterLab's page."""
        return self.visit.page

    @property
    def cells(self) -> Locator:
        """All cells."""
        return self.page.locator(".jp-Notebook .jp-Cell")

    def code(self, text: str) -> Locator:
        """The first code cell that holds the text."""
        return self.page.locator(".jp-Notebook .jp-CodeCell", has_text=text).first

    def exercise(self, name: str) -> Locator:
        """The cell in which an exercise is written: the one above its checks."""
        cells = "[...document.querySelectorAll('.jp-Notebook .jp-Cell')]"
        return self.cells.nth(self.checks(name).evaluate(f"cell => {cells}.indexOf(cell)") - 1)

    def checks(self, name: str) -> Locator:
        """The locked cell with the visible checks of an exercise."""
        return self.code(f"The visible checks of {name}.")

    def run(self, cell: Locator) -> Locator:
        """Run a cell with Shift+Enter; its output, once it has run."""
        before = cell.locator(".jp-InputPrompt").inner_text()
        cell.locator(".cm-content").click(position={"x": 2, "y": 2})
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function(
            r"([prompt, before]) => /\[\d+\]/.test(prompt.innerText) && prompt.innerText !== before",
            arg=[cell.locator(".jp-InputPrompt").element_handle(), before],
        )
        return cell.locator(".jp-OutputArea")

    def write(self, cell: Locator, text: str) -> None:
        """Write a text into a cell, in place of what is there."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, visit: Callable[..., Visit]) -> Iterator[Notebook]:
    """The notebook, opened in the student's own JupyterLab, with its kernel started."""
    course, folder, home = (tmp_path_factory.mktemp(name) for name in ("course", "student", "home"))
    make_course(course)
    shutil.copytree(generate(course), folder / SLUG)
    with serving(folder, home) as server:
        notebook = Notebook(visit(height=1000))
        notebook.page.goto(server.link(f"lab/tree/{SLUG}/{SLUG}.ipynb"))
        expect(notebook.page.get_by_text(re.compile(r"Python 3 .*\| Idle"))).to_be_visible()
        yield notebook


@pytest.fixture(scope="module")
def begun(opened: Notebook) -> Notebook:
    """The same, with the first cells run."""
    opened.run(opened.code("from torch import Tensor"))
    opened.run(opened.code("import unstuck"))
    return opened


@pytest.fixture(scope="module")
def unfinished(begun: Notebook) -> tuple[Notebook, str]:
    """What the checks of the first exercise said before anything was written."""
    begun.run(begun.exercise("gd_step"))
    return begun, begun.run(begun.checks("gd_step")).inner_text()


@pytest.fixture(scope="module")
def written(unfinished: tuple[Notebook, str]) -> Notebook:
    """Two exercises written and run."""
    notebook, _ = unfinished
    for name, text in WORK.items():
        cell = notebook.exercise(name)
        notebook.write(cell, text)
        notebook.run(cell)
    return notebook


def test_the_notebook_opens_without_a_question(opened: Notebook) -> None:
    """No dialog, no message, formulas set, hints folded."""
    expect(opened.page.locator(".jp-Dialog, .jp-toastContainer .Toastify__toast")).to_have_count(0)
    expect(opened.page.locator("mjx-container").first).to_be_visible()
    assert opened.page.locator("details[open]").count() == 0
    assert opened.page.locator("details summary").count() > 5


def test_check_cells_are_locked(begun: Notebook) -> None:
    """Typing into one changes nothing, and it cannot be deleted."""
    cell, count = begun.checks("gd_step"), begun.cells.count()
    text = cell.locator(".cm-content").inner_text()
    cell.locator(".cm-content").click()
    begun.page.keyboard.type("zz")
    begun.page.keyboard.press("Escape")
    for _ in range(2):
        begun.page.keyboard.press("d")
    assert cell.locator(".cm-content").inner_text() == text
    assert begun.cells.count() == count


def test_checks_of_an_unwritten_exercise_say_so(unfinished: tuple[Notebook, str]) -> None:
    """One sentence says what is missing and what to do."""
    _, said = unfinished
    assert "gd_step is not written yet: put your code in place of" in said
    assert "Traceback" not in said


def test_checks_of_a_written_exercise_pass(written: Notebook) -> None:
    """Each check is named with its sentence."""
    said = written.run(written.checks("momentum_step")).inner_text()
    assert "passed: From rest, the first step is that of gradient descent" in said
    assert "not written" not in said.partition("\n\n")[0]


def test_the_figure_is_drawn_by_the_students_functions(written: Notebook, pictures: Path) -> None:
    """The figure below the exercise appears, without a sentence that something is missing."""
    written.run(written.checks("momentum_step"))
    cell = written.code("The step is the sum of two arrows")
    figure = written.run(cell).locator("img")
    expect(figure).to_be_visible()
    assert figure.evaluate("image => image.naturalWidth") > 400
    figure.scroll_into_view_if_needed()
    shoot(written.page, pictures, "notebook")


def test_validate_names_the_checks_that_fail(written: Notebook) -> None:
    """nbgrader's button runs the saved notebook anew, and shows the first check cell of an unwritten exercise."""
    written.page.get_by_role("button", name="Validate").click()
    dialog = written.page.locator(".jp-Dialog", has_text="Validation Results")
    expect(dialog).to_contain_text("The visible checks of unroll_movement.")
    expect(dialog).not_to_contain_text("The visible checks of momentum_step.")
    dialog.get_by_role("button", name="Ok").click()


def test_nothing_warned(written: Notebook) -> None:
    """Nothing is in the error stream but what checks say; no page needed the network or failed in a script."""
    said = written.page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()
    assert [text for text in said if "checks did not pass" not in text] == []
    assert written.visit.outside == []
    assert written.visit.complaints == []
