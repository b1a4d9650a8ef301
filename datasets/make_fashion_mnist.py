"""Makes fashion_mnist.npz from the full set: `python datasets/make_fashion_mnist.py [FOLDER]`.

FOLDER holds the four idx files; by default it is where Debian's package dataset-fashion-mnist puts them.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np

from autograder.student_kit import unstuck_data

FILE = Path(__file__).with_name("fashion_mnist.npz")


def make(folder: Path, target: Path) -> None:
    """Writes the first rows of the full set in the loader's order, which is random, seeded and class-balanced."""
    full = unstuck_data.read_fashion_mnist(folder)
    np.savez_compressed(
        target,
        x_train=full["x_train"][:3000],
        y_train=full["y_train"][:3000],
        x_test=full["x_test"][:1000],
        y_test=full["y_test"][:1000],
    )


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) == 2 else unstuck_data.DEBIAN_FOLDER, FILE)
    print(hashlib.sha256(FILE.read_bytes()).hexdigest())  # belongs in fashion_mnist.toml
