"""Python in a process that sees simulated devices."""

import os
import subprocess
import sys
from pathlib import Path


def device_environment(devices: int) -> dict[str, str]:
    """Variables for so many CPU devices; those that wait for each other need a thread each."""
    return {
        "NPROC": "8",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
        "JAX_PLATFORMS": "cpu",
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }


def run_with_devices(devices: int, script: str, *arguments: str) -> str:
    """Run a script to its end; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, **device_environment(devices)},
        timeout=300,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
