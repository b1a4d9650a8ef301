"""The report as a page: complete, self-contained, escaped, and readable without a script."""

import base64
import hashlib
import re
from collections import Counter
from datetime import datetime
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import made_class
import pytest
import tiny_course
from results import check, result

from autograder.course import Course
from autograder.grading import hand_ins
from autograder.grading.result import SubmissionResult
from autograder.report.gather import gather
from autograder.report.page import render

MADE = datetime(2030, 1, 31, 12, 0)
VOID = {"meta", "br", "wbr", "input", "link", "img"}


class Page(HTMLParser):
    """A page's elements with their attributes, its text, and whether every tag is closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == [], "tags are left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] not in ("style", "script"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of this kind."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The tiny course."""
    root = tmp_path_factory.mktemp("tiny")
    tiny_course.write(root)
    return Course(root)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The report on a made class of all assignments."""
    path = made_class.sample_page(tmp_path_factory.mktemp("sample"), students=30)
    return Page(path.read_text(encoding="utf-8"))


def page_of(course: Course, *results: SubmissionResult, **options: Any) -> Page:
    """The report on these results."""
    return Page(render(gather(course, list(results), **options), MADE))


def test_nothing_is_fetched(sample: Page):
    """No link leads out of the page, no element loads anything, and the policy forbids both."""
    links = [
        value for _, attributes in sample.elements for name, value in attributes.items() if name in ("href", "src")
    ]
    assert links
    assert all((link or "").startswith("#") for link in links)
    assert not {tag for tag, _ in sample.elements} & {"link", "img", "iframe", "object", "embed", "form", "base"}
    assert "@import" not in sample.source
    assert not re.search(r"url\((?!#)", sample.source)


def test_the_policy_allows_this_style_and_this_script_alone(sample: Page):
    """Everything is forbidden but what has these hashes, and nothing in the page needs more: no style or handler of an element."""
    (policy,) = [
        one["content"] or "" for one in sample.all("meta") if one.get("http-equiv") == "Content-Security-Policy"
    ]
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", sample.source, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    named = {name for _, attributes in sample.elements for name in attributes}
    assert not {name for name in named if name == "style" or name.startswith("on")}


def test_landmarks_headings_and_names_are_in_order(sample: Page):
    """One main, one h1, no level of heading skipped, every id once, every reference to an id that there is."""
    tags = Counter(tag for tag, _ in sample.elements)
    assert (tags["main"], tags["h1"], tags["header"], tags["nav"], tags["footer"]) == (1, 1, 1, 1, 1)
    levels = [int(tag[1]) for tag, _ in sample.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = Counter(attributes["id"] for _, attributes in sample.elements if "id" in attributes)
    assert set(ids.values()) == {1}
    asked = {a["aria-labelledby"] for _, a in sample.elements if "aria-labelledby" in a} | {
        (a["href"] or "")[1:] for a in sample.all("a") + sample.all("use")
    }
    assert asked <= set(ids)


def test_figures_are_told_in_words(sample: Page):
    """Each figure is an image with a label that gives its numbers."""
    figures = [one for one in sample.all("svg") if one.get("class") == "figure"]
    assert len(figures) == 1 + 2 * 7
    assert all(one["role"] == "img" and len(one["aria-label"] or "") > 60 for one in figures)
    assert re.search(
        r"\d+ scores from [\d.]+ to [\d.]+ of 20 points, mean [\d.]+, median", figures[1]["aria-label"] or ""
    )


def test_tables_can_be_read_by_ear_and_by_keyboard(sample: Page):
    """Every table has a caption, headings with a scope, and scrolls in a region of its own that can be focused."""
    tags = Counter(tag for tag, _ in sample.elements)
    assert tags["table"] == tags["caption"] == tags["thead"]
    assert all(one.get("scope") in ("col", "row") for one in sample.all("th"))
    regions = [one for one in sample.all("div") if one.get("class") == "scroll"]
    assert len(regions) == tags["table"]
    assert all(one["tabindex"] == "0" and one["role"] == "region" and one["aria-labelledby"] for one in regions)


def test_every_part_is_there(sample: Page):
    """Scores, checks, mistakes, students in trouble, what to look at, similar code, cost: filled from the made class."""
    for words in (
        "The commonest mistakes of all",
        "moves_against_the_gradient",
        "crashed (",
        "timeout (",
        "unreadable (",
        "2 alike",
        "What grading cost",
        "Discrimination",
    ):
        assert words in sample.text


def test_copies_are_the_groups(sample: Page):
    """In the made class two copy others in each assignment; the page shows these two side by side, and no others."""
    found = re.findall(r"(a\d_\w+): 2 alike, \d+ %: (\w+), (\w+)", sample.text)
    assert {(first, second) for _, first, second in found} == {("chi_abara", "dai_abara"), ("bao_berg", "chi_berg")}
    assert len(found) == sample.text.count(" alike, ") >= 12
    assert sample.source.count("<mark>") > 100


HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "\x1b[31mred\x07\x00",
    "\u202eevil\u2066",
    "\ud800",
    "{{ 7 * 7 }}{% raw %}",
    "$\\frac{1}{0}$",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_students_wrote_is_text(tiny: Course, text: str):
    """A student's name, a message, a note, a diagnosis, an assignment's and an exercise's name with anything in them."""
    clean = page_of(tiny, *_everywhere("harmless"), similar_code=False)
    hostile = page_of(tiny, *_everywhere(text), similar_code=False)
    assert _shape(hostile) == _shape(clean)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", hostile.source)
    assert "49" not in hostile.text
    hostile.source.encode("utf-8")


