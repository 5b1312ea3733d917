"""How a study file's ranges and target were made good, without touching its seeds or design.

Usage: python -m benchmarks.calibrate STUDY_FILE [--arm nesterov] [--set KEY=VALUE ...]

Runs the search phase of one arm with the seeds and the scramble of replicate 9, which no study
uses, and prints the final value of each point and what share of them reaches which target. A target
is good when 20-60 % of a baseline's search runs reach it.
"""

import argparse
import math
from dataclasses import replace
from pathlib import Path

from shampoo_tune.study import Goal, Measurement, Phase, RunState, run_seed
from shampoo_tune.tuner.configuration import make_configuration
from shampoo_tune.tuner.local_workers import LocalWorkers
from shampoo_tune.tuner.messages import Failed, Finished, Job, Measured
from shampoo_tune.tuner.study_file.loading import Study, load_study_file
from shampoo_tune.tuner.submission import points, workload_arguments
from shampoo_tune.tuner.thread_settings import usable_cores
from shampoo_tune.workloads import WORKLOADS

REPLICATE = 9
SHARES = (0.2, 0.3, 0.4, 0.5, 0.6)


def jobs(study: Study, arm_name: str) -> list[Job]:
    """The search runs of one arm in the unused replicate."""
    arm = study.arm(arm_name)
    configurations = [
        make_configuration(arm.optimizer, point, study.schedule, study.budget.steps).to_json()
        for point in points(study, replace(arm, enqueue=()), REPLICATE)
    ]
    return [
        Job(
            run_id=index,
            workload=workload_arguments(study),
            configuration=configuration,
            seed=run_seed(REPLICATE, Phase.SEARCH, index),
            steps=study.budget.steps,
            eval_every=study.budget.eval_every,
        )
        for index, configuration in enumerate(configurations)
    ]


def train(waiting: list[Job], metric: str) -> dict[int, float | None]:
    """The final value of each job, None if infeasible; all cores work."""
    values: dict[int, float | None] = {}
    last: dict[int, Measurement] = {}
    total, waiting = len(waiting), waiting[::-1]
    with LocalWorkers(usable_cores()) as workers:
        while len(values) < total:
            while waiting and workers.idle():
                workers.submit(waiting.pop())
            for message in workers.messages(timeout=1.0):
                if isinstance(message, Measured):
                    last[message.run_id] = message.measurement
                elif isinstance(message, Failed):
                    raise RuntimeError(message.reason)
                elif isinstance(message, Finished):
                    completed = message.state is RunState.COMPLETED
                    done = message.run_id
                    values[done] = last[done].metrics[metric] if completed else None
    return values


def best_first(values: dict[int, float | None], goal: Goal) -> list[tuple[int, float]]:
    """Jobs with their values, infeasible ones last and with the worst value."""
    worst = -math.inf if goal is Goal.MAXIMIZE else math.inf
    known = [(index, worst if value is None else value) for index, value in values.items()]
    return sorted(known, key=lambda pair: pair[1], reverse=goal is Goal.MAXIMIZE)


def _reaches(value: float, target: float, goal: Goal) -> bool:
    return value >= target if goal is Goal.MAXIMIZE else value <= target


def main() -> None:
    """Print every point, best first, and the targets that a share of the points reaches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study_file", type=Path)
    parser.add_argument("--arm", default="nesterov")
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    options = parser.parse_args()
    study = load_study_file(options.study_file, options.overrides, WORKLOADS).study
    arm = study.arm(options.arm)
    values = train(jobs(study, options.arm), study.metric.name)
    drawn = points(study, replace(arm, enqueue=()), REPLICATE)
    ranked = best_first(values, study.metric.goal)
    for index, value in ranked:
        shown = " ".join(f"{name}={drawn[index][name]:.3g}" for name in arm.space.dimensions)
        print(f"{value:.4f}  {shown}")
    if study.target is not None:
        reached = sum(_reaches(value, study.target, study.metric.goal) for _, value in ranked)
        print(f"{reached}/{len(ranked)} reach {study.target}, the file's target")
    for share in SHARES:
        count = round(share * len(ranked))
        if count:
            print(f"{count}/{len(ranked)} reach {ranked[count - 1][1]:.4f}")


if __name__ == "__main__":
    main()
