"""Measurements of runs as curves, read once and shared by the views over steps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from shampoo_tune.storage.results import curve_rows
from shampoo_tune.study import Phase
from shampoo_tune.tuner.report.ranking import best_first
from shampoo_tune.tuner.study_data import Array, StudyData

BEST = 5  # trials whose training curves are shown


@dataclass(frozen=True)
class Curve:
    """One metric of one run; ends early where the run became infeasible.

    Attributes:
        trial: its number.
        seed: the run's seed.
        steps: shape [n], increasing.
        values: shape [n].
    """

    trial: int
    seed: int
    steps: NDArray[np.int64]
    values: Array


@dataclass(frozen=True)
class MeasuredCurves:
    """The curves that the views of one study need.

    Attributes:
        best: metric -> search curves of the best trials, the best trial first.
        final: the study's metric over the final seeds, in their order.
        winner: the study's metric in the winner's search run; None without a winner.
    """

    best: Mapping[str, tuple[Curve, ...]]
    final: tuple[Curve, ...]
    winner: Curve | None


def shown_trials(study: StudyData) -> dict[Phase, list[int]]:
    """The trials whose curves are shown, by the phase of their runs; the best trials first."""
    winner = [] if study.winner is None else [study.winner]
    return {Phase.SEARCH: [*_best(study), *winner], Phase.FINAL: winner}


def read_curves(connection: Connection, study: StudyData) -> MeasuredCurves:
    """Read the curves of one study."""
    best = _best(study)
    searched = {
        metric: _read(connection, study, metric, Phase.SEARCH, best)
        for metric in shown_metrics(study.metric)
    }
    winner = [] if study.winner is None else [study.winner]
    final = _read(connection, study, study.metric, Phase.FINAL, winner)
    of_winner = _read(connection, study, study.metric, Phase.SEARCH, winner)
    return MeasuredCurves(
        best={
            metric: tuple(sorted(curves, key=lambda curve: best.index(curve.trial)))
            for metric, curves in searched.items()
        },
        final=tuple(final),
        winner=of_winner[0] if of_winner else None,
    )


def _best(study: StudyData) -> list[int]:
    best: list[int] = best_first(study.search, study.goal)[:BEST].tolist()
    return best


def shown_metrics(metric: str) -> tuple[str, ...]:
    """The losses of training and validation, and the study's metric."""
    return tuple(dict.fromkeys(("train_loss", "valid_loss", metric)))


def _read(
    connection: Connection, study: StudyData, metric: str, phase: Phase, trials: list[int]
) -> list[Curve]:
    if not trials:
        return []
    return to_curves(curve_rows(connection, study.id, metric, phase, trials))


def to_curves(rows: Iterable[Any]) -> list[Curve]:
    """Rows of trial, seed, step and value, in this order, as one curve a run."""
    curves = []
    for (trial, seed), group in groupby(rows, key=lambda row: (row[0], row[1])):
        points = list(group)
        steps = np.array([row[2] for row in points])
        curves.append(Curve(trial, seed, steps, np.array([row[3] for row in points], float)))
    return curves
