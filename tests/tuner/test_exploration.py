"""A search by TPE: the same whatever stops it, never a point twice, through to a winner."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.storage import queries
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.study import Goal, GroupState, Measurement, Phase, RunState
from shampoo_tune.tuner.design import design, drawn_ahead
from shampoo_tune.tuner.exploration import next_point, tried_of
from shampoo_tune.tuner.launching import describe
from shampoo_tune.tuner.local_workers import LocalWorkers
from shampoo_tune.tuner.lookup import best_of
from shampoo_tune.tuner.messages import Finished, Job, Measured, Message, Started
from shampoo_tune.tuner.ownership import owning
from shampoo_tune.tuner.parameters import Choice, Fixed, Parameter, Range, SearchSpace, Value
from shampoo_tune.tuner.study_file.loading import Study
from shampoo_tune.tuner.submission import submit
from shampoo_tune.tuner.tpe import Tried
from shampoo_tune.workloads import WORKLOADS
from tests.conftest import QUICK
from tests.tuner.conftest import Laboratory, quick_study

FEW_FINALS = ("budget.finalists=1", "budget.finalist_seeds=1", "budget.seeds=2")


def exploring(*overrides: str) -> Study:
    return quick_study("search.sampler=tpe", "budget.trials=8", *FEW_FINALS, *overrides)


SPACE = SearchSpace(
    (
        Parameter("kind", Choice(("round", "flat"))),
        Parameter("rate", Range(1e-4, 1.0, "log")),
        Parameter("steps", Range(1, 9, whole=True), when=(("kind", "round"),)),
        Parameter("beta", Range(0.5, 0.99, "one_minus_log"), when=(("kind", "flat"),)),
    )
)


def drawn(space: SearchSpace, count: int, seed: int = 0) -> list[dict[str, Value]]:
    units = design(len(space.dimensions), count, "tpe", seed, 0)
    return [space.point(unit) for unit in units.tolist()]


def some_trials() -> list[Tried]:
    """Values, an infeasible trial, a pending one."""
    values = [*(math.sin(n) for n in range(9)), math.inf, None]
    return [Tried(p, v) for p, v in zip(drawn(SPACE, len(values)), values, strict=True)]


def test_another_process_asks_for_the_same_next_point() -> None:
    code = (
        "from tests.tuner.test_exploration import *\n"
        "print(json.dumps(next_point(SPACE, some_trials(), Goal.MINIMIZE, 4, 1)))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "12345"},
    )
    here = next_point(SPACE, some_trials(), Goal.MINIMIZE, 4, 1)
    assert json.loads(other.stdout) == here


SMALL_SPACES = {
    24: SearchSpace(
        (
            Parameter("a", Choice(("x", "y", "z"))),
            Parameter("b", Range(1, 4, whole=True)),
            Parameter("c", Choice((True, False))),
        )
    ),
    14: SearchSpace(
        (
            Parameter("a", Choice(tuple("abcdef"))),
            Parameter("b", Range(1, 9, "log", whole=True), when=(("a", "d"),)),
        )
    ),
}


@pytest.mark.parametrize("count", SMALL_SPACES)
def test_every_point_of_a_small_space_is_tried_before_one_is_repeated(count: int) -> None:
    space = SMALL_SPACES[count]
    distinct = []
    for point in drawn(space, drawn_ahead("tpe", count)):
        distinct += [point] if point not in distinct else []
    tried = [Tried(point, float(len(str(point)) % 5)) for point in distinct]
    while len(tried) < count:
        point = next_point(space, tried, Goal.MAXIMIZE, 0, 0)
        assert all(point != trial.point for trial in tried)
        tried.append(Tried(point, float(len(str(point)) % 5)))
    again = next_point(space, tried, Goal.MAXIMIZE, 0, 0)
    assert any(again == trial.point for trial in tried)


def test_without_a_parameter_that_varies_the_one_point_is_repeated() -> None:
    space = SearchSpace((Parameter("rate", Fixed(0.5)),))
    assert next_point(space, [Tried({"rate": 0.5}, 1.0)], Goal.MINIMIZE, 0, 0) == {"rate": 0.5}


class Killed(BaseException):
    """The controller's process ends here."""


