"""A whole study that is trained elsewhere, by real training, is that of a launch."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shampoo_tune as package
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.tuner.lookup import best_of, summary_of
from shampoo_tune.tuner.recording.designed import designed_runs
from shampoo_tune.tuner.recording.storing import record
from tests.tuner.conftest import Laboratory, quick_study
from tests.tuner.recording.training import train

STUDY = "quick/nesterov"
# Some of its four points are so large that their runs diverge.
WIDE = ("optimizers.nesterov.learning_rate.max=1e6", "budget.seeds=6")


def test_a_study_by_design_and_record_is_that_of_a_launch(
    another_laboratory: Callable[[], Laboratory], tmp_path: Path
) -> None:
    elsewhere, here = another_laboratory(), another_laboratory()
    elsewhere.submit(quick_study(*WIDE))
    phases = train_elsewhere(elsewhere.url, tmp_path / "runs.jsonl")
    assert phases == [{"search"}, {"finalists"}, {"final"}]
    summary = here.launch(quick_study(*WIDE), workers=1)
    assert summary.studies[0].infeasible > 0
    assert results(elsewhere.url) == results(here.url)


def train_elsewhere(url: str, file: Path) -> list[set[str]]:
    """Train and record until nothing waits; returns the phases of each round."""
    phases: list[set[str]] = []
    with create_or_open(url) as database:
        while True:
            with database.read() as connection:
                runs = designed_runs(connection, STUDY)["runs"]
            if not runs:
                return phases
            phases.append({run["phase"] for run in runs})
            file.write_text("\n".join(json.dumps(train(run)) for run in runs))
            assert record(database, STUDY, file).new == len(runs)


def results(url: str) -> dict[str, Any]:
    """All that a study came to, without times and machines."""
    with package.open(url) as opened:
        trials = opened.trials("quick").drop(columns="seconds")
        tables = [opened.curves("quick"), opened.seed_medians("quick"), trials]
    assert not tables[0].empty
    with create_or_open(url) as database:
        best = best_of(database, STUDY, provisional=False)
        summary = summary_of(database, "quick").to_json("status")
    return {
        "tables": [table.to_json() for table in tables],
        "summary": summary,
        "best": (best.configuration, best.evidence),
    }
