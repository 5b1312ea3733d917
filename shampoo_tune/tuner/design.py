"""Quasi-random points in the unit cube: scrambled Halton or Sobol sequences of scipy.

A design is a function of its arguments alone: the same in every process, and the first points of
a longer design are the shorter one, so that a budget can grow without moving what was tried.
"""

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.stats import qmc

from shampoo_tune.errors import InvalidInputError

_LARGEST_BELOW_ONE = np.nextafter(1.0, 0.0)


def design(dimensions: int, n: int, sampler: str, seed: int, replicate: int) -> NDArray[np.float64]:
    """The first `n` points, every coordinate in [0, 1).

    Args:
        dimensions: coordinates of a point; 0 gives points without any.
        n: number of points.
        sampler: `halton` or `sobol`.
        seed: the study file's `search.seed`.
        replicate: each replicate has a scramble of its own.

    Returns:
        An array of shape [n, dimensions].
    """
    if sampler not in ("halton", "sobol"):
        raise InvalidInputError(f"unknown sampler {sampler!r} (known: halton, sobol)")
    if dimensions == 0 or n == 0:
        return np.empty((n, dimensions))
    # A spawn key, not [seed, replicate]: there a seed above 32 bits spills into the next number.
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(replicate,)))
    if sampler == "halton":
        points = qmc.Halton(dimensions, scramble=True, rng=rng).random(n)
    else:
        # scipy warns unless a power of two is drawn; the surplus does not move the first n.
        points = qmc.Sobol(dimensions, scramble=True, rng=rng).random(1 << (n - 1).bit_length())[:n]
    # Rounding may carry a sum of digits up to 1.
    return np.minimum(points, _LARGEST_BELOW_ONE)


def sampler_version(sampler: str) -> str:
    """What made the points, for the record, as in `scipy 1.17.1 halton`."""
    return f"scipy {scipy.__version__} {sampler}"