class Formula:
    """Workers that know the accuracy of every configuration; killed after so many messages."""

    def __init__(self, count: int, messages_left: float = math.inf) -> None:
        self._count = count
        self._messages_left = messages_left
        self._jobs: list[Job] = []
        self.most_jobs = 0

    def idle(self) -> int:
        return self._count - len(self._jobs)

    def submit(self, job: Job) -> None:
        self._jobs.append(job)
        self.most_jobs = max(self.most_jobs, len(self._jobs))

    def drop(self, *, save: bool) -> None:
        del save
        self._jobs.clear()

    def messages(self, timeout: float) -> Iterator[Message]:
        del timeout  # nobody waits here
        job = self._jobs.pop(len(self._jobs) // 2)  # several do not end in the order they began
        for message in self._train(job):
            if self._messages_left <= 0:
                raise Killed
            self._messages_left -= 1
            yield message

    def _train(self, job: Job) -> Iterator[Message]:
        yield Started(job.run_id, {})
        rate = job.configuration["schedule"]["learning_rate"]
        momentum = job.configuration["options"]["momentum"]
        if rate > 0.4:
            yield Finished(job.run_id, RunState.INFEASIBLE, "diverged at step 7")
            return
        accuracy = 1 - abs(rate - 0.3) - (momentum - 0.7) ** 2 - 1e-9 * (job.seed % 7)
        metrics = dict.fromkeys(WORKLOADS["mlp_digits"].metrics, accuracy)
        yield Measured(job.run_id, Measurement(job.steps, metrics))
        yield Finished(job.run_id, RunState.COMPLETED, None)


def explore(url: str, study: Study, workers: Formula) -> GroupState | None:
    """Submit or continue a group with these workers; None if they were killed."""
    with create_or_open(url) as database:
        with database.write() as connection:
            group = submit(connection, study, study.name)
        try:
            with owning(database, group, workers, lambda *_: None) as controller:
                return controller.run()
        except Killed:
            return None


def searched(url: str) -> list[Tried]:
    with create_or_open(url) as database, database.read() as connection:
        (study,) = queries.studies_of(connection, 1)
        return tried_of(connection, study)


def test_a_search_by_one_worker_is_the_same_however_often_it_is_killed(tmp_path: Path) -> None:
    study = exploring("budget.trials=11")
    searches = []
    for name, patience in [("whole", math.inf), ("often", 3), ("seldom", 8)]:
        url = f"sqlite:///{tmp_path / name}.db"
        kills = 0
        while explore(url, study, Formula(1, patience)) is None:
            kills += 1
        searches.append((kills > 0, searched(url)))
    (_, whole), *killed = searches
    assert killed == [(True, whole), (True, whole)]
    assert len(whole) == 11
    assert {trial.value == -math.inf for trial in whole} == {True, False}


def test_what_was_asked_is_what_a_rebuild_from_the_earlier_rows_asks(tmp_path: Path) -> None:
    url, study = f"sqlite:///{tmp_path / 'study.db'}", exploring("search.seed=3")
    assert explore(url, study, Formula(1)) == GroupState.COMPLETED
    tried, space = searched(url), study.arms[0].space
    assert [trial.point for trial in tried[:5]] == drawn(space, 5, seed=3)
    for number in range(5, 8):
        asked = next_point(space, tried[:number], Goal.MAXIMIZE, 3, 0)
        assert tried[number].point == asked


def test_as_many_trials_are_pending_as_there_are_workers_and_no_more_than_the_budget_exist(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'study.db'}"
    workers = Formula(3)
    assert explore(url, exploring("budget.trials=14"), workers) == GroupState.COMPLETED
    assert workers.most_jobs == 3
    with create_or_open(url) as database, database.read() as connection:
        seeds = text("select seed from runs where phase = 'search' order by id")
        assert connection.scalars(seeds).all() == list(range(14))
        (study,) = queries.studies_of(connection, 1)
        assert len(queries.trials_by_number(connection, study.id)) == 14
        counts = queries.run_counts(connection, study.id)
        assert counts[Phase.FINAL, RunState.COMPLETED] == 2
    points = [tuple(trial.point.items()) for trial in searched(url)]
    assert len(set(points)) == 14


def test_with_more_workers_than_first_points_the_others_are_asked_for_at_once(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'study.db'}"
    assert explore(url, exploring("budget.trials=10"), Formula(8, messages_left=0)) is None
    tried = searched(url)
    assert [trial.value for trial in tried] == [None] * 8
    assert len({tuple(trial.point.items()) for trial in tried}) == 8


def test_enqueued_points_come_first_and_count_in_the_budget(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'study.db'}"
    enqueued = QUICK + "    enqueue: [{learning_rate: 0.2, momentum: 0.99}]\n"
    study = quick_study("search.sampler=tpe", "budget.trials=8", *FEW_FINALS, text=enqueued)
    assert explore(url, study, Formula(2)) == GroupState.COMPLETED
    points = [trial.point for trial in searched(url)]
    assert points[0] == {"learning_rate": 0.2, "momentum": 0.99}
    assert points[1:6] == drawn(study.arms[0].space, 5)
    assert len(points) == 8


def test_every_arm_and_replicate_explores_for_itself(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'study.db'}"
    two = (
        QUICK
        + QUICK[QUICK.index("  nesterov:") :].replace("nesterov:", "second:")
        + ("    optimizer: nesterov\n")
    )
    overrides = ("search.sampler=tpe", "budget.trials=7", "budget.studies=2", *FEW_FINALS)
    assert explore(url, quick_study(*overrides, text=two), Formula(2)) == GroupState.COMPLETED
    with create_or_open(url) as database, database.read() as connection:
        studies = queries.studies_of(connection, 1)
        found = {s.name: tried_of(connection, s) for s in studies}
        seeds = text("select seed from runs where study_id = 2 and phase = 'search' order by id")
        assert connection.scalars(seeds).all() == list(range(1_000_000, 1_000_007))
    assert [len(tried) for tried in found.values()] == [7] * 4
    assert found["quick/nesterov"][:5] == found["quick/second"][:5]
    assert found["quick/nesterov"][:5] != found["quick/nesterov#1"][:5]


def test_a_launch_that_was_interrupted_goes_on_to_a_winner(laboratory: Laboratory) -> None:
    """With real workers: stopped in mid-search, it asks on as if nothing had happened."""
    study = exploring("budget.steps=10")
    finished: list[Any] = []

    def interrupt(*arguments: object) -> None:
        finished.append(arguments)
        if len(finished) == 6:
            raise KeyboardInterrupt

    def run() -> None:
        with LocalWorkers(1) as workers, owning(database, group, workers, interrupt) as controller:
            controller.run()

    with create_or_open(laboratory.url) as database:
        with database.write() as connection:
            group = submit(connection, study, "quick")
        with pytest.raises(KeyboardInterrupt):
            run()
        with database.read() as connection:
            assert len(tried_of(connection, queries.studies_of(connection, group.id)[0])) == 7
            # Six have their verdict, one was asked for by them, and one was not yet.
            assert queries.study_state(connection, "quick/nesterov") == "running"
    summary = laboratory.launch(study, workers=1)
    (explored,) = summary.studies
    assert (summary.state, explored.trials, explored.runs_done) == ("completed", 8, 8 + 1 + 2)
    tried = searched(laboratory.url)
    for number in range(5, 8):
        asked = next_point(study.arms[0].space, tried[:number], Goal.MAXIMIZE, 0, 0)
        assert tried[number].point == asked
    with create_or_open(laboratory.url) as database:
        best = best_of(database, "quick/nesterov", provisional=False)
        with database.read() as connection:
            group = queries.require_group(connection, "quick")
    assert explored.best is not None
    assert best.provenance["trial"] == explored.best.trial
    assert group.document["search"] == {"sampler": "tpe", "seed": 0}
    assert group.provenance["sampler"].startswith("optuna 5.")


def test_a_dry_run_shows_the_first_points_and_says_that_more_are_asked_for_later(
    tmp_path: Path,
) -> None:
    lines = describe(exploring(), "g", f"sqlite:///{tmp_path / 'none.db'}").splitlines()
    assert len(lines) == 2 + 5 + 1
    assert lines[-1].strip() == (
        "5 of 8 points are drawn; the other 3 are asked of tpe later, as values come in"
    )
