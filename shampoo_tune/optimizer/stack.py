"""The matrices of one stack: their statistics and roots, on the devices that were dealt them."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.dealing import deal
from shampoo_tune.optimizer.distribution import Devices
from shampoo_tune.optimizer.grafting import new_weight
from shampoo_tune.optimizer.inverse_roots import inverse_roots, root_method
from shampoo_tune.optimizer.layout import Blocks
from shampoo_tune.optimizer.preconditioning import StackPlan, gram_matrices, gram_matrix
from shampoo_tune.optimizer.root_result import InverseRoots


class Stack:
    """N matrices in M slots [M, b, b], each device with as many; one alone has N.

    Attributes:
        dealt: which matrix is in which slot.
    """

    def __init__(self, config: ShampooConfig, devices: Devices, plan: StackPlan) -> None:
        """Deals them.

        Args:
            config: Shampoo's options.
            devices: that share the work.
            plan: of the stack.
        """
        self._config, self._devices, self._plan = config, devices, plan
        self.dealt = deal(dealt_orders(config, plan), devices.keepers)
        self._sizes = plan.sizes[self.dealt.matrices]

    def initial(self) -> tuple[jax.Array, jax.Array]:
        """Statistics epsilon I (0 in the padding) and preconditioners I, both [M, b, b]."""
        identity = jnp.eye(self._plan.width, dtype=jnp.float32)
        inside = np.arange(self._plan.width) < self._sizes[:, None, None]
        epsilon = jnp.asarray(self._config.matrix_epsilon, jnp.float32)
        statistics = epsilon * jnp.where(inside, identity, 0)
        pair: tuple[jax.Array, jax.Array] = self._devices.divided(
            (statistics, jnp.broadcast_to(identity, statistics.shape))
        )
        return pair

    def new_statistics(self, old: jax.Array, blocks: Blocks) -> jax.Array:
        """The statistics [M, b, b] with these blocks of a gradient taken in."""
        beta2 = jnp.asarray(self._config.beta2, jnp.float32)
        return beta2 * old + new_weight(self._config.beta2) * self._gram_matrices(blocks)

    def new_roots(self, statistics: jax.Array, old: jax.Array) -> tuple[InverseRoots, jax.Array]:
        """The roots [M, b, b], the old ones where they fail.

        Returns:
            Roots, with what is known of each matrix [N], and whether each failed: [N].
        """

        def own_roots(own: Any, _: Any) -> tuple[InverseRoots, jax.Array]:
            statistics, old, sizes = own
            found = self._inverse_roots(statistics, sizes)
            failed = ~(found.residual < self._config.inverse_failure_threshold)
            kept = jnp.where(failed[:, None, None], old, found.roots)
            return found._replace(roots=kept), failed

        own = statistics, old, self._sizes
        (roots, *facts), failed = self._devices.on_each(own_roots, own, ())
        *facts, failed = (
            array[self.dealt.places] for array in self._devices.gathered([*facts, failed])
        )
        return InverseRoots(roots, *facts), failed

    def _gram_matrices(self, blocks: Blocks) -> jax.Array:
        if self._devices.keepers == 1:
            return gram_matrices(blocks, self._plan)

        def own_grams(positions: Any, blocks: Blocks) -> jax.Array:
            grams: jax.Array = jax.lax.map(
                lambda position: gram_matrix(blocks, self._plan, *position), positions
            )
            return grams

        positions = [numbers[self.dealt.matrices] for numbers in self._plan.positions()]
        grams: jax.Array = self._devices.on_each(own_grams, positions, blocks)
        return grams

    def _inverse_roots(self, statistics: jax.Array, sizes: jax.Array) -> InverseRoots:
        return inverse_roots(
            statistics,
            sizes,
            _overridden(self._config, self.dealt.orders),
            self._config.matrix_epsilon,
            relative=self._config.relative_matrix_epsilon,
            method=root_method(self._config),
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
