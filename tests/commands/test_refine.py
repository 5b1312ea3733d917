"""`refine`: from a searched group to the file of its next round, and that one launched."""

from pathlib import Path

from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.workloads import WORKLOADS
from tests.conftest import QUICK, Run
from tests.tuner.pretending import PretendedLaboratory

SMALL = ["trials=4", "finalists=1", "finalist_seeds=1", "seeds=1", "steps=2"]


def test_a_round_is_refined_and_launched(shampoo_tune: Run, tmp_path: Path) -> None:
    changes = [f"budget.{change}" for change in SMALL]
    laboratory = PretendedLaboratory(tmp_path)
    first = parse_study_file(QUICK, "quick.yaml", changes, WORKLOADS).study
    laboratory.run(first, lambda point, seed: 0.5 + point["momentum"] / 4)
    laboratory.close()
    database = ["--db", f"sqlite:///{tmp_path / 'study.db'}"]
    printed = shampoo_tune("refine", "quick", *database).stdout
    said = shampoo_tune("refine", "quick/nesterov", "-o", "next.yaml", *database).stderr
    assert (tmp_path / "next.yaml").read_text() == printed
    assert "launch next.yaml" in said
    elsewhere = shampoo_tune("launch", "next.yaml", code=4).stderr
    assert "the parent 'quick' is not in this database" in elsewhere
    launched = shampoo_tune("launch", "next.yaml", *database)
    assert "completed" in launched.stdout
    assert "quick-round2/nesterov#1 final trial" in launched.stderr
    assert "seed 1200000: " in launched.stderr
    assert "best quick-round2/nesterov#1 -o best.yaml" in launched.stderr
    assert "compare quick-round2\n" in launched.stderr  # it adds up both rounds
    assert "no group 'fast'" in shampoo_tune("refine", "fast", *database, code=4).stderr
