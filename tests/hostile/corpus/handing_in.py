"""Intake: archives, links and pipes, giant and deep source, notebooks of every damage, names of every kind.

Each entry writes one hand-in beneath a folder of its own. What must not happen is always that the run stops, that another's hand-in
is lost, or that a file appears elsewhere; what is to happen instead stands in the entry.
"""

import bz2
import gzip
import io
import json
import lzma
import os
import socket
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from range_course import HONEST, SLUG

PY, NOTEBOOK = f"{SLUG}.py", f"{SLUG}.ipynb"
REFUSED, READ, LOADED = "the archive is refused", "the file is refused", "the worker reads it"
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class HandIn:
    """A hand-in: what it is made of, and what becomes of it: `unreadable`, or its score (None: any; it must be graded).

    `escapes`: where it is unpacked, opened or run as it comes, a file appears elsewhere or a planted word is read: the control.
    """

    make: Callable[[Path], None]
    becomes: str | float | None
    stopped_by: str
    escapes: bool = False
    archive: str | None = None  # named on the command line, as archives are


def _file(name: str, data: bytes | str, becomes: str | float | None, stopped_by: str = READ) -> HandIn:
    content = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")

    def make(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return HandIn(make, becomes, stopped_by)


def _special(make: Callable[[Path], None], becomes: str | float | None = UNREADABLE, stopped_by: str = READ) -> HandIn:
    return HandIn(make, becomes, stopped_by)


def here(folder: Path, text: str) -> str:
    """A text with the places of the targets, which lie beside the folders of the hand-ins."""
    for name in ("outside", "secret", "neighbour"):
        text = text.replace(f"{{{name}}}", str(folder.parent.parent / name))
    return text


# Archives

Member = tuple[str, bytes, dict[str, object]]


def _member(name: str, data: bytes = HONEST.encode(), **about: object) -> Member:
    return name, data, about


def _tar(*members: Member, escapes: bool = False, becomes: str | float | None = UNREADABLE) -> HandIn:
    def make(folder: Path) -> None:
        with tarfile.open(folder / "ada.tar.gz", "w:gz") as archive:
            for name, data, about in members:
                info = tarfile.TarInfo(here(folder, name))
                info.size = len(data)
                for key, value in about.items():
                    setattr(info, key, here(folder, value) if isinstance(value, str) else value)
                archive.addfile(info, io.BytesIO(data) if info.isfile() else None)

    return HandIn(make, becomes, REFUSED, escapes, "ada.tar.gz")


def _zip(
    *members: Member, becomes: str | float | None = UNREADABLE, spoil: Callable[[bytes], bytes] | None = None
) -> HandIn:
    def make(folder: Path) -> None:
        path = folder / "ada.zip"
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            warnings.simplefilter("ignore")  # of a name that comes twice
            for name, data, about in members:
                info = zipfile.ZipInfo(name)
                info.compress_type = zipfile.ZIP_DEFLATED
                for key, value in about.items():
                    setattr(info, key, value)
                archive.writestr(info, data)
        if spoil is not None:
            path.write_bytes(spoil(path.read_bytes()))

    return HandIn(make, becomes, REFUSED, archive="ada.zip")


def _bomb(opened: Callable[..., io.IOBase]) -> HandIn:
    """A member of 3 GiB by its header; its bytes are not there, for nobody should come to miss them."""

    def make(folder: Path) -> None:
        info = tarfile.TarInfo(PY)
        info.size = 3 * 2**30
        with opened(folder / "ada.tar.gz", "wb") as file:
            file.write(info.tobuf() + bytes(2**16))

    return HandIn(make, UNREADABLE, REFUSED, archive="ada.tar.gz")


def _encrypted(data: bytes) -> bytes:
    spoilt = bytearray(data)
    for head, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        spoilt[spoilt.index(head) + offset] |= 1
    return bytes(spoilt)


def _smaller_than_it_is(data: bytes) -> bytes:
    """The uncompressed size is 10 in both headers."""
    spoilt = bytearray(data)
    for head, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = spoilt.index(head) + offset
        spoilt[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(spoilt)


def _link_in_zip() -> HandIn:
    return _zip(_member(PY, b"/etc/passwd", external_attr=(stat.S_IFLNK | 0o777) << 16))


def _overlapping(data: bytes) -> bytes:
    """The directory names the one member fifty thousand times over: a small file that promises a large one."""
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[at:end]
    many = 50_000
    tail = bytearray(data[end:])
    tail[8:12] = (many & 0xFFFF).to_bytes(2, "little") * 2
    tail[12:16] = (len(entry) * many).to_bytes(4, "little")
    return data[:at] + entry * many + bytes(tail)


ARCHIVES = {
    "a path upwards": _tar(_member("../outside.py"), escapes=True),
    "a path upwards from within": _tar(_member("a/b.py"), _member("a/../../outside.py"), escapes=True),
    "a path from the root": _tar(_member("{outside}/outside.py"), escapes=True),
    "a path with backslashes": _zip(_member("..\\outside.py")),
    "a drive": _zip(_member("C:/outside.py")),
    "a link, then a file through it": _tar(
        _member("way", b"", type=tarfile.SYMTYPE, linkname="{outside}"), _member("way/outside.py"), escapes=True
    ),
    "a second name for the secret": _tar(_member(PY, b"", type=tarfile.LNKTYPE, linkname="{secret}")),
    "a link to the secret": _tar(_member(PY, b"", type=tarfile.SYMTYPE, linkname="{secret}"), escapes=True),
    "a pipe": _tar(_member(PY, b"", type=tarfile.FIFOTYPE)),
    "a device": _tar(_member(PY, b"", type=tarfile.CHRTYPE, devmajor=1, devminor=5)),
    "a link in a zip": _link_in_zip(),
    "a bomb (gzip)": _bomb(gzip.open),
    "a bomb (bzip2)": _bomb(bz2.open),
    "a bomb (xz)": _bomb(lzma.open),
    "a member named fifty thousand times": _zip(_member(PY, bytes(2**20)), spoil=_overlapping),
    "a member larger than it says": _zip(_member(PY, HONEST.encode()), spoil=_smaller_than_it_is),
    "a bomb in one member": _zip(_member(PY, bytes(30 * 2**20)), becomes=UNREADABLE),
    "folders without end": _zip(_member("a/" * 1500 + PY)),
    "a name without end": _zip(_member("a" * 5000 + ".py")),
    "a file that is a folder too": _zip(_member("a.py"), _member("a.py/b.py")),
    "two members of one name": _zip(_member(PY, b"x = 1\n"), _member(PY), becomes=None),
    "a password": _zip(_member(PY), spoil=_encrypted),
    "half of it": _zip(_member(PY), spoil=lambda data: data[: len(data) // 2]),
    "noise": _zip(_member(PY), spoil=lambda data: bytes(byte ^ 0x5A for byte in data)),
    "an archive in an archive": _zip(_member("ada.zip", b"PK\x03\x04"), ),
    "a name that colours the terminal": _zip(_member(f"\x1b[31m_{PY}"), becomes=20.0),
}  # fmt: skip

# Files


def _make_link(target: str) -> Callable[[Path], None]:
    return lambda folder: (folder / PY).symlink_to(here(folder, target))


def _make_pipe(folder: Path) -> None:
    os.mkfifo(folder / PY)


def _make_socket(folder: Path) -> None:
    here = os.getcwd()
    os.chdir(folder)  # the path of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(PY)
    finally:
        os.chdir(here)


def _make_hole(folder: Path) -> None:
    (folder / PY).touch()
    os.truncate(folder / PY, 1 << 40)


def _make_many(folder: Path) -> None:
    (folder / PY).write_text(HONEST, encoding="utf-8")
    for number in range(3000):
        (folder / f"{number}.dat").touch()


def _make_linked_folder(folder: Path) -> None:
    (folder / SLUG).symlink_to("/etc")
    (folder / PY).write_text(HONEST, encoding="utf-8")


FILES = {
    "a link to the secret, named like the module": HandIn(_make_link("{secret}"), UNREADABLE, READ, escapes=True),
    "a link to another student's work": HandIn(_make_link("{neighbour}"), UNREADABLE, READ, escapes=True),
    "a link to itself": _special(_make_link(PY)),
    "a link to nothing": _special(_make_link("nowhere")),
    "a link to an endless device": _special(_make_link("/dev/zero")),
    "a pipe named like the module": _special(_make_pipe),
    "a socket named like the module": _special(_make_socket),
    "a folder named like the module": _special(lambda folder: (folder / PY).mkdir()),
    "a terabyte of nothing": _special(_make_hole),
    "three thousand files": _special(_make_many, 20.0, "only what is graded is read"),
    "a link to a folder of the system": _special(_make_linked_folder, 20.0, "links are not followed"),
    "an empty module": _file(PY, b"", UNREADABLE),
    "a module in UTF-16": _file(PY, HONEST.encode("utf-16"), UNREADABLE),
    "a module in another encoding": _file(PY, "é = 1\n".encode("latin-1"), UNREADABLE),
    "a module of two megabytes": _file(PY, "x = 1\n" * 350_000, UNREADABLE),
    "a module with a byte order mark": _file(PY, "\ufeff" + HONEST, 20.0, LOADED),
    "a module with the line ends of Windows": _file(PY, HONEST.replace("\n", "\r\n"), 20.0, LOADED),
    "a module with old line ends of the Mac": _file(PY, HONEST.replace("\n", "\r"), 20.0, LOADED),
    "a module that names another encoding": _file(PY, f"# -*- coding: utf-7 -*-\n{HONEST}", None, LOADED),
    "a module with a zero byte": _file(PY, f"x = '\0'\n{HONEST}", 0.0, LOADED),
    "a module that is a program": _file(PY, b"\x7fELF" + bytes(range(1, 128)) * 9, None, LOADED),
    "a module of nested brackets": _file(PY, f"x = {'(' * 5000}{')' * 5000}\n{HONEST}", 0.0, LOADED),
    "a module of nested minus signs": _file(PY, f"x = {'-' * 90_000}1\n{HONEST}", 0.0, LOADED),
    "a module of one endless sum": _file(PY, f"x = {'1+' * 90_000}1\n{HONEST}", None, LOADED),
    "a module of one endless chain": _file(PY, f"x = a{'.b' * 90_000}\n{HONEST}", None, LOADED),
    "a module of nested functions": _file(
        PY, "".join(f"{' ' * depth}def f():\n" for depth in range(99)) + f"{' ' * 99}pass\n{HONEST}", None, LOADED
    ),
    "a module of one line of a megabyte": _file(PY, f"{HONEST}\nx = '{'y' * 1_000_000}'\n", 20.0, LOADED),
    "a module of 90,000 decorators": _file(PY, f"{'@print' * 1}\n" * 20_000 + f"def f(): pass\n{HONEST}", None, LOADED),
    "a module that cannot be parsed": _file(PY, f"def f(:\n{HONEST}", 0.0, LOADED),
}

# Notebooks


def _cells(*sources: object) -> list[dict[str, object]]:
    return [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for source in sources
    ]


def _notebook(cells: object, **more: object) -> str:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more})


def _damaged(data: bytes | str, becomes: str | float | None = UNREADABLE, stopped_by: str = READ) -> HandIn:
    return _file(NOTEBOOK, data, becomes, stopped_by)


def _graded_cell(name: str, points: float) -> dict[str, object]:
    about = {"grade": True, "grade_id": name, "points": points, "locked": True, "solution": False, "schema_version": 3}
    return {**_cells("assert True")[0], "metadata": {"nbgrader": about}}


_WHOLE = _notebook(_cells(HONEST))
NOTEBOOKS = {
    "a notebook that is empty": _damaged(b""),
    "a notebook that is a picture": _damaged(b"\x89PNG\r\n\x1a\n\xff\xfe"),
    "a notebook that is a page": _damaged("<!DOCTYPE html><title>404</title>"),
    "a notebook that is a module": _damaged(HONEST),
    "a notebook that stops in the middle": _damaged(_WHOLE[:-30]),
    "a notebook that is a list": _damaged("[1, 2]"),
    "a notebook whose cells are none": _damaged('{"cells": {"0": 1}}'),
    "a notebook of format 2": _damaged('{"worksheets": [{"cells": []}], "nbformat": 2}'),
    "a notebook of format 99": _damaged(_notebook(_cells(HONEST), nbformat=99), 20.0, LOADED),
    "a notebook without a format": _damaged(json.dumps({"cells": _cells(HONEST)}), 20.0, LOADED),
    "a notebook nested 100,000 deep": _damaged("[" * 100_000),
    "a notebook whose metadata are nested 5,000 deep": _damaged(
        _WHOLE.replace('"metadata": {}, "nbformat"', f'"metadata": {"[" * 5000}{"]" * 5000}, "nbformat"')
    ),
    "a notebook with a number of 10,000 digits": _damaged('{"cells": [' + "9" * 10_000 + "]}"),
    "a notebook with numbers that are none": _damaged(
        _notebook(_cells(HONEST), score=float("nan"), more=float("inf")), 20.0, LOADED
    ),
    "a notebook with every key twice": _damaged(_WHOLE[:-1] + ', "cells": [], "metadata": {}}', 0.0, LOADED),
    "a notebook in UTF-16": _damaged(_WHOLE.encode("utf-16")),
    "a notebook with a byte order mark": _damaged("\ufeff" + _WHOLE, 20.0, LOADED),
    "a notebook with half a surrogate pair": _damaged(_notebook(_cells(f"x = '\ud800'\n{HONEST}")), 20.0, LOADED),
    "a notebook with a zero byte in a cell": _damaged(_notebook(_cells("x = '\0'", HONEST)), 20.0, LOADED),
    "a notebook with a cell that cannot be parsed": _damaged(_notebook(_cells("def f(:", HONEST)), 20.0, LOADED),
    "a notebook with cells that are no cells": _damaged(
        _notebook([None, 7, [], {"source": "x"}, {"cell_type": 3}, {"cell_type": "code", "source": {"a": 1}}, *_cells(HONEST)]),
        20.0, LOADED,
    ),
    "a notebook with a source of lines that are none": _damaged(
        _notebook(_cells([*HONEST.splitlines(keepends=True), None, 3, ["x"]])), 20.0, LOADED
    ),
    "a notebook of 20,000 cells": _damaged(_notebook([*_cells(*["x = 1"] * 20_000), *_cells(HONEST)]), None, LOADED),
    "a notebook of more code than a course holds": _damaged(_notebook(_cells(*["x = 1\n" * 50_000] * 5))),
    "a notebook of fifty megabytes": _special(
        lambda folder: [(folder / NOTEBOOK).write_text(_WHOLE), os.truncate(folder / NOTEBOOK, 50 * 2**20)][1]
    ),
    "a notebook that defines everything twice": _damaged(
        _notebook(_cells(HONEST.replace("x * factor", "x / factor"), HONEST)), 20.0, LOADED
    ),
    "a notebook with a thousand points a cell": _damaged(
        _notebook([_graded_cell("scale", 1000.0), *_cells("import torch")]), 0.0, "points come from the handout"
    ),
    "a notebook with points below zero and none": _damaged(
        _notebook([_graded_cell("scale", -5.0), _graded_cell("total", float("nan")), *_cells(HONEST)]), 20.0,
        "points come from the handout",
    ),
    "a notebook whose outputs say 20 of 20": _damaged(
        _notebook([{**_cells("20.0")[0], "outputs": [{"output_type": "execute_result", "data": {"text/plain": "20.0"}}]}]), 0.0,
        "outputs are not read",
    ),
    "a notebook whose cells are all marked as read by nobody": _damaged(
        _notebook([{**cell, "metadata": {"deletable": False, "nbgrader": "none"}} for cell in _cells(HONEST)]), 20.0, LOADED
    ),
}  # fmt: skip

# Notebooks whose cells speak to the shell: as a Jupyter kernel runs them, a file appears.


def _magic(line: str) -> HandIn:
    def make(folder: Path) -> None:
        (folder / NOTEBOOK).write_text(_notebook(_cells(here(folder, line), HONEST)), encoding="utf-8")

    return HandIn(make, 20.0, "magics are not executed", escapes=True)


MAGICS = {
    "a cell that asks the shell": _magic("!touch {outside}/outside.py"),
    "a cell that is a script of the shell": _magic("%%bash\ntouch {outside}/outside.py"),
    "a cell that writes a file": _magic("%%writefile {outside}/outside.py\nx = 1"),
    "a cell that calls the shell by its object": _magic("get_ipython().system('touch {outside}/outside.py')"),
    "a value that asks the shell": _magic("x = !touch {outside}/outside.py"),
    "a cell that would install a package": _magic("%sx touch {outside}/outside.py"),
}

# Names


def _named(name: bytes | str) -> HandIn:
    def make(folder: Path) -> None:
        own = os.fsencode(folder) + b"/" + (name if isinstance(name, bytes) else os.fsencode(name))
        os.mkdir(own)
        with open(own + b"/" + PY.encode(), "w", encoding="utf-8") as file:
            file.write(HONEST)

    return HandIn(make, 20.0, "names are shown as escapes")


NAMES = {
    "a name that colours and clears the terminal": _named("\x1b[2J\x1b[31mada"),
    "a name that retitles the window": _named("\x1b]0;graded\x07ada"),
    "a name of two lines": _named("ada\n20\u204420  graded"),
    "a name that turns the writing round": _named("ada\u202etpircs"),
    "a name that is no text": _named(b"ada\xff\xfe"),
    "a name that is a script": _named("<script>alert(1)<\u2044script>"),
    "a name that is a formula": _named("=cmd|' \u2044c calc'!A0"),
    "a name with the markup of the table": _named("[bold red]ada[/bold red]".replace("/", "\u2044")),
    "a name of 250 bytes": _named("a" * 250),
    "a name that looks like an option": _named("--unsafe"),
}
HAND_INS: dict[str, HandIn] = ARCHIVES | FILES | NOTEBOOKS | MAGICS | NAMES
