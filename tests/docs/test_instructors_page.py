"""The commands of docs/instructors.md, run in the page's order in a course of their own, and what the page says comes of them.

Where a reader does something by hand (a student works, an instructor marks), the test does it before the section in which it
counts. `sh` blocks are not run: `NOT_RUN` says of each command why not, and what covers it.
"""

import csv
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from pages import ROOT, Block, blocks, commands, prepare, shop

from autograder.proof.catalogue import VALIDATION_LIMIT
from autograder.sandbox.session import Deadlines

PAGE = ROOT / "docs" / "instructors.md"
SLUG = "a5_warmup"
EXERCISES = {"cosine_decay": (3.0, 2.5), "linear_warmup": (6.0, 6.5)}  # points before and after they are changed
ANSWERED = "why_warm_up"  # by ada; marked with 1.5 of its 2 points
NOT_RUN = {
    "git clone REPOSITORY unstuck": "the tests run in a checkout",
    "cd unstuck": "the same",
    "make demo": "tests/test_demo.py runs it",
    "source .venv/bin/activate": "the tests run in the environment",
    "jupyter lab": "a browser; the test marks through nbgrader's gradebook, as formgrader does",
    f"autograder validate {SLUG}": "make test",
    f'nbgrader autograde {SLUG} --student "[a-m]*" & nbgrader autograde {SLUG} --student "[!a-m]*" & wait': (
        "tests/gradebook runs two side by side on PostgreSQL"
    ),
}


