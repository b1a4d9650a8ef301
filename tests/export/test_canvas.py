"""The upload for Canvas, held against what its importer reads.

The rules are Canvas's own importer and exporter, in our words: `app/models/gradebook_importer.rb` and
`lib/gradebook_exporter.rb` of https://github.com/instructure/canvas-lms.
"""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from school import SLUG, Book, faulty, result, run, write_results

from autograder.course import Course

HEADER = (
    "Student,ID,SIS User ID,SIS Login ID,Section,A Walk (4711),T1 · A walk (4712),Quiz (4713),Current Score,Final Score"
)
POINTS = "    Points Possible,,,,,5,20,10,(read only),(read only)"
LINES = (
    '"Lovelace, Ada",101,S1,ada,S 1,4,,9,80,70',
    '"Noyce, Bob",102,S2,bob,"S 1, S 2",3,11,8,75,60',
    '"Curie, Eve",103,S3,eve,S 1,2,EX,7,70,60',
    '"Student, Test",104,,4f3a,S 1,,,,,',
)


@pytest.fixture
def roster(course: Course) -> Callable[..., Path]:
    """Writes a gradebook as Canvas exports it, with a line on manual posting above the points."""

    def write(*lines: str, header: str = HEADER, points: str = POINTS, encoding: str = "utf-8-sig") -> Path:
        posting = ",,,,,,Manual Posting,,,"
        path = course.root / "canvas.csv"
        path.write_text("\n".join([header, posting, points, *(lines or LINES), ""]), encoding=encoding)
        return path

    return write


def upload(course: Course, roster: Path, *options: object) -> tuple[int, list[list[str]]]:
    """The exit code and the lines of the upload, held against the rules."""
    target = course.root / "upload.csv"
    arguments = ("--format", "canvas", "--roster", roster, "--output", target)
    code = run(course, "export", course.root / "results.json", *arguments, *options)
    if not target.exists():
        return code, []
    with target.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    hold_against_the_importer(lines)
    return code, lines


def hold_against_the_importer(lines: list[list[str]]) -> None:
    """What Canvas demands of a file, line by line."""
    header, points, *students = lines
    # The header: Student, ID; after it either SIS Login ID, or SIS User ID and SIS Login ID (Integration ID and Root
    # Account may follow); the last of these columns is the section. What follows are assignments.
    assert "Student" in header[0]
    assert "ID" in header[1]
    who = 3
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        who = 4
    elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
        who = 5 + bool(re.search(r"Integration\s+ID", header[4]))
        who += bool(re.search(r"Root\s+Account", header[who - 1]))
    assert "Section" in header[who - 1]
    assignments = header[who:]
    assert assignments
    assert not [
        title for title in assignments if re.search(r"(Current|Final|Override) (Score|Points|Grade|Status)", title)
    ]
    assert len(set(header)) == len(header)  # a column is found by its title
    assert "Points Possible" in points[0]
    # Every line is as long as the header; a student is found by the number in the second column.
    assert {len(line) for line in lines} == {len(header)}
    assert all(line[1].isdigit() for line in students)
    # A cell is a number (no thousands: a comma would be read as the decimal point), EX, N/A, or as it was.
    for line in [points, *students]:
        assert all(re.fullmatch(r"|-?\d+(\.\d+)?|EX|N/A", cell) for cell in line[who:]), line


def test_scores_stand_in_canvas_own_lines_and_columns(course: Course, roster: Callable[..., Path]) -> None:
    """The assignment is found by its handout's title; other assignments and totals are not sent back."""
    write_results(course, result("ada"), result("bob", "walk/visits_every_place"))
    code, lines = upload(course, roster())
    assert code == 0
    assert lines == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "T1 · A walk (4712)"],
        ["    Points Possible", "", "", "", "", "20"],
        ["Lovelace, Ada", "101", "S1", "ada", "S 1", "20"],
        ["Noyce, Bob", "102", "S2", "bob", "S 1, S 2", "14"],
    ]


