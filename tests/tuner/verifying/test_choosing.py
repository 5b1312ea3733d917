"""Runs are chosen by the audit's seed alone, from all phases and studies, final runs first."""

from collections import Counter

import pytest

from shampoo_tune.storage.study_rows import StoredRun
from shampoo_tune.study import Phase, RunState
from shampoo_tune.tuner.verifying.chain import audit
from shampoo_tune.tuner.verifying.choosing import Chosen, choose, trainable
from tests.tuner.conftest import Laboratory


@pytest.fixture(scope="session")
def runs(trained: Laboratory) -> list[Chosen]:
    with trained.read() as connection:
        _, studies = audit(connection, "quick")
    return trainable(studies, set(), by_command=False)


def names(chosen: list[Chosen]) -> list[str]:
    return [f"{study.name} {run.label}" for study, run in chosen]


def test_phases_take_turns_and_studies_share(runs: list[Chosen]) -> None:
    chosen = choose(runs, 8, seed=0)
    turns = [Phase.FINAL, Phase.SEARCH, Phase.FINAL, Phase.FINALISTS]
    assert [run.phase for _, run in chosen] == turns * 2
    assert Counter(study.name for study, _ in chosen) == {"quick/nesterov": 4, "quick/wild": 4}


def test_the_order_of_rows_decides_nothing_and_the_seed_all(runs: list[Chosen]) -> None:
    assert names(choose(runs, 9, 1)) == names(choose(runs[::-1], 9, 1))
    assert names(choose(runs, 9, 1)) != names(choose(runs, 9, 2))
    assert choose(runs, 9, 1)[:4] == choose(runs, 4, 1)


def test_another_version_chooses_the_same_runs(runs: list[Chosen]) -> None:
    study = next(study for study, _ in runs)
    made_up = [
        (study, StoredRun(seed, 0, phase, seed, RunState.COMPLETED, None, ()))
        for phase in Phase
        for seed in range(10)
    ]
    assert [run.seed for _, run in choose(made_up, 6, seed=0)] == [5, 9, 3, 1, 0, 7]


def test_every_run_is_chosen_sooner_or_later_and_none_twice(runs: list[Chosen]) -> None:
    everything = choose(runs, 10_000, seed=5)
    assert sorted(names(everything)) == sorted(names(runs))
    firsts = {names(choose(runs, 1, seed))[0] for seed in range(200)}
    assert firsts == {name for name in names(runs) if " final " in name}


def test_recorded_runs_are_left_to_their_command(trained: Laboratory) -> None:
    with trained.read() as connection:
        _, studies = audit(connection, "quick")
    told = {run.last.facts for study in studies for run in study.runs if run.last}
    assert trainable(studies, told, by_command=False) == []
    everything = [run for study in studies for run in study.runs]
    assert [run for _, run in trainable(studies, told, by_command=True)] == everything
