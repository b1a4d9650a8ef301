"""How long to fuzz: a fixed set of examples by default, the same in every run; as many minutes as are asked for by hand.

`UNSTUCK_FUZZ_MINUTES=30 pytest tests/fuzz` shares the minutes among the tests and draws new examples from a seed that it
prints, so that `UNSTUCK_FUZZ_SEED` repeats the run. A failure is shrunk and printed either way.
"""

import os
import secrets
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

MINUTES = float(os.environ.get("UNSTUCK_FUZZ_MINUTES", "0"))
SEED = int(os.environ.get("UNSTUCK_FUZZ_SEED", "0")) or secrets.randbits(32)
LONGEST = 60  # seconds that one example may take before it counts as a hang
_ROUND = 200  # examples of a test between two looks at the clock

_CALM = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]
settings.register_profile("fixed", derandomize=True, database=None, deadline=None, suppress_health_check=_CALM)
settings.register_profile("long", database=None, deadline=None, suppress_health_check=_CALM)
settings.load_profile("long" if MINUTES else "fixed")


def examples(fixed: int) -> Callable[[Any], Any]:
    """How many examples the fixed run has; the long one goes on by the clock."""
    return settings(max_examples=_ROUND if MINUTES else fixed)
