"""What late work costs, and extensions: through nbgrader's own autograde, and by `autograder late`."""

import argparse
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from small_course import ASSIGNMENT, Course, FakeGrader
from traitlets import TraitError
from traitlets.config import Config

import autograder.course
from autograder.carrier.extensions import read_extensions
from autograder.carrier.late import LatePenalty
from autograder.commands import late
from autograder.course import CourseError
from autograder.grading.late import Rule

DUE = "2030-10-01 18:00:00 UTC"
DAY = 86_400


def hand_in(course: Course, after: timedelta, student: str = "ada") -> None:
    """A hand-in so long after the due date (1.5 points, as the grader of these tests gives)."""
    with Gradebook(course.db) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=DUE)
    course.submit(course.released(), student=student)
    moment = datetime(2030, 10, 1, 18) + after
    course.submit(f"{moment} UTC".encode(), "timestamp.txt", student)


def set_rule(course: Course, *lines: str) -> None:
    """The rule, written into the course's settings."""
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", *lines, ""]))


def extend(course: Course, *lines: str) -> None:
    """The table of extensions."""
    (course.root / "extensions.csv").write_text("\n".join(["student,assignment,until,days,reason", *lines]), "utf-8")


def penalty(course: Course, student: str = "ada") -> float:
    """The penalty in the gradebook."""
    with Gradebook(course.db) as gradebook:
        return gradebook.find_submission(ASSIGNMENT, student).late_submission_penalty


def run_late(course: Course, *options: str) -> str:
    """What `autograder late` says is wrong; nothing where it succeeds."""
    parser = argparse.ArgumentParser()
    late.add_arguments(parser)
    try:
        assert late.run(autograder.course.Course(course.root), parser.parse_args(options)) == 0
    except CourseError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("rule", "seconds", "points"),
    [
        (Rule(), 9 * DAY, 0),
        (Rule(percent_a_day=10), 0, 0),
        (Rule(percent_a_day=10), 1, 1),
        (Rule(percent_a_day=10), DAY, 1),
        (Rule(percent_a_day=10), DAY + 1, 2),
        (Rule(percent_a_day=10, grace_minutes=15), 900, 0),
        (Rule(percent_a_day=10, grace_minutes=15), 901, 1),
        (Rule(percent_a_day=10, cap_percent=30), 9 * DAY, 3),
        (Rule(percent_a_day=60), 9 * DAY, 10),
    ],
)
def test_a_rule_counts_days_begun(rule: Rule, seconds: float, points: float) -> None:
    """Of 10 points: nothing within the grace, then percents for each day begun since the due date, at most the cap."""
    assert rule.penalty(10.0, seconds) == pytest.approx(points)


def test_a_rule_never_adds_points() -> None:
    """A score below 0 has no penalty."""
    assert Rule(percent_a_day=10).penalty(-1.0, DAY) == 0


def test_by_default_late_work_costs_nothing(course: Course, grader: FakeGrader) -> None:
    """The settings as they are shipped change no grade."""
    hand_in(course, timedelta(days=30))
    course.autograde()
    assert penalty(course) == 0
    assert course.grades()["gd_step"] == 1.0


def test_autograde_takes_the_rule_off(course: Course, grader: FakeGrader) -> None:
    """A day and a bit: two tenths of 1.5 points."""
    set_rule(course, "c.LatePenalty.percent_a_day = 10")
    hand_in(course, timedelta(days=1, minutes=1))
    course.autograde()
    assert penalty(course) == pytest.approx(0.3)


def test_an_assignment_may_have_its_own_rule(course: Course, grader: FakeGrader) -> None:
    """What it does not set is as for the course."""
    own = f"c.LatePenalty.assignments = {{{ASSIGNMENT!r}: {{'percent_a_day': 50}}}}"
    set_rule(course, "c.LatePenalty.percent_a_day = 10", "c.LatePenalty.cap_percent = 40", own)
    hand_in(course, timedelta(hours=1))
    course.autograde()
    assert penalty(course) == pytest.approx(0.6)


