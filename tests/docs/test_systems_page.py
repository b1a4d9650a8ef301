"""The commands of docs/systems.md, run in the page's order in a course of their own, and what the page says comes of them."""

import csv
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from pages import ROOT, blocks, commands, prepare, shop

PAGE = ROOT / "docs" / "systems.md"
SLUG = "a3_momentum"
# Before the page begins: as docs/instructors.md has it.
BEFORE = (
    "nbgrader db student import students.csv",
    f"nbgrader generate_assignment {SLUG}",
    f"python -m autograder.carrier.complete {SLUG}",
    "autograder grade submitted",
    f"nbgrader autograde {SLUG}",
)


@dataclass
class Walk:
    """The course after the page, and what its commands said."""

    course: Path
    said: dict[str, str] = field(default_factory=dict)

    def table(self, name: str) -> list[list[str]]:
        """The lines of a table that the page's commands wrote."""
        with (self.course / name).open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def grade(self, student: str) -> tuple[float, float]:
        """The score and the penalty in the gradebook."""
        with Gradebook(f"sqlite:///{self.course}/gradebook.db") as book:
            one = book.find_submission(SLUG, student)
            return one.score, one.late_submission_penalty


def hand_in(course: Path) -> None:
    """Ada's work is right, bob's steps along the old movement; of what will be due, she is a day late and he two."""
    right = (ROOT / "solutions" / f"{SLUG}.py").read_text(encoding="utf-8")
    wrong = right.replace("return theta + new_movement, new_movement", "return theta + movement, new_movement")
    assert wrong != right
    for student, text, day in (("ada", right, 2), ("bob", wrong, 3)):
        folder = course / "submitted" / student / SLUG
        folder.mkdir(parents=True)
        (folder / f"{SLUG}.py").write_text(text, encoding="utf-8")
        (folder / "timestamp.txt").write_text(f"2030-10-0{day} 17:00:00 UTC", encoding="utf-8")
    (course / "students.csv").write_text("id,first_name,last_name\nada,Ada,Lovelace\nbob,Bob,Noyce\n", encoding="utf-8")


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The course after the last command of the page."""
    root = tmp_path_factory.mktemp("systems")
    prepare(root, SLUG)
    one = Walk(root / "course")
    hand_in(one.course)
    with shop(root) as run:
        for line in BEFORE:
            code, said = run(line, one.course)
            assert code == 0, f"{line}\n{said}"
        for block in blocks(PAGE):
            name = block.rest.strip()
            if block.language == "csv":
                (one.course / name).write_text(block.text, encoding="utf-8")
            elif block.language == "python":
                with (one.course / name).open("a", encoding="utf-8") as file:
                    file.write(block.text)
            elif block.language == "console":
                for line, _ in commands(block.text):
                    code, said = run(line, one.course)
                    assert code == 0, f"{line}\n{said}"
                    one.said[line] = one.said.get(line, "") + said
        code, said = run("autograder export --format csv --detail exercise --output after.csv", one.course)
        assert code == 0, said
    return one


def test_every_block_is_run_or_has_its_reason() -> None:
    """One block is not run: a repository is made of the starter in tests/export/test_classroom.py."""
    every = blocks(PAGE)
    assert {block.language for block in every} == {"console", "sh", "python", "csv"}
    [left] = [block.text for block in every if block.language == "sh"]
    assert left.startswith(f"cd {SLUG}-starter && git init")


def test_no_section_is_longer_than_a_screen() -> None:
    """At most 25 lines of prose for each system, blocks apart."""
    text = PAGE.read_text(encoding="utf-8")
    for block in blocks(PAGE):
        text = text.replace(block.text, "")
    for section in text.split("\n## "):
        assert len([line for line in section.splitlines() if line and not line.startswith("```")]) <= 25, section[:40]


def test_the_tables_hold_both_students(walk: Walk) -> None:
    """A line each, of all points; lines for exercises, questions and checks."""
    header, ada, bob = walk.table("grades.csv")
    assert dict(zip(header, ada, strict=True))["score"] == "20"
    assert 0 < float(dict(zip(header, bob, strict=True))["score"]) < 20
    assert dict(zip(header, bob, strict=True))["max_score"] == "24"
    assert [row[1:4] for row in walk.table("exercises.csv") if row[2] == "when_the_rate_changes"]
    assert len(walk.table("checks.csv")) > 40


def test_canvas_gets_its_own_ids_back(walk: Walk) -> None:
    """The assignment and nothing else, scores in place of what was there."""
    header, points, ada, bob = walk.table("upload.csv")
    assert header[-1] == "A3 · Momentum (4712)"
    assert (points[-1], ada[1], ada[-1]) == ("24", "101", "20")
    assert (bob[1], bob[-1]) == ("102", dict(zip(*walk.table("grades.csv")[::2], strict=True))["score"])


def test_moodle_gets_grades_and_comments(walk: Walk) -> None:
    """In the worksheet; and a list of user names."""
    header, ada, bob = walk.table("worksheet-graded.csv")
    assert dict(zip(header, ada, strict=True))["Grade"] == "20"
    assert "momentum_step: 1 of 6" in dict(zip(header, bob, strict=True))["Feedback comments"]
    assert [row[0] for row in walk.table("moodle-grades.csv")] == ["Username", "ada", "bob"]


def test_the_archive_and_the_documents_are_there(walk: Walk) -> None:
    """tests/export/test_gradescope.py looks into both."""
    with zipfile.ZipFile(walk.course / f"{SLUG}.zip") as file:
        assert {"setup.sh", "run_autograder"} <= set(file.namelist())
    document = json.loads((walk.course / "gradescope" / SLUG / "ada" / "results.json").read_text(encoding="utf-8"))
    assert document["score"] == 20


def test_the_starter_is_there(walk: Walk) -> None:
    """tests/export/test_classroom.py runs its workflow."""
    assert (walk.course / f"{SLUG}-starter/.github/workflows/classroom.yml").is_file()


def test_late_work_costs_what_the_page_says_and_extensions_help(walk: Walk) -> None:
    """Ada's day is forgiven by her extension; bob's second day by his two."""
    first, second = walk.said["autograder late"].split("ada  ")[1:]
    assert "23 h 0 min late  2 points off (was 0)" in first
    assert "in time, 2 d 0 h more time  0 points off (was 2)" in second
    assert walk.grade("ada") == (20.0, 0.0)
    assert walk.grade("bob")[1] == 0.0


def test_a_request_is_listed_and_decided(walk: Walk) -> None:
    """The grade came out the same; the score by hand is in gradebook and export, with its reason."""
    said = walk.said["autograder regrade"]
    assert "automatically 1 of 6 points" in said
    assert "made again: the same" in said
    [row] = [row for row in walk.table("after.csv") if row[0] == "bob" and row[2] == "momentum_step"]
    assert row[3:] == ["by hand", "2", "6", "changed: Half of it is right."]
    assert (walk.course / "regrade_decisions.csv").is_file()
