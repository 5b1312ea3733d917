"""What the methods of computing roots have in common: scale, ridge, fallback and result."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

# The relative ridge of google-research/precondition: it never falls below epsilon times this.
_LARGEST_EIGENVALUE_FLOOR = 1e-25

# Smaller entries count as 0: their reciprocals overflow.
_SMALLEST_NORMAL = float(np.finfo(np.float32).tiny)

# Rounding errors make eigenvalues of a semidefinite matrix as negative as 1e-7 times the largest: a
# smaller ridge may not be resolved in float32.
RESOLVABLE_RIDGE = 3e-7


class InverseRoots(NamedTuple):
    """The root of a matrix, or of each of a stack, and what was learnt on the way."""

    roots: jax.Array  # [..., b, b]
    failed: jax.Array  # [...], bool: the fallback's matrix stands in its place
    residual: jax.Array  # [...]: an estimate of the root's relative error
    largest_eigenvalue: jax.Array  # [...]: estimated as in the source (power_iteration.py)
    condition: jax.Array  # [...]: (largest eigenvalue + ridge) / ridge


class Fallback(NamedTuple):
    """What stands in the place of a root that fails."""

    matrices: jax.Array  # [..., b, b]
    threshold: jax.typing.ArrayLike  # a scalar: a root whose residual is not below it fails

    def unless(self, residual: jax.Array, roots: jax.Array) -> tuple[jax.Array, jax.Array]:
        """The roots, or these matrices where they fail, and whether they do."""
        failed = ~(residual < self.threshold)
        return jnp.where(failed[..., None, None], self.matrices, roots), failed


class Ridge(NamedTuple):
    """What is added to a matrix's diagonal: epsilon, times its largest eigenvalue if relative."""

    epsilon: jax.typing.ArrayLike  # a scalar
    relative: bool = True

    def of(self, largest: jax.Array, scale: jax.Array) -> jax.Array:
        """The ridge of scale * A, divided by scale; `largest` is that of A."""
        epsilon = jnp.asarray(self.epsilon, jnp.float32)
        if self.relative:
            return epsilon * jnp.maximum(largest, _LARGEST_EIGENVALUE_FLOOR / scale)
        return epsilon / scale


def unit_scale(matrices: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The matrices [..., b, b] divided by their largest entry, and that entry [...].

    A semidefinite matrix has it on its diagonal. The scale of a matrix with an entry that is not
    finite is NaN, and the matrix is then zero: eigh on a CPU can return finite numbers for a matrix
    that contains a NaN.
    """
    largest = jnp.max(jnp.diagonal(matrices, axis1=-2, axis2=-1), -1)
    finite = zero_if_finite(matrices) == 0
    scale = jnp.where(finite, jnp.where(largest >= _SMALLEST_NORMAL, largest, 1), jnp.nan)
    keep = finite[..., None, None]
    return jnp.where(keep, matrices, 0) / jnp.where(keep, scale[..., None, None], 1), scale


def zero_if_finite(matrices: jax.Array) -> jax.Array:
    """0 for a matrix [b, b] whose entries are all finite, NaN for another: [..., b, b] -> [...].

    Not by their maximum: on a CPU, that of a large stack loses NaNs (jaxlib 0.10.1).
    """
    ones = np.ones(matrices.shape[-1], np.float32)
    return (0 * matrices @ ones) @ ones
