"""What is known of a group, in the form that `--json` prints and the tables are drawn from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.storage import queries
from shampoo_tune.storage.queries import MedianRow
from shampoo_tune.storage.results import Cost, cost_of
from shampoo_tune.study import Goal, Phase, RunState
from shampoo_tune.tuner.final_looks import stopped_early
from shampoo_tune.tuner.phases import best_by_search, score
from shampoo_tune.tuner.selection import best_trials

_VERDICTS = (RunState.COMPLETED, RunState.INFEASIBLE)
TEST_METRICS = {"valid_accuracy": "test_accuracy", "valid_loss": "test_loss"}


@dataclass(frozen=True)
class BestTrial:
    """The best trial by what is known so far, and what the file and the design made of it."""

    trial: int
    hyperparameters: dict[str, Any]


@dataclass(frozen=True)
class StudySummary:
    """One study; None is unknown, or an interval or median that falls on an infeasible run.

    Attributes:
        study: its name, `group/arm`.
        state: derived from its runs.
        phase: the latest that has runs.
        trials: points of the design.
        infeasible: trials whose search run is infeasible.
        runs_done: runs with a verdict.
        runs_total: runs that the budget allows, less those that a ladder's looks saved.
        best: by final seeds, else by finalists, else by the search; None before any verdict.
        seeds: runs of the final phase with a verdict.
        reached: those of them at or past the target at the end of their budget.
        median: over the final seeds, once all have their verdict, as for all that follows.
        ci_low: lower end of the median's 95 % interval over seeds.
        ci_high: its upper end.
        median_steps_to_target: first evaluated step at or past the target.
        search_value: the best trial's in the search, with one seed: inflated by the choice.
        best_search_value: the best of all trials in the search, which finalists may have overtaken.
        finalist_median: the best trial's over the finalists' seeds.
        test_median: over the final seeds, of the test split's metric.
        metric: the metric of all values.
        target: the value that counts as reached.
        steps: of every run.
        finalist_seeds: of every finalist.
        stopped: whether, on a ladder, the final seeds so far are the last, for few have reached.
    """

    study: str
    state: str
    phase: str
    trials: int
    infeasible: int
    runs_done: int
    runs_total: int
    best: BestTrial | None
    seeds: int
    reached: int | None
    median: float | None
    ci_low: float | None
    ci_high: float | None
    median_steps_to_target: float | None
    search_value: float | None
    best_search_value: float | None
    finalist_median: float | None
    test_median: float | None
    metric: str
    target: float | None
    steps: int
    finalist_seeds: int
    stopped: bool


@dataclass(frozen=True)
class FailedRun:
    """A run that came to no verdict, and the last that was heard of it."""

    study: str
    trial: int
    seed: int
    reason: str


@dataclass(frozen=True)
class GroupSummary:
    """A group, its studies in the order of the file, and what blocks its verdict.

    Attributes:
        group: its name.
        state: stored with it.
        title: data set, image size, number of examples and step budget.
        studies: in the order of the file.
        failed: runs without a verdict.
        costs: of each study by its name.
    """

    group: str
    state: str
    title: str
    studies: tuple[StudySummary, ...]
    failed: tuple[FailedRun, ...]
    costs: Mapping[str, Cost]

    def to_json(self, command: str) -> dict[str, Any]:
        """The document that `--json` prints. No times: it is the same whatever interrupted runs."""
        document = {"schema": f"shampoo-tune/{command}/v1", **asdict(replace(self, costs={}))}
        del document["costs"]
        return document


def summarize(connection: Connection, group: Row[Any]) -> GroupSummary:
    """Everything `launch` and `status` show of a group."""
    budget = group.document["budget"]
    title = f"{group.provenance['workload']['description']}; {budget['steps']} steps a run"
    studies = queries.studies_of(connection, group.id)
    return GroupSummary(
        group=group.name,
        state=queries.group_state(connection, group.id),
        title=title,
        studies=tuple(summarize_study(connection, study) for study in studies),
        failed=tuple(FailedRun(*row) for row in queries.failed_runs(connection, group.id)),
        costs={study.name: cost_of(connection, study.id) for study in studies},
    )


def summarize_study(connection: Connection, study: Row[Any]) -> StudySummary:
    """One study of a group."""
    counts = queries.run_counts(connection, study.id)
    best = find_best(connection, study)
    trial = best.trial if best else None
    final = _complete_median(connection, study, trial)
    test_metric = TEST_METRICS.get(study.metric, "")
    test = _median(connection, study, trial, Phase.FINAL, test_metric) if final else None
    search = _median(connection, study, trial, Phase.SEARCH, study.metric)
    first = _median(
        connection, study, _first_by_search(connection, study), Phase.SEARCH, study.metric
    )
    finalist = _median(connection, study, trial, Phase.FINALISTS, study.metric)
    seeds = final.seeds if final else study.seeds
    done_final = verdicts({key: n for key, n in counts.items() if key[0] is Phase.FINAL})
    return StudySummary(
        study=study.name,
        state=queries.study_state(connection, study.name),
        phase=[phase for phase in Phase if any(p == phase for p, _ in counts)][-1],
        trials=study.trials,
        infeasible=counts.get((Phase.SEARCH, RunState.INFEASIBLE), 0),
        runs_done=verdicts(counts),
        runs_total=study.trials + study.finalists * study.finalist_seeds + seeds,
        best=best,
        seeds=done_final,
        reached=final.reached if final else None,
        median=final.median if final else None,
        ci_low=final.ci_low if final else None,
        ci_high=final.ci_high if final else None,
        median_steps_to_target=final.median_steps_to_target if final else None,
        search_value=search.median if search else None,
        best_search_value=first.median if first else None,
        finalist_median=finalist.median if finalist else None,
        test_median=test.median if test else None,
        metric=study.metric,
        target=study.target,
        steps=study.steps,
        finalist_seeds=study.finalist_seeds,
        stopped=seeds < study.seeds,
    )


def verdicts(counts: Mapping[tuple[Phase, RunState], int]) -> int:
    """How many runs have come to theirs."""
    return sum(count for (_, state), count in counts.items() if state in _VERDICTS)


def find_best(connection: Connection, study: Row[Any]) -> BestTrial | None:
    """The winner if it is chosen, else the leader by the latest phase that has verdicts."""
    trial = queries.final_trial(connection, study.id)
    if trial is None:
        leaders = best_trials(score(connection, study, Phase.FINALISTS), Goal(study.goal), 1)
        leaders = leaders or best_by_search(connection, study, 1)
        if not leaders:
            return None
        trial = leaders[0]
    return BestTrial(trial, queries.trial_of(connection, study.id, trial).point)


def _first_by_search(connection: Connection, study: Row[Any]) -> int | None:
    return next(iter(best_by_search(connection, study, 1)), None)


def _median(
    connection: Connection, study: Row[Any], trial: int | None, phase: Phase, metric: str
) -> MedianRow | None:
    if trial is None:
        return None
    return queries.median_of(connection, study.name, trial, phase, metric)


def _complete_median(
    connection: Connection, study: Row[Any], trial: int | None
) -> MedianRow | None:
    """The final phase's row once all seeds are in: a median of those that ended first is biased."""
    row = _median(connection, study, trial, Phase.FINAL, study.metric)
    if row is None or row.seeds == study.seeds or stopped_early(connection, study, row):
        return row
    return None
