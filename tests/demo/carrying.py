"""nbgrader at work: its console command, and its exchange for the students who do not type."""

import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

from nbgrader.apps import nbgraderapp
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeFetchAssignment, ExchangeSubmit
from traitlets.config.loader import PyFileConfigLoader

from tests.demo.course_folder import DemoError, student_folder


class Running:
    """A command of nbgrader that has been started: the console script's function in a fork of this process.

    A fork, because loading nbgrader takes longer than most of its commands.
    """

    def __init__(self, root: Path, *arguments: str, folder: Path | None = None) -> None:
        self.arguments = arguments
        number = len(list((root / "log").iterdir())) + 1
        self.log = root / "log" / f"{number:02} nbgrader {' '.join(arguments).replace('/', '-')}.txt"
        self.log.touch()
        sys.stdout.flush()
        forked = multiprocessing.get_context("fork")
        self._process: BaseProcess = forked.Process(target=_run, args=(arguments, folder or root, self.log, root))
        self._process.start()

    def finish(self) -> None:
        """Wait for its end; `DemoError` with the last lines of its log where it failed."""
        self._process.join()
        if self._process.exitcode != 0:
            said = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            raise DemoError("\n".join([f"nbgrader {' '.join(self.arguments)} failed; {self.log} ends:", *said[-15:]]))


def nbgrader(root: Path, *arguments: str, folder: Path | None = None) -> None:
    """Run one command of nbgrader in the course folder, or in another, to its end."""
    Running(root, *arguments, folder=folder).finish()


def _run(arguments: tuple[str, ...], folder: Path, log: Path, root: Path) -> None:
    output = os.open(log, os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(folder)
    os.environ.update(
        PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),  # nbgrader calls alembic
        JUPYTER_CONFIG_DIR=str(root / ".jupyter"),
        OMP_NUM_THREADS="1",
    )
    sys.argv = ["nbgrader", *arguments]
    sys.exit(nbgraderapp.main())


def fetch(root: Path, student: str, assignment: str) -> None:
    """Fetch an assignment as `nbgrader fetch_assignment` does, without starting it."""
    _exchange(ExchangeFetchAssignment, root, student, assignment)


def submit(root: Path, student: str, assignment: str) -> None:
    """Hand an assignment in as `nbgrader submit` does, without starting it."""
    _exchange(ExchangeSubmit, root, student, assignment)


def _exchange(step: type, root: Path, student: str, assignment: str) -> None:
    folder = student_folder(root, student)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    config.Exchange.assignment_dir = str(folder)
    course = CourseDirectory(config=config, assignment_id=assignment)
    exchange = step(coursedir=course, authenticator=Authenticator(config=config), config=config)
    exchange.log.setLevel("ERROR")  # it warns of the notebook that a student renamed
    exchange.start()
