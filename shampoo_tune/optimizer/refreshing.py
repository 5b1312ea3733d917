"""When and how statistics and preconditioners are refreshed, and what is known of the roots."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.grafting import new_weight
from shampoo_tune.optimizer.inverse_roots import DivideWork, inverse_roots, root_method
from shampoo_tune.optimizer.layout import Blocks, Layout
from shampoo_tune.optimizer.preconditioning import StackPlan, Stacks, gram_matrices, stack_plans
from shampoo_tune.optimizer.root_result import InverseRoots


class RootDiagnostics(NamedTuple):
    """Of the latest roots, one value per matrix: [N], in the order of `statistics`."""

    failed: jax.Array  # bool: the previous preconditioner was kept
    residual: jax.Array  # what is compared with inverse_failure_threshold
    largest_eigenvalue: jax.Array
    condition: jax.Array  # (largest eigenvalue + ridge) / ridge


class Preconditioners(NamedTuple):
    """The latest roots that did not fail."""

    matrices: Stacks
    failures: jax.Array  # shape=(), int32: roots that failed so far
    diagnostics: RootDiagnostics | None  # None unless asked for


def initial_preconditioners(
    config: ShampooConfig, layout: Layout
) -> tuple[Stacks, Stacks, RootDiagnostics]:
    """Statistics epsilon I (0 in the padding), preconditioners I, and diagnostics of no root."""
    plans = stack_plans(layout)
    identities = tuple(
        jnp.broadcast_to(
            jnp.eye(plan.width, dtype=jnp.float32), (len(plan.sizes), *2 * [plan.width])
        )
        for plan in plans
    )
    epsilon = jnp.asarray(config.matrix_epsilon, jnp.float32)
    statistics = tuple(
        epsilon * jnp.where(np.arange(plan.width) < plan.sizes[:, None, None], identity, 0)
        for plan, identity in zip(plans, identities, strict=True)
    )
    number = sum(len(plan.sizes) for plan in plans)
    nothing = jnp.zeros(number, jnp.float32)
    found = RootDiagnostics(jnp.zeros(number, bool), nothing, nothing, nothing)
    return statistics, identities, found


def new_statistics(
    config: ShampooConfig, layout: Layout, count: jax.Array, old: Stacks, blocks: Blocks
) -> Stacks:
    """The statistics, with these blocks of a gradient taken in if it is time."""
    beta2, weight = jnp.asarray(config.beta2, jnp.float32), new_weight(config.beta2)

    def refreshed() -> Stacks:
        pairs = zip(old, gram_matrices(blocks, layout), strict=True)
        return tuple(beta2 * before + weight * gram for before, gram in pairs)

    statistics: Stacks = _every(config.statistics_compute_steps, count, refreshed, old)
    return statistics


def new_preconditioners(
    config: ShampooConfig,
    layout: Layout,
    divide: DivideWork,
    count: jax.Array,
    statistics: Stacks,
    old: Preconditioners,
) -> Preconditioners:
    """The roots of the statistics if it is time, the old ones where they fail."""

    def refreshed() -> Preconditioners:
        plans = stack_plans(layout)
        found = [_roots(config, divide, *stack) for stack in zip(statistics, plans, strict=True)]
        failed = [~(roots.residual < config.inverse_failure_threshold) for roots in found]
        matrices = tuple(
            jnp.where(bad[:, None, None], before, roots.roots)
            for bad, before, roots in zip(failed, old.matrices, found, strict=True)
        )
        every = jnp.concatenate(failed)
        failures = old.failures + jnp.sum(every, dtype=jnp.int32)
        if old.diagnostics is None:
            return Preconditioners(matrices, failures, None)
        facts = map(jnp.concatenate, list(zip(*found, strict=True))[1:])
        return Preconditioners(matrices, failures, RootDiagnostics(every, *facts))

    if not statistics:
        return old
    new: Preconditioners = _every(config.preconditioning_compute_steps, count, refreshed, old)
    return new


def _roots(
    config: ShampooConfig, divide: DivideWork, stack: jax.Array, plan: StackPlan
) -> InverseRoots:
    return inverse_roots(
        stack,
        plan.sizes,
        _orders(config, plan.orders),
        config.matrix_epsilon,
        relative=config.relative_matrix_epsilon,
        method=root_method(config),
        divide_work=divide,
    )


def _orders(config: ShampooConfig, default: np.ndarray) -> jax.Array | np.ndarray:
    """The order of each matrix; a NumPy array if it is known before the step runs."""
    override: Any = config.exponent_override  # a number or a tracer
    if not isinstance(override, (int, float)):
        return jnp.where(override == 0, default, override)
    return np.full_like(default, override) if override else default


def _every(period: Any, count: jax.Array, refreshed: Callable[[], Any], old: Any) -> Any:
    """`refreshed()` when the count is a multiple of the period, else `old`."""
    if isinstance(period, int) and period == 1:
        return refreshed()
    return jax.lax.cond(count % period == 0, refreshed, lambda: old)
