"""Inverse p-th roots of many symmetric positive semidefinite matrices at once.

Two methods: eigenvectors with a correction (eigen_roots.py), for CPU and GPU, and coupled Newton
iterations (newton_roots.py), for the matrix unit of a TPU. Either's work may be divided among
devices.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.config import WHOLE_ORDERS, ShampooConfig
from shampoo_tune.optimizer.eigen_roots import eigen_root
from shampoo_tune.optimizer.newton_roots import newton_roots
from shampoo_tune.optimizer.root_result import InverseRoots, Ridge

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
    epsilon: jax.typing.ArrayLike,
    *,
    relative: bool = True,
    method: str = "eigh",
    divide_work: DivideWork = lambda function: function,
) -> InverseRoots:
    """(A + ridge I) ** (-1 / p) for each matrix A of a stack.

    The ridge is epsilon * max(largest eigenvalue of A, 1e-25), or just epsilon when `relative` is
    off. Where the rounding errors of A's eigenvalues are not small beside it, it is raised, instead
    of the source's retries with a larger ridge. Negative eigenvalues (rounding errors of a
    semidefinite A) count as 0. Each matrix is divided by its largest entry first, so any scale in
    float32's range will do.

    Args:
        matrices: float32 [N, b, b], symmetric.
        sizes: how many rows and columns of each are not padding with zeros: [N]. The root of a
            padded matrix is the padded root of the matrix, but for the padding's own rows.
        orders: p > 0 of each matrix [N]; for `newton` a NumPy array of whole numbers, and each
            distinct one is another program.
        epsilon: >= 0, a scalar. With 0, a singular matrix has no root.
        relative: whether the ridge is relative to the largest eigenvalue.
        method: `eigh` or `newton`.
        divide_work: `distribution.Devices.divide_work`.

    Returns:
        Roots and what is known of them. The residual is not finite where A or the root is not.

    Raises:
        InvalidInputError: `newton` with an order that is not a known whole number.
    """
    ridge = Ridge(jnp.asarray(epsilon, jnp.float32), relative)
    if method == "newton":
        return _by_newton(matrices, sizes, orders, ridge, divide_work)

    def one(item: tuple[jax.Array, jax.Array, jax.Array]) -> InverseRoots:
        return eigen_root(*item, ridge)

    def by_eigh(*items: jax.Array) -> Any:
        # On a CPU one after the other: their arrays stay in its cache, and a batched eigh shares
        # the threads that wait for other operations' threads: with two threads and a convolution in
        # the same program that is a deadlock (jaxlib 0.10.1).
        return jax.lax.platform_dependent(
            items, cpu=lambda items: jax.lax.map(one, items), default=jax.vmap(one)
        )

    powers = -1 / jnp.asarray(orders, jnp.float32)
    found: InverseRoots = divide_work(by_eigh)(matrices, jnp.asarray(sizes), powers)
    return found


def _by_newton(
    matrices: jax.Array,
    sizes: jax.Array | np.ndarray,
    orders: Orders,
    ridge: Ridge,
    divide_work: DivideWork,
) -> InverseRoots:
    if isinstance(orders, jax.Array) or np.any(orders != np.round(orders)):
        raise InvalidInputError(WHOLE_ORDERS)
    parts, members = [], []
    if not np.any(orders != orders[0]):  # no choice, which would be a copy
        roots = divide_work(partial(newton_roots, order=int(orders[0]), ridge=ridge))
        whole: InverseRoots = roots(matrices, jnp.asarray(sizes))
        return whole
    for order in np.unique(orders):
        chosen = np.flatnonzero(orders == order)
        roots = divide_work(partial(newton_roots, order=int(order), ridge=ridge))
        parts.append(roots(matrices[chosen], jnp.asarray(sizes[chosen])))
        members.append(chosen)
    back = np.argsort(np.concatenate(members))
    joined: InverseRoots = jax.tree.map(lambda *arrays: jnp.concatenate(arrays)[back], *parts)
    return joined
