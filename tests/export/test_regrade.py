"""Regrade requests: listed with what is known of each, decided, written down, and seen in gradebook and export."""

import csv
import shutil
from pathlib import Path

import pytest
import tiny_course
from nbgrader.api import Gradebook
from school import SLUG, Book, run

from autograder.course import Course
from autograder.grading.result import SubmissionResult
from autograder.grading.store import recorded

WRONG = tiny_course.SOLUTION.replace("x - rate * slope", "x + rate * slope")
REQUESTS = (
    "Timestamp,Student,Assignment,Exercise,Reason",
    f'2030-10-05,ada,{SLUG},step/moves_downhill,"I think, ""downhill"" is a matter of taste"',
    f"2030-10-05,bob,{SLUG},walk,please",
)


@pytest.fixture(scope="module")
def graded(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course after ada's wrong and bob's right work has been graded."""
    root = Path(shutil.copytree(built, tmp_path_factory.mktemp("graded") / "course"))
    for student, text in (("ada", WRONG), ("bob", tiny_course.SOLUTION)):
        folder = root / "submitted" / student / SLUG
        folder.mkdir(parents=True)
        (folder / f"{SLUG}.py").write_text(text, encoding="utf-8")
    assert run(Course(root), "grade", root / "submitted", "--jobs", "1") == 0
    return root


@pytest.fixture
def asked(graded: Path, course: Course) -> Course:
    """A copy of it, with a gradebook that has the same grades, and the requests of both."""
    shutil.rmtree(course.root)
    shutil.copytree(graded, course.root)
    book = Book(course)
    for one in recorded(course):
        book.record(one)
    ask(course, *REQUESTS)
    return course


def ask(course: Course, *lines: str) -> None:
    """The table of requests."""
    (course.root / "regrade_requests.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")


def decisions(course: Course) -> list[dict[str, str]]:
    """The table of decisions."""
    with (course.root / "regrade_decisions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def score(course: Course, student: str, exercise: str = "step") -> float:
    """The points in the gradebook."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as book:
        points: float = book.find_grade(exercise, SLUG, SLUG, student).score
        return points


def result_of(course: Course, student: str) -> SubmissionResult:
    """The recorded result."""
    [one] = [one for one in recorded(course) if one.student == student]
    return one


def test_the_list_says_what_the_record_says(asked: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Reason, score, each check and its diagnosis, the gradebook's points, and that the grade comes out the same again."""
    assert run(asked, "regrade") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"ada/{SLUG}/step",
        '  asks: I think, "downhill" is a matter of taste',
        "  automatically 2 of 14 points",
        "  step/moves_downhill: failed (asked for); step: goes -1 times as far as it should",
        "  step/refuses_a_negative_rate: passed",
        "  gradebook 2 of 14 points",
        "  made again: the same",
        f"bob/{SLUG}/walk",
        "  asks: please",
        "  automatically 6 of 6 points",
        "  walk/visits_every_place: passed",
        "  gradebook 6 of 6 points",
        "  made again: the same",
        "2 of 2 requests are open",
    ]


def test_a_grade_that_does_not_come_out_the_same_is_named(asked: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Here its bytes are gone; the exit code is 1."""
    digest = result_of(asked, "bob").files[0][1]
    for path in (asked.state / "hand_ins").rglob("*"):
        if path.is_file() and digest.endswith(path.name[-8:]):
            path.unlink()
    assert run(asked, "regrade") == 1
    assert "made again: bob," in capsys.readouterr().out


def test_a_score_by_hand_reaches_the_gradebook(asked: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """It wins over the automatic one; the decision is written down; the request is not open any more."""
    name = f"ada/{SLUG}/step"
    assert run(asked, "regrade", "--decide", name, "--score", "8", "--because", "Half of it is right.") == 0
    assert capsys.readouterr().out == f"{name}: changed, 2 → 8 points\n"
    assert score(asked, "ada") == 8
    [row] = decisions(asked)
    assert row.pop("decided").endswith(" UTC")
    assert row == {
        "student": "ada",
        "assignment": SLUG,
        "exercise": "step",
        "decision": "changed",
        "before": "2",
        "after": "8",
        "because": "Half of it is right.",
        "requests": "1",
    }
    assert run(asked, "regrade", "--quick") == 0
    listed = capsys.readouterr().out
    assert name not in listed
    assert "1 of 2 requests are open" in listed


def test_a_decision_is_in_the_export(asked: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """The score counts, and the line of the exercise says why."""
    run(asked, "regrade", "--decide", f"ada/{SLUG}/step", "--score", "8", "--because", "Half.")
    capsys.readouterr()
    assert run(asked, "export", "--format", "csv") == 0
    scores = {row["student"]: row["score"] for row in csv.DictReader(capsys.readouterr().out.splitlines())}
    assert scores == {"ada": str(8 + result_of(asked, "ada").exercise_score("walk")).removesuffix(".0"), "bob": "20"}
    assert run(asked, "export", "--format", "csv", "--detail", "exercise") == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [
        (row["marked"], row["regrade"]) for row in rows if (row["student"], row["exercise"]) == ("ada", "step")
    ] == [("by hand", "changed: Half.")]


def test_a_request_can_be_refused(asked: Course) -> None:
    """The score stays, and the reason is written down."""
    assert run(asked, "regrade", "--decide", f"bob/{SLUG}/walk", "--keep", "--because", "All points were given.") == 0
    [row] = decisions(asked)
    assert (row["decision"], row["before"], row["after"]) == ("kept", "6", "6")
    assert score(asked, "bob", "walk") == 6


def test_who_asks_again_is_open_again(asked: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """One decision answers all requests that there were, and none that came later."""
    ask(asked, *REQUESTS, REQUESTS[1])
    decide = ("regrade", "--decide", f"ada/{SLUG}/step", "--keep", "--because", "No.")
    assert run(asked, *decide) == 0
    assert run(asked, *decide) == 2
    ask(asked, *REQUESTS, REQUESTS[1], REQUESTS[1])
    capsys.readouterr()
    assert run(asked, "regrade", "--quick") == 0
    assert "2 of 4 requests are open" in capsys.readouterr().out
    assert run(asked, *decide) == 0
    assert [row["requests"] for row in decisions(asked)] == ["2", "3"]


def test_late_penalties_follow_a_changed_score(asked: Course) -> None:
    """A tenth of what it is now."""
    (asked.root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.AssignLatePenalties.plugin_class = 'autograder.carrier.late.LatePenalty'\n"
        "c.LatePenalty.percent_a_day = 10\n",
        encoding="utf-8",
    )
    book = Book(asked)
    for one in recorded(asked):
        book.record(one)
    book.hand_in_time("ada", "2030-10-01 18:00:00 UTC", "2030-10-01 19:00:00 UTC")
    assert run(asked, "regrade", "--decide", f"ada/{SLUG}/step", "--score", "8", "--because", "Half.") == 0
    with Gradebook(f"sqlite:///{asked.root}/gradebook.db") as opened:
        submission = opened.find_submission(SLUG, "ada")
        assert submission.late_submission_penalty == pytest.approx(submission.score / 10)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2030,zoe,t1_tiny,step,", "zoe"),
        ("2030,ada,t9,step,", "there is no assignment 't9'"),
        ("2030,ada,t1_tiny,stride,", "t1_tiny has no exercise 'stride'; it has step, walk, why_downhill"),
        ("2030,ada,t1_tiny,step/other,", "step has no check 'step/other'"),
        ("2030,\x1b[31mada,t1_tiny,step,", "ada"),
    ],
)
def test_a_request_that_cannot_be_matched_is_named(
    asked: Course, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    """With its line; the others are listed, and the exit code is 1."""
    ask(asked, *REQUESTS, line)
    assert run(asked, "regrade", "--quick") == 1
    printed = capsys.readouterr()
    assert "regrade_requests.csv, line 4: " in printed.err
    assert said in printed.err
    assert "\x1b" not in printed.out + printed.err
    assert f"bob/{SLUG}/walk" in printed.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--keep",), "go with --decide"),
        (("--decide", "ada/t1_tiny/step"), "--decide needs --keep, or --score"),
        (("--decide", "ada/t1_tiny/step", "--keep"), "--decide needs --because"),
        (("--decide", "ada/t1_tiny/step", "--keep", "--because", " "), "--decide needs --because"),
        (("--decide", "ada/t1_tiny/walk", "--keep", "--because", "x"), "open: ada/t1_tiny/step, bob/t1_tiny/walk"),
        (("--decide", "ada/t1_tiny/step", "--score", "15", "--because", "x"), "15 is not from 0 to that"),
        (("--decide", "ada/t1_tiny/step", "--score", "nan", "--because", "x"), "nan is not from 0 to that"),
    ],
)
def test_wrong_usage_changes_nothing(
    asked: Course, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    """Neither the gradebook nor the table of decisions."""
    assert run(asked, "regrade", *options) == 2
    assert said in capsys.readouterr().err
    assert score(asked, "ada") == 2
    assert not (asked.root / "regrade_decisions.csv").exists()


def test_a_score_needs_a_gradebook(asked: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """And a hand-in in it."""
    decide = ("regrade", "--decide", f"ada/{SLUG}/step", "--score", "8", "--because", "x")
    Book(asked)
    assert run(asked, *decide) == 2
    assert f"run `nbgrader autograde {SLUG}` first" in capsys.readouterr().err
    (asked.root / "gradebook.db").unlink()
    assert run(asked, *decide) == 2
    assert "There is no gradebook" in capsys.readouterr().err


def test_without_requests_it_says_where_they_go(asked: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """And what columns they have."""
    (asked.root / "regrade_requests.csv").unlink()
    assert run(asked, "regrade") == 2
    assert "a CSV with student, assignment, exercise and reason" in capsys.readouterr().err
    ask(asked, "student,reason", "ada,x")
    assert run(asked, "regrade") == 2
    assert "has 0 columns 'assignment'" in capsys.readouterr().err


def test_a_damaged_table_of_decisions_is_not_written_over(asked: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever edited it puts it back."""
    path = asked.root / "regrade_decisions.csv"
    head = "student,assignment,exercise,decision,before,after,because,requests,decided\n"
    for text in ("student,why\nada,x\n", f"{head}ada,{SLUG},step,kept,2,2,x,many,2030\n"):
        path.write_text(text, encoding="utf-8")
        assert run(asked, "regrade", "--decide", f"ada/{SLUG}/step", "--keep", "--because", "x") == 2
        assert "put it back" in capsys.readouterr().err
        assert path.read_text(encoding="utf-8") == text
