"""Makes digits.npz from scikit-learn's file digits.csv.gz and prints its SHA-256, which belongs in digits.toml."""

import argparse
import hashlib
import importlib.util
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("digits.npz")


def installed() -> Path | None:
    """digits.csv.gz of the installed scikit-learn, where there is one; nothing of it is imported."""
    found = importlib.util.find_spec("sklearn")
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"
    return path if path.is_file() else None


def make(source: Path, target: Path) -> None:
    """Writes the 64 pixel columns as x and the last column as y, rows in their order."""
    table = np.loadtxt(source, delimiter=",")
    whole = table.astype(np.uint8)
    if table.shape != (1797, 65) or (whole != table).any() or whole[:, :64].max() > 16 or whole[:, 64].max() > 9:
        raise ValueError(
            f"{source}: must be 1797 rows of 64 integers from 0 to 16 and a label from 0 to 9, got shape {table.shape} "
            f"and numbers from {table.min():g} to {table.max():g}; take digits.csv.gz of scikit-learn"
        )
    np.savez_compressed(target, x=whole[:, :64], y=whole[:, 64])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", type=Path, default=installed(), help="by default the installed one")
    source = parser.parse_args().source
    if source is None:
        parser.error("scikit-learn is not installed here; name its file digits.csv.gz")
    make(source, FILE)
    print(hashlib.sha256(FILE.read_bytes()).hexdigest())
