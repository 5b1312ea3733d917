"""Reads the studies of a group from the database into arrays (`study_data.py`)."""

import math
from collections.abc import Iterable, Mapping, Sequence
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


def load_study(connection: Connection, row: Row[Any], before: StudyData | None = None) -> StudyData:
    """The study of a row of the studies table.

    Args:
        connection: any transaction.
        row: of the studies table.
        before: the same study as it was read earlier: its design is not read again.
    """
    group = queries.require_group(connection, row.name.split("/", 1)[0])
    study = study_of_document(group.document)
    whole = before is not None and len(before.points) == row.trials
    return _load(connection, group, study, row, None, before if whole else None)


def _load(
    connection: Connection,
    group: Row[Any],
    study: Study,
    row: Row[Any],
    objective: Objective | None,
    before: StudyData | None = None,
) -> StudyData:
    goal, arm = Goal(row.goal), study.arm(row.arm)
    points, units = _design(connection, row, arm.space, before)
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
        units=units,
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
    """The values of one metric by phase, trial and seed; those of the search by trial."""

    def __init__(self, goal: Goal, objective: Objective, results: Sequence[RunResult]) -> None:
        worst, best = worst_value(goal), objective is Objective.BEST

        def value(result: RunResult) -> float:
            if result.state is RunState.INFEASIBLE:
                return worst
            found = result.best if best else result.final
            return math.nan if found is None else found

        self._search = {r.trial: value(r) for r in results if r.phase is Phase.SEARCH}
        self._by_run: dict[tuple[Phase, int, int], float] = {
            (r.phase, r.trial, r.seed): value(r) for r in results if r.phase is not Phase.SEARCH
        }

    def of_search(self, trials: int) -> Array:
        return _by_trial(self._search, trials)

    def of_finalists(self, replicate: int, count: int) -> dict[int, Array]:
        trials = dict.fromkeys(t for phase, t, _ in self._by_run if phase is Phase.FINALISTS)
        seeds = [run_seed(replicate, Phase.FINALISTS, index) for index in range(count)]
        return {trial: self.of_seeds(Phase.FINALISTS, trial, seeds) for trial in trials}

    def of_seeds(self, phase: Phase, trial: int | None, seeds: Iterable[int]) -> Array:
        return np.array(
            [self._by_run.get((phase, trial or 0, seed), math.nan) for seed in seeds], float
        )


def _design(
    connection: Connection, row: Row[Any], space: SearchSpace, before: StudyData | None
) -> tuple[tuple[Mapping[str, Value], ...], Array]:
    """Points and units; a design that is whole never changes."""
    if before is not None:
        return before.points, before.units
    points = tuple(queries.points_of(connection, row.id))
    units = np.array(space.units(points), float)
    return points, units.reshape(len(space.dimensions), len(points)).T


def _best_steps(results: Iterable[RunResult], trials: int) -> Array:
    steps = {
        r.trial: float(r.best_step)
        for r in results
        if r.phase is Phase.SEARCH and r.best_step is not None
    }
    return _by_trial(steps, trials)


def _by_trial(values: Mapping[int, float], trials: int) -> Array:
    array = np.full(trials, math.nan)
    array[list(values.keys())] = list(values.values())
    return array


def _steps_to_target(results: Iterable[RunResult], seeds: Iterable[int]) -> Array:
    final = {r.seed: r.steps_to_target for r in results if r.phase is Phase.FINAL}
    return np.array([_steps(final[s]) if s in final else math.nan for s in seeds], float)


def _steps(steps: int | None) -> float:
    return math.inf if steps is None else float(steps)
