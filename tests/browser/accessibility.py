"""What axe finds on a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")


def findings(page: Page, only: str | None = None) -> list[str]:
    """axe's serious and critical findings on a page, or in those parts of it that a selector names: rule, what, where."""
    context: dict[str, Any] | None = {"include": [[only]]} if only is not None else None
    violations = Axe().run(page, context=context).response["violations"]
    return [_told(one) for one in violations if one["impact"] in GRAVE]


def _told(violation: dict[str, Any]) -> str:
    places = ", ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:5])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}; {places}"
