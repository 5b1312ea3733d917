"""What is taken from a search, and that a round refined from it is worth its budget."""

import dataclasses
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from shampoo_tune.errors import ConditionNotMetError
from shampoo_tune.study import Goal
from shampoo_tune.tuner.design import design
from shampoo_tune.tuner.parameters import Choice, Fixed, Parameter, Range, SearchSpace
from shampoo_tune.tuner.refined_space import refined_arm
from shampoo_tune.tuner.search_evidence import search_evidence
from shampoo_tune.tuner.study_data import StudyData
from shampoo_tune.tuner.study_file.loading import Arm, parse_study_file
from shampoo_tune.tuner.study_loading import load_studies
from shampoo_tune.workloads import WORKLOADS
from tests.conftest import QUICK
from tests.tuner.pretending import PretendedLaboratory

Array = NDArray[np.float64]
NAMES = ("learning_rate", "weight_decay", "epsilon")
CUBE = SearchSpace(tuple(Parameter(name, Range(0.0, 1.0)) for name in NAMES))


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> StudyData:
    """A study from a database; tests replace its space and its values."""
    laboratory = PretendedLaboratory(tmp_path_factory.mktemp("searched"))
    laboratory.run(
        parse_study_file(QUICK, "quick.yaml", (), WORKLOADS).study, lambda point, seed: 0.5
    )
    with laboratory.read() as connection:
        (study,) = load_studies(connection, "quick")
    laboratory.close()
    return dataclasses.replace(study, winner=None)


def with_values(
    study: StudyData, values: Array, units: Array | None = None, space: SearchSpace = CUBE
) -> StudyData:
    count = len(values)
    if units is None:
        units = design(len(space.dimensions), count, "halton", 0, 0)
    points = tuple(space.point(unit) for unit in np.nan_to_num(units).tolist())
    return dataclasses.replace(
        study, space=space, points=points, units=units, search=values, trials=count
    )


@pytest.mark.parametrize("goal", Goal)
@pytest.mark.parametrize(("trials", "leaders"), [(3, 3), (5, 5), (30, 5), (51, 6), (100, 10)])
def test_leaders_are_five_or_a_tenth_of_the_feasible(
    searched: StudyData, trials: int, leaders: int, goal: Goal
) -> None:
    """By brute force: the feasible trials sorted by value."""
    values = np.random.default_rng(trials).normal(size=trials)
    worst = -math.inf if goal is Goal.MAXIMIZE else math.inf
    infeasible = np.full(7, worst)
    study = with_values(searched, np.concatenate([values, infeasible]))
    found = search_evidence([dataclasses.replace(study, goal=goal)])
    best = sorted(range(trials), key=lambda t: values[t], reverse=goal is Goal.MAXIMIZE)[:leaders]
    assert (found.trials, found.feasible) == (trials + 7, trials)
    assert list(found.leaders) == [study.points[trial] for trial in sorted(best)]


def test_the_last_of_the_leaders_brings_those_that_equal_it(searched: StudyData) -> None:
    values = np.array([0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.7] + [0.1] * 20)
    study = with_values(searched, values)
    assert search_evidence([study]).leaders == study.points[:7]


def test_the_winner_is_a_leader_whatever_its_search_value(searched: StudyData) -> None:
    """Of each replicate, counted from where its own trials begin."""
    values = np.linspace(0.9, 0.1, 20)
    first = dataclasses.replace(with_values(searched, values), winner=11)
    second = dataclasses.replace(with_values(searched, values - 0.05), winner=12, enqueued=2)
    found = search_evidence([first, second])
    assert first.points[11] in found.leaders
    assert second.points[12] in found.leaders
    assert (found.trials, len(found.leaders)) == (20 + 18, 5 + 2)


def test_places_leave_out_where_a_parameter_is_inactive(searched: StudyData) -> None:
    space = SearchSpace(
        (
            Parameter("learning_rate", Range(0.1, 1.0, "log")),
            Parameter("kind", Choice((0.0, 2.0))),
            Parameter("fixed", Fixed(1)),
            Parameter("depth", Range(0.0, 1.0), when=(("kind", 2.0),)),
        )
    )
    units = design(3, 40, "halton", 0, 0)
    units[units[:, 1] < 0.5, 2] = math.nan
    values = np.where(np.isnan(units[:, 2]), 0.9, 0.1)
    found = search_evidence([with_values(searched, values, units, space)])
    assert found.places["depth"] == ()
    assert found.values("depth") == []
    assert found.places["kind"] == tuple(units[values == 0.9, 1])
    assert set(found.edges) == {"learning_rate", "depth"}


def test_the_edges_of_an_adaptive_search_say_nothing(searched: StudyData) -> None:
    units = design(3, 60, "halton", 0, 0)
    study = with_values(searched, -units[:, 0], units)
    edges = search_evidence([study]).edges
    assert {f.side: f.flag for f in edges["learning_rate"]} == {"low": "expand", "high": None}
    adaptive = dataclasses.replace(study, sampler="tpe")
    assert search_evidence([adaptive]).edges == {}


def test_an_unfinished_search_is_refused(searched: StudyData) -> None:
    study = with_values(searched, np.array([0.5, math.nan, 0.4]))
    with pytest.raises(ConditionNotMetError, match="has 2 of 3 search values"):
        search_evidence([study])
    shorter = dataclasses.replace(with_values(searched, np.array([0.5])), trials=3)
    with pytest.raises(ConditionNotMetError, match="has 1 of 3"):
        search_evidence([shorter])


def simulate(study: StudyData, dimensions: int, seed: int) -> tuple[bool, float, float]:
    """A noisy search of 20 trials, refined: optimum inside?, the loss, that without refining."""
    rng = np.random.default_rng(seed)
    optimum, slopes = rng.uniform(0.05, 0.95, dimensions), 10 ** rng.uniform(-1, 1, dimensions)

    def loss(places: Array) -> Array:
        return np.asarray(((places - optimum) ** 2 * slopes).sum(axis=1))

    space = SearchSpace(CUBE.parameters[:dimensions])
    units, fresh = (design(dimensions, 20, "halton", seed, replicate) for replicate in (0, 1))
    values = loss(units)
    noisy = values + 0.05 * rng.normal(size=20) * np.median(values)
    evidence = search_evidence(
        [dataclasses.replace(with_values(study, noisy, units, space), goal=Goal.MINIMIZE)]
    )
    refined = refined_arm(Arm("adamw", "adamw", space), evidence).arm.space
    domains = [p.domain for p in refined.parameters]
    assert all(isinstance(domain, Range) for domain in domains)
    ends = np.array([(d.low, d.high) for d in domains if isinstance(d, Range)])
    inside = bool(((ends[:, 0] <= optimum) & (optimum <= ends[:, 1])).all())
    places = np.array([[p[n] for n in NAMES[:dimensions]] for p in map(refined.point, fresh)])
    return inside, float(loss(places).min()), float(loss(fresh).min())


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_twenty_refined_trials_beat_twenty_more_of_the_same(
    searched: StudyData, dimensions: int
) -> None:
    """Over 60 quadratics with an optimum anywhere; it stays inside in nearly all of them."""
    results = [simulate(searched, dimensions, seed) for seed in range(60)]
    assert np.mean([inside for inside, _, _ in results]) >= 0.9
    assert np.median([refined / same for _, refined, same in results]) < 0.7
