"""Inverse p-th roots of many symmetric positive semidefinite matrices at once.

Two methods: eigenvectors with a correction (eigen_roots.py), for CPU and GPU, and coupled Newton
iterations (newton_roots.py), for the matrix unit of a TPU. Either's work may be divided among
devices.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.config import WHOLE_ORDERS, ShampooConfig
from shampoo_tune.optimizer.eigen_roots import eigen_root
from shampoo_tune.optimizer.newton_roots import newton_roots
from shampoo_tune.optimizer.one_by_one import in_place
from shampoo_tune.optimizer.root_result import Fallback, InverseRoots, Ridge

Orders = jax.Array | np.ndarray
DivideWork = Callable[[Callable[..., Any]], Callable[..., Any]]


def root_method(config: ShampooConfig) -> str:
    """`eigh` or `newton`; `auto` is `newton` on a TPU, where an eigendecomposition is slow."""
    if config.root_method != "auto":
        return config.root_method
    return "newton" if jax.default_backend() == "tpu" else "eigh"


# The scope tells a profiler, and who counts a program's operations, what roots cost.
@jax.named_scope("inverse_roots")
def inverse_roots(
    matrices: jax.Array,
    sizes: jax.Array | np.ndarray,
    orders: Orders,
    ridge: Ridge,
    *,
    fallback: Fallback | None = None,
    method: str = "eigh",
    divide_work: DivideWork = lambda function: function,
) -> InverseRoots:
    """(A + ridge I) ** (-1 / p) for each matrix A of a stack.

    The ridge is epsilon * max(largest eigenvalue of A, 1e-25), or just epsilon when not relative.
    Where the rounding errors of A's eigenvalues are not small beside it, it is raised, instead
    of the source's retries with a larger ridge. Negative eigenvalues (rounding errors of a
    semidefinite A) count as 0. Each matrix is divided by its largest entry first, so any scale in
    float32's range will do.

    Args:
        matrices: float32 [N, b, b], symmetric.
        sizes: how many rows and columns of each are not padding with zeros: [N]. The root of a
            padded matrix is the padded root of the matrix, but for the padding's own rows.
        orders: p > 0 of each matrix [N]; for `newton` a NumPy array of whole numbers, and each
            distinct one is another program.
        ridge: epsilon >= 0; with 0, a singular matrix has no root.
        fallback: of the N matrices. None: only roots that are not finite fail, and what stands in
            their place has no meaning.
        method: `eigh` or `newton`.
        divide_work: `distribution.Devices.divide_work`.

    Returns:
        Roots and what is known of them. The residual is not finite where A or the root is not.

    Raises:
        InvalidInputError: `newton` with an order that is not a known whole number.
    """
    previous, threshold = fallback or Fallback(matrices, jnp.asarray(np.inf, jnp.float32))
    items = (matrices, jnp.asarray(sizes), previous)
    if method == "newton":
        return _by_newton(items, orders, ridge, threshold, divide_work)

    def one(
        old: jax.Array, matrix: jax.Array, size: jax.Array, power: jax.Array
    ) -> tuple[jax.Array, Any]:
        found = eigen_root(matrix, size, power, ridge, Fallback(old, threshold))
        return found.roots, found[1:]

    def by_eigh(matrices: jax.Array, sizes: jax.Array, old: jax.Array, *powers: jax.Array) -> Any:
        # Not batched on a CPU: eigh would share the threads that wait for other operations'. With
        # two threads and a convolution in the same program that is a deadlock (jaxlib 0.10.1).
        roots, facts = in_place(one, old, (matrices, sizes, *powers), always=True)
        return InverseRoots(roots, *facts)

    found: InverseRoots = divide_work(by_eigh)(*items, -1 / jnp.asarray(orders, jnp.float32))
    return found


def _by_newton(
    items: tuple[jax.Array, ...],
    orders: Orders,
    ridge: Ridge,
    threshold: jax.typing.ArrayLike,
    divide_work: DivideWork,
) -> InverseRoots:
    if isinstance(orders, jax.Array) or np.any(orders != np.round(orders)):
        raise InvalidInputError(WHOLE_ORDERS)

    def of(order: Any, *items: jax.Array) -> InverseRoots:
        def roots(matrices: jax.Array, sizes: jax.Array, previous: jax.Array) -> InverseRoots:
            fallback = Fallback(previous, threshold)
            return newton_roots(matrices, sizes, int(order), ridge, fallback)

        found: InverseRoots = divide_work(roots)(*items)
        return found

    if not np.any(orders != orders[0]):  # no choice, which would be a copy
        return of(orders[0], *items)
    members = [np.flatnonzero(orders == order) for order in np.unique(orders)]
    parts = [of(orders[chosen[0]], *(array[chosen] for array in items)) for chosen in members]
    back = np.argsort(np.concatenate(members))
    joined: InverseRoots = jax.tree.map(lambda *arrays: jnp.concatenate(arrays)[back], *parts)
    return joined
