"""What the student reads under a graded cell."""

import itertools
import json
import re
from html.parser import HTMLParser

import pytest
from small_course import Course, FakeGrader, check, result

from autograder.carrier import pictures
from autograder.carrier.grade import feedback_on
from autograder.carrier.text import clean, harmless_markdown
from autograder.feedback.gallery import Shown
from autograder.feedback.section import Feedback, as_html, as_text, number
from autograder.sandbox.zygote import SandboxError

HOSTILE = '<script>alert(1)</script> & "quoted" \x1b[31mred\x1b[0m \x00 \u202e \ud800'


class Tags(HTMLParser):
    """The tags of a page, and those that were closed in the order in which they were opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.opened.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_failed_check_says_what_why_and_what_next() -> None:
    """Sentence, points, diagnosis, message and hint are all there, in both forms."""
    failed = check("gd_step", 0.5)
    feedback = Feedback("gd_step", 0.5, 2.0, [failed], notes=["descent.py was graded"])

    for form in (as_text(feedback), as_html(feedback)):
        for said in (
            "gd_step: 0.5 of 2 points",
            "Not passed",
            failed.sentence,
            failed.message,
            failed.diagnosis,
            failed.hint,
        ):
            assert said is not None
            assert said in form
        assert "descent.py was graded" in form


def test_a_passed_check_is_one_line() -> None:
    """Where nothing is wrong there is nothing to diagnose."""
    text = as_text(Feedback("gd_step", 2.0, 2.0, [check(score=2.0, status="passed", message="")]))

    assert text == "gd_step: 2 of 2 points\n- Passed (2 of 2 points): θ moves against the gradient."


def test_a_mistake_that_costs_several_checks_is_explained_once() -> None:
    """At the next check it is said to be the same one; another mistake has its own words."""
    first, second, other = (
        check(diagnosis=cause) for cause in ("gd_step: uphill", "gd_step: uphill", "gd_step: twice")
    )
    feedback = Feedback("gd_step", 0.0, 2.0, [first, second, other])

    for form in (as_text(feedback), as_html(feedback)):
        assert form.count("gd_step: uphill") == 1
        assert form.count("the same mistake as above") == 1
        assert form.count("gd_step: twice") == 1


def test_every_status_has_words_of_its_own() -> None:
    """A status is told in words, never by colour alone."""
    statuses = ["passed", "failed", "timeout", "crashed", "missing", "error"]
    told = {
        as_text(Feedback("gd_step", 0.0, 2.0, [check(status=status, message="")])).splitlines()[1]
        for status in statuses
    }
    assert len(told) == len(statuses)


@pytest.mark.parametrize("field", ["message", "diagnosis", "hint", "sentence"])
def test_no_text_of_a_student_acts_on_the_page(field: str) -> None:
    """Markup, terminal colours, control characters and lone surrogates are gone or escaped; the page is well formed."""
    page = as_html(Feedback("gd_step", 0.0, 2.0, [check(**{field: HOSTILE})], message=HOSTILE, notes=[HOSTILE]))

    tags = Tags(page)
    assert tags.open == []
    assert "script" not in tags.opened
    assert not {"\x1b", "\x00", "\u202e", "\ud800"} & set(page)
    assert "red" in page
    page.encode("utf-8")


def test_a_message_without_end_is_cut() -> None:
    """A student's exception text of a megabyte does not fill the page."""
    assert len(as_html(Feedback("gd_step", 0.0, 2.0, [check(message="x" * 10**6)]))) < 5_000


def test_the_page_of_nbgrader_shows_the_feedback_as_html(course: Course, grader: FakeGrader) -> None:
    """`generate_feedback` takes the HTML and not the plain text; what holds for the whole hand-in is said once."""
    course.submit(course.released())
    course.autograde()

    page = course.feedback()

    assert 'aria-label="Feedback on gd_step"' in page
    assert page.count("descent.ipynb was graded") == 1
    assert "Score: 1.5 / 6.0" in page


def test_an_unreadable_hand_in_says_so_in_every_exercise() -> None:
    """The reason stands where the student looks for the score."""
    page = as_html(Feedback("gd_step", 0.0, 2.0, message="Nothing could be graded: it stops in the middle"))
    assert "<p>Nothing could be graded: it stops in the middle</p>" in page


@pytest.mark.parametrize(
    ("value", "shown"), [(2.0, "2"), (0.5, "0.5"), (1 / 3, "0.33"), (10.0, "10"), (0.0, "0"), (100, "100")]
)
def test_points_are_shown_without_needless_digits(value: float, shown: str) -> None:
    """2 is 2, a third is 0.33, and ten keeps its zero."""
    assert number(value) == shown


