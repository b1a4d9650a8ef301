"""Student code claims violations of device discipline whose text is a hidden input. Other ways to tell are in `corpus.telling`."""

import json

import pytest
from range_course import HONEST, SCALE, SPEAKING, VALUES, grade, statuses

from autograder.course import Course
from autograder.grading.result import SubmissionResult, to_json
from autograder.sandbox.sandbox import Sandbox

# `seen` is a text and `large` a number that stand for an input; neither is in the source as it is.
SEEN, LARGE = "LEAKED", "987654"
VIOLATIONS = {
    "text": "[seen]",
    "a long text": "['line 1: waits for the device (' + seen * 10**5 + ')']",
    "a line": "[f'line {large}: waits for the device (aten::item)']",
    "an operator": "[f'line 1: waits for the device (aten::{seen})']",
    "a function": "[f'line 1: makes a new tensor on the CPU (torch.{seen}; pass device=x.device)']",
    "markup": "['<script>' + seen]",
    "no list": "seen",
    "no text": "[large]",
    "a million": "[seen] * 40_000",
}


def leaking_device(violations: str) -> str:
    """An honest file but for the violations that it claims, after its work on a device."""
    patch = f"""
seen, large = "LEA" + "KED", 987_000 + 654
serve = sys.modules["serve"]
run = serve.Worker._run


def claiming(self, function, args, device):
    if device is None:
        return run(self, function, args, device)
    value = function(self._module, "cpu", *args)
    return self._encode({{"value": value, "violations": {violations}}})


serve.Worker._run = claiming
"""
    return HONEST.replace(SCALE, SPEAKING + patch + SCALE)


@pytest.fixture(scope="module")
def results(
    firing_range: Course, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, SubmissionResult]:
    """The result of each who tries."""
    texts = {name: leaking_device(claim) for name, claim in VIOLATIONS.items()}
    return grade(firing_range, sandbox, tmp_path_factory.mktemp("leaks"), texts)


@pytest.mark.parametrize("name", VIOLATIONS)
def test_no_word_of_an_input_reaches_the_result(results: dict[str, SubmissionResult], name: str) -> None:
    """Neither the text nor the number stands anywhere in the result, and nothing of it is a control character."""
    written = json.dumps(to_json(results[name]), ensure_ascii=False)
    assert SEEN not in written
    assert LARGE not in written
    assert all(letter.isprintable() for letter in written)


@pytest.mark.parametrize("name", VIOLATIONS)
def test_violations_of_whatever_form_cost_the_check_of_the_device(
    results: dict[str, SubmissionResult], name: str
) -> None:
    """Who claims violations has them, worded as the kit words them or not at all."""
    assert statuses(results[name]) == dict.fromkeys(VALUES, "passed") | {"Centre/stays_on_its_device": "failed"}
    message = results[name].checks[-1].message
    assert message in ("it does not keep to the device", "the result is not of the kind that was asked for") or (
        message.startswith("line 1: ") and len(message) < 100
    )


def test_the_line_of_an_exception_is_quoted_from_the_hand_in(
    firing_range: Course, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The student reads the built-in kind, the line's number and the line, and no more."""
    text = HONEST.replace("    return x * factor", "    raise LookupError(x.tolist())")
    result = grade(firing_range, sandbox, tmp_path_factory.mktemp("line"), {"one": text})["one"]
    line = text.splitlines().index("    raise LookupError(x.tolist())") + 1
    assert result.checks[0].message == f"it raised LookupError at line {line}: raise LookupError(x.tolist())"
