"""The tables of docs/security.md, from the corpus. `python tests/hostile` writes them into the page.

What they claim is what test_corpus.py, test_control.py and test_hand_ins.py show.
"""

import re
from pathlib import Path

from corpus import FAMILIES
from corpus.attack import Attack
from corpus.handing_in import ARCHIVES, FILES, MAGICS, NAMES, NOTEBOOKS, HandIn

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
HAND_INS = {
    "Archives": ARCHIVES,
    "Files and folders": FILES,
    "Notebooks": NOTEBOOKS,
    "Cells that speak to the shell": MAGICS,
    "Names": NAMES,
}
_BEGIN, _END = "<!-- table: {} -->\n", "<!-- end of table -->"


def tables() -> dict[str, str]:
    """The tables by family."""
    found = {family: _attacks(attacks) for family, attacks in FAMILIES.items()}
    return found | {family: _hand_ins(one) for family, one in HAND_INS.items()}


def fill(page: str) -> str:
    """The page with its tables, and the number of their rows, as they are now."""
    for family, table in tables().items():
        before, begin, rest = page.partition(_BEGIN.format(family))
        _, end, after = rest.partition(_END)
        if not begin or not end:
            raise SystemExit(
                f"{PAGE.name} has no place for the table {family!r}; it needs {_BEGIN.format(family)}{_END}"
            )
        page = before + begin + table + end + after
    rows = sum(map(len, (*FAMILIES.values(), *HAND_INS.values())))
    return re.sub(r"^\S+ submissions in", f"{rows} submissions in", page, flags=re.MULTILINE)


def _attacks(attacks: dict[str, Attack]) -> str:
    head = "| a submission that … | must not happen | stopped by | succeeds |\n|---|---|---|---|\n"
    return head + "".join(
        f"| {_cell(name)} | {attack.must_not.value} | {_cell(attack.stopped_by)} | {_succeeds(attack)} |\n"
        for name, attack in attacks.items()
    )


def _succeeds(attack: Attack) -> str:
    if attack.harmful:
        return "not tried: it would harm the machine"
    return "in no control" if attack.without is None else attack.without.value


def _hand_ins(one: dict[str, HandIn]) -> str:
    head = "| hand-in | what stops it | becomes | as it comes |\n|---|---|---|---|\n"
    return head + "".join(
        f"| {_cell(name)} | {each.stopped_by} | {_becomes(each)} | {'reaches out' if each.escapes else '–'} |\n"
        for name, each in one.items()
    )


def _becomes(each: HandIn) -> str:
    if isinstance(each.becomes, float):
        return f"graded, {each.becomes:g} of 20"
    return each.becomes or "graded"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
