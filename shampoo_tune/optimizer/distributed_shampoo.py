"""Distributed Shampoo as an optax gradient transformation.

Sources: Anil et al., "Scalable Second Order Optimization for Deep Learning" (arXiv 2002.09018), and
google-research/precondition, distributed_shampoo.py, whose trajectories it reproduces. Different
from the latter: all arithmetic is on stacks of equal blocks (layout.py), never padded to a larger
size; roots by a corrected eigendecomposition or an accelerated iteration (inverse_roots.py);
`preconditioner_type` input also takes vectors; a gradient that is not finite counts as zero;
without a graft, `decoupled_learning_rate=False` still applies the learning rate.
"""

from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import optax
from jax.sharding import Mesh

from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.distribution import AxisNames, Devices
from shampoo_tune.optimizer.grafting import graft_updates, grafted, has_accumulator
from shampoo_tune.optimizer.layout import Blocks, Layout, make_layout
from shampoo_tune.optimizer.masks import mask_leaves
from shampoo_tune.optimizer.momentum import Momenta, Vectors, momentum_steps
from shampoo_tune.optimizer.options import checked_options, with_signature_of
from shampoo_tune.optimizer.preconditioning import Stacks
from shampoo_tune.optimizer.refreshing import (
    Preconditioner,
    Preconditioning,
    RootDiagnostics,
)

# Squares of smaller entries can be added up in float32, 1e8 of them.
_TOO_LARGE = 1e15

_TILE = 1024


class ShampooState(NamedTuple):
    """Float32 whatever the parameters' dtype, in the blocks of `layout.py`, but for two counts.

    On a mesh N and entries are padded to multiples of the devices, see `dealing.py`.
    """

    # The number of updates made so far, int32. (The name hides the tuple's own method.)
    count: jax.Array  # type: ignore[assignment]
    failures: jax.Array  # shape=(), int32: roots that failed so far
    statistics: Stacks  # [N, b, b] for each matrix size b
    preconditioners: Stacks  # the same shapes
    accumulator: jax.Array | None  # [entries]: the graft's sum of squares, if it keeps one
    momentum: jax.Array  # [entries]: of the preconditioned updates
    graft_momentum: jax.Array  # [entries]: of the graft's updates
    diagnostics: RootDiagnostics | None  # None unless asked for


