"""A tick needs a whole interval at or past the target, for both goals."""

import pytest

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.standing import Standing, standing, standing_words


@pytest.mark.parametrize(
    ("low", "high", "target", "goal", "expected"),
    [
        (0.97, 0.98, 0.97, Goal.MAXIMIZE, Standing.REACHED),
        (0.96, 0.98, 0.97, Goal.MAXIMIZE, Standing.OPEN),
        (0.95, 0.97, 0.97, Goal.MAXIMIZE, Standing.OPEN),
        (0.95, 0.96, 0.97, Goal.MAXIMIZE, Standing.MISSED),
        (0.2, 0.3, 0.3, Goal.MINIMIZE, Standing.REACHED),
        (0.2, 0.4, 0.3, Goal.MINIMIZE, Standing.OPEN),
        (0.4, 0.5, 0.3, Goal.MINIMIZE, Standing.MISSED),
        (None, 0.98, 0.97, Goal.MAXIMIZE, Standing.NO_INTERVAL),
        (None, None, 0.97, Goal.MAXIMIZE, Standing.NO_INTERVAL),
        (0.97, 0.98, None, Goal.MAXIMIZE, Standing.NO_TARGET),
    ],
)
def test_where_an_interval_stands(
    low: float | None, high: float | None, target: float | None, goal: Goal, expected: Standing
) -> None:
    assert standing(low, high, target, goal, complete=True) is expected
    assert standing(low, high, target, goal, complete=False) is Standing.PENDING


def test_every_standing_has_words() -> None:
    assert len({standing_words(state, 0.97) for state in Standing}) == len(Standing)
