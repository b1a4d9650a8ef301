"""The data sets: what they hold, that they are what their records say, and what the loader says when they are not."""

import gzip
import hashlib
import importlib.util
import shutil
import struct
import tomllib
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

ROOT = Path(__file__).parents[2]
DATASETS = ROOT / "datasets"
LOADER = ROOT / "autograder" / "student_kit" / "unstuck_data.py"
NAMES = sorted(path.stem for path in DATASETS.glob("*.npz"))


def imported(path: Path) -> ModuleType:
    """The module at a path, anew."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(name: str) -> dict:
    return tomllib.loads((DATASETS / f"{name}.toml").read_text(encoding="utf-8"))


def packed(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A student's folder: the loader with the data beside it."""
    for path in (LOADER, *DATASETS.glob("*.npz"), *DATASETS.glob("*.toml")):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.fixture
def kit(folder: Path) -> ModuleType:
    """The loader of the student's folder, on a machine without the full Fashion-MNIST."""
    module = imported(folder / LOADER.name)
    module.DEBIAN_FOLDER = folder / "not installed"
    return module


def test_each_data_set_has_its_files() -> None:
    """Arrays, record and maker go by one name, and nothing else lies there."""
    assert NAMES == ["digits", "fashion_mnist"]
    wanted = {file for name in NAMES for file in (f"{name}.npz", f"{name}.toml", f"make_{name}.py")}
    assert {path.name for path in DATASETS.iterdir() if path.is_file()} == wanted | {"README.md"}


@pytest.mark.parametrize("name", NAMES)
def test_record_is_complete(name: str) -> None:
    """Title, source, attribution, citation, licence and the making of each data set are stated."""
    facts = record(name)
    assert facts["file"] == f"{name}.npz"
    assert facts["made_by"].startswith(f"python datasets/make_{name}.py")
    for key in ("title", "source", "attribution", "citation", "made_from"):
        assert facts[key].strip(), key
    assert facts["licence"]["name"] in facts["attribution"]
    assert "Permission is hereby granted" in facts["licence"]["text"] or "://" in facts["licence"]["text"]


@pytest.mark.parametrize("name", NAMES)
def test_record_is_true(name: str) -> None:
    """The file has the recorded SHA-256 and holds the recorded arrays, each described."""
    facts, path = record(name), DATASETS / f"{name}.npz"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == facts["sha256"]
    found = {key: {"shape": list(array.shape), "dtype": str(array.dtype)} for key, array in packed(path).items()}
    assert found == {key: {"shape": of["shape"], "dtype": of["dtype"]} for key, of in facts["arrays"].items()}
    assert all(of["holds"] for of in facts["arrays"].values())


@pytest.mark.parametrize("name", NAMES)
def test_file_holds_plain_arrays_without_dates(name: str) -> None:
    """Each member is an array without Python objects, packed, dated 1980: the same bytes whenever it is made."""
    with zipfile.ZipFile(DATASETS / f"{name}.npz") as archive:
        for member in archive.infolist():
            assert member.filename.endswith(".npy")
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
            assert member.compress_type == zipfile.ZIP_DEFLATED
            assert b"'descr': '|u1'" in archive.read(member)[:128]


def test_digits_are_the_known_ones(kit: ModuleType) -> None:
    """1797 images of integers 0 to 16, in the original order, with the class counts that the source states."""
    x, y = kit.load_digits()
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((1797, 64), torch.float32, (1797,), torch.int64)
    assert torch.equal(x.unique(), torch.arange(17.0))
    assert y[:10].tolist() == list(range(10))
    assert y.bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_three_columns_of_digits_are_constant(kit: ModuleType) -> None:
    """Feature normalization must not divide by their zero deviation."""
    x, _ = kit.load_digits()
    assert (x.std(dim=0) == 0).nonzero().flatten().tolist() == [0, 32, 39]


def test_fashion_mnist_is_scaled_to_one(kit: ModuleType) -> None:
    """3000 and 1000 images of 784 numbers from 0 to 1, in steps of 1/255, all different."""
    x_train, y_train, x_test, y_test = kit.load_fashion_mnist()
    assert (x_train.shape, x_test.shape) == ((3000, 784), (1000, 784))
    assert (y_train.shape, y_test.shape) == ((3000,), (1000,))
    assert x_train.dtype == x_test.dtype == torch.float32
    assert y_train.dtype == y_test.dtype == torch.int64
    assert torch.equal(x_train.unique(), torch.arange(256) / 255)
    assert len({row.numpy().tobytes() for row in torch.cat((x_train, x_test))}) == 4000


