"""Distributed Shampoo as an optax gradient transformation.

Sources: Anil et al., "Scalable Second Order Optimization for Deep Learning" (arXiv 2002.09018), and
google-research/precondition, distributed_shampoo.py, whose trajectories it reproduces. Different
from the latter: roots by a corrected eigendecomposition (inverse_roots.py); matrices are stacked by
exact size instead of padded to the largest; `preconditioner_type` input also takes vectors;
statistics recover from one non-finite gradient; without a graft, `decoupled_learning_rate=False`
still applies the learning rate.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
import optax

from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.grafting import (
    graft_update,
    has_accumulator,
    new_weight,
    with_norm_of,
)
from shampoo_tune.optimizer.inverse_roots import inverse_root
from shampoo_tune.optimizer.masks import mask_leaves
from shampoo_tune.optimizer.momentum import Branches, momentum_update
from shampoo_tune.optimizer.options import checked_options
from shampoo_tune.optimizer.preconditioning import (
    Stacks,
    default_orders,
    gram_matrices,
    precondition,
)

Leaves = list[jax.Array]


class ShampooState(NamedTuple):
    """Everything but the count is float32, whatever the parameters' dtype."""

    # The number of updates made so far, int32. (The name hides the tuple's own method.)
    count: jax.Array  # type: ignore[assignment]
    statistics: Stacks  # [N, b, b] for each matrix size b
    preconditioners: Stacks  # the same shapes
    accumulators: optax.Updates  # the graft's sums of squares, like params; None if it keeps none
    momentum: optax.Updates  # of the preconditioned updates, like params
    graft_momentum: optax.Updates  # of the graft's updates, like params


def shampoo(
    learning_rate: optax.ScalarOrSchedule,
    *,
    weight_decay_mask: Any = None,
    **options: Any,
) -> optax.GradientTransformation:
    """Distributed Shampoo with grafting and momentum.

    For a tensor's gradient G (merged, cut into blocks), weights w and the 0-based count t, with
    P = `preconditioning_compute_steps`, p = `exponent_override` or 2 * (preconditioned axes)::

        L_i <- beta2 L_i + (1 - beta2) G_(i) G_(i)^T     per block and axis i; L_i = epsilon I at 0
        R_i <- (L_i + ridge I) ** (-1 / p)               when t % P == 0; R_i = I at first
        d    = R_1 G R_2 ...  * ||graft|| / ||R_1 G R_2 ...||          per whole tensor
        u    = d + weight_decay w          u' = graft + weight_decay w
        m   <- beta1 m + u                 m' <- beta1 m' + u'
        update = -learning_rate * (u + beta1 m)          u', m' while t < start_preconditioning_step

    The statistics take in a gradient before their roots precondition the same gradient. There is no
    bias correction. Weight decay is coupled: it enters momentum and is scaled by the learning rate
    (`decoupled_weight_decay`: added after momentum, still scaled by the learning rate).

    A root that is not finite or whose error estimate is not below `inverse_failure_threshold` is
    discarded and its predecessor kept. A statistics matrix that would become non-finite keeps its
    value, so one NaN gradient leaves the preconditioners usable; momentum does become NaN, as in
    any optimizer (wrap in `optax.apply_if_finite` to skip such steps).

    Args:
        learning_rate: a number, a tracer, or a schedule of the 0-based count.
        weight_decay_mask: a tree of bools like the parameters (or a prefix of it), or a function
            from parameters to one; weight decay is applied where True. None: everywhere.
        **options: the fields of `ShampooConfig`. Arrays and tracers are accepted for numbers and
            not checked, so it may be called inside a jitted step.

    Returns:
        A transformation whose `update` needs `params`; updates have the parameters' dtype and are
        already multiplied by -learning_rate.

    Raises:
        InvalidInputError: an unknown option or a value outside its range.
    """
    config = cast(ShampooConfig, checked_options("shampoo", options))

    def init_fn(params: optax.Params) -> ShampooState:
        return _initial_state(config, params)

    def update_fn(
        updates: optax.Updates, state: ShampooState, params: optax.Params | None = None
    ) -> tuple[optax.Updates, ShampooState]:
        if params is None:
            raise ValueError("shampoo needs the parameters: update(gradients, state, params)")
        decays = _weight_decays(config, weight_decay_mask, params)
        rate = learning_rate(state.count) if callable(learning_rate) else learning_rate
        rate = jnp.asarray(rate, jnp.float32)
        steps, state = _update(config, rate, _float32(updates), state, decays)
        return jax.tree.map(lambda step, p: step.astype(p.dtype), steps, params), state

    return optax.GradientTransformation(init_fn, update_fn)


def _initial_state(config: ShampooConfig, params: optax.Params) -> ShampooState:
    zeros = jax.tree.map(lambda p: jnp.zeros(p.shape, jnp.float32), params)
    leaves = jax.tree.leaves(zeros)
    grams = jax.eval_shape(lambda gradients: gram_matrices(gradients, config), leaves)
    identities = tuple(jnp.broadcast_to(jnp.eye(g.shape[1], dtype=g.dtype), g.shape) for g in grams)
    return ShampooState(
        count=jnp.zeros([], jnp.int32),
        statistics=tuple(config.matrix_epsilon * identity for identity in identities),
        preconditioners=identities,
        accumulators=zeros if has_accumulator(config.graft_type) else None,
        momentum=zeros,
        graft_momentum=zeros,
    )


