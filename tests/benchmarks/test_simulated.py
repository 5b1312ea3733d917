"""Simulated groups: the same runs come to the same rows, whatever happens to their workers."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.simulated.rows import check_rows
from benchmarks.simulated.runs import Rates
from benchmarks.simulated.simulation import Figures, group_file, simulate
from benchmarks.simulated.stored import FinalRows, final_rows
from benchmarks.simulated.virtual_workers import Stay, VirtualWorkers
from shampoo_tune.storage.database import open_existing
from shampoo_tune.tuner.messages import Failed

RATES = Rates()
ROUGH = Rates(failure=0.15, preemption=0.2, straggler=0.1, infeasible=0.2)
FILE = group_file(300)


def address(folder: Path) -> str:
    return f"sqlite:///{folder / 'simulated.db'}"


def check(folder: Path, infeasible: float, undisturbed: FinalRows) -> None:
    with open_existing(address(folder)) as database, database.read() as connection:
        check_rows(connection, FILE.name, infeasible, undisturbed)


def rows_of(folder: Path) -> FinalRows:
    with open_existing(address(folder)) as database, database.read() as connection:
        return final_rows(connection, FILE.name)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> FinalRows:
    folder = tmp_path_factory.mktemp("undisturbed")
    figures = simulate(address(folder), FILE, VirtualWorkers(7, ROUGH.undisturbed(), 0))
    assert (figures.runs, figures.attempts, figures.launches) == (300, 300, 1)
    assert figures.while_runs_wait == pytest.approx(1.0, rel=1e-9)
    check(folder, ROUGH.infeasible, rows_of(folder))
    return rows_of(folder)


Disturbed = tuple[Path, Figures, VirtualWorkers]


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory: pytest.TempPathFactory) -> Disturbed:
    """So many accidents that the group is blocked, and launched again."""
    folder, workers = tmp_path_factory.mktemp("disturbed"), VirtualWorkers(16, ROUGH, 0)
    return folder, simulate(address(folder), FILE, workers), workers


def test_disturbed_runs_come_to_the_undisturbed_rows(
    disturbed: Disturbed, undisturbed: FinalRows
) -> None:
    folder, figures, _ = disturbed
    check(folder, ROUGH.infeasible, undisturbed)
    assert figures.attempts == 300 + figures.lost + figures.failed
    assert figures.lost > 40
    assert figures.failed > 5
    assert figures.launches > 1
    assert figures.while_runs_wait > 0.95


def test_failed_runs_wait_in_virtual_time(disturbed: Disturbed) -> None:
    *_, workers = disturbed
    stays = {(stay.run_id, stay.number): stay for stay in workers.stays}
    for failures, seconds in ((1, 1.0), (2, 5.0)):
        lost = [stay for stay in stays.values() if all_lost(stays, stay, failures)]
        pauses = [stays[stay.run_id, failures + 1].began - stay.ended for stay in lost]
        assert seconds <= min(pauses) < 2 * seconds


def all_lost(stays: dict[tuple[int, int], Stay], stay: Stay, count: int) -> bool:
    """Whether it is the last of so many attempts, all of which lost their machine."""
    if stay.number != count:
        return False
    told = [stays[stay.run_id, number].message for number in range(1, count + 1)]
    return all(isinstance(message, Failed) and message.lost for message in told)


@pytest.mark.parametrize(
    "damage",
    [
        "update measurements set value = value * 1.001 where attempt_id in"
        " (select id from attempts where state = 'lost')",
        "update attempts set state = 'completed' where state = 'lost'",
        "update attempts set number = number + 1 where run_id = 7",
        "update runs set seed = 299999 where phase = 'final' and seed = 200000",
        "update runs set state = 'queued' where id = 7",
        "delete from measurements where step = 10 and attempt_id = 7",
        "update run_metrics set best_step = 20 where run_id = 7",
        "update studies set target = 0.5",
    ],
)
def test_a_wrong_row_is_found(
    damage: str, disturbed: Disturbed, undisturbed: FinalRows, tmp_path: Path
) -> None:
    shutil.copy(disturbed[0] / "simulated.db", tmp_path)
    connection = sqlite3.connect(tmp_path / "simulated.db")
    assert connection.execute(damage).rowcount > 0
    connection.commit()
    connection.close()
    with pytest.raises(AssertionError):
        check(tmp_path, ROUGH.infeasible, undisturbed)


def test_ten_thousand_runs_on_256_workers(tmp_path: Path, require: Callable[[str], None]) -> None:
    require("disturbances")
    file, folders = group_file(10_000), [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    simulate(address(folders[0]), file, VirtualWorkers(8, RATES.undisturbed(), 0))
    figures = simulate(address(folders[1]), file, VirtualWorkers(256, RATES, 1))
    check(folders[1], RATES.infeasible, rows_of(folders[0]))
    assert figures.launches == 1
    assert figures.while_runs_wait > 0.99
