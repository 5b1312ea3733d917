"""A connection to Ray: a cluster on this machine for as long as it lasts, or one that exists."""

import contextlib
import logging
import os
import secrets
import signal
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.tuner.ray_tune.cluster_address import reachable
from shampoo_tune.tuner.thread_settings import ONE_THREAD, SECRETS, usable_cores

# Read by Ray and Tune when they are imported or started. Tune writes neither results nor its state:
# the database has both.
_SETTINGS = {
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "TUNE_GLOBAL_CHECKPOINT_S": "1000000000",
    "TUNE_WARN_INSUFFICENT_RESOURCE_THRESHOLD_S": "1000000000",
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
}


@contextlib.contextmanager
def connected(
    address: str | None, workers: int | None, environment: Mapping[str, str]
) -> Iterator[None]:
    """Ray, for as long as the block runs.

    Args:
        address: of a cluster, `auto` or `HOST:PORT`; None starts one on this machine.
        workers: that a cluster on this machine is made for; one per core by default.
        environment: further variables of worker processes.

    Raises:
        ShampooTuneError: there is no such cluster, or this is no member of it.
    """
    os.environ.update(_SETTINGS)
    if address is None:
        # Whoever reaches Ray's ports can run code: nobody without this token, which is in no file.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        # Ray would let anything else go first: beside a busy neighbour a worker looks hung.
        os.environ.setdefault("RAY_worker_niceness", "0")
    with _ray_s_own_warnings_ignored():
        import ray
    variables = {**ONE_THREAD, **dict.fromkeys(SECRETS, ""), **_cache_of_user(), **environment}
    for name in ("ray", "ray.tune"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with _cluster(address, workers) as arguments:
        try:
            with _signals_as_before(), _ray_s_own_warnings_ignored():
                ray.init(
                    **arguments,
                    runtime_env={"env_vars": variables},
                    logging_level=logging.CRITICAL,
                    log_to_driver=False,
                )
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ShampooTuneError(f"Ray: {error}") from error
        try:
            yield
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _cluster(address: str | None, workers: int | None) -> Iterator[dict[str, Any]]:
    """Arguments of `ray.init`; a cluster of our own has a folder that nobody else can read."""
    if address:
        yield {"address": reachable(address)}
        return
    # Not in a long TMPDIR: the path of a socket has at most 107 characters.
    with tempfile.TemporaryDirectory(
        prefix="shampoo-tune-",
        dir="/tmp",
        ignore_cleanup_errors=True,
    ) as folder:
        yield {
            "num_cpus": workers or usable_cores(),
            "include_dashboard": False,
            "_temp_dir": folder,
        }


def _cache_of_user() -> dict[str, str]:
    folder = os.environ.get("JAX_COMPILATION_CACHE_DIR")
    return {"JAX_COMPILATION_CACHE_DIR": folder} if folder else {}


@contextlib.contextmanager
def _ray_s_own_warnings_ignored() -> Iterator[None]:
    """Not the user's to mend: deprecations, and servers that are forked beside JAX's threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _signals_as_before() -> Iterator[None]:
    """Ray would end this process at once at a SIGTERM."""
    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items() if main else ():
            signal.signal(number, handler)
