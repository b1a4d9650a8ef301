"""Writes the tables of docs/security.md."""

import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1]))
from table import PAGE, fill  # needs the path above

PAGE.write_text(fill(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
