"""What the search of one arm has shown of its space: the trials, the best of them, the edges."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.errors import ConditionNotMetError
from shampoo_tune.study import Goal
from shampoo_tune.tuner.parameters import Range, Value
from shampoo_tune.tuner.samplers import ADAPTIVE_SAMPLERS
from shampoo_tune.tuner.statistics.boundary import EdgeFinding, boundary_check
from shampoo_tune.tuner.study_data import StudyData

_LEAST_LEADERS = 5
_SHARE_OF_LEADERS = 0.1


@dataclass(frozen=True)
class SearchEvidence:
    """The designed trials of one arm, all replicates together.

    Attributes:
        trials: how many there are.
        feasible: how many of them are feasible.
        leaders: the points of the best `max(5, 10 %)` feasible trials, of all that are as good as
            the last of these, and of the winners.
        places: parameter -> the leaders' places in its range; those where it is inactive left out.
        edges: parameter -> findings at its ends; empty if a sampler looked at results.
    """

    trials: int
    feasible: int
    leaders: tuple[Mapping[str, Value], ...]
    places: Mapping[str, tuple[float, ...]]
    edges: Mapping[str, tuple[EdgeFinding, ...]]

    def values(self, name: str) -> list[Value]:
        """The leaders' values of a parameter."""
        return [point[name] for point in self.leaders if name in point]


def search_evidence(studies: Sequence[StudyData]) -> SearchEvidence:
    """The evidence of an arm's replicates, which share their space.

    Points that the file enqueued were chosen by somebody, so they are left out.

    Raises:
        ConditionNotMetError: a search run has no verdict yet, or no designed trial is feasible.
    """
    for study in studies:
        _require_finished(study)
    points = [point for s in studies for point in s.points[s.enqueued :]]
    units = np.concatenate([s.units[s.enqueued :] for s in studies])
    values = np.concatenate([s.search[s.enqueued :] for s in studies])
    if not np.isfinite(values).any():
        raise ConditionNotMetError(
            f"{studies[0].name} has no feasible trial to refine its space from; move its ranges"
            " by hand, learning_rate first"
        )
    leaders = _leaders(values, studies[0].goal) | _winners(studies)
    space = studies[0].space
    best = units[sorted(leaders)]
    return SearchEvidence(
        trials=len(points),
        feasible=int(np.isfinite(values).sum()),
        leaders=tuple(points[trial] for trial in sorted(leaders)),
        places={
            name: tuple(column[~np.isnan(column)].tolist())
            for name, column in zip(space.dimensions, best.T, strict=True)
        },
        edges=_edges(studies[0], units, values),
    )


def _require_finished(study: StudyData) -> None:
    done = len(study.searched)
    if done < study.trials:
        raise ConditionNotMetError(
            f"{study.name} has {done} of {study.trials} search values; launch it again to finish"
            " its search, then refine it"
        )


def _leaders(values: NDArray[np.float64], goal: Goal) -> set[int]:
    badness = -values if goal is Goal.MAXIMIZE else values
    feasible = np.isfinite(values)
    count = int(feasible.sum())
    wanted = min(count, max(_LEAST_LEADERS, math.ceil(_SHARE_OF_LEADERS * count)))
    # Equally good trials stay together: an accuracy has few values, and order is no merit.
    last = np.sort(badness[feasible])[wanted - 1]
    return set(np.flatnonzero(feasible & (badness <= last)).tolist())


def _winners(studies: Sequence[StudyData]) -> set[int]:
    """Their places among the designed trials of all replicates."""
    winners, before = set(), 0
    for study in studies:
        if study.winner is not None and study.winner >= study.enqueued:
            winners.add(before + study.winner - study.enqueued)
        before += len(study.points) - study.enqueued
    return winners


def _edges(
    study: StudyData, units: NDArray[np.float64], values: NDArray[np.float64]
) -> dict[str, tuple[EdgeFinding, ...]]:
    """The boundary check of the ranges; choices have no edges."""
    domains = {p.name: p.domain for p in study.space.parameters}
    names = study.space.dimensions
    ranges = [i for i, name in enumerate(names) if isinstance(domains[name], Range)]
    if study.sampler in ADAPTIVE_SAMPLERS or not ranges:
        return {}
    findings = boundary_check(units[:, ranges], values, study.goal)
    return {
        names[column]: tuple(f for f in findings if f.dimension == index)
        for index, column in enumerate(ranges)
    }
