"""A tuning script by somebody who knows JAX: one compiled step, one process a core.

Usage: python -m benchmarks.dispatching.competent_peer DATABASE TRIALS
"""

import subprocess
import sys
from typing import Any

import optuna

from shampoo_tune.tuner.thread_settings import usable_cores, worker_environment

STEPS, EVAL_EVERY = 40, 5
STUDY = "study"


def train(database: str, trials: int) -> None:
    """One process' share of the trials."""
    import jax
    import optax

    from shampoo_tune.workloads import make_workload

    workload = make_workload("resnet_digits", 512)
    make = optax.inject_hyperparams(optax.sgd, static_args=("nesterov",))
    optimizer = make(learning_rate=0.1, momentum=0.9, nesterov=True)

    @jax.jit
    def step(params: Any, state: Any, optimizer_state: Any, batch: Any, key: Any) -> Any:
        (loss, (state, _)), gradients = jax.value_and_grad(workload.loss, has_aux=True)(
            params, state, batch, key
        )
        updates, optimizer_state = optimizer.update(gradients, optimizer_state, params)
        return optax.apply_updates(params, updates), state, optimizer_state, loss

    def objective(trial: optuna.Trial) -> float:
        key = jax.random.key(trial.number)
        params, state = workload.init(key)
        optimizer_state = optimizer.init(params)
        numbers = optimizer_state.hyperparams
        numbers["learning_rate"] = trial.suggest_float("learning_rate", 0.2, 4, log=True)
        numbers["momentum"] = trial.suggest_float("momentum", 0.5, 0.97)
        batches = workload.batches(trial.number, 0)
        for number in range(1, STEPS + 1):
            batch = next(batches)
            params, state, optimizer_state, _ = step(params, state, optimizer_state, batch, key)
            if number % EVAL_EVERY == 0:
                valid = workload.evaluate(params, state, "valid")
                workload.evaluate(params, state, "test")
                trial.report(valid["accuracy"], number)
        return valid["accuracy"]

    study = optuna.load_study(study_name=STUDY, storage=f"sqlite:///{database}")
    study.optimize(objective, n_trials=trials)


def main() -> None:
    """Divide the trials among one process a core."""
    database, trials = sys.argv[1], int(sys.argv[2])
    if "--share" in sys.argv:
        train(database, trials)
        return
    study = optuna.create_study(
        study_name=STUDY, storage=f"sqlite:///{database}", direction="maximize"
    )
    cores = usable_cores()
    shares = [trials // cores + (core < trials % cores) for core in range(cores)]
    command = [sys.executable, "-m", "benchmarks.dispatching.competent_peer", database]
    processes = [
        subprocess.Popen([*command, str(share), "--share"], env=worker_environment())
        for share in shares
    ]
    if any(process.wait() for process in processes):
        sys.exit("a process failed")
    print(study.best_value)


if __name__ == "__main__":
    main()