def _shape(page: Page) -> list[tuple[str, list[str]]]:
    """Elements and their attributes' names; a slash may be followed by a place to break the line."""
    return [(tag, list(attributes)) for tag, attributes in page.elements if tag != "wbr"]


def _everywhere(text: str) -> list[SubmissionResult]:
    checks = (
        check(f"step/{text}", "failed", diagnosis=f"step: {text}", message=text),
        check("step/two", "crashed", message=text),
        check("walk/three", "failed", message=text, forbidden=(text,)),
    )
    return [
        result(f"ada {text}", *checks, notes=(text,), isolation="none"),
        result("bob", status="unreadable", message=text),
        result("eve", status="error", message=text, assignment=f"a9 {text}"),
    ]


def test_hostile_code_is_text_side_by_side(tiny: Course):
    """Two copies of a module full of markup are shown, escaped."""
    code = "\n".join(
        f"def f{n}(x):\n    return x.a{n}('</pre><script>alert(1)</script>') ** {n} - x.b{n}[{n}:] @ x.c{n}"
        for n in range(40)
    )
    page = page_of(tiny, _handed_in(tiny, "ada", code), _handed_in(tiny, "bob", code))
    assert "2 alike, 100 %: ada, bob" in page.text
    assert len(page.all("script")) == 1
    assert "&lt;script&gt;alert(1)" in page.source


def test_code_of_the_largest_groups_alone_is_shown(tiny: Course, monkeypatch: pytest.MonkeyPatch):
    """Three copies and two others: with one group's code shown, it is that of the three, and the page says so of the rest."""

    def code(mark: str) -> str:
        return "\n".join(f"def f{n}(x):\n    return x.{mark}{n}(x) ** {n} - x.b{n}[{n}:] @ x.c{n}" for n in range(40))

    monkeypatch.setattr("autograder.report.comparison.GROUPS_SHOWN", 1)
    copies = [_handed_in(tiny, name, code("a")) for name in ("ada", "bob", "eve")]
    page = page_of(tiny, *copies, *(_handed_in(tiny, name, code("z")) for name in ("kim", "lea")))
    assert "3 alike, 100 % to 100 %: ada, bob, eve" in page.text
    assert "2 alike, 100 %: kim, lea" in page.text
    assert page.text.count("largest groups of an assignment only") == 1
    assert len(page.all("pre")) == 2


