"""TPE in the unit cube: better than a design; away from what is pending and what is infeasible."""

import math
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import islice

import numpy as np
import pytest

from shampoo_tune.study import Goal
from shampoo_tune.tuner.design import design, drawn_ahead
from shampoo_tune.tuner.parameters import Choice, Fixed, Parameter, Range, SearchSpace, Value
from shampoo_tune.tuner.tpe import Tried, suggestions

CUBE = SearchSpace(tuple(Parameter(name, Range(0.0, 1.0)) for name in "abc"))
TRIALS = 40
Function = Callable[[dict[str, Value]], float]


def place(point: dict[str, Value]) -> np.ndarray:
    return np.array([point[name] for name in "abc"], float)


def quadratic(point: dict[str, Value]) -> float:
    return float(np.sum((place(point) - [0.31, 0.62, 0.44]) ** 2))


def drawn(space: SearchSpace, count: int, seed: int) -> list[dict[str, Value]]:
    units = design(len(space.dimensions), count, "halton", seed, 0)
    return [space.point(unit) for unit in units.tolist()]


def search(
    function: Function,
    seed: int,
    space: SearchSpace = CUBE,
    goal: Goal = Goal.MINIMIZE,
    trials: int = TRIALS,
) -> list[Tried]:
    """A search of forty trials, or its first ones, one trial at a time."""
    begun = drawn(space, drawn_ahead("tpe", TRIALS), seed)
    tried = [Tried(point, function(point)) for point in begun]
    while len(tried) < trials:
        point = next(suggestions(space, tried, goal, seed, 0))
        tried.append(Tried(point, function(point)))
    return tried


def median_of_lowest(searches: Iterable[Iterable[float]]) -> float:
    return float(np.median([min(values) for values in searches]))


def test_forty_trials_of_tpe_come_closer_to_a_minimum_than_forty_of_halton() -> None:
    seeds = range(9)
    found = median_of_lowest([[t.value or 0.0 for t in search(quadratic, s)] for s in seeds])
    halton = median_of_lowest([map(quadratic, drawn(CUBE, TRIALS, s)) for s in seeds])
    assert found < halton / 2


def test_to_maximise_is_to_minimise_the_negative() -> None:
    up = search(lambda point: -quadratic(point), 3, goal=Goal.MAXIMIZE)
    assert [t.point for t in up] == [t.point for t in search(quadratic, 3)]


def test_infeasible_regions_are_avoided_though_the_best_points_lie_at_their_edge() -> None:
    """Half of the cube diverges, as with a learning rate too high: few points fall there."""

    def half(point: dict[str, Value]) -> float:
        return math.inf if place(point)[0] > 0.5 else quadratic(point) - place(point)[0]

    shares = [np.mean([t.value == math.inf for t in search(half, s)[10:]]) for s in range(6)]
    assert np.mean(shares) < 0.35


def test_as_long_as_nothing_is_feasible_points_keep_away_from_what_was_tried() -> None:
    """Else TPE would call some infeasible trials the best there are and stay near them."""
    tried = [Tried(dict.fromkeys("abc", 0.1 + 0.01 * n), math.inf) for n in range(8)]
    points = [place(next(suggestions(CUBE, tried, Goal.MINIMIZE, s, 0))) for s in range(40)]
    assert np.median(np.linalg.norm(np.array(points) - 0.135, axis=1)) > 0.6
    assert np.min(np.max(np.array(points), axis=1)) > 0.25


def test_a_pending_trial_keeps_the_next_point_away() -> None:
    """The same random numbers, with one trial pending just where the next point would be."""
    closer = []
    for seed in range(20):
        tried = search(quadratic, seed, trials=12)
        alone = next(suggestions(CUBE, tried, Goal.MINIMIZE, seed, 0))
        # In place of a trial that is told as pending too, so that the number stays the same.
        far = [*tried, Tried(dict.fromkeys("abc", 0.99), None)]
        near = [*tried, Tried(alone, None)]
        from_far, from_near = (
            np.linalg.norm(place(next(suggestions(CUBE, t, Goal.MINIMIZE, seed, 0))) - place(alone))
            for t in (far, near)
        )
        closer.append(from_near - from_far)
    assert np.mean(closer) > 0.02


def test_two_suggestions_in_a_row_differ() -> None:
    tried = search(quadratic, 0, trials=12)
    points = [tuple(p.values()) for p in islice(suggestions(CUBE, tried, Goal.MINIMIZE, 0, 0), 9)]
    assert len(set(points)) == 9


