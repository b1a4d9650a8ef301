"""Archives: what is in them is graded, and nothing leaves the folder that they are unpacked to."""

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
import tiny_course

from autograder.course import Course
from autograder.grading.intake import submissions

SLUG = tiny_course.SLUG
WORK = b"def step(x, slope, rate):\n    return x\n"


def zipped(path: Path, *names: str) -> Path:
    """A zip archive of files with these names."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, WORK)
    return path


def tarred(path: Path, *members: tarfile.TarInfo, mode: str = "w:gz") -> Path:
    """A tar archive of these members."""
    with tarfile.open(path, mode) as archive:
        for member in members:
            member.size = len(WORK) if member.isfile() else 0
            archive.addfile(member, io.BytesIO(WORK) if member.isfile() else None)
    return path


def found(course: Course, path: Path, assignment: str | None = None) -> list[tuple[str, str, bytes]]:
    """Student, assignment and content of each submission in an archive."""
    with submissions(course, [path], assignment) as all_of_them:
        assert all(one.unreadable is None for one in all_of_them)
        files = [next(one.path.glob(f"{SLUG}*")) if one.path.is_dir() else one.path for one in all_of_them]
        return [(one.student, one.assignment, file.read_bytes()) for one, file in zip(all_of_them, files, strict=True)]


def refusal(course: Course, path: Path) -> str:
    """What is said of an archive that is not unpacked."""
    with submissions(course, [path]) as all_of_them:
        [one] = all_of_them
        assert one.unreadable is not None
        return one.unreadable


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"])
def test_every_common_archive_is_read(tiny: Course, inbox: Path, suffix: str) -> None:
    """Two students' hand-ins in an archive of any usual kind."""
    names = [f"class/ada/{SLUG}/{SLUG}.py", f"class/bo_{SLUG}.py"]
    path = inbox / f"class{suffix}"
    if suffix == ".zip":
        zipped(path, *names)
    else:
        kind = {".tar": "w", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}.get(suffix, "w:gz")
        tarred(path, *map(tarfile.TarInfo, names), mode=kind)
    assert found(tiny, path) == [("ada", SLUG, WORK), ("bo", SLUG, WORK)]


@pytest.mark.parametrize("name", ["ada.zip", "ada_t1_tiny.zip", "ada-t1_tiny.v2.zip"])
@pytest.mark.parametrize("member", [f"{SLUG}.py", f"{SLUG}/{SLUG}.py"])
def test_an_archive_of_one_hand_in_is_whose_name_it_bears(tiny: Course, inbox: Path, name: str, member: str) -> None:
    """A student who zips the notebook or its folder is known by the archive's name."""
    assert found(tiny, zipped(inbox / name, member)) == [("ada", SLUG, WORK)]


def test_what_archivers_add_is_left_out(tiny: Course, inbox: Path) -> None:
    """macOS's shadow files, checkpoints and data are no submissions, and a stray file is reported."""
    names = [f"__MACOSX/{SLUG}/._{SLUG}.py", f".ipynb_checkpoints/{SLUG}.ipynb", "data.csv", f"ada/{SLUG}.py"]
    assert found(tiny, zipped(inbox / "class.zip", *names)) == [("ada", SLUG, WORK)]
    with submissions(tiny, [zipped(inbox / "more.zip", *names, "notes.py")]) as all_of_them:
        assert [one.unreadable is None for one in all_of_them] == [True, False]


def test_archives_in_a_folder_are_not_overlooked(tiny: Course, inbox: Path) -> None:
    """They are named on the command line; in a folder each is reported, and the files beside them are found."""
    zipped(inbox / "ada.zip", f"{SLUG}.py")
    (inbox / f"bo_{SLUG}.py").write_bytes(WORK)
    with submissions(tiny, [inbox]) as all_of_them:
        assert [(one.student, one.assignment) for one in all_of_them] == [("ada", ""), ("bo", SLUG)]
        said = "ada.zip is an archive in a folder; name archives on the command line, as in inbox/*.zip"
        assert all_of_them[0].unreadable == said


def test_unpacked_files_are_gone_afterwards(tiny: Course, inbox: Path) -> None:
    """Archives are unpacked for as long as they are graded."""
    with submissions(tiny, [zipped(inbox / "ada.zip", f"{SLUG}.py")]) as [one]:
        assert one.path.exists()
        assert one.shown_path == str(inbox / "ada.zip")
    assert not one.path.exists()


