"""The zygote: a fresh interpreter that imports torch once and forks one confined worker per request.

Run by path with `-S -s -P` in an empty environment, so that it holds nothing of the grader's: no checks, no secrets, no
submission. It must never run student code, a backward pass, or an operation on two threads: its children could hang.

Control messages (JSON over a SOCK_SEQPACKET socket): `{"do": "fork", …}` with the worker's socket attached is answered by
`{"pid": …}` with a pidfd attached; `{"do": "reap", "pid": …}` by the exit status and the resources used.
"""

import contextlib
import gc
import importlib
import json
import os
import socket
import sys
from typing import Any

PRELOADED = (
    "msgspec", "numpy", "torch", "torch.nn.functional", "torch.optim", "torch.func", "torch.autograd.functional",
    "torch.utils._python_dispatch", "torch._dynamo", "torch._decomp.decompositions_for_jvp",
    "dataclasses", "typing", "collections", "functools", "itertools",
    "abc", "enum", "fractions", "statistics", "decimal", "copy", "warnings", "linecache", "traceback",
    "IPython.core.inputtransformer2", "matplotlib.pyplot",
)  # fmt: skip


_HERE = os.path.dirname(os.path.abspath(__file__))


def _preload() -> None:
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    importlib.import_module("serve")
    importlib.import_module("confine")
    importlib.import_module("simulated")
    _forget()
    gc.collect()
    gc.freeze()


def _forget() -> None:
    """Drops what the children need not know: the environment, the arguments, the way to this folder."""
    for name in set(os.environ) - {"LANG", "OMP_NUM_THREADS"}:
        del os.environ[name]
    del sys.argv[1:]
    sys.path.remove(_HERE)


def _become_worker(control: socket.socket, descriptor: int, order: dict[str, Any], parent: int) -> None:
    import confine
    import serve

    confine.tie_to(parent)
    control.close()
    channel = os.dup2(descriptor, 3)
    os.closerange(4, 4096)
    os.dup2(1, 2)  # what workers print goes to /dev/null: a pipe that they share would fill, and block them all
    os.chdir("/")
    try:
        confine.confine(order["layers"], order["readable"], order["memory"], order["cpu_seconds"], order.get("devices"))
    except OSError as error:
        os.write(channel, b"!" + str(error).encode()[:500])
        os._exit(3)
    os.write(channel, b".")
    with contextlib.suppress(EOFError):
        serve.Worker(channel).serve()
    os._exit(0)


def _fork(control: socket.socket, descriptor: int, order: dict[str, Any]) -> None:
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            _become_worker(control, descriptor, order, parent)
        finally:
            os._exit(4)
    os.close(descriptor)
    pidfd = os.pidfd_open(child)
    socket.send_fds(control, [json.dumps({"pid": child}).encode()], [pidfd])
    os.close(pidfd)


def _reap(control: socket.socket, pid: int) -> None:
    _, status, usage = os.wait4(pid, 0)
    answer = {
        "status": os.waitstatus_to_exitcode(status),
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss * 1024,
    }
    control.send(json.dumps(answer).encode())


def main() -> None:
    """Serves fork and reap requests until the grader closes the control socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    _preload()
    control.send(b'{"ready": true}')
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
        if not message:
            return
        order = json.loads(message)
        if order["do"] == "fork":
            _fork(control, descriptors[0], order)
        else:
            _reap(control, order["pid"])


if __name__ == "__main__":
    # The site folders come by name: with -S no .pth file of the environment runs here.
    sys.path.insert(0, _HERE)
    sys.path += json.loads(sys.argv[2])
    main()
