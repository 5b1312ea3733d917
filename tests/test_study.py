"""The nouns."""

import itertools

import pytest

from shampoo_tune.study import Phase, run_seed, study_name


def test_seeds_follow_the_contract() -> None:
    assert run_seed(0, Phase.SEARCH, 19) == 19
    assert run_seed(0, Phase.FINALISTS, 0) == 100_000
    assert run_seed(0, Phase.FINAL, 49) == 200_049
    assert run_seed(3, Phase.FINAL, 1) == 3_200_001


def test_no_two_runs_share_a_seed() -> None:
    indices = [0, 1, 50, 99_999]
    drawn = [run_seed(*key) for key in itertools.product(range(4), Phase, indices)]
    assert len(set(drawn)) == len(drawn)


def test_an_index_that_would_run_into_the_next_phase_is_refused() -> None:
    with pytest.raises(ValueError, match="100000"):
        run_seed(0, Phase.SEARCH, 100_000)


def test_replicates_beyond_the_first_are_marked() -> None:
    assert study_name("resnet", "shampoo") == "resnet/shampoo"
    assert study_name("resnet", "shampoo", 2) == "resnet/shampoo#2"