@pytest.mark.parametrize("name", ["../evil.py", "a/../../evil.py", "/evil.py", "C:/evil.py", "..\\evil.py", "./"[:1]])
def test_paths_that_escape_spoil_the_archive(tiny: Course, inbox: Path, name: str) -> None:
    """Nothing of such an archive is unpacked; it is unreadable, by the name of the member."""
    for path in (
        zipped(inbox / "evil.zip", f"{SLUG}.py", name),
        tarred(inbox / "evil.tar.gz", tarfile.TarInfo(f"{SLUG}.py"), tarfile.TarInfo(name)),
    ):
        assert refusal(tiny, path).startswith(
            f"{path.name} holds a path that leaves its folder ({name!r}); nothing of it"
        )
    assert not list(inbox.parent.rglob("evil.py"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_spoil_the_archive(tiny: Course, inbox: Path, kind: bytes) -> None:
    """A link would let a later member be written elsewhere, or another's work be read."""
    special = tarfile.TarInfo(f"{SLUG}.ipynb")
    special.type, special.linkname = kind, "/etc/passwd"
    path = tarred(inbox / "ada.tar.gz", tarfile.TarInfo(f"{SLUG}.py"), special)
    assert refusal(tiny, path).startswith("ada.tar.gz holds a link or device ('t1_tiny.ipynb'); nothing of it")


def test_a_link_in_a_zip_spoils_it_too(tiny: Course, inbox: Path) -> None:
    """Zip archives keep links as files with a mark."""
    link = zipfile.ZipInfo(f"{SLUG}.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(inbox / "ada.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert refusal(tiny, inbox / "ada.zip").startswith("ada.zip holds a link or device")


@pytest.mark.parametrize("names", [[], ["report.pdf"], ["inner.zip"], [f"__MACOSX/{SLUG}.py"]])
def test_an_archive_of_nothing_to_grade_is_told(tiny: Course, inbox: Path, names: list[str]) -> None:
    """Whoever handed it in has a row that says so: nobody is left out in silence."""
    said = "ada.zip holds no notebook and no module; hand in the files themselves"
    assert refusal(tiny, zipped(inbox / "ada.zip", *names)) == said


def test_folders_without_end_spoil_the_archive(tiny: Course, inbox: Path) -> None:
    """Nobody hands in two thousand nested folders by accident."""
    path = zipped(inbox / "deep.zip", "a/" * 1500 + f"{SLUG}.py")
    assert refusal(tiny, path).startswith("deep.zip holds folders nested too deeply")


def test_a_promise_of_too_many_bytes_is_refused(tiny: Course, inbox: Path) -> None:
    """An archive bomb is told by the sizes that it declares, and not unpacked."""
    member = tarfile.TarInfo("zeros.bin")
    member.size = 3 * 2**30
    with (inbox / "bomb.tar").open("wb") as file:
        file.write(member.tobuf())
        file.truncate(member.size + 10_240)
    assert refusal(tiny, inbox / "bomb.tar").startswith("bomb.tar unpacks to more than is read")


@pytest.mark.parametrize("opened", [gzip.open, bz2.open, lzma.open])
def test_a_bomb_is_refused_by_its_header_alone(tiny: Course, inbox: Path, opened: Callable[..., IO[bytes]]) -> None:
    """The bytes of a member that is too large are not decompressed to find the next one: here they are not even there."""
    member = tarfile.TarInfo("zeros.bin")
    member.size = 3 * 2**30
    with opened(inbox / "bomb.tar.gz", "wb") as file:
        file.write(member.tobuf() + bytes(2**16))
    assert refusal(tiny, inbox / "bomb.tar.gz").startswith("bomb.tar.gz unpacks to more than is read")


def test_a_large_notebook_in_an_archive_is_unreadable_and_not_lost(tiny: Course, inbox: Path) -> None:
    """It keeps its size and its place in the list, so that its student is told; its bytes are not unpacked."""
    with zipfile.ZipFile(inbox / "class.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"ada_{SLUG}.ipynb", bytes(21 * 2**20))
        archive.writestr(f"bo_{SLUG}.py", WORK)
    with submissions(tiny, [inbox / "class.zip"]) as all_of_them:
        assert [one.student for one in all_of_them] == ["ada", "bo"]
        assert all_of_them[0].path.stat().st_size == 21 * 2**20
        assert all_of_them[0].path.stat().st_blocks == 0


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tar.xz"])
@pytest.mark.parametrize("damage", ["nonsense", "empty", "truncated", "flipped"])
def test_damaged_archives_are_unreadable(tiny: Course, inbox: Path, suffix: str, damage: str) -> None:
    """Whatever is wrong with the bytes, the archive is reported and the run goes on."""
    path = inbox / f"ada{suffix}"
    if suffix == ".zip":
        zipped(path, *[f"{name}_{SLUG}.py" for name in "abc"])
    else:
        kind = {".tar": "w", ".tar.xz": "w:xz"}.get(suffix, "w:gz")
        tarred(path, *[tarfile.TarInfo(f"{name}_{SLUG}.py") for name in "abc"], mode=kind)
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        for place in range(20, min(len(data), 600), 7):
            data[place] ^= 0xFF
    damaged = {
        "nonsense": os.urandom(3000),
        "empty": b"",
        "truncated": data[: min(len(data) // 3, 600)],
        "flipped": data,
    }[damage]
    path.write_bytes(damaged)
    assert refusal(tiny, path).startswith(f"{path.name} cannot be unpacked (")


def test_an_encrypted_archive_is_unreadable(tiny: Course, inbox: Path) -> None:
    """There is nobody to ask for a password."""
    path = zipped(inbox / "ada.zip", f"{SLUG}.py")
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1  # the flag "encrypted" in both headers
    path.write_bytes(data)
    assert "encrypted" in refusal(tiny, path)
