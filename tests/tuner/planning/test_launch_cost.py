"""What is said, and refused, before a launch begins. Real steps are timed."""

from pathlib import Path

import pytest

from shampoo_tune.errors import ConditionNotMetError, InvalidInputError
from shampoo_tune.tuner.planning.launch_cost import check_cost
from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.workloads.known import KNOWN_WORKLOADS
from tests.conftest import QUICK, Run


def study(text: str = QUICK) -> Study:
    return parse_study_file(text, "f.yaml", (), KNOWN_WORKLOADS).study


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_small_study_without_a_limit_begins_at_once(said: list[str]) -> None:
    check_cost(study(), None, said.append)
    assert said == []


def test_a_limit_that_is_kept_tells_the_total(said: list[str]) -> None:
    check_cost(study(), 10.0, said.append)
    assert said[:2] == ["timing a step of plain SGD", "timing a step of nesterov"]
    assert said[2].startswith("17 runs: about ")


def test_a_large_study_is_announced(said: list[str]) -> None:
    check_cost(study(QUICK.replace("steps: 30", "steps: 20000")), None, said.append)
    assert said[2].startswith("17 runs: about ")


def test_a_study_above_the_limit_is_refused(said: list[str]) -> None:
    large = study(QUICK.replace("steps: 30", "steps: 3000000"))
    with pytest.raises(ConditionNotMetError, match=r"more than --max-core-hours 0\.5: lower"):
        check_cost(large, 0.5, said.append)


def test_a_launch_above_the_limit_creates_nothing(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    long = ["--set", "budget.steps=3000000", "--max-core-hours", "0.001"]
    told = shampoo_tune("launch", quick_file, *long, code=3)
    assert "lower budget.steps, trials or seeds" in told.stderr
    assert not (tmp_path / "shampoo-tune.db").exists()


def test_a_limit_on_another_machine_is_refused(shampoo_tune: Run, quick_file: Path) -> None:
    options = ["--backend", "ray", "--max-core-hours", "1"]
    told = shampoo_tune("launch", quick_file, *options, code=2)
    assert "--max-core-hours needs --backend local" in told.stderr


def test_a_program_cannot_have_a_limit(said: list[str]) -> None:
    text = QUICK.replace("{name: mlp_digits, batch_size: 128}", "{name: program}")
    text += "metric: {name: valid_accuracy}\n"
    with pytest.raises(InvalidInputError, match="cannot be timed"):
        check_cost(study(text), 1.0, said.append)
