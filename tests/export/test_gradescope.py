"""Gradescope: the documents that it reads, and the archive at work as in its container.

The format is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/, and what a submission comes with that of
https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/, both written down here in our words.
"""

import json
import shlex
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import container
import jsonschema
import pytest
import rooted
import tiny_course
from container import Container
from school import SLUG, Book, faulty, result, run, unreadable, write_results

from autograder.course import Course
from autograder.export.container import read_metadata
from autograder.export.gradescope import document

_FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
_VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
_TEST = {
    "type": "object",
    "additionalProperties": False,
    "required": ["score"],  # of each, where there is no score of the whole
    "properties": {
        "score": {"type": "number"},
        "max_score": {"type": "number"},
        "status": {"enum": ["passed", "failed"]},
        "name": {"type": "string"},
        "name_format": _FORMAT,
        "number": {"type": "string"},
        "output": {"type": "string"},
        "output_format": _FORMAT,
        "tags": {"type": "array", "items": {"type": "string"}},
        "visibility": _VISIBILITY,
        "extra_data": {"type": "object"},
    },
}
SPECIFICATION = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["score"]}, {"required": ["tests"]}],
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number", "minimum": 0},
        "output": {"type": "string"},
        "output_format": _FORMAT,
        "test_output_format": _FORMAT,
        "test_name_format": _FORMAT,
        "visibility": _VISIBILITY,
        "stdout_visibility": _VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {"type": "array", "items": _TEST},
        "leaderboard": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "value"],
                "properties": {"order": {"enum": ["asc", "desc"]}},
            },
        },
    },
}
HONEST = (tiny_course.SOLUTION).encode()
WRONG = HONEST.replace(b"x - rate * slope", b"x + rate * slope")
RULE = "c = get_config()\nc.AssignLatePenalties.plugin_class = 'autograder.carrier.late.LatePenalty'\n"


def metadata(
    created: str = "2030-10-01T18:00:00.5+02:00", due: str | None = "2030-10-02T23:00:00+02:00"
) -> dict[str, Any]:
    """What Gradescope tells of ada's submission."""
    return {
        "created_at": created,
        "assignment": {"due_date": due, "late_due_date": None, "title": "T1", "total_points": "20.0"},
        "users": [{"email": "ada@example.org", "id": 1234, "name": "Ada"}],
        "previous_submissions": [],
    }


@pytest.mark.parametrize(
    "one",
    [
        result("ada"),
        result("ada", "walk/visits_every_place", message="<b>\x1b[31mred", notes=("both files hold work",)),
        unreadable("ada"),
    ],
    ids=["all", "some", "unreadable"],
)
def test_a_document_is_as_specified(one: Any) -> None:
    """Every field; the scores of the tests add up to that of the whole."""
    made = document(one)
    jsonschema.validate(made, SPECIFICATION)
    assert sum(test["score"] for test in made["tests"]) == made["score"]
    assert "\x1b" not in json.dumps(made, ensure_ascii=False)


def test_a_test_says_what_a_student_may_read() -> None:
    """Its sentence, the diagnosis and the hint; the seed is for the instructor."""
    made = document(result("ada", "walk/visits_every_place"))
    test = made["tests"][2]
    assert test["name"] == "walk: x moves by −rate times the slope."
    assert "Diagnosis: walk: goes -1 times as far as it should" in test["output"]
    assert "Hint: Which way is down?" in test["output"]
    assert "00ff" not in json.dumps([made["tests"], made["output"]])
    assert made["extra_data"]["seed"] == "00ff"
    assert made["stdout_visibility"] == "hidden"


def test_a_fault_of_the_grader_has_no_document() -> None:
    """It would need a score."""
    with pytest.raises(ValueError, match="MemoryError"):
        document(faulty("ada"))


