"""Inverse p-th roots of many symmetric positive semidefinite matrices at once.

By a float32 eigendecomposition and one first-order correction. The error of a float32 eigenvalue
is about 1e-7 of the largest one, which is not small against a ridge of 1e-6; the correction brings
the root's error down to about that of the source's coupled Newton iteration.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import Precision

from shampoo_tune.optimizer.power_iteration import largest_eigenvalue

T = TypeVar("T")

# The relative ridge of google-research/precondition: it never falls below epsilon times this.
_LARGEST_EIGENVALUE_FLOOR = 1e-25

# Smaller entries count as 0: their reciprocals overflow.
_SMALLEST_NORMAL = float(np.finfo(np.float32).tiny)

# The largest |B_ij| / sqrt(d_i d_j) to which first order is trusted (an error of 0.09).
_LARGEST_REST = 0.3

# Relative gap of two damped eigenvalues under which the divided difference is replaced by the
# derivative at their geometric mean: cancellation costs 1e-7 / gap, the replacement gap ** 2 / 6.
_CLOSE = 0.02


class _Eigen(NamedTuple):
    """V^T V = I + defect, and V^T A V = diag(values) + rest once V is made orthogonal."""

    values: jax.Array  # [N, b]
    rest: jax.Array  # [N, b, b], zero diagonal
    vectors: jax.Array  # V: [N, b, b]
    defect: jax.Array  # [N, b, b]


def inverse_root(
    matrices: jax.Array,
    order: jax.typing.ArrayLike,
    epsilon: jax.typing.ArrayLike,
    *,
    relative: bool = True,
) -> tuple[jax.Array, jax.Array]:
    """(A + ridge I) ** (-1 / order) for each matrix A of a stack, and an estimate of its error.

    The ridge is epsilon * max(largest eigenvalue of A, 1e-25), or just epsilon when `relative` is
    off; the largest eigenvalue is estimated as in the source (power_iteration.py). If rounding
    errors of A's eigenvalues are not small beside such a ridge, that is if some
    |B_ij| / sqrt(d_i d_j) below exceeds 0.3, it is raised to max |B_ij| / 0.3: the part of the
    source's retries with a larger ridge. Negative eigenvalues (rounding errors of a semidefinite A)
    count as 0. Each matrix is divided by its largest entry first, so any scale in float32's range
    will do.

    The steps: V from `eigh`, D = V^T V - I and Q = V (I - D / 2), which is orthogonal to first
    order in D; B = Q^T A Q, w from its diagonal, d = w + ridge and f(d) = d ** (-1 / order). With
    the divided differences f[di, dj], the root Q (diag(f(d)) + f[di, dj] * offdiagonal(B)) Q^T is
    exact to first order in the off-diagonal.

    The error is the size of the neglected second order: the square of the larger of
    max |B_ij| / sqrt(d_i d_j) over i != j and max |D|. It is infinite where A or the root is not
    finite.

    Args:
        matrices: float32 [N, b, b], symmetric.
        order: p > 0, a scalar or one per matrix [N].
        epsilon: >= 0. With 0, a singular matrix has no root: error infinity.
        relative: whether the ridge is relative to the largest eigenvalue.

    Returns:
        Roots [N, b, b], symmetric to rounding, and errors [N]. A root of infinite error has no
        meaning.

    Source: section 4 of Anil et al., "Scalable Second Order Optimization for Deep Learning"
    (arXiv 2002.09018) for the damped root and keeping the previous one on failure; the correction
    is first-order perturbation theory of a matrix function (Daleckii-Krein).
    """
    largest_entry = jnp.max(jnp.abs(matrices), (1, 2))
    # eigh on a CPU can return finite numbers for a matrix that contains a NaN.
    finite = jnp.isfinite(largest_entry)
    scale = jnp.where(finite & (largest_entry >= _SMALLEST_NORMAL), largest_entry, 1)
    eigen = _eigendecomposition(matrices / scale[:, None, None])
    if relative:
        floor = _LARGEST_EIGENVALUE_FLOOR / scale
        unit = jnp.maximum(largest_eigenvalue(eigen.values, eigen.vectors, scale), floor)
    else:
        unit = 1 / scale
    damped = eigen.values + _resolvable_ridge(eigen, jnp.asarray(epsilon * unit))[:, None]
    power = -1 / jnp.broadcast_to(jnp.asarray(order, jnp.float32), scale.shape)
    roots, error = _power(eigen, damped, power[:, None], (scale**power)[:, None])
    succeeded = finite & jnp.isfinite(roots).all((1, 2))
    return roots, jnp.where(succeeded, error, jnp.inf)


def _eigendecomposition(matrices: jax.Array) -> _Eigen:
    vectors = _eigenvectors(matrices)
    identity = jnp.eye(matrices.shape[-1], dtype=jnp.float32)[None]
    defect = _multiply(vectors.mT, vectors) - identity
    rotated = _multiply(vectors.mT, _multiply(matrices, vectors))
    values = jnp.diagonal(rotated * (1 - defect), axis1=1, axis2=2)
    rest = (1 - identity) * (rotated - defect * _pair(jnp.add, values) / 2)
    return _Eigen(jnp.maximum(values, 0), rest, vectors, defect)


def _resolvable_ridge(eigen: _Eigen, ridge: jax.Array) -> jax.Array:
    """The ridge [N], raised where rounding errors are not small beside it."""
    size = jnp.abs(eigen.rest)
    inverse = _once(1 / jnp.sqrt(eigen.values + ridge[:, None]))
    largest = jnp.max(jnp.max(size * inverse[:, None], 2) * inverse, 1)
    raised = jnp.maximum(ridge, jnp.max(size, (1, 2)) / _LARGEST_REST)
    return jnp.where(largest < _LARGEST_REST, ridge, raised)


def _eigenvectors(matrices: jax.Array) -> jax.Array:
    """Eigenvectors of each matrix of a stack as columns, [N, b, b]."""

    def eigenvectors(matrices: jax.Array) -> jax.Array:
        vectors: jax.Array = jnp.linalg.eigh(matrices, symmetrize_input=False)[1]
        return vectors

    # On a CPU, jaxlib spreads a batch over the threads that wait for other operations' threads:
    # with two threads and a convolution in the same program that is a deadlock (jaxlib 0.10.1).
    vectors: jax.Array = jax.lax.platform_dependent(
        matrices, cpu=lambda stack: jax.lax.map(eigenvectors, stack), default=eigenvectors
    )
    return vectors


def _power(
    eigen: _Eigen, damped: jax.Array, power: jax.Array, factor: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """The roots factor * (A + ridge I) ** power from damped eigenvalues [N, b]; the errors [N]."""
    values = factor * damped**power
    values, damped, roots_of_damped = _once((values, damped, jnp.sqrt(damped)))
    rest = eigen.rest / _pair(jnp.multiply, roots_of_damped)
    gap = _pair(jnp.subtract, damped)
    far = jnp.abs(gap) > _CLOSE * _pair(jnp.add, damped)
    secant = eigen.rest / jnp.where(far, gap, 1) * _pair(jnp.subtract, values)
    tangent = power[:, :, None] * rest * _pair(jnp.multiply, jnp.sqrt(values))
    middle = jnp.where(far, secant, tangent) - eigen.defect * _pair(jnp.add, values) / 2
    middle = middle + jnp.eye(damped.shape[1], dtype=jnp.float32)[None] * values[:, :, None]
    roots = _multiply(_multiply(eigen.vectors, middle), eigen.vectors.mT)
    neglected = jnp.maximum(jnp.max(jnp.abs(rest), (1, 2)), jnp.max(jnp.abs(eigen.defect), (1, 2)))
    return roots, neglected**2


def _pair(operation: Callable[[jax.Array, jax.Array], jax.Array], vectors: jax.Array) -> jax.Array:
    """[N, b] -> [N, b, b]: the operation on each pair of a vector's entries."""
    return operation(vectors[:, :, None], vectors[:, None, :])


def _once(vectors: T) -> T:
    """The same [N, b] values; XLA would compute them again for every entry of [N, b, b]."""
    return cast(T, jax.lax.optimization_barrier(vectors))  # type: ignore[no-untyped-call]


def _multiply(left: jax.Array, right: jax.Array) -> jax.Array:
    # An accelerator's default precision (bfloat16) would be coarser than the ridge.
    return jnp.matmul(left, right, precision=Precision.HIGHEST)
