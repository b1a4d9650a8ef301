"""A class carried through formgrader by its buttons: nbgrader's own pages, in the real server, in a browser.

Each fixture presses what stands on one page and goes on from the one before; the tests say what is to be seen then.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from a_class import QUESTION, SLUG, STUDENTS, hand_in, make_course, students
from accessibility import findings
from chromium import Visit
from lab_server import Server, serving
from nbgrader.api import Gradebook
from pictured import shoot
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader and SQLAlchemy warn about themselves

SCORES = {"amara_okafor": "20", "diego_herrera": "16", "noah_williams": "1.25", "quentin_dubois": "0"}
MARK, COMMENT = "1.5", "Say also what *brakes* the ball: $-\\eta g$."


@dataclass
class Formgrader:
    """The pages of formgrader, with what its buttons answered."""

    server: Server
    visit: Visit
    root: Path
    said: dict[str, str] = field(default_factory=dict)
    marked: str = ""  # the student whose answer has been marked

    @property
    def total(self) -> str:
        """The score of the student whose answer has been marked."""
        return f"{float(SCORES[self.marked]) + float(MARK):g}"

    @property
    def page(self) -> Page:
        """The page that is open."""
        return self.visit.page

    def open(self, place: str) -> None:
        """Open a page of formgrader and wait until its table has been filled."""
        self.page.goto(self.server.link(f"formgrader/{place}"))
        self.page.wait_for_function("() => window.models === undefined || models.loaded")

    def row(self, text: str) -> Locator:
        """The row of the table that says this."""
        return self.page.locator("#main-table tr", has_text=text)

    def press(self, row: str, column: str) -> None:
        """Press the button in a row, wait for the answer, keep it under `<column> <row>`, and close it."""
        self.row(row).locator(f".{column} a").click()
        answer = self.page.locator(".modal.in")
        answer.wait_for()
        self.said[f"{column} {row}"] = answer.inner_text()
        answer.locator(".modal-footer button").click()
        expect(self.page.locator(".modal, .modal-backdrop")).to_have_count(0)

    def submission(self, student: str) -> None:
        """Open the page on which a student's hand-in is marked, and wait until its scores and formulas are there."""
        with Gradebook(f"sqlite:///{self.root}/gradebook.db") as gradebook:
            identifier = gradebook.find_submission_notebook(SLUG, SLUG, student).id
        self.page.goto(self.server.link(f"formgrader/submissions/{identifier}/"))
        self.loaded()

    def student(self) -> str:
        """Whose hand-in is open."""
        identifier = self.page.url.partition("/submissions/")[2].partition("/")[0]
        with Gradebook(f"sqlite:///{self.root}/gradebook.db") as gradebook:
            return str(gradebook.find_submission_notebook_by_id(identifier).student.id)

    def loaded(self) -> None:
        """Wait until a hand-in is shown with scores, comments and formulas."""
        self.page.wait_for_function(
            "() => window.formgrader && formgrader.loaded && formgrader.grades.loaded && formgrader.comments.loaded"
            " && MathJax.loaded && jQuery(':animated').length === 0"
        )

    def graded_cell(self, name: str) -> Locator:
        """The box of a graded cell: heading with its score, and what it holds."""
        return self.page.locator(".nbgrader_cell", has=self.page.locator(f"#{name}"))

    def feedback(self, exercise: str) -> Locator:
        """Our section under a graded cell."""
        return self.page.get_by_role("region", name=f"Feedback on {exercise}")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, visit: Callable[..., Visit]) -> Iterator[Formgrader]:
    """formgrader on a course in which nothing has happened, with the class entered by its form."""
    root, home = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("home")
    make_course(root)
    with serving(root, home) as server:
        formgrader = Formgrader(server, visit(), root)
        formgrader.open("manage_students")
        for student in students():
            enter(formgrader, student.identifier, student.first_name, student.last_name)
        yield formgrader


def enter(formgrader: Formgrader, identifier: str, first_name: str, last_name: str) -> None:
    """Add one student by formgrader's form."""
    formgrader.page.get_by_text("Add new student").click()
    form = formgrader.page.locator("#add-student-modal")
    form.locator("input.id").fill(identifier)
    form.locator("input.first-name").fill(first_name)
    form.locator("input.last-name").fill(last_name)
    form.locator("button.save").click()
    expect(formgrader.page.locator(".modal, .modal-backdrop")).to_have_count(0)
    formgrader.row(identifier).wait_for()


