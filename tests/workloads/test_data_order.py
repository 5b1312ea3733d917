"""The order of the data: reproducible, complete in every epoch, reachable at any step."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.workloads.data_order import batch_indices


@given(st.integers(1, 50), st.integers(1, 120), st.integers(0, 2**40), st.integers(0, 30))
def test_any_step_can_be_reached_directly(
    examples: int, batch_size: int, seed: int, start: int
) -> None:
    from_zero = batch_indices(examples, batch_size, seed, 0)
    directly = batch_indices(examples, batch_size, seed, start)
    np.testing.assert_array_equal(next(itertools.islice(from_zero, start, None)), next(directly))


@given(st.integers(1, 50), st.integers(1, 120), st.integers(0, 2**40))
def test_every_epoch_holds_every_example_once(examples: int, batch_size: int, seed: int) -> None:
    batches = batch_indices(examples, batch_size, seed, 0)
    stream = np.concatenate(list(itertools.islice(batches, 3 * examples // batch_size + 1)))
    for epoch in range(3):
        part = stream[epoch * examples : (epoch + 1) * examples]
        if len(part) == examples:
            assert sorted(part) == list(range(examples))


def test_epochs_and_seeds_shuffle_differently() -> None:
    batches = batch_indices(100, 100, 0, 0)
    first, second = next(batches), next(batches)
    other = next(batch_indices(100, 100, 1, 0))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, other)
