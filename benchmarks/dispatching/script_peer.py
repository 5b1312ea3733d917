"""A tuning script as a person writes it: Optuna, and a step compiled for each trial.

Usage: python -m benchmarks.dispatching.script_peer DATABASE TRIALS
"""

import sys
from typing import Any

import jax
import optax
import optuna

from shampoo_tune.workloads import make_workload

STEPS, EVAL_EVERY = 40, 5


def main() -> None:
    """Train the trials one after the other."""
    workload = make_workload("resnet_digits", 512)

    def objective(trial: optuna.Trial) -> float:
        learning_rate = trial.suggest_float("learning_rate", 0.2, 4, log=True)
        momentum = trial.suggest_float("momentum", 0.5, 0.97)
        optimizer = optax.sgd(learning_rate, momentum, nesterov=True)

        @jax.jit
        def step(params: Any, state: Any, optimizer_state: Any, batch: Any, key: Any) -> Any:
            (loss, (state, _)), gradients = jax.value_and_grad(workload.loss, has_aux=True)(
                params, state, batch, key
            )
            updates, optimizer_state = optimizer.update(gradients, optimizer_state, params)
            return optax.apply_updates(params, updates), state, optimizer_state, loss

        key = jax.random.key(trial.number)
        params, state = workload.init(key)
        optimizer_state = optimizer.init(params)
        batches = workload.batches(trial.number, 0)
        for number in range(1, STEPS + 1):
            batch = next(batches)
            params, state, optimizer_state, _ = step(params, state, optimizer_state, batch, key)
            if number % EVAL_EVERY == 0:
                valid = workload.evaluate(params, state, "valid")
                workload.evaluate(params, state, "test")
                trial.report(valid["accuracy"], number)
        return valid["accuracy"]

    database, trials = sys.argv[1], int(sys.argv[2])
    study = optuna.create_study(storage=f"sqlite:///{database}", direction="maximize")
    study.optimize(objective, n_trials=trials)
    print(study.best_value)


if __name__ == "__main__":
    main()
