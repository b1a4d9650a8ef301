#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image: Python 3.11 or later, and the packages that the grader needs.
set -euo pipefail
source_folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
venv="$source_folder/../venv"

new_enough='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null && "$name" -c "$new_enough" 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
}

if [ ! -x "$venv/bin/python" ]; then
    python="$(find_python)"
    if [ -z "$python" ]; then
        apt-get update
        apt-get install -y --no-install-recommends python3.11 python3.11-venv
        python="$(find_python)"
    fi
    "$python" -m venv "$venv"
fi
"$venv/bin/python" -m pip install --disable-pip-version-check --no-cache-dir -r "$source_folder/requirements.txt"
"$venv/bin/python" -m compileall -q "$source_folder/kit"

# The checks and the solution are for the grader alone. What keeps student code from them is the sandbox: see docs/systems.md.
chmod -R go= "$source_folder"
