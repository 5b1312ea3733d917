"""A person's tuning script: Optuna, and a training step compiled anew for each trial's numbers.

Usage: python -m benchmarks.dispatching.script_peer [--trials N] [--storage URL] [--steps N]

It is written as Optuna's own example for JAX is (optuna-examples, haiku/haiku_simple.py): the
objective makes data, model, optimizer and jitted functions, and the hyperparameters are constants
of the compiled step.
"""

import argparse
from typing import Any

import jax
import optax
import optuna

from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.seeds import stream_key

EVAL_EVERY = 5


def objective(trial: optuna.Trial, steps: int, workload_name: str) -> float:
    """Train one trial; its number is the seed."""
    learning_rate = trial.suggest_float("learning_rate", 0.01, 0.5, log=True)
    momentum = trial.suggest_float("momentum", 0.5, 0.95)
    workload = make_workload(workload_name, batch_size=512)
    optimizer = optax.sgd(learning_rate, momentum, nesterov=True)

    @jax.jit
    def train_step(params: Any, model_state: Any, opt_state: Any, batch: Any, key: Any) -> Any:
        (loss, (model_state, _)), grads = jax.value_and_grad(workload.loss, has_aux=True)(
            params, model_state, batch, key
        )
        updates, opt_state = optimizer.update(grads, opt_state, params)
        return optax.apply_updates(params, updates), model_state, opt_state, loss

    params, model_state = workload.init(stream_key(trial.number, "init"))
    opt_state = optimizer.init(params)
    batches, key = workload.batches(trial.number, 0), stream_key(trial.number, "dropout")
    accuracy = 0.0
    for step in range(1, steps + 1):
        params, model_state, opt_state, loss = train_step(
            params, model_state, opt_state, next(batches), key
        )
        if step % EVAL_EVERY == 0 or step == steps:
            valid = workload.evaluate(params, model_state, "valid")
            test = workload.evaluate(params, model_state, "test")
            accuracy = valid["accuracy"]
            trial.report(accuracy, step)
            print(f"{trial.number} {step}: {loss:.4f} {accuracy:.4f} {test['accuracy']:.4f}")
    return accuracy


def main() -> None:
    """Train all trials, one after the other."""
    parser = argparse.ArgumentParser(description="Tune by Optuna, one trial after the other.")
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--storage", default="sqlite:///optuna.db")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--workload", default="resnet_digits")
    options = parser.parse_args()
    study = optuna.create_study(
        storage=options.storage, study_name="digits", direction="maximize", load_if_exists=True
    )
    study.optimize(
        lambda trial: objective(trial, options.steps, options.workload), n_trials=options.trials
    )
    print(study.best_params, study.best_value)


if __name__ == "__main__":
    main()
