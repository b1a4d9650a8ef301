"""What late work costs: one rule, the same for nbgrader's gradebook and for Gradescope."""

import math
from dataclasses import dataclass

_DAY = 86_400.0  # seconds


@dataclass(frozen=True)
class Rule:
    """Nothing within the grace, then percents of the score for each day begun since the due date, up to the cap."""

    grace_minutes: float = 0.0
    percent_a_day: float = 0.0
    cap_percent: float = 100.0

    def penalty(self, score: float, seconds_late: float) -> float:
        """The points taken off a score."""
        if seconds_late <= max(0.0, self.grace_minutes * 60):
            return 0.0
        percent = min(self.cap_percent, self.percent_a_day * math.ceil(seconds_late / _DAY))
        return max(0.0, score) * percent / 100
