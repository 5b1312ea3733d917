"""A group of two studies with the same runs: all that a view can tell occurs in it."""

from shampoo_tune.storage import queries, records
from shampoo_tune.storage.approvals import add_approval
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.study import Phase, RunState
from tests.storage.conftest import GROUP, METRICS, new_study
from tests.storage.histories import Attempt, History, write

LOST = Attempt(({"train_loss": 9.0, "valid_loss": 9.0, "valid_accuracy": 0.0},), {}, 1.0)


def attempt(*accuracies: float) -> Attempt:
    curve = [dict(zip(METRICS, (1 - a, 2 * (1 - a), a), strict=True)) for a in accuracies]
    return Attempt(tuple(curve), {"host": "a"}, 0.5)


def run(trial: int, phase: Phase, seed: int, *accuracies: float) -> History:
    """A run that measured this; it diverged after the second value if there are only two."""
    state = RunState.COMPLETED if len(accuracies) == 3 else RunState.INFEASIBLE
    return History(trial, phase, seed, state, (attempt(*accuracies),))


HISTORIES = [
    run(0, Phase.SEARCH, 0, 0.125, 0.5, 0.875),
    History(1, Phase.SEARCH, 1, RunState.COMPLETED, (LOST, attempt(0.25, 0.75, 0.625))),
    run(2, Phase.SEARCH, 2, 0.25, 0.125),
    *[run(0, Phase.FINALISTS, 100_000 + k, 0.25, 0.5, 0.5 + k / 8) for k in range(2)],
    run(1, Phase.FINALISTS, 100_000, 0.25, 0.5, 0.75),
    run(1, Phase.FINALISTS, 100_001, 0.25, 0.5),
    *[run(0, Phase.FINAL, 200_000 + k, 0.25, 0.5, 0.5 + k / 16) for k in range(6)],
    run(0, Phase.FINAL, 200_006, 0.25, 0.5),
    History(0, Phase.FINAL, 200_007, RunState.FAILED, (LOST,)),
]


def write_golden_group(address: str) -> None:
    """Group `g`: `g/shampoo` maximises, `g/adamw` minimises. The database is created."""
    maximized = new_study(steps=5, eval_every=2, target=0.75)
    goal = {"metric": "valid_loss", "goal": "minimize", "objective": "best", "target": 0.75}
    minimized = new_study(name="g/adamw", arm="adamw", steps=5, eval_every=2, **goal)
    with create_or_open(address) as database, database.write() as writer:
        group = records.create_group(writer, GROUP, [maximized, minimized])
        for study in queries.studies_of(writer, group):
            write(writer, study.id, HISTORIES)
        add_approval(writer, 1, {"digest": "sha256:1"}, author="ada@laptop", note="the first")
