"""Images of handwritten digits: a small set that comes with scikit-learn, and MNIST from a local copy or a mirror."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ENVIRONMENT = "MATHDL_DATA"  # names a folder with a local copy
MIRRORS = ("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/")


@dataclass(frozen=True)
class Idx:
    """One file of MNIST: its name and shape, the sha256 of its content, and that of the packed file of the mirrors."""

    name: str
    shape: tuple[int, ...]
    content: str
    packed: str

    @property
    def header(self) -> bytes:
        """The first bytes of the content: 0, 0, 8 for bytes, the number of dimensions, then each, big-endian."""
        return bytes((0, 0, 8, len(self.shape))) + b"".join(n.to_bytes(4, "big") for n in self.shape)


FILES = {
    "x_train": Idx("train-images-idx3-ubyte", (60000, 28, 28),
                   "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                   "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    "y_train": Idx("train-labels-idx1-ubyte", (60000,),
                   "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                   "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    "x_test": Idx("t10k-images-idx3-ubyte", (10000, 28, 28),
                  "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                  "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    "y_test": Idx("t10k-labels-idx1-ubyte", (10000,),
                  "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                  "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
}


@dataclass(frozen=True, eq=False)
class Images:
    """Grey images as rows: `pixels` (S, side²) float32 from 0 (paper) to 1 (ink), `labels` (S,) from 0 to 9."""

    pixels: np.ndarray
    labels: np.ndarray
    side: int

    def __len__(self) -> int:
        return len(self.pixels)


def digits(classes: Iterable[int] | None = None) -> Images:
    """The 1797 images of 8 x 8 pixels that come with scikit-learn, or those of the `classes`; needs no network.

    Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits (UCI, CC BY 4.0), its test set. Raises
    ValueError when a class is no digit.
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    return _chosen(pixels, labels, classes, 16)


def mnist(split: str = "train", classes: Iterable[int] | None = None) -> Images:
    """MNIST, 28 x 28 pixels: 60000 images for `split` "train", 10000 for "test", or those of the `classes`.

    LeCun, Cortes and Burges 1998 (CC BY-SA 3.0). First looks in the folder named by the environment variable
    MATHDL_DATA, and in its folder mnist/, for the four files train-images-idx3-ubyte.gz and so on, packed or unpacked,
    or for Keras' mnist.npz; else loads the files from a public mirror, once, into the user's cache. Content is compared
    with its sha256 wherever it comes from. Raises ValueError when it differs, or when `split` or a class is none, and
    FileNotFoundError, which says what to do, when there is neither a copy nor a network.
    """
    if split not in ("train", "test"):
        raise ValueError(f'split: expected "train" or "test"; got {split!r}')
    _checked(classes)
    return _chosen(_array(f"x_{split}"), _array(f"y_{split}"), classes, 255)


def _chosen(pixels: np.ndarray, labels: np.ndarray, classes: Iterable[int] | None, white: int) -> Images:
    """The images of the classes, scaled to [0, 1]; the choice comes first, which spares memory."""
    side = round(pixels[0].size ** 0.5)
    wanted = _checked(classes)
    if wanted is not None:
        pixels, labels = (each[np.isin(labels, wanted)] for each in (pixels, labels))
    return Images(pixels.reshape(-1, side * side).astype(np.float32) / np.float32(white), labels.astype(int), side)


def _checked(classes: Iterable[int] | None) -> list[int] | None:
    if classes is None:
        return None
    wanted = list(classes)
    if not wanted or not set(wanted) <= set(range(10)):
        raise ValueError(f"classes: expected digits from 0 to 9, at least one; got {wanted}")
    return wanted


def _array(key: str) -> np.ndarray:
    """The array of bytes of one file, found and verified."""
    file = FILES[key]
    found = _local(key)
    path, content = found if found else _downloaded(file)
    if (digest := hashlib.sha256(content).hexdigest()) != file.content:
        raise ValueError(f"{path}: expected the content of MNIST's {file.name} (sha256 {file.content[:12]}...); got "
                         f"other bytes ({digest[:12]}...). Delete the file, and copy or download it again")
    return np.frombuffer(content, np.uint8, offset=len(file.header)).reshape(file.shape)


def _local(key: str) -> tuple[Path, bytes] | None:
    """The file of a local copy and its unpacked content; None where there is no copy."""
    folder, name = os.environ.get(ENVIRONMENT), FILES[key].name
    if not folder:
        return None
    if not Path(folder).is_dir():
        raise FileNotFoundError(f"{ENVIRONMENT}: expected the name of a folder; got {folder!r}, which is none. "
                                f"Make the folder, or unset the variable")
    names = (f"{name}.gz", name, f"{name.replace('-idx', '.idx')}", "mnist.npz")
    for path in (Path(folder, sub, each) for sub in (".", "mnist") for each in names):
        if path.is_file():
            return path, _content(path, key)
    return None


def _content(path: Path, key: str) -> bytes:
    """What the unpacked file holds; a damaged archive raises ValueError."""
    try:
        if path.suffix == ".npz":
            with np.load(path) as arrays:
                return FILES[key].header + np.ascontiguousarray(arrays[key], dtype=np.uint8).tobytes()
        return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, KeyError, ValueError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: expected a copy of MNIST; got a damaged or foreign file ({error}). Delete it, and "
                         f"copy or download it again") from None


def _downloaded(file: Idx) -> tuple[Path, bytes]:
    """The packed file from the user's cache, or from the first mirror that answers, and its unpacked content."""
    import pooch

    packed, problem = f"{file.name}.gz", None
    for mirror in MIRRORS:
        try:
            path = Path(pooch.retrieve(mirror + packed, known_hash=f"sha256:{file.packed}", fname=packed, path=_cache(),
                                       downloader=pooch.HTTPDownloader(timeout=30)))
            return path, gzip.decompress(path.read_bytes())
        except (OSError, RuntimeError, ValueError) as error:  # no network, none allowed, or other bytes than expected
            problem = error
    looked = os.environ.get(ENVIRONMENT) or "not set"
    raise FileNotFoundError(
        f"MNIST: expected {packed} in the folder named by {ENVIRONMENT} ({looked}), in the cache ({_cache()}), or from "
        f"{' or '.join(MIRRORS)}; found it in none of them ({type(problem).__name__}: {str(problem)[:200]}). Go online "
        f"once, or put the four files *-ubyte.gz (or Keras' mnist.npz) into a folder and name it by {ENVIRONMENT}; "
        f"mathdl.core.datasets.digits() needs no network") from None


def _cache() -> Path:
    """The user's folder for files that can be loaded again."""
    import pooch

    return Path(pooch.os_cache("mathdl")) / "mnist"
