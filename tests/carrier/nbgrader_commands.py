"""Runs nbgrader's commands one after the other, each in a process of its own, and reports what each said, as JSON.

The commands are forked from one process that has imported nbgrader, which takes seconds, and then start as the console
script does. Standard input: a JSON list of `{"folder": …, "arguments": […], "environment": {…}}`.
"""

import json
import os
import sys
import tempfile

from nbgrader.apps import nbgraderapp


def run(order: dict[str, object]) -> tuple[int, str]:
    """The exit status of the command and its output."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            os.chdir(str(order["folder"]))
            os.environ.update(order["environment"])
            sys.argv = ["nbgrader", *order["arguments"]]
            sys.exit(nbgraderapp.main())  # as the console script: what `atexit` holds runs too
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return os.waitstatus_to_exitcode(status), output.read().decode(errors="replace")


if __name__ == "__main__":
    print(json.dumps([run(order) for order in json.load(sys.stdin)]))
