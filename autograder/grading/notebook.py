"""A submitted notebook or module, read without trusting anything in it."""

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

NOTEBOOK_LIMIT = 20 * 2**20  # bytes
MODULE_LIMIT = 2**20


class UnreadableError(ValueError):
    """A submitted file cannot be read; the text is for the student."""


def read_bytes(path: Path, limit: int, remedy: str) -> bytes:
    """The bytes of a regular file of at most `limit` bytes."""
    try:
        kind = path.lstat()
        if not stat.S_ISREG(kind.st_mode):
            what = (
                "a folder" if stat.S_ISDIR(kind.st_mode) else "a link" if stat.S_ISLNK(kind.st_mode) else "not a file"
            )
            raise UnreadableError(f"{path.name} is {what}; hand in the file itself")
        if kind.st_size > limit:
            raise UnreadableError(
                f"{path.name} is {kind.st_size / 2**20:.0f} MB; at most {limit // 2**20} MB are read: {remedy}"
            )
        if not kind.st_mode & 0o444:  # root could open it all the same
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path.name} cannot be opened ({error.strerror})") from None


def load_notebook(path: Path) -> dict[str, Any]:
    """The file's JSON object, which has a list `cells`; `UnreadableError` where there is no such thing in the file."""
    clear = "clear the outputs (Kernel → Restart Kernel and Clear Outputs), save, and hand in again"
    return parse_notebook(path.name, read_bytes(path, NOTEBOOK_LIMIT, clear))


def code_cells(path: Path) -> tuple[str, ...]:
    """The sources of a notebook's code cells."""
    return cells_of_code(path.name, load_notebook(path))


def cells_of_code(name: str, notebook: dict[str, Any]) -> tuple[str, ...]:
    """The sources of the code cells of a notebook that has been read."""
    cells = [cell for cell in notebook["cells"] if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    sources = tuple(cell_source(cell.get("source")) for cell in cells)
    if sum(map(len, sources)) > MODULE_LIMIT:
        raise UnreadableError(f"{name} holds more than {MODULE_LIMIT // 2**20} MB of code; hand in the exercises only")
    return sources


def module_text(path: Path) -> str:
    """The text of a `.py` module."""
    return text_of_module(path.name, read_bytes(path, MODULE_LIMIT, "hand in the exercises only"))


def text_of_module(name: str, data: bytes) -> str:
    """The text of a module from its bytes."""
    if not data.strip():
        raise UnreadableError(f"{name} is empty; save your work and hand in again")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError(f"{name} is not UTF-8 text; save it as UTF-8 and hand in again") from None


def cell_source(source: object) -> str:
    """A cell's source, which a notebook holds as one string or as a list of lines; half a surrogate pair becomes `?`."""
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.encode("utf-8", "replace").decode("utf-8")


def parse_notebook(name: str, data: bytes) -> dict[str, Any]:
    """The JSON object in a notebook's bytes; `UnreadableError` where it is none that has a list `cells`."""
    remedy = "open it in Jupyter, save it, and hand in again"
    if not data.strip():
        raise UnreadableError(f"{name} is empty; {remedy}")
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableError(f"{name} is not UTF-8 text, as notebooks are; {remedy}") from None
    except json.JSONDecodeError as error:
        ends = error.msg.startswith("Unterminated") or error.pos >= len(error.doc.rstrip()) - 1
        where = "stops in the middle" if ends else f"is not JSON (line {error.lineno})"
        raise UnreadableError(f"{name} {where}; {remedy}") from None
    except RecursionError:
        raise UnreadableError(f"{name} is nested too deeply for a notebook; {remedy}") from None
    except ValueError:  # an integer of more digits than Python converts
        raise UnreadableError(f"{name} holds a number that no notebook holds; {remedy}") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
        raise UnreadableError(f"{name} is not a notebook (it has no list of cells); {remedy}")
    return raw
