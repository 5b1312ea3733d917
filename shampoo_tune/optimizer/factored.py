"""SM3: AdaGrad that remembers one number for each row and each column of a matrix."""

from typing import Any, cast

import jax
import jax.numpy as jnp
import optax

from shampoo_tune.optimizer.baseline_config import Sm3Config
from shampoo_tune.optimizer.options import checked_options


def sm3(
    learning_rate: optax.ScalarOrSchedule,
    *,
    momentum: float = Sm3Config.momentum,
    epsilon: float = Sm3Config.epsilon,
    weight_decay: float = Sm3Config.weight_decay,
    weight_decay_mask: Any = None,
) -> optax.GradientTransformation:
    """SM3-II with momentum and decoupled weight decay, multiplied by the learning rate.

    For a matrix, with i its rows and j its columns; tensors of higher rank have one accumulator
    an axis, and those of rank 1 and 0 one number an entry, which is AdaGrad::

        a_ij = min(r_i, c_j) + g_ij ** 2
        r_i <- max_j a_ij          c_j <- max_i a_ij          r = c = 0 at first
        m <- momentum m + (1 - momentum) g / sqrt(a + epsilon)          0 where a = 0
        update = -learning_rate * (m + weight_decay * w)

    The accumulators never forget, so steps shrink as in AdaGrad. There is no bias correction:
    the first step is (1 - momentum) times as long as without momentum.

    Args:
        learning_rate: a number, a tracer, or a schedule of the 0-based count.
        momentum: in [0, 1); like the other numbers it may be a tracer, which is not checked.
        epsilon: >= 0; added inside the square root.
        weight_decay: >= 0.
        weight_decay_mask: a tree of bools like the parameters (or a prefix), or a function from
            parameters to one; weight decay is applied where True. None: everywhere.

    Raises:
        InvalidInputError: a number outside its range.

    Source: `optax.scale_by_sm3`; Anil et al., arXiv 1901.11150, which has no epsilon (0 / 0 = 0)
    and no weight decay: it is placed as in AdamW, where gradients' scale does not reach it.
    """
    options = {"momentum": momentum, "epsilon": epsilon, "weight_decay": weight_decay}
    config = cast(Sm3Config, checked_options("sm3", options))
    return optax.chain(
        _scalars_as_vectors(optax.scale_by_sm3(config.momentum, eps=config.epsilon)),
        optax.add_decayed_weights(config.weight_decay, weight_decay_mask),
        optax.scale_by_learning_rate(learning_rate),
    )


def _scalars_as_vectors(inner: optax.GradientTransformation) -> optax.GradientTransformation:
    """A tensor of rank 0 has no axis, hence no accumulator: optax's SM3 fails on it."""

    def init_fn(params: optax.Params) -> optax.OptState:
        return inner.init(jax.tree.map(jnp.atleast_1d, params))

    def update_fn(
        updates: optax.Updates, state: optax.OptState, params: optax.Params | None = None
    ) -> tuple[optax.Updates, optax.OptState]:
        del params
        scaled, new_state = inner.update(jax.tree.map(jnp.atleast_1d, updates), state)
        return jax.tree.map(lambda u, g: u.reshape(jnp.shape(g)), scaled, updates), new_state

    return optax.GradientTransformation(init_fn, update_fn)
