"""A gradebook that another program holds, or that cannot be written, is said before nbgrader touches anything."""

import sqlite3
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from autograder.carrier.gradebook import database, file_of, nbgrader_settings

_PATIENCE = 5.0  # seconds, as SQLAlchemy has
REMEDY = (
    "Nothing was changed, and grades that `autograder grade` recorded are kept. End the program that uses the gradebook (another "
    "nbgrader command, formgrader, a browser of databases), or make its file and folder writable; then run the same command again."
)


def refuse_a_locked_gradebook(root: Path, **_: object) -> None:
    """Ends `nbgrader autograde` where the course's gradebook cannot be written; it calls this before each hand-in.

    nbgrader by itself would go on to each, fail at each, and advise to upgrade the database.

    Raises:
        SystemExit: with what to do. nbgrader swallows any other exception of such a hook.
    """
    path = _file(root)
    if path is None:
        return
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            # Undone; the beginning alone is granted to readers too.
            connection.execute("CREATE TABLE tried_to_write (content)")
            connection.rollback()
    except sqlite3.OperationalError as error:
        raise SystemExit(f"autograder: the gradebook {path} cannot be written ({error}). {REMEDY}") from None


@lru_cache(maxsize=1)
def _file(root: Path) -> Path | None:
    """The file of the gradebook, where it is one."""
    return file_of(database(root, nbgrader_settings(root)) or "")
