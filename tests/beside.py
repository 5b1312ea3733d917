"""The command line as a process beside the test."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(folder: Path, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
    """The command line in a folder; ended with all its workers when the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "shampoo_tune", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
