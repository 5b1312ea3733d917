"""The learning rate as a function of the step.

The formula is `mlperf_polynomial` of google/init2winit, which the tuning protocol was run with.
"""

import jax
import jax.numpy as jnp
import optax

from shampoo_tune.optimizer.config import WarmupPolynomialConfig


def warmup_polynomial(config: WarmupPolynomialConfig) -> optax.Schedule:
    """Power warm-up to the learning rate, then polynomial decay.

    With base = learning_rate, T = steps, W = warmup_steps, end = end_factor * base, the 0-based
    step t, and a decay length of D = T - W + 1::

        lr(t) = base * (t / W) ** warmup_power                                       if t <= W
        lr(t) = end + (base - end) * (1 - min(t - W, D) / D) ** decay_power          otherwise

    W = 0 means no warm-up: lr(0) = base. With a warm-up lr(0) = 0, so the first step changes
    nothing. The decay would end at t = T + 1; the last step, T - 1, is taken at
    (2 / D) ** decay_power of the base (for end = 0).

    Args:
        config: every field may be a Python number, an array or a tracer.

    Returns:
        A function of the 0-based count (int32 scalar) to a float32 scalar.
    """

    def schedule(count: jax.typing.ArrayLike) -> jax.Array:
        # Whole steps are subtracted as integers: 1 - x / D would lose half its digits near the end.
        past_warmup = jnp.asarray(count, jnp.int32) - jnp.asarray(config.warmup_steps, jnp.int32)
        length = jnp.maximum(jnp.asarray(config.steps - config.warmup_steps + 1, jnp.int32), 1)
        remaining = jnp.clip(length - past_warmup, 0, length)
        decay = _ratio(remaining, length) ** jnp.float32(config.decay_power)
        end = jnp.float32(config.end_factor)
        warmup = _ratio(count, jnp.maximum(config.warmup_steps, 1))
        warmup = warmup ** jnp.float32(config.warmup_power)
        in_warmup = (past_warmup <= 0) & (jnp.asarray(config.warmup_steps) > 0)
        shape = jnp.where(in_warmup, warmup, end + (1 - end) * decay)
        return jnp.asarray(config.learning_rate, jnp.float32) * shape

    return schedule


def _ratio(numerator: jax.typing.ArrayLike, denominator: jax.typing.ArrayLike) -> jax.Array:
    return jnp.asarray(numerator, jnp.float32) / jnp.asarray(denominator, jnp.float32)
