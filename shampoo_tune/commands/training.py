"""Options of commands that train: where, how many at a time, and how runs are saved."""

import functools
from collections.abc import Callable
from typing import Any

import click

_OPTIONS = (
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        help="Worker processes; one per core by default. Only an exploration by TPE depends on it.",
    ),
    click.option(
        "--hung-after",
        type=click.FloatRange(min=0, min_open=True),
        default=60.0,
        show_default=True,
        metavar="MINUTES",
        help="A worker that says nothing for so long, not even an evaluation, is killed and its "
        "run trained again.",
    ),
    click.option(
        "--checkpoints",
        metavar="FOLDER",
        help="Save runs here, or in a bucket (gs://...): one that is interrupted goes on to the "
        "same bits. Otherwise it is trained again from its start.",
    ),
    click.option(
        "--checkpoint-minutes",
        type=click.FloatRange(min=0, min_open=True),
        default=10.0,
        show_default=True,
        metavar="MINUTES",
        help="Save a run when so much time has passed.",
    ),
    click.option(
        "--checkpoint-steps",
        type=click.IntRange(min=1),
        metavar="STEPS",
        help="Save a run after every so many steps too.",
    ),
)


def trains(command: Callable[..., None]) -> Callable[..., None]:
    """Adds these options; the command receives them as `open_dispatcher`."""

    @functools.wraps(command)
    def collected(
        *,
        workers: int | None,
        hung_after: float,
        checkpoints: str | None,
        checkpoint_minutes: float,
        checkpoint_steps: int | None,
        **others: Any,
    ) -> None:
        from shampoo_tune.tuner.local_workers import LocalWorkers
        from shampoo_tune.tuner.thread_settings import usable_cores

        policy = _policy(checkpoints, checkpoint_minutes, checkpoint_steps)
        count = workers or usable_cores()
        command(open_dispatcher=lambda: LocalWorkers(count, 60 * hung_after, policy), **others)

    for option in reversed(_OPTIONS):
        option(collected)
    return collected


def _policy(folder: str | None, minutes: float, steps: int | None) -> Any:
    from shampoo_tune.tuner.checkpoint_policy import CheckpointPolicy

    if folder is None:
        return None
    return CheckpointPolicy.in_folder(folder, steps, 60 * minutes)
