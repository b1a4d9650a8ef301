"""The sandbox as a whole: proves by doing that it holds, before anything is graded; says what it consists of."""

import contextlib
import os
import tempfile
import threading
from pathlib import Path

import torch

from autograder.sandbox.remote import Recording, StudentModule
from autograder.sandbox.session import CUDA, SIMULATED, Deadlines, Session, Submitted
from autograder.sandbox.zygote import LAYERS, Limits, SandboxError, Zygote, readable_folders

_PROBE = """
import mmap
import os

def escapes(marker, folder, memory):
    found = []
    def attempt(name, action):
        try:
            action()
        except (OSError, MemoryError):
            return
        found.append(name)
    attempt("reads files", lambda: open(marker).read())
    attempt("changes modes of files", lambda: os.chmod(marker, 0o600))
    attempt("lists folders", lambda: os.listdir(folder))
    attempt("writes files", lambda: open(os.path.join(folder, "written"), "w"))
    attempt("reads other processes", lambda: open(f"/proc/{os.getppid()}/environ").read())
    attempt("opens sockets", lambda: __import__("socket").socket())
    attempt("starts processes", lambda: os.fork() or os._exit(0))
    attempt("signals processes", lambda: os.kill(os.getppid(), 0))
    attempt("opens io_uring", lambda: _system_call(425, 4, None))
    attempt("takes memory without limit", lambda: mmap.mmap(-1, memory))
    return found

def _system_call(*arguments):
    import ctypes
    if ctypes.CDLL(None, use_errno=True).syscall(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
"""


class Sandbox:
    """A zygote whose workers have been seen to be confined, and the devices that checks run on. Use as a context manager.

    With `unsafe`, workers run without confinement and every result says so. This process's torch computes on one thread from
    then on, as workers do: sums of more come out otherwise, and there is a grader a core already.
    """

    def __init__(
        self,
        root: Path,
        *,
        unsafe: bool = False,
        device: str = "auto",
        layers: tuple[str, ...] = LAYERS,
        limits: Limits | None = None,
    ) -> None:
        torch.set_num_threads(1)
        self._root = root
        self._unsafe = unsafe
        self._proved = False
        self._lock = threading.Lock()
        self.layers = () if unsafe else layers
        self.devices = devices(device)
        if not unsafe:
            refuse_readable(root)
        self.zygote = Zygote(layers=self.layers, limits=limits, cache=root / ".autograder" / "matplotlib")
        self._trusted: Session | None = None

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the zygote and every worker."""
        if self._trusted is not None:
            with contextlib.suppress(SandboxError):  # of a zygote that has died
                self._trusted.close()
        self.zygote.close()

    @property
    def isolation(self) -> str:
        """What confines a worker, as every result records it."""
        return "+".join(self.layers) or "none"

    def ready(self) -> None:
        """Returns once the sandbox has been seen to hold; `SandboxError` where it does not."""
        with self._lock:
            if not self._proved and not self._unsafe:
                self.prove()
            self._proved = True

    def session(self, submitted: Submitted, deadlines: Deadlines | None = None) -> Session:
        """A session for a submission; the first one waits for the proof that the sandbox holds."""
        self.ready()
        return Session(self.zygote, submitted, deadlines)

    def session_of_ours(self, submitted: Submitted) -> Session:
        """The one session that loads our own modules, the reference and its mistakes, one over the other."""
        if self._trusted is None:
            self._trusted = Session(self.zygote, submitted)
        else:
            self._trusted.replace(submitted)
        return self._trusted

    def prove(self) -> None:
        """Lets a worker try to read, write, reach out and multiply; `SandboxError` where it succeeds in any."""
        if found := self.escapes():
            raise SandboxError(
                f"The sandbox does not hold here: a confined worker {', '.join(found)}. Nothing was graded. "
                "Use Linux 5.13 or later with Landlock and seccomp; or, for work that you trust, `--unsafe`, "
                "which every result records."
            )

    def escapes(self) -> list[str]:
        """What a worker of this sandbox can do that it should not."""
        with tempfile.TemporaryDirectory(prefix="unstuck-probe-") as folder:
            marker = Path(folder) / "marker"
            marker.write_text("read me")
            os.chmod(folder, 0o777)
            session = Session(self.zygote, Submitted("probe", (_PROBE,), False, ("escapes",)))
            try:
                found = StudentModule(session, Recording(), ()).escapes(
                    str(marker), folder, 2 * self.zygote.limits.memory + (64 << 20)
                )
            finally:
                session.close()
        return [str(name) for name in found]


def devices(device: str) -> tuple[str, ...]:
    """The devices that device checks run on: the simulated one always, CUDA where there is one (`auto`) or as asked."""
    present = torch.cuda.is_available()
    if device == "cuda" and not present:
        raise SandboxError("--device cuda: torch sees no CUDA device here; use --device auto or cpu.")
    return (SIMULATED, CUDA) if device != "cpu" and present else (SIMULATED,)


def refuse_readable(root: Path) -> None:
    """Refuses a course beneath a folder that workers may read: Landlock cannot take a part of a granted folder back."""
    here = root.resolve()
    for folder in readable_folders():
        if here.is_relative_to(folder):
            raise SandboxError(
                f"The course lies in {folder}, which student code may read; move the course to a folder of its own."
            )
