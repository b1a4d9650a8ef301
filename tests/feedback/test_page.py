"""The page of its own: everything that there is to say, nothing that acts, nothing that has to be fetched."""

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sample import HOSTILE, ROOT, SLUG, sample_page, sample_pictures, sample_result

from autograder.course import Assignment, Course
from autograder.feedback.marks import Mark, Marks
from autograder.feedback.page import file_name, html, told
from autograder.grading.result import SubmissionResult

VOID = {"meta", "br", "img", "link", "input", "hr", "mspace", "path", "use", "rect"}


class Outline(HTMLParser):
    """A page's tags, headings, ids, links, and whether every tag is closed in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id" and value]
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    """A3."""
    return Course(ROOT).assignment(SLUG)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample page."""
    return sample_page(tmp_path_factory.mktemp("page")).read_text(encoding="utf-8")


def plain(assignment: Assignment, **changes: object) -> str:
    """A page without pictures or marks."""
    return html(assignment, replace(sample_result(assignment), **changes), {}, Marks())  # type: ignore[arg-type]


def test_the_page_says_all_there_is_to_say(page: str) -> None:
    """Score, note, each exercise with its points, what is right, what failed, diagnosis, hint, picture, words, marks."""
    for said in (
        "A3 · Momentum",
        "ada_lovelace",
        "the other file holds nothing of yours",
        "momentum_step: 3 of 6 points",
        "gd_step: 2 of 2 points",
        "All checks passed:",
        "Not passed",
        "the result has the wrong value",
        "Which movement does θ follow",
        "<svg",
        "Ten steps of momentum_step in a valley",
        "They are farthest apart at point",
        "Question, why shorter steps are caught: 1.5 of 2 points",
        "Right about the length",
        "Question, when the rate changes: not marked yet, of 2",
    ):
        assert said in page, said
    assert "moves theta by the" in page or "movement" in page


def test_the_page_is_whole_by_itself(page: str) -> None:
    """No script, no link but to its own parts, no address of anything to be loaded, and a policy that forbids it."""
    outline = Outline(page)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base", "img"} & set(outline.tags)
    links = [value for name, value in outline.attributes if name in ("href", "src", "xlink:href", "srcset", "action")]
    assert links
    assert all(value and value.startswith("#") and value[1:] in {*outline.ids} for value in links)
    assert not [name for name, _ in outline.attributes if name.startswith("on")]
    assert set(re.findall(r"https?://[^\s\"'<>)]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/1998/Math/MathML",
    }
    assert "default-src 'none'" in page
    assert "@import" not in page
    assert "url(http" not in page


def test_the_page_has_landmarks_and_headings_in_order(page: str) -> None:
    """One first heading, no level left out, a language, a viewport, names of sections, ids that are its own."""
    outline = Outline(page)
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(outline.levels))
    assert len(outline.ids) == len(set(outline.ids))
    assert {"header", "main", "footer"} <= set(outline.tags)
    assert ("lang", "en") in outline.attributes
    assert ("name", "viewport") in outline.attributes


def test_a_picture_is_told_in_words(page: str) -> None:
    """The drawing is hidden from a screen reader; what it shows stands beside it as text."""
    assert page.count("<svg") == page.count('aria-hidden="true" focusable="false"') == page.count("<figcaption>") == 3


@pytest.mark.parametrize(
    "field", ["student", "message", "notes", "status message", "diagnosis", "sentence", "hint", "version"]
)
def test_no_text_of_a_student_acts_on_the_page(assignment: Assignment, field: str) -> None:
    """Markup, terminal colours, control characters, marks that turn the text around, lone surrogates: escaped or gone."""
    result = sample_result(assignment)
    if field == "notes":
        result = replace(result, notes=(HOSTILE,))
    elif field == "status message":
        result = replace(result, status="unreadable", message=HOSTILE)
    elif field in ("student", "version"):
        result = replace(result, **{field: HOSTILE})
    else:
        wrong = next(check for check in result.checks if check.status == "failed")
        result = replace(result, checks=(*result.checks, replace(wrong, **{field: HOSTILE})))
    text = html(assignment, result, {}, Marks({"when_the_rate_changes": Mark(1.0, HOSTILE)}))
    assert "script" not in Outline(text).tags
    assert not {"\x1b", "\x00", "\u202e", "\ud800"} & set(text)
    text.encode()