def points_in_gradebook(root: Path, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
    """Automatic score, manual score, and whether it waits for a human, by graded cell."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        [notebook] = gradebook.find_submission(SLUG, student).notebooks
        return {
            grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade) for grade in notebook.grades
        }


@dataclass
class Walk:
    """The course while the page is followed: what was said, and what was seen on the way."""

    root: Path
    said: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)

    @property
    def course(self) -> Path:
        """The course folder."""
        return self.root / "course"

    @property
    def ada(self) -> Path:
        """Where ada works."""
        return self.root / "ada"

    def results(self, name: str = "results.json") -> dict[str, dict[str, Any]]:
        """The grader's results by student."""
        document = json.loads((self.course / name).read_text(encoding="utf-8"))
        return {row["student"]: row for row in document["submissions"]}

    def exported(self) -> dict[str, dict[str, str]]:
        """The exported table by student."""
        with (self.course / "grades.csv").open(encoding="utf-8") as file:
            return {row["student_id"]: row for row in csv.DictReader(file)}

    def filled_in(self, text: str) -> str:
        """A text of the page with the values for which its words in capitals stand."""
        return text.replace("EXCHANGE", str(self.root / "exchange"))


def works(walk: Walk) -> None:
    """Ada solves all in the module, and answers one question in the notebook."""
    folder = walk.ada / SLUG
    shutil.copy(ROOT / "solutions" / f"{SLUG}.py", folder)
    path = folder / f"{SLUG}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    [cell] = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == ANSWERED]
    cell["source"] = ["Because the first σ is made of a handful of gradients."]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def hand_in_by_mail(walk: Walk) -> None:
    """Bob's module comes by mail: with step / W, which is another library's definition. Eve's notebook is empty."""
    for student in ("bob", "eve"):
        (walk.course / "submitted" / student / SLUG).mkdir(parents=True)
    text = (ROOT / "solutions" / f"{SLUG}.py").read_text(encoding="utf-8")
    wrong = text.replace("(step + 1) / warmup_steps", "step / warmup_steps")
    assert wrong != text
    (walk.course / f"submitted/bob/{SLUG}/{SLUG}.py").write_text(wrong, encoding="utf-8")
    (walk.course / f"submitted/eve/{SLUG}/{SLUG}.ipynb").touch()


def mark(walk: Walk) -> None:
    """The instructor marks ada's answer, as formgrader does."""
    walk.seen["before marking"] = points_in_gradebook(walk.course, "ada")
    with Gradebook(f"sqlite:///{walk.course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade(ANSWERED, SLUG, SLUG, "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()


def look_at_the_export(walk: Walk) -> None:
    """What was exported before anything was late."""
    walk.seen["in time"] = walk.exported()


def change_points(walk: Walk) -> None:
    """Half a point goes from one exercise to another, in the handout and in one check of each."""
    with Gradebook(f"sqlite:///{walk.course}/gradebook.db") as gradebook:
        late = {student: gradebook.find_submission(SLUG, student) for student in ("ada", "bob")}
        walk.seen["penalties"] = {student: one.late_submission_penalty for student, one in late.items()}
    walk.seen["late"] = points_in_gradebook(walk.course, "ada")
    handout = walk.course / "assignments" / SLUG / "handout.md"
    checks = walk.course / "autograder" / "hidden" / SLUG / f"test_{SLUG}.py"
    for name, (before, after) in EXERCISES.items():
        text = handout.read_text(encoding="utf-8")
        assert f"exercise {name} points={before:g}" in text
        handout.write_text(text.replace(f"{name} points={before:g}", f"{name} points={after:g}"), encoding="utf-8")
        text = checks.read_text(encoding="utf-8")
        worth = re.findall(rf'exercise\("{name}", points=([\d.]+)', text)
        largest = max(worth, key=float)
        old, new = f'"{name}", points={largest}', f'"{name}", points={float(largest) + after - before:g}'
        checks.write_text(text.replace(old, new, 1), encoding="utf-8")


BY_HAND: dict[tuple[str, str], Callable[[Walk], None]] = {
    ("What students do", f"nbgrader submit {SLUG} --course unstuck"): works,
    ("Collect", f"python -m autograder.carrier.complete {SLUG}"): hand_in_by_mail,
    ("Return the feedback", f"nbgrader generate_feedback {SLUG}"): mark,
    ("Late work", f'nbgrader db assignment add {SLUG} --duedate "2020-10-01 18:00:00 UTC"'): look_at_the_export,
    ("Change points or a check", f"autograder build {SLUG}"): change_points,
}


def headed() -> Iterator[tuple[str, Block]]:
    """The blocks of the page, each with the heading that it stands under."""
    headings = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    counted = [
        (heading, text.count("\n```") // 2) for heading, text in zip(headings[1::2], headings[2::2], strict=True)
    ]
    every = iter(blocks(PAGE))
    for heading, number in counted:
        for _ in range(number):
            yield heading, next(every)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The course after the last command of the page."""
    one = Walk(tmp_path_factory.mktemp("instructor"))
    prepare(one.root, SLUG)
    waiting = dict(BY_HAND)
    with shop(one.root) as run:
        for heading, block in headed():
            name = block.rest.strip()
            if block.language == "python" and name == "jupyter/nbgrader_config.py":
                # One account plays all the parts here, so nobody can check the owners.
                text = one.filled_in(block.text) + "c.ExchangeCollect.check_owner = False\n"
                (one.root / name).write_text(text, encoding="utf-8")
            elif block.language == "python":
                with (one.course / name).open("a", encoding="utf-8") as file:
                    file.write(block.text)
            elif block.language == "csv":
                (one.course / name).write_text(block.text, encoding="utf-8")
            elif block.language == "console":
                for line, _ in commands(block.text):
                    waiting.pop((heading, line), lambda _: None)(one)
                    code, said = run(one.filled_in(line), one.ada if name == "student" else one.course)
                    # Eve's notebook is empty: where all are graded, one cannot be.
                    assert code == (1 if line.startswith("autograder grade submitted ") else 0), f"{line}\n{said}"
                    one.said[f"{heading}: {line}"] = said
    assert not waiting, "the page does not have these commands any more"
    return one


def test_every_block_is_run_or_has_its_reason() -> None:
    """Shell blocks that are not run hold commands of `NOT_RUN` only; all other blocks are files or are run."""
    every = blocks(PAGE)
    assert len(every) == len(list(headed()))
    assert {block.language for block in every} == {"console", "sh", "python", "csv"}
    lines = [line for block in every if block.language == "sh" for line in block.text.splitlines()]
    assert {line.partition("#")[0].strip() for line in lines} == set(NOT_RUN)


def test_students_get_the_folder_and_nothing_hidden(walk: Walk) -> None:
    """What ada fetched is what was built: no handout source, no scheme, no check."""
    released = {path.name for path in (walk.course / "release" / SLUG).iterdir()}
    assert {f"{SLUG}.ipynb", f"{SLUG}.py", f"test_{SLUG}.py", "unstuck.py"} <= released
    assert not released & {"handout.md", "marking.md", "mistakes.py", "margins.json"}


def test_a_hand_in_by_mail_is_completed_and_graded(walk: Walk) -> None:
    """Bob's missing notebook is put beside his module, and the module is graded, with its diagnosis."""
    assert (walk.course / f"submitted/bob/{SLUG}/{SLUG}.ipynb").is_file()
    bob = walk.results()["bob"]
    assert bob["status"] == "graded"
    assert 0 < bob["score"] < 20
    assert any("step / W" in (check["diagnosis"] or "") for check in bob["checks"])


def test_the_grader_says_what_became_of_each(walk: Walk) -> None:
    """Ada has all points, eve's empty notebook is unreadable, and the table shows it."""
    results = walk.results()
    assert (results["ada"]["status"], results["ada"]["score"]) == ("graded", 20.0)
    assert results["eve"]["status"] == "unreadable"
    said = walk.said["Grade: autograder grade submitted --json results.json"]
    assert "20/20" in said
    assert "is empty; open it in Jupyter" in said


def test_an_answer_waits_and_an_untouched_one_does_not(walk: Walk) -> None:
    """Before marking, only the question that ada answered asks for a human."""
    before = walk.seen["before marking"]
    assert [name for name, (_, _, waits) in before.items() if waits] == [ANSWERED]
    assert before["why_the_cosine_comes_too_late"] == (0.0, None, False)


def test_the_mark_is_in_feedback_and_export(walk: Walk) -> None:
    """Ada's 20 points and her 1.5 add up; eve has 0; no hand-in was late then."""
    exported = walk.seen["in time"]
    assert {student: float(row["score"]) for student, row in exported.items()}["ada"] == 21.5
    assert float(exported["eve"]["score"]) == 0
    assert {row["late_submission_penalty"] for row in exported.values()} == {"0.0"}
    assert {float(row["max_score"]) for row in exported.values()} == {23.0}
    [page] = (walk.ada / SLUG / "feedback").rglob("*.html")
    assert "21.5" in page.read_text(encoding="utf-8")


def test_feedback_holds_no_line_of_the_scheme(walk: Walk) -> None:
    """Students read neither the marking scheme nor a hidden check."""
    [page] = (walk.ada / SLUG / "feedback").rglob("*.html")
    text = page.read_text(encoding="utf-8")
    assert "Model answer" not in text
    assert "agree(student" not in text


def test_late_work_costs_what_the_rule_says_until_there_is_an_extension(walk: Walk) -> None:
    """Ada was years late and lost everything; with an extension she loses nothing. Bob came by mail: never late."""
    assert walk.seen["penalties"] == {"ada": 0.0, "bob": 0.0}
    said = walk.said[f"Late work: nbgrader autograde {SLUG} --force"]
    assert "ada" in said
    assert "Late submission penalty: 21.5" in said
    assert "for bob> is" not in said


def test_marks_survive_and_are_listed_once_more(walk: Walk) -> None:
    """After a new autograde the mark is there, and formgrader asks for a look at it."""
    assert walk.seen["late"][ANSWERED][1:] == (1.5, True)


def test_changed_points_reach_the_gradebook(walk: Walk) -> None:
    """All points of both exercises, as they are worth now, and her mark."""
    grades = points_in_gradebook(walk.course, "ada")
    assert {name: grades[name][0] for name in EXERCISES} == {name: after for name, (_, after) in EXERCISES.items()}
    assert grades[ANSWERED][1] == 1.5
    assert walk.results()["ada"]["score"] == 20.0


def test_a_forgotten_generate_assignment_is_noticed(walk: Walk) -> None:
    """The message that the page promises is that of the step which writes the grades."""
    text = (ROOT / "autograder" / "carrier" / "grade.py").read_text(encoding="utf-8")
    assert "run `nbgrader generate_assignment` again" in text  # tests/carrier/test_tampering.py provokes it


def test_a_replay_gives_the_same_grade(walk: Walk) -> None:
    """Ada's, and those of the whole class, the unreadable one among them."""
    [(_, alone), (_, everybody)] = [item for item in walk.said.items() if "--replay" in item[0]]
    assert f"ada/{SLUG}: same (20/20" in alone
    assert everybody.count(": same (") == len(walk.results()) == 3


def test_the_doctor_finds_this_course_fit(walk: Walk) -> None:
    """Grading can work; the secret, the exchange of the page and the gradebook are found."""
    [said] = [said for line, said in walk.said.items() if line.endswith(": autograder doctor")]
    lines = said.splitlines()
    assert lines[-1] == "Grading can work here."
    assert {line.split()[1] for line in lines if line.startswith("  ok")} >= {
        SLUG,
        "self-test",
        "secret",
        "exchange",
        "gradebook",
    }


def test_records_and_secret_lie_where_the_page_says(walk: Walk) -> None:
    """A record for each grade made; the secret is its owner's only."""
    assert len(list((walk.course / ".autograder/records" / SLUG).glob("*.json"))) >= 6  # three students, twice
    assert os.stat(walk.course / ".autograder/secret").st_mode & 0o777 == 0o600


def test_the_fields_of_a_result_are_the_pages(walk: Walk) -> None:
    """Every field of results.json is on the page."""
    [text] = re.findall(r"^`results.json` is one object:.*?\n\n", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    ada = walk.results()["ada"]
    of_each = {"student", "assignment", "path", "score", "max_score", "seed", "status", "isolation", "checks"}
    of_check = {"name", "exercise", "points", "score", "status", "message", "diagnosis", "seconds", "forbidden"}
    assert of_each <= ada.keys()
    assert of_check <= ada["checks"][0].keys()
    assert ada.keys() | ada["checks"][0].keys() <= set(re.findall(r"\w+", text))


def test_the_numbers_of_the_page_are_those_of_the_engine() -> None:
    """The time limits, and the most that refusals are worth."""
    page = PAGE.read_text(encoding="utf-8")
    limits = Deadlines()
    assert f"{limits.cpu:g} seconds on the CPU, {limits.wall:g} on the clock" in page
    assert f"At most {VALIDATION_LIMIT:g} points" in page


def test_the_report_is_on_this_class(walk: Walk) -> None:
    """Bob's mistake by name, eve's empty notebook among what is to be looked at, all three of the roster."""
    page = (walk.course / "report.html").read_text(encoding="utf-8")
    assert "step / W" in page
    assert "is empty; open it in Jupyter" in page
    assert all(f"<bdi>{student}</bdi>" in page for student in ("ada", "bob", "eve"))


def test_whose_feedback_cannot_be_fetched_is_named(walk: Walk) -> None:
    """Bob and eve handed in by mail: a line for each says where their page lies; ada fetched hers."""
    said = walk.said[f"Return the feedback: nbgrader release_feedback {SLUG}"]
    for student in ("bob", "eve"):
        assert f"send the student {walk.course}/feedback/{student}/{SLUG}/{SLUG}.html" in said
        assert (walk.course / f"feedback/{student}/{SLUG}/{SLUG}.html").is_file()
    assert f"feedback/ada/{SLUG}/{SLUG}.html" not in said
