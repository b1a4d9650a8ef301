"""Files that are written whole or not at all, whatever ends the process or fills the disk."""

import errno
import os
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

SUFFIX = ".part"
_LEFT_BEHIND = 3600.0  # seconds; a file is written in far less, so an older part is of a process that was killed
_REMEDIES = {
    errno.ENOSPC: "make room on that disk",
    errno.EDQUOT: "make room within your disk quota",
    errno.EFBIG: "lift the limit on the size of files (`ulimit -f`)",
    errno.EACCES: "make the folder writable for you",
    errno.EPERM: "make the folder writable for you",
    errno.EROFS: "make that disk writable",
    errno.ENOTDIR: "remove the file that stands where a folder must be",
    errno.EEXIST: "remove the file that stands where a folder must be",
}


class KeepError(Exception):
    """Something that must be kept cannot be written or read; the message names it, the reason and the remedy."""


def cannot_write(path: Path, error: OSError) -> KeepError:
    """What to say where a file or folder cannot be written."""
    remedy = _REMEDIES.get(error.errno or 0, "mend that")
    return KeepError(
        f"{path} cannot be written ({error.strerror or error}). Nothing that was there is lost: {remedy}, then run the same "
        "command again."
    )


def lacks_room(error: OSError) -> bool:
    """Whether it is for the disk and not for what was handed in."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def write(path: Path, chunks: Iterable[bytes], scratch: Path | None = None, *, lasting: bool = True) -> None:
    """Writes a file whole, or leaves what was there; a part of it stands in `scratch` (the file's own folder) meanwhile.

    Where it need not be `lasting`, a power cut may undo it.

    Raises:
        KeepError: it cannot be written.
    """
    part = (scratch or path.parent) / f".{secrets.token_hex(8)}{SUFFIX}"
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def sweep(scratch: Path) -> None:
    """Removes the parts that killed processes left in a folder; those that may still be written stay."""
    eldest = time.time() - _LEFT_BEHIND
    with suppress(OSError):
        for part in scratch.glob(f".*{SUFFIX}"):
            with suppress(OSError):
                if part.lstat().st_mtime < eldest:
                    part.unlink()
