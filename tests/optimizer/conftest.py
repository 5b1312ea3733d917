"""Strictness for every test of this folder, and one thread for LAPACK."""

import os
from collections.abc import Iterator

import pytest

# With more, a batch of small eigendecompositions sometimes took 100 times as long (two cores).
# It is read when SciPy is first loaded, hence before jax.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import jax


@pytest.fixture(autouse=True)
def _strict_arrays() -> Iterator[None]:
    """Mixed dtypes and mixed ranks are errors, so that none is a mistake."""
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield
