"""A call of `run` that cannot work is the author's fault, and never an outcome that both sides share."""

import pytest

from autograder.checking.compare import Ledger, agree, keeping
from autograder.checking.reference import ReferenceModule
from autograder.sandbox.lend import LendError
from autograder.sandbox.sandbox import Sandbox


def test_an_unknown_keyword_is_refused(sandbox: Sandbox) -> None:
    """`m.run(experiment, x, lr=0.1)` raises through `agree`, although student and reference would raise alike."""
    module = ReferenceModule("empty", "", sandbox)
    with keeping(Ledger(1, 1e-6)), pytest.raises(LendError, match="lr"):
        agree(module, module, lambda m: m.run(lambda m: 1, lr=0.1))