# An order may have to be known where the program is made, so it is no number to inject.
@with_signature_of(ShampooConfig, but=("exponent_override",))
def shampoo(
    learning_rate: optax.ScalarOrSchedule,
    *,
    mesh: Mesh | None = None,
    batch_axis_name: AxisNames = None,
    weight_decay_mask: Any = None,
    diagnostics: bool = False,
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

    A root that is not finite or whose residual is not below `inverse_failure_threshold` is
    discarded, its predecessor kept and `state.failures` increased. An entry of a gradient that is
    not finite, or not below 1e15, counts as 0: the state stays finite whatever the gradients.

    Args:
        learning_rate: a number, a tracer, or a schedule of the 0-based count.
        mesh: under `jit`, the devices that share the matrices, the momenta and their work; updates
            are replicated. Gradients must come already averaged over the batch. Where the state's
            arrays are is told by `sharding.state_shardings`.
        batch_axis_name: which axes of the mesh share it (None: all); without a mesh, the axis of a
            surrounding `shard_map` in which gradients are averaged and state is replicated.
        weight_decay_mask: a tree of bools like the parameters (or a prefix of it), or a function
            from parameters to one; weight decay is applied where True. None: everywhere.
        diagnostics: keep `state.diagnostics`, what is known of the latest roots.
        **options: the fields of `ShampooConfig`. Arrays and tracers are accepted for numbers and
            not checked, so it may be called inside a jitted step.

    Returns:
        A transformation whose `update` needs `params`; updates have the parameters' dtype and are
        already multiplied by -learning_rate.

    Raises:
        InvalidInputError: an unknown option or a value outside its range.
    """
    config = cast(ShampooConfig, checked_options("shampoo", options))
    devices = Devices(mesh, batch_axis_name)

    def init_fn(params: optax.Params) -> ShampooState:
        return _initial_state(config, _layout_of(params, config, devices), devices, diagnostics)

    def update_fn(
        updates: optax.Updates, state: ShampooState, params: optax.Params | None = None
    ) -> tuple[optax.Updates, ShampooState]:
        if params is None:
            raise ValueError("shampoo needs the parameters: update(gradients, state, params)")
        leaves, structure = jax.tree.flatten(params)
        layout = _layout_of(params, config, devices)
        if not leaves:
            return updates, state._replace(count=optax.safe_increment(state.count))
        decay = _weight_decay(config, mask_leaves(weight_decay_mask, params), leaves, layout)
        rate = learning_rate(state.count) if callable(learning_rate) else learning_rate
        rate = jnp.asarray(rate, jnp.float32)
        gradients = jax.tree.leaves(updates)
        gradient = _usable(layout.to_entries(gradients))
        blocks = layout.to_blocks(gradient)
        if devices.keepers > 1:
            blocks = _direct_blocks(layout, gradients)
        plan = _Plan(config, layout, devices)
        step, state = _update(plan, rate, _Terms(gradient, blocks, decay), state)
        steps = layout.from_entries(step)
        pairs = zip(steps, leaves, strict=True)
        return jax.tree.unflatten(structure, [s.astype(leaf.dtype) for s, leaf in pairs]), state

    return optax.GradientTransformation(init_fn, update_fn)


def _layout_of(params: optax.Params, config: ShampooConfig, devices: Devices) -> Layout:
    shapes = [jnp.shape(leaf) for leaf in jax.tree.leaves(params)]
    # Parts of whole tiles of a TPU's memory are gathered as they are.
    multiple = 1 if devices.keepers == 1 else _TILE * devices.keepers
    return make_layout(shapes, config, multiple)


def _initial_state(
    config: ShampooConfig, layout: Layout, devices: Devices, diagnostics: bool
) -> ShampooState:
    zeros = devices.divided(jnp.zeros(layout.length(), jnp.float32))
    first = Preconditioner(config, layout, devices).initial()
    # A leaf, not an empty tuple: optax maps over states with that of no parameters as a prefix.
    nothing: Any = zeros
    return ShampooState(
        count=jnp.zeros([], jnp.int32),
        failures=jnp.zeros([], jnp.int32),
        statistics=first.statistics if layout.groups else nothing,
        preconditioners=first.matrices if layout.groups else nothing,
        accumulator=zeros if has_accumulator(config.graft_type) else None,
        momentum=zeros,
        graft_momentum=zeros,
        diagnostics=first.diagnostics if diagnostics else None,
    )


class _Plan(NamedTuple):
    config: ShampooConfig
    layout: Layout
    devices: Devices


class _Terms(NamedTuple):
    """What a step is made of."""

    gradient: jax.Array  # [entries]
    blocks: Blocks  # of the same gradient
    decay: jax.Array | None  # [entries]: weight_decay * parameter


def _update(
    plan: _Plan, learning_rate: jax.Array, terms: _Terms, state: ShampooState
) -> tuple[jax.Array, ShampooState]:
    config, layout, devices = plan
    preconditioner = Preconditioner(config, layout, devices)
    old = Preconditioning(
        state.statistics, state.preconditioners, state.failures, state.diagnostics
    )
    new = preconditioner.refreshed(old, terms.blocks, state.count)
    directions = preconditioner.apply(new, terms.blocks)
    graft, accumulator = graft_updates(config, layout, devices, terms.gradient, state.accumulator)
    update = grafted(config, layout, directions, terms.blocks, graft)

    def own_step(momenta: Any, all_: Any) -> tuple[jax.Array, Momenta]:
        vectors, rate, count = all_
        own = jax.tree.map(devices.own_part, vectors)
        return momentum_steps(config, rate, count, momenta, own)

    vectors = Vectors(update, graft, terms.decay)
    momenta = Momenta(state.momentum, state.graft_momentum)
    step, momenta = devices.on_each(own_step, momenta, (vectors, learning_rate, state.count))
    return devices.gathered(step), ShampooState(
        count=optax.safe_increment(state.count),
        failures=new.failures,
        statistics=new.statistics,
        preconditioners=new.matrices,
        accumulator=accumulator,
        momentum=momenta.preconditioned,
        graft_momentum=momenta.graft,
        diagnostics=new.diagnostics,
    )


def _usable(gradient: jax.Array) -> jax.Array:
    """The gradient, with 0 for entries that are not finite or whose squares might overflow."""
    return jnp.where(jnp.abs(gradient) < _TOO_LARGE, gradient, 0)


def _direct_blocks(layout: Layout, gradients: list[jax.Array]) -> Blocks:
    """The blocks with less traffic in a TPU's memory, for another reshape of each tensor."""
    blocks = jax.tree.map(_usable, layout.leaves_to_blocks(gradients))
    # Else the compiler makes them anew in each of the layouts that products want.
    kept: Blocks = jax.lax.optimization_barrier(blocks)  # type: ignore[no-untyped-call]
    return kept


def _weight_decay(
    config: ShampooConfig, mask: list[bool], params: list[jax.Array], layout: Layout
) -> jax.Array | None:
    """weight_decay * parameter where the mask is True, else 0: [entries]; None if all are 0."""
    weight_decay: Any = config.weight_decay  # a number or a tracer
    if not any(mask) or (isinstance(weight_decay, (int, float)) and weight_decay == 0):
        return None
    chosen = [p if keep else jnp.zeros_like(p) for p, keep in zip(params, mask, strict=True)]
    decay: jax.Array = jnp.asarray(weight_decay, jnp.float32) * layout.to_entries(chosen)
    return decay
