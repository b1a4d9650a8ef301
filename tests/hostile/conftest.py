"""The corpus, graded once for all tests: behind the wall, without confinement, and in one process."""

import pytest
from corpus import ATTACKS
from corpus.attack import Without
from firing import Naive, Volley, fire, grade_naively

from autograder.sandbox.sandbox import Sandbox


@pytest.fixture(scope="session")
def walled(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Volley:
    """The whole corpus in the sandbox as it is."""
    return fire(ATTACKS, sandbox, tmp_path_factory.mktemp("walled") / "world")


@pytest.fixture(scope="session")
def as_notebooks(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Volley:
    """As notebooks, those that do something when they are loaded: of a notebook other statements count than of a module."""
    chosen = {name: attack for name, attack in ATTACKS.items() if attack.beside and not attack.slow}
    return fire(chosen, sandbox, tmp_path_factory.mktemp("notebooks") / "world", notebooks=True)


@pytest.fixture(scope="session")
def opened(unconfined: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Volley:
    """Without confinement, all that ends by itself and does not harm the machine."""
    chosen = {name: attack for name, attack in ATTACKS.items() if not attack.slow and not attack.harmful}
    return fire(chosen, unconfined, tmp_path_factory.mktemp("opened") / "world")


@pytest.fixture(scope="session")
def naive(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Naive]:
    """In one process with the checks, what confinement alone does not stop."""
    chosen = {name: attack for name, attack in ATTACKS.items() if attack.without is Without.ONE_PROCESS}
    return grade_naively(chosen, tmp_path_factory.mktemp("naive"))
