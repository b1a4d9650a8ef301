"""Our commands, run as a person types them."""

import os
import subprocess
import sys
from pathlib import Path

AUTOGRADER = str(Path(sys.executable).with_name("autograder"))


def environment() -> dict[str, str]:
    """Ours, without what whoever runs the tests has set for the kit."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UNSTUCK_", "PYTEST_"))}
    return {**kept, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def autograder(folder: Path, *arguments: str, may_end_with: tuple[int, ...] = (0,)) -> str:
    """What `autograder` printed in a folder, once it has ended as it may."""
    done = subprocess.run(
        [AUTOGRADER, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in may_end_with, (
        f"autograder {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}"
    )
    return done.stdout
