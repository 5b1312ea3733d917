"""The pool holds what the product would have measured, and loses nothing when it is interrupted."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks import protocol_pool
from benchmarks.protocol_pool import PLAIN, WEAKER, PoolFile, Size
from benchmarks.protocol_training import Task, load_study, perform
from shampoo_tune.storage.database import open_existing
from shampoo_tune.tuner.controller import OnFinished
from shampoo_tune.tuner.launching import launch
from shampoo_tune.tuner.local_workers import LocalWorkers
from shampoo_tune.tuner.study_data import StudyData
from shampoo_tune.tuner.study_loading import load_studies
from shampoo_tune.tuner.summary import GroupSummary

SMALL = (
    "budget.steps=6", "budget.eval_every=6", "budget.trials=8", "budget.finalist_seeds=4",
    "budget.seeds=6",
)  # fmt: skip
NOTHING_MORE = Size(studies=1, selections=0, winners=0)


@pytest.fixture(scope="module", autouse=True)
def in_this_process() -> Iterator[None]:
    """Starting processes takes longer than these runs; the test of the whole command does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            protocol_pool,
            "_perform_all",
            lambda overrides, tasks: (perform(overrides, task) for task in tasks),
        )
        yield


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> PoolFile:
    pool = PoolFile(tmp_path_factory.mktemp("pool"), SMALL)
    pool.train(NOTHING_MORE, print)
    return pool


@contextlib.contextmanager
def show_nothing(summary: GroupSummary) -> Iterator[OnFinished]:
    del summary
    yield lambda active, message: None


def launched(folder: Path) -> dict[tuple[str, int], StudyData]:
    """Two replicates of every arm by a real launch."""
    url = f"sqlite:///{folder / 'study.db'}"
    study = load_study([*SMALL, "budget.studies=2"])
    workers = lambda: LocalWorkers(2)  # noqa: E731
    launch(study, "protocol", url, open_dispatcher=workers, show_progress=show_nothing, say=print)
    database = open_existing(url)
    with database.read() as connection:
        found = load_studies(connection, "protocol")
    database.close()
    return {(study.arm, study.replicate): study for study in found}


def test_the_pool_is_bit_for_bit_what_a_launch_measures(pool: PoolFile, tmp_path: Path) -> None:
    arms = pool.read(NOTHING_MORE).arms
    records = pool.records()
    product = launched(tmp_path)
    for arm, replicate in [(PLAIN, 0), (PLAIN, 1), (WEAKER, 0)]:
        study, trained = product[arm, replicate], arms[arm]
        record = records[f'["study", "{arm}", {replicate}, [0, 0]]']
        np.testing.assert_array_equal(trained.search[replicate], study.search)
        np.testing.assert_array_equal(trained.final[replicate], study.final)
        assert record["winner"] == study.winner
        finalists = dict(zip(record["ranking"], record["finalists"], strict=False))
        assert finalists == {t: values.tolist() for t, values in study.finalist_values.items()}
        np.testing.assert_array_equal(trained.rerun[replicate], record["finalists"][0])


def test_a_whole_pool_trains_nothing_again(pool: PoolFile) -> None:
    before = pool.path.read_text().split("\n")
    pool.train(NOTHING_MORE, print)
    assert [line for line in pool.path.read_text().split("\n") if line] == [
        line for line in before if line
    ]


def test_a_pool_that_was_killed_in_a_line_repeats_that_task_only(
    pool: PoolFile, tmp_path: Path
) -> None:
    whole = pool.records()
    cut = PoolFile(tmp_path, SMALL)
    cut.path.write_text(pool.path.read_text().rstrip()[:-20])
    assert len(cut.records()) == len(whole) - 1
    cut.train(NOTHING_MORE, print)
    assert cut.records() == whole


def test_candidates_are_run_with_the_finalists_seeds_and_then_with_seeds_of_their_own(
    pool: PoolFile,
) -> None:
    study = pool.records()['["study", "plain", 0, [0, 0]]']
    trials = tuple(study["ranking"][:2])
    found = perform(SMALL, Task("candidates", PLAIN, 0, trials, (5, 3)))
    assert [values[:4] for values in found["values"]] == study["finalists"][:2]
    assert [len(values) for values in found["values"] + found["losses"]] == [5] * 4
    assert [len(values) for values in found["truth"]] == [3, 3]
    (again,) = perform(SMALL, Task("candidates", PLAIN, 0, (study["winner"],), (0, 3)))["truth"]
    assert again not in (study["final"][:3], study["final"][3:])


def test_another_study_file_has_another_pool(tmp_path: Path) -> None:
    assert PoolFile(tmp_path, SMALL).path != PoolFile(tmp_path).path
