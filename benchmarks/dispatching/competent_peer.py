"""A competent person's tuning script: one compiled step for all trials, one process a core.

Usage: python -m benchmarks.dispatching.competent_peer [--trials N] [--storage URL] [--steps N]

Hyperparameters are part of the optimizer's state (`optax.inject_hyperparams`). Each process has one
thread and JAX's cache on disk, takes its share of the trials of one Optuna study, and draws points
at random, which costs less than Optuna's default.
"""

import argparse
import subprocess
import sys
from typing import Any

import optuna

from shampoo_tune.tuner.thread_settings import usable_cores, worker_environment

STUDY, EVAL_EVERY = "digits", 5


class Objective:
    """Trains trials with one compiled step; a trial's number is its seed."""

    def __init__(self, steps: int, workload_name: str) -> None:
        # Libraries that train are imported by the processes that do.
        import jax
        import optax

        from shampoo_tune.workloads import make_workload

        self._steps = steps
        self._workload = make_workload(workload_name, batch_size=512)
        self._optimizer = optax.inject_hyperparams(optax.sgd, static_args="nesterov")(
            learning_rate=0.1, momentum=0.9, nesterov=True
        )
        self._train_step = jax.jit(self._step, donate_argnums=(0, 1, 2))

    def __call__(self, trial: optuna.Trial) -> float:
        """Train one trial."""
        import jax.numpy as jnp

        from shampoo_tune.workloads.seeds import stream_key

        workload, seed = self._workload, trial.number
        params, model_state = workload.init(stream_key(seed, "init"))
        opt_state = self._optimizer.init(params)
        learning_rate = trial.suggest_float("learning_rate", 0.01, 0.5, log=True)
        momentum = trial.suggest_float("momentum", 0.5, 0.95)
        opt_state.hyperparams["learning_rate"] = jnp.float32(learning_rate)
        opt_state.hyperparams["momentum"] = jnp.float32(momentum)
        batches, key = workload.batches(seed, 0), stream_key(seed, "dropout")
        accuracy = 0.0
        for step in range(1, self._steps + 1):
            params, model_state, opt_state, loss = self._train_step(
                params, model_state, opt_state, next(batches), key
            )
            if step % EVAL_EVERY == 0 or step == self._steps:
                valid = workload.evaluate(params, model_state, "valid")
                test = workload.evaluate(params, model_state, "test")
                accuracy = valid["accuracy"]
                trial.report(accuracy, step)
                print(f"{seed} {step}: {loss:.4f} {accuracy:.4f} {test['accuracy']:.4f}")
        return accuracy

    def _step(self, params: Any, model_state: Any, opt_state: Any, batch: Any, key: Any) -> Any:
        import jax
        import optax

        (loss, (model_state, _)), grads = jax.value_and_grad(self._workload.loss, has_aux=True)(
            params, model_state, batch, key
        )
        updates, opt_state = self._optimizer.update(grads, opt_state, params)
        return optax.apply_updates(params, updates), model_state, opt_state, loss


def share(options: argparse.Namespace) -> None:
    """Train this process's share of the trials."""
    sampler = optuna.samplers.RandomSampler()
    study = optuna.load_study(study_name=STUDY, storage=options.storage, sampler=sampler)
    study.optimize(Objective(options.steps, options.workload), n_trials=options.share)


def spread(options: argparse.Namespace) -> None:
    """Create the study, and start a process for each core."""
    optuna.create_study(
        storage=options.storage, study_name=STUDY, direction="maximize", load_if_exists=True
    )
    cores = usable_cores()
    shares = [options.trials // cores + (core < options.trials % cores) for core in range(cores)]
    command = [sys.executable, "-m", "benchmarks.dispatching.competent_peer", *sys.argv[1:]]
    processes = [
        subprocess.Popen([*command, "--share", str(count)], env=worker_environment())
        for count in shares
        if count
    ]
    codes = [process.wait() for process in processes]
    if any(codes):
        sys.exit("a process failed")
    study = optuna.load_study(study_name=STUDY, storage=options.storage)
    print(study.best_params, study.best_value)


def main() -> None:
    """Tune, or train a share of the trials."""
    parser = argparse.ArgumentParser(description="Tune by Optuna, on all cores.")
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--storage", default="sqlite:///optuna.db")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--workload", default="resnet_digits")
    parser.add_argument("--share", type=int, help="trials of this process; it is one of several")
    options = parser.parse_args()
    if options.share is None:
        spread(options)
    else:
        share(options)


if __name__ == "__main__":
    main()
