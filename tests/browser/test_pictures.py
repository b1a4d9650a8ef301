"""The pictures that README and docs show."""

from pathlib import Path

from pictured import LIMIT, PICTURES

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def test_the_pictures_in_docs_are_those_that_tests_take() -> None:
    """None is missing, none is left over, none is too large; `make pictures` takes them anew."""
    found = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert set(found) == {f"{name}.png" for name in PICTURES}
    assert all(size < LIMIT for size in found.values())