@pytest.fixture(scope="module")
def released(started: Formgrader) -> Formgrader:
    """Generated and released; then everybody works and hands in."""
    started.open("manage_assignments")
    for column in ("assign", "release"):
        started.press(SLUG, column)
    hand_in(started.root)
    return started


@pytest.fixture(scope="module")
def autograded(released: Formgrader) -> Formgrader:
    """Collected, and autograded one by one."""
    released.press(SLUG, "collect")
    released.open(f"manage_submissions/{SLUG}")
    for student in STUDENTS:
        released.press(student, "autograde")
    return released


@pytest.fixture(scope="module")
def marked(autograded: Formgrader) -> Formgrader:
    """The first answer that waits, marked with points and a comment; then the next hand-in."""
    page = autograded.page
    autograded.open(f"gradebook/{SLUG}/{SLUG}")
    waiting = page.locator("#main-table tr", has=page.locator(".needs-manual-grade .glyphicon-ok"))
    waiting.locator("a").first.click()
    autograded.loaded()
    autograded.marked = autograded.student()
    score, comment = page.locator(f"#{QUESTION}"), page.locator(f"#{QUESTION}-comment")
    score.fill(MARK)
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
        score.press("Tab")
    comment.fill(COMMENT)
    with page.expect_navigation():
        comment.press("Control+.")
    autograded.loaded()
    return autograded


@pytest.fixture(scope="module")
def returned(marked: Formgrader) -> Formgrader:
    """Feedback generated and released for all."""
    marked.open("manage_assignments")
    for column in ("generate-feedback", "release-feedback"):
        marked.press(SLUG, column)
    return marked


def test_the_folder_is_generated_and_released(released: Formgrader) -> None:
    """Both buttons report success; students get the folder without its source and without a hidden file."""
    assert "Successfully created the student version" in released.said[f"assign {SLUG}"]
    assert "Successfully released" in released.said[f"release {SLUG}"]
    names = {path.name for path in (released.root / "exchange/unstuck/outbound" / SLUG).iterdir()}
    assert names == {f"{SLUG}.ipynb", f"{SLUG}.py", f"test_{SLUG}.py", "unstuck.py"}


def test_hand_ins_are_collected_and_autograded(autograded: Formgrader) -> None:
    """Each is told to have been graded, and the table has the score that the sample class names."""
    assert "Successfully collected" in autograded.said[f"collect {SLUG}"]
    autograded.open(f"manage_submissions/{SLUG}")
    for student, score in SCORES.items():
        assert "Successfully autograded" in autograded.said[f"autograde {student}"]
        expect(autograded.row(student).locator(".score")).to_have_text(f"{score} / 24")
    expect(autograded.row("diego_herrera").locator(".student-name")).to_have_text("Herrera, Diego")


def test_the_page_shows_code_score_and_feedback(autograded: Formgrader, pictures: Path) -> None:
    """Under the graded cell: what failed, as a sentence, and the diagnosis; in its heading the points."""
    autograded.submission("diego_herrera")
    expect(autograded.page.get_by_text("nuevo = movement.mul(momentum)")).to_be_visible()
    score = autograded.page.locator("#unroll_movement")
    assert score.get_attribute("placeholder") == "0.5"
    feedback = autograded.feedback("unroll_movement")
    expect(feedback).to_be_visible()
    expect(feedback).to_contain_text("unroll_movement: 0.5 of 4 points")
    expect(feedback).to_contain_text("is off by one in the powers")
    autograded.page.set_viewport_size({"width": 1280, "height": 1150})
    autograded.graded_cell("unroll_movement").evaluate(
        "cell => scrollTo(0, cell.getBoundingClientRect().top + scrollY - 330)"
    )
    shoot(autograded.page, pictures, "formgrader")


def test_our_sections_are_accessible(autograded: Formgrader) -> None:
    """axe has nothing serious to say of what we put into the page."""
    autograded.submission("diego_herrera")
    autograded.graded_cell("unroll_movement").scroll_into_view_if_needed()
    assert findings(autograded.page, only="section[aria-label^='Feedback on']") == []


def test_a_hand_in_that_cannot_be_read_says_so(autograded: Formgrader) -> None:
    """The page is there, with the reason, and 0 points for everything."""
    autograded.submission("quentin_dubois")
    expect(autograded.page.get_by_text("This notebook could not be read.")).to_be_visible()
    assert autograded.page.locator("#gd_step").get_attribute("placeholder") == "0"


