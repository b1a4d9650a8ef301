"""docs/security.md says of every entry of the corpus what the tests show of it."""

from corpus import ATTACKS
from corpus.handing_in import HAND_INS as ENTRIES
from table import PAGE, fill, tables


def test_the_tables_are_those_of_the_corpus() -> None:
    """A change of the corpus is a change of the page; `python tests/hostile` writes its tables anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert fill(page) == page


def test_every_entry_has_its_row() -> None:
    """Nothing of the corpus is left out."""
    rows = sum(table.count("\n") - 2 for table in tables().values())
    assert rows == len(ATTACKS) + len(ENTRIES)
