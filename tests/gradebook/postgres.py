"""A PostgreSQL server of one's own: in a scratch folder, on a socket in it, gone afterwards. Nothing of the machine is used."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_USERS = ("postgres", "nobody")  # PostgreSQL does not run as root; this is who it runs as where the test does
_SECONDS = 120


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest; None where it is not installed."""
    if (found := shutil.which("initdb")) and shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return debian[-1].parent if debian else None


def missing() -> str:
    """Why no server can be started here; empty where one can."""
    if programs() is None:
        return (
            "PostgreSQL is not installed: no initdb on PATH or in /usr/lib/postgresql (Debian's package `postgresql`)"
        )
    try:
        import psycopg2  # noqa: F401
    except ImportError:
        return "psycopg2 is not installed: pip install 'unstuck[postgresql]'"
    return "" if os.getuid() or _account() else f"PostgreSQL does not run as root, and there is no account {_USERS}"


def _account() -> str | None:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _USERS if name in known), None)


@contextmanager
def server(*, safe: bool = True) -> Iterator[str]:
    """The URL of an empty database; with `safe` false it does not wait for the disk."""
    found = programs()
    assert found is not None
    # Short: the path of a socket has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as name:
        data = Path(name) / "data"
        user = None
        if os.getuid() == 0:
            user = _account()
            assert user is not None
            shutil.chown(name, user)
        settings = f"-c listen_addresses='' -c unix_socket_directories={name} -c fsync={'on' if safe else 'off'}"

        def run(program: str, *words: str) -> None:
            done = subprocess.run(
                [str(found / program), *words], user=user, group=None, extra_groups=[] if user else None,
                cwd=name, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=_SECONDS, check=False,
            )  # fmt: skip
            if done.returncode != 0:
                log = Path(name) / "log"
                raise RuntimeError(
                    f"{program} failed:\n{done.stdout}{done.stderr}{log.read_text() if log.exists() else ''}"
                )

        run("initdb", "--pgdata", str(data), "--username=course", "--auth=trust", "--encoding=UTF8", "--no-sync")
        # pg_ctl's child would hold its pipes open: what the server says goes to a file.
        start = ("--pgdata", str(data), "--log", f"{name}/log", "--options", settings, "--wait", "--silent")
        run("pg_ctl", "start", *start)
        try:
            run("createdb", f"--host={name}", "--username=course", "gradebook")
            yield f"postgresql+psycopg2://course@/gradebook?host={name}"
        finally:
            run("pg_ctl", "stop", "--pgdata", str(data), "--mode=immediate", "--wait", "--silent")
