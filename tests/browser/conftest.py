"""A browser, pages in it, and the folder for pictures."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import chromium
import pytest
from playwright.sync_api import Browser


@pytest.fixture(
    scope="module"
)  # not longer: while it runs, this process has an event loop that other tests cannot share
def browser() -> Iterator[Browser]:
    """Chromium, where it is installed."""
    if chromium.executable() is None:
        pytest.skip(f"no browser: none of {', '.join(chromium.NAMES)} is installed")
    with chromium.running() as one:
        yield one


@pytest.fixture(scope="module")
def visit(browser: Browser) -> Iterator[Callable[..., chromium.Visit]]:
    """Opens pages, each with a fresh profile; they are closed after the module's tests."""
    visits: list[chromium.Visit] = []

    def open_page(**size: int) -> chromium.Visit:
        visits.append(chromium.Visit(browser, **size))
        return visits[-1]

    yield open_page
    for one in visits:
        one.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for pictures: UNSTUCK_PICTURES, or one that goes away."""
    given = os.environ.get("UNSTUCK_PICTURES")
    folder = Path(given) if given else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
