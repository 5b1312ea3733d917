"""The examples of production training run, from a file alone, and go on where they stopped."""

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shampoo_tune.best_config import BestConfig
from shampoo_tune.best_file import as_yaml
from shampoo_tune.optimizer.config import ShampooConfig, WarmupPolynomialConfig
from tests.best_configs import CONFIG

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def best(tmp_path: Path) -> Path:
    """What a study of a few steps might have chosen."""
    options = ShampooConfig(beta2=0.9, matrix_epsilon=1e-4, block_size=64, weight_decay=1e-4)
    schedule = WarmupPolynomialConfig(learning_rate=1.0, steps=30, warmup_steps=3)
    config = dataclasses.replace(CONFIG.configuration, options=options, schedule=schedule)
    provenance = {"workload": {"name": "mlp_digits", "batch_size": 128}}
    path = tmp_path / "best.yaml"
    path.write_text(as_yaml(BestConfig(config, {}, provenance).to_document()))
    return path


def run(script: str, *arguments: str | Path) -> str:
    """Run an example to its end; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", EXAMPLES / script, *map(str, arguments)],
        # Eight devices that wait for each other need a thread each.
        env={**os.environ, "NPROC": "8"},
        timeout=300,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_script_of_its_own_trains_on_eight_devices_and_goes_on_from_a_checkpoint(
    best: Path, tmp_path: Path
) -> None:
    arguments = ("production_training.py", best, "--checkpoints", tmp_path / "run")
    first = run(*arguments).splitlines()
    assert [re.sub(r"loss .*", "loss", line) for line in first[:-1]] == [
        f"step {step} of 30: training loss" for step in (10, 20, 30)
    ]
    assert float(first[-1].split()[1]) > 0.75
    for step in ("20", "30"):  # as if it had been interrupted before
        shutil.rmtree(tmp_path / "run" / step)
    assert run(*arguments).splitlines() == ["goes on from step 10", *first[1:]]


def test_a_linen_train_state_takes_it_as_any_optimizer(best: Path) -> None:
    assert float(run("linen_train_state.py", best).split()[1]) > 0.75
