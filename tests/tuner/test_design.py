"""The quasi-random design: reproducible, prefix-stable, inside the half-open cube."""

import subprocess
import sys
import warnings
from importlib.metadata import version

import numpy as np
import pytest
import scipy

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.design import design, drawn_ahead, sampler_version

SAMPLERS = ("halton", "sobol")


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("n", [1, 2, 3, 20, 64, 100])
def test_a_shorter_design_is_the_beginning_of_a_longer_one(sampler: str, n: int) -> None:
    longer = design(5, 100, sampler, 3, 1)
    assert np.array_equal(design(5, n, sampler, 3, 1), longer[:n])
    assert longer.shape == (100, 5)
    assert longer.dtype == np.float64


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_coordinate_is_in_the_half_open_interval(sampler: str) -> None:
    for seed in range(20):
        points = design(12, 300, sampler, seed, 0)
        assert points.min() >= 0
        assert points.max() < 1


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_points_never_repeat_in_any_coordinate(sampler: str) -> None:
    points = design(4, 2000, sampler, 0, 0)
    assert all(len(np.unique(column)) == 2000 for column in points.T)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_seeds_and_replicates_each_have_their_own_points(sampler: str) -> None:
    # 2**32 with replicate 0 and 0 with replicate 1 are equal as plain lists of 32-bit words.
    arguments = [(0, 0), (0, 1), (1, 0), (1, 1), (2**32, 0), (2**32 + 1, 0), (2**63 - 1, 0)]
    first = {design(3, 8, sampler, seed, replicate).tobytes() for seed, replicate in arguments}
    assert len(first) == len(arguments)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_another_process_draws_the_same_points(sampler: str) -> None:
    code = (
        "from shampoo_tune.tuner.design import design;"
        f"print(design(3, 7, {sampler!r}, 5, 2).tobytes().hex())"
    )
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert other.stdout.strip() == design(3, 7, sampler, 5, 2).tobytes().hex()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_each_coordinate_is_spread_evenly(sampler: str) -> None:
    """Among 64 points every quarter of every axis holds 16 or nearly so; random ones do not."""
    for column in design(4, 64, sampler, 0, 0).T:
        counts = np.histogram(column, bins=4, range=(0, 1))[0]
        assert np.abs(counts - 16).max() <= 2


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_without_dimensions_or_points_the_design_is_empty(sampler: str) -> None:
    assert design(0, 5, sampler, 0, 0).shape == (5, 0)
    assert design(3, 0, sampler, 0, 0).shape == (0, 3)


def test_no_warning_escapes_for_an_unbalanced_number_of_points() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        design(2, 100, "sobol", 0, 0)


def test_an_unknown_sampler_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"unknown sampler 'random' \(known: .*tpe\)"):
        design(2, 5, "random", 0, 0)


def test_an_adaptive_sampler_begins_with_the_points_of_the_halton_design() -> None:
    assert np.array_equal(design(4, 7, "tpe", 2, 1), design(4, 7, "halton", 2, 1))


@pytest.mark.parametrize(
    ("trials", "ahead"), [(1, 1), (4, 4), (5, 5), (20, 5), (23, 5), (24, 6), (100, 25)]
)
def test_a_quarter_of_an_adaptive_search_is_drawn_ahead_and_all_of_another(
    trials: int, ahead: int
) -> None:
    assert drawn_ahead("tpe", trials) == ahead
    assert drawn_ahead("halton", trials) == drawn_ahead("sobol", trials) == trials


def test_the_version_names_library_and_sampler() -> None:
    scipys = f"scipy {scipy.__version__}"
    assert sampler_version("sobol") == f"{scipys} sobol"
    optunas = f"optuna {version('optuna')}"
    assert sampler_version("tpe") == f"{optunas} tpe, begun by {scipys} halton"
