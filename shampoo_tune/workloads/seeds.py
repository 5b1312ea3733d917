"""A run's seed fans out by name into independent streams."""

import zlib

import jax
import numpy as np

STREAMS = ("init", "data_order", "augment", "dropout")


def stream_seed(seed: int, stream: str) -> int:
    """A 32-bit seed for one named stream of a run.

    Args:
        seed: the run's seed.
        stream: one of `STREAMS`; adding a stream never changes the others.

    Raises:
        ValueError: an unknown stream.
    """
    if stream not in STREAMS:
        raise ValueError(f"unknown stream {stream!r} (known: {', '.join(STREAMS)})")
    sequence = np.random.SeedSequence(seed, spawn_key=(zlib.crc32(stream.encode()),))
    return int(sequence.generate_state(1)[0])


def stream_key(seed: int, stream: str) -> jax.Array:
    """A JAX random key for one named stream of a run, shape ()."""
    return jax.random.key(stream_seed(seed, stream))
