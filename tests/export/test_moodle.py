"""The files for Moodle, held against what its importers read.

The rules are Moodle's own importers, in our words: `mod/assign/feedback/offline/importgradeslib.php` and `locallib.php` for
the worksheet, `grade/import/csv/classes/load_data.php` for the gradebook, all of https://github.com/moodle/moodle.
"""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from school import SLUG, Book, faulty, result, run, write_results

from autograder.course import Course

HEADER = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments"
)
LINES = (
    'Participant 501,Ada Lovelace,ada,ada@example.org,Submitted for grading - ,,20.00,Yes,"Monday, 1 July 2030, 9:00 AM",-,',
    'Participant 502,Bob Noyce,bob,bob@example.org,No submission - ,11.00,20.00,Yes,-,"Monday, 1 July 2030, 9:00 AM",Well',
    "Participant 503,Eve Curie,eve,eve@example.org,No submission - ,,20.00,Yes,-,-,",
)


@pytest.fixture
def worksheet(course: Course) -> Callable[..., Path]:
    """Writes a grading worksheet as Moodle gives it."""

    def write(*lines: str, header: str = HEADER) -> Path:
        path = course.root / "worksheet.csv"
        path.write_text("\n".join([header, *(lines or LINES), ""]), encoding="utf-8")
        return path

    return write


def upload(course: Course, roster: Path | None, *options: object) -> tuple[int, list[dict[str, str]]]:
    """The exit code and the lines of the file."""
    target = course.root / "upload.csv"
    given = () if roster is None else ("--roster", roster)
    code = run(
        course, "export", course.root / "results.json", "--format", "moodle", "--output", target, *given, *options
    )
    if not target.exists():
        return code, []
    with target.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        lines = list(table)
    names = list(table.fieldnames or [])
    assert len(set(names)) == len(names)
    if "Identifier" in names:
        hold_against_the_worksheet_importer(names, lines)
    else:
        hold_against_the_gradebook_importer(names, lines)
    return code, lines


def hold_against_the_worksheet_importer(names: list[str], lines: list[dict[str, str]]) -> None:
    """What is read of a worksheet, and what would be skipped without a word."""
    # Refused without these three, found by their exact titles.
    assert {"Identifier", "Grade", "Last modified (grade)"} <= set(names)
    for line in lines:
        # The number behind the word is the participant in this assignment.
        assert line["Identifier"].removeprefix("Participant ").isdigit()
        # An empty, negative or too large grade is skipped.
        assert 0 <= float(line["Grade"]) <= float(line["Maximum Grade"])


def hold_against_the_gradebook_importer(names: list[str], lines: list[dict[str, str]]) -> None:
    """What would stop the import, or remove a grade."""
    grade = names[-1]
    for line in lines:
        # A line without its student would be taken for the one above; one unknown stops the whole import.
        assert any(line[name] for name in ("Username", "ID number", "Email address") if name in line)
        # Empty or "-" is no grade; by default no grade may exceed 100.
        assert 0 <= float(line[grade]) <= 100


def test_the_worksheet_is_filled_in(course: Course, worksheet: Callable[..., Path]) -> None:
    """Grade and comments; everything else, dates of change above all, as Moodle wrote it."""
    write_results(course, result("ada"), result("bob", "walk/visits_every_place"))
    code, (ada, bob) = upload(course, worksheet())
    assert code == 0
    assert (ada["Grade"], bob["Grade"]) == ("20", "14")
    assert bob["Last modified (grade)"] == "Monday, 1 July 2030, 9:00 AM"
    assert ada["Feedback comments"] == "<ul><li>step: 14 of 14</li><li>walk: 6 of 6</li></ul>"
    assert bob["Feedback comments"] == (
        "<ul><li>step: 14 of 14</li><li>walk: 0 of 6; walk: goes -1 times as far as it should</li></ul>"
    )


def test_comments_are_html_without_a_student_markup(course: Course, worksheet: Callable[..., Path]) -> None:
    """Moodle shows them as HTML."""
    one = result("ada", "walk/visits_every_place")
    checks = [check if not check.diagnosis else _spoken(check, "<img src=x onerror=alert(1)>") for check in one.checks]
    write_results(course, result("ada", checks=tuple(checks)))
    _, (ada,) = upload(course, worksheet())
    assert "&lt;img src=x onerror=alert(1)&gt;" in ada["Feedback comments"]
    assert "<img" not in ada["Feedback comments"]


def _spoken(check: object, text: str) -> object:
    from dataclasses import replace

    return replace(check, diagnosis=text)  # type: ignore[type-var]


