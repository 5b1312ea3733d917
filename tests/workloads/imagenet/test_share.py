"""The parts of a batch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads.imagenet.share import Share


@given(st.integers(1, 5), st.integers(1, 6), st.integers(1, 4))
def test_all_processes_together_have_every_position_once(
    size: int, processes: int, steps: int
) -> None:
    shares = [Share(size * processes, index, processes) for index in range(processes)]
    stream = [
        share.position(step * size + offset)
        for step in range(steps)
        for share in shares
        for offset in range(size)
    ]
    assert stream == list(range(steps * size * processes))


@pytest.mark.parametrize(("batch_size", "processes"), [(10, 4), (2, 4), (0, 1)])
def test_parts_that_would_be_unequal_are_refused(batch_size: int, processes: int) -> None:
    with pytest.raises(InvalidInputError, match=f"make batch_size a multiple of {processes}"):
        Share(batch_size, 0, processes)
