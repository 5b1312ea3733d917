"""A thousand simulated runs on four real Ray actors, some of which die."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.simulated.ray_worker import TOLD, WORKER
from benchmarks.simulated.rows import check_rows
from benchmarks.simulated.runs import Rates
from benchmarks.simulated.simulation import group_file, simulate
from benchmarks.simulated.stored import FinalRows, attempt_counts, final_rows
from benchmarks.simulated.virtual_workers import VirtualWorkers
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.ownership import owning
from shampoo_tune.tuner.ray_tune.opening import open_ray
from shampoo_tune.tuner.ray_tune.places import Request
from shampoo_tune.tuner.submission import submit
from tests.ray_extra import needs_ray

FILE = group_file(1000)
RATES = Rates(step_seconds=1e-4, preemption=0.01)


def undisturbed(folder: Path) -> FinalRows:
    address = f"sqlite:///{folder / 'undisturbed.db'}"
    simulate(address, FILE, VirtualWorkers(7, RATES.undisturbed(), 0))
    with create_or_open(address) as database, database.read() as connection:
        return final_rows(connection, FILE.name)


@needs_ray
def test_a_thousand_runs_on_four_actors_have_the_rows_of_a_simulation_without_accidents(
    tmp_path: Path, require: Callable[[str], None]
) -> None:
    require("disturbances")
    (tmp_path / "attempts").mkdir()
    told = {"rates": asdict(RATES), "seed": 1, "folder": str(tmp_path / "attempts")}
    environment = {TOLD: json.dumps(told), "PYTHONPATH": str(Path(__file__).parents[2])}
    with (
        create_or_open(f"sqlite:///{tmp_path / 'on_ray.db'}") as database,
        open_ray(None, Request(4), 60.0, None, WORKER, environment) as workers,
    ):
        with database.write() as connection:
            group = submit(connection, FILE, FILE.name)
        with owning(database, group, workers, lambda *_: None) as controller:
            assert controller.run() is GroupState.COMPLETED
        with database.read() as connection:
            check_rows(connection, FILE.name, RATES.infeasible, undisturbed(tmp_path))
            counts = attempt_counts(connection)
    assert counts["completed"] == 1000
    assert counts["lost"] > 3
    assert counts["failed"] > 0