def test_nbgraders_own_setting_goes_on(course: Course, grader: FakeGrader) -> None:
    """Where no rule of ours is set, `LateSubmissionPlugin.penalty_method` decides as ever."""
    set_rule(course, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    hand_in(course, timedelta(hours=1))
    course.autograde()
    assert penalty(course) == 1.5


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"percent_a_day": -1}, "percent_a_day is -1"),
        ({"percent_a_day": 101}, "percent_a_day is 101"),
        ({"grace_minutes": -5}, "grace_minutes is -5"),
        ({"assignments": {"descent": {"percent": 5}}}, "'descent'"),
        ({"assignments": {"descent": {"cap_percent": "half"}}}, "'half'"),
    ],
)
def test_a_wrong_rule_is_refused(settings: dict[str, object], named: str) -> None:
    """With what it says and what it may be."""
    with pytest.raises(TraitError, match=named):
        LatePenalty(config=Config(LatePenalty=settings))


def test_an_extension_in_days_is_granted_by_autograde(course: Course, grader: FakeGrader) -> None:
    """Ada has two days more and is in time; bob, as late as she, is not."""
    set_rule(course, "c.LatePenalty.percent_a_day = 10")
    extend(course, f"ada,{ASSIGNMENT},,2,ill")
    for student in ("ada", "bob"):
        hand_in(course, timedelta(days=1, hours=23), student)
    course.autograde()
    assert (penalty(course, "ada"), penalty(course, "bob")) == (0, pytest.approx(0.3))


def test_an_extension_until_a_moment_minds_the_zone(course: Course, grader: FakeGrader) -> None:
    """Until 19:00 at +02:00 is 17:00 UTC of the next day: 23 hours."""
    extend(course, f'ada,{ASSIGNMENT},2030-10-02T19:00:00+02:00,,"moved, twice"')
    hand_in(course, timedelta(hours=22))
    course.autograde()
    with Gradebook(course.db) as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "ada")
        assert submission.extension == timedelta(hours=23)
        assert submission.total_seconds_late == 0


def test_a_line_taken_out_takes_the_extension_back(course: Course, grader: FakeGrader) -> None:
    """The table says all; without a table nbgrader's own extensions stay."""
    hand_in(course, timedelta(hours=1))
    course.autograde()
    with Gradebook(course.db) as gradebook:
        gradebook.grant_extension(ASSIGNMENT, "ada", days=3)
    assert run_late(course) == ""
    with Gradebook(course.db) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "ada").extension == timedelta(days=3)
    extend(course)
    assert run_late(course) == ""
    with Gradebook(course.db) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "ada").extension is None


def test_late_counts_marks_given_after_autograde(
    course: Course, grader: FakeGrader, capsys: pytest.CaptureFixture[str]
) -> None:
    """The penalty of autograde was that of 1.5 points; with a mark of 1 it is that of 2.5."""
    set_rule(course, "c.LatePenalty.percent_a_day = 10")
    hand_in(course, timedelta(hours=3))
    course.autograde()
    with Gradebook(course.db) as gradebook:
        gradebook.find_grade("why", ASSIGNMENT, ASSIGNMENT, "ada").manual_score = 1.0
        gradebook.db.commit()

    assert run_late(course) == ""

    assert penalty(course) == pytest.approx(0.25)
    assert capsys.readouterr().out == f"ada  {ASSIGNMENT}  3 h 0 min late  0.25 points off (was 0.15)\n"


def test_check_changes_nothing(course: Course, grader: FakeGrader) -> None:
    """`--check` reads table and rule only."""
    set_rule(course, "c.LatePenalty.percent_a_day = 10")
    hand_in(course, timedelta(hours=3))
    course.autograde()
    extend(course, f"ada,{ASSIGNMENT},,2,")
    assert run_late(course, "--check") == ""
    assert penalty(course) == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (f"eve,{ASSIGNMENT},,2,", "no student 'eve'"),
        ("ada,ascent,,2,", "no assignment 'ascent'; it has descent"),
        (f"ada,{ASSIGNMENT},2030-09-30 12:00:00 UTC,,", "is not after the due date"),
        (f"ada,{ASSIGNMENT},2030-10-03 12:00:00,,", "with a zone"),
        (f"ada,{ASSIGNMENT},next Friday,,", "'next Friday' is not a date"),
        (f"ada,{ASSIGNMENT},,two,", "'two' is not a number of days"),
        (f"ada,{ASSIGNMENT},,-1,", "'-1' is not a number of days"),
        (f"ada,{ASSIGNMENT},,nan,", "'nan' is not a number of days"),
        (f"ada,{ASSIGNMENT},2030-10-03 12:00:00 UTC,2,", "either `until` or `days`"),
        (f"ada,{ASSIGNMENT},,,", "either `until` or `days`"),
        (f",{ASSIGNMENT},,2,", "needs a student"),
        (f"ada,{ASSIGNMENT},,2,ill,again", "has 6 cells"),
    ],
)
def test_a_wrong_line_is_named(course: Course, line: str, wrong: str) -> None:
    """With its number."""
    with Gradebook(course.db) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=DUE)
        gradebook.add_student("ada")
    extend(course, "", line)
    said = run_late(course)
    assert "extensions.csv, line 3: " in said
    assert wrong in said


