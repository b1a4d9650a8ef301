"""`build` writes the same bytes from the same sources, and knows which files are stale."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from autograder.authoring import AuthoringError
from autograder.authoring.build import build, load_handout, student_files

ROOT = Path(__file__).parents[2]
SLUGS = sorted(path.parent.name for path in ROOT.glob("assignments/*/handout.md"))
SLUG = "a3_momentum"
GENERATED = [f"{SLUG}.ipynb", f"{SLUG}.py", f"test_{SLUG}.py", "unstuck.py"]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course that holds the sources of one assignment."""
    for name in (f"solutions/{SLUG}.py", f"assignments/{SLUG}/handout.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def contents(course: Path) -> dict[str, bytes]:
    """The generated files by name."""
    return {name: (course / "assignments" / SLUG / name).read_bytes() for name in GENERATED}


def notebook(slug: str) -> dict:
    """The notebook of an assignment of this course, as JSON."""
    return json.loads(student_files(ROOT, slug)[f"{slug}.ipynb"])


def test_building_twice_gives_the_same_bytes(course: Path) -> None:
    """A second build from scratch gives the same bytes, and a build over it writes nothing."""
    assert build(course, [SLUG]) == [f"assignments/{SLUG}/{name}" for name in GENERATED]
    first = contents(course)
    for name in GENERATED:
        (course / "assignments" / SLUG / name).unlink()
    build(course, [SLUG])
    assert contents(course) == first
    assert build(course, [SLUG]) == []


def test_check_reports_and_writes_nothing(course: Path) -> None:
    """With `check`, missing and changed files are named and left alone."""
    assert len(build(course, [SLUG], check=True)) == 4
    assert not (course / "assignments" / SLUG / f"{SLUG}.ipynb").exists()
    build(course, [SLUG])
    module = course / "assignments" / SLUG / f"{SLUG}.py"
    module.write_text("changed", encoding="utf-8")
    assert build(course, [SLUG], check=True) == [f"assignments/{SLUG}/{SLUG}.py"]
    assert module.read_text(encoding="utf-8") == "changed"


def test_a_changed_docstring_makes_notebook_and_module_stale(course: Path) -> None:
    """The skeletons follow the reference's docstrings."""
    build(course, [SLUG])
    solution = course / "solutions" / f"{SLUG}.py"
    text = solution.read_text(encoding="utf-8")
    first = "Returns the parameters after one step of gradient descent."
    assert first in text
    solution.write_text(text.replace(first, "Returns something else."), encoding="utf-8")
    assert build(course, [SLUG], check=True) == [f"assignments/{SLUG}/{SLUG}.ipynb", f"assignments/{SLUG}/{SLUG}.py"]


def test_a_changed_body_makes_nothing_stale(course: Path) -> None:
    """A new body of the reference changes nothing that the student receives."""
    build(course, [SLUG])
    solution = course / "solutions" / f"{SLUG}.py"
    solution.write_text(
        solution.read_text(encoding="utf-8").replace("return theta - lr * grad", "return theta"), encoding="utf-8"
    )
    assert build(course, [SLUG], check=True) == []


def test_a_missing_solution_is_named(course: Path) -> None:
    """An assignment without its solution is refused by the file's name."""
    (course / "solutions" / f"{SLUG}.py").unlink()
    with pytest.raises(AuthoringError, match=f"solutions/{SLUG}.py: is missing"):
        build(course, [SLUG])


def test_a_file_in_another_encoding_is_named(course: Path) -> None:
    """A handout that is not UTF-8 is refused with the remedy."""
    (course / "assignments" / SLUG / "handout.md").write_bytes("# A0 · Walk".encode("latin-1"))
    with pytest.raises(AuthoringError, match=r"handout.md: is not UTF-8 .*; save it as UTF-8"):
        build(course, [SLUG])


@pytest.mark.parametrize("slug", SLUGS)
def test_committed_files_are_up_to_date(slug: str) -> None:
    """What lies in assignments/ is what the handout and the solution give; `autograder build` brings it up to date."""
    assert build(ROOT, [slug], check=True) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_notebook_is_valid(slug: str) -> None:
    """The notebook satisfies nbformat 4.5 and is written as nbformat writes it."""
    text = student_files(ROOT, slug)[f"{slug}.ipynb"].decode()
    document = nbformat.reads(text, as_version=4)
    nbformat.validate(document)
    assert (document.nbformat, document.nbformat_minor) == (4, 5)
    assert nbformat.writes(document).rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize("slug", SLUGS)
def test_check_cells_carry_the_points(slug: str) -> None:
    """One locked grade cell per exercise, one open answer cell per question, with their points; no other cell is nbgrader's."""
    handout = load_handout(ROOT, slug)
    marked = [cell["metadata"]["nbgrader"] for cell in notebook(slug)["cells"] if "nbgrader" in cell["metadata"]]
    common = {"grade": True, "schema_version": 3, "task": False}
    graded = {"cell_type": "code", "locked": True, "solution": False} | common
    answered = {"cell_type": "markdown", "locked": False, "solution": True} | common
    assert [cell for cell in marked if cell["locked"]] == [
        graded | {"grade_id": name, "points": points} for name, points in handout.exercises.items()
    ]
    assert [cell for cell in marked if not cell["locked"]] == [
        answered | {"grade_id": question.name, "points": question.points} for question in handout.questions
    ]


@pytest.mark.parametrize("slug", SLUGS)
def test_skeleton_cells_are_named_after_their_exercise(slug: str) -> None:
    """An exercise's cell bears its name as id, so that it is found however cells are moved."""
    cells = {cell["id"]: cell for cell in notebook(slug)["cells"]}
    for name in load_handout(ROOT, slug).exercises:
        assert f'raise NotImplementedError("{name}' in "".join(cells[name]["source"])


def test_cell_ids_depend_on_names_only(course: Path) -> None:
    """A new paragraph and a new figure leave the ids of all other cells as they were."""
    before = [cell["id"] for cell in notebook(SLUG)["cells"]]
    handout = course / "assignments" / SLUG / "handout.md"
    text = handout.read_text(encoding="utf-8")
    new = "A new paragraph.\n\n```python figure new\nplt.show()\n```\n\n```python exercise gd_step"
    handout.write_text(text.replace("```python exercise gd_step", new), encoding="utf-8")
    after = [cell["id"] for cell in json.loads(student_files(course, SLUG)[f"{SLUG}.ipynb"])["cells"]]
    assert set(before) - set(after) == {"before-gd_step"}  # that prose now leads to the figure
    assert set(after) - set(before) == {"before-figure-new", "figure-new"}


@pytest.mark.parametrize("slug", SLUGS)
def test_number_comments_stay_with_the_author(slug: str) -> None:
    """The comments by which `validate` recomputes numbers are not in the notebook."""
    assert b"<!--" not in student_files(ROOT, slug)[f"{slug}.ipynb"]


@pytest.fixture
def course_with_data(course: Path) -> Path:
    """The course, its handout asking for a data set."""
    handout = course / "assignments" / SLUG / "handout.md"
    handout.write_text(handout.read_text(encoding="utf-8") + "\n<!-- data: spirals -->\n", encoding="utf-8")
    return course


def test_a_data_set_ships_with_its_loader_and_its_licence(course_with_data: Path) -> None:
    """Where the handout asks for a data set, its file, what there is to know of it, and the loader are laid beside the notebook."""
    (course_with_data / "datasets").mkdir()
    for name in ("spirals.npz", "spirals.toml"):
        (course_with_data / "datasets" / name).write_bytes(b"any bytes \xff of " + name.encode())
    build(course_with_data, [SLUG])
    folder = course_with_data / "assignments" / SLUG
    for name in ("spirals.npz", "spirals.toml"):
        assert (folder / name).read_bytes() == b"any bytes \xff of " + name.encode()
    assert (folder / "unstuck_data.py").read_bytes() == (ROOT / "autograder/student_kit/unstuck_data.py").read_bytes()
    assert b"data: spirals" not in (folder / f"{SLUG}.ipynb").read_bytes()
    (folder / "spirals.npz").write_bytes(b"damaged")
    assert build(course_with_data, [SLUG], check=True) == [f"assignments/{SLUG}/spirals.npz"]


def test_an_unknown_data_set_is_refused(course_with_data: Path) -> None:
    """A data set that is not there is named, with those that are."""
    with pytest.raises(
        AuthoringError, match=r"asks for the data set `spirals`, and datasets/spirals\.npz is missing; there are: none"
    ):
        build(course_with_data, [SLUG])
