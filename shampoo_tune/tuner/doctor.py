"""What `doctor` looks at: all that a launch on this machine depends on, and whether it works."""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from shampoo_tune.errors import NotFoundError, ShampooTuneError
from shampoo_tune.storage.addresses import is_sqlite, parse_address, shown
from shampoo_tune.storage.database import open_existing
from shampoo_tune.storage.schema_version import SCHEMA_VERSION
from shampoo_tune.tuner import provenance
from shampoo_tune.tuner.thread_settings import usable_cores, worker_environment
from shampoo_tune.workloads.installed import installed, package_of
from shampoo_tune.workloads.known import KNOWN_WORKLOADS

_LIBRARIES = ("sqlalchemy", "alembic", "optuna", "orbax-checkpoint", "pandas", "pyarrow")
_OPTIONAL = {
    "psycopg": "for PostgreSQL: pip install 'shampoo-tune[postgres]'",
    "gcsfs": "for checkpoints in buckets: pip install 'shampoo-tune[gcs]'",
    "ray": "for clusters: pip install 'shampoo-tune[ray]'",
}
_DEVICE_SECONDS = 120
_LEAST_FREE = 1e9  # bytes; a million measurements take 40 MB
_ASK_DEVICES = """
import jax, json
devices = jax.devices()
print(json.dumps([devices[0].platform, devices[0].device_kind, len(devices)]))
"""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `problem` says what is wrong with it and what to do."""

    name: str
    value: str
    problem: str | None = None


def examine(address: str) -> Iterator[Finding]:
    """Look at one thing after the other; what is broken is a finding, never an error.

    Args:
        address: of the database that a launch would use.
    """
    looks: tuple[Callable[[], Finding], ...] = (
        _python, _packages, _optional_packages, _workload_packages, _devices, _cores, _cache,
        lambda: _database(address), lambda: _space(address),
    )  # fmt: skip
    for look in looks:
        yield look()


def _python() -> Finding:
    git = provenance.collect()["git"]
    commit = f", commit {git['commit'][:12]}{' and changes' * git['dirty']}" if git else ""
    python = sys.version.split()[0]
    return Finding("program", f"shampoo-tune {version('shampoo-tune')}{commit}, Python {python}")


def _packages() -> Finding:
    found = {**provenance.collect()["packages"], **{name: version(name) for name in _LIBRARIES}}
    del found["shampoo-tune"]
    problem = None
    if "0.10.2" in (found["jax"], found["jaxlib"]):
        problem = "JAX 0.10.2 computes wrong numbers on CPU: install another version"
    return Finding("packages", ", ".join(f"{k} {v}" for k, v in found.items()), problem)


def _optional_packages() -> Finding:
    told = []
    for name, purpose in _OPTIONAL.items():
        try:
            told.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            told.append(f"no {name} ({purpose})")
    return Finding("optional packages", ", ".join(told))


def _workload_packages() -> Finding:
    told = []
    problems = []
    for name, points in installed().items():
        told += [f"{name} of {package_of(point)}" for point in points]
        try:
            KNOWN_WORKLOADS[name]
        except ShampooTuneError as error:
            problems.append(str(error))
    return Finding("workload packages", ", ".join(told) or "none", "\n".join(problems) or None)


def _devices() -> Finding:
    """As a worker sees them; asked in a process, because a broken driver may hang or crash."""
    try:
        asked = subprocess.run(
            [sys.executable, "-c", _ASK_DEVICES],
            env=worker_environment(),
            capture_output=True,
            text=True,
            timeout=_DEVICE_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        problem = f"JAX does not find its devices within {_DEVICE_SECONDS} s: check the driver"
        return Finding("devices", "unknown", problem)
    except subprocess.CalledProcessError as error:
        return Finding("devices", "unknown", error.stderr.strip().rsplit("\n", 1)[-1])
    platform, kind, count = json.loads(asked.stdout.splitlines()[-1])
    return Finding("devices", f"{count} x {kind} ({platform})")


def _cores() -> Finding:
    return Finding("cores", f"{usable_cores()} usable, as many workers with one thread each")


def _cache() -> Finding:
    folder = Path(worker_environment()["JAX_COMPILATION_CACHE_DIR"])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".doctor"
        probe.touch()
        probe.unlink()
    except OSError as error:
        problem = f"workers compile anew each time: {error.strerror}"
        return Finding("compilation cache", str(folder), problem)
    files = [file for file in folder.iterdir() if file.is_file()]
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    return Finding("compilation cache", f"{folder}, {len(files)} files, {megabytes:.0f} MB")


def _database(address: str) -> Finding:
    name = "database"
    try:
        url = parse_address(address)
    except ShampooTuneError as error:
        return Finding(name, "unknown", str(error))
    try:
        with open_existing(address) as database, database.read() as connection:
            number = ".".join(map(str, connection.dialect.server_version_info or ()))
        engine = f"{url.get_backend_name()} {number}"
        return Finding(name, f"{shown(url)}, {engine}, schema version {SCHEMA_VERSION}")
    except NotFoundError:
        return Finding(name, f"{shown(url)}, made by the first launch")
    except ShampooTuneError as error:
        return Finding(name, shown(url), str(error))


def _space(address: str) -> Finding:
    folder = Path.cwd()
    with contextlib.suppress(ShampooTuneError):  # the address itself is a finding already
        if is_sqlite(url := parse_address(address)):
            folder = Path(url.database or "").absolute().parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    problem = f"free some space in {folder}" if free < _LEAST_FREE else None
    return Finding("disk", f"{free / 1e9:.1f} GB free in {folder}", problem)
