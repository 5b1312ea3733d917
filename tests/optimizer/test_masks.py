"""Which tensors are weights."""

import jax
import jax.numpy as jnp
from flax import nnx

from shampoo_tune.optimizer import weight_decay_mask
from shampoo_tune.optimizer.masks import mask_leaves

PARAMS = {
    "conv": {"kernel": jnp.zeros((3, 3, 2, 4)), "bias": jnp.zeros(4)},
    "BatchNorm_0": {"scale": jnp.zeros(4), "bias": jnp.zeros(4)},
    "group": {"norm2d": {"kernel": jnp.zeros((2, 2))}, "scale": jnp.zeros((2, 2))},
    "scale_net": {"kernel": jnp.zeros((2, 2))},
    "heads": [{"bias": jnp.zeros((4, 2))}, {"kernel": jnp.zeros((4, 2))}],
    "temperature": jnp.zeros(()),
}


def test_only_matrices_outside_normalisations_are_weights() -> None:
    assert weight_decay_mask(PARAMS) == {
        "conv": {"kernel": True, "bias": False},
        "BatchNorm_0": {"scale": False, "bias": False},
        "group": {"norm2d": {"kernel": False}, "scale": False},
        "scale_net": {"kernel": True},
        "heads": [{"bias": False}, {"kernel": True}],
        "temperature": False,
    }


def test_a_bare_matrix_is_a_weight() -> None:
    assert weight_decay_mask(jnp.zeros((2, 2))) is True


def test_a_mask_may_be_a_tree_a_prefix_a_function_or_none() -> None:
    params = {"a": jnp.zeros(2), "b": {"c": jnp.zeros(2), "d": jnp.zeros(2)}}
    assert mask_leaves(None, params) == [True] * 3
    assert mask_leaves({"a": False, "b": {"c": True, "d": False}}, params) == [False, True, False]
    assert mask_leaves({"a": False, "b": True}, params) == [False, True, True]
    assert mask_leaves(lambda p: {"a": True, "b": False}, params) == [True, False, False]


def test_variables_of_nnx_are_the_arrays_that_they_hold() -> None:
    """Attention has biases of rank 2: as a state of variables and as plain dictionaries."""
    attention = nnx.MultiHeadAttention(num_heads=2, in_features=4, decode=False, rngs=nnx.Rngs(0))
    state = nnx.state(attention, nnx.Param)
    plain = nnx.to_pure_dict(state)
    wanted = [path[-1].key == "kernel" for path, _ in jax.tree.leaves_with_path(plain)]
    assert jax.tree.leaves(weight_decay_mask(plain)) == wanted
    assert jax.tree.leaves(weight_decay_mask(state)) == wanted
    assert wanted.count(True) == wanted.count(False) == 4
