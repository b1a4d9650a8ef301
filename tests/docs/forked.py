"""Runs nbgrader's and our commands, each in a fork of one process that has loaded both, which takes longer than most of them.

A request is a line of JSON: folder, arguments (the command first), environment. The reply is a line too: exit code, output.
"""

import json
import os
import sys
import tempfile

import torch  # noqa: F401  # what the commands need and load late
from nbgrader.apps import nbgraderapp

from autograder import cli
from autograder.commands import grade as grading  # noqa: F401

COMMANDS = {"nbgrader": nbgraderapp.main, "autograder": cli.main}


def run(folder: str, arguments: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """The exit code of a command and what it printed."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            os.chdir(folder)
            os.environ.update(environment)
            sys.argv = arguments
            sys.exit(COMMANDS[arguments[0]]())
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return os.waitstatus_to_exitcode(status), output.read().decode(errors="replace")


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(**json.loads(line))), flush=True)