def test_who_has_no_grade_is_left_alone(
    course: Course, worksheet: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """No line for a missing hand-in or a fault of the grader: an empty comment would replace theirs."""
    write_results(course, result("ada"), faulty("bob"))
    code, lines = upload(course, worksheet())
    assert (code, [line["ID number"] for line in lines]) == (1, ["ada"])
    assert f"bob, {SLUG}: no score: error" in capsys.readouterr().err


def test_participants_are_found_by_number_too(course: Course, worksheet: Callable[..., Path]) -> None:
    """With hidden names there is nothing but the identifier, and hand-ins go by its number."""
    write_results(course, result("502"))
    header = "Identifier,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments"
    path = worksheet("Participant 501,,,20.00,-,", "Participant 502,,,20.00,-,", header=header)
    _, (line,) = upload(course, path)
    assert line["Identifier"] == "Participant 502"


def test_another_maximum_is_refused_or_scaled(
    course: Course, worksheet: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where it is written with a comma."""
    write_results(course, result("bob", "walk/visits_every_place"))
    path = worksheet(*(line.replace("20.00", '"100,00"') for line in LINES))
    target = course.root / "upload.csv"
    arguments = ("--format", "moodle", "--output", target, "--roster", path)
    assert run(course, "export", course.root / "results.json", *arguments) == 2
    assert "the maximum grade is 100, and t1_tiny has 20 points" in capsys.readouterr().err
    assert run(course, "export", course.root / "results.json", *arguments, "--scale") == 0
    with target.open(encoding="utf-8", newline="") as file:
        assert [row["Grade"] for row in csv.DictReader(file)] == ["70"]


def test_a_locked_grade_is_named(
    course: Course, worksheet: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Moodle would skip it without a word."""
    write_results(course, result("ada"))
    code, lines = upload(course, worksheet(LINES[0].replace(",Yes,", ",No,")))
    assert (code, lines) == (1, [])
    assert "Moodle has locked this grade" in capsys.readouterr().err


def test_who_is_not_in_the_worksheet_is_named(
    course: Course, worksheet: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """And the exit code is 1."""
    write_results(course, result("ada"), result("zoe"))
    assert upload(course, worksheet())[0] == 1
    assert f"zoe, {SLUG}: not exported" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (HEADER.replace("Last modified (grade)", "Zuletzt geändert (Bewertung)"), "with Moodle set to English"),
        (HEADER.replace(",Grade,", ",Bewertung,"), "has no column 'Grade'"),
        (HEADER.replace("Status", "Grade"), "has two columns 'Grade'"),
    ],
)
def test_a_worksheet_that_moodle_would_refuse_is_refused(
    course: Course, worksheet: Callable[..., Path], capsys: pytest.CaptureFixture[str], header: str, said: str
) -> None:
    """With its remedy."""
    write_results(course, result("ada"))
    assert upload(course, worksheet(header=header)) == (2, [])
    assert said in capsys.readouterr().err


def test_a_scale_instead_of_points_is_refused(
    course: Course, worksheet: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Points cannot be turned into words."""
    write_results(course, result("ada"))
    assert upload(course, worksheet(LINES[0].replace("20.00", "Good"))) == (2, [])
    assert "set the assignment's grade to points" in capsys.readouterr().err


def test_participants_become_a_list_of_grades(course: Course) -> None:
    """With a participants' list, its identifiers; only students who have a grade."""
    write_results(course, result("ada"), result("bob", "walk/visits_every_place"), faulty("eve"))
    path = course.root / "participants.csv"
    path.write_text(
        '﻿"First name","Last name","ID number","Email address",Groups\n'
        '"Ada, Countess",Lovelace,7001,ada,G1\nBob,=Noyce,7002,BOB,G1\nEve,Curie,7003,eve,G1\n',
        encoding="utf-8",
    )
    code, lines = upload(course, path, "--column", f"{SLUG}=Assignment 1")
    assert code == 1
    assert lines == [
        {
            "First name": "Ada, Countess",
            "Last name": "Lovelace",
            "ID number": "7001",
            "Email address": "ada",
            "Assignment 1": "20",
        },
        {
            "First name": "Bob",
            "Last name": "'=Noyce",
            "ID number": "7002",
            "Email address": "BOB",
            "Assignment 1": "14",
        },
    ]


def test_without_a_roster_nbgraders_is_used(course: Course) -> None:
    """Id as user name, LMS id as id number, e-mail address."""
    write_results(course, result("ada"))
    book = Book(course)
    book.add("ada", first_name="Ada", last_name="Lovelace", email="ada@example.org", lms_user_id="7001")
    book.record(result("ada"))
    _, lines = upload(course, None)
    assert lines == [
        {
            "Username": "ada",
            "ID number": "7001",
            "Email address": "ada@example.org",
            "First name": "Ada",
            "Last name": "Lovelace",
            SLUG: "20",
        }
    ]


def test_a_roster_without_identifiers_is_refused(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Names do not tell who is who."""
    write_results(course, result("ada"))
    path = course.root / "names.csv"
    path.write_text("First name,Last name\nAda,Lovelace\n", encoding="utf-8")
    assert upload(course, path) == (2, [])
    assert "has none of the columns" in capsys.readouterr().err


def test_two_assignments_do_not_go_into_one_file(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty cell of the one would remove a grade of the other."""
    write_results(course, result("ada"), result("ada", assignment="t2"))
    assert upload(course, None) == (2, [])
    assert "choose with --assignment" in capsys.readouterr().err
    assert upload(course, None, "--assignment", SLUG)[0] == 0
