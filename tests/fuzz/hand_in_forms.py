"""Strategies: notebooks, modules, archives and folders that were right once."""

import io
import json
import os
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from tiny_course import SLUG
from wire_forms import spoilt

MODULE = "import torch\n\n\ndef step(x, slope, rate):\n    return x - rate * slope\n"
_CELL = {"cell_type": "code", "id": "a", "metadata": {}, "source": MODULE, "outputs": [], "execution_count": None}
_WORDS = {
    "cell_type": "markdown",
    "id": "b",
    "metadata": {"nbgrader": {"grade_id": "step"}},
    "source": ["# T1\n", "Go."],
}
NOTEBOOK = {
    "cells": [_CELL, _WORDS],
    "metadata": {"kernelspec": {"name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}

# Where links and absolute names lead: never to anything of the machine, for a fault that this finds would act on it.
NOWHERE, OUTSIDE = "nowhere-of-the-fuzzer", "OUTSIDE"

_LETTERS = st.characters(categories=None)  # lone surrogates and control characters among them
_TEXTS = st.text(_LETTERS, max_size=30)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=8,
)
_RAW = [
    b'{"cells": []}',
    b"[]",
    b"null",
    b"\xef\xbb\xbf{}",
    b"[" * 5000,
    b"1" * 5000,
    b'{"cells": [' + b"{}," * 500,
    b"NaN",
]


@st.composite
def altered(draw: st.DrawFn, value: Any) -> Any:
    """The value with one of its parts, at any depth, replaced, dropped or doubled."""
    if isinstance(value, dict) and value and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(value)))
        changed = dict(value)
        match draw(st.integers(0, 3)):
            case 0:
                del changed[key]
            case 1:
                changed[draw(_TEXTS)] = changed.pop(key)
            case _:
                changed[key] = draw(altered(value[key]))
        return changed
    if isinstance(value, list) and value and draw(st.integers(0, 4)):
        at = draw(st.integers(0, len(value) - 1))
        more = [draw(altered(value[at]))] * draw(st.sampled_from([0, 1, 1, 1, 2, 3]))
        return [*value[:at], *more, *value[at + 1 :]]
    return draw(_JSON)


@st.composite
def notebooks(draw: st.DrawFn) -> bytes:
    """The bytes of a notebook: altered as JSON, spoilt as bytes, in another encoding, or of another kind altogether."""
    document: Any = NOTEBOOK
    for _ in range(draw(st.integers(0, 4))):
        document = draw(altered(document))
    text = json.dumps(document, ensure_ascii=draw(st.booleans()))
    data = text.encode(draw(st.sampled_from(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "utf-32"])), "surrogatepass")
    data = data.replace(b"\n", b"\r\n") if draw(st.booleans()) else data
    return draw(st.just(data) | st.just(data) | spoilt(st.just(data)) | st.sampled_from(_RAW) | st.binary(max_size=60))


def modules() -> st.SearchStrategy[bytes]:
    """The bytes of a module."""
    data = MODULE.encode()
    endings = [data, data.replace(b"\n", b"\r\n"), data.replace(b"\n", b"\r"), MODULE.encode("utf-16"), b"\x00" * 20]
    nests = [b"(" * 300, b"x = " + b"-" * 3000 + b"1\n", b"if 1:\n" * 120, b"# coding: rot13\n" + data, b"\f" + data]
    return (
        st.sampled_from(endings + nests)
        | spoilt(st.just(data))
        | st.text(_LETTERS, max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))
    )


def files() -> st.SearchStrategy[bytes]:
    """The bytes of a file that was handed in, whatever its name says."""
    return notebooks() | modules() | st.binary(max_size=40)


_TOPS = [
    "ada",
    "bo",
    "class",
    ".",
    "..",
    "...",
    " ",
    "-",
    "--seed",
    "ada\nbo",
    "θ",
    "x" * 200,
    "__pycache__",
    "a:b",
    "C:",
    "~",
    "*",
]
_BASES = [SLUG, f"ada_{SLUG}", f"bo-{SLUG}", f"{SLUG} (1)", SLUG.upper(), "unstuck", "test_x", "x", "", f".{SLUG}"]
_ENDS = [".py", ".ipynb", ".py", ".ipynb", ".PY", ".pyc", ".txt", "", ".zip", ".tar.gz", ".ipynb.py"]


@st.composite
def names(draw: st.DrawFn, strange: st.SearchStrategy[str]) -> str:
    """A file's path inside a hand-in: usual ones, and every so often one that leads elsewhere or holds anything."""
    base = draw(st.sampled_from(_BASES)) + draw(st.sampled_from(_ENDS))
    folders = draw(st.lists(st.sampled_from([*_TOPS, SLUG]) | strange, max_size=3))
    return "/".join([*folders, base])


