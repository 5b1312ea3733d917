"""The largest eigenvalue as the published optimizer estimates it.

google-research/precondition scales its ridge by the result of a power iteration that stops when
the estimate changes by at most 1e-6 (absolute), or after 100 steps. Where eigenvalues lie close
together, or matrices are small, that is visibly less than the largest eigenvalue, and a large
`matrix_epsilon` makes the difference visible in the updates. In the eigenvectors' coordinates a
step costs b operations instead of b ** 2.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

_STEPS = 100
_TOLERANCE = 1e-6
_SEED = 1729


class _State(NamedTuple):
    step: jax.Array
    squares: jax.Array  # [N, b]: squared coordinates of the iterate, not normalised
    shortfall: jax.Array  # [N]: 1 - Rayleigh quotient / largest eigenvalue
    running: jax.Array  # [N]


def largest_eigenvalue(values: jax.Array, vectors: jax.Array, scale: jax.Array) -> jax.Array:
    """The estimate, for each of a stack of matrices scale * V diag(values) V^T, divided by scale.

    With r = values / max(values) and the start vector's squared coordinates c = (V^T v) ** 2, the
    Rayleigh quotient of step k = 0, 1, ... is max(values) * (1 - e_k), with
    e_k = sum(c r^(2k) (1 - r)) / sum(c r^(2k)).

    Args:
        values: [N, b], not negative.
        vectors: [N, b, b], one eigenvector per column.
        scale: [N], so that the tolerance can be absolute.
    """
    largest = jnp.max(values, 1)
    ratios = values / jnp.where(largest > 0, largest, 1)[:, None]
    start = np.random.RandomState(_SEED).uniform(-1, 1, values.shape[1]).astype(np.float32)

    def more(state: _State) -> jax.Array:
        return (state.step < _STEPS) & jnp.any(state.running)

    def iterate(state: _State) -> _State:
        squares = state.squares
        # The shortfall keeps its relative accuracy where the quotients agree in all digits.
        shortfall = jnp.sum(squares * (1 - ratios), 1) / jnp.sum(squares, 1)
        change = (state.shortfall - shortfall) * largest * scale
        shortfall = jnp.where(state.running, shortfall, state.shortfall)
        running = state.running & (change > _TOLERANCE)
        return _State(state.step + 1, squares * ratios**2, shortfall, running)

    squares = jnp.einsum("i,nij->nj", start, vectors) ** 2
    everywhere = jnp.ones_like(largest)
    state = jax.lax.while_loop(
        more, iterate, _State(jnp.int32(0), squares, everywhere, everywhere > 0)
    )
    return largest * (1 - state.shortfall)
