"""Which part of the work of all roots one of several devices does."""

from collections.abc import Iterator, Sequence

import numpy as np

from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.layout import make_layout
from shampoo_tune.optimizer.preconditioning import stack_plans


def root_work_share(
    shapes: Sequence[tuple[int, ...]], config: ShampooConfig, devices: int
) -> float | None:
    """The share of the busiest device: matrices are whole, and the root of [b, b] costs b^3.

    Args:
        shapes: of all parameters, in their order.
        config: of Shampoo.
        devices: that share the roots, see `distribution.divide_work`.

    Returns:
        At least 1 / devices; None if there is nothing to precondition.
    """
    batches = list(_batches(shapes, config))
    whole = sum(width**3 * number for width, number in batches)
    own = sum(width**3 * -(-number // devices) for width, number in batches)
    return own / whole if whole else None


def _batches(shapes: Sequence[tuple[int, ...]], config: ShampooConfig) -> Iterator[tuple[int, int]]:
    """Width and number of the matrices that are divided together: those of one order."""
    for plan in stack_plans(make_layout(list(shapes), config)):
        orders = np.zeros_like(plan.orders) if config.exponent_override else plan.orders
        for number in np.unique(orders, return_counts=True)[1]:
            yield plan.width, int(number)
