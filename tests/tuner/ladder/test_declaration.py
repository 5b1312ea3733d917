"""Which budgets a ladder has, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.ladder.declaration import declare, ladder_steps
from shampoo_tune.tuner.study_file.loading import digest
from tests.tuner.conftest import quick_study


def test_the_published_budgets_lie_on_a_ladder() -> None:
    """From 2,512 steps two rungs of 0.83 lead to 1,731, beside Shampoo's 1,729."""
    assert ladder_steps(2512, 0.83, 3) == [2512, 2085, 1731]
    assert ladder_steps(40, 0.8, 6) == [40, 32, 26, 20, 16, 13]


@given(st.integers(1, 100_000), st.floats(0.01, 0.99), st.integers(2, 12))
def test_budgets_fall_to_no_less_than_one_step_or_are_refused(
    steps: int, factor: float, rungs: int
) -> None:
    try:
        budgets = ladder_steps(steps, factor, rungs)
    except InvalidInputError as error:
        assert "different whole numbers" in str(error)  # noqa: PT017
        last = steps * factor ** (rungs - 1)
        assert last <= 0.5 or last / factor - last <= 1
    else:
        assert budgets[0] == steps
        assert len(set(budgets)) == rungs
        assert sorted(budgets, reverse=True) == budgets
        assert budgets[-1] >= 1


@pytest.mark.parametrize("factor", [0.0, 1.0, -0.5, 1.5, float("nan")])
def test_a_factor_outside_zero_and_one_is_refused(factor: float) -> None:
    with pytest.raises(InvalidInputError, match="--factor must lie between 0 and 1"):
        ladder_steps(40, factor, 6)


def test_one_rung_is_no_ladder() -> None:
    with pytest.raises(InvalidInputError, match="2 rungs or more, got --rungs 1"):
        ladder_steps(40, 0.8, 1)


def test_a_file_without_a_target_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="--set target=VALUE"):
        declare(quick_study("target=null"), "ladder", 0.8, 3)


def test_every_rung_is_the_file_with_its_own_budget() -> None:
    study = quick_study("budget.eval_every=20", "budget.seeds=60")
    ladder = declare(study, "climb", 0.5, 3)
    assert [rung.group for rung in ladder.rungs] == ["climb-s30", "climb-s15", "climb-s8"]
    assert [rung.study.budget.eval_every for rung in ladder.rungs] == [20, 15, 8]
    assert ladder.rungs[0].study == study
    for index, rung in enumerate(ladder.rungs):
        assert rung.study.arms == study.arms
        assert rung.declaration == {
            "name": "climb",
            "digest": digest(study),
            "factor": 0.5,
            "steps": [30, 15, 8],
            "looks": [10, 20, 50, 60],
            "alpha": 0.05,
            "index": index,
        }
