"""Links between the pages lead somewhere."""

import re
from pathlib import Path

import pytest
from pages import ROOT

PAGES = sorted((ROOT / "docs").glob("*.md"))
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """The anchors that a forge gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    """Every relative link names a file of the repository and, behind #, a heading in it."""
    text = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in _LINK.findall(text):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_a_wrong_link_would_be_noticed() -> None:
    """The pages do hold relative links, one of them to a heading."""
    links = [link for page in PAGES for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert any("#" in link for link in links)
    assert "no-such-heading" not in anchors(PAGES[0])
