"""One connection to the gradebook while a class is recorded, and one transaction a hand-in.

nbgrader's steps open the database anew eleven times a hand-in, look through its tables, and commit more than thirty times.
They stay as they are; what they open meanwhile is a session on the connection that is open already.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.utils import rmtree
from sqlalchemy import Connection, create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

from autograder.carrier.gradebook import graded_by_machine
from autograder.carrier.locked import refuse_a_locked_gradebook

_opens, _closes = Gradebook.__init__, Gradebook.close


class Batch:
    """The connection, opened with the first gradebook. `settle` makes what was written last; until then it is one transaction."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._thread = threading.get_ident()
        self._connection: Connection | None = None
        self._courses: set[str] = set()

    def settle(self) -> None:
        """Commits; the database is not locked until something is written again."""
        if self._connection is not None and self._connection.in_transaction():
            self._connection.commit()

    def close(self) -> None:
        """Commits, and closes the connection."""
        if self._connection is not None:
            try:
                self.settle()
            finally:
                self._connection.close()
                self._connection.engine.dispose()

    def takes(self, url: str) -> bool:
        """Whether a gradebook that is being opened joins in: the same database, and not another thread of a server."""
        return url == self._url and threading.get_ident() == self._thread

    def join(self, gradebook: Any, course: str, authenticator: Any) -> None:
        """Opens a gradebook as nbgrader does, but on this connection, and after the first without a look at the tables."""
        if self._connection is None:
            _opens(gradebook, self._url, course, authenticator)  # makes the tables where there are none
            _closes(gradebook)
            self._connection = create_engine(self._url).connect()
        if not self._connection.in_transaction():
            self._connection.begin()
        gradebook.engine = self._connection.engine
        # A commit of nbgrader's writes, and makes the session read anew, as ever; only `settle` makes it last.
        session = sessionmaker(autoflush=True, bind=self._connection, join_transaction_mode="rollback_only")
        gradebook.db = scoped_session(session)
        gradebook.course_id, gradebook.authenticator, gradebook.joined = course, authenticator, True
        if course not in self._courses:
            gradebook.check_course(course_id=course)
            self._courses.add(course)


@contextmanager
def one_connection(url: str) -> Iterator[Batch]:
    """Has every gradebook of this database that is opened meanwhile join the one connection."""
    batch = Batch(url)

    def opens(self: Any, db_url: str, course_id: str = "default_course", authenticator: Any = None) -> None:
        if batch.takes(db_url):
            batch.join(self, course_id, authenticator)
        else:
            _opens(self, db_url, course_id, authenticator)

    def closes(self: Any) -> None:
        self.db.remove() if hasattr(self, "joined") else _closes(self)

    Gradebook.__init__, Gradebook.close = opens, closes
    try:
        yield batch
    finally:
        Gradebook.__init__, Gradebook.close = _opens, _closes
        batch.close()


def in_one_batch(converter: Autograde) -> None:
    """Has a converter record its class over one connection: each hand-in settled before the next, and before it is graded.

    While a hand-in is recorded it waits for its grade; so a run that is killed leaves nobody whom the next would pass over.
    """
    convert_all, begin, convert = (
        converter.convert_notebooks,
        converter.init_destination,
        converter.convert_single_notebook,
    )

    def convert_notebooks() -> None:
        refuse_a_locked_gradebook(Path(converter.coursedir.root))
        with one_connection(converter.coursedir.db_url) as batch:

            def begins(assignment: str, student: str) -> bool:
                batch.settle()
                if _waits(converter, assignment, student):
                    _remove_what_was_begun(converter, assignment, student)
                if not begin(assignment, student):
                    return False
                if _let_wait(converter, assignment, student):
                    batch.settle()
                return True

            def converts(notebook: str) -> None:
                batch.settle()
                convert(notebook)

            converter.init_destination, converter.convert_single_notebook = begins, converts
            convert_all()

    converter.convert_notebooks = convert_notebooks


def _waits(converter: Autograde, assignment: str, student: str) -> bool:
    """Whether the gradebook knows the hand-in, and not all of its grades."""
    with Gradebook(converter.coursedir.db_url) as gradebook:
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return False
        return any(grade.auto_score is None for grade in graded_by_machine(submission))


def _remove_what_was_begun(converter: Autograde, assignment: str, student: str) -> None:
    """Removes the autograded copy of a hand-in that waits: nbgrader would take it for finished."""
    course = converter.coursedir
    place = course.format_path(course.autograded_directory, student, assignment)
    if student in course.student_id_exclude.split(",") or not os.path.isdir(place):
        return
    converter.log.warning("%s, %s: was begun and not finished; it is recorded anew", student, assignment)
    rmtree(place)


def _let_wait(converter: Autograde, assignment: str, student: str) -> bool:
    """Takes back the grades of an earlier hand-in until this one's are there; False where there was none."""
    with Gradebook(converter.coursedir.db_url) as gradebook:
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return False
        for grade in graded_by_machine(submission):
            grade.auto_score = None
        gradebook.db.commit()
        return True
