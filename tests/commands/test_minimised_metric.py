"""A loss to minimise, without accuracies: every command that shows results."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run

FILE = """\
version: 1
name: q
workload: {name: quadratic, args: {rows: 4, columns: 3, noise: 0.1}}
target: 0.5
budget: {steps: 12, trials: 6, finalists: 2, finalist_seeds: 3, seeds: 7, eval_every: 3}
optimizers:
  slow:
    {optimizer: nesterov, momentum: 0, learning_rate: {min: 1e-3, max: 1e-2, scale: log}}
  fast:
    {optimizer: nesterov, momentum: 0, learning_rate: {min: 0.3, max: 300, scale: log}}
"""


@pytest.fixture
def launched(shampoo_tune: Run, tmp_path: Path) -> dict[str, dict[str, object]]:
    (tmp_path / "q.yaml").write_text(FILE)
    document = json.loads(shampoo_tune("launch", "q.yaml", "--json").stdout)
    return {study["study"]: study for study in document["studies"]}


def test_the_least_loss_is_the_best_in_every_command(
    shampoo_tune: Run, launched: dict[str, dict[str, object]], tmp_path: Path
) -> None:
    slow, fast = launched["q/slow"], launched["q/fast"]
    assert (slow["reached"], slow["median_steps_to_target"]) == (0, None)
    assert fast["reached"] == 7
    assert fast["median_steps_to_target"] in (3, 6, 9, 12)
    assert fast["infeasible"] in range(1, 6)
    assert float(str(fast["median"])) < 0.5 < float(str(slow["median"]))

    compared = shampoo_tune("compare", "q").stdout
    assert "slow - fast +" in " ".join(compared.split())
    assert "seeds that reach 0.5" in compared
    shampoo_tune("report", "q", "-o", "r.html")
    page = (tmp_path / "r.html").read_text()
    assert "Quadratic function of a 4 x 3 matrix" in page
    assert "accuracy" not in page
    shampoo_tune("best", "q/fast", "-o", "best.yaml")
    assert "goal: minimize" in (tmp_path / "best.yaml").read_text()
    medians = shampoo_tune("export", "q/fast", "--table", "seed_medians").stdout.splitlines()
    assert sum(",final,valid_loss,minimize,7,0,7," in line for line in medians) == 1
    assert "fast:" in shampoo_tune("refine", "q/fast").stdout
