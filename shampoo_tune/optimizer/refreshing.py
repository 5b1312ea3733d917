"""When and how statistics and preconditioners are refreshed, and what is known of the roots."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from shampoo_tune.optimizer.chosen import Numbers
from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.distribution import Devices
from shampoo_tune.optimizer.layout import Blocks, Layout
from shampoo_tune.optimizer.preconditioning import Stacks, precondition, stack_plans
from shampoo_tune.optimizer.share import Gradient
from shampoo_tune.optimizer.stack import Stack


class RootDiagnostics(NamedTuple):
    """Of the latest roots, one value per matrix: [N], in the order of `statistics`."""

    failed: jax.Array  # bool: the previous preconditioner was kept
    residual: jax.Array  # what is compared with inverse_failure_threshold
    largest_eigenvalue: jax.Array
    condition: jax.Array  # (largest eigenvalue + ridge) / ridge


class Preconditioning(NamedTuple):
    """Statistics, and the latest of their roots that did not fail."""

    statistics: Stacks
    matrices: Stacks
    failures: jax.Array  # shape=(), int32: roots that failed so far
    diagnostics: RootDiagnostics | None  # None unless asked for


class Preconditioner:
    """Refreshes and applies the matrices of a model."""

    def __init__(self, config: ShampooConfig, layout: Layout, devices: Devices) -> None:
        """Plans, from shapes and switches alone.

        Args:
            config: Shampoo's options.
            layout: of the model.
            devices: that share the work.
        """
        self._config, self._devices = config, devices
        self._plans = stack_plans(layout)
        self._stacks = [Stack(config, layout, devices, plan) for plan in self._plans]

    def initial(self) -> Preconditioning:
        """Before the first gradient: roots that change nothing, diagnostics of no root.

        Of all devices together; all else here is for what one of them has.
        """
        pairs = [stack.initial() for stack in self._stacks]
        nothing = jnp.zeros(sum(len(plan.sizes) for plan in self._plans), jnp.float32)
        return Preconditioning(
            statistics=tuple(statistics for statistics, _ in pairs),
            matrices=tuple(identities for _, identities in pairs),
            failures=jnp.zeros([], jnp.int32),
            diagnostics=RootDiagnostics(nothing > 0, nothing, nothing, nothing),
        )

    def refreshed(
        self, old: Preconditioning, gradient: Gradient, count: jax.Array
    ) -> Preconditioning:
        """With a gradient taken in, and roots taken, each if it is time."""
        if not self._stacks:
            return old

        def taken_in() -> Stacks:
            pairs = zip(self._stacks, old.statistics, strict=True)
            return tuple(stack.new_statistics(before, gradient) for stack, before in pairs)

        new = _every(self._config.statistics_compute_steps, count, taken_in, old.statistics)
        old = old._replace(statistics=new)
        rooted: Preconditioning = _every(
            self._config.preconditioning_compute_steps, count, lambda: self._rooted(old), old
        )
        return rooted

    def apply(
        self, preconditioning: Preconditioning, blocks: Blocks, numbers: Sequence[Numbers]
    ) -> Blocks:
        """Each block multiplied along its preconditioned axes.

        Args:
            preconditioning: with the roots.
            blocks: that a device has.
            numbers: which blocks of each bucket these are: [n].
        """
        matrices = tuple(map(self._devices.gathered, preconditioning.matrices))
        places = [stack.places(numbers) for stack in self._stacks]
        return precondition(blocks, matrices, self._plans, places)

    def _rooted(self, old: Preconditioning) -> Preconditioning:
        """The roots of the statistics, the old ones where they fail."""
        triples = zip(self._stacks, old.statistics, old.matrices, strict=True)
        found = [stack.new_roots(statistics, before) for stack, statistics, before in triples]
        facts = RootDiagnostics(*map(jnp.concatenate, zip(*(f[1:] for f in found), strict=True)))
        failures = old.failures + jnp.sum(facts.failed, dtype=jnp.int32)
        return old._replace(
            matrices=tuple(f.roots for f in found),
            failures=failures,
            diagnostics=None if old.diagnostics is None else facts,
        )


def _every(period: Any, count: jax.Array, refreshed: Callable[[], Any], old: Any) -> Any:
    """`refreshed()` when the count is a multiple of the period, else `old`."""
    if isinstance(period, int) and period == 1:
        return refreshed()
    return jax.lax.cond(count % period == 0, refreshed, lambda: old)
