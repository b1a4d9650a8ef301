"""Feedback released to the exchange where hand-ins lack, or have spoilt, what nbgrader's collector writes into them."""

import logging
from pathlib import Path

import pytest
from nbgrader.exchange import ExchangeError
from nbgrader.utils import notebook_hash
from small_course import ASSIGNMENT, Course

from autograder.carrier.release import ReleaseFeedback

SECRET, TIMESTAMP = "submission_secret.txt", "timestamp.txt"


@pytest.fixture
def outbox(course: Course, tmp_path: Path) -> Path:
    """Where released pages lie. Three students have a page; nothing has been released yet."""
    for student in ("ada", "bob", "eve"):
        folder = course.root / "feedback" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / f"{ASSIGNMENT}.html").write_text(f"<p>for {student}</p>", encoding="utf-8")
        (folder / SECRET).write_text(f"secret of {student}", encoding="utf-8")
        (folder / TIMESTAMP).write_text("2026-01-01 10:00:00 UTC", encoding="utf-8")
    return tmp_path / "exchange/unstuck/feedback"


def release(course: Course, outbox: Path, exclude: str = "") -> None:
    """`nbgrader release_feedback`."""
    directory, config = course.directory()
    directory.student_id_exclude = exclude
    outbox.parents[1].mkdir(exist_ok=True)
    config.Exchange.root = str(outbox.parents[1])
    releaser = ReleaseFeedback(coursedir=directory, config=config)
    releaser.log = logging.getLogger("release")  # where another test has left an application, its log goes nowhere else
    releaser.start()


def page_of(outbox: Path, student: str) -> str | None:
    """What the student fetches; None where nothing was released."""
    page = outbox / f"{notebook_hash(secret=f'secret of {student}', notebook_id=ASSIGNMENT)}.html"
    return page.read_text(encoding="utf-8") if page.exists() else None


def test_every_page_is_found_by_its_students_secret(course: Course, outbox: Path) -> None:
    """As nbgrader's own releaser does it."""
    release(course, outbox)
    assert [page_of(outbox, student) for student in ("ada", "bob", "eve")] == [
        "<p>for ada</p>", "<p>for bob</p>", "<p>for eve</p>",
    ]  # fmt: skip
    assert len(list(outbox.iterdir())) == 3


@pytest.mark.parametrize("secret", [None, b"", b"\xff\xfe\xff"], ids=["missing", "empty", "no text"])
def test_a_hand_in_without_a_receipt_is_passed_over_by_name(
    course: Course, outbox: Path, secret: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    """What came by mail cannot be fetched: a line says whose page is to be sent and where it lies; the others have theirs."""
    receipt = course.root / "feedback/bob" / ASSIGNMENT / SECRET
    receipt.unlink()
    if secret is not None:
        receipt.write_bytes(secret)

    with caplog.at_level(logging.WARNING):
        release(course, outbox)

    assert [page_of(outbox, student) for student in ("ada", "bob", "eve")] == ["<p>for ada</p>", None, "<p>for eve</p>"]
    [line] = [record.getMessage() for record in caplog.records if "bob" in record.getMessage()]
    assert "submission_secret.txt" in line
    assert f"feedback/bob/{ASSIGNMENT}/{ASSIGNMENT}.html" in line


def test_a_timestamp_is_not_needed(course: Course, outbox: Path) -> None:
    """The page is found by the secret alone."""
    (course.root / "feedback/bob" / ASSIGNMENT / TIMESTAMP).unlink()
    release(course, outbox)
    assert page_of(outbox, "bob") == "<p>for bob</p>"


def test_a_page_that_cannot_be_copied_costs_its_student_only(course: Course, outbox: Path) -> None:
    """A folder named like a page: the others are released, and the command fails at the end by that student's name."""
    page = course.root / "feedback/bob" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    page.unlink()
    page.mkdir()

    with pytest.raises(ExchangeError, match="bob"):
        release(course, outbox)

    assert page_of(outbox, "eve") == "<p>for eve</p>"


def test_an_excluded_student_is_left_out(course: Course, outbox: Path) -> None:
    """`--CourseDirectory.student_id_exclude` is heeded."""
    release(course, outbox, exclude="bob,eve")
    assert [page_of(outbox, student) is None for student in ("ada", "bob", "eve")] == [False, True, True]


def test_a_released_page_replaces_an_older_one(course: Course, outbox: Path) -> None:
    """After a regrade the student fetches the new page, and no scratch file is left."""
    release(course, outbox)
    (course.root / "feedback/ada" / ASSIGNMENT / f"{ASSIGNMENT}.html").write_text("<p>new</p>", encoding="utf-8")
    release(course, outbox)
    assert page_of(outbox, "ada") == "<p>new</p>"
    assert len(list(outbox.iterdir())) == 3
