"""A root of its own for a container: the machine's programs and libraries, read-only, and /autograder; nothing else is there.

Made of bind mounts in a mount namespace, which end with the process. Needs the right to mount.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

_SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache")
_DEVICES = ("/dev/null", "/dev/urandom")


def command(root: Path, autograder: Path, line: str) -> list[str]:
    """The command that runs a line in such a root, in /autograder."""
    bound = [path for path in (*_SYSTEM, sys.base_prefix) if Path(path).exists()]
    script = ["set -e", "mount --make-rprivate /"]
    for path in [*bound, *_DEVICES]:
        place = root / path.lstrip("/")
        if Path(path).is_symlink():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(os.readlink(path))
            continue
        (place if Path(path).is_dir() else place.parent).mkdir(parents=True, exist_ok=True)
        if not Path(path).is_dir():
            place.touch()
        script.append(f"mount --bind {shlex.quote(path)} {shlex.quote(str(place))}")
        if path not in _DEVICES:
            script.append(f"mount -o remount,bind,ro {shlex.quote(str(place))}")
    (root / "autograder").mkdir()
    (root / "tmp").mkdir()
    (root / "proc").mkdir()
    script.append(f"mount --bind {shlex.quote(str(autograder))} {shlex.quote(str(root / 'autograder'))}")
    script.append(f"mount -t proc proc {shlex.quote(str(root / 'proc'))}")
    inside = f"cd /autograder && {line}"
    script.append(
        f"exec chroot {shlex.quote(str(root))} /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root bash -c {shlex.quote(inside)}"
    )
    return ["unshare", "--mount", "--pid", "--fork", "bash", "-c", "\n".join(script)]


def refusal() -> str:
    """Why no such root can be made here; nothing where it can."""
    for program in ("unshare", "chroot", "mount"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "bash", "-c", "mount --make-rprivate / && mount -t tmpfs none /mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    return tried.stderr.strip() if tried.returncode else ""
