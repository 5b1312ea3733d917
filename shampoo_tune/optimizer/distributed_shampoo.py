"""Distributed Shampoo as an optax gradient transformation.

Sources: Anil et al., "Scalable Second Order Optimization for Deep Learning" (arXiv 2002.09018), and
google-research/precondition, distributed_shampoo.py, whose trajectories it reproduces. Different
from the latter: all arithmetic is on stacks of equal blocks (layout.py), never padded to a larger
size; roots by a corrected eigendecomposition or an accelerated iteration (inverse_roots.py);
`preconditioner_type` input also takes vectors; a gradient that is not finite counts as zero;
without a graft, `decoupled_learning_rate=False` still applies the learning rate.
"""

import dataclasses
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import optax
from jax.sharding import Mesh

from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.distribution import AxisNames, Devices
from shampoo_tune.optimizer.grafting import (
    graft_updates,
    grafted,
    has_accumulator,
    is_normalized,
    normalized,
)
from shampoo_tune.optimizer.layout import Layout, make_layout
from shampoo_tune.optimizer.masks import mask_leaves
from shampoo_tune.optimizer.momentum import Momenta, Vectors, momentum_steps
from shampoo_tune.optimizer.options import checked_options, with_signature_of
from shampoo_tune.optimizer.preconditioning import Stacks
from shampoo_tune.optimizer.refreshing import (
    Preconditioner,
    Preconditioning,
    RootDiagnostics,
)
from shampoo_tune.optimizer.share import Entries, Gradient, Share


class ShampooState(NamedTuple):
    """Float32 whatever the parameters' dtype, in the blocks of `layout.py`, but for two counts.

    On a mesh N and n are padded to multiples of the devices, see `dealing.py`.
    """

    # The number of updates made so far, int32. (The name hides the tuple's own method.)
    count: jax.Array  # type: ignore[assignment]
    failures: jax.Array  # shape=(), int32: roots that failed so far
    statistics: Stacks  # [N, b, b] for each matrix size b
    preconditioners: Stacks  # the same shapes
    accumulator: Entries | None  # the graft's sum of squares, if it keeps one
    momentum: Entries  # of the preconditioned updates
    graft_momentum: Entries  # of the graft's updates
    diagnostics: RootDiagnostics | None  # None unless asked for


_DIVIDED = {"statistics", "preconditioners", "accumulator", "momentum", "graft_momentum"}

# Whether devices of a mesh each have a part of it, or all have all.
DIVIDED = ShampooState._make(name in _DIVIDED for name in ShampooState._fields)


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
        return _initial_state(config, _layout_of(params, config), devices, diagnostics)

    def update_fn(
        updates: optax.Updates, state: ShampooState, params: optax.Params | None = None
    ) -> tuple[optax.Updates, ShampooState]:
        if params is None:
            raise ValueError("shampoo needs the parameters: update(gradients, state, params)")
        leaves, structure = jax.tree.flatten(params)
        if not leaves:
            return updates, state._replace(count=optax.safe_increment(state.count))
        rate = learning_rate(state.count) if callable(learning_rate) else learning_rate
        model = _Model(
            gradients=jax.tree.leaves(updates),
            decaying=_decaying(config, mask_leaves(weight_decay_mask, params), leaves),
            learning_rate=jnp.asarray(rate, jnp.float32),
        )
        layout = _layout_of(params, config)
        # Numbers of a surrounding jit are no constants of what runs on each device.
        numbers = {name: x for name, x in vars(config).items() if isinstance(x, jax.Array)}

        def step(state: ShampooState, all_: Any) -> tuple[ShampooState, list[jax.Array]]:
            model, numbers = all_
            return _Step(dataclasses.replace(config, **numbers), layout, devices)(state, model)

        state, steps = devices.on_each(step, DIVIDED, state, (model, numbers))
        pairs = zip(steps, leaves, strict=True)
        return jax.tree.unflatten(structure, [s.astype(leaf.dtype) for s, leaf in pairs]), state

    return optax.GradientTransformation(init_fn, update_fn)


