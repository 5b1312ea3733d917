"""scikit-learn's handwritten digits: 1,797 real 8x8 grey images that need no download.

The images come from the test set of the UCI data set "Optical Recognition of Handwritten Digits".
"""

import functools
import gzip
import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.workloads.data_order import permutation

_SPLIT_SEED = 1729  # fixes which images are train, validation and test; part of the fingerprint
_SIZES = {"train": 1078, "valid": 359, "test": 360}  # 60 / 20 / 20 % of 1,797


@dataclass(frozen=True)
class Split:
    """Images float32 [n, 8, 8, 1] with mean 0 and variance 1 over train; labels int32 [n]."""

    images: np.ndarray
    labels: np.ndarray


@functools.cache
def load_splits() -> dict[str, Split]:
    """The three splits, always the same images in the same order."""
    table = np.loadtxt(_read_table(), delimiter=",", dtype=np.float64)
    order = permutation(len(table), _SPLIT_SEED)
    bounds = np.cumsum(list(_SIZES.values()))[:-1]
    parts = dict(zip(_SIZES, np.split(table[order], bounds), strict=True))
    mean, deviation = _moments(parts["train"][:, :-1])
    return {
        name: Split(
            images=((part[:, :-1] - mean) / deviation).astype(np.float32).reshape(-1, 8, 8, 1),
            labels=part[:, -1].astype(np.int32),
        )
        for name, part in parts.items()
    }


def _moments(pixels: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation; sums of whole numbers, so the same bits on every machine."""
    mean = pixels.sum() / pixels.size
    return mean, float(np.sqrt((pixels**2).sum() / pixels.size - mean**2))


def _read_table() -> list[str]:
    """The lines of scikit-learn's data file: 64 pixels in 0..16 and the digit."""
    # Finding the package without importing it saves a second of start-up in every worker.
    spec = importlib.util.find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise ShampooTuneError("the digits workloads need scikit-learn: pip install scikit-learn")
    path = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    return gzip.decompress(path.read_bytes()).decode("ascii").splitlines()


@functools.cache
def fingerprint() -> str:
    """sha256 over the images and labels of all three splits."""
    digest = hashlib.sha256()
    for name, split in load_splits().items():
        digest.update(name.encode() + split.images.tobytes() + split.labels.tobytes())
    return digest.hexdigest()
