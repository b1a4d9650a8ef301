"""A file is written whole or not at all; what stands in the way is named, with what to do."""

import os
import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.grading import atomic
from autograder.grading.atomic import KeepError


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_file_is_replaced_and_no_part_stays(tmp_path: Path) -> None:
    """Folders on the way are made."""
    path = tmp_path / "new" / "file"
    atomic.write(path, [b"one", b"two"])
    atomic.write(path, [b"three"], tmp_path / "scratch")
    assert path.read_bytes() == b"three"
    assert [item.name for item in sorted(tmp_path.rglob("*"))] == ["new", "file", "scratch"]


def test_a_writer_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """Whatever raised in the middle."""
    path = tmp_path / "file"
    path.write_text("old")

    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic.write(path, chunks())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file(small_disk: Path) -> None:
    """The message names the file, the reason and the remedy; a retry after making room succeeds."""
    path = small_disk / "file"
    path.write_text("old")
    with pytest.raises(KeepError) as failed:
        atomic.write(path, [b"x" * 4096] * 100)
    assert str(failed.value) == (
        f"{path} cannot be written (No space left on device). Nothing that was there is lost: make room on that disk, then "
        "run the same command again."
    )
    assert (path.read_text(), list(small_disk.iterdir())) == ("old", [path])
    atomic.write(path, [b"new"])
    assert path.read_text() == "new"


def test_a_limit_on_the_size_of_files_leaves_the_old_file(tmp_path: Path) -> None:
    """As a full disk does, and without being root."""
    path = tmp_path / "file"
    path.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    try:
        with pytest.raises(KeepError, match=r"File too large.*ulimit -f"):
            atomic.write(path, [b"x" * (1 << 17)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])


def test_a_disk_that_may_only_be_read_is_named(small_disk: Path) -> None:
    """Nothing is tried twice, nothing stays."""
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(KeepError, match=r"Read-only file system.*make that disk writable"):
        atomic.write(small_disk / "file", [b"new"])
    assert list(small_disk.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    """The remedy is to remove it."""
    (tmp_path / "folder").write_text("")
    with pytest.raises(KeepError, match="remove the file that stands where a folder must be"):
        atomic.write(tmp_path / "folder" / "file", [b"new"])


def test_parts_of_killed_writers_are_swept_away(tmp_path: Path) -> None:
    """Those that may still be written stay, and so does every other file."""
    names = {".dead.part": 7200, ".written.part": 10, "file": 7200, "file.part": 7200}
    for name, age in names.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    atomic.sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == names.keys() - {".dead.part"}
    atomic.sweep(tmp_path / "none")