def test_excused_stays_excused(course: Course, roster: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """A score would undo it; it is said."""
    write_results(course, result("eve"))
    code, lines = upload(course, roster())
    assert (code, lines[2][-1]) == (0, "EX")
    assert f"eve, {SLUG}: stays EX" in capsys.readouterr().err


def test_who_has_no_grade_keeps_what_canvas_has(course: Course, roster: Callable[..., Path]) -> None:
    """A fault of the grader and a missing hand-in change nothing in Canvas: their lines are not in the upload."""
    write_results(course, result("ada"), faulty("bob"))
    code, lines = upload(course, roster())
    assert code == 1
    assert [line[3] for line in lines[2:]] == ["ada"]


def test_zero_for_missing_reaches_canvas(course: Course, roster: Callable[..., Path]) -> None:
    """Of those whom the gradebook knows."""
    write_results(course, result("ada"))
    book = Book(course)
    book.record(result("ada"))
    book.add("bob")
    _, lines = upload(course, roster(points=POINTS.replace(",20,", ",22,")), "--zero", "missing")
    assert [(line[3], line[-1]) for line in lines[2:]] == [("ada", "20"), ("bob", "0")]


def test_who_is_not_in_canvas_is_named(
    course: Course, roster: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """And the exit code is 1."""
    write_results(course, result("ada"), result("zoe"))
    code, lines = upload(course, roster())
    assert (code, len(lines)) == (1, 3)
    assert f"zoe, {SLUG}: not exported, because" in capsys.readouterr().err


def test_namesakes_are_told_apart_by_their_ids(course: Course, roster: Callable[..., Path]) -> None:
    """A name never decides."""
    write_results(course, result("m1"), result("m2", "walk/visits_every_place"))
    lines = ('"Müller, Kim",7,S7,m2,S 1,,,,,', '"Müller, Kim",8,S8,m1,S 1,,,,,')
    _, written = upload(course, roster(*lines))
    assert [(line[1], line[-1]) for line in written[2:]] == [("7", "14"), ("8", "20")]


def test_students_are_found_by_mail_or_lms_id(course: Course, roster: Callable[..., Path]) -> None:
    """As nbgrader's roster gives them, whatever letters are small."""
    write_results(course, result("ada"), result("bob", "walk/visits_every_place"))
    book = Book(course)
    book.add("ada", email="Ada@example.org")
    book.add("bob", lms_user_id="B-77")
    for one in (result("ada"), result("bob", "walk/visits_every_place")):
        book.record(one)
    lines = ('"L, A",101,S1,ada@example.org,S 1,,,,,', '"N, B",102,S2,b-77,S 1,,,,,')
    _, written = upload(course, roster(*lines, points=POINTS.replace(",20,", ",22,")))
    assert [line[-1] for line in written[2:]] == ["20", "14"]


def test_match_chooses_the_column(course: Course, roster: Callable[..., Path]) -> None:
    """Here the id of one is the SIS id of another."""
    write_results(course, result("S2"))
    lines = ('"L, A",1,S2,x,S 1,,,,,', '"N, B",2,S9,S2,S 1,,,,,')
    _, by_login = upload(course, roster(*lines))
    _, by_sis = upload(course, roster(*lines), "--match", "SIS User ID")
    assert ([line[1] for line in by_login[2:]], [line[1] for line in by_sis[2:]]) == (["2"], ["1"])


def test_a_column_can_be_named_or_made(course: Course, roster: Callable[..., Path]) -> None:
    """A title that Canvas does not have yet becomes an assignment there, with the course's points."""
    write_results(course, result("ada"))
    _, named = upload(course, roster(), "--column", f"{SLUG}=Quiz (4713)", "--scale")
    assert (named[0][-1], named[1][-1], named[2][-1]) == ("Quiz (4713)", "10", "10")
    _, made = upload(course, roster(), "--column", f"{SLUG}=Brand new")
    assert (made[0][-1], made[1][-1], made[2][-1]) == ("Brand new", "20", "20")


def test_other_points_are_refused_or_scaled(
    course: Course, roster: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """14 of 20 are 70 of 100, where that is asked for."""
    write_results(course, result("bob", "walk/visits_every_place"))
    path = roster(points=POINTS.replace(",20,", ",100,"))
    assert upload(course, path) == (2, [])
    assert "has 100 points in Canvas and 20 in the course" in capsys.readouterr().err
    assert upload(course, path, "--scale")[1][2][-1] == "70"


def test_semicolons_and_decimal_commas_are_read(course: Course, roster: Callable[..., Path]) -> None:
    """As Canvas writes them for some languages; the upload is separated in the same way."""
    write_results(course, result("ada"))
    path = course.root / "canvas.csv"
    path.write_text(
        "Student;ID;SIS Login ID;Section;T1 · A walk (4712)\n    Points Possible;;;;20,00\nLovelace;101;ada;S 1;\n",
        encoding="utf-8",
    )
    target = course.root / "upload.csv"
    arguments = ("--format", "canvas", "--roster", path, "--output", target)
    assert run(course, "export", course.root / "results.json", *arguments) == 0
    assert target.read_text(encoding="utf-8").splitlines()[-1] == "Lovelace;101;ada;S 1;20"


def test_names_that_would_act_do_not(course: Course, roster: Callable[..., Path]) -> None:
    """Canvas finds the student by the id; identifiers stay as they are."""
    write_results(course, result("@ada"))
    _, lines = upload(course, roster('"=1+1",101,S1,@ada,+S,,,,,'))
    assert lines[2][:5] == ["'=1+1", "101", "S1", "@ada", "'+S"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"header": HEADER.replace("ID,", "Number,")}, "is no gradebook of Canvas"),
        ({"header": HEADER.replace(",Section", ",Group")}, "is no gradebook of Canvas"),
        ({"points": ",,,,,,,,,"}, "has no line 'Points Possible'"),
        ({"points": POINTS.replace(",20,", ",(read only),")}, "has '(read only)' as Points Possible"),
        ({"header": HEADER.replace("T1 · A walk", "Other")}, "has 0 columns for t1_tiny"),
        ({"header": HEADER.replace("A Walk (4711)", "t1_tiny (4711)")}, "has 2 columns for t1_tiny"),
        ({"encoding": "utf-16"}, "is not in UTF-8"),
    ],
)
def test_a_roster_that_does_not_fit_is_refused(
    course: Course,
    roster: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    change: dict[str, str],
    said: str,
) -> None:
    """With the file and the remedy; nothing is written."""
    write_results(course, result("ada"))
    assert upload(course, roster(**change)) == (2, [])
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (('"L, A",1,S1,ada,S 1,,,,,', '"L, A",2,S2,ADA,S 1,,,,,'), "ada is in SIS Login ID in lines 4 and 5"),
        (('"N, N",1,S1,nobody,S 1,,,,,',), "no student of the course is found"),
        (('"N, N",1,S1,ada,S 1,,,,,,,,,,',), "line 4: has 15 cells"),
        (('"N, N,1,S1,ada,S 1,,,,,',), "is no CSV"),
    ],
)
def test_lines_that_do_not_tell_are_refused(
    course: Course, roster: Callable[..., Path], capsys: pytest.CaptureFixture[str], lines: tuple[str, ...], said: str
) -> None:
    """Rather than giving a grade to another."""
    write_results(course, result("ada"))
    assert upload(course, roster(*lines)) == (2, [])
    assert said in capsys.readouterr().err


def test_canvas_needs_its_own_gradebook(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """And never writes over it."""
    write_results(course, result("ada"))
    assert run(course, "export", course.root / "results.json", "--format", "canvas") == 2
    assert "Canvas needs --roster" in capsys.readouterr().err
    same = course.root / "canvas.csv"
    arguments = ("--format", "canvas", "--roster", same, "--output", same)
    assert run(course, "export", course.root / "results.json", *arguments) == 2
    assert "would replace the roster" in capsys.readouterr().err
