"""What this machine gives."""

import os


def processors() -> int:
    """How many processors this process may use: a container or a batch system may give fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
