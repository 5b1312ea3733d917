"""Quasi-random points in the unit cube: scrambled Halton or Sobol sequences of scipy.

A design is a function of its arguments alone: the same in every process, and the first points of
a longer design are the shorter one, so that a budget can grow without moving what was tried.
An adaptive sampler begins with the first points of the Halton design.
"""

import importlib
from importlib.metadata import version

import numpy as np
import scipy
from numpy.typing import NDArray

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.samplers import ADAPTIVE_SAMPLERS

_SAMPLERS = ("halton", "sobol", *ADAPTIVE_SAMPLERS)
_LEAST_STARTUP = 5
_LARGEST_BELOW_ONE = np.nextafter(1.0, 0.0)


def prepare() -> None:
    """Import now what draws points, half a second's work: not in the middle of a transaction."""
    importlib.import_module("scipy.stats")


def drawn_ahead(sampler: str, trials: int) -> int:
    """How many of a study's points are drawn before anything runs.

    All of them; by an adaptive sampler a quarter, but 5 at least, to begin with.
    """
    if sampler not in ADAPTIVE_SAMPLERS:
        return trials
    return min(trials, max(_LEAST_STARTUP, trials // 4))


def design(dimensions: int, n: int, sampler: str, seed: int, replicate: int) -> NDArray[np.float64]:
    """The first `n` points, every coordinate in [0, 1).

    Args:
        dimensions: coordinates of a point; 0 gives points without any.
        n: number of points.
        sampler: `halton`, `sobol`, or `tpe`, which is Halton's.
        seed: the study file's `search.seed`.
        replicate: each replicate has a scramble of its own.

    Returns:
        An array of shape [n, dimensions].
    """
    if sampler not in _SAMPLERS:
        known = ", ".join(_SAMPLERS)
        raise InvalidInputError(f"unknown sampler {sampler!r} (known: {known})")
    if dimensions == 0 or n == 0:
        return np.empty((n, dimensions))
    # A spawn key, not [seed, replicate]: there a seed above 32 bits spills into the next number.
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(replicate,)))
    if sampler == "sobol":
        # scipy warns unless a power of two is drawn; the surplus does not move the first n.
        sobol = scipy.stats.qmc.Sobol(dimensions, scramble=True, rng=rng)
        points = sobol.random(1 << (n - 1).bit_length())[:n]
    else:
        points = scipy.stats.qmc.Halton(dimensions, scramble=True, rng=rng).random(n)
    # Rounding may carry a sum of digits up to 1.
    return np.minimum(points, _LARGEST_BELOW_ONE)


def sampler_version(sampler: str) -> str:
    """What made the points, for the record, as in `scipy 1.17.1 halton`."""
    if sampler in ADAPTIVE_SAMPLERS:
        return f"optuna {version('optuna')} {sampler}, begun by {sampler_version('halton')}"
    return f"scipy {scipy.__version__} {sampler}"
