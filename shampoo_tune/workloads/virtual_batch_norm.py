"""Batch normalisation over groups of a fixed number of examples of the global batch.

A batch is cut into groups of V consecutive examples, and each is normalised by its own mean and
variance, on however many devices the batch lies: what a step computes depends on V and not on the
machine. MLPerf's submissions normalise over max(examples a device, 64) instead.
"""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

MOMENTUM = 0.9
EPSILON = 1e-5


class VirtualBatchNorm(nnx.Module):
    """Normalises [n, ..., features] over all axes but the last, in groups of `group` examples.

    Statistics are float32 whatever the input is, and a variance is E[x^2] - E[x]^2. The running
    averages take in the means over all groups, so they do not depend on the mesh either. In
    evaluation they are used instead, and n may be anything.
    """

    def __init__(self, features: int, group: int, *, training: bool) -> None:
        self.scale = nnx.Param(jnp.ones(features))
        self.bias = nnx.Param(jnp.zeros(features))
        self.mean = nnx.BatchStat(jnp.zeros(features))
        self.var = nnx.BatchStat(jnp.ones(features))
        self.group, self.training = group, training

    def __call__(self, x: jax.Array) -> jax.Array:
        """The same shape and type; n must be a multiple of `group` in training."""
        if not self.training:
            return self._scaled(x, self.mean[...], self.var[...])
        grouped = x.reshape(-1, self.group, *x.shape[1:])
        mean, variance = _moments(grouped)
        self.mean[...] = _averaged(self.mean[...], mean)
        self.var[...] = _averaged(self.var[...], variance)
        shape = (-1, *[1] * (grouped.ndim - 2), x.shape[-1])
        scaled = self._scaled(grouped, mean.reshape(shape), variance.reshape(shape))
        return scaled.reshape(x.shape)

    def _scaled(self, x: jax.Array, mean: jax.Array, variance: jax.Array) -> jax.Array:
        factor = jax.lax.rsqrt(variance + EPSILON) * self.scale[...]
        return ((x - mean) * factor + self.bias[...]).astype(x.dtype)


def _moments(grouped: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Mean and variance of each group in float32, both [groups, features]."""
    axes: Any = tuple(range(1, grouped.ndim - 1))
    wide = grouped.astype(jnp.float32)
    mean = wide.mean(axis=axes)
    square = jnp.square(wide).mean(axis=axes)
    return mean, jnp.maximum(square - jnp.square(mean), 0.0)


def _averaged(running: jax.Array, groups: jax.Array) -> jax.Array:
    return MOMENTUM * running + (1 - MOMENTUM) * groups.mean(axis=0)
