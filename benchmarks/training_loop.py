"""Our training loop against a bare one: ResNet-8 on digits with Nesterov momentum, data included.

Usage: python -m benchmarks.training_loop [--processes 5] [--steps 100] [--json]

The bare loop is what a competent person writes with Flax and optax: one compiled step of numbers
that are constants, and batches cut from shuffled arrays. Both take turns, step by step, in one
process with a worker's settings, and each step is waited for. A process's ratio is that of its
medians; it hangs on where memory lies, so there are several processes, one after the other. Beside
the clock, which others disturb, the processor's time is told. Exit code 1 if ours takes more than
1.1 times as long by the clock.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.dispatching.figures import Figure, table
from shampoo_tune.tuner.thread_settings import worker_environment

BATCH_SIZE = 512
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY, WARMUP = 0.1, 0.9, 1e-4, 4

KINDS = ("clock", "processor")


def our_loop(steps: int) -> Iterator[float]:
    """The loss of each step of the trainer."""
    from shampoo_tune.optimizer import build
    from shampoo_tune.optimizer.baseline_config import NesterovConfig
    from shampoo_tune.optimizer.config import Configuration, WarmupPolynomialConfig
    from shampoo_tune.optimizer.pytrees import as_arrays
    from shampoo_tune.workloads import make_workload
    from shampoo_tune.workloads.seeds import stream_key
    from shampoo_tune.workloads.trainer import Trainer

    options = NesterovConfig(momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
    schedule = WarmupPolynomialConfig(learning_rate=LEARNING_RATE, steps=steps, warmup_steps=WARMUP)
    numbers = as_arrays(Configuration(optimizer="nesterov", options=options, schedule=schedule))
    trainer = Trainer(make_workload("resnet_digits", batch_size=BATCH_SIZE), build)

    progress, batches = trainer.start(numbers, 0), trainer.workload.batches(0, 0)
    key = stream_key(0, "dropout")
    for _ in range(steps):
        progress = trainer.step(progress, numbers, next(batches), key)
        yield float(progress.loss)


def bare_loop(steps: int) -> Iterator[float]:
    """The same steps without us: only the network and the data are the same."""
    import jax
    import numpy as np
    import optax
    from flax import nnx

    from shampoo_tune.workloads.digits import load_splits
    from shampoo_tune.workloads.resnet import ResNet8

    data = load_splits()["train"]
    graph, *states = nnx.split(ResNet8(training=True), nnx.Param, nnx.BatchStat)
    params, stats = states
    warm_up = optax.linear_schedule(0.0, LEARNING_RATE, WARMUP)
    decay = optax.polynomial_schedule(LEARNING_RATE, 0.0, 2, steps - WARMUP)
    optimizer = optax.chain(
        optax.add_decayed_weights(WEIGHT_DECAY),
        optax.sgd(optax.join_schedules([warm_up, decay], [WARMUP]), MOMENTUM, nesterov=True),
    )

    def loss(params: Any, stats: Any, images: Any, labels: Any) -> tuple[jax.Array, Any]:
        model = nnx.merge(graph, params, stats, copy=True)
        losses = optax.softmax_cross_entropy_with_integer_labels(model(images), labels)
        return losses.mean(), nnx.state(model, nnx.BatchStat)

    @jax.jit
    def step(params: Any, stats: Any, state: Any, images: Any, labels: Any) -> Any:
        (value, stats), grads = jax.value_and_grad(loss, has_aux=True)(
            params, stats, images, labels
        )
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), stats, state, value

    def batches() -> Iterator[tuple[Any, Any]]:
        random, order = np.random.default_rng(0), np.empty(0, np.int64)
        while True:
            if len(order) < BATCH_SIZE:
                order = np.concatenate([order, random.permutation(len(data.labels))])
            chosen, order = order[:BATCH_SIZE], order[BATCH_SIZE:]
            yield data.images[chosen], data.labels[chosen]

    state, source = optimizer.init(params), batches()
    for _ in range(steps):
        params, stats, state, value = step(params, stats, state, *next(source))
        yield float(value)


def measure(steps: int) -> dict[str, list[float]]:
    """Seconds of each step, by the clock and of the processor, of both loops in turn."""
    loops = {"ours": our_loop(steps + 1), "bare": bare_loop(steps + 1)}
    found: dict[str, list[float]] = {f"{n}, {kind}": [] for n in loops for kind in KINDS}
    for _ in range(steps + 1):
        for name, loop in loops.items():
            clock, processor = time.perf_counter(), time.process_time()
            next(loop)
            found[f"{name}, clock"].append(time.perf_counter() - clock)
            found[f"{name}, processor"].append(time.process_time() - processor)
    return {name: seconds[1:] for name, seconds in found.items()}  # the first one compiles


def figures(processes: Sequence[dict[str, list[float]]]) -> Iterator[Figure]:
    """A step of each loop, and the ratios: a value for each process."""
    medians = [{name: statistics.median(s) for name, s in one.items()} for one in processes]
    for name in medians[0]:
        yield Figure(f"a step, {name}", "s", [one[name] for one in medians])
    for kind in KINDS:
        ratios = [one[f"ours, {kind}"] / one[f"bare, {kind}"] for one in medians]
        limit = 1.1 if kind == "clock" else None
        yield Figure(f"ours against bare, {kind}", "times", ratios, limit)


def main() -> None:
    """Print the table, or the document."""
    parser = argparse.ArgumentParser(description="Our training loop against a bare one.")
    parser.add_argument("--processes", type=int, default=5)
    parser.add_argument("--steps", type=int, default=100, help="of each loop in each process")
    parser.add_argument("--json", action="store_true", help="print a document instead of a table")
    parser.add_argument("--here", action="store_true", help="measure in this process; print JSON")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.steps)))
        return
    measured = [_measure_as_a_worker(options.steps) for _ in range(options.processes)]
    compared = list(figures(measured))
    if options.json:
        print(json.dumps([figure.to_json() for figure in compared], indent=2))
    else:
        print(table(compared), end="")
    sys.exit(0 if all(figure.met for figure in compared) else 1)


def _measure_as_a_worker(steps: int) -> dict[str, list[float]]:
    command = [sys.executable, "-m", "benchmarks.training_loop", "--here", "--steps", str(steps)]
    environment = worker_environment() | {"JAX_PLATFORMS": "cpu"}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if told.returncode:
        raise RuntimeError(f"{' '.join(command)} failed\n{told.stderr[-2000:]}")
    measured: dict[str, list[float]] = json.loads(told.stdout)
    return measured


if __name__ == "__main__":
    main()
