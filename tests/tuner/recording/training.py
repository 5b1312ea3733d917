"""Trains what `design` prints, as somebody's own script would, with the worker's own trainer."""

from typing import Any

from shampoo_tune.study import Measurement
from shampoo_tune.tuner.messages import Job
from shampoo_tune.tuner.worker import make_program
from shampoo_tune.workloads import training


def train(run: dict[str, Any]) -> dict[str, Any]:
    """The line for `record` of a line of `design`."""
    options = {k: v for k, v in run["hyperparameters"].items() if k != "learning_rate"}
    configuration = {
        "optimizer": run["optimizer"],
        "options": options,
        "schedule": run["schedule"],
    }
    budget = {name: run[name] for name in ("seed", "steps", "eval_every")}
    program = make_program(Job(0, run["workload"], configuration, **budget))
    measured: list[Measurement] = []
    outcome = training.train(
        program.trainer, program.hyperparameters, **budget, on_measurement=measured.append
    )
    line = {
        "trial": run["trial"],
        "phase": run["phase"],
        "seed": run["seed"],
        "state": outcome.state.value,
        "measurements": [vars(m) for m in measured],
    }
    return line if outcome.reason is None else {**line, "reason": outcome.reason}
