"""The notebooks in a real kernel: solved, every figure is drawn; as released, the first check says what to do."""

import contextlib
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from autograder.authoring.build import load_handout
from autograder.authoring.handout import Figure

ROOT = Path(__file__).parents[2]
SLUGS = sorted(path.parent.name for path in ROOT.glob("assignments/*/handout.md"))

# Jupyter's own libraries warn about themselves; what a student's notebook prints is looked at below.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tensors are slower with more threads."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="module", autouse=True)
def font_cache() -> None:
    """Matplotlib's first start writes a font cache and says so on stderr; that belongs to no notebook."""
    import matplotlib.font_manager  # noqa: F401


def executed(slug: str, cells: dict[str, str]) -> dict[str, NotebookNode]:
    """The code cells of the notebook by id, run as by "Run All": to the first error. Some sources are replaced."""
    folder = ROOT / "assignments" / slug
    document = nbformat.read(folder / f"{slug}.ipynb", as_version=4)
    for cell in document.cells:
        cell.source = cells.get(cell.id, cell.source)
    client = NotebookClient(document, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    with contextlib.suppress(CellExecutionError):  # the error stands in its cell's outputs
        client.execute()
    return {cell.id: cell for cell in document.cells if cell.cell_type == "code"}


@pytest.fixture(scope="module", params=SLUGS)
def solved(request: pytest.FixtureRequest) -> tuple[str, dict[str, NotebookNode]]:
    """The notebook with the reference pasted into the first exercise's cell and the others emptied, executed."""
    first, *others = load_handout(ROOT, request.param).exercises
    source = (ROOT / "solutions" / f"{request.param}.py").read_text(encoding="utf-8")
    return request.param, executed(request.param, {first: source, **dict.fromkeys(others, "")})


def kinds(cell: NotebookNode) -> set[str]:
    """What a cell's outputs are: stream names, errors, MIME types."""
    return {
        kind
        for output in cell.outputs
        for kind in ([output.name] if output.output_type == "stream" else output.get("data", {"error": None}))
    }


def test_every_figure_is_drawn(solved: tuple[str, dict[str, NotebookNode]]) -> None:
    """Each figure cell of the solved notebook gives a picture and prints nothing."""
    slug, cells = solved
    figures = [block.name for block in load_handout(ROOT, slug).blocks if isinstance(block, Figure)]
    assert figures
    for name in figures:
        shown = kinds(cells[f"figure-{name}"]) - {"application/vnd.jupyter.widget-view+json"}  # its sliders
        assert shown == {"image/png", "text/plain"}, name


def test_every_visible_check_passes(solved: tuple[str, dict[str, NotebookNode]]) -> None:
    """Each check cell of the solved notebook prints one passed line for each of its checks, and how many points these show."""
    slug, cells = solved
    handout = load_handout(ROOT, slug)
    shown = 0.0
    for check in handout.checks:
        outputs = cells[f"check-{check.exercise}"].outputs
        *lines, progress = "".join(output.text for output in outputs if output.output_type == "stream").splitlines()
        assert [line.split(":")[0] for line in lines] == ["passed"] * len(check.tests), check.exercise
        shown += handout.exercises[check.exercise]
        assert progress.startswith(f"{shown:g} of 20 points visible so far"), check.exercise


def test_no_cell_warns_or_fails(solved: tuple[str, dict[str, NotebookNode]]) -> None:
    """The solved notebook runs from top to bottom without an error and with nothing on stderr."""
    _, cells = solved
    assert {name: kinds(cell) for name, cell in cells.items() if kinds(cell) & {"stderr", "error"}} == {}
    assert all(cell.execution_count for cell in cells.values() if cell.source)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_released_notebook_says_what_to_do(slug: str) -> None:
    """As released, all cells run up to the first check, whose one-line error names the exercise and the next step."""
    cells = list(executed(slug, {}).values())
    first = next(iter(load_handout(ROOT, slug).exercises))
    at = next(index for index, cell in enumerate(cells) if cell.id == f"check-{first}")
    assert [kinds(cell) for cell in cells[:at]] == [set()] * at
    error = cells[at].outputs[-1]
    assert (error.output_type, error.ename, len(error.traceback)) == ("error", "ChecksFailed", 1)
    assert (
        f"{first} is not written yet: put your code in place of `raise NotImplementedError(...)`" in error.traceback[0]
    )
    assert kinds(cells[at]) == {"stdout", "error"}
