"""`autograder feedback`: from recorded or named results to pages; every error by name, with its remedy."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pictured_course
import pytest
from pictured_course import FROM_THE_START, RIGHT
from tiny_course import SLUG

from autograder import cli
from autograder.course import Course
from autograder.feedback import write

Feedback = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which three students were graded; with the results as a file, too."""
    root = pictured_course.write(tmp_path_factory.mktemp("graded") / "course").root
    hand_ins = {"ada": RIGHT, "bob": FROM_THE_START, "zoe_z": FROM_THE_START}
    for student, text in hand_ins.items():
        folder = root / "submitted" / student / SLUG
        folder.mkdir(parents=True)
        (folder / f"{SLUG}.py").write_text(text, encoding="utf-8")
    folder = root / "submitted" / "dora" / SLUG
    folder.mkdir(parents=True)
    (folder / f"{SLUG}.ipynb").write_text("{ half a notebook", encoding="utf-8")
    arguments = ["grade", str(root / "submitted"), "--jobs", "1", "--json", str(root / "results.json")]
    assert cli.main(["--course", str(root), *arguments]) == 1  # one cannot be read
    return root


@pytest.fixture
def feedback(graded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Feedback:
    """The command: exit code, stdout, stderr."""

    def run(*arguments: str, course: Path = graded, output: Path = tmp_path / "pages") -> tuple[int, str, str]:
        code = cli.main(["--course", str(course), "feedback", "--output", str(output), *arguments])
        return code, *capsys.readouterr()

    return run


def test_every_result_has_its_page(feedback: Feedback, tmp_path: Path) -> None:
    """From the records: right, wrong with its picture, unreadable with its reason."""
    code, said, complaints = feedback()
    assert (code, complaints) == (0, "")
    assert said == f"4 pages in {tmp_path / 'pages'}\n"
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "pages" / SLUG).iterdir()}
    assert set(pages) == {"ada", "bob", "zoe_z", "dora"}
    assert "<svg" not in pages["ada"]
    assert "A walk of five steps." in pages["bob"]
    assert "takes each step from the start" in pages["bob"]
    assert pages["zoe_z"].replace("zoe_z", "bob") == pages["bob"]
    assert "Nothing could be graded" in pages["dora"]


def test_results_may_be_named(feedback: Feedback, graded: Path, tmp_path: Path) -> None:
    """A file of `autograder grade --json` gives the same page as the records; students and assignments can be chosen."""
    feedback("--student", "bob")
    first = (tmp_path / "pages" / SLUG / "bob.html").read_text(encoding="utf-8")
    code, said, _ = feedback(str(graded / "results.json"), "--student", "bob", "--assignment", SLUG)
    assert (code, said) == (0, f"1 page in {tmp_path / 'pages'}\n")
    assert (tmp_path / "pages" / SLUG / "bob.html").read_text(encoding="utf-8") == first


def test_without_pictures_no_code_is_run(feedback: Feedback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a sandbox nor the bytes are needed."""
    monkeypatch.setattr("autograder.feedback.gallery.Sandbox", None)
    monkeypatch.setattr(write, "hand_in", None)
    code, _, complaints = feedback("--no-pictures")
    assert (code, complaints) == (0, "")
    assert "<svg" not in (tmp_path / "pages" / SLUG / "bob.html").read_text(encoding="utf-8")


def test_lost_bytes_cost_the_pictures_only(feedback: Feedback, graded: Path, tmp_path: Path) -> None:
    """The page is written, the reason is said, and the exit code says that something is missing."""
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    shutil.rmtree(course / ".autograder" / "hand_ins")
    code, said, complaints = feedback("--student", "bob", course=course)
    assert (code, said) == (1, f"1 page in {tmp_path / 'pages'}\n")
    assert "bob" in complaints
    assert "are gone" in complaints
    assert "has no pictures" in complaints
    assert "takes each step from the start" in (tmp_path / "pages" / SLUG / "bob.html").read_text(encoding="utf-8")


def test_a_result_of_an_unknown_assignment_is_named(feedback: Feedback, graded: Path, tmp_path: Path) -> None:
    """The other pages are written."""
    document = json.loads((graded / "results.json").read_text(encoding="utf-8"))
    document["submissions"][0]["assignment"] = "a0_gone"
    (tmp_path / "results.json").write_text(json.dumps(document), encoding="utf-8")
    code, said, complaints = feedback(str(tmp_path / "results.json"), "--no-pictures")
    assert (code, said) == (1, f"3 pages in {tmp_path / 'pages'}\n")
    assert "there is no assignment 'a0_gone'; no page was written" in complaints


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--student", "nobody"], "No result fits; there are results of: ada, bob, dora, zoe_z"),
        (["--assignment", "a0_gone"], "There is no assignment 'a0_gone'"),
        (["no_such_file.json"], "no_such_file.json: cannot be read"),
    ],
)
def test_wrong_usage_is_said(feedback: Feedback, arguments: list[str], said: str) -> None:
    """Nothing fits, no such assignment, no such file: exit code 2."""
    code, _, complaints = feedback(*arguments)
    assert code == 2
    assert said in complaints


def test_a_course_without_results_says_what_to_do(feedback: Feedback, course: Course) -> None:
    """Grade first."""
    code, _, complaints = feedback(course=course.root)
    assert code == 2
    assert "run `autograder grade` first" in complaints


def test_output_that_is_no_folder_is_refused(feedback: Feedback, tmp_path: Path) -> None:
    """A file of that name, or in the way of an assignment's folder, is left as it is."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    code, _, complaints = feedback(output=tmp_path / "file")
    assert code == 2
    assert "is no folder" in complaints
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / SLUG).write_text("mine", encoding="utf-8")
    code, _, complaints = feedback("--no-pictures")
    assert code == 1
    assert "cannot be written" in complaints
    assert (tmp_path / "pages" / SLUG).read_text(encoding="utf-8") == "mine"


def test_a_sandbox_that_does_not_work_is_said_with_its_remedy(
    feedback: Feedback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Student code is not run without confinement behind anyone's back."""
    from autograder.sandbox.zygote import SandboxError

    def broken(*arguments: object, **settings: object) -> None:
        raise SandboxError("The sandbox does not hold here.")

    monkeypatch.setattr("autograder.feedback.gallery.Sandbox", broken)
    code, _, complaints = feedback("--student", "bob")
    assert code == 1
    assert "The sandbox does not hold here. Or use --no-pictures." in complaints
