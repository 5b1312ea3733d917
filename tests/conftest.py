"""Fixtures of all tests, and the rule for parts that are too heavy to run everywhere."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.bucket import Bucket, environment, served
from tests.postgresql import Server, running_server

# Tests make claims about results, never about the speed of a busy machine.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

# As in the workers, and before JAX is imported: one thread gives the same bits everywhere.
os.environ.update(dict.fromkeys(("NPROC", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1"))

# Where TPU's compiler is installed JAX would look for a TPU, in every process and aloud.
os.environ["JAX_PLATFORMS"] = "cpu"

REQUIRED_PARTS = set(os.environ.get("SHAMPOO_TUNE_REQUIRE", "").replace(",", " ").split())

Run = Callable[..., subprocess.CompletedProcess[str]]

# Trains in about a tenth of a second a run, on real data.
QUICK = """\
version: 1
name: quick
workload: {name: mlp_digits, batch_size: 128}
target: 0.9
budget: {steps: 30, trials: 4, finalists: 2, finalist_seeds: 3, seeds: 7, eval_every: 10}
schedule: {name: warmup_polynomial, warmup_fraction: 0.1}
optimizers:
  nesterov:
    learning_rate: {min: 0.1, max: 0.5, scale: log}
    momentum: {min: 0.5, max: 0.9, scale: one_minus_log}
"""
QUICK_RUNS = 4 + 2 * 3 + 7


@pytest.fixture
def require() -> Callable[[str], None]:
    """Skips the test unless SHAMPOO_TUNE_REQUIRE names its heavy part."""

    def check(part: str) -> None:
        if part not in REQUIRED_PARTS:
            pytest.skip(f"heavy; SHAMPOO_TUNE_REQUIRE={part} runs it")

    return check


@pytest.fixture(scope="session")
def _served_bucket() -> Iterator[Bucket]:
    # One for all tests: clients remember its address.
    bucket = Bucket()
    with served(bucket) as address, pytest.MonkeyPatch.context() as patch:
        for name, value in environment(address).items():
            patch.setenv(name, value)
        yield bucket


@pytest.fixture
def bucket(_served_bucket: Bucket) -> Bucket:
    """The empty bucket gs://bucket, for this process and those that it starts."""
    _served_bucket.objects.clear()
    return _served_bucket


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server."""
    with running_server() as server:
        yield server


@pytest.fixture
def quick_file(tmp_path: Path) -> Path:
    """A study file that runs in seconds."""
    path = tmp_path / "quick.yaml"
    path.write_text(QUICK)
    return path


@pytest.fixture
def shampoo_tune(tmp_path: Path) -> Run:
    """Runs the command line as a user does, in a folder of the test; returns what it printed."""

    def run(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [sys.executable, "-m", "shampoo_tune", *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == code, result.stdout + result.stderr
        return result

    return run
