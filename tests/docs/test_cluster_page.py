"""The commands of docs/cluster.md, run in the page's order, each section in one shell as a reader would have it."""

import json
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest
import tiny_course
from pages import ROOT, blocks, commands, environment

PAGE = ROOT / "docs" / "cluster.md"
SLUG = tiny_course.SLUG


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small course with one hand-in, and Dask's settings in a folder of its own."""
    root = tiny_course.write(tmp_path_factory.mktemp("course"), few=True)
    (root / "submitted" / "ada" / SLUG).mkdir(parents=True)
    shutil.copy(root / "solutions" / f"{SLUG}.py", root / "submitted" / "ada" / SLUG)
    (root / "dask").mkdir()
    return root


def section(title: str) -> list[str]:
    """The commands of a section."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    consoles = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [command for console in consoles for command, _ in commands(console)]


def run(course: Path, typed: list[str]) -> subprocess.CompletedProcess[str]:
    """What one shell makes of the commands, with a free port in the place of Dask's own; it ends what it has started."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = str(one.getsockname()[1])
    script = "set -m\ntrap 'kill $(jobs -p)' EXIT\n" + "\n".join(typed).replace("8786", port)
    process = subprocess.Popen(
        ["bash", "-c", script.replace("dask scheduler", "dask scheduler --no-dashboard")],
        cwd=course,
        env=environment() | {"DASK_CONFIG": str(course / "dask")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=240)
    except BaseException:
        process.send_signal(signal.SIGTERM)
        process.communicate()
        raise
    return subprocess.CompletedProcess(typed, process.returncode, out, err)


def test_the_way_on_one_machine(course: Path) -> None:
    """Scheduler, workers and grader as typed: full marks."""
    done = run(course, section("On one machine"))
    assert done.returncode == 0, done.stderr
    [ada] = json.loads((course / "results.json").read_text())["submissions"]
    assert (ada["student"], ada["score"]) == ("ada", 20.0)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_way_with_tls(course: Path) -> None:
    """Certificate, settings, scheduler, worker and grader as typed; over plain TCP nobody gets in."""
    [settings] = [block for block in blocks(PAGE) if block.rest.strip() == "tls.yaml"]
    (course / "dask" / "tls.yaml").write_text(settings.text.replace("FOLDER", str(course)), encoding="utf-8")
    *typed, grade = section("With TLS")
    plain = grade.replace("tls://", "tcp://") + f" 2> {course / 'refused.txt'}"
    done = run(course, [*typed, grade, f"! {plain}"])
    assert done.returncode == 0, done.stderr
    assert "20/20" in done.stdout
    refused = (course / "refused.txt").read_text()
    assert "what answers there is no Dask scheduler that speaks to us" in refused
    assert "Traceback" not in refused


def test_every_command_of_the_page_is_run_or_marked() -> None:
    """A `console` block stands in a section that is run; whatever else could be typed says that the test does not."""
    run_here = section("On one machine") + section("With TLS")
    consoles = [command for block in blocks(PAGE) if block.language == "console" for command, _ in commands(block.text)]
    assert consoles == run_here
    text = PAGE.read_text(encoding="utf-8")
    for part in text.split("\n## ")[1:]:
        if "```sh" in part or "```python" in part:
            assert "ot run by the test" in part, part.splitlines()[0]
