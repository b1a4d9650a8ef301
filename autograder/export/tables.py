"""Tables as CSV: read as other programs write them, written so that no cell acts when a spreadsheet opens it."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.carrier.text import clean
from autograder.course import CourseError

# What spreadsheets take for a formula; a tab or a line end before it does not stop them all.
_FORMULA = re.compile(r"\s*[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]")
_PLAIN_IDENTIFIER = re.compile(r"[+\-@][\w.@+\-]*")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?%?")


class Identifier(str):
    """A cell by which the other system finds a student: an apostrophe would hide it."""


Cell = str | float | None


def number(value: float) -> str:
    """A number with at most four decimals, a point, and no more digits than it needs."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def harmless(value: Cell) -> str:
    """A cell as it is written: numbers as they are, text that would be a formula behind an apostrophe, as plain text."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return number(value)
    text = clean(value)
    if isinstance(value, Identifier) and _PLAIN_IDENTIFIER.fullmatch(text):
        return text  # no function can be called in it
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def as_csv(rows: Iterable[Sequence[Cell]], delimiter: str = ",") -> str:
    """The rows as CSV, quoted where it must be."""
    buffer = io.StringIO()
    table = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    table.writerows([harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue()


@dataclass(frozen=True)
class Sheet:
    """A table that came from elsewhere: its file, its first line, the others with their numbers, what separates cells."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    delimiter: str

    def column(self, name: str) -> int:
        """The place of a column.

        Raises:
            CourseError: there is no such column, or two.
        """
        places = [place for place, known in enumerate(self.header) if known == name]
        if len(places) != 1:
            found = "has no column" if not places else "has two columns"
            raise CourseError(f"{self.path} {found} {name!r}; its columns: {', '.join(self.header)}.")
        return places[0]

    def has(self, name: str) -> bool:
        """Whether there is a column of that name."""
        return name in self.header

    def records(self, *columns: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Each line as its number and its cells by column, those of a column that is not there being empty."""
        for line, row in zip(self.lines, self.rows, strict=True):
            cells = dict(zip(self.header, row, strict=True))
            yield line, {name: cells.get(name, "").strip() for name in columns}


def read_sheet(path: Path) -> Sheet:
    """A CSV file with a first line of names; every line has as many cells, and empty lines do not count.

    Raises:
        CourseError: it cannot be read so.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path} is not in UTF-8; download it again, or save it as CSV in UTF-8.") from None
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        found = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise CourseError(f"{path} is no CSV ({error}); mend it, or download it again.") from None
    if not found:
        raise CourseError(f"{path} is empty; its first line must name the columns.")
    (_, header), *rows = found
    for line, row in rows:
        if len(row) > len(header):
            raise CourseError(
                f"{path}, line {line}: has {len(row)} cells, and the first line {len(header)}; quote a cell with a comma in it."
            )
    filled = tuple(tuple(row + [""] * (len(header) - len(row))) for _, row in rows)
    names = tuple(name.strip() for name in header)
    return Sheet(path, names, filled, tuple(line for line, _ in rows), delimiter)
