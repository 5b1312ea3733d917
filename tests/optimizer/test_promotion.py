"""optax's own code in strict promotion (which the whole folder is tested in)."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from shampoo_tune.optimizer.promotion import in_standard_promotion

PARAMS = {"kernel": jnp.ones((2, 2))}


def test_strictness_is_lifted_for_the_update_alone() -> None:
    inner = optax.adam(0.1)
    with pytest.raises(ValueError, match="dtype_promotion=strict"):
        inner.update(PARAMS, inner.init(PARAMS), PARAMS)
    wrapped = in_standard_promotion(inner)
    updates, _ = wrapped.update(PARAMS, wrapped.init(PARAMS), PARAMS)
    np.testing.assert_allclose(updates["kernel"], -0.1, rtol=1e-5)
    with pytest.raises(ValueError, match="dtype_promotion=strict"):
        _ = jnp.ones(2) + jnp.ones(2, jnp.int32)


def test_it_changes_no_bit() -> None:
    inner = optax.adam(0.1)
    wrapped = in_standard_promotion(inner)
    mine = wrapped.update(PARAMS, wrapped.init(PARAMS), PARAMS)
    with jax.numpy_dtype_promotion("standard"):
        theirs = inner.update(PARAMS, inner.init(PARAMS), PARAMS)
    jax.tree.map(np.testing.assert_array_equal, mine, theirs)
