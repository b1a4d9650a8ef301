"""Makes digits.npz from the file digits.csv.gz of scikit-learn: `python datasets/make_digits.py [digits.csv.gz]`."""

import hashlib
import importlib.util
import sys
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
    table = np.loadtxt(source, delimiter=",")  # (1797, 65)
    whole = table.astype(np.uint8)
    if table.shape != (1797, 65) or (whole != table).any() or whole[:, :64].max() > 16 or whole[:, 64].max() > 9:
        raise ValueError(f"{source}: must be 1797 rows of 64 integers 0 to 16 and a label 0 to 9; got {table.shape}")
    np.savez_compressed(target, x=whole[:, :64], y=whole[:, 64])


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) == 2 else installed()
    if given is None:
        sys.exit("scikit-learn is not installed here; name its file: python datasets/make_digits.py digits.csv.gz")
    make(given, FILE)
    print(hashlib.sha256(FILE.read_bytes()).hexdigest())  # belongs in digits.toml
