"""`design` and `record` as commands; whole studies are in `tests/tuner/recording`."""

import json
from pathlib import Path

from tests.conftest import Run

STUDY = "quick/nesterov"


def test_runs_are_designed_and_recorded_or_refused_with_their_lines(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    shampoo_tune("submit", quick_file)
    document = json.loads(shampoo_tune("design", "quick", "--json").stdout)
    lines = shampoo_tune("design", STUDY).stdout.splitlines()
    assert document["runs"] == [json.loads(line) for line in lines]
    assert (document["schema"], document["study"]) == ("shampoo-tune/design/v1", STUDY)
    first = document["runs"][0]
    assert (first["trial"], first["phase"], first["seed"]) == (0, "search", 0)
    assert (first["steps"], first["eval_every"], first["optimizer"]) == (30, 10, "nesterov")
    assert list(first["hyperparameters"]) == ["learning_rate", "momentum", "weight_decay"]
    assert (first["schedule"]["warmup_steps"], first["schedule"]["steps"]) == (3, 30)
    assert first["workload"] == {"name": "mlp_digits", "batch_size": 128}

    good = {"trial": 0, "phase": "search", "seed": 0, "state": "infeasible", "reason": "diverged",
            "measurements": []}  # fmt: skip
    bad = [json.dumps(good), "{", json.dumps({**good, "trial": 9, "seed": 9})]
    file = tmp_path / "runs.jsonl"
    file.write_text("\n".join(bad) + "\n")
    told = shampoo_tune("record", "quick", file, code=2).stderr
    assert "runs.jsonl:2:1: error: no JSON" in told
    assert "runs.jsonl:3:1: error: quick/nesterov has no search run of trial 9" in told
    file.write_text(json.dumps(good))
    told = shampoo_tune("record", "quick", file).stdout  # so nothing was stored before
    assert told == f"{STUDY}: 1 runs stored, 3 queued\n"
