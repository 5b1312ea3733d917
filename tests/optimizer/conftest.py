"""Strictness for every test of this folder."""

from collections.abc import Iterator

import jax
import pytest


@pytest.fixture(autouse=True)
def _strict_arrays() -> Iterator[None]:
    """Mixed dtypes and mixed ranks are errors, so that none is a mistake."""
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield
