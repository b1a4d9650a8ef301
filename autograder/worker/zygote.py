"""The zygote: a fresh interpreter that imports torch once and forks one confined worker per request.

Run by path with `-S -s -P` in an empty environment, so that it holds nothing of the grader's: no checks, no secrets, no
submission. It must never run student code, a backward pass, or an operation on two threads: its children could hang.

Control messages (JSON over a SOCK_SEQPACKET socket): `{"do": "fork", …}` with the worker's socket attached is answered by
`{"pid": …}` with a pidfd attached; `{"do": "reap", "pid": …}` by the exit status and the resources used.
`{"do": "prepare", …}` with a control socket attached forks another zygote, which has made ready what all workers of an
assignment need; it is answered by `{"pid": …}`, and serves that socket as this one does its own, after a `{"ready": true}`
or an `{"error": …}`.
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
    "msgspec", "numpy", "numpy.random", "torch", "torch.nn.functional", "torch.optim", "torch.func", "torch.autograd.functional",
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
    for name in ("serve", "confine", "forbidden", "simulated"):
        importlib.import_module(name)
    pages = importlib.import_module("pages")
    importlib.import_module("serve").remember_modules()
    _forget()
    gc.collect()
    gc.freeze()
    pages.use_huge_pages()


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


def _prepare(control: socket.socket, descriptor: int, order: dict[str, Any]) -> None:
    """Forks a zygote that watches what an assignment forbids and knows the simulated device, if it is asked for."""
    parent = os.getpid()
    child = os.fork()
    if child:
        os.close(descriptor)
        control.send(json.dumps({"pid": child}).encode())
        return
    try:
        import confine
        import forbidden
        import serve
        import simulated

        confine.tie_to(parent)
        control.close()
        ours = socket.socket(fileno=descriptor)
        try:
            forbidden.watch(order["forbidden"])
            if order["simulated"]:
                simulated.register()
                _try_simulated_device()
        except simulated.Unavailable as error:
            ours.send(json.dumps({"error": str(error)[:500]}).encode())
            os._exit(3)
        serve.remember_modules()  # with those that making ready has imported
        gc.freeze()
        ours.send(b'{"ready": true}')
        _serve(ours)
    finally:
        os._exit(4)


def _try_simulated_device() -> None:
    """Tries it in a child of its own, since a process that ran a backward pass must not fork workers."""
    import simulated

    told, tells = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            simulated.try_out()
        except simulated.Unavailable as error:
            os.write(tells, str(error).encode()[:500])
        finally:
            os._exit(0)
    os.close(tells)
    with os.fdopen(told, "rb") as pipe:
        fault = pipe.read()
    os.waitpid(child, 0)
    if fault:
        raise simulated.Unavailable(fault.decode())


def _serve(control: socket.socket) -> None:
    """Answers orders until the other side closes the socket."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
        if not message:
            return
        order = json.loads(message)
        match order["do"]:
            case "fork":
                _fork(control, descriptors[0], order)
            case "prepare":
                _prepare(control, descriptors[0], order)
            case _:
                _reap(control, order["pid"])


def main() -> None:
    """Makes ready, then serves the grader until it closes the control socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    _preload()
    control.send(b'{"ready": true}')
    _serve(control)


if __name__ == "__main__":
    # The site folders come by name: with -S no .pth file of the environment runs here.
    sys.path.insert(0, _HERE)
    sys.path += json.loads(sys.argv[2])
    main()
