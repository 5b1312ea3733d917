"""Training on eight simulated devices, in processes of their own."""

import functools
import json
from typing import Any

import numpy as np
import pytest

from tests.beside_devices import run_with_devices

# Prints the parameters after ten steps, and, if asked, what a run measured and what another one did
# that was stopped after the fifth step.
SCRIPT = """
import json, sys, tempfile
import jax, numpy as np
from shampoo_tune.optimizer.baseline_config import NesterovConfig
from shampoo_tune.optimizer.config import Configuration, ShampooConfig, WarmupPolynomialConfig
from shampoo_tune.optimizer.pytrees import as_arrays
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.checkpoints import RunCheckpoints
from shampoo_tune.workloads.data_parallel import all_devices
from shampoo_tune.workloads.seeds import stream_key
from shampoo_tune.workloads.snapshot import InterruptedRunError
from shampoo_tune.workloads.training import train
from shampoo_tune.tuner.arm_trainer import arm_trainer

workload, optimizer, *resumes = sys.argv[1:]
options = {
    "shampoo": ShampooConfig(matrix_epsilon=1e-3, block_size=32),  # many blocks, to be divided
    "nesterov": NesterovConfig(momentum=0.9),
}
numbers = as_arrays(Configuration(
    optimizer=optimizer,
    options=options[optimizer],
    schedule=WarmupPolynomialConfig(learning_rate=0.1, steps=10),
))
parallel = all_devices()
trainer = arm_trainer(make_workload(workload, 128), parallel)

def run(checkpoints):
    measured = []
    train(trainer, numbers, seed=3, steps=10, eval_every=5, on_measurement=measured.append,
          checkpoints=checkpoints)
    return [[m.step, m.metrics] for m in measured]

def run_stopped(folder):
    try:
        run(RunCheckpoints(folder + "/run", every_steps=5, should_stop=lambda: True))
        raise AssertionError("it was to stop")
    except InterruptedRunError:
        return run(RunCheckpoints(folder + "/run"))

with tempfile.TemporaryDirectory() as folder:
    runs = [run(None), run_stopped(folder)] if resumes else []
progress, batches = trainer.start(numbers, 3), trainer.workload.batches(3, 0)
for _ in range(10):
    progress = trainer.step(progress, numbers, next(batches), stream_key(3, "dropout"))
kernel = jax.tree.leaves(progress.params)[-1]
params = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(progress.params)])
print(json.dumps({"runs": runs, "params": params.tolist(),
                  "compilations": trainer.compilations,
                  "kept": sum(leaf.addressable_data(0).nbytes
                              for leaf in jax.tree.leaves(progress.optimizer_state)),
                  "devices": len(kernel.sharding.device_set)}))
"""


@functools.cache
def trained(devices: int, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run_with_devices(devices, SCRIPT, *arguments))
    assert found["devices"] == devices
    return found


@pytest.mark.parametrize(
    "arguments", [("mlp_digits", "shampoo", "resumes"), ("resnet_digits", "nesterov")]
)
def test_eight_devices_train_what_one_does(arguments: tuple[str, ...]) -> None:
    """The batch normalisation of the second is over the whole batch too."""
    eight, one = trained(8, *arguments), trained(1, *arguments)
    difference = np.linalg.norm(np.subtract(eight["params"], one["params"]))
    assert difference <= 1e-5 * np.linalg.norm(one["params"])


def test_eight_devices_share_shampoos_state() -> None:
    arguments = ("mlp_digits", "shampoo", "resumes")
    assert trained(8, *arguments)["kept"] <= trained(1, *arguments)["kept"] / 3


def test_a_state_that_is_shared_or_restored_compiles_no_second_step() -> None:
    assert trained(8, "mlp_digits", "shampoo", "resumes")["compilations"] == 1


def test_on_eight_devices_a_resumed_run_has_the_bits_of_an_undisturbed_one() -> None:
    undisturbed, resumed = trained(8, "mlp_digits", "shampoo", "resumes")["runs"]
    assert [step for step, _ in undisturbed] == [5, 10]
    assert resumed == undisturbed


def test_a_batch_that_cannot_be_divided_is_refused() -> None:
    script = """
from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.data_parallel import all_devices
from shampoo_tune.workloads.trainer import Trainer
try:
    Trainer(make_workload("mlp_digits", 100), None, all_devices())
except InvalidInputError as error:
    print(error)
"""
    told = run_with_devices(8, script)
    assert "a batch of 100 cannot be divided among 8 devices" in told
    assert "multiple of 8" in told
