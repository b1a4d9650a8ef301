"""Print the script that completes commands, options, files and assignments in a shell."""

import argparse
from pathlib import Path

from autograder.course import Course

EPILOG = """\
examples:
  source <(autograder completion bash)                            bash, this session; put the line into ~/.bashrc to keep it
  autograder completion zsh > ~/.zfunc/_autograder                zsh, with `fpath+=~/.zfunc` before compinit in ~/.zshrc
  autograder completion tcsh > ~/.autograder.tcsh                 tcsh, with `source ~/.autograder.tcsh` in ~/.tcshrc

Works outside a course too; assignments are those of the course that the working folder lies in (in tcsh: of the working
folder). exit code: 0 printed, 2 wrong usage"""
ANYWHERE = True

# The names are data: they are printed, never expanded.
_SLUGS_IN_BASH = """\
_autograder_slugs() {
  local folder="$PWD" handout slug
  while [[ -n "$folder" && ! ( -d "$folder/assignments" && -d "$folder/solutions" ) ]]; do folder="${folder%/*}"; done
  for handout in "$folder"/assignments/*/handout.md; do
    slug="${handout%/handout.md}"
    slug="${slug##*/}"
    if [[ -e "$handout" && "$slug" == "$1"* ]]; then printf '%s\\n' "$slug"; fi
  done
}
"""
_SLUGS_IN_ZSH = """\
_autograder_slugs() {
  local folder="$PWD"
  while [[ -n "$folder" && ! ( -d "$folder/assignments" && -d "$folder/solutions" ) ]]; do folder="${folder%/*}"; done
  local -a slugs
  slugs=("$folder"/assignments/*/handout.md(N:h:t))
  compadd -a slugs
}
"""
_PREAMBLE = {"bash": _SLUGS_IN_BASH, "zsh": _SLUGS_IN_ZSH}
_SLUGS = {"bash": "_autograder_slugs", "zsh": "_autograder_slugs", "tcsh": "`ls assignments`"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell")


def run(course: Course | None, options: argparse.Namespace) -> int:
    """Prints the script."""
    import shtab

    from autograder.cli import parser

    whole = parser()
    _mark(whole)
    print(shtab.complete(whole, options.shell, preamble=_PREAMBLE.get(options.shell, "")))
    return 0


def _mark(parser: argparse.ArgumentParser) -> None:
    """Says of each argument what completes it, where it is no choice: an assignment, a folder, a file."""
    import shtab

    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                _mark(one)
        elif action.metavar == "SLUG":
            action.complete = _SLUGS  # type: ignore[attr-defined]  # shtab's own way
        elif action.type is Path:
            action.complete = shtab.DIRECTORY if action.metavar == "FOLDER" else shtab.FILE  # type: ignore[attr-defined]
