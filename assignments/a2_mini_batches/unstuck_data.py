"""The data sets of the course as tensors: `load_digits()` and `load_fashion_mnist()`.

Nothing here is part of an exercise. Each `.npz` lies beside this module and is checked against the SHA-256 in the `.toml`
of its name, which says where the data comes from. Nothing is downloaded, and nothing is unpickled.
"""

import gzip
import hashlib
import io
import math
import tomllib
import zipfile
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

FASHION_MNIST_CLASSES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)

DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")  # the full Fashion-MNIST: dataset-fashion-mnist
_IDX_FILES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
_REMEDY = "Copy it once more from where you got it."
_UNREADABLE = (ValueError, TypeError, OSError, EOFError, zlib.error, zipfile.BadZipFile)

_HERE = Path(__file__).absolute().parent
# In the course's own repository this module lies in autograder/student_kit/, and the data in datasets/.
_FOLDER = _HERE.parent.parent / "datasets" if _HERE.name == "student_kit" else _HERE


def load_digits() -> tuple[Tensor, Tensor]:
    """Returns x (1797, 64) float32, the integers 0 to 16, and y (1797,) int64: handwritten digits of 8×8 pixels.

    Columns 0, 32 and 39 of x are constant.

    Raises:
        FileNotFoundError: digits.npz or digits.toml is not beside this module.
        ValueError: one of them is damaged.
    """
    arrays = _packed("digits", ("x", "y"))
    return _tensor(arrays["x"], torch.float32), _tensor(arrays["y"], torch.int64)


def load_fashion_mnist(folder: str | Path | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Returns x_train (N, 784) float32 in [0, 1], y_train (N,) int64, x_test and y_test: clothes of 28×28 pixels.

    The rows stand in a fixed random order in which the first 10·k hold k of each class. The subset beside this module has
    3000 and 1000 rows; they are the first rows of the full set, so that a slice is the same images everywhere.

    Args:
        folder: where the four idx files of the full set lie, `.gz` or not. By default Debian's package
            dataset-fashion-mnist where it is installed, else the subset.

    Raises:
        FileNotFoundError: a file is not there.
        ValueError: a file is damaged, or is not what its name says.
    """
    if folder is None and all((DEBIAN_FOLDER / f"{name}.gz").is_file() for name in _IDX_FILES.values()):
        folder = DEBIAN_FOLDER
    arrays = _packed("fashion_mnist", tuple(_IDX_FILES)) if folder is None else read_fashion_mnist(folder)
    return (
        _tensor(arrays["x_train"], torch.float32).div_(255),
        _tensor(arrays["y_train"], torch.int64),
        _tensor(arrays["x_test"], torch.float32).div_(255),
        _tensor(arrays["y_test"], torch.int64),
    )


def read_fashion_mnist(folder: str | Path) -> dict[str, np.ndarray]:
    """Returns the uint8 arrays x_train (N, 784), y_train (N,), x_test, y_test of four idx files, in balanced order."""
    arrays = {}
    for part in ("train", "test"):
        images, labels = (_idx_file(Path(folder).expanduser(), f"{kind}_{part}") for kind in "xy")
        x, y = _idx(images, dimensions=3), _idx(labels, dimensions=1)  # (N, 28, 28), (N,)
        if x.shape[1:] != (28, 28):
            raise ValueError(_damaged(images, "must hold images of 28×28 pixels", f"{x.shape[1]}×{x.shape[2]}"))
        if len(x) != len(y):
            raise ValueError(_damaged(labels, f"must hold a label for each image, {len(x)}", f"{len(y)} labels"))
        if y.max(initial=0) > 9:
            raise ValueError(_damaged(labels, "must hold labels from 0 to 9", f"a label {y.max()}"))
        order = _balanced_order(y)
        arrays[f"x_{part}"], arrays[f"y_{part}"] = x.reshape(len(x), 784)[order], y[order]
    return arrays


def _tensor(array: np.ndarray, dtype: torch.dtype) -> Tensor:
    return torch.from_numpy(array).to(dtype)


def _balanced_order(labels: np.ndarray) -> np.ndarray:
    """A fixed random order of the rows, in which the k-th of each class come before all (k + 1)-th."""
    stream = np.random.RandomState(2017)  # frozen: the same numbers in every numpy
    order = stream.permutation(len(labels))
    rank = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        own = labels[order] == label
        rank[own] = np.arange(own.sum())
    return order[np.lexsort((stream.random_sample(len(labels)), rank))]


def _packed(name: str, keys: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The arrays of a data set's .npz, once its bytes and its arrays are those that its .toml records."""
    npz, toml = _FOLDER / f"{name}.npz", _FOLDER / f"{name}.toml"
    for path in (npz, toml):
        if not path.is_file():
            raise FileNotFoundError(
                f"{path}: is missing; load_{name}() needs {npz.name} and {toml.name} in this "
                "folder. Copy them here from where you got the assignment."
            )
    try:
        record = tomllib.loads(toml.read_text(encoding="utf-8"))
        sha256 = record["sha256"]
        recorded = {key: (tuple(record["arrays"][key]["shape"]), record["arrays"][key]["dtype"]) for key in keys}
    except (KeyError, TypeError, ValueError) as error:
        required = f"must be TOML with `sha256` and, for {', '.join(keys)}, shape and dtype"
        raise ValueError(_damaged(toml, required, f"{type(error).__name__}: {error}")) from None
    content = npz.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(
            _damaged(npz, f"must have the SHA-256 {sha256} of {toml.name}", f"{found}, {len(content)} bytes")
        )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except _UNREADABLE as error:
        raise ValueError(_damaged(npz, "must be an .npz of plain arrays", f"{type(error).__name__}: {error}")) from None
    kinds = {key: (array.shape, str(array.dtype)) for key, array in arrays.items()}
    if kinds != recorded:
        raise ValueError(_damaged(npz, f"must hold the arrays {recorded} of {toml.name}", str(kinds)))
    return arrays


def _idx_file(folder: Path, key: str) -> Path:
    """The idx file of an array, `.gz` or not."""
    name = _IDX_FILES[key]
    for path in (folder / f"{name}.gz", folder / name):
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"{folder / name}: is missing, and so is {name}.gz; the full Fashion-MNIST is the four files "
        f"{', '.join(_IDX_FILES.values())}, `.gz` or not. Name the folder that holds them, or call "
        "load_fashion_mnist() without a folder."
    )


def _idx(path: Path, dimensions: int) -> np.ndarray:
    """The array of an idx file of bytes: 0, 0, 8 (unsigned bytes), the number of dimensions, the sizes, the elements."""
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except _UNREADABLE as error:
            raise ValueError(_damaged(path, "must be a whole gzip file", f"{type(error).__name__}: {error}")) from None
    magic, start = bytes([0, 0, 8, dimensions]), 4 + 4 * dimensions
    if content[:4] != magic:
        required = f"must start with {magic.hex(' ')}: unsigned bytes in {dimensions} dimension(s)"
        raise ValueError(_damaged(path, required, content[:4].hex(" ") or "an empty file"))
    sizes = [int.from_bytes(content[at : at + 4], "big") for at in range(4, start, 4)]
    if len(content) != start + math.prod(sizes):
        required = f"must hold {' × '.join(map(str, sizes))} elements after {start} bytes, as its head says"
        raise ValueError(_damaged(path, required, f"{len(content)} bytes in all"))
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(sizes)


def _damaged(path: Path, required: str, found: str) -> str:
    return f"{path}: {required}; got {found}. The file is damaged or another one. {_REMEDY}"
