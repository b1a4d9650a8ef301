"""`autograder export --format csv`: what counts, what does not, and what is named instead of becoming a 0."""

import csv
import io

import pytest
from school import SLUG, Book, faulty, result, run, unreadable, write_results

from autograder.course import Course


def rows(text: str) -> list[dict[str, str]]:
    """The lines of a table."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def exported(
    course: Course, capsys: pytest.CaptureFixture[str], *options: object
) -> tuple[int, dict[str, dict[str, str]], str]:
    """The exit code, the lines by student, and what was said."""
    capsys.readouterr()
    code = run(course, "export", course.root / "results.json", "--format", "csv", *options)
    said = capsys.readouterr()
    return code, {row["student"]: row for row in rows(said.out)}, said.err


def test_automatic_scores_alone(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a gradebook a grade is what the checks gave, of their 20 points."""
    write_results(course, result("ada"), result("bob", "walk/visits_every_place"))
    code, table, said = exported(course, capsys)
    assert (code, said) == (0, "")
    assert {name: (row["score"], row["max_score"]) for name, row in table.items()} == {
        "ada": ("20", "20"),
        "bob": ("14", "20"),
    }
    assert table["bob"]["by_hand"] == "0"


def test_no_gradebook_is_made(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Exporting writes nothing into the course."""
    write_results(course, result("ada"))
    before = sorted(course.root.rglob("*"))
    exported(course, capsys)
    assert sorted(course.root.rglob("*")) == before


def test_a_mark_adds_up(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """20 automatic points and 1.5 of 2 by hand are 21.5 of 22."""
    write_results(course, result("ada"))
    book = Book(course)
    book.record(result("ada"), answer=None)
    book.mark("ada", "why_downhill", 1.5)
    code, table, _ = exported(course, capsys)
    ada = table["ada"]
    assert code == 0
    assert [ada[name] for name in ("automatic", "by_hand", "raw_score", "score", "max_score")] == [
        "20", "1.5", "21.5", "21.5", "22",
    ]  # fmt: skip


def test_a_score_by_hand_wins(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Over the automatic one, upwards and downwards, and with credit beside it."""
    failed = result("ada", "walk/visits_every_place")
    write_results(course, failed, result("bob"))
    book = Book(course)
    for one in (failed, result("bob")):
        book.record(one)
    book.mark("ada", "walk", 4)
    book.mark("bob", "walk", 1, extra=0.5)
    code, table, _ = exported(course, capsys)
    assert code == 0
    assert (table["ada"]["score"], table["bob"]["score"]) == ("18", "15.5")


def test_an_answer_that_waits_is_no_zero(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """The line has no score, standard error names student and question, and the exit code is 1."""
    write_results(course, result("ada"))
    Book(course).record(result("ada"), answer=None)
    code, table, said = exported(course, capsys)
    assert (code, table["ada"]["score"]) == (1, "")
    assert said == f"ada, {SLUG}: no score: waits for a mark: why_downhill\n"
    assert table["ada"]["automatic"] == "20"


def test_without_gradebook_gives_the_automatic_score(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where answers wait."""
    write_results(course, result("ada"))
    Book(course).record(result("ada"), answer=None)
    code, table, _ = exported(course, capsys, "--without-gradebook")
    assert (code, table["ada"]["score"], table["ada"]["max_score"]) == (0, "20", "20")


@pytest.mark.parametrize("one", [unreadable("ada"), faulty("ada")], ids=["unreadable", "error"])
def test_what_was_not_graded_is_no_zero(course: Course, capsys: pytest.CaptureFixture[str], one: object) -> None:
    """It has no score, and is named with its reason."""
    write_results(course, one, result("bob"))  # type: ignore[arg-type]
    code, table, said = exported(course, capsys)
    assert (code, table["ada"]["score"], table["bob"]["score"]) == (1, "", "20")
    assert said == f"ada, {SLUG}: no score: {one.status}: {one.message}\n"  # type: ignore[attr-defined]


def test_unreadable_counts_zero_where_it_is_asked_for(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """A fault of the grader never does."""
    write_results(course, unreadable("ada"), faulty("bob"))
    code, table, _ = exported(course, capsys, "--zero", "unreadable")
    assert (code, table["ada"]["score"], table["bob"]["score"]) == (1, "0", "")


def test_a_grade_by_hand_mends_an_unreadable_hand_in(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Where every part has a score by hand there is nothing left to complain about."""
    write_results(course, unreadable("ada"))
    book = Book(course)
    book.record(unreadable("ada"))
    for cell, score in (("step", 10), ("walk", 5)):
        book.mark("ada", cell, score)
    code, table, _ = exported(course, capsys)
    assert (code, table["ada"]["score"]) == (0, "15")


def test_nothing_handed_in_is_missing_and_no_problem(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """A student of the roster without a hand-in has a line, no score, or 0 where that is asked for."""
    write_results(course, result("ada"))
    book = Book(course)
    book.record(result("ada"))
    book.add("bob", first_name="Bob", last_name="Noyce")
    code, table, said = exported(course, capsys)
    assert (code, said) == (0, "")
    assert (table["bob"]["status"], table["bob"]["score"], table["bob"]["last_name"]) == ("missing", "", "Noyce")
    assert exported(course, capsys, "--zero", "missing")[1]["bob"]["score"] == "0"


def test_penalties_are_shown_before_and_after(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """raw_score − late_penalty = score, with both times."""
    write_results(course, result("ada"))
    (course.root / "nbgrader_config.py").write_text(
        'c = get_config()\nc.AssignLatePenalties.plugin_class = "autograder.carrier.late.LatePenalty"\n'
        "c.LatePenalty.percent_a_day = 10\n",
        encoding="utf-8",
    )
    book = Book(course)
    book.record(result("ada"), penalty=2.0)
    book.hand_in_time("ada", "2030-10-01 18:00:00 UTC", "2030-10-01 19:00:00 UTC")
    code, table, _ = exported(course, capsys)
    assert code == 0
    ada = table["ada"]
    assert [ada[name] for name in ("raw_score", "late_penalty", "score")] == ["20", "2", "18"]
    assert (ada["submitted"], ada["due"]) == ("2030-10-01 19:00:00 UTC", "2030-10-01 18:00:00 UTC")


def test_a_penalty_of_yesterday_is_noticed(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Here the rule is gone, and the gradebook still takes 2 points off."""
    write_results(course, result("ada"))
    book = Book(course)
    book.record(result("ada"), penalty=2.0)
    book.hand_in_time("ada", "2030-10-01 18:00:00 UTC", "2030-10-01 19:00:00 UTC")
    code, table, said = exported(course, capsys)
    assert (code, table["ada"]["score"]) == (1, "")
    assert "being late costs 0 by now, not 2; run `autograder late`" in said


def test_another_grade_in_the_gradebook_is_noticed(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Graded again, but not taken into the gradebook: neither of the two is exported."""
    write_results(course, result("ada"))
    Book(course).record(result("ada", "walk/visits_every_place"))
    code, table, said = exported(course, capsys)
    assert (code, table["ada"]["score"]) == (1, "")
    assert f"run `nbgrader autograde {SLUG} --force`" in said


def test_a_hand_in_that_the_gradebook_does_not_have_is_noticed(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether an answer waits, and whether it was late, is known there only."""
    write_results(course, result("ada"))
    Book(course)
    code, table, said = exported(course, capsys)
    assert (code, table["ada"]["score"]) == (1, "")
    assert f"run `nbgrader autograde {SLUG}`" in said


def test_a_hand_in_without_a_record_is_taken_from_the_gradebook(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was graded there, perhaps on another machine."""
    write_results(course, result("ada"))
    book = Book(course)
    for one in (result("ada"), result("bob", "walk/visits_every_place")):
        book.record(one)
    assert exported(course, capsys)[1]["bob"]["score"] == "14"


def test_two_results_of_one_student_are_none(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody chooses silently; both are named."""
    second = result("ada", "walk/visits_every_place", path="inbox/ada.ipynb")
    write_results(course, result("ada"), second)
    code, table, said = exported(course, capsys)
    assert (code, table["ada"]["score"]) == (1, "")
    assert f"submitted/ada/{SLUG}" in said
    assert "inbox/ada.ipynb" in said


def test_an_unknown_assignment_is_named(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """A result of another course."""
    write_results(course, result("ada", assignment="other", checks=(), status="graded"))
    code, _, said = exported(course, capsys)
    assert code == 1
    assert "ada, other: no score: there is no assignment 'other'" in said


def test_names_are_written_whole_and_never_act(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Letters of any script, commas, quotes and line ends survive; what a spreadsheet would run is text."""
    names = {
        "a": ("Ünal, geb. Şahin", 'Jo "J"\nAnn'),
        "b": ("=HYPERLINK(1)", "+1+1"),
        "c": ("@SUM(1)", "-2+3"),
        "d": ("\t=1", "\r=1"),
        "e": ("名前", "-5"),
        "f": (" =1", "＝1"),
    }
    book = Book(course)
    write_results(course, *(result(student) for student in names))
    for student, (last, first) in names.items():
        book.add(student, last_name=last, first_name=first)
        book.record(result(student))
    _, table, _ = exported(course, capsys)
    got = {student: (table[student]["last_name"], table[student]["first_name"]) for student in names}
    assert got == {
        "a": names["a"],
        "b": ("'=HYPERLINK(1)", "'+1+1"),
        "c": ("'@SUM(1)", "'-2+3"),
        "d": ("'\t=1", "'\n=1"),
        "e": ("名前", "-5"),
        "f": ("' =1", "'＝1"),
    }


def test_a_line_for_each_exercise_and_check(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """`--detail`: the question is an exercise too; a check has its diagnosis."""
    one = result("ada", "walk/visits_every_place")
    write_results(course, one)
    Book(course).record(one)
    capsys.readouterr()
    assert run(course, "export", course.root / "results.json", "--format", "csv", "--detail", "exercise") == 0
    parts = rows(capsys.readouterr().out)
    assert [(row["exercise"], row["marked"], row["score"], row["max_score"]) for row in parts] == [
        ("step", "automatically", "14", "14"),
        ("walk", "automatically", "0", "6"),
        ("why_downhill", "by hand", "0", "2"),
    ]
    assert run(course, "export", course.root / "results.json", "--format", "csv", "--detail", "check") == 0
    checks = rows(capsys.readouterr().out)
    assert [row["status"] for row in checks] == ["passed", "passed", "failed"]
    assert checks[2]["diagnosis"] == "walk: goes -1 times as far as it should"


def test_the_file_is_written_whole_and_ends_lines_as_tables_do(course: Course) -> None:
    """UTF-8, CRLF, quoted where needed (RFC 4180)."""
    write_results(course, result("ada"))
    target = course.root / "grades.csv"
    assert run(course, "export", course.root / "results.json", "--format", "csv", "--output", target) == 0
    assert target.read_bytes().count(b"\r\n") == 2
    assert (
        run(course, "export", course.root / "results.json", "--format", "csv", "--output", course.root / "no/g.csv")
        == 0
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--assignment", "t9"), "There is no assignment 't9'"),
        (("--column", "t1_tiny"), "write it as NAME=TITLE"),
        (("--column", "t9=X"), "There is no assignment 't9'"),
        (("--roster", "x.csv"), "--roster is for canvas and moodle"),
    ],
)
def test_wrong_usage_is_refused(
    course: Course, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    """With exit code 2, before anything is written."""
    write_results(course, result("ada"))
    code, table, error = exported(course, capsys, *options)
    assert (code, table) == (2, {})
    assert said in error


def test_results_that_are_none_are_refused(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """The file is named."""
    (course.root / "results.json").write_text("[]", encoding="utf-8")
    assert exported(course, capsys)[0] == 2
