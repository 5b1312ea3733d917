"""Shampoo in a program that runs with two threads, as in a user's own training script."""

import os
import subprocess
import sys

SCRIPT = """
from shampoo_tune.optimizer import build
from shampoo_tune.optimizer.config import Configuration, ShampooConfig, WarmupPolynomialConfig
from shampoo_tune.optimizer.pytrees import as_arrays
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.seeds import stream_key
from shampoo_tune.workloads.trainer import Trainer

numbers = as_arrays(Configuration(
    optimizer="shampoo",
    options=ShampooConfig(),
    schedule=WarmupPolynomialConfig(learning_rate=0.1, steps=60),
))
trainer = Trainer(make_workload("resnet_digits", 512), build)
progress, batches = trainer.start(numbers, 0), trainer.workload.batches(0, 0)
for _ in range(60):  # nothing waits for a step before the next is queued
    progress = trainer.step(progress, numbers, next(batches), stream_key(0, "dropout"))
assert int(progress.steps) == 60
"""


def test_roots_and_convolutions_on_two_threads_do_not_deadlock() -> None:
    """A batch of eigendecompositions waited for threads that waited for it (jaxlib 0.10.1)."""
    environment = {key: value for key, value in os.environ.items() if "NUM_THREADS" not in key}
    subprocess.run(
        [sys.executable, "-c", SCRIPT], env={**environment, "NPROC": "2"}, timeout=150, check=True
    )
