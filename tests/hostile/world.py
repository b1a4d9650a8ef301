"""What the corpus aims at, in a throwaway folder: a course with planted words, other students' work, a process, ports."""

import json
import os
import py_compile
import select
import sqlite3
import subprocess
import sys
import time
import zlib
from pathlib import Path

import range_course
from range_course import HONEST, SLUG

WORDS = {
    place: f"planted_{place}_7c1e"
    for place in (
        "neighbour", "record", "gradebook", "history", "environment", "memory", "deleted", "folder", "shm", "sysv", "message",
        "left", "next",
    )
}  # fmt: skip
_BYSTANDER = Path(__file__).with_name("bystander.py")


class World:
    """The targets. Use as a context manager: at its end the process goes, and with it the shared memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.course = range_course.write(folder / "course")
        self.inbox = folder / "inbox"
        neighbour = self.inbox / "neighbour" / f"{SLUG}.py"
        neighbour.parent.mkdir(parents=True)
        neighbour.write_text(f"# {WORDS['neighbour']}\n{HONEST}", encoding="utf-8")
        _plant(self.course.root)
        self._process = _start_bystander(folder / "bystander")
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        self._out = self._process.stdout.fileno()
        self._heard = b""
        self._before: dict[int, object] = {}
        self._values = {"root": str(self.course.root), "inbox": str(self.inbox), "neighbour": str(neighbour), **told}

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=10)

    def aim(self, number: int) -> dict[str, str]:
        """The values that an attack's text is filled with; its own folder holds one precious file."""
        own = self._own(number)
        own.mkdir(parents=True)
        os.chmod(own, 0o777)
        (own / "precious").write_text("untouched", encoding="utf-8")
        self._before[number] = _state(own)
        return {**self._values, "folder": str(own)}

    def changed(self, number: int) -> bool:
        """Whether anything in an attack's folder is not as it was."""
        return _state(self._own(number)) != self._before[number]

    def heard(self) -> str:
        """All that the process and its ports have heard so far."""
        time.sleep(0.1)  # it looks at its own memory every 20 ms
        while select.select([self._out], [], [], 0.05)[0] and (part := os.read(self._out, 1 << 16)):
            self._heard += part
        return self._heard.decode(errors="replace")

    def _own(self, number: int) -> Path:
        return self.folder / "own" / f"{number:04}"


def _state(folder: Path) -> object:
    """Names, contents, modes, owners, times and attributes of all in a folder; not when it was last read."""
    rows = []
    for path in sorted(folder.iterdir()):
        now = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        about = (now.st_mode, now.st_nlink, now.st_uid, now.st_gid, now.st_mtime_ns, now.st_ctime_ns)
        rows.append((path.name, about, content, os.listxattr(path, follow_symlinks=False)))
    return rows


def _plant(root: Path) -> None:
    """A secret readable by all, byte code of the reference, a record, a gradebook, a commit's object: as a course collects them."""
    reference = root / "solutions" / f"{SLUG}.py"
    py_compile.compile(str(reference), doraise=True)
    record = root / ".autograder" / "records" / SLUG / "record.json"
    record.parent.mkdir(parents=True)
    record.write_text(WORDS["record"], encoding="utf-8")
    with sqlite3.connect(root / "gradebook.db") as gradebook:
        gradebook.execute("create table grade (score text)")
        gradebook.execute("insert into grade values (?)", (WORDS["gradebook"],))
    gradebook.close()
    blob = root / ".git" / "objects" / "5b" / ("1c" * 19)
    blob.parent.mkdir(parents=True)
    blob.write_bytes(zlib.compress(b"blob 99\0" + WORDS["history"].encode()))


def _start_bystander(folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir()
    (folder / "own").write_text(WORDS["folder"], encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_BYSTANDER), json.dumps(WORDS)],
        cwd=folder,
        env={"SECRET": WORDS["environment"]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
