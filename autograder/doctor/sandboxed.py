"""Whether student code can be confined here, and on which devices it can run: tried, not read off."""

import ctypes
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.doctor.finding import Finding, missing, ok, problem

if TYPE_CHECKING:
    from autograder.sandbox.sandbox import Sandbox

PART, DEVICES = "isolation", "devices"
_LANDLOCK_VERSION = (444, None, 0, 1)  # landlock_create_ruleset, asked for its version
_KERNEL = "use Linux 5.13 or later; in a container, one that allows it. `--unsafe` grades without, work that you trust"
_LAYERS = {
    "landlock": "boot with `lsm=landlock,…`, or use a kernel with CONFIG_SECURITY_LANDLOCK (5.13 or later)",
    "seccomp": "use a kernel with CONFIG_SECCOMP_FILTER, on x86-64 or AArch64",
    "rlimits": "lift the hard limits of your session (`ulimit -H -a`), which must be above those of a worker",
}


def sandboxed(root: Path | None) -> Iterator[Finding]:
    """Findings on kernel, each layer, all layers together, and devices; a worker is started for each."""
    yield ok(PART, "kernel", f"{os.uname().sysname} {os.uname().release}, Landlock version {landlock_version()}")
    try:
        from autograder.sandbox.sandbox import Sandbox, refuse_readable
        from autograder.sandbox.zygote import SandboxError
    except (ImportError, OSError) as error:  # torch that is broken, or was installed for another machine
        yield problem(PART, "workers", f"torch cannot be loaded ({error})", "install torch anew", stops=True)
        return
    try:
        if root is not None:
            refuse_readable(root)
        with tempfile.TemporaryDirectory(prefix="unstuck-doctor-") as scratch:
            # matplotlib's list of fonts takes seconds to make: that of the course, where grading has left one.
            has_list = root is not None and (root / ".autograder" / "matplotlib").is_dir()
            with Sandbox(root if root is not None and has_list else Path(scratch)) as one:
                yield from _tried(one)
    except SandboxError as error:
        yield problem(PART, "workers", one_sentence(error), "mend that, nothing can be graded before", stops=True)
    except OSError as error:
        remedy = "make room in the folder for temporary files, or name another in TMPDIR"
        yield problem(PART, "temporary files", str(error), remedy, stops=True)


def _tried(sandbox: "Sandbox") -> Iterator[Finding]:
    layers = list(_layers(sandbox))
    yield from layers
    if all(one.state == "ok" for one in layers):
        yield _all_together(sandbox)
    yield from _devices(sandbox)


def landlock_version() -> int:
    """The version of Landlock here, 0 where there is none."""
    return max(0, int(ctypes.CDLL(None).syscall(*_LANDLOCK_VERSION)))


def one_sentence(error: Exception) -> str:
    """What went wrong, without the advice of a command that was not given."""
    return str(error).split(" Nothing was graded.")[0].strip().rstrip(".")


def _layers(sandbox: "Sandbox") -> Iterator[Finding]:
    """A worker confined by each layer alone."""
    from autograder.sandbox.zygote import SandboxError

    sandbox.zygote.fork(layers=()).end()  # what fails here has nothing to do with a layer
    for layer, remedy in _LAYERS.items():
        try:
            sandbox.zygote.fork(layers=(layer,)).end()
            yield ok(PART, layer, "a worker takes it on")
        except SandboxError as error:
            yield problem(PART, layer, one_sentence(error), remedy, stops=True)


def _all_together(sandbox: "Sandbox") -> Finding:
    """The self-test of every grading run."""
    if found := sandbox.escapes():
        return problem(PART, "self-test", f"a confined worker {', '.join(found)}", _KERNEL, stops=True)
    return ok(PART, "self-test", "a confined worker reads, writes, connects, starts and signals nothing")


def _devices(sandbox: "Sandbox") -> Iterator[Finding]:
    from autograder.sandbox.session import CUDA
    from autograder.sandbox.zygote import Needs, SandboxError

    yield ok(DEVICES, "cpu", f"{os.uname().machine}")
    try:
        sandbox.zygote.fork(Needs(simulated=True), layers=()).end()
        yield ok(DEVICES, "simulated", "device checks run on it, on every machine")
    except SandboxError as error:
        yield problem(
            DEVICES, "simulated", one_sentence(error), "install the torch of requirements.txt; device checks need it"
        )
    if CUDA not in sandbox.devices:
        said = "torch sees no CUDA device, so device checks run on the simulated one alone"
        yield missing(DEVICES, "cuda", said, "grade on a machine with a GPU, and a torch made for it, if you want both")
        return
    try:
        sandbox.zygote.fork(cuda=True).end()
        yield ok(DEVICES, "cuda", "device checks run on it too")
    except SandboxError as error:
        yield problem(DEVICES, "cuda", one_sentence(error), "grade with `--device cpu`")
