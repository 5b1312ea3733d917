"""Where the Ray backend begins. Importing this imports no Ray."""

import contextlib
import importlib.util
from collections.abc import Iterator, Mapping

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.checkpoint_policy import CheckpointPolicy
from shampoo_tune.tuner.dispatcher import Dispatcher
from shampoo_tune.tuner.ray_tune.places import Request

WORKER = "shampoo_tune.tuner.worker:Worker"


@contextlib.contextmanager
def open_ray(
    address: str | None,
    request: Request,
    hung_seconds: float,
    checkpoints: CheckpointPolicy | None,
    worker: str = WORKER,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Dispatcher]:
    """Workers on a Ray cluster, for as long as the block runs.

    Args:
        address: of the cluster, see `session.connected`; None makes one on this machine.
        request: what of the cluster is used.
        hung_seconds: a worker that says nothing for so long is killed.
        checkpoints: how runs are saved; None if they are not.
        worker: what does the jobs there, see `Host`.
        environment: further variables of its processes.

    Raises:
        InvalidInputError: Ray is not installed, or the cluster has no such machine.
        ShampooTuneError: the cluster cannot be reached.
    """
    if not importlib.util.find_spec("ray"):
        raise InvalidInputError("--backend ray needs Ray: pip install 'shampoo-tune[ray]'")
    from shampoo_tune.tuner.ray_tune.session import connected

    with connected(address, request.workers, environment or {}):
        from shampoo_tune.tuner.ray_tune.workers import RayWorkers

        with RayWorkers(request, worker, hung_seconds, checkpoints) as workers:
            yield workers
