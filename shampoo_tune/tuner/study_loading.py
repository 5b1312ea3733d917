"""Reads the studies of a group from the database into arrays (`study_data.py`)."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row

from shampoo_tune.storage import queries
from shampoo_tune.storage.results import RunResult, run_results
from shampoo_tune.study import Goal, Objective, Phase, RunState, run_seed
from shampoo_tune.tuner.parameters import SearchSpace, Value
from shampoo_tune.tuner.study_data import Array, StudyData, worst_value
from shampoo_tune.tuner.study_file.loading import Study
from shampoo_tune.tuner.submission import study_of_document
from shampoo_tune.tuner.summary import TEST_METRICS
from shampoo_tune.workloads.known import resolution_of


def load_studies(
    connection: Connection, group_name: str, objective: Objective | None = None
) -> list[StudyData]:
    """The studies of a group in the order of the file.

    Args:
        connection: any transaction.
        group_name: the group.
        objective: another objective than the file's; trials were chosen by the file's.

    Raises:
        NotFoundError: there is no such group.
    """
    group = queries.require_group(connection, group_name)
    study = study_of_document(group.document)
    rows = queries.studies_of(connection, group.id)
    return [_load(connection, group, study, row, objective) for row in rows]


def load_study(connection: Connection, row: Row[Any]) -> StudyData:
    """The study of a row of the studies table."""
    group = queries.require_group(connection, row.name.split("/", 1)[0])
    return _load(connection, group, study_of_document(group.document), row, None)


def _load(
    connection: Connection,
    group: Row[Any],
    study: Study,
    row: Row[Any],
    objective: Objective | None,
) -> StudyData:
    goal, arm = Goal(row.goal), study.arm(row.arm)
    points = tuple(queries.points_of(connection, row.id))
    chosen = objective or Objective(row.objective)
    results = run_results(connection, row.id, row.metric)
    values = _Values(goal, chosen, results)
    winner = queries.final_trial(connection, row.id)
    seeds = queries.final_seeds(connection, row.id)
    tested = run_results(connection, row.id, _test_metric(row.metric), Phase.FINAL)
    test = _Values(goal, Objective.FINAL, tested)
    return StudyData(
        **{name: getattr(row, name) for name in _COLUMNS},
        group=group.name,
        description=group.provenance["workload"]["description"],
        goal=goal,
        objective=chosen,
        state=queries.study_state(connection, row.name),
        sampler=study.search.sampler,
        space=arm.space,
        points=points,
        units=_units(arm.space, points),
        search=values.of_search(len(points)),
        best_step=_best_steps(results, len(points)),
        reasons={r.trial: r.reason or "" for r in results if _is_infeasible_search(r)},
        finalist_values=values.of_finalists(row.replicate, row.finalist_seeds),
        winner=winner,
        final=values.of_seeds(Phase.FINAL, winner, seeds),
        final_test=test.of_seeds(Phase.FINAL, winner, seeds),
        steps_to_target=_steps_to_target(results, seeds),
        resolution=resolution_of(row.workload, row.metric),
        enqueued=len(arm.enqueue),
    )


_COLUMNS = (
    "id", "name", "arm", "optimizer", "replicate", "workload", "metric", "target", "steps",
    "eval_every", "trials", "finalists", "finalist_seeds", "seeds",
)  # fmt: skip


def _test_metric(metric: str) -> str:
    return TEST_METRICS.get(metric, "")


def _is_infeasible_search(result: RunResult) -> bool:
    return result.phase is Phase.SEARCH and result.state is RunState.INFEASIBLE


class _Values:
    """The values of one metric by phase, trial and seed."""

    def __init__(self, goal: Goal, objective: Objective, results: Iterable[RunResult]) -> None:
        self._worst = worst_value(goal)
        self._by_run = {(r.phase, r.trial, r.seed): self._value(r, objective) for r in results}

    def _value(self, result: RunResult, objective: Objective) -> float:
        if result.state is RunState.INFEASIBLE:
            return self._worst
        value = result.best if objective is Objective.BEST else result.final
        return math.nan if value is None else value

    def of_search(self, trials: int) -> Array:
        array = np.full(trials, math.nan)
        for (phase, trial, _), value in self._by_run.items():
            if phase is Phase.SEARCH:
                array[trial] = value
        return array

    def of_finalists(self, replicate: int, count: int) -> dict[int, Array]:
        trials = dict.fromkeys(t for phase, t, _ in self._by_run if phase is Phase.FINALISTS)
        seeds = [run_seed(replicate, Phase.FINALISTS, index) for index in range(count)]
        return {trial: self.of_seeds(Phase.FINALISTS, trial, seeds) for trial in trials}

    def of_seeds(self, phase: Phase, trial: int | None, seeds: Iterable[int]) -> Array:
        return np.array(
            [self._by_run.get((phase, trial or 0, seed), math.nan) for seed in seeds], float
        )


def _units(space: SearchSpace, points: tuple[Mapping[str, Value], ...]) -> Array:
    units = np.array([space.units(point) for point in points], float)
    return units.reshape(len(points), len(space.dimensions))


def _best_steps(results: Iterable[RunResult], trials: int) -> Array:
    array = np.full(trials, math.nan)
    for result in results:
        if result.phase is Phase.SEARCH and result.best_step is not None:
            array[result.trial] = result.best_step
    return array


def _steps_to_target(results: Iterable[RunResult], seeds: Iterable[int]) -> Array:
    final = {r.seed: r.steps_to_target for r in results if r.phase is Phase.FINAL}
    return np.array([_steps(final[s]) if s in final else math.nan for s in seeds], float)


def _steps(steps: int | None) -> float:
    return math.inf if steps is None else float(steps)