def test_every_seed_replicate_and_number_has_random_numbers_of_its_own() -> None:
    tried = search(quadratic, 0, trials=12)
    arguments = [(0, 0), (1, 0), (0, 1), (2**32, 0)]
    points = [next(suggestions(CUBE, tried, Goal.MINIMIZE, s, r)) for s, r in arguments]
    points.append(next(suggestions(CUBE, tried[:-1], Goal.MINIMIZE, 0, 0)))
    assert len({tuple(point.values()) for point in points}) == len(points)


CONDITIONAL = SearchSpace(
    (
        Parameter("kind", Choice(("round", "flat", "steep"))),
        Parameter("fixed", Fixed(7)),
        Parameter("a", Range(1e-4, 1.0, "log"), when=(("kind", "round"),)),
        Parameter("steps", Range(1, 9, whole=True), when=(("kind", "steep"),)),
        Parameter("b", Range(0.5, 0.99, "one_minus_log")),
    )
)


def conditional(point: dict[str, Value]) -> float:
    """Best at kind round, a = 0.01, b = 0.9."""
    away = abs(math.log10(1 - float(point["b"] or 0)) + 1)
    if point["kind"] != "round":
        return 2 + away
    return abs(math.log10(float(point["a"] or 1)) + 2) + away


def test_choices_conditions_and_scales_are_searched_too() -> None:
    searches = [search(conditional, seed, CONDITIONAL) for seed in range(9)]
    for trial in searches[0]:
        assert trial.point == CONDITIONAL.complete(trial.point)
        assert ("a" in trial.point) == (trial.point["kind"] == "round")
        assert isinstance(trial.point.get("steps", 1), int)
    found = median_of_lowest([[t.value or 0.0 for t in tried] for tried in searches])
    halton = [map(conditional, drawn(CONDITIONAL, TRIALS, seed)) for seed in range(9)]
    assert found < median_of_lowest(halton)
    late = [t.point["kind"] == "round" for tried in searches for t in tried[20:]]
    assert np.mean(late) > 0.5  # by the design a third


def test_parameters_under_one_condition_are_chosen_jointly() -> None:
    """Good are only low a with low b and high a with high b: hardly a suggestion mixes them."""
    only_round = (("kind", "round"),)
    space = SearchSpace(
        (
            Parameter("kind", Choice(("round", "flat"))),
            Parameter("a", Range(0.0, 1.0), only_round),
            Parameter("b", Range(0.0, 1.0), only_round),
        )
    )
    good = [(0.1, 0.1), (0.12, 0.08), (0.9, 0.9), (0.88, 0.92)]
    mixed = []
    for seed in range(30):
        bad = design(2, 30, "halton", seed, 0).tolist()
        values = [*((a, b, 0.0) for a, b in good), *((a, b, 1.0) for a, b in bad)]
        tried = [Tried({"kind": "round", "a": a, "b": b}, value) for a, b, value in values]
        tried += [Tried({"kind": "flat"}, 2.0)] * 24
        point = next(suggestions(space, tried, Goal.MINIMIZE, seed, 0))
        mixed += (
            [abs(float(point["a"] or 0) - float(point["b"] or 0)) > 0.5] if "a" in point else []
        )
    assert len(mixed) > 20
    assert np.mean(mixed) < 0.2  # one by one it would be a half


@pytest.mark.parametrize(
    "outside", [{"kind": "square"}, {"b": 0.3}, {"b": 1.5}, {"kind": "steep", "steps": 0}]
)
def test_an_enqueued_point_outside_the_space_tells_nothing(outside: dict[str, Value]) -> None:
    """It counts as a trial, so the random numbers differ, but its value does not matter."""
    tried = search(conditional, 1, CONDITIONAL, trials=12)
    inside: dict[str, Value] = {"kind": "flat", "fixed": 7, "b": 0.9}
    point = inside | outside
    best, worst = (
        next(suggestions(CONDITIONAL, [*tried, Tried(point, value)], Goal.MINIMIZE, 1, 0))
        for value in (-1e9, 1e9)
    )
    assert best == worst


def test_only_suggesting_imports_optuna_and_it_stays_silent_and_as_verbose_as_it_was() -> None:
    code = (
        "import sys, shampoo_tune.tuner.controller, shampoo_tune.tuner.exploration\n"
        "from shampoo_tune.tuner.design import sampler_version\n"
        "assert sampler_version('tpe').startswith('optuna 5.')\n"
        "assert 'optuna' not in sys.modules\n"
        "from tests.tuner.test_tpe import quadratic, search\n"
        "search(quadratic, 0, trials=12)\n"
        "import optuna\n"
        "assert optuna.logging.get_verbosity() == optuna.logging.INFO\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True
    )
    assert (result.stdout, result.stderr) == ("", "")
