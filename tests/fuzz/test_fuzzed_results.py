"""Results and records that were damaged: a grade is read as it was written, or not at all."""

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import tiny_course
from fuzzing import examples
from hand_in_forms import altered
from hypothesis import given
from hypothesis import strategies as st
from wire_forms import spoilt

from autograder.course import Course, CourseError
from autograder.grading import records
from autograder.grading.examine import Order
from autograder.grading.hand_ins import HandIn
from autograder.grading.intake import Submission
from autograder.grading.records import DamagedError
from autograder.grading.result import CheckResult, SubmissionResult, from_json, to_json
from autograder.grading.store import JSON_VERSION, read_json

_CHECK = CheckResult(
    "step/moves", "step", 12.0, 0.0, "failed", "wrong", "step: goes uphill", 0.01, "It moves.", "Which way?"
)
_RESULT = SubmissionResult(
    "ada", "t1_tiny", "in/ada", 8.0, 20.0, "00", "graded", "landlock", (_CHECK, _CHECK), None, ("cpu",), ("a note",), "v", 0.5,
    (("t1_tiny.py", "ab" * 32),), "e", "cd" * 32,
)  # fmt: skip
_texts = st.text(st.characters(categories=None), max_size=20)
_numbers = st.floats(allow_nan=False, allow_infinity=False)


def results() -> st.SearchStrategy[SubmissionResult]:
    """Results with any texts and numbers in them."""
    checks = st.builds(
        CheckResult,
        _texts,
        _texts,
        _numbers,
        _numbers,
        _texts,
        _texts,
        st.none() | _texts,
        _numbers,
        _texts,
        st.none() | _texts,
    )
    return st.builds(
        SubmissionResult, _texts, _texts, _texts, _numbers, _numbers, _texts, _texts, _texts,
        st.lists(checks, max_size=3).map(tuple), st.none() | _texts, st.lists(_texts, max_size=2).map(tuple),
        st.lists(_texts, max_size=2).map(tuple), _texts, _numbers, st.just((("a", "b"),)), _texts, _texts,
    )  # fmt: skip


def is_sound(value: Any) -> bool:
    """Whether what stands in a result's fields is of the fields' types."""
    numbers = [value.score, value.max_score, value.cpu_seconds, *(one.points for one in value.checks)]
    texts = [value.student, value.assignment, value.path, value.seed, value.status, *value.notes, *value.devices]
    texts += [text for one in value.checks for text in (one.name, one.exercise, one.status, one.message, one.sentence)]
    return all(type(number) is float for number in numbers) and all(type(text) is str for text in texts)


@examples(80)
@given(results())
def test_a_result_is_read_as_it_was_written(result: SubmissionResult) -> None:
    """Through the text of a JSON file, every field, lone surrogates among them."""
    assert from_json(json.loads(json.dumps(to_json(result)))) == result


@examples(150)
@given(altered(json.loads(json.dumps(to_json(_RESULT)))))
def test_plain_data_is_a_result_or_refused(data: Any) -> None:
    """A field that is missing, or of another type, is a `ValueError`; nothing half-read comes back."""
    with suppress(ValueError):
        assert is_sound(from_json(data))


@examples(150)
@given(data=spoilt(st.just(json.dumps({"version": JSON_VERSION, "submissions": [to_json(_RESULT)]}).encode())))
def test_a_results_file_is_read_or_refused_by_its_name(data: bytes) -> None:
    """What `--json` wrote and something spoilt: results, or a `CourseError` that names the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.json"
        path.write_bytes(data)
        try:
            found = read_json(path)
        except CourseError as error:
            said = str(error)
        else:
            said = str(path)
            assert all(map(is_sound, found))
    assert str(path) in said


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of one record."""
    course = Course(tiny_course.write(tmp_path_factory.mktemp("tiny"), few=True))
    assignment = course.assignment(tiny_course.SLUG)
    order = Order(Submission("ada", assignment.slug, course.root, "in/ada"), "00")
    kept = records.Records(course, "landlock", ("cpu",)).keep(assignment, order, HandIn(True, (), {}), _RESULT)
    return records.path_of(course, assignment.slug, kept.record)


@examples(150)
@given(data=st.data())
def test_a_damaged_record_is_no_grade(record: Path, data: st.DataObject) -> None:
    """Any byte changed, lost or put in: the record is refused; only the very bytes that were written are a grade."""
    written = record.read_bytes()
    damaged = data.draw(spoilt(st.just(written)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / record.name
        path.write_bytes(damaged)
        with suppress(DamagedError):
            assert records.read(path) == records.read(record)
            assert damaged == written
