"""`plan` as a user runs it; real steps are timed."""

import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import QUICK_RUNS, REQUIRED_PARTS, Run


def test_a_plan_times_steps_of_this_machine(shampoo_tune: Run, quick_file: Path) -> None:
    told = shampoo_tune("plan", quick_file, "--json", "--price", "2", "--at-once", "3")
    document = json.loads(told.stdout)
    assert document["schema"] == "shampoo-tune/plan/v1"
    assert document["topology"] is None
    arm = document["arms"]["nesterov"]
    assert 0 < arm["seconds_per_step"] < 10
    assert arm["step_ratio"] == arm["seconds_per_step"] / arm["sgd_seconds_per_step"]
    assert arm["fits"] is None
    study = document["study"]
    assert study["runs"] == QUICK_RUNS
    hours = QUICK_RUNS * 30 * arm["seconds_per_step"] / 3600
    assert study["core_hours"] > hours
    assert study["price"] == pytest.approx(2 * study["core_hours"])
    assert study["wall_hours"] < study["core_hours"] / 3 + arm["compile_seconds"] / 3600 + 1e-9
    assert set(document["batch_sizes"]) == {"128"}


def test_several_batch_sizes_have_a_table_each(shampoo_tune: Run, quick_file: Path) -> None:
    told = shampoo_tune("plan", quick_file, "--batch-size", "32,64")
    assert "a batch of 32, on this machine" in told.stdout
    assert "a batch of 64, on this machine" in told.stdout
    assert told.stdout.count("17 runs") == 2
    assert len(re.findall(r"core-hours, [\d.]+ seconds,", told.stdout)) == 2


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--topology", "v4-16"], "such as v3:16x8"),
        (["--batch-size", "32,many"], "--batch-size takes whole numbers with commas"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    shampoo_tune: Run, quick_file: Path, options: list[str], complaint: str
) -> None:
    assert complaint in shampoo_tune("plan", quick_file, *options, code=2).stderr


@pytest.mark.skipif(
    importlib.util.find_spec("libtpu") is not None, reason="TPU's compiler is installed"
)
def test_a_topology_needs_the_extra(shampoo_tune: Run, quick_file: Path) -> None:
    told = shampoo_tune("plan", quick_file, "--topology", "v3:2x2", code=1)
    assert "pip install 'shampoo-tune[tpu]'" in told.stderr


@pytest.mark.skipif(
    importlib.util.find_spec("libtpu") is None and "tpu" not in REQUIRED_PARTS,
    reason="TPU's compiler is not installed",
)
def test_a_plan_for_a_slice_compiles_for_it(shampoo_tune: Run, quick_file: Path) -> None:
    options = ["--topology", "v5e:2x2", "--price", "1.2", "--at-once", "2"]
    document = json.loads(shampoo_tune("plan", quick_file, *options, "--json").stdout)
    arm = document["arms"]["nesterov"]
    assert arm["fits"] is True
    assert 0 < arm["lower_bound_seconds"] <= arm["upper_bound_seconds"]
    assert arm["flops_per_core"] > 0
    assert arm["collective_bytes_per_core"] > 0
    study = document["study"]
    assert study["core_hours"] == pytest.approx(2 * 4 * study["wall_hours"])
    assert study["price"] == pytest.approx(1.2 * study["core_hours"])
    table = shampoo_tune("plan", quick_file, *options).stdout
    assert "XLA's estimate" in table
    assert "never run" in table


# A core's share of the batch has 2^18 examples of 32 characters.
TOO_LARGE = """\
version: 1
name: too_large
workload: {name: transformer_lm, batch_size: 1048576, args: {layers: 1, context: 32}}
budget: {steps: 30, trials: 4, finalists: 2, finalist_seeds: 3, seeds: 7, eval_every: 10}
optimizers:
  nesterov: {learning_rate: {min: 0.1, max: 0.5, scale: log}, momentum: 0.9}
"""


def test_a_step_that_does_not_fit_is_told_with_what_would(
    shampoo_tune: Run, tmp_path: Path, require: Callable[[str], None]
) -> None:
    """By the compiler's own message, whose words belong to no interface."""
    require("tpu")
    file = tmp_path / "too_large.yaml"
    file.write_text(TOO_LARGE)
    table = shampoo_tune("plan", file, "--topology", "v5e:2x2").stdout
    assert len(re.findall("[0-9.]+ GiB of 15.8 GiB", table)) == 2
    found = re.search(r"does not fit: a batch of about (\d+), or about (\d+) cores, would", table)
    assert found is not None
    batch, cores = map(int, found.groups())
    assert 0 < batch < 1048576
    assert batch % 4 == 0
    assert cores == pytest.approx(4 * 1048576 / batch, abs=1)
