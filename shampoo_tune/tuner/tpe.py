"""What TPE suggests: Optuna's sampler over our unit cube.

Bergstra et al. 2011, as `optuna.samplers.TPESampler` of Optuna 5: parameters that go together are
chosen jointly (`multivariate`), those that only some points have by these points alone (`group`),
and away from trials whose values are not known yet (`constant_liar`). Optuna keeps nothing: its
study is made anew, in memory, from the stored points. It sees their places in the unit cube; the
way there and back is the design's own.
"""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shampoo_tune.study import Goal
from shampoo_tune.tuner.parameters import Choice, Fixed, Range, SearchSpace, Value

if TYPE_CHECKING:  # slow to import, and only the controller of a study that explores needs it
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

_LARGEST_BELOW_ONE = math.nextafter(1.0, 0.0)


@dataclass(frozen=True)
class Tried:
    """What is known of an earlier trial.

    Attributes:
        point: in natural units.
        value: the objective of its search run, the worst infinity if that is infeasible, None as
            long as it has no verdict.
    """

    point: Mapping[str, Value]
    value: float | None


def suggestions(
    space: SearchSpace, tried: Sequence[Tried], goal: Goal, seed: int, replicate: int
) -> Iterator[dict[str, Value]]:
    """Points to try next, without end; each counts as pending when the one after it is chosen.

    Args:
        space: the arm's search space.
        tried: all earlier trials, in their order.
        goal: which direction of the values is better.
        seed: with `replicate` and the number of trials, fixes the random numbers.
        replicate: see `seed`.
    """
    import optuna

    sequence = np.random.SeedSequence(seed, spawn_key=(replicate, len(tried)))
    with _quiet():
        sampler = optuna.samplers.TPESampler(
            seed=int(sequence.generate_state(1)[0]),
            n_startup_trials=0,  # the design was the start
            multivariate=True,
            group=True,
            constant_liar=True,
        )
        study = optuna.create_study(sampler=sampler, direction=goal.value)
    study.add_trials(_told(space, tried))
    distributions, domains = _distributions(space), _domains(space)
    while True:
        places = study.ask(distributions).params
        yield space.point([_unit(domain, places[name]) for name, domain in domains.items()])


def _told(space: SearchSpace, tried: Sequence[Tried]) -> "Iterator[FrozenTrial]":
    """The trials as Optuna's; an enqueued point outside the space has no place and is left out.

    An infeasible trial is complete, with the worst value, as everywhere. But TPE takes the best
    tenth of the complete trials for good ones, so as long as no value is known an infeasible trial
    is told as running: the next points keep away from those.
    """
    from optuna.trial import TrialState, create_trial

    any_value = any(trial.value is not None and math.isfinite(trial.value) for trial in tried)
    distributions, domains = _distributions(space), _domains(space)
    for trial in tried:
        values = {name: trial.point[name] for name in domains if name in trial.point}
        if all(_contains(domains[name], value) for name, value in values.items()):
            complete = any_value and trial.value is not None
            yield create_trial(
                state=TrialState.COMPLETE if complete else TrialState.RUNNING,
                value=trial.value if complete else None,
                params={name: _place(domains[name], value) for name, value in values.items()},
                distributions={name: distributions[name] for name in values},
            )


def _domains(space: SearchSpace) -> dict[str, Choice | Range]:
    """The domains that vary, in the order of a unit point's coordinates."""
    return {p.name: p.domain for p in space.parameters if not isinstance(p.domain, Fixed)}


def _distributions(space: SearchSpace) -> "dict[str, BaseDistribution]":
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    return {
        name: CategoricalDistribution(range(len(domain.values)))
        if isinstance(domain, Choice)
        else FloatDistribution(0.0, 1.0)
        for name, domain in _domains(space).items()
    }


def _contains(domain: Choice | Range, value: Value) -> bool:
    if isinstance(domain, Choice):
        return value in domain.values
    return isinstance(value, (int, float)) and domain.low <= value <= domain.high


def _place(domain: Choice | Range, value: Value) -> float:
    """Where Optuna sees a value: the index of a choice, else its coordinate in [0, 1]."""
    if isinstance(domain, Choice):
        return domain.values.index(value)
    return min(max(domain.unit(value), 0.0), 1.0)  # type: ignore[arg-type]


def _unit(domain: Choice | Range, place: float) -> float:
    """The inverse of `_place`: a coordinate in [0, 1)."""
    if isinstance(domain, Choice):
        return domain.unit(domain.values[int(place)])
    return min(place, _LARGEST_BELOW_ONE)


@contextmanager
def _quiet() -> Iterator[None]:
    """Optuna says that a study was made and that `group` may change; 5.x is what we depend on.

    Its verbosity is the whole process's, so it is put back.
    """
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
