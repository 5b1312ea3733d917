"""Asks a module of this package in a process of its own, whose environment is not this one's."""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from shampoo_tune.errors import ShampooTuneError


def ask(module: str, job: Any, environment: Mapping[str, str], failing: str) -> dict[str, Any]:
    """What a module answers to a job.

    Args:
        module: run as a program; it calls `answer`.
        job: a dataclass of JSON values.
        environment: of the process.
        failing: begins the error's text.

    Raises:
        ShampooTuneError: it failed; with the last line that it said.
    """
    ended = subprocess.run(
        [sys.executable, "-P", "-m", module],
        input=json.dumps(dataclasses.asdict(job)),
        capture_output=True,
        text=True,
        env=dict(environment),
        check=False,
    )
    if ended.returncode:
        last = (ended.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise ShampooTuneError(f"{failing}: {last}")
    known: dict[str, Any] = json.loads(ended.stdout)
    return known


def answer(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Do the job on standard input; the result goes to standard output, all else to the log."""
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries print
    print(json.dumps(work(json.load(sys.stdin))), file=output, flush=True)