def test_a_hand_in_that_could_not_be_read_says_why(assignment: Assignment) -> None:
    """The reason stands where the score would; no exercise is spoken of."""
    text = plain(assignment, status="unreadable", message="the notebook stops in the middle", checks=(), score=0.0)
    assert "Nothing could be graded: the notebook stops in the middle" in text
    assert "of 20 points" not in text
    assert "At a glance" not in text


def test_a_fault_of_the_grader_is_no_student_s(assignment: Assignment) -> None:
    """Neither a score nor the grader's own words, which may hold a hidden check."""
    text = plain(assignment, status="error", message="KeyError in test_a3_momentum.py")
    assert "through no fault of yours" in text
    assert "KeyError" not in text
    assert "of 20 points" not in text


def test_marks_are_told_only_where_they_are_known(assignment: Assignment) -> None:
    """A question that nobody marked yet has no points, not 0 of them; a penalty is said."""
    text = plain(assignment)
    assert text.count("not marked yet, of 2") == 2
    assert "– of 2" in text
    late = html(assignment, sample_result(assignment), {}, Marks(penalty=1.5))
    assert "Handed in late: 1.5 points are taken off" in late


def test_points_given_by_a_person_win(assignment: Assignment) -> None:
    """In the exercise, in the overview and in the sum; the page says so."""
    text = html(assignment, sample_result(assignment), {}, Marks(instead={"momentum_step": 5.0}))
    assert "momentum_step: 5 of 6 points" in text
    assert "A person gave 5 points here in the place of the checks&#x27; 3." in text
    assert f"<strong>{sample_result(assignment).score + 2:g}</strong> of 20 points" in text


def test_the_overview_says_what_came_of_each_exercise(assignment: Assignment) -> None:
    """All right, the mistakes by name, not written, or how many failed."""
    wrong = next(check for check in sample_result(assignment).checks if check.status == "failed")
    right, missing = replace(wrong, status="passed"), replace(wrong, status="missing", diagnosis=None)
    unknown = replace(wrong, diagnosis=None)
    named = [replace(wrong, diagnosis=f"momentum_step: {cause}") for cause in ("turns left", "turns right", "turns")]
    assert told([right, right]) == "all checks passed"
    assert told([missing, missing]) == "not written yet"
    assert told([missing, right]) == "a part is not written yet"
    assert told([unknown, right]) == "1 of 2 checks did not pass"
    assert told(named) == "turns left; turns right; and 1 more"


@pytest.mark.parametrize(
    "student",
    ["ada", "", "..", ".", "a/b", "/etc/passwd", "a\0b", "ä\udcffö", "CON", "x" * 500, "ada?<>|*:\\", "~root", "\n"],
)
def test_any_name_makes_a_file_in_its_folder(assignment: Assignment, student: str) -> None:
    """No separator, no dot by itself, no character that a file system refuses, no name too long."""
    path = file_name(replace(sample_result(assignment), student=student))
    assert path.parent == Path(SLUG)
    assert re.fullmatch(r"[\w @+,%.-]{1,130}\.html", path.name)
    assert path.stem.strip(". ")


def test_different_names_make_different_files(assignment: Assignment) -> None:
    """Also long ones that begin alike, and those whose escapes look like another's letters."""
    names = ["x" * 300 + "1", "x" * 300 + "2", "a/b", "a%2Fb", "a b", "a_b"]
    result: SubmissionResult = sample_result(assignment)
    assert len({file_name(replace(result, student=name)) for name in names}) == len(names)


def test_the_pictures_of_the_sample_are_those_of_its_mistakes(assignment: Assignment) -> None:
    """Each of the three exercises that failed has one."""
    assert set(sample_pictures(assignment)) == {"momentum_step", "unroll_movement", "MomentumSGD"}
