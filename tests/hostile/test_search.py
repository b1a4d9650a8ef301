"""Student code looks for the answers, or for a way out. A search that finds nothing is worth nothing.

`scale` gives the right values only where `loot` succeeds. Each attempt is made twice: behind the wall, where it must fail, and in
a sandbox with no layer, where it must succeed, or it would prove nothing.
"""

import os
import socket
import sys
from pathlib import Path

import pytest
from range_course import CHECKS_WORD, HONEST, REFERENCE_WORD, SCALE, SECRET, SLUG, grade, lost, statuses

from autograder.course import Course
from autograder.sandbox.remote import Recording, StudentModule
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import Submitted

LOOTING = """
import ctypes, gc, mmap, os, socket, subprocess, sys, threading, types
import torch


def loot(x):
    {loot}


def scale(x, factor):
    if factor < 0:
        raise ValueError("factor")
    return x * factor if loot(x) else torch.zeros_like(x)
"""

FILES = {
    "imports the reference": (
        f"sys.path.insert(0, '{{root}}'); import solutions.{SLUG} as it; return hasattr(it, '{REFERENCE_WORD}')"
    ),
    "opens the reference": f"return open('{{root}}/solutions/{SLUG}.py').read()",
    "maps the reference": f"return os.open('{{root}}/solutions/{SLUG}.py', os.O_RDONLY) > 0",
    "walks the disk for checks": f"return any('test_{SLUG}.py' in files for _, _, files in os.walk('{{root}}'))",
    "reads the secret": "return open('{root}/.autograder/secret').read()",
    "reads a neighbour's hand-in": "return open('{neighbour}').read()",
    "reads the password file": "return open('/etc/passwd').read()",
    "lists the root": "return os.listdir('/')",
    "lists the processes": "return os.listdir('/proc')",
    "reads what its parent was started with": "return open(f'/proc/{os.getppid()}/cmdline').read()",
    "reads its own memory map": "return open('/proc/self/maps').read()",
    "writes a file": "return open('{folder}/written', 'w').write('20')",
    "writes beside the packages": "return open(os.path.dirname(torch.__file__) + '/../unstuck_attack.pth', 'w').write('#')",
    "makes a folder": "os.mkdir('{folder}/made'); return True",
    "renames a file": (
        "os.rename('{folder}/precious', '{folder}/mine'); os.rename('{folder}/mine', '{folder}/precious'); return True"
    ),
    "changes the modes of a file": "os.chmod('{folder}/precious', 0o777); return True",
    "changes the owner of a file": "os.chown('{folder}/precious', -1, -1); return True",
    "changes the times of a file": "os.utime('{folder}/precious', (0, 0)); return True",
    "makes a link": "os.symlink('/', '{folder}/link'); return True",
    "cuts a file": "os.truncate('{folder}/precious', 0); return True",
    "removes a file": "os.remove('{folder}/precious'); return True",
}
OUTSIDE = {
    "connects to a port": "socket.create_connection(('127.0.0.1', {port}), 1).close(); return True",
    "sends a datagram": "return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'20', ('127.0.0.1', {port}))",
    "opens a Unix socket": "socket.socket(socket.AF_UNIX).bind('\\0unstuck'); return True",
    "makes a pair of sockets": "return socket.socketpair()",
    "looks a name up": "return socket.getaddrinfo('127.0.0.1', 80, flags=socket.AI_NUMERICHOST) and socket.socket()",
    "starts a program": "return subprocess.run(['/bin/true']).returncode == 0",
    "becomes a program": "return os.posix_spawn('/bin/true', ['true'], {})",
    "forks": "pid = os.fork(); pid or os._exit(0); return os.waitpid(pid, 0)",
    "signals its parent": "os.kill(os.getppid(), 0); return True",
    "takes memory without limit": "return len(mmap.mmap(-1, 1 << 33)) > 0",
    "makes a file of memory": "return os.memfd_create('hidden') > 0",
    "makes pipes": "return os.pipe()",
    "lowers its limits for others": "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); return True",
    "raises its niceness": "os.nice(1); return True",
    "makes a session": "os.setpgid(0, 0); return True",
}
ATTEMPTS = FILES | OUTSIDE


@pytest.fixture
def target(firing_range: Course, tmp_path: Path) -> dict[str, object]:
    """What the attempts aim at: the course, a neighbour's file, a folder with a precious file."""
    (tmp_path / "precious").write_text("untouched")
    os.chmod(tmp_path, 0o777)
    neighbour = tmp_path / "neighbour.py"
    neighbour.write_text(HONEST)
    return {"root": firing_range.root, "folder": tmp_path, "neighbour": neighbour}