@pytest.mark.parametrize("student", ["diego_herrera", "noah_williams"])
def test_nothing_of_a_hand_in_runs(autograded: Formgrader, student: str) -> None:
    """Scripts, event handlers and links that run scripts are text, or gone: the page has the instructor's rights."""
    autograded.submission(student)
    page = autograded.page
    expect(autograded.graded_cell(QUESTION)).to_contain_text("What is left of the last movement")
    expect(autograded.graded_cell(QUESTION).locator(".MathJax").first).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.title() == SLUG
    assert page.locator("a[href^=javascript], [onerror], script.forged").count() == 0


def test_answers_in_words_wait(autograded: Formgrader) -> None:
    """Who answered waits for a person; whose file cannot be read does not."""
    autograded.open(f"manage_submissions/{SLUG}")
    for student in STUDENTS:
        status = "graded" if student == "quentin_dubois" else "needs manual grading"
        expect(autograded.row(student).locator(".status")).to_have_text(status)


def test_a_mark_and_a_comment_are_kept(marked: Formgrader) -> None:
    """The key for the next submission saves and goes on; the mark counts, and the hand-in waits no longer."""
    assert marked.student() != marked.marked
    marked.submission(marked.marked)
    expect(marked.page.locator(f"#{QUESTION}")).to_have_value(MARK)
    expect(marked.page.locator(f"#{QUESTION}-comment")).to_have_value(COMMENT)
    marked.open(f"manage_submissions/{SLUG}")
    expect(marked.row(marked.marked).locator(".score")).to_have_text(f"{marked.total} / 24")
    expect(marked.row(marked.marked).locator(".status")).to_have_text("graded")


def test_feedback_is_generated_and_released(returned: Formgrader) -> None:
    """Both buttons report success, and everybody's page is in the exchange."""
    assert "Successfully generated feedback" in returned.said[f"generate-feedback {SLUG}"]
    assert "Successfully released feedback" in returned.said[f"release-feedback {SLUG}"]
    assert len(list((returned.root / "exchange/unstuck/feedback").glob("*.html"))) == len(STUDENTS)


def test_the_feedback_page_has_the_mark_and_the_comment(returned: Formgrader, visit: Callable[..., Visit]) -> None:
    """The student reads the points of the answer, the comment, the score of all, and our feedback; nothing runs there either."""
    page = visit().page
    page.goto((returned.root / f"feedback/{returned.marked}/{SLUG}/{SLUG}.html").as_uri())
    for text in (returned.total, "Say also what", "momentum_step: "):
        expect(page.get_by_text(text).first).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator("a[href^=javascript], [onerror]").count() == 0


@pytest.mark.parametrize("student", STUDENTS[1:])
def test_the_feedback_page_is_accessible_and_alone(
    returned: Formgrader, visit: Callable[..., Visit], student: str
) -> None:
    """nbgrader's page of each student: it needs no network, fits a phone, and axe has nothing serious to say."""
    one = visit(width=390, height=844)
    one.page.goto((returned.root / f"feedback/{student}/{SLUG}/{SLUG}.html").as_uri())
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert findings(one.page) == []
    assert (one.outside, one.complaints) == ([], [])


def test_formgrader_opens_from_the_menu_of_jupyterlab(marked: Formgrader, visit: Callable[..., Visit]) -> None:
    """Nbgrader, Formgrader: the same pages, in a tab of JupyterLab."""
    lab = visit()
    lab.page.goto(marked.server.link("lab"))
    lab.page.get_by_role("menuitem", name="Nbgrader").click()
    lab.page.get_by_role("menuitem", name="Formgrader").click()
    frame = lab.page.frame_locator("iframe[src*=formgrader]")
    expect(frame.locator("#main-table tr", has_text=SLUG)).to_be_visible()
    assert lab.outside == []


def test_no_page_needed_the_network(returned: Formgrader) -> None:
    """Everything comes from the server, formulas included; no script failed."""
    assert returned.visit.outside == []
    assert [text for text in returned.visit.complaints if "about:blank" not in text] == []  # MathJax's blank font


def test_the_server_had_nothing_to_complain_of(returned: Formgrader) -> None:
    """No error in its log."""
    lines = returned.server.log.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("[E ") or "Traceback" in line] == []