def test_clean_keeps_what_is_written() -> None:
    """Letters of any script, emoji, tabs and line ends stay."""
    assert clean("θ ← θ − η·g\t学生\r\n🙂\n") == "θ ← θ − η·g\t学生\n🙂\n"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a < b, $a<b$", "a < b, $a< b$"),
        ("[site](https://example.org)", "[site](https://example.org)"),
        ("![plot](attachment:plot.png)", "![plot](attachment:plot.png)"),
        ("![plot](attachment:gone.png)", "![plot] (attachment:gone.png)"),
        ("[x](java&#115;cript:f())", "[x] (java&#115;cript:f())"),
        ("[x]: javascript:f()", "[x] : javascript:f()"),
        ("<img src=x onerror=f()>", "< img src=x onerror=f()>"),
        ("<details><summary>Hint</summary>x<br/></details>", "<details><summary>Hint</summary>x<br/></details>"),
        ("<details ontoggle=f() open>", "< details ontoggle=f() open>"),
        ("<br\n/onclick=f()>", "< br\n/onclick=f()>"),
        ("<b/onclick=f()>", "< b/onclick=f()>"),
    ],
)
def test_markdown_keeps_its_form_and_loses_its_power(written: str, shown: str) -> None:
    """Only what would become HTML that acts or a link that is not plain http is changed, by a space."""
    assert harmless_markdown(written, {"plot.png"}) == shown


def test_the_feedback_of_an_exercise_is_about_that_exercise() -> None:
    """What holds for another exercise is not told here."""
    both = result(check("gd_step", sentence="θ falls."), check("momentum_step", sentence="m grows."))

    text = as_text(feedback_on(both, "momentum_step", 3.0))

    assert "m grows." in text
    assert "θ falls." not in text


def test_the_page_of_nbgrader_needs_no_network(course: Course, grader: FakeGrader) -> None:
    """No script, no style sheet or image from elsewhere, and a policy that forbids them."""
    course.submit(course.released())
    course.autograde()

    page = course.feedback()

    assert "<script" not in page
    assert not re.search(r"<link|@import|<iframe|url\(http", page)
    assert not re.findall(r'(?:src|href|data)="(?!#|data:)([^"]+)"', page)
    assert "default-src 'none'" in page


def test_formulas_are_shown_without_a_script(course: Course, grader: FakeGrader) -> None:
    """The browser's own MathML, in our text and in a student's answer; a formula that is none, or would act, stays text."""
    notebook = course.released()
    answer = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == "why")
    answer["source"] = r"Because $\theta' = \theta - \eta g$ and $\frac{$ and $\text{<b onclick=f()>}$."
    course.submit(notebook)
    course.autograde()

    page = course.feedback()

    assert "<msup><mi>θ</mi>" in page
    assert r"<code>\frac{</code>" in page
    assert "onclick" not in re.sub(r"<code>.*?</code>", "", page)


def test_the_page_of_nbgrader_is_readable(course: Course, grader: FakeGrader) -> None:
    """One first heading and none left out, a language, a viewport, landmarks; scores and comments by name."""
    course.submit(course.released())
    course.autograde()

    page = course.feedback()

    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
    for said in ('<html lang="en">', 'name="viewport"', "<main", "<nav", 'href="#cell-gd_step"', 'id="cell-gd_step"'):
        assert said in page
    assert "Recorded:" not in page
    assert "Question, why" in page


def picture_of(*arguments: object) -> dict[str, Shown]:
    """A picture, whatever is asked."""
    return {"gd_step": Shown("A walk.", "<svg></svg>", "Yours goes uphill.")}


def no_picture(*arguments: object) -> dict[str, Shown]:
    """A gallery that does not work here."""
    raise SandboxError("The sandbox does not hold here.")


def test_a_picture_stands_below_the_exercise_that_failed(
    course: Course, grader: FakeGrader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is drawn when the page is made, and is told in words; grading and the gradebook know nothing of it."""
    monkeypatch.setattr(pictures, "_pictures", picture_of)
    course.submit(course.released())
    course.autograde()
    assert "svg" not in json.dumps(course.autograded())

    page = course.feedback()

    assert page.count("<figure") == 1
    assert page.index("Feedback on gd_step") < page.index("<figure") < page.index("Feedback on momentum_step")
    assert "A walk. Yours goes uphill." in page


def test_a_picture_that_cannot_be_had_costs_nothing_else(
    course: Course, grader: FakeGrader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The page is made, and the log says why it has no picture."""
    monkeypatch.setattr(pictures, "_pictures", no_picture)
    course.submit(course.released())
    course.autograde()

    page = course.feedback()

    assert "Feedback on gd_step" in page
    assert "<figure" not in page


def test_where_nothing_failed_no_picture_is_asked_for(
    course: Course, grader: FakeGrader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither torch nor a sandbox is started."""
    monkeypatch.setattr(pictures, "_pictures", None)
    grader.result = lambda: result(
        check("gd_step", 2.0, status="passed", message=""), check("momentum_step", 3.0, status="passed", message="")
    )
    course.submit(course.released())
    course.autograde()
    assert "Feedback on gd_step" in course.feedback()
