"""Runs that were trained elsewhere are stored whole or not at all, under the group's lease."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.errors import ConditionNotMetError, GroupBusyError, InvalidInputError
from shampoo_tune.storage import lease
from shampoo_tune.storage.checking import check
from shampoo_tune.storage.database import Database, create_or_open
from shampoo_tune.study import Action, GroupState
from shampoo_tune.tuner.recording.designed import designed_runs
from shampoo_tune.tuner.recording.storing import FACTS, Recorded, record
from shampoo_tune.tuner.requesting import request
from shampoo_tune.tuner.submission import submit
from tests.tuner.conftest import Laboratory, quick_study

STUDY = "quick/nesterov"


class Elsewhere:
    """A study whose runs are trained by a formula."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self._file = database, folder / "runs.jsonl"

    def design(self) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            runs: list[dict[str, Any]] = designed_runs(connection, STUDY)["runs"]
        return runs

    def record(self, lines: list[dict[str, Any]]) -> Recorded:
        self._file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return record(self.database, STUDY, self._file)

    def count(self, table: str) -> int:
        with self.database.read() as connection:
            number: int = connection.scalar(text(f"select count(*) from {table}"))  # noqa: S608
        return number


def line(run: dict[str, Any], accuracy: float = 0.5) -> dict[str, Any]:
    """A completed run; the momentum decides between trials."""
    value = accuracy + run["hyperparameters"]["momentum"] / 10
    return {
        **{name: run[name] for name in ("trial", "phase", "seed")},
        "state": "completed",
        "measurements": [{"step": 30, "metrics": {"valid_accuracy": value}}],
    }


@pytest.fixture
def elsewhere(laboratory: Laboratory, tmp_path: Path) -> Iterator[Elsewhere]:
    with create_or_open(laboratory.url) as database:
        with database.write() as connection:
            submit(connection, quick_study(), "quick")
        yield Elsewhere(database, tmp_path)


def test_phases_follow_one_another_as_they_do_in_a_launch(elsewhere: Elsewhere) -> None:
    search = elsewhere.design()
    assert elsewhere.record([line(run) for run in search[:3]]) == Recorded(
        STUDY, 3, 0, 1, GroupState.QUEUED
    )
    assert elsewhere.design() == search[3:]
    assert elsewhere.record([line(search[3])]).queued == 2 * 3
    assert elsewhere.record([line(run) for run in elsewhere.design()]).queued == 7
    last = elsewhere.record([line(run) for run in elsewhere.design()])
    assert (last.queued, last.state) == (0, GroupState.COMPLETED)
    with elsewhere.database.read() as connection:
        assert [c.problems for c in check(connection) if c.problems] == []
        facts = connection.scalars(text("select facts from execution_facts")).all()
        assert [json.loads(fact) for fact in facts] == [FACTS]


def test_what_is_stored_is_skipped_if_it_says_the_same_and_never_replaced(
    elsewhere: Elsewhere,
) -> None:
    first, second = elsewhere.design()[:2]
    elsewhere.record([line(first)])
    again = elsewhere.record([line(first), line(second)])
    assert (again.new, again.known) == (1, 1)
    with pytest.raises(InvalidInputError, match=r"runs.jsonl:1:1: error: .*with other results"):
        elsewhere.record([line(first, 0.6)])
    assert elsewhere.count("attempts") == 2


def test_one_wrong_line_stores_none_and_all_are_told(elsewhere: Elsewhere) -> None:
    first, second, third, _ = elsewhere.design()
    lines = [line(first), {**line(second), "seed": 77}, {**line(third), "trial": "2"}, line(first)]
    with pytest.raises(InvalidInputError) as caught:
        elsewhere.record(lines)
    told = str(caught.value).splitlines()
    assert [row.split(": error: ")[0].rpartition("/")[2] for row in told] == [
        "runs.jsonl:2:1", "runs.jsonl:3:1", "runs.jsonl:4:1"
    ]  # fmt: skip
    assert "no search run of trial 1 with seed 77" in told[0]
    assert told[2].endswith("the run of line 1 again")
    assert elsewhere.count("attempts") == elsewhere.count("leases") == 0


def test_infeasible_runs_are_the_worst(elsewhere: Elsewhere) -> None:
    search = elsewhere.design()
    lost = [
        {**line(run), "state": "infeasible", "reason": "diverged at step 2", "measurements": []}
        for run in search
    ]
    last = elsewhere.record(lost)
    assert (last.queued, last.state) == (0, GroupState.COMPLETED)


def test_a_group_that_a_controller_runs_is_left_to_it(elsewhere: Elsewhere) -> None:
    lines = [line(run) for run in elsewhere.design()]
    with elsewhere.database.write() as connection:
        lease.acquire(connection, 1)
    with pytest.raises(GroupBusyError, match="is running this group"):
        elsewhere.record(lines)
    assert elsewhere.count("attempts") == 0


def test_a_paused_group_takes_runs_and_a_cancelled_one_none(elsewhere: Elsewhere) -> None:
    lines = [line(run) for run in elsewhere.design()]
    request(elsewhere.database, "quick", Action.PAUSE)
    assert elsewhere.record(lines[:1]).state is GroupState.PAUSED
    request(elsewhere.database, "quick", Action.CANCEL)
    with pytest.raises(ConditionNotMetError, match="was cancelled"):
        elsewhere.record(lines[1:])
