"""Options of commands that train: where, how many at a time, and how runs are saved."""

import functools
from collections.abc import Callable
from typing import Any

import click

from shampoo_tune.errors import InvalidInputError

_OPTIONS = (
    click.option(
        "--backend",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="Where runs are trained: worker processes of this machine, or Ray.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        help="Runs at a time; by default one per core, or as many as the Ray cluster has room for. "
        "Only an exploration by TPE depends on it.",
    ),
    click.option(
        "--address",
        metavar="HOST:PORT",
        help="The Ray cluster, or `auto` for the one that this machine belongs to. Without it a "
        "cluster is made here, and ends with the command.",
    ),
    click.option(
        "--resources",
        multiple=True,
        metavar="NAME=AMOUNT",
        help="What a run takes of a machine of the Ray cluster, such as TPU=4; CPU=1 by default.",
    ),
    click.option(
        "--topology",
        metavar="TYPE",
        help="Train each run on all hosts of a TPU slice of this type, such as v4-16.",
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
    def collected(  # noqa: PLR0913  (one parameter an option)
        *,
        backend: str,
        workers: int | None,
        address: str | None,
        resources: tuple[str, ...],
        topology: str | None,
        hung_after: float,
        checkpoints: str | None,
        checkpoint_minutes: float,
        checkpoint_steps: int | None,
        **others: Any,
    ) -> None:
        common = (
            60 * hung_after,
            _policy(checkpoints, checkpoint_minutes, checkpoint_steps),
        )
        program = others.get("program")
        if program is not None:
            if backend == "ray" or address or resources or topology or checkpoints:
                raise InvalidInputError(
                    "--exec runs programs on this machine, which save themselves: without"
                    " --backend ray and --checkpoints"
                )
            opener = _open_program(workers, 60 * hung_after, program)
        elif backend == "ray":
            opener = _open_ray(workers, address, resources, topology, common)
        elif address or resources or topology:
            raise InvalidInputError("--address, --resources and --topology need --backend ray")
        else:
            opener = _open_local(workers, common)
        command(open_dispatcher=opener, **others)

    for option in reversed(_OPTIONS):
        option(collected)
    return collected


def _open_local(workers: int | None, common: tuple[float, Any]) -> Callable[[], Any]:
    from shampoo_tune.tuner.local_workers import LocalWorkers
    from shampoo_tune.tuner.thread_settings import usable_cores

    return lambda: LocalWorkers(workers or usable_cores(), *common)


def _open_program(workers: int | None, hung_seconds: float, program: Any) -> Callable[[], Any]:
    from shampoo_tune.tuner.local_workers import LocalWorkers
    from shampoo_tune.tuner.thread_settings import usable_cores

    module = ("shampoo_tune.tuner.programs.worker", *program.argv)
    return lambda: LocalWorkers(workers or usable_cores(), hung_seconds, module=module)


def _open_ray(
    workers: int | None,
    address: str | None,
    resources: tuple[str, ...],
    topology: str | None,
    common: tuple[float, Any],
) -> Callable[[], Any]:
    """Refuses what is wrong at once; Ray is imported when there is something to train."""
    from shampoo_tune.tuner.ray_tune.cluster_address import check_address
    from shampoo_tune.tuner.ray_tune.opening import open_ray
    from shampoo_tune.tuner.ray_tune.places import Request

    if address:
        check_address(address)
    request = Request.of(workers, resources, topology)
    return lambda: open_ray(address, request, *common)


def _policy(folder: str | None, minutes: float, steps: int | None) -> Any:
    from shampoo_tune.tuner.checkpoint_policy import CheckpointPolicy

    if folder is None:
        return None
    return CheckpointPolicy.in_folder(folder, steps, 60 * minutes)
