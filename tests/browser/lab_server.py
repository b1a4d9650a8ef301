"""A real Jupyter server with JupyterLab and nbgrader's extensions, as `jupyter lab` starts it in a folder."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

TOKEN = "for-the-browser-tests"
_STARTS_WITHIN = 120  # seconds
_QUIET = (
    "--no-browser",
    "--allow-root",
    "--ServerApp.port=0",  # a free one
    f"--IdentityProvider.token={TOKEN}",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",  # these two ask the network
    "--LabApp.news_url=",
)
_SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},  # all cells are in the page, seen or not
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false"},  # and it does not ask
}


@dataclass(frozen=True)
class Server:
    """A server that answers: its address, and where it writes what happens."""

    url: str
    log: Path

    def link(self, place: str) -> str:
        """The address of a place behind the login, as `jupyter lab` prints one."""
        return f"{self.url}login?token={TOKEN}&next={quote('/' + place)}"


@contextmanager
def serving(root: Path, home: Path) -> Iterator[Server]:
    """A server for the folder `root`; its settings and its log are in `home`.

    It is started by its path: the environment is not activated, which is how a hub starts servers.
    """
    runtime, log = home / "runtime", home / "server.log"
    for name, settings in _SETTINGS.items():
        path = home / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    command = [Path(sys.executable).with_name("jupyter"), "lab", *_QUIET, f"--ServerApp.root_dir={root}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=root,
            env=_environment(home, runtime),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Server(_address(process, runtime, log), log)
    finally:
        _stop(process)


def _environment(home: Path, runtime: Path) -> dict[str, str]:
    bin_folder = str(Path(sys.executable).parent)
    path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != bin_folder)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("UNSTUCK_", "PYTEST_", "JUPYTER"))
    }
    return kept | {
        "PATH": path,
        "HOME": str(home),
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }


def _address(process: "subprocess.Popen[bytes]", runtime: Path, log: Path) -> str:
    """The address that the server writes down once it listens."""
    path = runtime / f"jpserver-{process.pid}.json"
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        if path.is_file():
            try:
                known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            except ValueError:  # half written
                continue
            return str(known["url"])
        time.sleep(0.05)
    said = log.read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"the Jupyter server did not start within {_STARTS_WITHIN} s:\n{said[-3000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the server with its kernels: by its own way, and what is left of its session then."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