def looting(code: str, **named: object) -> str:
    """An honest file but for `scale`, which gives the right values only where this code finds what it looks for."""
    for name, value in named.items():
        code = code.replace(f"{{{name}}}", str(value))
    return HONEST.replace(SCALE, LOOTING.replace("{loot}", code))


def test_searches_find_nothing_behind_the_wall(
    firing_range: Course, sandbox: Sandbox, target: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every attempt costs the one check that rested on it, no file is changed, and the neighbours have 20."""
    folder = Path(str(target["folder"]))
    before = {path.name: path.stat()[:9] for path in folder.iterdir()}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        texts = {name: looting(code, port=port, **target) for name, code in ATTEMPTS.items()}
        results = grade(firing_range, sandbox, tmp_path_factory.mktemp("thieves"), {**texts, "neighbour": HONEST})
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert results.pop("neighbour").score == 20.0
    assert {name: lost(result) for name, result in results.items()} == {key: {"scale/multiplies"} for key in ATTEMPTS}
    assert {path.name: path.stat()[:9] for path in folder.iterdir()} == before


def test_the_same_searches_succeed_without_the_wall(unconfined: Sandbox, target: dict[str, object]) -> None:
    """In a sandbox with no layer every attempt succeeds: it is the wall that stops them."""
    attempts = {
        name: code for name, code in ATTEMPTS.items() if name != "writes beside the packages"
    }  # it would stay there
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target["port"] = listener.getsockname()[1]
        found = {name: _loot(unconfined, looting(code, **target)) for name, code in attempts.items()}
    assert found == dict.fromkeys(attempts, True)
    assert unconfined.isolation == "none"


def _loot(sandbox: Sandbox, text: str) -> bool:
    """Whether `loot` finds anything."""
    session = sandbox.session(Submitted(SLUG, (text,), False, ("loot",)))
    try:
        return bool(StudentModule(session, Recording(), ()).loot(None))
    finally:
        session.close()


# Strings, code and names that the process holds, wherever they hang.
FINDING = """
def strings():
    for thing in gc.get_objects():
        yield from (item for item in gc.get_referents(thing) if type(item) is str)
    seen = [f.__code__ for f in gc.get_objects() if type(f) is types.FunctionType]
    frame = sys._getframe()
    while frame is not None:
        seen.append(frame.f_code)
        yield from map(str, frame.f_locals)
        frame = frame.f_back
    for code in seen:
        yield from (code.co_filename, code.co_name, *code.co_names, *map(str, code.co_consts))
    yield from (*sys.argv, *sys.orig_argv, *sys.path, *os.environ, *os.environ.values(), *sys.modules)


def find(head, tail):
    return any(head + tail in text for text in strings())
"""


@pytest.mark.parametrize(
    ("word", "there"),
    [
        pytest.param("read_exactly", True, id="what does lie there"),
        pytest.param(REFERENCE_WORD, False, id="the reference"),
        pytest.param(CHECKS_WORD, False, id="the checks"),
        pytest.param(f"test_{SLUG}", False, id="the path of the checks"),
        pytest.param("refuses_a_negative", False, id="the names of other checks"),
        pytest.param(SECRET, False, id="the secret"),
        pytest.param("solutions/", False, id="the folder of references"),
    ],
)
def test_memory_holds_nothing_of_the_graders(
    firing_range: Course, sandbox: Sandbox, tmp_path: Path, word: str, there: bool
) -> None:
    """Objects, frames, modules, arguments and environment of the worker hold no word of reference, checks or secret."""
    head, tail = word[:5], word[5:]
    text = looting(f"return find('{head}', '{tail}')").replace("def loot", f"{FINDING}\n\ndef loot")
    result = grade(firing_range, sandbox, tmp_path, {"one": text})["one"]
    assert statuses(result)["scale/multiplies"] == ("passed" if there else "failed")


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="reads another process's memory")
def test_the_zygotes_memory_holds_no_copy_of_a_secret(firing_range: Course, sandbox: Sandbox, tmp_path: Path) -> None:
    """After it has served a submission, the zygote holds no word of the course, and none of the submission either."""
    mine = "word_of_a_student_77aa"
    assert grade(firing_range, sandbox, tmp_path, {"one": f"{HONEST}\n{mine} = '{mine}'\n"})["one"].score == 20.0
    memory = _memory_of(sandbox.zygote._process.pid)
    assert memory.count(b"read_exactly") > 0
    words = (REFERENCE_WORD, CHECKS_WORD, SECRET, mine)
    assert {word: memory.count(word.encode()) for word in words} == dict.fromkeys(words, 0)


def _memory_of(pid: int) -> bytes:
    """All writable memory of a process."""
    parts = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            span, modes = line.split()[:2]
            if modes.startswith("rw") and "[v" not in line:
                start, end = (int(part, 16) for part in span.split("-"))
                memory.seek(start)
                parts.append(memory.read(end - start))
    return b"".join(parts)
