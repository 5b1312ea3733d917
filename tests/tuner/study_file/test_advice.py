"""Advice on files that are valid but probably not meant."""

import pytest

from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.workloads import WORKLOADS
from tests.tuner.study_file.minimal import KNOWN, MINIMAL

DISCRETE = MINIMAL.replace("{min: 1e-2, max: 3, scale: log}", "{values: [0.1, 1]}").replace(
    "{min: 0.5, max: 0.999, scale: one_minus_log, when", "{values: [0.9, 0.99, 0.999], when"
)


def repeats(text: str, *overrides: str) -> list[str]:
    warnings = parse_study_file(text, "f.yaml", overrides, KNOWN).warnings
    return [warning for warning in warnings if "distinct" in warning]


@pytest.mark.parametrize(("trials", "warned"), [(8, False), (9, True), (20, True)])
def test_more_trials_than_a_discrete_space_has_points_are_a_warning(
    trials: int, warned: bool
) -> None:
    """2 rates x (exponent 0, or exponent 4 with 3 decays) are 8 points."""
    expected = [f"optimizers.shampoo: only 8 distinct points for {trials} trials"]
    found = repeats(DISCRETE, f"budget.trials={trials}")
    assert found == (expected if warned else [])


def test_a_continuous_range_is_never_short_of_points() -> None:
    assert repeats(MINIMAL, "budget.trials=100000") == []


@pytest.mark.parametrize(("batch_size", "warned"), [(1078, False), (1079, True)])
def test_a_batch_larger_than_the_training_split_is_a_warning(batch_size: int, warned: bool) -> None:
    override = f"workload.batch_size={batch_size}"
    warnings = parse_study_file(MINIMAL, "f.yaml", [override], WORKLOADS).warnings
    expected = "workload.batch_size: 1079 is more than the 1078 training examples"
    assert any(warning.startswith(expected) for warning in warnings) == warned
