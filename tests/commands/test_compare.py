"""`compare` as a user meets it."""

import json
from pathlib import Path

from tests.conftest import QUICK, Run

TWO = QUICK + "  slow:\n    optimizer: nesterov\n    learning_rate: 0.01\n    momentum: 0.5\n"
SMALL = ["--set", "budget.trials=2", "--set", "budget.seeds=6", "--set", "budget.finalist_seeds=1"]


def test_arms_of_one_file_are_compared(shampoo_tune: Run, tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(TWO)
    launched = shampoo_tune("launch", "two.yaml", "--name", "two", *SMALL)
    assert "shampoo-tune compare two\n" in launched.stderr
    shown = shampoo_tune("compare", "two").stdout
    assert "Configuration only (one study per arm)" in shown
    for label in ("best of 2", "95 % over seeds", "without", "nesterov - slow"):
        assert label in shown
    assert "no group 'three' (there is two)" in shampoo_tune("compare", "three", code=4).stderr
    document = json.loads(shampoo_tune("compare", "two", "--json").stdout)
    assert document["schema"] == "shampoo-tune/compare/v1"
    assert [row["arm"] for row in document["rows"]] == ["nesterov", "slow"]


def test_unequal_budgets_end_with_3_unless_they_are_allowed(
    shampoo_tune: Run, tmp_path: Path
) -> None:
    (tmp_path / "two.yaml").write_text(TWO)
    shampoo_tune("launch", "two.yaml", "--name", "two", *SMALL)
    shampoo_tune("launch", "two.yaml", "--name", "three", *SMALL, "--set", "budget.trials=3")
    refused = shampoo_tune("compare", "two", "three", code=3).stdout
    assert "No verdict: the arms differ in trials: two/nesterov 2, two/slow 2, three/nesterov" in (
        " ".join(refused.split())
    )
    allowed = shampoo_tune("compare", "two", "three", "--allow-unequal").stdout
    assert "selected from 3 trials" in " ".join(allowed.split())
    assert "nesterov - slow" not in allowed


def test_a_missing_database_and_no_group_are_told_apart(shampoo_tune: Run) -> None:
    assert "there is no database" in shampoo_tune("compare", "two", code=4).stderr
    assert "Missing argument 'GROUP...'" in shampoo_tune("compare", code=2).stderr
