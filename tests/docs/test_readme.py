"""README.md: the commands of its section without nbgrader are run in order, its pictures are there, and it stays short."""

import json
import re
import shutil
from pathlib import Path

import pytest
from pages import ROOT, lines, prepare, shop

PAGE = ROOT / "README.md"
SLUG = "a3_momentum"
SECTION = "### Without nbgrader"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course after the section's commands, of which each has ended with exit code 0; ada has handed in right work."""
    root = tmp_path_factory.mktemp("readme")
    prepare(root, SLUG)
    (root / "course" / "inbox" / "ada").mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / f"{SLUG}.py", root / "course" / "inbox" / "ada")
    section = PAGE.read_text(encoding="utf-8").split(f"\n{SECTION}\n")[1].split("\n#")[0]
    [block] = re.findall(r"^```bash\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    with shop(root) as run:
        for line in lines(block):
            code, said = run(line, root / "course")
            assert code == 0, f"{line}\n{said}"
    return root / "course"


def test_what_the_section_names_is_there(course: Path) -> None:
    """Results with full marks, a page, the report, the table."""
    [ada] = json.loads((course / "results.json").read_text(encoding="utf-8"))["submissions"]
    assert (ada["student"], ada["score"]) == ("ada", 20.0)
    for name in (f"pages/{SLUG}/ada.html", "report.html", "grades.csv"):
        assert (course / name).is_file(), name


def test_the_links_and_the_pictures_are_there() -> None:
    """Every relative link of the page names a file."""
    links = re.findall(r"\]\(([^)\s]+)\)", PAGE.read_text(encoding="utf-8"))
    files = [link.partition("#")[0] for link in links if "://" not in link]
    assert len([name for name in files if name.endswith(".png")]) == 2
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_every_page_of_the_docs_is_linked() -> None:
    """Who reads the README finds all the others."""
    text = PAGE.read_text(encoding="utf-8")
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"(docs/{page.name}" not in text] == []


def test_it_can_be_read_in_five_minutes() -> None:
    """At most 160 lines."""
    assert len(PAGE.read_text(encoding="utf-8").splitlines()) <= 160
