"""The same history gives the same rows of every view, types included, on both engines."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from shampoo_tune.storage import queries, records
from shampoo_tune.storage.approvals import add_approval
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.study import Phase, RunState
from tests.storage.conftest import GROUP, METRICS, new_study
from tests.storage.histories import Attempt, History, write
from tests.storage.test_views import COLUMNS

GOLDEN = Path(__file__).parent / "golden_views.json"
LOST = Attempt(({"train_loss": 9.0, "valid_loss": 9.0, "valid_accuracy": 0.0},), {}, 1.0)


def attempt(*accuracies: float) -> Attempt:
    curve = [dict(zip(METRICS, (1 - a, 2 * (1 - a), a), strict=True)) for a in accuracies]
    return Attempt(tuple(curve), {"host": "a"}, 0.5)


def run(trial: int, phase: Phase, seed: int, *accuracies: float) -> History:
    """A run that measured this; it diverged after the second value if there are only two."""
    state = RunState.COMPLETED if len(accuracies) == 3 else RunState.INFEASIBLE
    return History(trial, phase, seed, state, (attempt(*accuracies),))


HISTORIES = [
    run(0, Phase.SEARCH, 0, 0.125, 0.5, 0.875),
    History(1, Phase.SEARCH, 1, RunState.COMPLETED, (LOST, attempt(0.25, 0.75, 0.625))),
    run(2, Phase.SEARCH, 2, 0.25, 0.125),
    *[run(0, Phase.FINALISTS, 100_000 + k, 0.25, 0.5, 0.5 + k / 8) for k in range(2)],
    run(1, Phase.FINALISTS, 100_000, 0.25, 0.5, 0.75),
    run(1, Phase.FINALISTS, 100_001, 0.25, 0.5),
    *[run(0, Phase.FINAL, 200_000 + k, 0.25, 0.5, 0.5 + k / 16) for k in range(6)],
    run(0, Phase.FINAL, 200_006, 0.25, 0.5),
    History(0, Phase.FINAL, 200_007, RunState.FAILED, (LOST,)),
]


def rows(connection: Connection, view: str) -> list[list[Any]]:
    """All rows in an order that engines agree on; moments as a word."""
    found = [list(row) for row in connection.execute(text(f"select * from {view}"))]  # noqa: S608
    told = [["a moment" if _is_moment(v) else v for v in row] for row in found]
    return sorted(told, key=json.dumps)


def _is_moment(value: Any) -> bool:
    """SQLite returns the text that it stores."""
    return isinstance(value, datetime) or (isinstance(value, str) and value.startswith("20"))


@pytest.fixture
def connection(make_url: Any) -> Any:
    """A group of two studies with the same runs, one to maximise and one to minimise."""
    maximized = new_study(steps=5, eval_every=2, target=0.75)
    goal = {"metric": "valid_loss", "goal": "minimize", "objective": "best", "target": 0.75}
    minimized = new_study(name="g/adamw", arm="adamw", steps=5, eval_every=2, **goal)
    with create_or_open(make_url()) as database:
        with database.write() as writer:
            group = records.create_group(writer, GROUP, [maximized, minimized])
            for study in queries.studies_of(writer, group):
                write(writer, study.id, HISTORIES)
            add_approval(writer, 1, digest="sha256:1", author="ada@laptop", note="the first")
        with database.read() as reader:
            yield reader


@pytest.mark.parametrize("view", COLUMNS)
def test_rows_and_their_types_are_the_golden_ones(connection: Connection, view: str) -> None:
    golden = json.loads(GOLDEN.read_text())[view]
    told = rows(connection, view)
    assert told == golden
    assert [[type(v) for v in row] for row in told] == [[type(v) for v in row] for row in golden]
