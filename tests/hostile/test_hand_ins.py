"""Hand-ins that are hostile or broken as files: graded by the command as a class, each beside honest neighbours."""

import csv
import io
import json
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import range_course
from corpus.handing_in import ARCHIVES, HAND_INS, MAGICS, NAMES, UNREADABLE
from range_course import HONEST, SLUG
from world import WORDS

from autograder import cli

NUMBERS = {name: number for number, name in enumerate(HAND_INS)}


@dataclass(frozen=True)
class Received:
    """What came of the class: results by hand-in and of the neighbours, what was printed, the folder of it all."""

    results: dict[str, list[dict[str, Any]]]
    neighbours: list[dict[str, Any]]
    printed: str
    exit: int
    folder: Path


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> Received:
    """Every hand-in in a folder of its own (archives beside them), a neighbour to each tenth, through `autograder grade`."""
    folder = tmp_path_factory.mktemp("received")
    (folder / "outside").mkdir()
    (folder / "secret").write_text(WORDS["folder"], encoding="utf-8")
    (folder / "neighbour").write_text(f"# {WORDS['neighbour']}\n{HONEST}", encoding="utf-8")
    archives = []
    for name, one in HAND_INS.items():
        place = folder / ("archives" if one.archive else "hand_ins") / f"{NUMBERS[name]:04}"
        place.mkdir(parents=True)
        one.make(place)
        if one.archive:
            archives.append((place / one.archive).rename(place / one.archive.replace("ada", f"s{NUMBERS[name]:04}")))
    for number in range(0, len(HAND_INS), 10):
        neighbour = folder / "hand_ins" / f"{number:04}-neighbour" / f"{SLUG}.py"
        neighbour.parent.mkdir()
        neighbour.write_text(HONEST, encoding="utf-8")
    course = range_course.write(folder / "course")
    printed = io.StringIO()
    words = ["--course", str(course.root), "grade", str(folder / "hand_ins"), *map(str, archives)]
    with redirect_stdout(printed), redirect_stderr(printed):
        code = cli.main([*words, "--json", str(folder / "results.json"), "--jobs", "2", "--device", "cpu"])
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in HAND_INS}
    neighbours = []
    for result in json.loads((folder / "results.json").read_text(encoding="utf-8"))["submissions"]:
        found = re.search(r"/(\d{4})(-neighbour)?(?:/|$)", result["path"])
        assert found is not None
        if found[2]:
            neighbours.append(result)
        else:
            results[list(HAND_INS)[int(found[1])]].append(result)
    return Received(results, neighbours, printed.getvalue(), code, folder)


@pytest.mark.parametrize("name", HAND_INS)
def test_each_hand_in_has_its_result(received: Received, name: str) -> None:
    """Unreadable with a reason, or graded: one row for each, and never a fault of the grader."""
    [result] = received.results[name]
    expected = HAND_INS[name].becomes
    assert result["status"] == ("unreadable" if expected == UNREADABLE else "graded"), result["message"]
    assert expected in (UNREADABLE, None) or result["score"] == expected
    assert 0 <= result["score"] <= 20
    assert result["status"] == "graded" or result["message"]


def test_the_neighbours_have_their_points(received: Received) -> None:
    """Honest work between and behind them is worth 20, and the command says that not all could be graded."""
    assert {result["score"] for result in received.neighbours} == {20.0}
    assert len(received.neighbours) >= len(HAND_INS) // 10
    assert received.exit == 1


def test_nothing_appears_elsewhere_and_nothing_planted_is_read(received: Received) -> None:
    """No file lies outside, the targets are as they were, and no planted word stands in results, records or on the terminal."""
    assert list((received.folder / "outside").iterdir()) == []
    assert (received.folder / "secret").read_text() == WORDS["folder"]
    told = [received.printed, (received.folder / "results.json").read_text()]
    told += [path.read_text() for path in (received.folder / "course" / ".autograder" / "records").rglob("*.json")]
    assert not [word for word in WORDS.values() if word in "".join(told)]


def test_no_control_character_reaches_the_terminal(received: Received) -> None:
    """Names and messages are shown without what a terminal would obey."""
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", received.printed) == []
    assert r"\x1b[31m" in json.dumps(received.results[next(iter(NAMES))]).replace("\\\\", "\\")


@pytest.fixture(scope="module")
def pages(received: Received) -> dict[str, str]:
    """What the class looks like for others: the table of grades, the report, the pages of feedback, by file name."""
    folder = received.folder / "pages"
    folder.mkdir()
    course, results = ["--course", str(received.folder / "course")], str(received.folder / "results.json")
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert cli.main([*course, "export", "--format", "csv", "--output", str(folder / "grades.csv"), results]) in (
            0,
            1,
        )
        assert cli.main([*course, "report", "--output", str(folder / "report.html"), results]) == 0
        assert cli.main([*course, "feedback", "--no-pictures", "--output", str(folder), results]) in (0, 1)
    return {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}


def test_a_table_of_grades_holds_no_formula(pages: dict[str, str]) -> None:
    """A name that a spreadsheet would compute is text in it; every student with a grade has a row."""
    rows = list(csv.reader(io.StringIO(pages["grades.csv"])))
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r")]
    assert any("=cmd" in cell for row in rows for cell in row)


def test_no_page_obeys_a_name(pages: dict[str, str]) -> None:
    """In report and feedback, markup in names is text, and no control character is left."""
    html = {name: text for name, text in pages.items() if name.endswith(".html")}
    assert len(html) > len(NAMES)
    assert [name for name, text in html.items() if "<script>alert" in text] == []
    assert [name for name, text in html.items() if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)] == []
    assert "&lt;script&gt;alert" in html["report.html"]


_AS_IT_COMES = """
import os, sys, tarfile
from pathlib import Path

folder, kind = Path(sys.argv[1]), sys.argv[2]
os.chdir(folder)
if kind == "archive":
    (folder / "unpacked").mkdir()
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder / "unpacked", filter="fully_trusted")
    print(*[path.read_text(errors="replace") for path in (folder / "unpacked").rglob("*.py") if path.is_file()])
elif kind == "notebook":
    import json
    from IPython.core.history import HistoryManager
    from IPython.core.interactiveshell import InteractiveShell
    HistoryManager.enabled = False
    shell = InteractiveShell.instance()
    for cell in json.loads(next(folder.glob("*.ipynb")).read_text())["cells"][:1]:
        shell.run_cell(cell["source"])
else:
    print(next(folder.glob("*.py")).read_text())
"""


@pytest.mark.parametrize("name", [name for name, one in HAND_INS.items() if one.escapes])
def test_as_it_comes_it_reaches_what_it_wants(tmp_path: Path, name: str) -> None:
    """The control: unpacked, opened or run without a question, a file appears elsewhere, or a planted word is read."""
    one = HAND_INS[name]
    (tmp_path / "outside").mkdir()
    (tmp_path / "secret").write_text(WORDS["folder"], encoding="utf-8")
    (tmp_path / "neighbour").write_text(WORDS["neighbour"], encoding="utf-8")
    place = tmp_path / "hand_ins" / "one"
    place.mkdir(parents=True)
    one.make(place)
    kind = "archive" if name in ARCHIVES else "notebook" if name in MAGICS else "file"
    command = [sys.executable, "-c", _AS_IT_COMES, str(place), kind]
    done = subprocess.run(
        command, env={"IPYTHONDIR": str(tmp_path / "ipython"), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )  # fmt: skip
    read = WORDS["folder"] in done.stdout or WORDS["neighbour"] in done.stdout
    assert read or list(tmp_path.rglob("outside.py")), done.stderr
