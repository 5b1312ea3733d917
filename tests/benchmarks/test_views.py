"""The large database is one that a study could have left, and no question about it reads it all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks.views import QUESTIONS, Question, make_large_database
from shampoo_tune.storage import queries
from shampoo_tune.storage.database import Reader, open_existing
from shampoo_tune.study import Phase, RunState
from shampoo_tune.tuner.study_loading import load_studies
from tests.storage.instructions import instructions

TRIALS = 24


def make(folder: Path, steps: int) -> Reader:
    make_large_database(folder / "large.db", trials=TRIALS, steps=steps)
    return open_existing(f"sqlite:///{folder / 'large.db'}")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with make(tmp_path_factory.mktemp("short"), steps=10) as opened:
        yield opened


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with make(tmp_path_factory.mktemp("long"), steps=100) as opened:
        yield opened


def test_the_study_is_complete(database: Reader) -> None:
    with database.read() as connection:
        (study,) = load_studies(connection, "large")
        counts = queries.run_counts(connection, study.id)
    assert study.complete
    assert sum(n for (phase, _), n in counts.items() if phase is Phase.SEARCH) == TRIALS
    assert sum(n for (phase, _), n in counts.items() if phase is Phase.FINAL) == 50
    assert counts[Phase.SEARCH, RunState.INFEASIBLE] > 0


def test_every_step_of_a_completed_run_has_five_metrics(database: Reader) -> None:
    query = (
        "select count(*) from v1_curves c join v1_trials t using (study, trial)"
        " where t.state = 'completed' and c.phase = 'search' group by t.trial"
    )
    with database.read() as connection:
        assert set(connection.scalars(text(query))) == {10 * 5}


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if "curve" not in q.name], ids=lambda q: q.name
)
def test_answers_do_not_read_all_measurements(
    database: Reader, longer: Reader, question: Question
) -> None:
    with database.read() as short, longer.read() as long:
        assert instructions(long, question.ask) < 1.3 * instructions(short, question.ask)