_ARCHIVED = st.text(_LETTERS, max_size=12) | st.sampled_from(
    [f"/{NOWHERE}", "..\\..", "\\\\host\\share", "a" * 300, "con", "nul."]
)


@dataclass(frozen=True)
class Member:
    """A file of an archive: its name, its bytes, its kind."""

    name: str
    data: bytes
    mode: int
    kind: bytes
    target: str


def members() -> st.SearchStrategy[list[Member]]:
    """The files of an archive; now and then a link, a device or a folder, and the same name twice."""
    kinds = st.sampled_from([tarfile.REGTYPE] * 12 + [
        tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.GNUTYPE_SPARSE, b"z",
    ])  # fmt: skip
    modes = st.sampled_from([0o644] * 8 + [0, 0o7777, stat.S_IFLNK | 0o777, stat.S_IFIFO, stat.S_IFDIR])
    targets = st.sampled_from([f"/{NOWHERE}/passwd", "../../outside", ".", f"{SLUG}.py"])
    return st.lists(st.builds(Member, names(_ARCHIVED), files(), modes, kinds, targets), max_size=5)


def _zipped(found: list[Member]) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # the same name twice
        for member in found:
            info = zipfile.ZipInfo(member.name.encode("utf-8", "replace").decode())
            info.external_attr = member.mode << 16
            archive.writestr(info, member.data)
    return buffer.getvalue()


def _tarred(mode: str) -> Callable[[list[Member]], bytes]:
    def make(found: list[Member]) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode=mode, format=tarfile.GNU_FORMAT, errors="surrogatepass") as archive:
            for member in found:
                info = tarfile.TarInfo(member.name)
                info.type, info.linkname, info.mode = member.kind, member.target, member.mode & 0o7777
                info.size = len(member.data) if info.isreg() else 0
                archive.addfile(info, io.BytesIO(member.data) if info.isreg() else None)
        return buffer.getvalue()

    return make


def archives() -> st.SearchStrategy[bytes]:
    """Zip and tar archives, plain and compressed, of such members; whole, or spoilt before or after compression."""
    makers = st.sampled_from([_zipped, _zipped, _tarred("w"), _tarred("w:gz"), _tarred("w:bz2"), _tarred("w:xz")])
    whole = st.builds(lambda make, found: make(found), makers, members())
    plain = st.builds(lambda make, found: make(found), st.sampled_from([_zipped, _tarred("w")]), members())
    return whole | spoilt(whole) | spoilt(plain) | files()


ARCHIVE_NAMES = ["ada.zip", "bo.tar", "class.tar.gz", f"eve_{SLUG}.tgz", f"{SLUG}.zip", "x.tar.bz2", "x.xz"]

_ON_DISK = st.binary(min_size=1, max_size=12).map(
    lambda raw: os.fsdecode(bytes(byte for byte in raw if byte not in b"/\0") or b"x")
)


@dataclass(frozen=True)
class Entry:
    """What lies in a folder: a file with bytes, a folder, a link, or a pipe."""

    name: str
    kind: str
    data: bytes
    target: str


def folders() -> st.SearchStrategy[list[Entry]]:
    """The entries of a folder of hand-ins."""
    kinds = st.sampled_from(["file"] * 8 + ["folder", "link", "pipe", "unreadable", "large"])
    targets = st.sampled_from([OUTSIDE, f"{OUTSIDE}/passwd", "..", ".", NOWHERE, f"../{SLUG}.py"])
    return st.lists(st.builds(Entry, names(_ON_DISK), kinds, files() | archives(), targets), max_size=6)


def place(folder: Path, entries: list[Entry], outside: Path) -> None:
    """Puts the entries beneath a folder, as far as they can be put there; nothing is ever written through a link."""
    for entry in entries:
        parts = [part for part in entry.name.split("/") if part not in ("", ".", "..")]
        path = folder.joinpath(*parts) if parts else folder / "x"
        inside = [parent for parent in path.parents if parent.is_relative_to(folder)]
        try:
            if os.path.lexists(path) or any(parent.is_symlink() for parent in inside):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            _put(path, entry, str(outside))
        except (OSError, ValueError):  # a name that is taken, or that no file can have
            continue


def _put(path: Path, entry: Entry, outside: str) -> None:
    match entry.kind:
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(entry.target.replace(OUTSIDE, outside))
        case "pipe":
            os.mkfifo(path)
        case kind:
            with path.open("xb") as file:
                file.write(entry.data)
                if kind == "large":
                    file.truncate(30 * 2**20)
                if kind == "unreadable":
                    os.fchmod(file.fileno(), 0)
