"""The hidden checks run as other graders would run them: in the process that holds the student's code, with no wall between."""

import importlib.util
import statistics
import time
import types
import warnings
from pathlib import Path
from typing import Any

import torch

from autograder.checking import Inputs
from autograder.checking.compare import Ledger, keeping

TOLERANCE = 1e-3
torch.set_num_threads(1)  # as in a worker


class InProcess:
    """A module as a check sees it, called directly."""

    devices = ("cpu",)

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def run(self, experiment: Any, *args: Any, device: str | None = None) -> Any:
        """The experiment's value; on a device, in the form that the engine gives it."""
        if device is None:
            return experiment(self._module, *args)
        return {"value": experiment(self._module, device, *args), "violations": []}


def load(path: Path, name: str) -> types.ModuleType:
    """The module in a file."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def score(checks: types.ModuleType, reference: Any, student: Any, exercise: str | None = None) -> float:
    """The points that a student's module earns, in one exercise or in all."""
    earned = 0.0
    for test in [value for name, value in vars(checks).items() if name.startswith("test_")]:
        mark = next(mark for mark in test.pytestmark if mark.name == "exercise")
        if exercise not in (None, mark.args[0]):
            continue
        given = {"student": InProcess(student), "reference": InProcess(reference), "rng": Inputs(1)}
        wanted = test.__code__.co_varnames[: test.__code__.co_argcount]
        try:
            with keeping(Ledger(1, TOLERANCE)):
                test(**{name: given[name] for name in wanted})
        except Exception:
            continue
        earned += mark.kwargs["points"]
    torch.set_default_dtype(torch.float32)
    return earned


def compute(checks: Path, reference: Path, texts: dict[str, str], folder: Path) -> float:
    """CPU seconds of the submissions' own answers and their comparison: with the reference's, less those of the reference alone."""
    folder.mkdir(parents=True)
    tests, ours = load(checks, "checks"), load(reference, "reference")
    score(tests, ours, ours)  # torch's first calls import modules
    spent = -len(texts) * statistics.median(_seconds(tests, ours, ours) for _ in range(9)) / 2
    for name, text in texts.items():
        path = folder / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        spent += _seconds(tests, ours, load(path, name))
    return spent


def _seconds(checks: types.ModuleType, reference: Any, student: Any) -> float:
    before = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of what wrong answers do
        score(checks, reference, student)
    return time.process_time() - before