def _layout_of(params: optax.Params, config: ShampooConfig) -> Layout:
    return make_layout([jnp.shape(leaf) for leaf in jax.tree.leaves(params)], config)


def _initial_state(
    config: ShampooConfig, layout: Layout, devices: Devices, diagnostics: bool
) -> ShampooState:
    zeros = Share(layout, devices).zeros()
    first = Preconditioner(config, layout, devices).initial()
    state = ShampooState(
        count=jnp.zeros([], jnp.int32),
        failures=jnp.zeros([], jnp.int32),
        statistics=first.statistics,
        preconditioners=first.matrices,
        accumulator=zeros if has_accumulator(config.graft_type) else None,
        momentum=zeros,
        graft_momentum=zeros,
        diagnostics=first.diagnostics if diagnostics else None,
    )
    if layout.groups:
        return cast(ShampooState, devices.divided(DIVIDED, state))
    # Leaves, not empty tuples: optax maps over states with that of no parameters as a prefix.
    nothing: Any = jnp.zeros(0, jnp.float32)
    return state._replace(**{n: nothing for n in _DIVIDED if getattr(state, n) is not None})


class _Model(NamedTuple):
    """What of a model enters a step."""

    gradients: list[jax.Array]
    decaying: list[jax.Array] | None  # the parameters, 0 where they do not decay; None: none do
    learning_rate: jax.Array


class _Step:
    """A step, on a device that has a part of the state."""

    def __init__(self, config: ShampooConfig, layout: Layout, devices: Devices) -> None:
        self._config, self._layout = config, layout
        self._share = Share(layout, devices)
        self._preconditioner = Preconditioner(config, layout, devices)

    def __call__(self, state: ShampooState, model: _Model) -> tuple[ShampooState, list[jax.Array]]:
        """The state after the step, and what is added to each parameter."""
        gradient = self._share.of_gradient(self._layout.stacked(model.gradients))
        new = self._preconditioner.refreshed(_preconditioning(state), gradient, state.count)
        graft, accumulator = graft_updates(
            self._config, self._graft_gradient(gradient), state.accumulator
        )
        step, momenta = momentum_steps(
            self._config,
            model.learning_rate,
            state.count,
            Momenta(state.momentum, state.graft_momentum),
            Vectors(self._grafted(new, gradient, graft), graft, self._decay(model)),
        )
        state = ShampooState(
            count=optax.safe_increment(state.count),
            failures=new.failures,
            statistics=new.statistics,
            preconditioners=new.matrices,
            accumulator=accumulator,
            momentum=momenta.preconditioned,
            graft_momentum=momenta.graft,
            diagnostics=new.diagnostics,
        )
        return state, self._share.leaves(step)

    def _graft_gradient(self, gradient: Gradient) -> Entries:
        if not is_normalized(self._config.graft_type):
            return gradient.own
        return self._share.of(normalized(gradient.tensors))

    def _grafted(self, new: Preconditioning, gradient: Gradient, graft: Entries) -> Entries:
        """The preconditioned updates; tensors that have no blocks take those of the graft."""
        blocks = self._preconditioner.apply(new, gradient.own.blocks, self._share.blocks())
        return Entries(grafted(self._config, self._share, blocks, graft.blocks), graft.others)

    def _decay(self, model: _Model) -> Entries | None:
        """weight_decay * parameter."""
        if model.decaying is None:
            return None
        weight_decay = jnp.asarray(self._config.weight_decay, jnp.float32)
        own = self._share.of(self._layout.stacked(model.decaying))
        decay: Entries = jax.tree.map(lambda weights: weight_decay * weights, own)
        return decay


def _preconditioning(state: ShampooState) -> Preconditioning:
    return Preconditioning(
        state.statistics, state.preconditioners, state.failures, state.diagnostics
    )


def _decaying(
    config: ShampooConfig, mask: list[bool], params: list[jax.Array]
) -> list[jax.Array] | None:
    weight_decay: Any = config.weight_decay  # a number or a tracer
    if not any(mask) or (isinstance(weight_decay, (int, float)) and weight_decay == 0):
        return None
    return [p if keep else jnp.zeros_like(p) for p, keep in zip(params, mask, strict=True)]
