"""The share of the roots' work, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.root_share import root_work_share

SHAPES = [(64, 64), (64, 64), (16,)]  # five matrices: four of 64 and order 4, one of 16 and order 2


@pytest.mark.parametrize(
    ("devices", "share"),
    [
        (1, 1.0),
        (2, (2 * 64**3 + 16**3) / (4 * 64**3 + 16**3)),
        (8, (64**3 + 16**3) / (4 * 64**3 + 16**3)),
    ],
)
def test_matrices_are_whole(devices: int, share: float) -> None:
    assert root_work_share(SHAPES, ShampooConfig(), devices) == pytest.approx(share)


def test_without_matrices_there_is_no_share() -> None:
    assert root_work_share([()], ShampooConfig(skip_preconditioning_rank_lt=3), 4) is None


@given(st.integers(1, 64), st.integers(1, 40))
def test_a_share_is_at_least_that_of_equal_parts(devices: int, layers: int) -> None:
    share = root_work_share([(96, 32)] * layers, ShampooConfig(block_size=32), devices)
    assert share is not None
    assert 1 / devices - 1e-12 <= share <= 1
