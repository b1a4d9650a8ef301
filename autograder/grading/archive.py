"""Archives that were handed in, unpacked without trusting a name, a size or a byte in them."""

import os
import shutil
import stat
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.grading.atomic import cannot_write, lacks_room
from autograder.grading.notebook import NOTEBOOK_LIMIT, UnreadableError

SUFFIXES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz")
_MOST_BYTES = 2 * 2**30  # unpacked
_MOST_FILES = 100_000
_DEEPEST = 20  # folders


def is_archive(path: Path) -> bool:
    """Whether this is a file named like an archive."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def student_of(path: Path, slugs: list[str]) -> str:
    """Whom an archive is named after, without the assignment's name: `ada_SLUG.tar.gz` is ada's."""
    name = path.name.split(".")[0]
    slug = next((slug for slug in slugs if name.endswith(slug)), "")
    return name.removesuffix(slug).rstrip("_-") or name or "archive"


def unpack(path: Path, folder: Path, suffixes: tuple[str, ...]) -> None:
    """Unpacks the files with these suffixes; `UnreadableError`, and no file, where any name of the archive is not harmless.

    Raises:
        KeepError: there is no room for them.
    """
    try:
        if zipfile.is_zipfile(path):
            _unpack_zip(path, folder, suffixes)
        else:
            _unpack_tar(path, folder, suffixes)
    except UnreadableError:
        raise
    except Exception as error:  # bytes from anyone: the readers of seven formats raise whatever they like
        if isinstance(error, OSError) and lacks_room(error):
            raise cannot_write(folder, error) from None
        raise UnreadableError(f"{path.name} cannot be unpacked ({error}); make the archive again") from None


def _unpack_zip(path: Path, folder: Path, suffixes: tuple[str, ...]) -> None:
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        links = [stat.S_ISLNK(info.external_attr >> 16) for info in infos]
        _refuse_harm(path, [(info.filename, info.file_size, link) for info, link in zip(infos, links, strict=True)])
        for info in infos:
            if info.filename.endswith(suffixes):
                with archive.open(info) as source:
                    _write(source, folder / info.filename, info.file_size)


def _unpack_tar(path: Path, folder: Path, suffixes: tuple[str, ...]) -> None:
    with tarfile.open(path) as archive:
        infos: list[tarfile.TarInfo] = []
        read = 0
        for (
            info
        ) in archive:  # the next header stands behind this member's bytes, all of which are decompressed to find it
            read += info.size
            _refuse_size(path, len(infos), read)
            if not info.isdir():
                infos.append(info)
        _refuse_harm(path, [(info.name, info.size, not info.isfile()) for info in infos])
        for info in infos:
            source = archive.extractfile(info) if info.name.endswith(suffixes) else None
            if source is not None:
                _write(source, folder / info.name, info.size)


def _refuse_harm(path: Path, rows: list[tuple[str, int, bool]]) -> None:
    """Refuses an archive for its names, sizes and kinds of member, before any of it is unpacked."""
    _refuse_size(path, len(rows), sum(size for _, size, _ in rows))
    for name, _, special in rows:
        shown = f"{path.name} holds {{}} ({name[:80]!r}); nothing of it was unpacked, make it of the submissions only"
        parts = PurePosixPath(name.replace("\\", "/"))
        if not parts.parts or parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
            raise UnreadableError(shown.format("a path that leaves its folder"))
        if len(parts.parts) > _DEEPEST:
            raise UnreadableError(shown.format("folders nested too deeply"))
        if special:
            raise UnreadableError(shown.format("a link or device"))


def _refuse_size(path: Path, files: int, size: int) -> None:
    if files > _MOST_FILES or size > _MOST_BYTES:
        raise UnreadableError(f"{path.name} unpacks to more than is read; hand in the submissions only")


def _write(source: IO[bytes], target: Path, size: int) -> None:
    """Writes a member; one that is too large to be read anyway is left empty beyond its limit, at its own size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        if size <= NOTEBOOK_LIMIT:
            shutil.copyfileobj(source, file)
        else:
            os.truncate(file.fileno(), size)
