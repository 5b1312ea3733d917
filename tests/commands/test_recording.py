"""A whole study that is trained elsewhere, through `design` and `record`."""

import json
from pathlib import Path
from typing import Any

import shampoo_tune as package
from tests.conftest import Run
from tests.tuner.recording.training import train

STUDY = "quick/nesterov"
# Some of its four points are so large that their runs diverge.
WIDE = ("--set", "optimizers.nesterov.learning_rate.max=1e6")


def test_a_study_by_design_and_record_is_that_of_a_launch(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    shampoo_tune("submit", quick_file, *WIDE, "--name", "quick")
    phases, stored = [], 0
    while lines := shampoo_tune("design", STUDY).stdout.splitlines():
        runs = [json.loads(line) for line in lines]
        phases.append({run["phase"] for run in runs})
        trained = [json.dumps(train(run)) for run in runs]
        (tmp_path / "runs.jsonl").write_text("\n".join(trained))
        told = shampoo_tune("record", STUDY, "runs.jsonl").stdout
        stored += len(runs)
        assert told.startswith(f"{STUDY}: {len(runs)} runs stored, ")
    assert phases == [{"search"}, {"finalists"}, {"final"}]
    assert f"{STUDY} is completed" in shampoo_tune("design", STUDY).stderr
    recorded = results(shampoo_tune, tmp_path)
    (tmp_path / "shampoo-tune.db").unlink()
    shampoo_tune("launch", quick_file, *WIDE, "--name", "quick", "-q")
    assert recorded == results(shampoo_tune, tmp_path)
    (study,) = recorded["status"]["studies"]
    assert study["infeasible"] > 0
    assert stored == study["runs_done"]


def results(shampoo_tune: Run, folder: Path) -> dict[str, Any]:
    """All that a study came to, without times and machines."""
    with package.open(folder / "shampoo-tune.db") as opened:
        tables = [opened.curves("quick"), opened.seed_medians("quick")]
        trials = opened.trials("quick").drop(columns="seconds")
    assert not tables[0].empty
    return {
        "status": json.loads(shampoo_tune("status", "quick", "--json").stdout),
        "tables": [table.to_json() for table in (*tables, trials)],
        "best": json.loads(shampoo_tune("best", STUDY, "--json").stdout),
    }


def test_the_document_holds_the_same_runs(shampoo_tune: Run, quick_file: Path) -> None:
    shampoo_tune("submit", quick_file)
    document = json.loads(shampoo_tune("design", "quick", "--json").stdout)
    lines = shampoo_tune("design", "quick").stdout.splitlines()
    assert document["runs"] == [json.loads(line) for line in lines]
    assert (document["schema"], document["study"]) == ("shampoo-tune/design/v1", STUDY)
    first = document["runs"][0]
    assert (first["trial"], first["phase"], first["seed"]) == (0, "search", 0)
    assert (first["steps"], first["eval_every"], first["optimizer"]) == (30, 10, "nesterov")
    assert list(first["hyperparameters"]) == ["learning_rate", "momentum", "weight_decay"]
    assert (first["schedule"]["warmup_steps"], first["schedule"]["steps"]) == (3, 30)
    assert first["workload"] == {"name": "mlp_digits", "batch_size": 128}


def test_a_file_with_mistakes_stores_nothing(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    shampoo_tune("submit", quick_file)
    good = {"trial": 0, "phase": "search", "seed": 0, "state": "infeasible", "reason": "diverged",
            "measurements": []}  # fmt: skip
    lines = [json.dumps(good), "{", json.dumps({**good, "trial": 9, "seed": 9})]
    (tmp_path / "runs.jsonl").write_text("\n".join(lines) + "\n")
    told = shampoo_tune("record", "quick", "runs.jsonl", code=2).stderr
    assert "runs.jsonl:2:1: error: no JSON" in told
    assert "runs.jsonl:3:1: error: quick/nesterov has no search run of trial 9" in told
    assert len(shampoo_tune("design", "quick").stdout.splitlines()) == 4
    assert "no group 'x'" in shampoo_tune("record", "x", "runs.jsonl", code=4).stderr
    assert "cannot read" in shampoo_tune("record", "quick", "none", code=2).stderr
