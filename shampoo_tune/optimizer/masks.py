"""Which tensors weight decay applies to."""

from typing import Any

import jax
import optax


def weight_decay_mask(params: optax.Params) -> Any:
    """True for the tensors that are weights: of rank 2 or more, and not a normalisation's.

    A tensor belongs to a normalisation if any component of its path contains "norm" in any case,
    or if the last one is "scale" or "bias". This is the split of the MLPerf ResNet-50. The array
    that a Flax NNX variable holds has the variable's name.

    Returns:
        A tree of bools like `params`.
    """
    return jax.tree_util.tree_map_with_path(_is_weight, params)


def mask_leaves(mask: Any, params: optax.Params) -> list[bool]:
    """The value of an optax-style mask for each leaf of the parameters; None means all True."""
    chosen = mask(params) if callable(mask) else True if mask is None else mask
    leaves: list[bool] = jax.tree.leaves(jax.tree.broadcast(chosen, params))
    return leaves


def _is_weight(path: tuple[Any, ...], leaf: Any) -> bool:
    if path and path[-1] == jax.tree_util.GetAttrKey("value"):  # of an NNX variable
        path = path[:-1]
    components = jax.tree_util.keystr(path, simple=True, separator="/").lower().split("/")
    if any("norm" in component for component in components):
        return False
    return leaf.ndim >= 2 and components[-1] not in ("scale", "bias")
