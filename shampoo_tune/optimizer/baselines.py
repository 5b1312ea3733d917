"""The first-order optimizers Shampoo is compared with: Nesterov momentum, AdamW and NAdamW."""

from typing import Any, cast

import jax.numpy as jnp
import optax

from shampoo_tune.optimizer.baseline_config import AdamWConfig, NAdamWConfig, NesterovConfig
from shampoo_tune.optimizer.options import checked_options
from shampoo_tune.optimizer.promotion import in_standard_promotion


def nesterov(
    learning_rate: optax.ScalarOrSchedule,
    *,
    momentum: float = NesterovConfig.momentum,
    weight_decay: float = NesterovConfig.weight_decay,
    weight_decay_mask: Any = None,
) -> optax.GradientTransformation:
    """Gradient descent with Nesterov momentum and coupled weight decay.

    ::

        g <- g + weight_decay * w          v <- momentum * v + g          v = 0 at first
        update = -learning_rate * (g + momentum * v)

    The learning rate is outside the buffer, and the decay enters momentum. There is no dampening
    and no bias correction.

    Args:
        learning_rate: a number, a tracer, or a schedule of the 0-based count.
        momentum: in [0, 1); like `weight_decay` it may be a tracer, which is not checked.
        weight_decay: >= 0.
        weight_decay_mask: a tree of bools like the parameters (or a prefix), or a function from
            parameters to one; weight decay is applied where True. None: everywhere.

    Raises:
        InvalidInputError: a number outside its range.

    Source: google/flax, optim/momentum.py; equal to `optax.sgd(nesterov=True)` after
    `optax.add_decayed_weights`.
    """
    options = {"momentum": momentum, "weight_decay": weight_decay}
    config = cast(NesterovConfig, checked_options("nesterov", options))
    return optax.chain(
        optax.add_decayed_weights(config.weight_decay, weight_decay_mask),
        optax.trace(config.momentum, nesterov=True, accumulator_dtype=jnp.float32),
        optax.scale_by_learning_rate(learning_rate),
    )


def adamw(
    learning_rate: optax.ScalarOrSchedule,
    *,
    beta1: float = AdamWConfig.beta1,
    beta2: float = AdamWConfig.beta2,
    epsilon: float = AdamWConfig.epsilon,
    weight_decay: float = AdamWConfig.weight_decay,
    weight_decay_mask: Any = None,
) -> optax.GradientTransformation:
    """AdamW with bias correction: decoupled weight decay, multiplied by the learning rate.

    ::

        m <- beta1 m + (1 - beta1) g          v <- beta2 v + (1 - beta2) g ** 2
        update = -learning_rate * (m' / (sqrt(v') + epsilon) + weight_decay * w)

    with m' = m / (1 - beta1 ** (count + 1)) and v' likewise.

    Args:
        learning_rate: a number, a tracer, or a schedule of the 0-based count.
        beta1: in [0, 1); like the other numbers it may be a tracer, which is not checked.
        beta2: in [0, 1).
        epsilon: added outside the square root.
        weight_decay: >= 0.
        weight_decay_mask: a tree of bools like the parameters (or a prefix), or a function from
            parameters to one; weight decay is applied where True. None: everywhere.

    Raises:
        InvalidInputError: a number outside its range.

    Source: `optax.adamw`; Loshchilov and Hutter, arXiv 1711.05101.
    """
    options = {"beta1": beta1, "beta2": beta2, "epsilon": epsilon, "weight_decay": weight_decay}
    config = cast(AdamWConfig, checked_options("adamw", options))
    inner = optax.adamw(
        learning_rate,
        b1=config.beta1,
        b2=config.beta2,
        eps=config.epsilon,
        weight_decay=config.weight_decay,
        mask=weight_decay_mask,
    )
    return in_standard_promotion(inner)


def nadamw(
    learning_rate: optax.ScalarOrSchedule,
    *,
    beta1: float = NAdamWConfig.beta1,
    beta2: float = NAdamWConfig.beta2,
    epsilon: float = NAdamWConfig.epsilon,
    weight_decay: float = NAdamWConfig.weight_decay,
    weight_decay_mask: Any = None,
) -> optax.GradientTransformation:
    """AdamW with Nesterov's look-ahead in the first moment.

    With the 0-based count t::

        m <- beta1 m + (1 - beta1) g          v <- beta2 v + (1 - beta2) g ** 2
        m' = beta1 m / (1 - beta1 ** (t + 2)) + (1 - beta1) g / (1 - beta1 ** (t + 1))
        update = -learning_rate * (m' / (sqrt(v') + epsilon) + weight_decay * w)

    with v' = v / (1 - beta2 ** (t + 1)). AlgoPerf's NAdamW corrects both terms of m' by
    1 - beta1 ** (t + 1), which differs in the first steps.

    Args:
        learning_rate: a number, a tracer, or a schedule of the 0-based count.
        beta1: in [0, 1); like the other numbers it may be a tracer, which is not checked.
        beta2: in [0, 1).
        epsilon: >= 0; added outside the square root.
        weight_decay: >= 0.
        weight_decay_mask: a tree of bools like the parameters (or a prefix), or a function from
            parameters to one; weight decay is applied where True. None: everywhere.

    Raises:
        InvalidInputError: a number outside its range.

    Source: `optax.nadamw`; Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop 2016.
    """
    options = {"beta1": beta1, "beta2": beta2, "epsilon": epsilon, "weight_decay": weight_decay}
    config = cast(NAdamWConfig, checked_options("nadamw", options))
    inner = optax.nadamw(
        learning_rate,
        b1=config.beta1,
        b2=config.beta2,
        eps=config.epsilon,
        weight_decay=config.weight_decay,
        mask=weight_decay_mask,
    )
    return in_standard_promotion(inner)
