"""The results of a run of any size: a line of each is held in memory, the whole ones stay in their records."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import Course
from autograder.grading import atomic, records
from autograder.grading.atomic import KeepError
from autograder.grading.result import SubmissionResult, to_json
from autograder.grading.store import JSON_VERSION


@dataclass(frozen=True, slots=True)
class Line:
    """What a table shows of a result, and the record that holds the rest."""

    student: str
    assignment: str
    path: str
    status: str
    score: float
    max_score: float
    remark: str
    mistakes: tuple[str, ...]  # the diagnoses, each once
    record: str

    @property
    def order(self) -> tuple[str, str, str]:
        """Lines stand by assignment, then by student."""
        return self.assignment, self.student, self.path


class Gathered:
    """The results of a run. `remarks` says in one line what there is to say of a result."""

    def __init__(self, course: Course, remarks: Callable[[SubmissionResult], str]) -> None:
        self._course = course
        self._remarks = remarks
        self._lines: list[Line] = []
        self._unrecorded: dict[Line, SubmissionResult] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, result: SubmissionResult) -> None:
        """Takes a result in."""
        mistakes = {sys.intern(check.diagnosis): None for check in result.checks if check.diagnosis}
        line = Line(
            result.student,
            sys.intern(result.assignment),
            result.path,
            sys.intern(result.status),
            result.score,
            result.max_score,
            sys.intern(self._remarks(result)),
            tuple(mistakes),
            result.record,
        )
        self._lines.append(line)
        if not result.record:
            self._unrecorded[line] = result

    def lines(self) -> list[Line]:
        """A line of each result, in order."""
        return sorted(self._lines, key=lambda line: line.order)

    def results(self) -> Iterator[SubmissionResult]:
        """The results, one at a time, in order; `KeepError` where a record was removed or damaged since."""
        for line in self.lines():
            if line in self._unrecorded:
                yield self._unrecorded[line]
                continue
            try:
                result = records.read(records.path_of(self._course, line.assignment, line.record))
            except (OSError, records.DamagedError) as error:
                raise KeepError(
                    f"A record of this run is gone or damaged ({error}); run the same command again."
                ) from None
            yield replace(result, path=line.path)

    def write_json(self, path: Path) -> None:
        """Writes the results as one JSON object, a submission a line, whole or not at all."""
        atomic.write(path, self._json())

    def _json(self) -> Iterator[bytes]:
        yield f'{{"version": {JSON_VERSION}, "submissions": ['.encode()
        for number, result in enumerate(self.results()):
            # Names of files need not be text: what UTF-8 has no bytes for is written as JSON's own escape.
            text = json.dumps(to_json(result), ensure_ascii=False)
            yield (",\n" if number else "\n").encode() + text.encode("utf-8", "backslashreplace")
        yield b"\n]}\n"
