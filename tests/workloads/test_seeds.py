"""Streams of a seed."""

import itertools

import jax
import pytest

from shampoo_tune.workloads.seeds import STREAMS, stream_key, stream_seed


def test_streams_and_seeds_never_share_a_stream_seed() -> None:
    drawn = [stream_seed(*pair) for pair in itertools.product(range(200), STREAMS)]
    assert len(set(drawn)) == len(drawn)


def test_stream_seeds_are_pinned() -> None:
    """Results are only reproducible across versions while these stay."""
    assert [stream_seed(200_000, name) for name in STREAMS] == [
        397906786,
        2134104298,
        1689992172,
        3149907240,
    ]


def test_keys_follow_the_seeds() -> None:
    first, again, other = (stream_key(seed, "init") for seed in (7, 7, 8))
    assert (jax.random.key_data(first) == jax.random.key_data(again)).all()
    assert (jax.random.key_data(first) != jax.random.key_data(other)).any()


def test_an_unknown_stream_is_refused() -> None:
    with pytest.raises(ValueError, match="known: init"):
        stream_seed(0, "weather")
