"""A terminal of a fixed size that can be typed into and looked at: tmux."""

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT = 120, 32
PROMPT = "$ "
WAIT = 120  # seconds


def executable() -> str | None:
    """The path of tmux, or None."""
    return shutil.which("tmux")


@dataclass(frozen=True)
class Terminal:
    """A shell in a terminal."""

    environment: dict[str, str]

    def enter(self, line: str) -> None:
        """Type a line and press Enter."""
        self._tmux("send-keys", "-l", line)
        self._tmux("send-keys", "Enter")

    def screen(self, *, colours: bool = False) -> str:
        """What is on the screen, without the empty lines at its end."""
        return self._tmux("capture-pane", "-p", *(["-e"] if colours else [])).rstrip("\n")

    def seen(self, pattern: str) -> str:
        """The screen, in colours, once the pattern is on it."""
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            shown = self.screen(colours=True)
            if re.search(pattern, _plain(shown), re.MULTILINE):
                return shown
            time.sleep(0.02)
        raise AssertionError(f"not seen within {WAIT} s: {pattern}\n{self.screen()}")

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", *arguments], env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout


def _plain(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;:]*m", "", shown)


@contextmanager
def terminal(folder: Path, sockets: Path, environment: dict[str, str]) -> Iterator[Terminal]:
    """A shell in a folder, in a terminal of its own; all that runs in it ends with it."""
    mine = environment | {"TMUX_TMPDIR": str(sockets), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    mine.pop("TMUX", None)
    size = ["-x", str(WIDTH), "-y", str(HEIGHT)]
    shell = f"exec env PS1={shlex.quote(PROMPT)} sh -i"
    command = ["tmux", "-u", "-f", os.devnull, "new-session", "-d", *size, "-c", str(folder), shell]
    subprocess.run(command, env=mine, check=True)
    try:
        yield Terminal(mine)
    finally:
        subprocess.run(["tmux", "kill-server"], env=mine, check=False)