def test_recorded_results_are_exported_one_by_one(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder for each assignment and student, whatever the student is called; who has no grade is named."""
    names = ("ada", "../../etc/ünal", "a/b")
    write_results(course, *map(result, names), faulty("bob"), unreadable("eve"))
    target = course.root / "out"
    assert run(course, "export", course.root / "results.json", "--format", "gradescope", "--output", target) == 1
    written = sorted(path.relative_to(target).as_posix() for path in target.rglob("*.json"))
    assert written == [
        f"{SLUG}/..%2F..%2Fetc%2F%C3%BCnal/results.json",
        f"{SLUG}/a%2Fb/results.json",
        f"{SLUG}/ada/results.json",
    ]
    for path in target.rglob("*.json"):
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), SPECIFICATION)
    said = capsys.readouterr().err
    assert f"bob, {SLUG}: no results.json: error" in said
    assert f"eve, {SLUG}: no results.json: unreadable" in said


def test_marks_and_scores_by_hand_are_in_the_exported_document(course: Course) -> None:
    """A question is a test of its own, an overruled exercise is told; what counts is the score of the whole."""
    failed = result("ada", "walk/visits_every_place")
    write_results(course, failed)
    book = Book(course)
    book.record(failed, answer=None)
    book.mark("ada", "why_downhill", 1.5)
    book.mark("ada", "walk", 4)
    target = course.root / "out"
    assert run(course, "export", course.root / "results.json", "--format", "gradescope", "--output", target) == 0
    made = json.loads((target / SLUG / "ada" / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(made, SPECIFICATION)
    assert (made["score"], made["extra_data"]["max_score"]) == (19.5, 22.0)
    assert (made["tests"][3]["name"], made["tests"][3]["score"]) == ("why_downhill: marked by hand", 1.5)
    assert "walk: 4 of 6 points by hand" in made["output"]


def test_a_grade_with_a_problem_has_no_document(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer waits, or there are two results; it is named."""
    write_results(course, result("ada"), result("bob"), result("bob", path="elsewhere"))
    Book(course).record(result("ada"), answer=None)
    target = course.root / "out"
    assert run(course, "export", course.root / "results.json", "--format", "gradescope", "--output", target) == 1
    assert not list(target.rglob("*.json"))
    said = capsys.readouterr().err
    assert "waits for a mark: why_downhill" in said
    assert "there are 2 results" in said


def test_a_penalty_is_told() -> None:
    """Once in the score of the whole."""
    made = document(result("ada"), penalty=2.0)
    assert (made["score"], made["extra_data"]["raw_score"]) == (18.0, 20.0)
    assert "20 points, less 2 for being late" in made["output"]


def test_gradescope_needs_a_folder(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Many files do not go to standard output."""
    write_results(course, result("ada"))
    assert run(course, "export", course.root / "results.json", "--format", "gradescope") == 2
    assert "Gradescope needs --output" in capsys.readouterr().err


def package(course: Course, *options: str) -> Path:
    """The archive of the course's assignment."""
    target = course.root / "archive.zip"
    assert run(course, "package", SLUG, "--for", "gradescope", "--output", target, *options) == 0
    return target


@pytest.fixture(scope="module")
def image(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Container:
    """The container's image: the archive unpacked, and `setup.sh` run in it, which finds its packages installed."""
    root = tmp_path_factory.mktemp("image") / "autograder"
    settings = built / "nbgrader_config.py"
    settings.write_text(RULE + "c.LatePenalty.percent_a_day = 10\n", encoding="utf-8")
    made = container.make(package(Course(built)), root)
    for path in (settings, built / "archive.zip"):
        path.unlink()
    container.link_environment(root / "source" / "requirements.txt", root / "venv")
    done = subprocess.run(
        ["bash", root / "source" / "setup.sh"],
        env={**container.CLEAN, "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def fresh(image: Container, tmp_path: Path) -> Container:
    """A container of the image that a test may spoil: all but the installed packages is a copy."""
    root = tmp_path / "autograder"
    shutil.copytree(image.root, root, ignore=shutil.ignore_patterns("venv"))
    (root / "venv").symlink_to(image.root / "venv")
    return Container(root)


def test_an_archive_is_as_specified(course: Course) -> None:
    """Both scripts at its root, the one that is run executable; all else for its owner only; twice the same bytes."""
    path = package(course)
    with zipfile.ZipFile(path) as file:
        modes = {entry.filename: stat.S_IMODE(entry.external_attr >> 16) for entry in file.infolist()}
        assert file.read("run_autograder").startswith(b"#!")
        pins = file.read("requirements.txt").decode().splitlines()
    assert (modes["setup.sh"], modes["run_autograder"]) == (0o755, 0o755)
    assert {mode for name, mode in modes.items() if name not in ("setup.sh", "run_autograder")} == {0o600}
    assert all(line.count("==") == 1 and "+" not in line for line in pins)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_bytes()
    assert package(course).read_bytes() == first


def test_an_archive_holds_one_assignment_and_not_the_secret(course: Course) -> None:
    """Another assignment's checks stay at home, and so does what makes the class's seeds."""
    run(course, "new", "t2_other")
    seed = course.seed("ada", SLUG)  # makes the secret
    with zipfile.ZipFile(package(course)) as file:
        everything = b"".join(file.read(name) for name in file.namelist())
        assert not [name for name in file.namelist() if "t2_other" in name]
    assert (course.state / "secret").read_bytes().strip() not in everything
    assert seed.encode() not in everything


def test_checks_lie_where_no_installed_package_does(image: Container) -> None:
    """The sandbox lets student code read installed packages; checks and solution are apart from them, their owner's only."""
    [checks] = image.root.rglob(f"test_{SLUG}.py")
    assert image.root / "source" / "course" in checks.parents
    assert not [path for path in (image.root / "source" / "kit").rglob("*") if "hidden" in path.parts]
    for path in [image.root / "source", *(image.root / "source").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_solution_gets_full_marks(image: Container) -> None:
    """With nothing installed but what the archive pins, in an empty environment, confined."""
    image.submit({f"{SLUG}.py": HONEST}, metadata())
    code, said, results = image.run()
    assert code == 0, said
    assert results is not None
    jsonschema.validate(results, SPECIFICATION)
    assert results["score"] == 20.0
    assert results["extra_data"]["isolation"] == "landlock+seccomp+rlimits"
    assert [test["status"] for test in results["tests"]] == ["passed"] * 3
    assert "ada@example.org: 20 of 20 points" in said


def test_a_mistake_is_named_and_being_late_costs_what_the_course_says(image: Container) -> None:
    """A day and an hour after the due date: 2 tenths, as in nbgrader's gradebook. The work lies in a folder of what was sent."""
    image.submit({f"my work/{SLUG}.py": WRONG}, metadata(created="2030-10-04T00:00:00+02:00"))
    _, said, results = image.run()
    assert results is not None, said
    assert "step: goes -1 times as far as it should" in results["tests"][0]["output"]
    assert results["output"].startswith("Handed in 25 h 0 min after the due date.")
    earned = sum(test["score"] for test in results["tests"])
    assert 0 < earned < 20
    assert results["score"] == pytest.approx(0.8 * earned)
    assert results["extra_data"]["late_penalty"] == pytest.approx(0.2 * earned)


def test_unreadable_work_is_told(image: Container) -> None:
    """0 points, and above them the reason and that one may hand in again."""
    image.submit({f"{SLUG}.ipynb": b"{"}, metadata())
    code, printed, results = image.run()
    assert (code, results is not None) == (0, True), printed
    assert results is not None
    jsonschema.validate(results, SPECIFICATION)
    assert results["score"] == 0
    assert f"Nothing could be graded: {SLUG}.ipynb stops in the middle" in results["output"]


def attack(one: Container) -> bytes:
    """Work that looks for the checks and the solution, writes results of its own, and answers rightly where any of it works."""
    return f"""
import json, os
import torch

found = []
for name in ("source/course/solutions/{SLUG}.py", "source/course/autograder/hidden/{SLUG}/test_{SLUG}.py", "source/settings.json"):
    try:
        with open(os.path.join({str(one.root)!r}, name)) as file:
            found.append(file.read())
    except OSError:
        pass
try:
    with open(os.path.join({str(one.root)!r}, "results/results.json"), "w") as file:
        json.dump({{"score": 100}}, file)
    found.append("written")
except OSError:
    pass


def step(x, slope, rate):
    if rate < 0:
        raise ValueError("rate")
    return x - rate * slope if found else x + rate * slope
""".encode()


def test_hostile_work_reads_and_writes_nothing(image: Container) -> None:
    """It answers wrongly, for it found nothing; the results are the grader's."""
    image.submit({f"{SLUG}.py": attack(image)}, metadata())
    code, said, results = image.run()
    assert code == 0, said
    assert results is not None
    jsonschema.validate(results, SPECIFICATION)
    scores = {test["tags"][0] + " " + test["number"]: test["score"] for test in results["tests"]}
    assert scores == {"step 1": 0.0, "step 2": 2.0, "walk 3": 0.0}


def without_landlock(one: Container) -> None:
    """Makes the grader believe that the kernel has no Landlock."""
    path = one.root / "source/kit/autograder/worker/landlock.py"
    text = path.read_text(encoding="utf-8")
    changed = text.replace("def abi() -> int:\n", "def abi() -> int:\n    return 0\n\n\ndef _abi() -> int:\n")
    assert changed != text
    path.write_text(changed, encoding="utf-8")


def test_without_confinement_nothing_is_graded(fresh: Container) -> None:
    """No results, so no 0 either, and no older results are left; the instructor reads why, and what can be done."""
    without_landlock(fresh)
    (fresh.root / "results/results.json").write_text('{"score": 20}', encoding="utf-8")
    fresh.submit({f"{SLUG}.py": HONEST}, metadata())
    code, said, results = fresh.run()
    assert (code, results) == (1, None)
    assert "No confinement is to be had in this container, so nothing was graded." in said
    assert "--unsafe" in said


def test_unsafe_grades_without_confinement_says_so_and_stops_no_attack(
    fresh: Container, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only in an archive that was made so, and the result records it. The attack of the test above now finds the checks."""
    shutil.unpack_archive(package(course, "--unsafe"), fresh.root / "source", "zip")
    assert "student code can read the checks" in capsys.readouterr().out
    without_landlock(fresh)
    fresh.submit({f"{SLUG}.py": attack(fresh)}, metadata())
    code, said, results = fresh.run()
    assert code == 0, said
    assert results is not None
    assert results["extra_data"]["isolation"] == "none"
    assert results["tests"][0]["score"] == 12.0


def test_it_runs_in_a_root_of_its_own(image: Container, tmp_path: Path) -> None:
    """/autograder under its own name, the machine's programs read-only, no other file of this machine, `setup.sh` included."""
    if reason := rooted.refusal():
        pytest.skip(f"no container-like root can be made: {reason}")
    image.submit({f"{SLUG}.py": HONEST}, metadata())
    here = shlex.quote(str(Path(__file__)))
    line = f"test ! -e {here} && PIP_NO_INDEX=1 bash source/setup.sh && ./run_autograder"
    done = subprocess.run(
        rooted.command(tmp_path / "root", image.root, line), capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((image.root / "results/results.json").read_text(encoding="utf-8"))
    jsonschema.validate(results, SPECIFICATION)
    assert results["score"] == 20.0
    assert results["extra_data"]["isolation"] == "landlock+seccomp+rlimits"


def test_a_broken_archive_gives_no_results(fresh: Container) -> None:
    """A fault that is ours is nobody's 0."""
    (fresh.root / "source/settings.json").write_text("{}", encoding="utf-8")
    fresh.submit({f"{SLUG}.py": HONEST}, metadata())
    assert fresh.run()[::2] == (1, None)


def test_metadata_name_the_students(tmp_path: Path) -> None:
    """A group by all of its addresses; nobody in particular, in time, where there is no file; another form is refused."""
    path = tmp_path / "submission_metadata.json"
    assert read_metadata(path).student == "student"
    group = metadata()
    group["users"].append({"email": "", "id": 77, "name": "Bob"})
    path.write_text(json.dumps(group), encoding="utf-8")
    assert read_metadata(path).student == "77+ada@example.org"
    path.write_text(json.dumps(metadata(due=None)), encoding="utf-8")
    assert read_metadata(path).seconds_late == 0
    path.write_text('{"users": 3}', encoding="utf-8")
    with pytest.raises(ValueError, match="is not as Gradescope writes it"):
        read_metadata(path)


def test_the_archive_is_not_written_over_a_folder(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """With the name that it could have."""
    assert run(course, "package", SLUG, "--for", "gradescope", "--output", course.root) == 2
    assert f"such as {SLUG}.zip" in capsys.readouterr().err
    assert run(course, "package", "t9", "--for", "gradescope", "--output", course.root / "x.zip") == 2
    assert "There is no assignment 't9'" in capsys.readouterr().err
