"""What an instructor sees when the class is through: the gradebook, the pages, and the commands."""

import os
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.demo.outcome import Outcome
from tests.demo.students import Student

_PAGES = {
    "all right": ("amara_okafor", "a3_momentum"),
    "named mistakes": ("diego_herrera", "a3_momentum"),
    "waits for the GPU": ("elif_yilmaz", "a7_batch_norm"),
    "an endless loop": ("kofi_mensah", "a3_momentum"),
    "forged": ("noah_williams", "a3_momentum"),
    "unreadable": ("quentin_dubois", "a3_momentum"),
}


def print_report(root: Path, students: list[Student]) -> None:
    """Print what the gradebook holds, where the pages are, and how to go on."""
    console = Console(highlight=False, width=None if Console().is_terminal else 180)
    outcome = Outcome(root)
    console.print("\n[bold]The gradebook[/bold] (gradebook.db, grades.csv)")
    console.print(_gradebook(outcome, students))
    here = _shown(root)
    console.print("\n[bold]Feedback pages[/bold], as the students get them from nbgrader")
    for what, (student, slug) in _PAGES.items():
        console.print(f"  {what:<20} {here}/feedback/{student}/{slug}/{slug}.html", soft_wrap=True)
    console.print("\n[bold]Pages of their own[/bold], without the notebook")
    student, slug = _PAGES["named mistakes"]
    console.print(f"  {'named mistakes':<20} {here}/pages/{slug}/{student}.html", soft_wrap=True)
    console.print(f"  {'the report on all':<20} {here}/report.html", soft_wrap=True)
    if (root / "pictures").is_dir():
        console.print(f"  {'pictures of both':<20} {here}/pictures/", soft_wrap=True)
    console.print("\n[bold]To go on[/bold]")
    for what, why in _next(root, here):
        console.print(f"  {what:<44} {why}", soft_wrap=True)


def _gradebook(outcome: Outcome, students: list[Student]) -> Table:
    slugs = sorted({slug for _, slug in outcome.gradebook})
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("student", no_wrap=True)
    for slug in slugs:
        table.add_column(slug, justify="right", no_wrap=True)
    table.add_column("the hand-in", overflow="fold")
    for student in students:
        scores = [outcome.gradebook.get((student.identifier, slug)) for slug in slugs]
        shown = ["" if score is None else f"{score:g}" for score in scores]
        table.add_row(f"{student.first_name} {student.last_name}", *shown, student.work)
    return table


def _next(root: Path, here: str) -> list[tuple[str, str]]:
    jupyter = os.path.relpath(Path(sys.executable).with_name("jupyter"), root)
    return [
        (f"{here}/results.json", "every check of every hand-in, with its seed: any grade can be replayed"),
        (f"{here}/log/", "what each command of nbgrader said"),
        (f"(cd {here} && {jupyter} lab)", "the gradebook in the browser: menu Nbgrader, Formgrader"),
    ]


def _shown(root: Path) -> str:
    """The folder as seen from where one stands."""
    here = Path.cwd()
    return str(root.relative_to(here)) if root.is_relative_to(here) else str(root)
