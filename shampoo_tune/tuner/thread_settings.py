"""The environment of a worker: one thread, a compilation cache on disk, no database's secrets.

The number of threads changes the bits of a result, and several workers with several threads each
fight over the cores. The variables are read when JAX and OpenBLAS are imported, so they must be in
the process's environment from its start.
"""

import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

THREAD_VARIABLES = ("NPROC", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
ONE_THREAD = dict.fromkeys(THREAD_VARIABLES, "1")
# Workers report to the controller; what they train may be anybody's code.
SECRETS = ("SHAMPOO_TUNE_DB", "PGPASSWORD", "PGPASSFILE", "PGSERVICEFILE")
_CACHE_EVERYTHING = {
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}


def worker_environment(threads: Mapping[str, str | None] = ONE_THREAD) -> dict[str, str]:
    """This process's environment without secrets, with one thread and JAX's cache on disk.

    Args:
        threads: other values of THREAD_VARIABLES; None leaves a variable unset.
    """
    without = {*SECRETS, *threads}
    environment = {k: v for k, v in os.environ.items() if k not in without}
    environment.update({k: v for k, v in threads.items() if v is not None})
    environment.setdefault("JAX_COMPILATION_CACHE_DIR", str(_cache_directory()))
    return environment | _CACHE_EVERYTHING


def use_cache() -> None:
    """Give this process JAX's cache on disk; for a machine that another one's process started."""
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_cache_directory()))
    os.environ.update(_CACHE_EVERYTHING)


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cache_directory() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "shampoo-tune" / f"jaxlib-{version('jaxlib')}"
