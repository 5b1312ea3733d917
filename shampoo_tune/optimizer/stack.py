"""The matrices of one stack: their statistics and roots, on the devices that were dealt them."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.optimizer.chosen import Numbers
from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.dealing import deal
from shampoo_tune.optimizer.distribution import Devices
from shampoo_tune.optimizer.grafting import new_weight
from shampoo_tune.optimizer.inverse_roots import inverse_roots, root_method
from shampoo_tune.optimizer.layout import Layout, Tensors
from shampoo_tune.optimizer.one_by_one import in_place, too_large
from shampoo_tune.optimizer.own_blocks import places_read, read_blocks
from shampoo_tune.optimizer.preconditioning import (
    Run,
    StackPlan,
    gram_matrices,
    gram_matrix,
    grams_of_run,
)
from shampoo_tune.optimizer.root_result import Fallback, InverseRoots, Ridge
from shampoo_tune.optimizer.share import Gradient
from shampoo_tune.optimizer.usable import usable


class Stack:
    """N matrices in M slots [M, b, b], each device with as many; one alone has N."""

    def __init__(
        self, config: ShampooConfig, layout: Layout, devices: Devices, plan: StackPlan
    ) -> None:
        """Deals them.

        Args:
            config: Shampoo's options.
            layout: of the model.
            devices: that share the work.
            plan: of the stack.
        """
        self._config, self._layout, self._devices = config, layout, devices
        self._plan = plan
        self._deal = deal(dealt_orders(config, plan), devices.keepers)
        self._sizes = plan.sizes[self._deal.items]

    def initial(self) -> tuple[jax.Array, jax.Array]:
        """Statistics epsilon I (0 in the padding) and preconditioners I, of all devices."""
        identity = jnp.eye(self._plan.width, dtype=jnp.float32)
        inside = np.arange(self._plan.width) < self._sizes.ravel()[:, None, None]
        epsilon = jnp.asarray(self._config.matrix_epsilon, jnp.float32)
        statistics = epsilon * jnp.where(inside, identity, 0)
        return statistics, jnp.broadcast_to(identity, statistics.shape)

    def places(self, blocks: Sequence[Numbers]) -> list[Numbers]:
        """Where in the stack of all devices the matrices of some blocks are, for each run: [n].

        Args:
            blocks: which of each bucket: [n].
        """
        pairs = zip(self._plan.starts(), self._plan.runs, strict=True)
        return [
            _places_of(self._deal.places[start : start + run.number], blocks[run.bucket])
            for start, run in pairs
        ]

    def new_statistics(self, old: jax.Array, gradient: Gradient) -> jax.Array:
        """A device's statistics with a gradient taken in."""
        beta2, weight = jnp.asarray(self._config.beta2, jnp.float32), new_weight(self._config.beta2)

        def taken_in(old: jax.Array, gram: jax.Array) -> jax.Array:
            return beta2 * old + weight * gram

        if self._devices.keepers > 1:
            return taken_in(old, self._dealt_gram_matrices(gradient))
        blocks = [gradient.own.blocks[run.bucket] for run in self._plan.runs]
        if not any(too_large(array.shape) for array in (old, *blocks)):
            return taken_in(old, gram_matrices(blocks, self._plan))
        for start, run, own in zip(self._plan.starts(), self._plan.runs, blocks, strict=True):

            def one(old: jax.Array, block: jax.Array, run: Run = run) -> tuple[jax.Array, Any]:
                return taken_in(old, grams_of_run(block[None], run, self._plan)[0]), ()

            old, _ = in_place(one, old, (own,), start)
        return old

    def new_roots(self, statistics: jax.Array, old: jax.Array) -> InverseRoots:
        """A device's roots, the old ones where they fail, and what is known of each matrix: [N]."""
        found = self._inverse_roots(statistics, old)
        facts = (self._devices.gathered(array)[self._deal.places] for array in found[1:])
        return InverseRoots(found.roots, *facts)

    def _dealt_gram_matrices(self, gradient: Gradient) -> jax.Array:
        read = [
            usable(self._read(gradient.tensors, start, run))
            for start, run in zip(self._plan.starts(), self._plan.runs, strict=True)
        ]
        grams: jax.Array = jax.lax.map(
            lambda position: gram_matrix(read, self._plan, *position), self._positions()
        )
        return grams

    def _read(self, tensors: Tensors, start: int, run: Run) -> jax.Array:
        """Of the blocks of a run, those of which the device has a matrix, and some more."""
        orders = dealt_orders(self._config, self._plan)
        before = int(np.sum(orders[:start] == orders[start]))
        bucket = self._layout.buckets[run.bucket]
        cuts = list(self._layout.cuts(run.bucket))
        return read_blocks(tensors, cuts, bucket.shape, self._devices, before)

    def _positions(self) -> tuple[Numbers, Numbers]:
        """Of each slot of a device: its run, and where in what was read for that run it is."""
        cuts = [list(self._layout.cuts(run.bucket)) for run in self._plan.runs]
        places = np.concatenate([places_read(c, self._devices) for c in cuts])
        runs, read = self._plan.run_numbers[self._deal.items], places[self._deal.items]
        return self._devices.own(runs), self._devices.own(read)

    def _inverse_roots(self, statistics: jax.Array, old: jax.Array) -> InverseRoots:
        config = self._config
        return inverse_roots(
            statistics,
            self._devices.own(self._sizes),
            _overridden(config, self._deal.kinds),
            Ridge(config.matrix_epsilon, config.relative_matrix_epsilon),
            fallback=Fallback(old, config.inverse_failure_threshold),
            method=root_method(config),
            divide_work=self._devices.divide_work,
        )


def dealt_orders(config: ShampooConfig, plan: StackPlan) -> np.ndarray:
    """The orders by which matrices are dealt: one, if it is known that they have one."""
    return (
        np.asarray(_overridden(config, plan.orders), np.float32) if _known(config) else plan.orders
    )


def _overridden(config: ShampooConfig, default: np.ndarray) -> jax.Array | np.ndarray:
    """The order of each matrix; a NumPy array if it is known before the step runs."""
    override: Any = config.exponent_override  # a number or a tracer
    if not _known(config):
        return jnp.where(override == 0, default, override)
    return np.full_like(default, override) if override else default


def _known(config: ShampooConfig) -> bool:
    return isinstance(config.exponent_override, (int, float))


def _places_of(places: np.ndarray, numbers: Numbers) -> Numbers:
    return places[numbers] if isinstance(numbers, np.ndarray) else jnp.asarray(places)[numbers]
