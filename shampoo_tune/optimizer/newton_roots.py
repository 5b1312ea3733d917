"""Inverse p-th roots of a stack of matrices by matrix products only, for a TPU's matrix unit.

Coupled Newton iteration, accelerated. The published one multiplies the smallest eigenvalue by at
most ((p + 1) / p) ** p, less than e, in each of its first steps; here each step is the best of its
form for the interval that the eigenvalues are known to lie in. That takes half the steps.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import Precision

from shampoo_tune.optimizer.norms import norm
from shampoo_tune.optimizer.power_iteration import iterate_largest_eigenvalue
from shampoo_tune.optimizer.root_result import (
    RESOLVABLE_RIDGE,
    Fallback,
    InverseRoots,
    Ridge,
    unit_scale,
    zero_if_finite,
)

_STEPS = 24
_TOLERANCE = 1e-6

# How far a step may shrink the largest eigenvalue. Less would be faster by a step, and lose digits
# of well-conditioned matrices: their error is that of a float32 divided by this.
_LARGEST_SHRINKAGE = 0.1


class _State(NamedTuple):
    step: jax.Array
    roots: jax.Array  # X: [N, b, b]
    products: jax.Array  # M = X^p (A + ridge I): [N, b, b]
    lower: jax.Array  # [N]: a bound of M's smallest eigenvalue
    error: jax.Array  # [N]: max |M - I|
    running: jax.Array  # [N]


def newton_roots(
    matrices: jax.Array, sizes: jax.Array, order: int, ridge: Ridge, fallback: Fallback
) -> InverseRoots:
    """(A + r I) ** (-1 / order) for each matrix A of a stack.

    With D = A + r I, n = ||D|| (Frobenius), p the order and l a lower bound of the eigenvalues
    of M, which lie in [l, 1]::

        X = n ** (-1/p) I          M = D / n          l = r / n          at first
        c = (1 - l ** (1/p)) / (1 - l ** (1 + 1/p)), at most the c_max below
        T = a (I - c M)            a ** p = c (p + 1) ((p + 1) / p) ** p
        X <- X T                   M <- T^p M
        l <- a ** p min(l (1 - c l) ** p, (1 - c) ** p), at least 1 - ||M - I||

    a makes the largest image of [0, 1] equal to 1, and c the images of l and 1 equal, which is the
    narrowest next interval; c_max keeps the image of 1 at 0.1 or more. Near l = 1 this is Newton's
    step, c = 1 / (p + 1), and converges quadratically. It ends after 24 steps, when max |M - I| is
    at most 1e-6, or when rounding makes it grow.

    Args:
        matrices: A, float32 [N, b, b].
        sizes: [N], how many rows and columns of each are not padding with zeros.
        order: p, a whole number >= 1; each is another program.
        ridge: how r is made of the largest eigenvalue; r is at least 3e-7 of it, so that rounding
            errors are small beside it.
        fallback: of the N matrices.

    Returns:
        The residual is max |M - I| after the last step.

    Source: the coupled iteration of Guo and Higham, "A Schur-Newton method for the matrix p-th root
    and its inverse" (2006), as in google-research/precondition; the choice of a and c is ours.
    """
    scaled, scale = unit_scale(matrices)
    identity = jnp.eye(matrices.shape[-1], dtype=jnp.float32)[None]
    largest = iterate_largest_eigenvalue(scaled, sizes, scale)
    added = jnp.maximum(ridge.of(largest, scale), RESOLVABLE_RIDGE * largest)
    damped = scaled + added[:, None, None] * identity
    size = jax.vmap(norm)(damped)
    products = damped / size[:, None, None]
    error = _distance(products, identity)
    start = _State(
        step=jnp.int32(0),
        roots=jnp.zeros_like(matrices) + identity,
        products=products,
        lower=added / size,
        error=error,
        running=error > _TOLERANCE,
    )

    def more(state: _State) -> jax.Array:
        return (state.step < _STEPS) & jnp.any(state.running)

    state = jax.lax.while_loop(more, lambda state: _step(state, order, identity), start)
    roots = state.roots * ((scale * size) ** (-1 / order))[:, None, None]
    residual = state.error + zero_if_finite(roots)
    kept = fallback.unless(residual, roots)
    return InverseRoots(*kept, residual, largest * scale, (largest + added) / added)


def _step(state: _State, order: int, identity: jax.Array) -> _State:
    c = jnp.minimum(_equal_images(state.lower, order), _largest_c(order))
    a_power = c * _a_power_over_c(order)
    lower = a_power * jnp.minimum(state.lower * (1 - c * state.lower) ** order, (1 - c) ** order)
    factor = identity - c[:, None, None] * state.products
    factor = (a_power ** (1 / order))[:, None, None] * factor
    products = _multiply(_power(factor, order), state.products)
    products = (products + products.mT) / 2
    error = _distance(products, identity)
    # Far from the end the distance may rise; near it, a rise means that rounding has won.
    better = (error < state.error) | ((state.lower < 0.9) & jnp.isfinite(error))
    kept = state.running & better
    deviation = jnp.sqrt(jnp.sum((products - identity) ** 2, (1, 2)))
    return _State(
        state.step + 1,
        jnp.where(kept[:, None, None], _multiply(state.roots, factor), state.roots),
        jnp.where(kept[:, None, None], products, state.products),
        jnp.clip(jnp.maximum(lower, 1 - deviation), 0, 1),
        jnp.where(kept, error, state.error),
        kept & (error > _TOLERANCE),
    )


def _equal_images(lower: jax.Array, order: int) -> jax.Array:
    """The c with which `lower` and 1 have the same image."""
    root = lower ** (1 / order)
    near = root > 1 - 1e-3  # where both differences vanish
    ratio = (1 - root) / jnp.where(near, 1, 1 - lower * root)
    return jnp.where(near, np.float32(1 / (order + 1)), ratio)


def _a_power_over_c(order: int) -> float:
    return (order + 1) * ((order + 1) / order) ** order


def _largest_c(order: int) -> float:
    """The c with which the image of 1 is `_LARGEST_SHRINKAGE`, by bisection."""
    low, high = 1 / (order + 1), 1.0  # images 1 and 0
    for _ in range(60):
        middle = (low + high) / 2
        image = middle * _a_power_over_c(order) * (1 - middle) ** order
        low, high = (middle, high) if image > _LARGEST_SHRINKAGE else (low, middle)
    return low


def _power(base: jax.Array, exponent: int) -> jax.Array:
    """By repeated squaring: 2 products for 4, 3 for 6 and 8."""
    if exponent == 1:
        return base
    half = _power(base, exponent // 2)
    square = _multiply(half, half)
    return _multiply(square, base) if exponent % 2 else square


def _distance(products: jax.Array, identity: jax.Array) -> jax.Array:
    return jnp.max(jnp.abs(products - identity), (1, 2)) + zero_if_finite(products)


def _multiply(left: jax.Array, right: jax.Array) -> jax.Array:
    # A TPU's default precision (one bfloat16 product) would be coarser than the ridge.
    return jnp.matmul(left, right, precision=Precision.HIGHEST)
