"""Gradescope's container in a scratch folder: /autograder with the archive in it, and an environment with nothing else.

The packages are those that the archive pins, linked from the environment that runs the tests; nothing else is installed.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from importlib.metadata import PackagePath, distribution
from pathlib import Path
from typing import Any

CLEAN = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}


@dataclass(frozen=True)
class Container:
    """A folder that stands for /autograder."""

    root: Path

    def submit(self, files: dict[str, bytes], metadata: dict[str, Any] | None = None) -> None:
        """What the student sent, in place of what was there."""
        shutil.rmtree(self.root / "submission", ignore_errors=True)
        for name, content in files.items():
            path = self.root / "submission" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        about = self.root / "submission_metadata.json"
        about.unlink(missing_ok=True)
        if metadata is not None:
            about.write_text(json.dumps(metadata), encoding="utf-8")

    def run(self) -> tuple[int, str, dict[str, Any] | None]:
        """Runs `run_autograder` as Gradescope does: exit code, what it printed, the results where there are any."""
        done = subprocess.run(
            [self.root / "run_autograder"],
            cwd=self.root,
            env=CLEAN,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )
        results = self.root / "results" / "results.json"
        return done.returncode, done.stdout, json.loads(results.read_text("utf-8")) if results.exists() else None


def make(archive: Path, root: Path) -> Container:
    """Unpacks an archive as Gradescope does: into source/, with run_autograder beside it."""
    source = root / "source"
    (root / "results").mkdir(parents=True)
    with zipfile.ZipFile(archive) as file:
        file.extractall(source)
    shutil.copy(source / "run_autograder", root)
    (root / "run_autograder").chmod(0o755)
    return Container(root)


def link_environment(requirements: Path, venv: Path) -> None:
    """A virtual environment with the pinned packages and pip."""
    here = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(here)
    (venv / "pyvenv.cfg").write_text(f"home = {here.parent}\ninclude-system-site-packages = false\n", encoding="utf-8")
    packages = venv / "lib" / here.name / "site-packages"
    names = [line.partition("==")[0] for line in requirements.read_text(encoding="utf-8").splitlines()]
    for name in [*names, "pip"]:
        for file in distribution(name).files or []:
            _link(file, packages)


def _link(file: PackagePath, packages: Path) -> None:
    origin, target = Path(str(file.locate())), packages / file
    if ".." in file.parts or not origin.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(origin, target)
    except OSError:  # another file system
        shutil.copy2(origin, target)