def balanced(labels: torch.Tensor) -> bool:
    """Whether the first 10·k labels hold k of each class, for every k."""
    return torch.equal(labels.view(-1, 10).sort(dim=1).values, torch.arange(10).expand(len(labels) // 10, 10))


def test_prefixes_of_fashion_mnist_are_balanced(kit: ModuleType) -> None:
    """The first 10·k rows hold k of each class, and tens do not repeat one order of the classes."""
    _, y_train, _, y_test = kit.load_fashion_mnist()
    assert balanced(y_train)
    assert balanced(y_test)
    assert len(y_train.view(-1, 10).unique(dim=0)) > 290


def test_classes_of_fashion_mnist_have_names(kit: ModuleType) -> None:
    """The loader's names of the classes are the ten that the record lists."""
    assert len(kit.FASHION_MNIST_CLASSES) == 10
    assert record("fashion_mnist")["arrays"]["y_train"]["holds"].endswith(", ".join(kit.FASHION_MNIST_CLASSES))


def test_the_repository_needs_no_copies() -> None:
    """In the repository the loader finds the data in datasets/."""
    x, _ = imported(LOADER).load_digits()
    assert x.shape == (1797, 64)


def idx(array: np.ndarray) -> bytes:
    """An array of bytes in the idx format."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


FILES = (
    *("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    *("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
)


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A small full set as plain idx files: 50 and 20 images, sorted by class; pixel 0 of an image is its row."""
    for rows, images, labels in ((50, *FILES[:2]), (20, *FILES[2:])):
        pixels = np.zeros((rows, 28, 28), dtype=np.uint8)
        pixels[:, 0, 0] = np.arange(rows)
        (tmp_path / images).write_bytes(idx(pixels))
        (tmp_path / labels).write_bytes(idx(np.sort(np.arange(rows, dtype=np.uint8) % 10)))
    return tmp_path


def packed_up(folder: Path) -> None:
    """Replaces plain idx files with .gz files."""
    for name in FILES:
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
        (folder / name).unlink()


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gz"])
def test_a_folder_gives_the_full_set(kit: ModuleType, full: Path, compressed: bool) -> None:
    """Every image comes once, with its own label, in balanced order, from plain or compressed files."""
    if compressed:
        packed_up(full)
    x_train, y_train, x_test, y_test = kit.load_fashion_mnist(str(full))
    for x, y, rows in ((x_train, y_train, 50), (x_test, y_test, 20)):
        row = (x[:, 0] * 255).round().long()
        assert torch.equal(row.sort().values, torch.arange(rows))
        assert torch.equal(y, row // (rows // 10))
        assert balanced(y)


def test_debians_package_is_taken_where_it_is_installed(kit: ModuleType, full: Path) -> None:
    """With its four files there the full set comes; with one of them gone, the subset."""
    packed_up(full)
    kit.DEBIAN_FOLDER = full
    assert len(kit.load_fashion_mnist()[0]) == 50
    (full / f"{FILES[3]}.gz").unlink()
    assert len(kit.load_fashion_mnist()[0]) == 3000


def same_file(made: Path, name: str) -> None:
    """Asserts that a maker gave the committed arrays, and the committed bytes where zlib is zlib."""
    wanted = packed(DATASETS / f"{name}.npz")
    got = packed(made)
    assert list(got) == list(wanted)
    assert all(np.array_equal(got[key], wanted[key]) for key in wanted)
    if "zlib-ng" in zlib.ZLIB_RUNTIME_VERSION:
        pytest.skip("the arrays are the same; zlib-ng packs them into other bytes")
    assert made.read_bytes() == (DATASETS / f"{name}.npz").read_bytes()


def test_digits_are_made_from_scikit_learns_file(tmp_path: Path) -> None:
    """The maker gives the committed bytes from the installed scikit-learn."""
    maker = imported(DATASETS / "make_digits.py")
    if (source := maker.installed()) is None:
        pytest.skip("scikit-learn, which has the source digits.csv.gz, is not installed")
    maker.make(source, tmp_path / "made.npz")
    same_file(tmp_path / "made.npz", "digits")


def test_digits_are_made_again_from_their_own_table(tmp_path: Path) -> None:
    """The maker gives the committed bytes from the committed values written as scikit-learn writes them."""
    arrays = packed(DATASETS / "digits.npz")
    source = tmp_path / "digits.csv.gz"
    np.savetxt(source, np.column_stack((arrays["x"], arrays["y"])), fmt="%d", delimiter=",")
    imported(DATASETS / "make_digits.py").make(source, tmp_path / "made.npz")
    same_file(tmp_path / "made.npz", "digits")


@pytest.mark.parametrize(("value", "column"), [(17, 5), (0.5, 5), (-1, 5), (10, 64)])
def test_digits_are_not_made_from_another_table(tmp_path: Path, value: float, column: int) -> None:
    """A number that is no pixel or no label is refused, and no file is written."""
    table = np.zeros((1797, 65))
    table[3, column] = value
    np.savetxt(tmp_path / "other.csv", table, delimiter=",")
    with pytest.raises(ValueError, match=r"other\.csv: must be 1797 rows of 64 integers .* take digits\.csv\.gz"):
        imported(DATASETS / "make_digits.py").make(tmp_path / "other.csv", tmp_path / "made.npz")
    assert not (tmp_path / "made.npz").exists()


def test_fashion_mnist_is_made_from_debians_package(tmp_path: Path) -> None:
    """The maker gives the committed bytes, and the loader's full set begins with the subset."""
    maker, loader = imported(DATASETS / "make_fashion_mnist.py"), imported(LOADER)
    if not loader.DEBIAN_FOLDER.is_dir():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    subset = packed(DATASETS / "fashion_mnist.npz")
    x_train, y_train, *_ = loader.load_fashion_mnist()
    assert len(x_train) == len(y_train) == 60000
    assert np.array_equal((x_train[:3000] * 255).round().numpy(), subset["x_train"])
    maker.make(loader.DEBIAN_FOLDER, tmp_path / "made.npz")
    same_file(tmp_path / "made.npz", "fashion_mnist")


def refusal(call: Callable[[], object], kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught:
        call()
    assert caught.type is kind
    return str(caught.value)


def rewritten(folder: Path, **arrays: np.ndarray) -> None:
    """Puts other arrays into digits.npz and their SHA-256 into digits.toml."""
    np.savez_compressed(folder / "digits.npz", **arrays)
    resealed(folder)


def resealed(folder: Path) -> None:
    found = hashlib.sha256((folder / "digits.npz").read_bytes()).hexdigest()
    toml = folder / "digits.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace(record("digits")["sha256"], found), encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", [".npz", ".toml"])
def test_a_missing_file_is_named(kit: ModuleType, folder: Path, name: str, suffix: str) -> None:
    """The message says which file is missing, what needs it, and where it comes from."""
    (folder / f"{name}{suffix}").unlink()
    text = refusal(getattr(kit, f"load_{name}"), FileNotFoundError)
    assert text == (
        f"{folder / name}{suffix}: is missing; load_{name}() needs {name}.npz and {name}.toml in this folder. "
        "Copy them here from where you got the assignment."
    )


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def changed(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", [cut, changed, lambda content: b""], ids=["truncated", "one bit changed", "empty"])
def test_a_damaged_file_is_refused(kit: ModuleType, folder: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    """Whatever does not have the recorded SHA-256 is not read; the message has both sums and the remedy."""
    path = folder / f"{name}.npz"
    content = damage(path.read_bytes())
    path.write_bytes(content)
    assert refusal(getattr(kit, f"load_{name}"), ValueError) == (
        f"{path}: must have the SHA-256 {record(name)['sha256']} of {name}.toml; got "
        f"{hashlib.sha256(content).hexdigest()}, {len(content)} bytes. The file is damaged or another one. "
        "Copy it once more from where you got it."
    )


def test_other_arrays_are_refused(kit: ModuleType, folder: Path) -> None:
    """Arrays of another shape, type or name are refused, even under their own SHA-256."""
    rewritten(folder, x=np.zeros((5, 64), dtype=np.uint8), y=np.zeros(5, dtype=np.int64))
    text = refusal(kit.load_digits, ValueError)
    assert text.startswith(f"{folder / 'digits.npz'}: must hold the arrays {{'x': ((1797, 64), 'uint8'), ")
    assert "; got {'x': ((5, 64), 'uint8'), 'y': ((5,), 'int64')}. " in text


def test_objects_are_not_unpickled(kit: ModuleType, folder: Path) -> None:
    """An array of Python objects is refused before it could run anything, even under its own SHA-256."""
    ran = folder / "ran"

    class Payload:
        def __reduce__(self) -> tuple:
            return Path.touch, (ran,)

    rewritten(folder, x=np.array([Payload()], dtype=object), y=np.zeros(1, dtype=np.uint8))
    assert "must be an .npz of plain arrays; got ValueError: Object arrays" in refusal(kit.load_digits, ValueError)
    assert not ran.exists()


def test_something_else_than_an_npz_is_refused(kit: ModuleType, folder: Path) -> None:
    """A single array, a broken archive and a text are refused, even under their own SHA-256."""
    whole = (DATASETS / "digits.npz").read_bytes()
    np.save(folder / "one.npy", np.zeros(3))
    for content in ((folder / "one.npy").read_bytes(), changed(whole), cut(whole), b"PK\x03\x04", b"text"):
        shutil.copy(DATASETS / "digits.toml", folder)
        (folder / "digits.npz").write_bytes(content)
        resealed(folder)
        assert "digits.npz: must be an .npz of plain arrays; got " in refusal(kit.load_digits, ValueError)


@pytest.mark.parametrize(
    "text",
    ["sha256 =", "title = 'no sum'", "sha256 = '0'\narrays = 3", "sha256 = '0'\n[arrays.x]", "sha256 = '\udcff'"],
)
def test_a_damaged_record_is_refused(kit: ModuleType, folder: Path, text: str) -> None:
    """A record that is not TOML, not UTF-8 or lacks what the loader compares with is named."""
    (folder / "digits.toml").write_text(text, encoding="utf-8", errors="surrogateescape")
    found = refusal(kit.load_digits, ValueError)
    assert found.startswith(
        f"{folder / 'digits.toml'}: must be TOML with `sha256` and, for x, y, shape and dtype; got "
    )


def test_a_folder_without_the_files_is_refused(kit: ModuleType, full: Path) -> None:
    """The message names the first of the four that is missing, all four, and both ways out."""
    (full / FILES[2]).unlink()
    text = refusal(lambda: kit.load_fashion_mnist(full), FileNotFoundError)
    assert text.startswith(f"{full / FILES[2]}: is missing, and so is {FILES[2]}.gz; ")
    assert all(name in text for name in FILES)
    assert text.endswith("Name the folder that holds them, or call load_fashion_mnist() without a folder.")
    assert "is missing" in refusal(lambda: kit.load_fashion_mnist(full / "nowhere"), FileNotFoundError)


IMAGES, LABELS = FILES[:2]
PIXELS, CLASSES = np.zeros((50, 28, 28), dtype=np.uint8), np.zeros(50, dtype=np.uint8)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (IMAGES, b"\0\0\x0d\x03" + idx(PIXELS)[4:], "must start with 00 00 08 03: .* got 00 00 0d 03"),
        (IMAGES, idx(CLASSES), "must start with 00 00 08 03: .* got 00 00 08 01"),
        (LABELS, b"<html>", "must start with 00 00 08 01: .* got 3c 68 74 6d"),
        (LABELS, b"", "must start with 00 00 08 01: .* got an empty file"),
        (IMAGES, idx(PIXELS)[:-1], r"must hold 50 × 28 × 28 elements after 16 bytes.* got 39215 bytes in all"),
        (LABELS, idx(CLASSES) + b"\0", "must hold 50 elements after 8 bytes.* got 59 bytes in all"),
        (LABELS, idx(CLASSES)[:6], "must hold 0 elements after 8 bytes.* got 6 bytes in all"),
        (IMAGES, idx(np.zeros((50, 32, 32), dtype=np.uint8)), "must hold images of 28×28 pixels; got 32×32"),
        (LABELS, idx(CLASSES[:49]), "must hold a label for each image, 50; got 49 labels"),
        (LABELS, idx(CLASSES + 10), "must hold labels from 0 to 9; got a label 10"),
        (IMAGES, cut(gzip.compress(idx(PIXELS), mtime=0)), "must be a whole gzip file; got EOFError"),
        (
            IMAGES,
            gzip.compress(idx(PIXELS), mtime=0)[:-8] + bytes(8),
            "must be a whole gzip file; got BadGzipFile: CRC",
        ),
    ],
)
def test_a_wrong_idx_file_is_refused(kit: ModuleType, full: Path, name: str, content: bytes, message: str) -> None:
    """The message names the file, what it must hold, what it holds, and the remedy."""
    (full / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{name}: {message}.*Copy it once more from where you got it\.$"):
        kit.load_fashion_mnist(full)