def test_a_copy_of_the_reference_is_told(tiny: Course):
    """Where a hand-in reads like the solution, the page says so: solutions leak."""
    long = tiny.assignment("t1_tiny").reference + "".join(
        f"\n\ndef more{n}(x):\n    return x.a{n}(x[{n}]) * {n} - x.b{n}[{n}:] @ x.c{n}" for n in range(40)
    )
    assignment = tiny.assignment("t1_tiny")
    whole = assignment.solution.read_text(encoding="utf-8")
    assignment.solution.write_text(long, encoding="utf-8")
    try:
        page = page_of(Course(tiny.root), _handed_in(tiny, "ada", long.replace("more", "own")))
    finally:
        assignment.solution.write_text(whole, encoding="utf-8")
    assert "2 alike, 100 %: the reference solution, ada" in page.text


def _handed_in(course: Course, student: str, code: str) -> SubmissionResult:
    data = code.encode()
    files = (("t1_tiny.py", hashlib.sha256(data).hexdigest()),)
    hand_ins.keep(course, hand_ins.HandIn(False, files, {"t1_tiny.py": data}))
    return result(student, check("step/one"), files=files)


def test_one_student_is_a_class(tiny: Course):
    """With one result there is no discrimination and no group, and the page is whole."""
    page = page_of(tiny, result("ada", check("step/one"), check("walk/two", "failed")))
    assert "1 score from 1 to 1 of 20 points" in page.source
    assert "all pass" in page.text
    assert "all fail" in page.text


def test_no_result_is_a_page_that_says_so(tiny: Course):
    """Nothing to report on is said."""
    assert "There is no result to report on." in page_of(tiny).text


def test_nothing_graded_is_a_page_that_says_so(tiny: Course):
    """Where all is unreadable or the grader's fault, there is no figure, and each is in the list to be looked at."""
    page = page_of(
        tiny, result("ada", status="unreadable", message="is empty"), result("bob", status="error", message="broke")
    )
    assert "Nothing of this assignment has been graded" in page.text
    assert "is empty" in page.text
    assert "broke" in page.text
    assert [one for one in page.all("svg") if one.get("class") == "figure"] == []


def test_results_of_other_checks_are_told(tiny: Course):
    """Results of two older versions of the checks among those of today's: the page says how many."""
    today = tiny.assignment("t1_tiny").version
    versions = (today, today, "old", "older")
    page = page_of(tiny, *(result(f"s{n}", check("step/one"), version=version) for n, version in enumerate(versions)))
    assert "t1_tiny: 2 of 4 were graded with other checks than today's (2 other versions)" in page.text


def test_results_that_are_all_of_older_checks_are_told_once(tiny: Course):
    """Where the checks have changed since everything was graded, one line says of which assignments."""
    page = page_of(tiny, *(result(f"s{n}", check("step/one"), version="old") for n in range(3)))
    assert "The checks, or the reference, have changed since all of this was graded: t1_tiny." in page.text


def test_an_assignment_of_another_course_is_told(tiny: Course):
    """Its results are shown, and the page says that the course does not know it."""
    page = page_of(tiny, result("ada", check("step/one"), assignment="a9_clipping"))
    assert "a9_clipping is no assignment of this course" in page.text


def test_the_last_of_several_results_counts(tiny: Course):
    """Two files with the same student's result: the last is shown, and the page says so."""
    page = page_of(tiny, result("ada", check("step/one", "failed")), result("ada", check("step/one")))
    assert "1 hand-ins have several results; the last of each is shown (ada/t1_tiny)." in page.text
    assert "1 score from 1 to 1" in page.source


def test_code_that_is_not_kept_is_told(tiny: Course):
    """A result without files, and one whose bytes are gone, are listed as not compared."""
    gone = result("bob", check("step/one"), files=(("t1_tiny.py", "0" * 64),))
    page = page_of(tiny, result("ada", check("step/one")), gone)
    assert "Not compared, or not whole: 2" in page.text
    assert "the result does not say which files it is of" in page.text
    assert "the bytes of t1_tiny.py that were graded are gone" in page.text


def test_the_same_results_are_the_same_page(tiny: Course):
    """Nothing in the page depends on chance."""
    results = [result(f"s{n}", check("step/one", "passed" if n % 3 else "failed"), cpu_seconds=n / 7) for n in range(9)]
    assert page_of(tiny, *results).source == page_of(tiny, *results).source