def _update(
    config: ShampooConfig,
    learning_rate: jax.Array,
    gradients: optax.Updates,
    state: ShampooState,
    decays: Leaves,
) -> tuple[optax.Updates, ShampooState]:
    leaves, structure = jax.tree.flatten(gradients)
    statistics = _new_statistics(config, state, leaves)
    preconditioners = _new_preconditioners(config, state, statistics, leaves)
    grafts, accumulators = _grafts(config, leaves, jax.tree.leaves(state.accumulators))
    directions = precondition(leaves, preconditioners, config)
    momenta = zip(
        jax.tree.leaves(state.momentum), jax.tree.leaves(state.graft_momentum), strict=True
    )
    use_preconditioned = state.count >= config.start_preconditioning_step
    stepped = [
        momentum_update(config, learning_rate, use_preconditioned, *tensor)
        for tensor in zip(_branches(config, directions, grafts), momenta, decays, strict=True)
    ]
    new_state = ShampooState(
        count=optax.safe_increment(state.count),
        statistics=statistics,
        preconditioners=preconditioners,
        accumulators=jax.tree.unflatten(structure, accumulators)
        if accumulators
        else state.accumulators,
        momentum=jax.tree.unflatten(structure, [momenta[0] for _, momenta in stepped]),
        graft_momentum=jax.tree.unflatten(structure, [momenta[1] for _, momenta in stepped]),
    )
    return jax.tree.unflatten(structure, [step for step, _ in stepped]), new_state


def _new_statistics(config: ShampooConfig, state: ShampooState, gradients: Leaves) -> Stacks:
    def refreshed() -> Stacks:
        grams = gram_matrices(gradients, config)
        return tuple(map(accumulated, state.statistics, grams))

    def accumulated(old: jax.Array, gram: jax.Array) -> jax.Array:
        new = config.beta2 * old + new_weight(config.beta2) * gram
        finite = jnp.isfinite(new).all((1, 2), keepdims=True)
        return jnp.where(finite, new, old)

    return _every(config.statistics_compute_steps, state.count, refreshed, state.statistics)


def _new_preconditioners(
    config: ShampooConfig, state: ShampooState, statistics: Stacks, gradients: Leaves
) -> Stacks:
    def refreshed() -> Stacks:
        orders = default_orders(gradients, config)
        return tuple(map(root_or_old, statistics, state.preconditioners, orders))

    def root_or_old(matrices: jax.Array, old: jax.Array, default: np.ndarray) -> jax.Array:
        override = config.exponent_override
        order = jnp.where(override == 0, default, override)
        roots, error = inverse_root(
            matrices, order, config.matrix_epsilon, relative=config.relative_matrix_epsilon
        )
        succeeded = error < config.inverse_failure_threshold
        return jnp.where(succeeded[:, None, None], roots, old)

    return _every(
        config.preconditioning_compute_steps, state.count, refreshed, state.preconditioners
    )


def _every(
    period: int | jax.Array, count: jax.Array, refreshed: Callable[[], Stacks], old: Stacks
) -> Stacks:
    """`refreshed()` when the count is a multiple of the period, else `old`."""
    if isinstance(period, int) and period == 1:
        return refreshed()
    stacks: Stacks = jax.lax.cond(count % period == 0, refreshed, lambda: old)
    return stacks


def _grafts(
    config: ShampooConfig, gradients: Leaves, accumulators: Leaves
) -> tuple[Leaves, Leaves]:
    """The graft's update of each tensor, and its new sums of squares (none if it keeps none)."""
    pairs = [
        graft_update(config.graft_type, g, a, config.beta2, config.diagonal_epsilon)
        for g, a in itertools.zip_longest(gradients, accumulators)
    ]
    return [graft for graft, _ in pairs], [a for _, a in pairs if a is not None]


def _branches(
    config: ShampooConfig, directions: Sequence[jax.Array | None], grafts: Leaves
) -> list[Branches]:
    """Per tensor: the preconditioned update of the graft's length, and the graft's update."""
    branches = []
    for direction, graft in zip(directions, grafts, strict=True):
        if direction is None:
            branches.append((graft, graft))
        elif config.graft_type == "none":
            branches.append((direction, graft))
        else:
            branches.append((with_norm_of(direction, graft), graft))
    return branches


def _weight_decays(config: ShampooConfig, mask: Any, params: optax.Params) -> Leaves:
    """weight_decay * parameter where the mask is True, else 0; one per leaf."""
    weights = jax.tree.leaves(_float32(params))
    pairs = zip(weights, mask_leaves(mask, params), strict=True)
    return [config.weight_decay * w if c else jnp.zeros_like(w) for w, c in pairs]


def _float32(tree: Any) -> Any:
    return jax.tree.map(lambda leaf: leaf.astype(jnp.float32), tree)
