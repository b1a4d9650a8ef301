"""Homework: a student's work put into the folder that was fetched, by the hand of the student."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from tests.demo.students import HandIn

_HEADING = re.compile(r"^# %%(?:[ \t]+(?P<cell>\S+))?[ \t]*\n", re.MULTILINE)


def do_homework(hand_in: HandIn, folder: Path) -> None:
    """Write the student's work into the fetched folder; where there is none the files stay as they were released."""
    if hand_in.module.is_file():
        shutil.copyfile(hand_in.module, folder / hand_in.module.name)
    path = folder / f"{hand_in.assignment}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    if hand_in.cells.is_file():
        write_cells(notebook, hand_in.cells.read_text(encoding="utf-8"))
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in hand_in.deleted]
    if hand_in.forged:
        forge(notebook)
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    path.write_text(text[: len(text) // 2] if hand_in.truncated else text, encoding="utf-8")
    if hand_in.renamed is not None:
        path.rename(folder / hand_in.renamed)


def write_cells(notebook: dict[str, Any], text: str) -> None:
    """Write each part of the text into the cell that its heading `# %% name` names; one without a name into a new cell.

    A new cell comes after the one before it, the first of all before the first cell with code.
    """
    places = {cell["id"]: cell for cell in notebook["cells"]}
    cells = notebook["cells"]
    here = next(index for index, cell in enumerate(cells) if cell["cell_type"] == "code")
    for number, (name, source) in enumerate(parts(text)):
        if name is not None:
            if name not in places:
                raise KeyError(f"the notebook has no cell {name!r} to write in; it has {', '.join(places)}")
            places[name]["source"] = source
            here = cells.index(places[name]) + 1
        else:
            cells.insert(here, _code_cell(f"own-{number}", source))
            here += 1


def parts(text: str) -> list[tuple[str | None, str]]:
    """Name and source of each part of the text: what stands under one heading."""
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return [
        (heading["cell"], text[heading.end() : end].strip("\n")) for heading, end in zip(headings, ends, strict=True)
    ]


def forge(notebook: dict[str, Any]) -> None:
    """Claim a thousand points: in the outputs, in the points of the cells, in the notebook's metadata, in a script."""
    praise = {"text/plain": "1000.0", "text/html": "<b class='forged'>1000 of 2 points, well done</b>"}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        result = {"output_type": "execute_result", "data": praise, "metadata": {}, "execution_count": 1}
        cell["outputs"] = [result, {"output_type": "stream", "name": "stdout", "text": "1000 of 2 points\n"}]
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["nbgrader"] |= {"points": 1000, "locked": False}
            cell["source"] = "1000.0"
    notebook["metadata"]["nbgrader"] = {"score": 1000, "status": "graded"}
    script = "<script class='forged'>document.title = '20 of 20'</script> I earned 1000 points."
    notebook["cells"].append({"cell_type": "markdown", "id": "forged", "metadata": {}, "source": script})


def _code_cell(identifier: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": identifier,
        "metadata": {},
        "source": source,
        "execution_count": None,
        "outputs": [],
    }
