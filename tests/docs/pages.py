"""The fenced blocks of a page, and commands run as the page shows them."""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^(?P<marks>`{3,})(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=marks)$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what follows it in the info string, its text."""

    language: str
    rest: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found = _FENCE.finditer(page.read_text(encoding="utf-8"))
    return [Block(*f"{item['info']} ".split(" ", 1), item["body"]) for item in found]


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a console block (the lines after `$ `), each with what the page prints beneath it."""
    _, *parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    return [(command, printed) for command, _, printed in (part.partition("\n") for part in parts)]


def lines(text: str) -> list[str]:
    """The commands of a `bash` or `sh` block: a line each, without the remark behind it; a backslash continues a line."""
    joined = text.replace("\\\n", " ")
    return [line for line in (re.sub(r"(^|\s)#\s.*", "", one).strip() for one in joined.splitlines()) if line]


def functions(path: str) -> set[str]:
    """The names of the functions of a file of the repository: a test that a page or a table names must be among them."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def environment() -> dict[str, str]:
    """Ours, with the commands of this Python first, and without the course secret of whoever runs the tests."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UNSTUCK_", "PYTEST_"))}
    return {**kept, "PATH": path, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"}


def shell(command: str, folder: Path, **more: str) -> tuple[int, str]:
    """The exit code of a command in a folder, and what it printed."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment() | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout


@contextmanager
def shop(root: Path) -> Iterator[Callable[[str, Path], tuple[int, str]]]:
    """Runs command lines: nbgrader's and ours in forks of one process, others in a shell."""
    surroundings = environment() | {"JUPYTER_CONFIG_DIR": str(root / "jupyter"), "HOME": str(root / "home")}
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("forked.py"))],
        env=surroundings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None

    def run(line: str, folder: Path) -> tuple[int, str]:
        arguments = shlex.split(line)
        if arguments[0] not in ("nbgrader", "autograder"):
            return shell(line, folder)
        request = {"folder": str(folder), "arguments": arguments, "environment": {}}
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        code, said = json.loads(server.stdout.readline())
        return code, said

    try:
        yield run
    finally:
        server.stdin.close()
        server.wait(timeout=60)
        server.stdout.close()


def prepare(root: Path, slug: str) -> None:
    """A checkout with one assignment in `course`, and ada's account, which belongs to us as all the others do."""
    unneeded = shutil.ignore_patterns("__pycache__")
    for name in ("autograder", "solutions", "datasets", f"assignments/{slug}"):
        shutil.copytree(ROOT / name, root / "course" / name, ignore=unneeded)
    shutil.copy(ROOT / "nbgrader_config.py", root / "course")
    for name in ("ada", "jupyter", "home"):
        (root / name).mkdir()
    account = 'c = get_config()\nc.CourseDirectory.student_id = "ada"\n'
    (root / "ada" / "nbgrader_config.py").write_text(account, encoding="utf-8")