@pytest.mark.parametrize("more", ["2030-10-03 12:00:00 UTC,", ",2"])
def test_an_extension_needs_a_due_date(course: Course, more: str) -> None:
    """There is nothing else that it could extend."""
    with Gradebook(course.db) as gradebook:
        gradebook.add_student("ada")
    extend(course, f"ada,{ASSIGNMENT},{more},")
    assert "has no due date" in run_late(course)


def test_without_a_due_date_nothing_is_late(course: Course, grader: FakeGrader) -> None:
    """Whatever the table says, and whatever nbgrader's gradebook was told before."""
    extend(course, f"ada,{ASSIGNMENT},,2,")
    course.submit(course.released())
    course.submit(b"2030-10-09 12:00:00 UTC", "timestamp.txt")
    course.autograde()
    assert penalty(course) == 0
    (course.root / "extensions.csv").unlink()
    with Gradebook(course.db) as gradebook:
        gradebook.grant_extension(ASSIGNMENT, "ada", days=3)
    assert run_late(course) == ""


def test_all_wrong_lines_are_named_at_once(tmp_path: Path) -> None:
    """Also two lines for one student and assignment, with both numbers."""
    text = "student,assignment,days\nada,one,2\nada,one,3\nbob,one,x\n"
    (tmp_path / "extensions.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        read_extensions(tmp_path)
    assert str(caught.value).splitlines() == [
        "extensions.csv, line 3: ada has an extension for one in line 2 already; keep one of them",
        "extensions.csv, line 4: 'x' is not a number of days above 0",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"who,what\nada,one\n", "it must name student, assignment, until, days, reason"),
        (b"student,assignment,hours\n", "it must name student, assignment, until, days, reason"),
        (b"\xff\xfe\x00", "is not in UTF-8"),
        (b'student,assignment\n"ada,one\n', "is no CSV"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    """With the columns that it must have."""
    (tmp_path / "extensions.csv").write_bytes(content)
    with pytest.raises(CourseError, match=said):
        read_extensions(tmp_path)


def test_autograde_grades_nobody_by_a_wrong_table(course: Course, grader: FakeGrader) -> None:
    """It says so and fails; nothing stands in autograded/."""
    hand_in(course, timedelta(hours=3))
    extend(course, f"ada,{ASSIGNMENT},,two,")
    with pytest.raises(NbGraderException):
        course.autograde()
    assert not (course.root / "autograded/ada" / ASSIGNMENT).exists()


def test_settings_that_cannot_be_run_are_named(course: Course) -> None:
    """The file, and what went wrong in it."""
    set_rule(course, "c.LatePenalty.percent_a_day = ten")
    assert "nbgrader_config.py cannot be run (NameError" in run_late(course)


def test_a_wrong_rule_is_named_by_late(course: Course) -> None:
    """Before anything is changed."""
    set_rule(course, "c.LatePenalty.percent_a_day = 110")
    assert "LatePenalty.percent_a_day is 110" in run_late(course)


def test_a_locked_gradebook_is_an_error_of_one_line(course: Course) -> None:
    """It says which database and what to do; here the file is none."""
    (course.root / "gradebook.db").write_bytes(b"this is not a database" * 100)
    assert "does not answer (file is not a database)" in run_late(course)


def test_without_a_gradebook_late_says_what_makes_one(course: Course) -> None:
    """And makes none itself."""
    (course.root / "gradebook.db").unlink()
    assert "nbgrader generate_assignment" in run_late(course)
    assert not (course.root / "gradebook.db").exists()
